"""The fakes are honest: Google's own client understands them as ours does, and every answer has its public shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from googleapiclient import discovery
from googleapiclient.errors import HttpError

from fakes.google import unbundled
from fakes.google.around import bodies, collected, surround
from fakes.google.policies import POLICIES
from fakes.google.server import DENIED, DISABLED, GONE, QUOTA, TOKEN, FakeGoogle, Fault, on
from fakes.google.shapes import document, faults, host, methods
from leastwise.providers.gcp.collect.outcome import failure


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    surround(monkeypatch, tmp_path)
    with FakeGoogle(page=1) as fake:
        yield fake


class _Token(AnonymousCredentials):  # type: ignore[misc]
    """Credentials of Google's library that send the fake's token."""

    def before_request(self, request: Any, method: str, url: str, headers: dict[str, str]) -> None:
        headers["authorization"] = f"Bearer {TOKEN}"


def theirs(fake: FakeGoogle, name: str) -> Any:
    """Google's own client of an API, pointed at the fake."""
    api, version = name.split(".")
    base = f"{fake.url}/{host(name)}/{document(name).get('servicePath', '')}"
    if name in unbundled.DOCUMENTS:
        return discovery.build_from_document(
            _buildable(name, version), credentials=_Token(), client_options={"api_endpoint": base}
        )
    return discovery.build(
        api, version, credentials=_Token(), static_discovery=True, client_options={"api_endpoint": base}
    )


def _buildable(name: str, version: str) -> str:
    """A document of ours as Google's builder wants it: methods stand below the resources of their ids."""
    made: dict[str, Any] = {**document(name), "name": name.split(".")[0], "version": version, "methods": {},
                            "resources": {}, "auth": {}, "batchPath": "batch"}  # fmt: skip
    for method in methods(name):
        *names, last = method.id.split(".")[1:]
        place = made
        for one in names:
            place = place.setdefault("resources", {}).setdefault(one, {})
        place.setdefault("methods", {})[last] = {**method.raw, "parameterOrder": []}
    made["schemas"] = {key: {"id": key, **shape} for key, shape in made["schemas"].items()}
    return json.dumps(made)


def everything(resource: Any, request: Any, member: str, following: str = "list_next") -> list[Any]:
    """Every page of a list, by Google's own paging."""
    found: list[Any] = []
    while request is not None:
        answer = request.execute(num_retries=0)
        found += answer.get(member, [])
        # What has no pages has no method for the next one.
        request = getattr(resource, following)(request, answer) if hasattr(resource, following) else None
    return found


def ask(google: FakeGoogle, api: str, *path: str, member: str, verb: str = "list", **parameters: Any) -> list[Any]:
    resource = theirs(google, api)
    for one in path:
        resource = getattr(resource, one)()
    return everything(resource, getattr(resource, verb)(**parameters), member, f"{verb}_next")


