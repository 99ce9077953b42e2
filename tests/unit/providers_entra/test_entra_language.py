"""Actions and their inclusion, requests to Graph, expressions of flexible federated credentials, points in time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.entra.language.actions import ActionError, parse_action
from leastwise.providers.entra.language.assignments import moment
from leastwise.providers.entra.language.requests import RequestError, action_of, is_request, parse_request
from leastwise.providers.fields import FieldError
from leastwise.providers.microsoft.claims import ClaimsError, parse_claims

ENTITIES = st.sampled_from(["users", "groups", "groups.unified", "groups.unified.assignedmembership", "allentities"])
PROPERTIES = st.lists(st.sampled_from(["standard", "basic", "members", "allproperties", "password"]), max_size=2)
VERBS = st.sampled_from(["read", "limitedread", "update", "create", "delete", "alltasks"])
ACTIONS = st.builds(
    lambda entity, properties, verb: parse_action("/".join(("microsoft.directory", entity, *properties, verb))),
    ENTITIES, PROPERTIES, VERBS,
)  # fmt: skip


@given(ACTIONS)
def test_an_action_includes_itself(one: object) -> None:
    assert one.includes(one)  # type: ignore[attr-defined]


@given(ACTIONS, ACTIONS, ACTIONS)
def test_inclusion_goes_on(a: object, b: object, c: object) -> None:
    if a.includes(b) and b.includes(c):  # type: ignore[attr-defined]
        assert a.includes(c)  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "users", "microsoft.directory/users", "microsoft.directory//read", "a/b/"])
def test_what_is_no_action_is_refused(text: str) -> None:
    with pytest.raises(ActionError):
        parse_action(text)


@pytest.mark.parametrize(
    ("text", "canonical", "named"),
    [
        ("get /users", "GET /users", ""),
        ("HEAD /users/", "GET /users", ""),
        ("PATCH /Users/{user-id}", "PATCH /users/{id}", ""),
        ("GET https://graph.microsoft.com/beta/me?$select=id", "GET /me", ""),
        ("GET /v1.0/users/11111111-AAAA-4000-8000-000000000001/messages", "GET /users/{id}/messages",
         "11111111-aaaa-4000-8000-000000000001"),
        ("POST /groups/{id}/members/$ref", "POST /groups/{id}/members", ""),
        ("GET /users/$count", "GET /users", ""),
        ("GET /users/ada@contoso.example/manager", "GET /users/{id}/manager", ""),
        ("GET /applications(appId='11111111-aaaa-4000-8000-000000000001')", "GET /applications(appid={value})", ""),
    ],
)  # fmt: skip
def test_a_request_has_one_form(text: str, canonical: str, named: str) -> None:
    assert is_request(text)
    request = parse_request(text)
    assert (str(request), request.named) == (canonical, named)


@pytest.mark.parametrize("text", ["users", "GET", "GET /", "FETCH /users", "GET https://graph.microsoft.com/v1.0"])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        parse_request(text)


@pytest.mark.parametrize(
    ("request_", "action"),
    [
        ("GET /users", "users/standard/read"),
        ("GET /users/delta", "users/standard/read"),
        ("GET /users/{id}", "users/standard/read"),
        ("POST /users", "users/create"),
        ("POST /users/{id}", None),
        ("PATCH /users/{id}", "users/basic/update"),
        ("DELETE /users/{id}", "users/delete"),
        ("GET /me", "users/standard/read"),
        ("GET /me/memberOf", "users/memberOf/read"),
        ("GET /me/messages", None),
        ("GET /me/contacts", None),
        ("GET /contacts", "contacts/standard/read"),
        ("POST /users/{id}/revokeSignInSessions", "users/invalidateAllRefreshTokens"),
        ("POST /users/{id}/authentication/methods/{id}/resetPassword", "users/password/update"),
        ("GET /users/{id}/authentication/methods", "users/authenticationMethods/standard/restrictedRead"),
        ("DELETE /users/{id}/authentication/phoneMethods/{id}", "users/authenticationMethods/delete"),
        ("POST /groups/{id}/owners", "groups/owners/update"),
        ("DELETE /groups/{id}/members/{id}", "groups/members/update"),
        ("POST /applications/{id}/federatedIdentityCredentials", "applications/credentials/update"),
        ("GET /applications/{id}/federatedIdentityCredentials", None),
        ("POST /servicePrincipals/{id}/addKey", "servicePrincipals/credentials/update"),
        ("POST /oauth2PermissionGrants", "oAuth2PermissionGrants/allProperties/allTasks"),
        ("POST /directoryRoles/{id}/members", "directoryRoles/allProperties/allTasks"),
        ("GET /roleManagement/directory/roleAssignments", "roleAssignments/standard/read"),
        ("GET /identity/conditionalAccess/policies", "conditionalAccessPolicies/standard/read"),
        ("GET /auditLogs/directoryAudits", "auditLogs/allProperties/read"),
        ("POST /users/{id}/getMemberGroups", "users/memberOf/read"),
        ("POST /applications(appId='x')/addPassword", "applications/credentials/update"),
        ("GET /sites/{id}", None),
        ("GET /teams/{id}", None),
    ],
)
def test_a_request_is_an_action_of_the_directory(request_: str, action: str | None) -> None:
    assert action_of(parse_request(request_)) == action


def test_an_expression_wants_claims() -> None:
    found = parse_claims("claims['sub'] matches 'repo:contoso/*:ref:*' and claims['job'] eq 'a.b'")
    assert [str(one) for one in found] == ["claims['sub'] matches 'repo:contoso/*:ref:*'", "claims['job'] eq 'a.b'"]
    assert found[0].met("repo:contoso/x:ref:y")
    assert not found[0].met("xrepo:contoso/x:ref:y")
    assert found[1].met("a.b")
    assert not found[1].met("aXb")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "character 1"),
        ("sub eq 'x'", "character 1"),
        ("claims['sub'] eq 'x' or claims['a'] eq 'b'", "'and' is expected at character 22"),
        ("claims['sub'] eq 'x' and", "character 22"),
    ],
)
def test_an_expression_that_is_none_is_refused(text: str, cause: str) -> None:
    with pytest.raises(ClaimsError, match=cause):
        parse_claims(text)


def test_times_are_of_utc() -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert moment("2026-11-22T12:00:00Z") == moment("2026-11-22T12:00:00") == moment("2026-11-22T14:00:00+02:00") == at


@pytest.mark.parametrize("text", ["soon", "", "2026-02-30", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(FieldError):
        moment(text)
