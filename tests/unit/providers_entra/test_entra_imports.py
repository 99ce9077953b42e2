"""Users, groups, members and service principals: which files are read, of which tenant, and what they become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from entra_support import TENANT, collected, rows

from fakes.shared import SHARED
from leastwise.errors import InputError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.exports.kinds import (
    DEVICES,
    GROUPS,
    MEMBERS,
    SERVICE_PRINCIPALS,
    USERS,
)
from leastwise.providers.entra.exports.shapes import kind_of, read_items, refusal

SAMPLES = SHARED / "samples/entra/graph_docs"
ANN, BOB = "0b000000-0000-4000-8000-000000000001", "0b000000-0000-4000-8000-000000000002"
DEVS, INNER = "0b000000-0000-4000-8000-000000000021", "0b000000-0000-4000-8000-000000000022"
ACCOUNT = {"cloudName": "AzureCloud", "id": "11111111-1111-4111-8111-111111111111", "isDefault": True, "name": "Sub",
           "state": "Enabled", "tenantId": TENANT}  # fmt: skip


def test_names_of_app_roles_stay_and_secrets_of_apps_do_not(tmp_path: Path) -> None:
    app = {"id": ANN, "servicePrincipalType": "Application", "appRoles": [{"id": BOB, "value": "Payments.Approve"}],
           "appRoleAssignedTo": [{"principalId": BOB, "principalDisplayName": "Bob", "appRoleId": BOB}],
           "passwordCredentials": [{"hint": "abc", "secretText": "s3cr3t-of-the-app"}]}  # fmt: skip
    (document,) = collected(tmp_path, {"sp.json": [app]}).documents
    kept = PROVIDER.redact(document, b"k" * 32)
    (one,) = json.loads(kept)
    assert (one["appRoles"], one["appRoleAssignedTo"]) == (app["appRoles"], app["appRoleAssignedTo"])
    assert b"s3cr3t" not in kept


def user(id: str, **more: Any) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.user", "id": id, "userPrincipalName": f"{id[-1]}@corp.example"} | more


def group(id: str, **more: Any) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.group", "id": id, "displayName": f"g{id[-1]}"} | more


def test_members_are_told_by_names_contexts_and_expanded_groups(tmp_path: Path) -> None:
    files = {
        "users.json": [user(ANN), user(BOB)],
        "groups.json": [group(DEVS), group(INNER, members=[{"@odata.type": "#microsoft.graph.user", "id": BOB}])],
        f"members--{DEVS}.json": [group(INNER)],
        "page.json": {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#groups('{DEVS}')/members",
                      "value": [user(ANN)]},
    }  # fmt: skip
    found = {(row["member"], row["group"]) for row in rows(collected(tmp_path, files), "memberships")}
    assert found == {(INNER, DEVS), (ANN, DEVS), (BOB, INNER)}


def test_members_of_a_group_that_is_not_named_are_said_and_kept_as_what_they_are(tmp_path: Path) -> None:
    page = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects", "value": [user(ANN)]}
    one = collected(tmp_path, {"x.json": page})
    assert [row["id"] for row in rows(one, "principals")] == [ANN]
    assert rows(one, "memberships") == []
    assert any("members of a group that is not named" in gap.detail for gap in one.coverage)


def test_principals(tmp_path: Path) -> None:
    one = collected(
        tmp_path,
        {
            "x.json": [
                user(
                    ANN,
                    userType="Guest",
                    accountEnabled=False,
                    mail="Ann@Partner.example",
                    createdDateTime="2020-01-01T00:00:00Z",
                    signInActivity={"lastSignInDateTime": "2026-01-01T00:00:00Z"},
                ),
                user(BOB, userType="Member", accountEnabled=True),
                group(DEVS, isAssignableToRole=True, membershipRule="x"),
                {
                    "id": "s1",
                    "servicePrincipalType": "Application",
                    "appOwnerOrganizationId": TENANT,
                    "displayName": "Own",
                    "appId": "a",
                },
                {
                    "id": "s2",
                    "servicePrincipalType": "Application",
                    "appOwnerOrganizationId": "other",
                    "displayName": "Theirs",
                },
                {"id": "s3", "servicePrincipalType": "ManagedIdentity", "displayName": "vm"},
                {
                    "id": "s4",
                    "servicePrincipalType": "Application",
                    "displayName": "Graph",
                    "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
                },
            ]
        },
    )
    found = {row["id"]: row for row in rows(one, "principals")}
    ann = found[ANN]
    assert (ann["kind"], ann["directory"], ann["enabled"], ann["mail"]) == (
        "human", "foreign", False, "ann@partner.example"
    )  # fmt: skip
    assert ann["last_used_known"] and ann["last_used"].year == 2026
    assert (found[BOB]["directory"], found[BOB]["enabled"], found[BOB]["last_used_known"]) == ("own", True, False)
    assert dict(found[DEVS]["tags"]) == {"dynamic": "yes", "role_assignable": "yes"}
    assert [found[f"s{n}"]["native"] for n in (1, 2, 3)] == [
        "service_principal",
        "service_principal",
        "managed_identity",
    ]
    assert [found[f"s{n}"]["directory"] for n in (1, 2, 3)] == ["own", "foreign", "own"]
    assert found["s4"]["kind"] == "provider_service"


def test_a_list_of_people_tells_more_than_a_list_of_members(tmp_path: Path) -> None:
    one = collected(
        tmp_path,
        {
            f"members--{DEVS}.json": [{"@odata.type": "#microsoft.graph.user", "id": ANN, "displayName": "A"}],
            "users.json": [user(ANN, userType="Member")],
            "groups.json": [group(DEVS)],
        },
    )
    found = {row["id"]: row for row in rows(one, "principals")}
    assert (found[ANN]["name"], found[ANN]["directory"]) == ("1@corp.example", "own")


def page(version: str) -> dict[str, Any]:
    return {"@odata.context": f"https://graph.microsoft.com/{version}/$metadata#groups('{DEVS}')/members", "value": []}


@pytest.mark.parametrize(
    ("name", "content", "whole"),
    [
        (f"members--{DEVS}.json", [], False),
        (f"members--{DEVS}.json", {"value": []}, False),
        ("page.json", page("v1.0"), False),
        ("page.json", page("beta"), True),
        ("answer.json", {"status": 200, "api_version": "beta", "url": "u", "body": page("beta")}, True),
    ],
)
@pytest.mark.parametrize("described", [True, False])
def test_a_group_whose_list_of_members_is_empty_is_known_to_have_none(
    tmp_path: Path, name: str, content: Any, whole: bool, described: bool
) -> None:
    one = collected(tmp_path, {"groups.json": [group(INNER), *([group(DEVS)] if described else [])], name: content})
    found = {row["id"]: row for row in rows(one, "principals")}
    assert (found[DEVS]["kind"], found[DEVS]["members_known"]) == ("group", whole)
    # Version 1.0 leaves out service principals, and so may whatever does not name the other one.
    assert dict(found[DEVS]["details"]).get("members") == (None if whole else "people")
    assert found[INNER]["members_known"] is None
    assert rows(one, "memberships") == []
    assert not any("holds no object" in gap.detail for gap in one.coverage)


def test_a_list_of_another_interface_makes_whole_what_version_1_leaves_out(tmp_path: Path) -> None:
    files = {"groups.json": [group(DEVS)], f"members--{DEVS}.json": [user(ANN)], "page.json": page("beta")}
    (found,) = (row for row in rows(collected(tmp_path, files), "principals") if row["id"] == DEVS)
    assert found["members_known"] and "members" not in dict(found["details"])


def test_an_empty_page_that_names_a_next_one_is_not_all(tmp_path: Path) -> None:
    page = {"value": [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/next"}
    one = collected(tmp_path, {"groups.json": [group(DEVS)], f"members--{DEVS}.json": page})
    assert [row["members_known"] for row in rows(one, "principals")] == [False]


def test_a_group_that_nothing_describes_is_a_gap(tmp_path: Path) -> None:
    one = collected(tmp_path, {f"members--{DEVS}.json": [user(ANN)]})
    found = {row["id"]: (row["kind"], row["native"]) for row in rows(one, "principals")}
    assert found[DEVS] == ("group", "directory_object")
    assert any("nothing describes" in row["detail"] for row in rows(one, "coverage"))


@pytest.mark.parametrize(
    ("beside", "tenant"),
    [
        (ACCOUNT, TENANT),
        ({"@odata.type": "#microsoft.graph.organization", "id": TENANT, "displayName": "Corp"}, TENANT),
        ({"id": "/providers/Microsoft.Management/managementGroups/x", "tenantId": TENANT, "name": "x"}, TENANT),
        (None, None),
    ],
)
def test_what_tells_the_tenant(tmp_path: Path, beside: Any, tenant: str | None) -> None:
    (tmp_path / "users.json").write_text(json.dumps([user(ANN)]))
    if beside:
        (tmp_path / "beside.json").write_text(json.dumps(beside))
    if tenant is None:
        with pytest.raises(InputError, match="nothing says of which tenant"):
            PROVIDER.read_exports([tmp_path])
        return
    (one,) = PROVIDER.read_exports([tmp_path])
    assert one.scope.key == f"entra:{tenant}"


def test_several_tenants_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(
        json.dumps([user(ANN), ACCOUNT, ACCOUNT | {"tenantId": TENANT[::-1].replace("-", "0")[:8] + TENANT[8:]}])
    )
    with pytest.raises(InputError, match="several tenants"):
        PROVIDER.read_exports([tmp_path])


def test_a_page_whose_next_one_is_missing_is_a_gap(tmp_path: Path) -> None:
    one = collected(tmp_path, {"x.json": {"@odata.nextLink": "https://x", "value": [user(ANN)]}})
    assert [gap.status for gap in one.coverage] == [CoverageStatus.FAILED]


_FILES = sorted(SAMPLES.glob("*.json"))


@pytest.mark.skipif(not _FILES, reason="needs the shared samples")
def test_every_shared_sample_is_read_or_says_why(tmp_path: Path) -> None:
    read: dict[str, int] = {}
    for path in _FILES:
        folder = tmp_path / path.stem / f"tenant-{TENANT}"
        folder.mkdir(parents=True)
        (folder / "x.json").write_bytes(path.read_bytes())
        try:
            items = read_items(path, path.read_bytes()).items
        except InputError:
            with pytest.raises(InputError, match=r"x\.json"):
                PROVIDER.read_exports([folder])
            continue
        known = (
            []
            if items and refusal(items[0].value)
            else [(one, kind) for one in items if (kind := kind_of(one.value)) is not None]
        )
        try:
            (one,) = PROVIDER.read_exports([folder])
        except InputError as error:
            assert not known and str(error).startswith(str(folder)), path.name
            continue
        told = {row["id"] for row in rows(one, "principals")}
        people = (USERS, GROUPS, SERVICE_PRINCIPALS, MEMBERS, DEVICES)
        assert told >= {str(item.value["id"]).lower() for item, kind in known if kind in people}
        assert len(known) == len(items) or any("left out" in gap.detail for gap in one.coverage), path.name
        for _, kind in known:
            read[kind] = read.get(kind, 0) + 1
    assert sum(read.values()) >= 25
    assert len(read) >= 14, read


SIGNED = [
    ({"lastSignInDateTime": "2025-01-01T00:00:00Z", "lastNonInteractiveSignInDateTime": "2026-10-30T00:00:00Z"}, 30),
    ({"lastSignInDateTime": "2026-10-31T00:00:00Z", "lastNonInteractiveSignInDateTime": "2026-10-30T00:00:00Z"}, 31),
    ({"lastSignInDateTime": None, "lastSuccessfulSignInDateTime": "2026-10-29T00:00:00Z"}, 29),
    ({"lastSignInDateTime": None}, None),
]


@pytest.mark.parametrize(("activity", "day"), SIGNED)
def test_a_program_that_signs_in_for_a_user_is_his_use(
    tmp_path: Path, activity: dict[str, Any], day: int | None
) -> None:
    (row,) = rows(collected(tmp_path, {"users.json": [user(ANN, signInActivity=activity)]}), "principals")
    assert row["last_used_known"]
    assert (row["last_used"] and row["last_used"].day) == day