LISTED = [
    ("cloudresourcemanager.v3", ("folders",), "folders", {"parent": "organizations/1"},
     "cloudresourcemanager.folders.list", "organizations/1"),
    ("cloudresourcemanager.v3", ("tagBindings",), "tagBindings",
     {"parent": "//cloudresourcemanager.googleapis.com/folders/10"}, "cloudresourcemanager.tagBindings.list",
     "//cloudresourcemanager.googleapis.com/folders/10"),
    ("iam.v1", ("organizations", "roles"), "roles",
     {"parent": "organizations/1", "view": "FULL", "showDeleted": True}, "iam.organizations.roles.list",
     "organizations/1"),
    ("iam.v1", ("projects", "serviceAccounts"), "accounts", {"name": "projects/bw-alpha"}, "iam.serviceAccounts.list",
     "projects/bw-alpha"),
    ("iam.v3", ("organizations", "locations", "principalAccessBoundaryPolicies"), "principalAccessBoundaryPolicies",
     {"parent": "organizations/1/locations/global"}, "iam.principalAccessBoundaryPolicies.list",
     "organizations/1/locations/global"),
    ("privilegedaccessmanager.v1", ("projects", "locations", "entitlements"), "entitlements",
     {"parent": "projects/101/locations/global"}, "privilegedaccessmanager.entitlements.list",
     "projects/101/locations/global"),
    ("cloudidentity.v1", ("groups", "memberships"), "memberships", {"parent": "groups/staff", "view": "FULL"},
     "cloudidentity.groups.memberships.list", "groups/staff"),
    ("orgpolicy.v2", ("organizations", "policies"), "policies", {"parent": "organizations/1"},
     "orgpolicy.policies.list", "organizations/1"),
    ("admin.directory_v1", ("domains",), "domains", {"customer": "C01"}, "directory.domains.list", "C01"),
    ("admin.directory_v1", ("roleAssignments",), "items", {"customer": "C01"}, "directory.roleAssignments.list",
     "C01"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "path", "member", "parameters", "kind", "resource"), LISTED, ids=[one[4] for one in LISTED]
)
def test_googles_own_client_is_told_what_ours_is(
    google: FakeGoogle, tmp_path: Path, name: str, path: tuple[str, ...], member: str, parameters: dict[str, Any],
    kind: str, resource: str,
) -> None:  # fmt: skip
    found = ask(google, name, *path, member=member, **parameters)
    assert found and google.strange == []
    ours = bodies(collected(google, tmp_path / "run")["organizations/1"], kind, resource)
    assert [body[member] for body in ours] == [found]


def test_assets_come_in_pages_to_both(google: FakeGoogle, tmp_path: Path) -> None:
    parameters = {"parent": "organizations/1", "contentType": "IAM_POLICY"}
    found = ask(google, "cloudasset.v1", "assets", member="assets", **parameters)
    ours = bodies(collected(google, tmp_path / "run")["organizations/1"], "cloudasset.assets.list:IAM_POLICY")
    assert len(ours) == len(found) == 7, "one to a page"
    assert [one for body in ours for one in body["assets"]] == found


def test_a_deny_policy_is_listed_without_its_rules_and_told_with_them(google: FakeGoogle, tmp_path: Path) -> None:
    policies = theirs(google, "iam.v2").policies()
    parent = "policies/cloudresourcemanager.googleapis.com%2Ffolders%2F10/denypolicies"
    (listed,) = everything(policies, policies.listPolicies(parent=parent), "policies", "listPolicies_next")
    assert "rules" not in listed
    whole = policies.get(name=listed["name"]).execute()
    assert whole["rules"]
    ours = bodies(collected(google, tmp_path / "run")["organizations/1"], "iam.policies.get")
    assert ours == [whole]


@pytest.mark.parametrize(("version", "conditional"), [(None, False), (1, False), (2, False), (3, True)])
def test_who_asks_for_an_old_version_is_told_other_roles(
    google: FakeGoogle, version: int | None, conditional: bool
) -> None:
    projects = theirs(google, "cloudresourcemanager.v3").projects()
    body = {} if version is None else {"options": {"requestedPolicyVersion": version}}
    policy = projects.getIamPolicy(resource="projects/101", body=body).execute()
    roles = [one["role"] for one in policy["bindings"]]
    assert any("_withcond_" in one for one in roles) is not conditional
    assert any("condition" in one for one in policy["bindings"]) is conditional
    assert policy["version"] == (3 if conditional else 1) and policy["etag"] == "BwAlpha1"


def test_we_ask_for_version_three_of_every_policy(google: FakeGoogle, tmp_path: Path) -> None:
    found = collected(google, tmp_path / "run")["organizations/1"]
    told = {one.resource: json.loads(one.body) for one in found.documents if one.kind.endswith("getIamPolicy")}
    assert set(POLICIES) <= set(told)
    assert all(told[name] == policy for name, policy in POLICIES.items())
    assert not [one for one in found.documents if b"_withcond_" in one.body]


