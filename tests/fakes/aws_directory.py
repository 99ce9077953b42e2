"""Identity Center in the fake: what moto's lacks (boundaries, assignments in other accounts, pages, replicas)."""

from __future__ import annotations

import json
from typing import Any

from .aws import Answer, Refused, paged
from .aws_wire import Request

INSTANCE, STORE, PRIMARY = "arn:aws:sso:::instance/ssoins-1111222233334444", "d-1234567890", "us-east-2"
PEOPLE, PAGE = 7, 3
SETS: dict[str, dict[str, Any]] = {
    "ps-admin": {
        "PermissionSet": {"Name": "Admin", "Description": "all", "SessionDuration": "PT1H"},
        "AttachedManagedPolicies": [
            {"Name": "AdministratorAccess", "Arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
        ],
        "PermissionsBoundary": {"ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
    },
    "ps-press": {
        "PermissionSet": {"Name": "Press", "Description": "printing", "SessionDuration": "PT8H"},
        "InlinePolicy": {
            "Version": "2012-10-17", "Statement": [{"Sid": "P", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}],
        },
        "AttachedManagedPolicies": [
            {"Name": name, "Arn": f"arn:aws:iam::aws:policy/{name}"}
            for name in ("ReadOnlyAccess", "SecurityAudit", "IAMReadOnlyAccess", "AWSSupportAccess")
        ],
        "CustomerManagedPolicyReferences": [{"Name": "team", "Path": "/press/"}],
        "PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "limit", "Path": "/"}},
    },
    "ps-idle": {"PermissionSet": {"Name": "Idle", "Description": "nobody", "SessionDuration": "PT1H"}},
}  # fmt: skip
"""What there is, as the answers tell it; policies as documents."""


def arn(short: str) -> str:
    """The ARN of a permission set."""
    return f"arn:aws:sso:::permissionSet/ssoins-1111222233334444/{short}"


def user(number: int) -> dict[str, Any]:
    """A person of the directory."""
    mail = [{"Value": f"p{number}@example.com", "Type": "work", "Primary": True}]
    name = f"p{number}"
    return {"IdentityStoreId": STORE, "UserId": f"user-{number}", "UserName": name, "DisplayName": name.upper(),
            "UserStatus": "DISABLED" if number == 3 else "ENABLED", "Emails": mail,
            "ExternalIds": [{"Issuer": "https://okta.example.com", "Id": f"00u{number}"}]}  # fmt: skip


GROUPS = {"group-press": [0, 1, 2, 3, 4], "group-empty": []}


def group(id: str) -> dict[str, Any]:
    """A group of the directory."""
    return {"IdentityStoreId": STORE, "GroupId": id, "DisplayName": id.removeprefix("group-")}


def memberships(id: str) -> list[dict[str, Any]]:
    """Who is in a group."""
    return [
        {"IdentityStoreId": STORE, "MembershipId": f"{id}-{one}", "GroupId": id, "MemberId": {"UserId": f"user-{one}"}}
        for one in GROUPS[id]
    ]


def assignments(account: str, short: str) -> list[dict[str, Any]]:
    """Who holds a permission set in an account: the group, and in the first account each person too."""
    if short == "ps-idle":
        return []
    held = [("GROUP", "group-press")]
    if short == "ps-admin":
        held = [("USER", f"user-{one}") for one in range(PEOPLE if account[0] == "1" else 1)]
    return [
        {"AccountId": account, "PermissionSetArn": arn(short), "PrincipalType": kind, "PrincipalId": id}
        for kind, id in held
    ]


def directory(accounts: list[str]) -> dict[str, Answer]:
    """Answers by operation. The instance lives in `PRIMARY` and is replicated everywhere, in the first account only."""

    def inside(request: Request) -> None:
        if request.region != PRIMARY or request.account != accounts[0]:
            raise Refused("AccessDeniedException", "asked where the instance does not live", 400)

    def pages(member: str, things: Any) -> Answer:
        def answer(request: Request) -> dict[str, Any]:
            inside(request)
            return paged(request, things(request.parameters), member, PAGE)

        return answer

    def part(member: str, empty: Any) -> Answer:
        return pages(member, lambda asked: SETS[short(asked)].get(member, empty))

    def boundary(request: Request) -> dict[str, Any]:
        inside(request)
        if "PermissionsBoundary" not in (held := SETS[short(request.parameters)]):
            raise Refused("ResourceNotFoundException", "there is none", 404)
        return {"PermissionsBoundary": held["PermissionsBoundary"]}

    def inline(request: Request) -> dict[str, Any]:
        inside(request)
        policy = SETS[short(request.parameters)].get("InlinePolicy")
        return {"InlinePolicy": json.dumps(policy) if policy else ""}

    def described(request: Request) -> dict[str, Any]:
        inside(request)
        about = SETS[short(request.parameters)]["PermissionSet"]
        return {"PermissionSet": {**about, "PermissionSetArn": request.parameters["PermissionSetArn"]}}

    def instances(request: Request) -> dict[str, Any]:
        mine = request.account == accounts[0]
        one = {"InstanceArn": INSTANCE, "IdentityStoreId": STORE, "OwnerAccountId": accounts[0], "Status": "ACTIVE",
               "PrimaryRegion": PRIMARY}  # fmt: skip
        return {"Instances": [one] if mine else []}

    def short(asked: Any) -> str:
        return str(asked["PermissionSetArn"].rpartition("/")[2])

    return {
        "sso-admin.ListInstances": instances, "sso-admin.DescribePermissionSet": described,
        "sso-admin.ListPermissionSets": pages("PermissionSets", lambda _: [arn(one) for one in SETS]),
        "sso-admin.GetInlinePolicyForPermissionSet": inline,
        "sso-admin.GetPermissionsBoundaryForPermissionSet": boundary,
        "sso-admin.ListManagedPoliciesInPermissionSet": part("AttachedManagedPolicies", []),
        "sso-admin.ListCustomerManagedPolicyReferencesInPermissionSet": part("CustomerManagedPolicyReferences", []),
        "sso-admin.ListAccountsForProvisionedPermissionSet": pages(
            "AccountIds", lambda asked: [] if short(asked) == "ps-idle" else accounts),
        "sso-admin.ListAccountAssignments": pages(
            "AccountAssignments", lambda asked: assignments(asked["AccountId"], short(asked))),
        "identitystore.ListUsers": pages("Users", lambda _: [user(one) for one in range(PEOPLE)]),
        "identitystore.ListGroups": pages("Groups", lambda _: [group(one) for one in GROUPS]),
        "identitystore.ListGroupMemberships": pages("GroupMemberships", lambda asked: memberships(asked["GroupId"])),
    }  # fmt: skip
