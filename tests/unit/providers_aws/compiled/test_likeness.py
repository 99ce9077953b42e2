"""Who is alike: what is called equal is equal by `can` and `compare`, and what was not decided is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from test_between import ANN, BOB, MANAGED, OTHER, OWN, account, allow, port_of, resource, user

from leastwise.engine.sketches import Neighbours
from leastwise.model.comparison import Alike
from leastwise.model.decision import Circumstances
from leastwise.providers.aws.compiled import likeness
from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.aws.compiled.effects import Effects
from leastwise.providers.aws.compiled.folding import folded, folded_numbers
from leastwise.providers.aws.compiled.port import AwsPort

BUCKET = "arn:aws:s3:::data"
READ, LIST = allow("s3:GetObject", resource=f"{BUCKET}/*"), allow("s3:ListBucket", resource=BUCKET)
RED = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}


def merged(*documents: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [one for each in documents for one in each["Statement"]]}


def deny(*names: str, resource: str = "*") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": list(names), "Resource": resource}]}


def tagged(one: dict[str, Any], value: str) -> dict[str, Any]:
    return {**one, "Tags": [{"Key": "team", "Value": value}]}


def groups(port: AwsPort) -> tuple[Alike, ...]:
    return port.alike(0.9).groups


def equal(port: AwsPort) -> list[list[str]]:
    found = [[twin.principal for twin in one.twins] for one in groups(port) if one.equal]
    for first, *others in found:
        one = port.effective(first, Circumstances())
        assert not any(one.differs(port.effective(other, Circumstances())) for other in others)
    return found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((merged(READ, LIST),), (READ, LIST)),
        ((READ, READ, LIST), (LIST, READ)),
        ((allow("s3:*"), READ), (allow("s3:*"),)),
        ((allow("s3:Get*", "s3:GetObject"),), (allow("s3:Get*"),)),
        ((allow("s3:*"), deny("s3:*"), allow("sqs:*")), (deny("s3:*"), allow("sqs:*"))),
        ((deny("s3:*"), deny("s3:GetObject", resource=BUCKET), allow("sqs:*")), (deny("s3:*"), allow("sqs:*"))),
    ],
    ids=["split", "twice", "covered", "patterns", "denied", "denied twice"],
)
def test_policies_that_come_to_the_same_are_equal_and_nothing_is_decided(
    first: tuple[Any, ...], second: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "_MOST_PROVEN", 0)
    port = port_of(account(user(ANN, *first), user(BOB, *second)))
    assert equal(port) == [[ANN, BOB]]
    effects = Effects(port.access)
    numbers = [port.access.estate.principal_number(one) for one in (ANN, BOB)]
    one, other = (effects.of(number) for number in numbers if number is not None)
    assert (one.own, one.permissions) == (other.own, other.permissions)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (READ, allow("s3:GetObject", resource=f"{BUCKET}/a/*")),
        (READ, allow("s3:GetObject", resource=f"{BUCKET}/*", **RED)),
        (allow("s3:*"), merged(allow("s3:*"), deny("s3:GetObject", resource=f"{BUCKET}/*"))),
        (allow("s3:GetObject"), {**allow("s3:GetObject"), "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": f"{BUCKET}/*"}]}),
    ],
    ids=["other resource", "condition", "denial", "exception"],
)  # fmt: skip
def test_what_says_something_else_is_not_equal(first: dict[str, Any], second: dict[str, Any]) -> None:
    port = port_of(account(user(ANN, first), user(BOB, second)))
    assert equal(port) == []
    assert [one.equal for one in groups(port)] == [False]


def test_a_denial_of_what_nobody_allows_is_decided_to_make_no_difference() -> None:
    port = port_of(account(user(ANN, READ), user(BOB, READ, deny("sqs:SendMessage"))))
    assert equal(port) == [[ANN, BOB]]


def test_without_budget_it_is_said_that_nothing_was_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "_MOST_PROVEN", 0)
    port = port_of(account(user(ANN, READ), user(BOB, READ, deny("sqs:SendMessage"))))
    (group,) = groups(port)
    assert (group.equal, group.decided) == (False, False)
    assert "of 1 principals it was not decided whether others have equal access" in port.alike(0.9).missing


def test_the_same_policies_are_not_the_same_access_where_they_ask_for_tags() -> None:
    """Statements of both were left out of the decision, and nothing was left to tell them apart."""
    own = (allow("s3:ListAllMyBuckets", **RED), allow("sqs:ListQueues"))
    port = port_of(account(tagged(user(ANN, *own), "red"), tagged(user(BOB, *own), "blue")))
    assert equal(port) == []
    assert [(one.equal, one.decided) for one in groups(port)] == [(False, False)]
    same = port_of(account(*(tagged(user(one, *own), "red") for one in (ANN, BOB))))
    assert equal(same) == [[ANN, BOB]]


def test_principals_of_two_accounts_reach_other_resources() -> None:
    cy = f"arn:aws:iam::{OTHER}:user/cy"
    port = port_of(account(user(ANN, allow("s3:*"))), account(user(cy, allow("s3:*"))))
    assert equal(port) == []
    assert [[twin.principal for twin in one.twins] for one in groups(port)] == [[ANN, cy]]


def test_whom_a_resource_names_is_decided_with_what_it_says() -> None:
    def policy(who: str, action: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, "Resource": f"{BUCKET}/*"}
        return {"Version": "2012-10-17", "Statement": [statement]}

    users = account(user(ANN, READ), user(BOB, READ))
    assert equal(port_of(users, resource(BUCKET, OWN, policy(ANN, "s3:PutObject")))) == []
    assert equal(port_of(users, resource(BUCKET, OWN, policy(ANN, "s3:GetObject")))) == [[ANN, BOB]]


def test_who_has_something_that_was_not_read_is_left_out_and_unread_resources_are_named() -> None:
    unread = {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}
    port = port_of(account(user(ANN, READ), user(BOB, READ, managed=MANAGED)), resource(BUCKET, OWN, unread))
    found = port.alike(0.9)
    assert found.groups == ()
    assert any("1 principals are left out" in one for one in found.missing)
    assert any(BUCKET in one and "may name some of them" in one for one in found.missing)


MEMBERS = st.sets(st.integers(0, 199), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(MEMBERS, min_size=2, max_size=12), st.data())
def test_neighbours_are_sets_that_share_so_much(members: list[set[int]], data: st.DataObject) -> None:
    """Some are made out of others by a few changes, so that there are pairs."""
    for _ in range(6):
        base = data.draw(st.sampled_from(members))
        members = [*members, base ^ set(data.draw(st.lists(st.integers(0, 199), max_size=2))) or {1}]
    sets = [BitMap(one) for one in members]
    near, wanted = (
        Neighbours(sets, 200, 0.8),
        data.draw(st.lists(st.booleans(), min_size=len(sets), max_size=len(sets))),
    )
    import numpy as np

    mask = np.array(wanted)
    for place, one in enumerate(sets):
        found = near.of(place, mask)
        assert all(other > place and mask[other] and one.jaccard_index(sets[other]) >= 0.8 for other in found)
        assert {n for n in range(place + 1, len(sets)) if mask[n] and sets[n] == one} <= set(found), "equal sets"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 40)), max_size=8))
def test_numbers_fold_as_names_do(spans: list[tuple[int, int]]) -> None:
    numbers = BitMap([n for begin, length in spans for n in range(begin, begin + length)])
    assert folded_numbers(numbers) == folded(actions().names[number] for number in numbers)
