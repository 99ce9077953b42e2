"""Our own cases from Azure's pages: each is answered as its page says, and alike in all three directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from asking_support import Suite, bad_of_any

from leastwise.model.conformance import CaseResult
from leastwise.model.decision import State
from leastwise.providers.azure import catalog
from leastwise.providers.azure.conform.ask import request_of, run, run_with
from leastwise.providers.azure.conform.documents import Published
from leastwise.providers.azure.evaluate.decide import decide
from leastwise.providers.azure.evaluate.explain import explain
from leastwise.providers.azure.language.roles import parse_role

SUITE = Suite("azure", run)
PUBLISHED = Published(catalog.role, catalog.planes, catalog.every)
ROWS = {
    # What research on Azure found to decide access, point by point: the order of evaluation,
    "step-groups", "step-scope", "deny-first", "additive", "subtraction", "step-conditions",
    # operations, roles, scopes,
    "action-format", "matching", "dirty-data", "not-actions", "planes", "several-entries", "definition-condition",
    "scope-inheritance", "management-groups", "role-id", "ids", "custom-roles", "editing-custom-roles",
    "unknown-operations", "nested-groups", "unread-groups",
    # deny assignments,
    "deny-fields", "deny-everyone", "deny-excluded", "deny-not-actions", "deny-child-scopes", "deny-effect",
    "deny-condition",
    # what stands beside roles,
    "elevate-access", "entra-roles", "classic-administrators", "managed-identities", "locks", "azure-policy",
    "lighthouse", "second-systems", "orphaned",
    # conditions,
    "cond-format", "cond-sources", "cond-functions", "cond-logical", "cond-comparison", "cond-sets", "cond-like",
    "cond-tags", "cond-join", "suboperations", "where-usable", "built-in-conditions", "delegation", "unknown-attribute",
    "absent", "solved", "told-by-id", "bad-condition",
    # privileged identity management,
    "eligible", "schedules", "activated-duplicates", "time-bound", "pim-groups", "licence",
    # and how questions are asked.
    "lists", "modes",
}  # fmt: skip
"""Every row has a case; a case names its rows as features."""


CASES = SUITE.cases


@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_a_case(case: Mapping[str, Any]) -> None:
    SUITE.passes(case)


def test_there_are_enough_of_them_each_with_its_page() -> None:
    SUITE.is_documented(450, "https://learn.microsoft.com/")


def test_every_row_has_a_case_and_every_case_a_row() -> None:
    SUITE.covers(ROWS)


def test_every_direction_and_every_state_is_asked() -> None:
    SUITE.asks_everything()


@pytest.mark.parametrize("case", CASES[::7], ids=[one["id"] for one in CASES[::7]])
def test_the_order_of_documents_does_not_matter(case: Mapping[str, Any]) -> None:
    turned = {**case, "documents": list(reversed(case["documents"]))}
    assert run(turned, SUITE.folder).result is CaseResult.PASSED


@pytest.mark.parametrize(
    ("id", "wrong"),
    [
        ("scopes/resource-group", {"state": "DENIED"}),
        ("scopes/rg1-rg10", {"state": "UNKNOWN"}),
        ("lists/who-can", {"state": "ALLOWED", "principals": ["aaaaaaaa-0000-4000-8000-000000000001"]}),
        ("lists/what-can", {"state": "ALLOWED", "permissions": ["Microsoft.Compute/virtualMachines/read"]}),
        ("conditions/not-known", {"state": "ALLOWED"}),
        ("roles/unknown-role", {"state": "DENIED"}),
    ],
)
def test_another_answer_fails(id: str, wrong: Mapping[str, Any]) -> None:
    SUITE.fails(id, wrong)


ADA = "aaaaaaaa-0000-4000-8000-000000000001"
SUB = "/subscriptions/11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("roles/built-in", f"Reader, assigned to {ADA} at {SUB}, gives it"),
        ("roles/built-in", "(entry 1: */read)"),
        ("roles/contributor-no-access", "Contributor, assigned to"),
        ("roles/contributor-no-access", "the operation is excluded"),
        ("roles/nothing", "no role assignment gives microsoft.compute/virtualmachines/read"),
        ("roles/unknown-role", "the role definition 12345678-0000-4000-8000-00000000beef"),
        ("roles/disabled", "is disabled, and gets no token"),
        ("roles/lock-beside", "the lock keep (CanNotDelete)"),
        ("roles/orphan-unknown-type", "whether aaaaaaaa-0000-4000-8000-000000000003 is a group"),
        ("scopes/root", "the whole tenant: elevated access"),
        ("management-groups/absent-subscription", "whether management group corp is above /subscriptions/1111"),
        ("groups/unread", "the members of group cccccccc-0000-4000-8000-000000000001"),
        ("deny/everyone", f"deny assignment guard at {SUB}, made by Azure"),
        ("deny/audit", "only audits it"),
        ("deny/effect-unknown", "'simulate'"),
        ("conditions/true", "under the condition"),
        ("conditions/not-known", "gives it under a condition"),
        ("conditions/mixed", "AND and OR stand beside each other without parentheses"),
        ("conditions/bad-unclosed", "letter"),
        ("definition-conditions/own-entry", "under the condition"),
        ("eligible/not-active", "is eligible, and not active"),
        ("eligible/activated-instance", "activated until 2026-11-22T18:00:00Z"),
        ("delegation/roles-open", "may assign Backup Contributor (5e467623-bb1f-42f4-a55d-6e525e11384b) or"),
        ("delegation/roles-open", "Backup Reader (a795c7a0-d4a2-40c1-ae25-d81f01202912) to any principal"),
        ("delegation/roles-one", "may assign Backup Reader (a795c7a0-d4a2-40c1-ae25-d81f01202912) to any principal"),
        ("delegation/roles-whole-id", "may assign Backup Reader (a795c7a0-d4a2-40c1-ae25-d81f01202912) to any"),
        ("delegation/roles-delete-open", "may remove the assignment of Backup Contributor"),
        ("delegation/types-open", "to any principal of type Group or User"),
        ("delegation/all-but-open", "may assign any role but User Access Administrator ("),
        ("definition-conditions/owner-unconditional", "may assign any role to any principal"),
        ("other-systems/cosmos", "the roles of Cosmos DB in /subscriptions/"),
        ("other-systems/access-control-lists", "the access control lists in /subscriptions/"),
        ("other-systems/keys-told", "the keys of the account, which it may list"),
        ("other-systems/vault-policies-role", "decides by its own access policies"),
    ],
)  # fmt: skip
def test_an_answer_says_why(id: str, words: str) -> None:
    SUITE.says(id, words)


def test_an_assignment_without_a_role_tells_nothing_of_others() -> None:
    case = SUITE.one("delegation/all-but-open")
    for mode, told in (("open", True), ("strict", False)):
        question = {**case["question"], "mode": mode}
        decided = explain(decide(request_of(case, question, PUBLISHED)))
        assert any(reason.layer == "delegation" for reason in decided.reasons) is told, mode
    owner = SUITE.one("definition-conditions/owner-unconditional")
    decided = explain(decide(request_of(owner, {**owner["question"], "mode": "strict"}, PUBLISHED)))
    assert decided.state is State.ALLOWED
    assert not [reason for reason in decided.reasons if reason.layer == "delegation"]


@pytest.mark.parametrize(
    ("id", "residual"),
    [
        (
            "conditions/not-known",
            "StringEquals @Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/"
            "tags:Project<$key_case_sensitive$>] = Cascade",
        ),
        (
            "conditions/implied",
            "StringEquals @Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] = a",
        ),
        ("conditions/exists-open", "Exists @Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:"),
        ("conditions/environment-private-link", "BoolEquals @Environment[isPrivateLink] = true"),
        (
            "delegation/roles-open",
            "ForAnyOfAnyValues:GuidEquals @Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] = "
            "5e467623-bb1f-42f4-a55d-6e525e11384b, a795c7a0-d4a2-40c1-ae25-d81f01202912",
        ),
    ],
)
def test_what_is_left_open_is_told(id: str, residual: str) -> None:
    case = SUITE.one(id)
    decided = explain(decide(request_of(case, case["question"], PUBLISHED)))
    assert decided.residual is not None
    (clause,) = decided.residual
    assert str(clause[0]).startswith(residual)


@pytest.mark.parametrize(
    ("id", "links"),
    [
        ("groups/nested-thrice", ["group", "group", "group", "scope"]),
        ("groups/member", ["group", "scope"]),
        ("scopes/resource-group", ["scope"]),
        ("scopes/resource", []),
    ],
)
def test_the_chain_tells_groups_and_scopes(id: str, links: list[str]) -> None:
    case = SUITE.one(id)
    decided = explain(decide(request_of(case, case["question"], PUBLISHED)))
    assert [link.kind for link in decided.chain] == links


def test_built_in_roles_can_be_others() -> None:
    case = SUITE.one("roles/unknown-role")
    role = parse_role({"name": "x", "permissions": [{"actions": ["*"]}]})
    other = Published(lambda key: role, catalog.planes, catalog.every)
    assert run_with({**case, "expected": {"state": "ALLOWED"}}, other).result is CaseResult.PASSED


GIVEN: dict[str, Any] = {
    "ask": "can",
    "principal": ADA,
    "permission": "Microsoft.Resources/subscriptions/read",
    "resource": SUB,
}
ASSIGNED: dict[str, Any] = {"roleDefinitionId": "r", "principalId": ADA, "scope": SUB}


def documents(kind: str, body: object) -> dict[str, Any]:
    return {"documents": [{"kind": kind, "body": body}]}


BAD: dict[str, tuple[dict[str, Any], str]] = {
    **bad_of_any("role_definition", GIVEN),
    "no principal": ({"question": {**GIVEN, "principal": None}}, "question.principal: is missing"),
    "no permission": ({"question": {**GIVEN, "permission": 3}}, "question.permission: must be a text"),
    "a pattern": (
        {"question": {**GIVEN, "permission": "*/read"}},
        "question.permission: '*/read' is a pattern, and not one operation",
    ),
    "no resource": ({"question": {**GIVEN, "resource": ""}}, "question.resource: is missing"),
    "no id": (
        {"question": {**GIVEN, "resource": "vm1"}},
        "question.resource: 'vm1' is no id of Azure Resource Manager (it begins with a slash)",
    ),
    "an empty segment": (
        {"question": {**GIVEN, "resource": "/subscriptions//x"}},
        "question.resource: '/subscriptions//x' is no id of Azure Resource Manager (a segment is empty)",
    ),
    "no such plane": (
        {"question": {**GIVEN, "plane": "management"}},
        "question.plane: 'management' is neither control nor data",
    ),
    "a context that is none": ({"question": {**GIVEN, "context": ["x"]}}, "question.context: must be an object"),
    "an attribute that is none": (
        {"question": {**GIVEN, "context": {"UtcNow": "x"}}},
        "question.context: 'UtcNow' is no attribute as conditions write it, nor subOperation",
    ),
    "a source that is none": (
        {"question": {**GIVEN, "context": {"@Context[x]": "x"}}},
        "question.context: '@Context[x]' is no attribute",
    ),
    "a value that is none": (
        {"question": {**GIVEN, "context": {"@Request[x]": {"a": 1}}}},
        "question.context.@Request[x]: must be a text, a whole number, true or false, or a list of them",
    ),
    "a role without a name": (documents("role_definition", {}), "documents/0: role_definition: name is missing"),
    "a role without permissions": (
        documents("role_definition", {"name": "x"}),
        "documents/0: role_definition: permissions is missing",
    ),
    "permissions that are none": (
        documents("role_definition", {"name": "x", "permissions": {}}),
        "documents/0: role_definition: permissions must be a list of objects",
    ),
    "actions that are none": (
        documents("role_definition", {"name": "x", "permissions": [{"actions": "*"}]}),
        "documents/0: role_definition: actions must be a list of texts",
    ),
    "a condition that is no text": (
        documents("role_definition", {"name": "x", "permissions": [{"actions": [], "condition": 1}]}),
        "documents/0: role_definition: condition must be a text",
    ),
    "an assignment of no role": (
        documents("role_assignment", {"properties": {**ASSIGNED, "roleDefinitionId": None}}),
        "documents/0: role_assignment: roleDefinitionId is missing",
    ),
    "an assignment to nobody": (
        documents("role_assignment", {"properties": {**ASSIGNED, "principalId": ""}}),
        "documents/0: role_assignment: principalId is missing",
    ),
    "an assignment nowhere": (
        documents("role_assignment", {"properties": {**ASSIGNED, "scope": None}}),
        "documents/0: role_assignment: scope is missing",
    ),
    "an assignment of another id": (
        documents("role_assignment", {"id": SUB, "properties": {**ASSIGNED, "scope": None}}),
        f"documents/0: role_assignment: '{SUB}' is no id of roleAssignments",
    ),
    "a scope that is none": (
        documents("role_assignment", {"properties": {**ASSIGNED, "scope": "subscriptions/1"}}),
        "documents/0: role_assignment: 'subscriptions/1' is no id of Azure Resource Manager",
    ),
    "a denial of nobody": (
        documents("deny_assignment", {"properties": {"permissions": [], "scope": SUB}}),
        "documents/0: deny_assignment: principals is missing",
    ),
    "a denial of nothing": (
        documents("deny_assignment", {"properties": {"principals": [], "scope": SUB}}),
        "documents/0: deny_assignment: permissions is missing",
    ),
    "a principal without an id": (
        documents("deny_assignment", {"properties": {"principals": [{}], "permissions": [], "scope": SUB}}),
        "documents/0: deny_assignment: principals/0: id is missing",
    ),
    "a principal that is none": (
        documents("deny_assignment", {"properties": {"principals": [1], "permissions": [], "scope": SUB}}),
        "documents/0: deny_assignment: principals/0 must be an object with an id",
    ),
    "principals that are none": (
        documents("deny_assignment", {"properties": {"principals": {}, "permissions": [], "scope": SUB}}),
        "documents/0: deny_assignment: principals must be a list",
    ),
    "neither true nor false": (
        documents(
            "deny_assignment",
            {"properties": {"principals": [], "permissions": [], "scope": SUB, "doNotApplyToChildScopes": "no"}},
        ),
        "documents/0: deny_assignment: doNotApplyToChildScopes must be true or false",
    ),
    "a tree that is none": (
        documents("management_group", {"count": 0}),
        "documents/0: management_group: value must be a list of objects",
    ),
    "an entity that is none": (
        documents("management_group", {"value": [{"id": "/providers/Microsoft.Compute"}]}),
        "documents/0: management_group: value/0: id /providers/Microsoft.Compute is none of a management group or",
    ),
    "a parent that is none": (
        documents("management_group", {"value": [{"id": SUB, "properties": {"parent": {"id": SUB}}}]}),
        f"documents/0: management_group: value/0: parent {SUB} is no management group",
    ),
    "a parent that is a text": (
        documents("management_group", {"value": [{"id": SUB, "properties": {"parent": SUB}}]}),
        "documents/0: management_group: value/0: parent must be an object",
    ),
    "an eligibility without a role": (
        documents("role_eligibility_schedule", {"properties": {"principalId": ADA, "scope": SUB}}),
        "documents/0: role_eligibility_schedule: roleDefinitionId is missing",
    ),
    "a user without an id": (documents("user", {}), "documents/0: user: id is missing"),
    "a member of no group": (documents("group_member", {"id": ADA}), "documents/0: group_member: groupId is missing"),
    "a group's members that are none": (
        documents("group", {"id": "g", "members": ["x"]}),
        "documents/0: group: members must be a list of objects",
    ),
    "a resource without an id": (documents("resource", {"name": "x"}), "documents/0: resource: id is missing"),
    "a lock without a level": (
        documents("resource", {"id": f"{SUB}/providers/Microsoft.Authorization/locks/l"}),
        "documents/0: resource: level is missing",
    ),
    "an access policy of nobody": (
        documents(
            "resource",
            {
                "id": f"{SUB}/resourceGroups/r/providers/Microsoft.KeyVault/vaults/v",
                "properties": {"enableRbacAuthorization": False, "accessPolicies": [{}]},
            },
        ),
        "documents/0: resource: objectId is missing",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_case_is_named(name: str) -> None:
    change, cause = BAD[name]
    case = {"documents": [], "question": GIVEN, "expected": {"state": "DENIED"}, **change}
    SUITE.refuses(case, cause)
