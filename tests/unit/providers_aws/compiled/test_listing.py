"""Who can as columns: the same holders as a plain list, in the order of their ids, made only when looked at."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from compiled_support import demo_access
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.sparse import Texts
from leastwise.model.decision import Circumstances, Holder, Link, Residual, State, WhoCan
from leastwise.providers.aws.compiled.listing import Found, Other, Telling, Told, rank
from leastwise.providers.aws.compiled.port import AwsPort

ESTATE = demo_access().estate
STATES = [State.ALLOWED, State.CONDITIONAL, State.UNKNOWN]
QUESTIONS = [
    ("iam:CreateUser", None),
    ("s3:GetObject", None),
    ("s3:GetObject", "arn:aws:s3:::bw-customs-records/2025/1.pdf"),
    ("iot:Publish", None),
    ("kms:Decrypt", None),
]


def sure(state: State, text: str = "") -> Told:
    return Told(state, lambda: Telling((), (text,) if text else ()))


def other(id: str, state: State = State.ALLOWED) -> Other:
    return Other(id, id, "service", "", False, sure(state))


def never() -> Telling:
    raise AssertionError("was looked at")


# Numbers of principals, each with a state; ids that no principal has, before, between and behind those of principals.
PARTS = st.lists(
    st.tuples(st.lists(st.integers(0, ESTATE.principals - 1), min_size=1, unique=True), st.sampled_from(STATES)),
    max_size=4,
)
OTHERS = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(["!first", "~last", "lambda.amazonaws.com", "arn:aws:iam::999999999999:root"]),
            st.integers(0, ESTATE.principals - 1).map(lambda number: ESTATE.principal_ids[number] + "-"),
        ),
        st.sampled_from(STATES),
    ),
    max_size=6,
)


def found_of(parts: list[tuple[list[int], State]], others: list[tuple[str, State]]) -> Found:
    found = Found(ESTATE)
    for place, (members, state) in enumerate(parts):
        found.add(np.array(members), sure(state, str(place)))
    for id, state in others:
        found.add_other(other(id, state))
    return found


def test_principals_of_an_estate_stand_in_the_order_of_their_ids() -> None:
    ids = ESTATE.principal_ids.all()
    assert ids == sorted(set(ids)) and len(ids) > 80


@given(PARTS, OTHERS)
def test_the_surest_answer_of_each_is_kept_the_first_among_equals(
    parts: list[tuple[list[int], State]], others: list[tuple[str, State]]
) -> None:
    expected: dict[str, tuple[State, tuple[str, ...]]] = {}
    for place, (members, state) in enumerate(parts):
        for number in members:
            id = ESTATE.principal_ids[number]
            if id not in expected or rank(state) < rank(expected[id][0]):
                expected[id] = (state, (str(place),))
    for id, state in others:
        if id not in expected or rank(state) < rank(expected[id][0]):
            expected[id] = (state, ())
    listed = found_of(parts, others).listed()
    assert [(one.principal, one.state, one.missing) for one in listed] == [
        (id, *expected[id]) for id in sorted(expected)
    ]


@given(PARTS, OTHERS)
def test_a_listing_is_a_sequence_like_any_other(
    parts: list[tuple[list[int], State]], others: list[tuple[str, State]]
) -> None:
    listed = found_of(parts, others).listed()
    plain = list(listed)
    assert len(listed) == len(plain)
    assert [listed[place] for place in range(len(plain))] == plain
    assert [listed[place] for place in range(-len(plain), 0)] == plain
    assert listed[1:4] == tuple(plain[1:4]) and listed[::-2] == tuple(plain[::-2])
    assert list(reversed(listed)) == plain[::-1]
    assert listed.counts() == Counter(one.state for one in plain)
    assert all(listed.find(one.principal) == one and one in listed for one in plain)
    for wrong in (len(plain), -len(plain) - 1):
        with pytest.raises(IndexError):
            listed[wrong]
    assert listed == found_of(parts, others).listed()
    assert hash(listed) == hash(found_of(parts, others).listed())


def test_adding_tells_of_whom_nothing_as_sure_was_known() -> None:
    found = Found(ESTATE)
    assert found.add(np.array([4, 2]), sure(State.UNKNOWN)).tolist() == [4, 2]
    assert found.add(np.array([2, 3]), sure(State.UNKNOWN)).tolist() == [3]
    assert found.add(np.array([2, 3, 4]), sure(State.ALLOWED)).tolist() == [2, 3, 4]
    assert found.add(np.array([2, 5]), sure(State.CONDITIONAL)).tolist() == [5]
    assert found.ranks(np.array([1, 2, 5])).tolist() == [3, 0, 1]
    assert [(told.state if told else None) for told in map(found.told, (1, 2, 5))] == [
        None, State.ALLOWED, State.CONDITIONAL,
    ]  # fmt: skip
    assert found.add_other(other("x", State.UNKNOWN)) and not found.add_other(other("x", State.UNKNOWN))
    assert found.add_other(other("x", State.CONDITIONAL)) and not found.add_other(other("x", State.UNKNOWN))
    kept = found.other("x")
    assert kept is not None and kept.told.state is State.CONDITIONAL and found.other("y") is None


def test_a_holder_differs_from_one_of_the_same_id() -> None:
    listed = found_of([([3], State.ALLOWED)], []).listed()
    one = listed[0]
    assert one in listed
    assert Holder(one.principal, one.name, one.kind, one.account, True, State.UNKNOWN) not in listed
    assert listed.find(ESTATE.principal_ids[4]) is None and listed.find("nobody") is None
    assert "nobody" not in listed and one.principal not in listed
    assert listed != [one] and listed != found_of([([3, 4], State.ALLOWED)], []).listed()
    assert listed != found_of([([3], State.UNKNOWN)], []).listed()


def test_counting_looks_at_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []
    many, one = Texts.many, Texts.bytes
    monkeypatch.setattr(Texts, "many", lambda self, places: decoded.append(len(places)) or many(self, places))
    monkeypatch.setattr(Texts, "bytes", lambda self, place: decoded.append(1) or one(self, place))
    found = Found(ESTATE)
    found.add(np.arange(ESTATE.principals), Told(State.UNKNOWN, never))
    listed = found.listed()
    assert len(listed) == ESTATE.principals and listed.counts() == {State.UNKNOWN: ESTATE.principals}
    assert decoded == []


def test_looking_at_one_tells_it_once_for_all_of_its_group() -> None:
    calls: list[int] = []

    def telling() -> Telling:
        calls.append(1)
        return Telling((), ("policy",), (Link("role", "id", "name"),))

    found = Found(ESTATE)
    found.add(np.arange(10), Told(State.UNKNOWN, telling))
    found.add(np.arange(10, 20), Told(State.UNKNOWN, never))
    listed = found.listed()
    assert [one.missing for one in listed[:10]] == [("policy",)] * 10
    assert listed[0].chain is listed[9].chain and calls == [1]
    with pytest.raises(AssertionError, match="was looked at"):
        list(listed)


@pytest.mark.parametrize(("action", "resource"), QUESTIONS)
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("transitive", [True, False])
def test_everybody_stands_once_in_order_with_what_the_estate_says(
    action: str, resource: str | None, strict: bool, transitive: bool
) -> None:
    access = demo_access()
    found: WhoCan = AwsPort(access.estate.arrays).who_can(
        action, resource, Circumstances(strict=strict), transitive=transitive
    )
    ids = [one.principal for one in found.holders]
    assert ids and all(a < b for a, b in pairwise(ids))
    assert found.holders.counts() == Counter(one.state for one in found.holders)
    for one in found.holders:
        number = access.estate.principal_number(one.principal)
        if number is not None:
            words: Any = [access.estate.word(f"principal.{name}", number) or "" for name in ("kind", "account")]
            assert [one.kind, one.account] == words and one.inside
        assert one.principal.endswith(one.name) or not one.principal.startswith("arn:aws:iam")


@pytest.mark.parametrize("action", ["iot:Publish", "iot:Connect", "iot:Subscribe", "s3:GetObject"])
def test_people_things_and_agents_stand_with_what_they_are_told_alone(action: str) -> None:
    asked, circumstances = AwsPort(ESTATE.arrays), Circumstances()
    listed = asked.who_can(action, None, circumstances).holders
    others = [one for one in listed if one.inside and ESTATE.principal_number(one.principal) is None]
    assert len(others) > 5
    for one in others:
        alone = asked.can(one.principal, action, None, circumstances)
        assert (one.state, one.chain) == (alone.state, alone.chain)


def named(residual: Residual | None) -> set[tuple[str, str, bool]]:
    return {(one.key, value, one.negated) for clause in residual or () for one in clause for value in one.values}


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "lambda:InvokeFunction"])
@pytest.mark.parametrize("strict", [True, False])
def test_a_condition_names_what_it_is_of(action: str, strict: bool) -> None:
    asked, circumstances = AwsPort(ESTATE.arrays), Circumstances(strict=strict)
    conditional = [
        one
        for one in asked.who_can(action, None, circumstances).holders
        if one.inside and one.state is State.CONDITIONAL
    ]
    for one in conditional:
        alone = asked.can(one.principal, action, None, circumstances)
        assert one.residual != () and named(one.residual) == named(alone.residual), one.principal
    assert conditional
