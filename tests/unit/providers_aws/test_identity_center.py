"""Identity Center: what was not read of a permission set, an assignment or a group makes nobody harmless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aws_support import imported

from leastwise.store.readmodels import build

ORGANIZATION, SET = "o-abcdefghij", "arn:aws:sso:::permissionSet~ps-1"
INLINE = "sso-admin-get-inline-policy-for-permission-set"
MANAGED = "sso-admin-list-managed-policies-in-permission-set"
CUSTOMER = "sso-admin-list-customer-managed-policy-references-in-permission-set"
BOUNDARY = "sso-admin-get-permissions-boundary-for-permission-set"
NARROW = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
PARTS: dict[str, Any] = {
    INLINE: {"InlinePolicy": json.dumps(NARROW)},
    MANAGED: {"AttachedManagedPolicies": []},
    CUSTOMER: {"CustomerManagedPolicyReferences": []},
    BOUNDARY: None,
}
"""A permission set that was read whole and gives little; None stands for the vendor's word that there is none."""


def user(folder: Path, parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The identity of the one person, who holds the permission set."""
    files: dict[str, Any] = {
        "organizations-describe-organization": {"Organization": {"Id": ORGANIZATION, "MasterAccountId": "1" * 12}},
        "identitystore-list-users": {"Users": [{"UserId": "u1", "UserName": "ann"}]},
        f"sso-admin-list-account-assignments--222222222222--{SET}": {
            "AccountAssignments": [
                {"AccountId": "2" * 12, "PermissionSetArn": SET, "PrincipalType": "USER", "PrincipalId": "u1"}
            ]
        },
        **{f"{call}--{SET}": body for call, body in parts.items()},
        **more,
    }
    folder.mkdir(parents=True)
    for name, body in files.items():
        if body is None:
            error = {"Error": {"Code": "ResourceNotFoundException"}}
            (folder / f"{name}.error.json").write_text(json.dumps(error))
        elif body != "left out":
            (folder / f"{name}.json").write_text(json.dumps(body))
    tables = imported(folder)[ORGANIZATION]
    (row,) = build("aws", ORGANIZATION, tables)["identities"].to_pylist()
    return dict(row)


def test_read_whole(tmp_path: Path) -> None:
    assert user(tmp_path / "a", PARTS)["admin"] == "no"
    nothing = user(tmp_path / "b", {**PARTS, INLINE: {"InlinePolicy": ""}})
    assert (nothing["admin"], nothing["wildcard"]) == ("no", False)
    all_of_it = {"AttachedManagedPolicies": [{"Name": "AdministratorAccess", "Arn": ADMINISTRATOR}]}
    assert user(tmp_path / "c", {**PARTS, MANAGED: all_of_it})["admin"] == "yes"


def test_each_part_that_was_not_read_may_make_an_administrator(tmp_path: Path) -> None:
    for number, part in enumerate((INLINE, MANAGED, CUSTOMER)):
        row = user(tmp_path / str(number), {**PARTS, part: "left out"})
        assert (row["admin"], row["wildcard"]) == ("unknown", None), part
    referenced = {"CustomerManagedPolicyReferences": [{"Name": "MyAdmin", "Path": "/"}]}
    assert user(tmp_path / "referenced", {**PARTS, CUSTOMER: referenced})["admin"] == "unknown"
    assert user(tmp_path / "nothing", {})["admin"] == "unknown"


def test_boundary(tmp_path: Path) -> None:
    wide = {**PARTS, MANAGED: {"AttachedManagedPolicies": [{"Name": "AdministratorAccess", "Arn": ADMINISTRATOR}]}}

    def under(name: str, boundary: Any) -> str:
        return str(user(tmp_path / name, {**wide, BOUNDARY: boundary})["admin"])

    view = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    assert under("none", None) == "yes"
    assert under("empty", {}) == "yes"
    assert under("narrow", {"PermissionsBoundary": {"ManagedPolicyArn": view}}) == "limited"
    assert under("unread", "left out") == "unknown"
    named = {"PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "pb", "Path": "/"}}}
    assert under("named", named) == "unknown"
    assert user(tmp_path / "small", {**PARTS, BOUNDARY: "left out"})["admin"] == "no"


def test_assignments_that_were_not_read(tmp_path: Path) -> None:
    call = f"sso-admin-list-account-assignments--222222222222--{SET}"
    assert user(tmp_path / "left-out", PARTS, **{call: "left out"})["admin"] == "unknown"
    denied = {"Error": {"Code": "AccessDeniedException"}}
    other = "sso-admin-list-account-assignments--333333333333--ps.error"
    assert user(tmp_path / "denied", PARTS, **{other: denied})["admin"] == "unknown"


def test_members_of_an_assigned_group_that_were_not_read(tmp_path: Path) -> None:
    call = f"sso-admin-list-account-assignments--222222222222--{SET}"
    given = {"AccountId": "2" * 12, "PermissionSetArn": SET, "PrincipalType": "GROUP", "PrincipalId": "g1"}
    assigned = {call: {"AccountAssignments": [given]}}
    assert user(tmp_path / "unread", PARTS, **assigned)["admin"] == "unknown"
    members = {"identitystore-list-group-memberships--g1": {"GroupMemberships": []}}
    assert user(tmp_path / "read", PARTS, **assigned, **members)["admin"] == "no"
