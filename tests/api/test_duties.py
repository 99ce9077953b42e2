"""The table of duties, and what sights see together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.app.duties import ALL, RIGHTS, WHOLE, Caller, Duty, Held, Right, Sight
from leastwise.errors import UsageError

PLACES = st.frozensets(st.sampled_from(["*", "aws:*", "gcp:*", "aws:1", "aws:2", "gcp:p", "azure:s"]))
SIGHTS = PLACES.map(Sight.of)
ACCOUNTS = [("aws", "1"), ("aws", "2"), ("aws", "3"), ("gcp", "p"), ("gcp", "q"), ("azure", "s"), ("okta", "o")]


@given(SIGHTS, SIGHTS)
def test_both_is_the_union_and_within_the_intersection(one, other):
    for account in ACCOUNTS:
        assert one.both(other).sees(*account) == (one.sees(*account) or other.sees(*account))
        assert one.within(other).sees(*account) == (one.sees(*account) and other.sees(*account))


@pytest.mark.parametrize("text", ["", "aws", "aws:", "aws:1*", "AWS:1", ":1", "**", "aws:1 2"])
def test_a_sight_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match="is none of"):
        Sight.of([text])


def test_every_duty_reads_and_only_some_change():
    assert all({Right.OWN, Right.SEE, Right.ASK} <= RIGHTS[duty] for duty in Duty)
    giving = {right: {duty for duty in Duty if right in RIGHTS[duty]} for right in Right}
    assert giving[Right.USERS] == giving[Right.SETTINGS] == giving[Right.COLLECT] == {Duty.ADMIN}
    assert giving[Right.APPROVE] == {Duty.APPROVER}
    assert giving[Right.AUDIT] == {Duty.ADMIN, Duty.AUDITOR}
    assert all(giving.values())


@pytest.mark.parametrize("right", sorted(WHOLE))
def test_who_administers_some_accounts_does_not_administer_the_server(right):
    some = Caller("ann", (Held(Duty.ADMIN, Sight.of(["aws:1"])), Held(Duty.AUDITOR, Sight.of(["aws:1"]))), "session")
    assert some.sight_for(right) is None
    assert some.sight_for(Right.SEE) == Sight.of(["aws:1"])


def test_a_duty_over_one_account_gives_its_rights_there_only():
    ann = Caller("ann", (Held(Duty.VIEWER, ALL), Held(Duty.ANALYST, Sight.of(["aws:1"]))), "session")
    assert ann.sight_for(Right.SEE) == ALL
    assert ann.sight_for(Right.MUTE) == Sight.of(["aws:1"])
    assert ann.sight_for(Right.APPROVE) is None


def test_a_token_has_at_most_what_its_owner_has():
    held = (Held(Duty.ANALYST, Sight.of(["aws:*"])),)
    token = Caller("ann", held, "token", scope=frozenset({Right.SEE, Right.USERS}), scope_sight=Sight.of(["aws:1"]))
    assert token.rights == (Right.ANYONE, Right.SEE)
    assert token.sight_for(Right.SEE) == Sight.of(["aws:1"])