@pytest.mark.parametrize("fault", [DENIED, DISABLED, QUOTA, GONE], ids=["denied", "disabled", "quota", "gone"])
def test_errors_are_understood_by_both(google: FakeGoogle, fault: Fault) -> None:
    google.faults = [on(fault, "cloudresourcemanager.projects.get")]
    projects = theirs(google, "cloudresourcemanager.v3").projects()
    with pytest.raises(HttpError) as caught:
        projects.get(name="projects/101").execute(num_retries=0)
    refused = fault.refused
    assert refused is not None
    assert caught.value.status_code == refused.http and caught.value.reason == refused.message
    ours = failure(caught.value.status_code, {}, json.loads(caught.value.content))
    assert ours.http == refused.http and ours.code == (refused.reason or refused.status)


def test_a_token_of_another_question_is_refused(google: FakeGoogle) -> None:
    folders = theirs(google, "cloudresourcemanager.v3").projects()
    google.world.nodes["projects/104"] = {**google.world.nodes["projects/101"], "name": "projects/104"}
    first = folders.list(parent="organizations/1").execute()
    with pytest.raises(HttpError, match="not of this request"):
        folders.list(parent="folders/10", pageToken=first["nextPageToken"]).execute()
    with pytest.raises(HttpError, match="not of this request"):
        folders.list(parent="organizations/1", pageToken="nonsense").execute()


def test_every_list_and_object_of_the_world_has_its_shape(google: FakeGoogle, tmp_path: Path) -> None:
    collected(google, tmp_path / "run")
    asked = {one.method for one in google.log}
    assert len(asked) > 45 and google.strange == []


def test_what_has_another_shape_is_noticed(google: FakeGoogle, tmp_path: Path) -> None:
    google.world.nodes["projects/101"]["colour"] = "red"
    theirs(google, "cloudresourcemanager.v3").projects().get(name="projects/101").execute()
    assert google.strange == ["Project.colour: not in the schema"]


WRONG = [
    ("cloudresourcemanager.v3", "Project", {"labels": {"a": 1}}, "Project.labels.a: 1 is no string"),
    ("cloudresourcemanager.v3", "Project", {"state": "MAYBE"}, "Project.state: 'MAYBE' is none of"),
    ("cloudresourcemanager.v3", "Project", [], "Project: no object"),
    ("cloudresourcemanager.v3", "ListProjectsResponse", {"projects": {}}, "ListProjectsResponse.projects: no list"),
    ("cloudresourcemanager.v3", "Project", {"createTime": "yesterday"}, "Project.createTime: 'yesterday' is no"),
    ("iam.v1", "ServiceAccount", {"disabled": "false"}, "ServiceAccount.disabled: 'false' is no boolean"),
    ("iam.v1", "Policy", {"version": True}, "Policy.version: True is no integer"),
    ("iam.v3", "PolicyBinding", {"target": {"x": 1}}, "PolicyBinding.target.x: not in the schema"),
    ("privilegedaccessmanager.v1", "Grant", {"requestedDuration": "1h"}, "Grant.requestedDuration: '1h' is no"),
    ("policyanalyzer.v1", "GoogleCloudPolicyanalyzerV1Activity", {"activity": 3}, ".activity: no object"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "schema", "value", "said"), WRONG)
def test_the_check_of_shapes_says_what_is_wrong(name: str, schema: str, value: Any, said: str) -> None:
    (found,) = faults(name, schema, value)
    assert said in found


def test_what_is_no_method_of_google_is_refused(google: FakeGoogle) -> None:
    status, _, _ = google.serve("GET", "/iam.googleapis.com/v1/secrets", {}, b"")  # type: ignore[misc]
    assert status == 404 and google.strange == ["GET /iam.googleapis.com/v1/secrets"]
    google.strange.clear()
    google.serve("GET", "/iam.googleapis.com/v1/roles?view=ALL&colour=red", {"authorization": f"Bearer {TOKEN}"}, b"")
    assert google.strange == ["iam.roles.list: view=ALL", "iam.roles.list: no parameter colour"]
