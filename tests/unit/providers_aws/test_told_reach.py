"""Of which groups and policies the coverage of a scope says that it was read whom they reach."""

from __future__ import annotations

import pytest

from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.providers.aws.reaching import NOUNS

OK, DENIED, FAILED, LEFT = (
    CoverageStatus.OK,
    CoverageStatus.DENIED,
    CoverageStatus.FAILED,
    CoverageStatus.NOT_TRIED,
)
DETAILS = "GetAccountAuthorizationDetails"
SECTIONS = [Coverage("iam", f"{DETAILS}/{one}", OK) for one in ("UserDetailList", "GroupDetailList", "RoleDetailList")]
GROUP = "arn:aws:identitystore:::group/7d49"
SET = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
SETS = [
    Coverage("sso-admin", "ListPermissionSets", OK),
    Coverage("sso-admin", "ListAccountsForProvisionedPermissionSet", OK, "6 answers, 1 regions"),
]
GROUPS = [Coverage("identitystore", "ListGroups", OK)]


def members(detail: str, status: CoverageStatus = OK) -> Coverage:
    return Coverage("identitystore", "ListGroupMemberships", status, detail)


CASES: dict[str, tuple[list[Coverage], str, bool]] = {
    "nothing was read": ([], "group", False),
    "only other services were read": ([Coverage("s3api", "ListBuckets", OK)], "managed_customer", False),
    "only a credential report was read": ([Coverage("iam", "GetCredentialReport", OK)], "group", False),
    "users tell their groups": (SECTIONS[:1], "group", True),
    "users alone do not tell policies": (SECTIONS[:1], "managed_customer", False),
    "every section": (SECTIONS, "managed_customer", True),
    "a section is missing from the export": (
        [*SECTIONS[:2], Coverage("iam", f"{DETAILS}/RoleDetailList", LEFT)],
        "managed_customer",
        False,
    ),
    "that section does not matter to groups": (
        [*SECTIONS[:2], Coverage("iam", f"{DETAILS}/RoleDetailList", LEFT)],
        "group",
        True,
    ),
    "the export was cut": ([*SECTIONS, Coverage("iam", DETAILS, FAILED)], "group", False),
    "the call was denied": ([Coverage("iam", DETAILS, DENIED)], "group", False),
    "read over the API": ([Coverage("iam", DETAILS, OK, "3 answers, 1 regions"), *SECTIONS], "managed_customer", True),
    "a download": ([Coverage("iam", "iam-collect download", OK)], "managed_customer", True),
    "the service was left out": ([*SECTIONS, Coverage("iam", "*", LEFT)], "group", False),
    "another call of it failed": ([*SECTIONS, Coverage("iam", "GetCredentialReport", DENIED)], "group", True),
    "sets and where they are": (SETS, "permission_set", True),
    "sets alone": (SETS[:1], "permission_set", False),
    "assignments denied": (
        [*SETS, Coverage("sso-admin", "ListAccountAssignments", DENIED)],
        "permission_set",
        False,
    ),
    "assignments read": ([*SETS, Coverage("sso-admin", "ListAccountAssignments", OK)], "permission_set", True),
    "saved answers for some sets": (
        [SETS[0], Coverage("sso-admin", "ListAccountsForProvisionedPermissionSet", OK, "Developer")],
        "permission_set",
        False,
    ),
    "Identity Center was left out": (
        [*SETS, Coverage("sso-admin", "*", LEFT)],
        "permission_set",
        False,
    ),
    "IAM tells nothing of Identity Center": (SECTIONS, "permission_set", False),
    "members by name": ([*GROUPS, members("ops")], "identity_center_group", True),
    "members by id": ([*GROUPS, members("7d49")], "identity_center_group", True),
    "members of every group": ([*GROUPS, members("9 answers, 1 regions")], "identity_center_group", True),
    "members of another group": ([*GROUPS, members("sales")], "identity_center_group", False),
    "members of nobody knows which": ([*GROUPS, members("")], "identity_center_group", False),
    "members denied for some": (
        [*GROUPS, members("ops"), members("AccessDenied", DENIED)],
        "identity_center_group",
        False,
    ),
    "groups without members read": (GROUPS, "identity_center_group", False),
    "a word that is not known": (SECTIONS, "squad", False),
}


@pytest.mark.parametrize("name", CASES)
def test_told(name: str) -> None:
    coverage, noun, expected = CASES[name]
    id = SET if noun == "permission_set" else GROUP
    assert NOUNS.told(coverage)(noun, id, "ops") is expected
