"""Names of permissions: one canonical spelling, one that users see, and the patterns of deny rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.shared import SHARED
from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.language.names import PermissionPattern, canonical, permission_pattern, written

SAMPLES = SHARED / "samples/gcp"
NO_PERMISSION = {
    "io.k8s.get": "a request for no object",
    "cloudfunctions.functions.upsert": "made up by the author of the sample",
}
"""What samples name that no catalogue has, and why."""


def test_every_permission_of_the_catalogue_has_one_canonical_spelling_and_is_written_back() -> None:
    spelled = {canonical(name): name for name in catalog.current().permissions}
    assert len(spelled) == len(catalog.current().permissions)
    for full, name in spelled.items():
        assert canonical(full) == full
        assert written(full) == written(name) == name


@pytest.mark.parametrize(
    ("name", "full", "seen"),
    [
        ("storage.objects.get", "storage.googleapis.com/objects.get", "storage.objects.get"),
        (
            "resourcemanager.projects.get",
            "cloudresourcemanager.googleapis.com/projects.get",
            "resourcemanager.projects.get",
        ),
        (
            "iam.workforcePools.create",
            "iam.googleapis.com/workforcePools.create",
            "iam.googleapis.com/workforcePools.create",
        ),
        ("iam.roles.list", "iam.googleapis.com/roles.list", "iam.roles.list"),
        ("sqladmin.googleapis.com/instances.get", "cloudsql.googleapis.com/instances.get", "cloudsql.instances.get"),
        ("sourcerepo.googleapis.com/repos.get", "source.googleapis.com/repos.get", "source.repos.get"),
        ("serviceusage.apiKeys.create", "apikeys.googleapis.com/keys.create", "apikeys.keys.create"),
        (
            "apikeys.googleapis.com/apikeys.revert",
            "serviceusage.googleapis.com/apiKeys.revert",
            "serviceusage.apiKeys.revert",
        ),
        ("orgpolicy.policy.set", "orgpolicy.googleapis.com/policy.set", "orgpolicy.policy.set"),
        ("io.k8s.core.v1.pods.exec.create", "container.googleapis.com/pods.exec", "container.pods.exec"),
        (
            "io.k8s.core.v1.pods.status.patch",
            "container.googleapis.com/pods.updateStatus",
            "container.pods.updateStatus",
        ),
        ("io.k8s.core.v1.pods.log.get", "container.googleapis.com/pods.getLogs", "container.pods.getLogs"),
        (
            "io.k8s.rbac.v1.clusterroles.create",
            "container.googleapis.com/clusterRoles.create",
            "container.clusterRoles.create",
        ),
        ("io.k8s.core.v1.secrets.watch", "container.googleapis.com/secrets.list", "container.secrets.list"),
        ("new.things.get", "new.googleapis.com/things.get", "new.things.get"),
        (
            "gcp.redisenterprise.com/databases.create",
            "gcp.redisenterprise.com/databases.create",
            "gcp.redisenterprise.com/databases.create",
        ),
        ("nonsense", "nonsense", "nonsense"),
    ],
)
def test_spellings(name: str, full: str, seen: str) -> None:
    assert canonical(name) == full
    assert written(name) == seen


@pytest.mark.parametrize(
    ("text", "takes", "leaves"),
    [
        (
            "storage.googleapis.com/objects.get",
            ["storage.objects.get"],
            ["storage.objects.list", "storage.buckets.get"],
        ),
        ("storage.googleapis.com/objects.*", ["storage.objects.get"], ["storage.buckets.get"]),
        ("storage.googleapis.com/*.*", ["storage.objects.get", "storage.buckets.get"], ["iam.roles.get"]),
        ("storage.googleapis.com/*.list", ["storage.objects.list"], ["storage.objects.get"]),
        ("cloudresourcemanager.googleapis.com/*.*", ["resourcemanager.projects.get"], ["storage.objects.get"]),
        ("apikeys.googleapis.com/apikeys.*", [], ["apikeys.keys.get"]),
    ],
)
def test_the_three_forms_of_groups(text: str, takes: list[str], leaves: list[str]) -> None:
    pattern = permission_pattern(text)
    assert pattern is not None
    assert all(pattern.takes(canonical(name)) for name in takes)
    assert not any(pattern.takes(canonical(name)) for name in leaves)


@pytest.mark.parametrize(
    "text",
    [
        "storage.googleapis.com/*",
        "*",
        "storage.*",
        "storage.googleapis.com/obj*.get",
        "*/objects.get",
        "storage.objects.get",
        "storage.googleapis.com/",
        "storage.googleapis.com/objects",
    ],
)
def test_other_forms_are_no_groups(text: str) -> None:
    assert permission_pattern(text) is None


def test_a_list_of_boundaries_may_name_a_whole_service() -> None:
    assert permission_pattern("pubsub.googleapis.com/*", bare=True) == PermissionPattern(
        "pubsub.googleapis.com", None, None
    )


def named(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield from re.findall(r'"permission": *"([^"]+)"', file.read_text(errors="replace"))


def test_every_permission_of_the_samples_is_one_of_the_catalogue() -> None:
    if not SAMPLES.exists():
        pytest.skip("shared/samples/gcp is not here")
    found = set(named(SAMPLES)) | set(named(SAMPLES.parents[1] / "logs"))
    google = {name for name in found if json.dumps(name).count(".") >= 2}
    lost = {name for name in google if not catalog.current().knows(written(name))} - set(NO_PERMISSION)
    assert lost == set()
    assert len(google) > 40
