"""Shadows of a directory: what is told of lists that were not read, beside what is added."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.model.shadows import Shadows
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.exports import kinds

TENANT = "72f00000-0000-4000-8000-000000000000"


def shaded(*unread: str, **told: Any) -> Shadows:
    escalating = PROVIDER.escalating
    assert escalating is not None and escalating.estate is not None
    scopes, _ = escalating.estate({**told, "unread": unread})
    return escalating.shaded(scopes)[1]


def test_nothing_is_missing_where_all_was_read() -> None:
    found = shaded(users=["ann"], groups={"ops": {"assignable": True, "members": ["ann"]}}, apps={"erp": {}},
                   eligible=[["ops", "Reports Reader"]])  # fmt: skip
    assert found.missing == () and len(found.offered) == 2


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (kinds.USERS, "users"), (kinds.GROUPS, "groups"), (kinds.SERVICE_PRINCIPALS, "service principals"),
        (kinds.APPLICATIONS, "applications"),
    ],
)  # fmt: skip
def test_a_list_that_was_not_read_is_told(kind: str, what: str) -> None:
    assert shaded(kind, users=["ann"]).missing == (f"which {what} {TENANT} has",)


def test_members_of_an_eligible_group_are_told_as_missing_where_they_were_not_read() -> None:
    found = shaded(kinds.MEMBERS, users=["ann"], groups={"ops": {"assignable": True, "members": ["ann"]}},
                   eligible=[["ops", "Reports Reader"]])  # fmt: skip
    assert [who for who, _ in found.offered] == ["shadow:member:ops"]
    assert found.missing == ("who is in ops, whose members can activate what it is eligible for",)
