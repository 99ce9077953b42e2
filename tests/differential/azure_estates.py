"""Small Azure estates, drawn: a tree of management groups, two subscriptions, groups in groups, roles, denials."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

MANAGEMENT = "/providers/Microsoft.Management/managementGroups/"
SUB, OTHER = (f"/subscriptions/{digit * 8}-0000-4000-8000-000000000000" for digit in "12")
RG = f"{SUB}/resourceGroups/rg1"
VM = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"
CONTAINER = f"{RG}/providers/Microsoft.Storage/storageAccounts/shop/blobServices/default/containers/orders"
SCOPES = ("/", f"{MANAGEMENT}root", f"{MANAGEMENT}corp", f"{MANAGEMENT}other", SUB, OTHER, RG, f"{RG}0", VM, CONTAINER)
RESOURCES = (VM, CONTAINER, RG, f"{RG}0/providers/Microsoft.Compute/virtualMachines/vm1", OTHER)
PEOPLE = tuple(f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in range(3))
GROUPS = tuple(f"cccccccc-0000-4000-8000-00000000000{number}" for number in range(3))
ROLES = tuple(f"dddddddd-0000-4000-8000-00000000000{number}" for number in range(3))
OPERATIONS = (
    "Microsoft.Compute/virtualMachines/read", "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/delete", "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
)  # fmt: skip
DATA = frozenset(OPERATIONS[4:])
PATTERNS = ("*", "*/read", "*/write", "Microsoft.Compute/*", "Microsoft.*/write", "MICROSOFT.Storage/*", *OPERATIONS)
CONDITIONS = (
    "((!(ActionMatches{'*/blobs/read'})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] "
    "StringEquals 'orders'))",
    "@Environment[isPrivateLink] BoolEquals true",
    "@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'user'",
    "NOT Exists @Request[Contoso.Shop/baskets:size]",
    "AND",
)
TREE = {
    "kind": "management_group",
    "body": {
        "count": 5,
        "value": [
            {"id": f"{MANAGEMENT}root", "properties": {"parent": None}},
            {"id": f"{MANAGEMENT}corp", "properties": {"parent": {"id": f"{MANAGEMENT}root"}}},
            {"id": f"{MANAGEMENT}other", "properties": {"parent": {"id": f"{MANAGEMENT}root"}}},
            {"id": SUB, "properties": {"parent": {"id": f"{MANAGEMENT}corp"}}},
            {"id": OTHER, "properties": {"parent": {"id": f"{MANAGEMENT}other"}}},
        ],
    },
}

patterns = st.lists(st.sampled_from(PATTERNS), max_size=2)


def entries(conditions: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    optional = {"condition": st.sampled_from(CONDITIONS)} if conditions else {}
    entry = st.fixed_dictionaries(
        {"actions": patterns, "notActions": patterns, "dataActions": patterns, "notDataActions": patterns},
        optional=optional,
    )
    return st.lists(entry, min_size=1, max_size=2)


def _principal(id: str) -> dict[str, str]:
    return {"id": id, "type": "Group" if id in GROUPS else "User"}


@st.composite
def assignments(draw: st.DrawFn, conditions: bool) -> dict[str, Any]:
    """A role assignment."""
    who, scope = draw(st.sampled_from((*PEOPLE, *GROUPS))), draw(st.sampled_from(SCOPES))
    body: dict[str, Any] = {
        "roleDefinitionId": f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{draw(st.sampled_from(ROLES))}",
        "principalId": who,
        "principalType": _principal(who)["type"],
        "scope": scope,
    }
    if conditions and draw(st.integers(0, 2)) == 0:
        body["condition"] = draw(st.sampled_from(CONDITIONS))
    name = draw(st.integers(0, 10**9))
    base = "" if scope == "/" else scope
    return {
        "kind": "role_assignment",
        "body": {"id": f"{base}/providers/Microsoft.Authorization/roleAssignments/{name}", "properties": body},
    }


@st.composite
def denials(draw: st.DrawFn, conditions: bool) -> dict[str, Any]:
    """A deny assignment."""
    everyone = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
    named = st.sampled_from((*PEOPLE, *GROUPS)).map(_principal)
    body = {
        "denyAssignmentName": "d",
        "permissions": draw(entries(conditions)),
        "scope": draw(st.sampled_from(SCOPES)),
        "doNotApplyToChildScopes": draw(st.booleans()),
        "principals": draw(st.one_of(st.just([everyone]), st.lists(named, min_size=1, max_size=2))),
        "excludePrincipals": draw(st.lists(named, max_size=2)),
    }
    return {"kind": "deny_assignment", "body": {"properties": body}}


@st.composite
def estates(draw: st.DrawFn, conditions: bool = True) -> list[dict[str, Any]]:
    """Documents: the tree, roles, members of every group, assignments, denials."""
    found: list[dict[str, Any]] = [TREE]
    for key in ROLES:
        permissions = draw(entries(conditions))
        body = {"name": key, "properties": {"roleName": key[-1], "type": "CustomRole", "permissions": permissions}}
        found.append({"kind": "role_definition", "body": body})
    for group in GROUPS:
        members = draw(st.lists(st.sampled_from((*PEOPLE, *GROUPS)), min_size=1, max_size=2, unique=True))
        for one in members:
            kind = "group" if one in GROUPS else "user"
            body = {"groupId": group, "id": one, "@odata.type": f"#microsoft.graph.{kind}"}
            found.append({"kind": "group_member", "body": body})
    found += draw(st.lists(assignments(conditions), min_size=1, max_size=4))
    found += draw(st.lists(denials(conditions), max_size=2))
    return found


questions = st.fixed_dictionaries(
    {
        "ask": st.just("can"),
        "principal": st.sampled_from(PEOPLE),
        "permission": st.sampled_from(OPERATIONS),
        "resource": st.sampled_from(RESOURCES),
        "mode": st.sampled_from(("open", "strict")),
    }
)
