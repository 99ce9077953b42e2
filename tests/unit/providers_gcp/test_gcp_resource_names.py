"""Names of resources: one spelling, what lies in what, and what conditions see of them."""

from __future__ import annotations

import pytest

from leastwise.providers.gcp.language.resources import (
    Attributes,
    Projects,
    attributes,
    bucket_of,
    folders_of,
    inside_of,
    project_of,
    scope,
    scope_of,
)

KNOWN = Projects({"shop": "3"})
OBJECT = "//storage.googleapis.com/projects/_/buckets/b/objects/x/y/z.csv"
FOLDERS = [f"//storage.googleapis.com/projects/_/buckets/b/managedFolders/{name}/" for name in ("x", "x/y", "q")]


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("//storage.googleapis.com/b", "//storage.googleapis.com/b"),
        ("//storage.googleapis.com/projects/_/buckets/b", "//storage.googleapis.com/b"),
        (OBJECT, OBJECT),
        ("//pubsub.googleapis.com/projects/shop/topics/t", "//pubsub.googleapis.com/projects/3/topics/t"),
        ("//pubsub.googleapis.com/projects/other/topics/t", "//pubsub.googleapis.com/projects/other/topics/t"),
        ("//cloudresourcemanager.googleapis.com/projects/shop", "//cloudresourcemanager.googleapis.com/projects/3"),
        ("//iam.googleapis.com/projects/-/serviceAccounts/a", "//iam.googleapis.com/projects/-/serviceAccounts/a"),
        ("//cloudresourcemanager.googleapis.com/folders/2", "//cloudresourcemanager.googleapis.com/folders/2"),
    ],
)
def test_one_spelling(name: str, canonical: str) -> None:
    assert KNOWN.canonical(name) == canonical
    assert KNOWN.canonical(canonical) == canonical


def test_ids_and_numbers_of_projects() -> None:
    assert (KNOWN.number("shop"), KNOWN.number("3"), KNOWN.number("other")) == ("3", "3", None)
    assert (KNOWN.id("shop"), KNOWN.id("3"), KNOWN.id("4")) == ("shop", "shop", None)
    assert project_of("//compute.googleapis.com/projects/shop/zones/z/instances/i") == "shop"
    assert project_of(OBJECT) is None


def test_scopes() -> None:
    assert scope_of(scope("folders/2")) == "folders/2"
    assert scope_of("//storage.googleapis.com/b") is None
    assert scope_of("//cloudresourcemanager.googleapis.com/tagKeys/1") is None
    assert scope_of("//cloudresourcemanager.googleapis.com/projects/1/more") is None


def test_what_has_no_policy_of_its_own_lies_in_what_has() -> None:
    assert inside_of(OBJECT) == "//storage.googleapis.com/b"
    assert inside_of("//storage.googleapis.com/b") is None
    assert inside_of(FOLDERS[0]) is None
    secret = "//secretmanager.googleapis.com/projects/3/secrets/s"
    assert inside_of(f"{secret}/versions/latest") == secret
    assert inside_of(secret) is None
    key = "//cloudkms.googleapis.com/projects/p/locations/l/keyRings/r/cryptoKeys/k"
    assert inside_of(f"{key}/cryptoKeyVersions/1") == key
    account = "//iam.googleapis.com/projects/p/serviceAccounts/a@b.c"
    assert inside_of(f"{account}/keys/1") == account


def test_managed_folders_of_an_object() -> None:
    assert folders_of(OBJECT, FOLDERS) == [FOLDERS[1], FOLDERS[0]]
    assert folders_of(FOLDERS[1], FOLDERS) == [FOLDERS[0]]
    assert folders_of("//storage.googleapis.com/b", FOLDERS) == []
    assert bucket_of(FOLDERS[0]) == "//storage.googleapis.com/b"


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        (
            OBJECT,
            Attributes(
                "storage.googleapis.com",
                "storage.googleapis.com/Object",
                "projects/_/buckets/b/objects/x/y/z.csv",
            ),
        ),
        (
            "//secretmanager.googleapis.com/projects/shop/secrets/s",
            Attributes("secretmanager.googleapis.com", "secretmanager.googleapis.com/Secret", "projects/3/secrets/s"),
        ),
        (
            "//secretmanager.googleapis.com/projects/other/secrets/s",
            Attributes(
                "secretmanager.googleapis.com",
                "secretmanager.googleapis.com/Secret",
                None,
                "the number of project other",
            ),
        ),
        (
            "//cloudsql.googleapis.com/projects/3/instances/i",
            Attributes("sqladmin.googleapis.com", "sqladmin.googleapis.com/Instance", "projects/shop/instances/i"),
        ),
        (
            "//cloudkms.googleapis.com/projects/shop/locations/eu",
            Attributes("cloudkms.googleapis.com", "cloud.googleapis.com/Location"),
        ),
        (
            "//cloudresourcemanager.googleapis.com/projects/3",
            Attributes("cloudresourcemanager.googleapis.com", "cloudresourcemanager.googleapis.com/Project"),
        ),
        (
            "//clouddeploy.googleapis.com/projects/shop/locations/l/targets/t",
            Attributes("clouddeploy.googleapis.com", None, "projects/shop/locations/l/targets/t"),
        ),
        (
            "//dns.googleapis.com/projects/shop/managedZones/z/rrsets/r/A",
            Attributes(
                "dns.googleapis.com",
                "dns.googleapis.com/ResourceRecordSet",
                "projects/shop/managedZones/z/rrsets/r/A",
            ),
        ),
        ("//compute.googleapis.com/projects/shop/global/networks/n", Attributes("compute.googleapis.com")),
        ("//pubsub.googleapis.com/projects/shop/topics/t", Attributes()),
        ("//iam.googleapis.com/projects/shop/serviceAccounts/a", Attributes()),
    ],
)
def test_what_conditions_see(name: str, seen: Attributes) -> None:
    assert attributes(name, KNOWN) == seen
