"""Our own cases from Entra's pages: each is answered as its page says, and alike in all three directions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asking_support import bad_of_any, cases_of

from leastwise.model.conformance import CaseError, CaseResult
from leastwise.model.decision import State
from leastwise.providers.entra.conform.ask import request_of, run
from leastwise.providers.entra.conform.bulk import Bulk
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.estate import Estate
from leastwise.providers.entra.evaluate.explain import explain

FOLDER = Path(__file__).resolve().parents[1] / "cases" / "entra"
ROWS = {
    # What research on Entra ID found to decide access, point by point: assignments, definitions, permissions,
    "role-assignment", "role-definition", "unknown-role", "unknown-principal", "keywords", "unknown-permission",
    "inheritance", "role-condition", "hidden-roles", "what-can",
    # scopes and units,
    "scope-object", "scope-app", "about", "undescribed-object", "subtypes", "unit-scope", "unit-groups", "unit-unread",
    "unit-stricter", "unit-readers", "restricted-unit",
    # groups,
    "role-assignable", "nesting", "unread-groups", "dynamic-groups", "app-role-groups",
    # whom administrators may act upon,
    "reset-matrix", "sensitive-matrix",
    # privileged identity management,
    "eligible", "activated", "time-bound", "duplicates", "pim-groups", "licence",
    # what nobody was given,
    "owners", "app-lock", "defaults", "authorization-policy", "guests", "invitations", "consent", "disabled",
    # apps,
    "app-role", "required-access", "delegated", "assignment-required", "intersection", "graph-request", "owned-by",
    "other-systems", "multi-tenant", "app-admins", "federated", "conditional-access",
}  # fmt: skip
"""Every row has a case; a case names its rows as features."""


CASES = cases_of(FOLDER)


@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_a_case(case: Mapping[str, Any]) -> None:
    verdict = run(case, FOLDER)
    assert verdict.result is CaseResult.PASSED, (
        f"{verdict.got}, not {verdict.expected}: {verdict.note} ({case['page']})"
    )


def test_there_are_enough_of_them_each_with_its_page() -> None:
    assert len(CASES) >= 460
    assert len({one["id"] for one in CASES}) == len(CASES)
    for one in CASES:
        assert one["page"].startswith("https://learn.microsoft.com/"), one["id"]
        assert one["note"].endswith("."), one["id"]
        assert one["confidence"] in ("documented", "contested"), one["id"]
        assert one["features"], one["id"]


def test_every_row_has_a_case_and_every_case_a_row() -> None:
    assert {feature for one in CASES for feature in one["features"]} == ROWS


def test_every_direction_and_every_state_is_asked() -> None:
    seen = {(one["question"]["ask"], one["expected"]["state"]) for one in CASES}
    assert {("can", str(state)) for state in State} <= seen
    assert {("who_can", "ALLOWED"), ("who_can", "DENIED"), ("who_can", "UNKNOWN")} <= seen
    assert {("what_can", "ALLOWED"), ("what_can", "DENIED"), ("what_can", "UNKNOWN")} <= seen


@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_what_is_unknown_is_named(case: Mapping[str, Any]) -> None:
    if case["expected"]["state"] != "UNKNOWN" or case["question"]["ask"] != "can":
        return
    decided = explain(decide(request_of(case, case["question"])))
    assert decided.missing and all(decided.missing)


SAID = ("assignments/tenant", "outside/role-who", "outside/app-role-what", "outside/lent-alone")


@pytest.mark.parametrize("id", SAID)
def test_a_bulk_engine_that_says_another_thing_fails_the_case(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Bulk(Estate())
    monkeypatch.setattr(Bulk, "__init__", lambda self, estate: self.__dict__.update(vars(empty)))
    verdict = run(one(id), FOLDER)
    # Of a permission that nobody has both say nothing, and agree.
    agrees = id == "outside/lent-alone"
    assert verdict.result is (CaseResult.PASSED if agrees else CaseResult.FAILED)
    assert agrees or "bulk" in verdict.note


def one(id: str) -> dict[str, Any]:
    return next(case for case in CASES if case["id"] == id)


ADA = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("assignments/tenant", f"User Administrator, assigned to {ADA} at the tenant, gives it (microsoft.directory"),
        ("assignments/unknown-role", "the role definition f0f0f0f0"),
        ("units/outside", "at administrative unit eeeeeeee-0000-4000-8000-000000000001, does not give it"),
        ("units/outside", "is not in its scope"),
        ("restricted/global", "is in a restricted administrative unit"),
        ("passwords/two-roles", "is protected from it"),
        ("time/eligible", "is eligible, and not active: it gives this once it is activated"),
        ("time/bound-ended", "it does not hold at that time"),
        ("time/eligible-activated", "activated until 2026-12-31"),
        ("owners/application-credentials", f"{ADA} is an owner of dddddddd"),
        ("defaults/read-users", f"{ADA} has it as every user has"),
        ("disabled/user", f"{ADA} is disabled, and gets no token while it is"),
        ("apps/granted", "the app role User.Read.All of bbbbbbbb"),
        ("apps/multi-tenant", "is registered in tenant 99999999-0000-4000-8000-000000000001, and whoever controls"),
        ("outside/first-party", "is registered elsewhere, and whoever controls it there acts as it here (Microsoft)"),
        ("outside/owner-untold", "is registered elsewhere, and whoever controls it there acts as it here"),
        ("delegated/one-user", f"for {ADA} has mail.read"),
        ("delegated/everybody", "for every user has mail.read"),
        ("requests/delegated-other-mail", "by the roles of Exchange"),
        ("exchange/same", "the federated credential for https://token.actions.githubusercontent.com"),
        ("scopes/dynamic", "has rules or locks of its own"),
        ("units/not-read", "the members of administrative unit eeeeeeee"),
        ("groups/unread", "the members of group group 2 (cccccccc"),
    ],
)  # fmt: skip
def test_an_answer_says_why(id: str, words: str) -> None:
    case = one(id)
    other = "ALLOWED" if case["expected"]["state"] != "ALLOWED" else "DENIED"
    assert words in run({**case, "expected": {"state": other}}, FOLDER).note


@pytest.mark.parametrize(
    ("id", "residual"),
    [
        ("exchange/audience-open", ["in audience = api://AzureADTokenExchange"]),
        ("exchange/flexible-claims", ["matches claims['job_workflow_ref'] = contoso/*"]),
    ],
)
def test_what_is_left_open_is_told(id: str, residual: list[str]) -> None:
    case = one(id)
    decided = explain(decide(request_of(case, case["question"])))
    assert decided.state is State.CONDITIONAL
    assert decided.residual is not None
    assert [str(needed) for clause in decided.residual for needed in clause] == residual


@pytest.mark.parametrize(
    ("id", "links"),
    [
        ("groups/member", ["group"]),
        ("groups/at-unit", ["group", "scope"]),
        ("units/member", ["scope"]),
        ("assignments/tenant", []),
        ("apps/group", ["group"]),
    ],
)
def test_the_chain_tells_groups_and_units(id: str, links: list[str]) -> None:
    case = one(id)
    decided = explain(decide(request_of(case, case["question"])))
    assert [link.kind for link in decided.chain] == links


GIVEN: dict[str, Any] = {
    "ask": "can",
    "principal": ADA,
    "permission": "microsoft.directory/users/create",
    "resource": "/",
}


def documents(kind: str, body: object) -> dict[str, Any]:
    return {"documents": [{"kind": kind, "body": body}]}


BAD: dict[str, tuple[dict[str, Any], str]] = {
    **bad_of_any("user", GIVEN),
    "no principal": ({"question": {**GIVEN, "principal": None}}, "question.principal: is missing"),
    "no permission": ({"question": {**GIVEN, "permission": 3}}, "question.permission: must be a text"),
    "no action": (
        {"question": {**GIVEN, "permission": "microsoft.directory/users"}},
        "question.permission: 'microsoft.directory/users' is no action (namespace/entity/propertySet/action)",
    ),
    "no request": (
        {"question": {**GIVEN, "permission": "GET /"}},
        "question.permission: 'GET /' names nothing (METHOD /path)",
    ),
    "no resource": ({"question": {**GIVEN, "resource": ""}}, "question.resource: is missing"),
    "a context that is none": ({"question": {**GIVEN, "context": ["x"]}}, "question.context: must be an object"),
    "a key that is none": (
        {"question": {**GIVEN, "context": {"time": "x"}}},
        "question.context: 'time' is none of now, onBehalfOf, audience",
    ),
    "a value that is none": (
        {"question": {**GIVEN, "context": {"now": 1}}},
        "question.context.now: must be a text",
    ),
    "a time that is none": (
        {"question": {**GIVEN, "context": {"now": "noon"}}},
        "question.context.now: 'noon' is no point in time",
    ),
    "a user without an id": (documents("user", {}), "documents/0: user: id is missing"),
    "a flag that is none": (
        documents("user", {"id": "a", "accountEnabled": "yes"}),
        "documents/0: user: accountEnabled must be true or false",
    ),
    "types that are none": (
        documents("group", {"id": "g", "groupTypes": "Unified"}),
        "documents/0: group: groupTypes must be a list of texts",
    ),
    "a member of no group": (documents("group_member", {"id": ADA}), "documents/0: group_member: groupId is missing"),
    "an owner of nothing": (documents("owner", {"id": ADA}), "documents/0: owner: resourceId is missing"),
    "an assignment of no role": (
        documents("directory_role_assignment", {"principalId": ADA, "directoryScopeId": "/"}),
        "documents/0: directory_role_assignment: roleDefinitionId is missing",
    ),
    "an assignment to nobody": (
        documents("directory_role_assignment", {"roleDefinitionId": "r", "directoryScopeId": "/"}),
        "documents/0: directory_role_assignment: principalId is missing",
    ),
    "an assignment nowhere": (
        documents("directory_role_assignment", {"roleDefinitionId": "r", "principalId": ADA}),
        "documents/0: directory_role_assignment: directoryScopeId is missing",
    ),
    "an end that is none": (
        documents(
            "role_assignment_schedule",
            {"roleDefinitionId": "r", "principalId": ADA, "directoryScopeId": "/", "endDateTime": "never"},
        ),
        "documents/0: role_assignment_schedule: 'never' is no point in time",
    ),
    "an access that is none": (
        documents("role_eligibility_schedule", {"groupId": "g", "principalId": ADA, "accessId": "guest"}),
        "documents/0: role_eligibility_schedule: accessId 'guest' is neither member nor owner",
    ),
    "an action that is none": (
        documents("directory_role_definition", {"id": "r", "rolePermissions": [{"allowedResourceActions": ["users"]}]}),
        "documents/0: directory_role_definition: rolePermissions/0: 'users' is no action",
    ),
    "permissions that are none": (
        documents("directory_role_definition", {"id": "r", "rolePermissions": {}}),
        "documents/0: directory_role_definition: rolePermissions must be a list of objects",
    ),
    "a unit without an id": (documents("administrative_unit", {}), "documents/0: administrative_unit: id is missing"),
    "a member of no unit": (
        documents("administrative_unit_member", {"id": ADA}),
        "documents/0: administrative_unit_member: administrativeUnitId is missing",
    ),
    "an app role of nobody": (
        documents("app_role_assignment", {"resourceId": "s", "appRoleId": "r"}),
        "documents/0: app_role_assignment: principalId is missing",
    ),
    "a grant of no type": (
        documents("oauth2_permission_grant", {"clientId": "c", "resourceId": "s"}),
        "documents/0: oauth2_permission_grant: consentType '' is neither AllPrincipals nor Principal",
    ),
    "a grant for no user": (
        documents("oauth2_permission_grant", {"clientId": "c", "resourceId": "s", "consentType": "Principal"}),
        "documents/0: oauth2_permission_grant: principalId is missing",
    ),
    "a credential of nobody": (
        documents("federated_identity_credential", {"issuer": "i", "subject": "s"}),
        "documents/0: federated_identity_credential: applicationId is missing",
    ),
    "a credential for nobody": (
        documents("federated_identity_credential", {"applicationId": "a", "issuer": "i"}),
        "documents/0: federated_identity_credential: subject is missing",
    ),
    "invitations from nowhere": (
        documents("authorization_policy", {"allowInvitesFrom": "friends"}),
        "documents/0: authorization_policy: allowInvitesFrom 'friends' is none of none, ",
    ),
    "a lock that is none": (
        documents("application", {"id": "a", "servicePrincipalLockConfiguration": 1}),
        "documents/0: application: servicePrincipalLockConfiguration must be an object",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_case_is_named(name: str) -> None:
    change, cause = BAD[name]
    case = {"documents": [], "question": GIVEN, "expected": {"state": "DENIED"}, **change}
    with pytest.raises(CaseError) as error:
        run(case, FOLDER)
    assert str(error.value).startswith(cause)
