"""What an estate does not know, beyond what a case can leave out: lists and policies that were not read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from leastwise.model.decision import State
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.directions import who_can
from leastwise.providers.entra.evaluate.estate import Estate
from leastwise.providers.entra.evaluate.explain import explain
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request
from leastwise.providers.entra.language.policy import Policy

READERS, USERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "fe930be7-5e62-47db-91af-98c3a49a38b1"


def user(id: str, type: str = "Member") -> dict[str, Any]:
    return {"kind": "user", "body": {"id": id, "userType": type, "accountEnabled": True}}


def assigned(principal: str, role: str) -> dict[str, Any]:
    body = {"principalId": principal, "roleDefinitionId": role, "directoryScopeId": "/"}
    return {"kind": "directory_role_assignment", "body": body}


def estate(*documents: dict[str, Any], policy: Policy | None = None, **told: Any) -> Estate:
    return replace(estate_of(documents, published()), policy=policy, **told)


def state(known: Estate, who: str, action: str, resource: str = "/") -> State:
    return explain(decide(request(known, who, f"microsoft.directory/{action}", resource))).state


@pytest.mark.parametrize(
    ("type", "action", "found"),
    [
        ("Member", "users/standard/read", State.UNKNOWN),
        ("Member", "groups/standard/read", State.ALLOWED),
        ("Member", "applications/createAsOwner", State.UNKNOWN),
        ("Member", "users/inviteGuest", State.UNKNOWN),
        ("Member", "users/create", State.DENIED),
        ("Guest", "groups/standard/read", State.UNKNOWN),
        ("Guest", "groups/standard/limitedRead", State.UNKNOWN),
        ("Guest", "users/create", State.DENIED),
    ],
)
def test_without_the_authorization_policy_what_it_decides_is_unknown(type: str, action: str, found: State) -> None:
    assert state(estate(user("ada", type)), "ada", action) is found


def test_a_role_does_not_need_the_policy_but_to_invite() -> None:
    known = estate(user("ada"), assigned("ada", USERS))
    assert state(known, "ada", "users/standard/read") is State.ALLOWED
    assert state(known, "ada", "users/inviteGuest") is State.UNKNOWN
    assert state(replace(known, policy=Policy(invites="none")), "ada", "users/inviteGuest") is State.DENIED


def test_assignments_that_were_not_read_may_give_anything_to_anybody() -> None:
    known = estate(user("ada"), user("bob"), assigned("bob", USERS), unread=("the role assignments of the tenant",))
    decided = explain(decide(request(known, "ada", "microsoft.directory/users/create", "/")))
    assert decided.state is State.UNKNOWN
    assert decided.missing == ("the role assignments of the tenant",)
    assert state(known, "bob", "users/create") is State.ALLOWED
    listed = who_can(request(known, "", "microsoft.directory/users/create", "/"))
    assert listed.missing == ("the role assignments of the tenant",)


def test_where_every_group_was_read_what_nothing_describes_is_none() -> None:
    known = estate(user("ada"), assigned("gone", USERS))
    assert state(known, "ada", "users/create") is State.UNKNOWN
    assert state(replace(known, all_groups=True), "ada", "users/create") is State.DENIED
    assert state(replace(known, all_groups=True), "gone", "users/create") is State.ALLOWED


def test_a_guest_at_a_unit_needs_the_policy_to_be_known() -> None:
    unit = {"kind": "administrative_unit", "body": {"id": "u", "members": [{"id": "bob"}]}}
    at = {"principalId": "ada", "roleDefinitionId": USERS, "directoryScopeId": "/administrativeUnits/u"}
    documents = (user("ada", "Guest"), user("bob"), unit, {"kind": "directory_role_assignment", "body": at})
    assert state(estate(*documents), "ada", "users/basic/update", "bob") is State.UNKNOWN
    assert state(estate(*documents, policy=Policy()), "ada", "users/basic/update", "bob") is State.DENIED
    reading = (*documents, assigned("ada", READERS))
    assert state(estate(*reading, policy=Policy()), "ada", "users/basic/update", "bob") is State.ALLOWED
