"""Principals whose policies change alike are decided together only as far as no resource tells them apart."""

from __future__ import annotations

import pytest
from changes_support import ASSUME, GET, IS_ANN, NAMED_ANN, NOT_RED, RED, THROUGH_A, changes, check, touching
from estate_names import ANN, BOB, BUCKET, CY, INSIDE, OBJECT, POINT, TAGS, WHOLE, A, B, Json, by
from two_estates import allow, deny, estate, guard, laid, organization, people, role, through, trusting, twins, user

from leastwise.model.decision import State

APP = by("app", kind="role")


def both(*statements: Json) -> Json:
    return people(*twins(*statements))


@pytest.mark.parametrize("when", [IS_ANN, RED, NAMED_ANN], ids=["ARN", "tag", "name"])
@pytest.mark.parametrize("back", [False, True])
def test_a_bucket_lets_one_of_two_in_by_what_it_asks(when: Json, back: bool) -> None:
    lying = laid(BUCKET, allow(GET, f"{BUCKET}/*", when, Principal="*"))
    sides = [estate(both(allow(GET)), lying), estate(both(), lying)]
    old, new = sides[::-1] if back else sides
    assert check(old, new, ANN, GET, OBJECT) == (State.ALLOWED, State.ALLOWED)
    states = (State.ALLOWED, State.DENIED)
    assert check(old, new, BOB, GET, OBJECT) == (states[::-1] if back else states)


@pytest.mark.parametrize("first", ["ann", "bob"])
def test_whoever_is_looked_at_first(first: str) -> None:
    """The first of a group answers for it, whichever it is."""
    when = {"ArnEquals": {"aws:PrincipalArn": by(first)}}
    lying = laid(BUCKET, allow(GET, f"{BUCKET}/*", when, Principal="*"))
    old, new = estate(both(allow(GET)), lying), estate(both(), lying)
    found = changes(old, new)
    for name in TAGS:
        assert bool(touching(found[by(name)].lost, GET, OBJECT)) is (name != first)


def test_a_bucket_reached_by_its_access_point_tells_them_apart_too() -> None:
    lets = allow(GET, f"{POINT}/object/*", Principal="*")
    delegates = allow("s3:*", WHOLE, IS_ANN | THROUGH_A, Principal="*")
    documents = [*laid(BUCKET, delegates), through("data", lets)]
    old, new = estate(both(allow(GET)), documents), estate(both(), documents)
    for name in TAGS:
        check(old, new, by(name), GET, INSIDE)


def test_a_user_and_a_role_of_equal_policies_are_not_taken_together() -> None:
    lying = laid(BUCKET, allow(GET, f"{BUCKET}/*", {"StringEquals": {"aws:PrincipalType": "User"}}, Principal="*"))
    those = [
        people(user("ann", *own), role("app", *own, trust=[trusting({"Service": "lambda.amazonaws.com"})]))
        for own in ([allow(GET)], [])
    ]
    old, new = (estate(one, lying) for one in those)
    assert check(old, new, ANN, GET, OBJECT) == (State.ALLOWED, State.ALLOWED)
    assert check(old, new, APP, GET, OBJECT) == (State.ALLOWED, State.DENIED)


def test_a_guardrail_above_the_account_tells_them_apart() -> None:
    """A new guardrail is one change for all of the account, and touches only whom it reads."""
    limit = deny(GET, "*", NOT_RED)
    parts = [both(allow(GET)), laid(BUCKET), organization((A, "r-root"))]
    old, new = estate(*parts), estate(*parts, guard("scp", A, allow("*"), limit))
    assert check(old, new, ANN, GET, OBJECT) == (State.ALLOWED, State.ALLOWED)
    assert check(old, new, BOB, GET, OBJECT) == (State.ALLOWED, State.DENIED)


def test_a_role_whose_trust_reads_a_tag_tells_them_apart() -> None:
    app = role("app", trust=[trusting("*", RED)], account=A)
    old, new = (estate(people(*twins(*own), app, user("own", account=B))) for own in ([allow("sts:*")], []))
    assert check(old, new, ANN, ASSUME, APP) == (State.ALLOWED, State.ALLOWED)
    check(old, new, BOB, ASSUME, APP)


@pytest.mark.parametrize("back", [False, True])
def test_what_a_guardrail_denies_at_home_may_be_done_abroad(back: bool) -> None:
    """A resource control policy acts on resources of its own account: what is lost elsewhere is lost all the same."""
    cy, app = user("cy", allow("sts:*"), account=B), role("app", trust=[trusting({"AWS": B})], account=A)
    parts = [people(cy, app), *organization((A, "r-root"), (B, "r-root"))]
    parts.append(guard("rcp", B, deny(ASSUME, Principal="*")))
    sides = [estate(*parts), estate(*parts, guard("scp", B, allow("*"), deny(ASSUME)))]
    old, new = sides[::-1] if back else sides
    states = (State.ALLOWED, State.DENIED)
    assert check(old, new, CY, ASSUME, APP) == (states[::-1] if back else states)
