"""The worlds of a key: each is that of some value, and no value is forgotten."""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import Any

import pytest
from evaluate_support import allow, answer, deny, document, explained, request, under
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.formula import Literal
from leastwise.model.decision import State
from leastwise.providers.aws.evaluate.facts import Facts, Look
from leastwise.providers.aws.evaluate.operators import Condition, condition
from leastwise.providers.aws.evaluate.policy import Test as Line
from leastwise.providers.aws.evaluate.worlds import key_worlds

OPEN = Facts()
PRESENT = Facts({"k": Look.PRESENT})


def atoms(lines: list[tuple[str, tuple[str, ...]]]) -> list[Condition]:
    found = []
    for operator, values in lines:
        one = condition(Line(operator, "k", values), OPEN, variables=False)
        assert isinstance(one, Literal) and isinstance(one.atom, Condition)
        found.append(one.atom)
    return list(dict.fromkeys(found))


def of(tests: list[Condition], values: tuple[str, ...] | None) -> frozenset[Condition]:
    return frozenset(test for test in tests if test.holds(values))


TEXT = st.text("aB:*", max_size=3)
FORMS = st.sampled_from(["", "IfExists"])


def lines(operators: list[str], value: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, tuple[str, ...]]]]:
    one = st.tuples(
        st.builds(lambda name, form: name + form, st.sampled_from(operators), FORMS),
        st.lists(value, min_size=1, max_size=2).map(tuple),
    )
    null = st.sampled_from([("Null", ("true",)), ("Null", ("false",))])
    return st.lists(one | null, min_size=1, max_size=4)


TEXTS = ["".join(letters) for size in range(5) for letters in product("abB:", repeat=size)]
NUMBERS = [str(number / 4) for number in range(-8, 30)]
ADDRESSES = [f"10.0.{third}.{last}" for third in range(4) for last in (0, 1, 127, 128, 255)] + ["9.255.255.255", "::1"]
CASES: dict[str, tuple[list[str], st.SearchStrategy[str], list[str]]] = {
    "texts": (
        ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"], TEXT, TEXTS,
    ),
    "numbers": (
        ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"],
        st.integers(-1, 6).map(str), NUMBERS,
    ),
    "flags": (["Bool", "StringEquals"], st.sampled_from(["true", "false", "True"]), ["true", "false", "True"]),
    "addresses": (
        ["IpAddress", "NotIpAddress"],
        st.sampled_from(["10.0.0.0/24", "10.0.1.0/25", "10.0.0.0/16", "10.0.2.1", "::/0", "0.0.0.0/0"]), ADDRESSES,
    ),
    "dates": (
        ["DateLessThan", "DateGreaterThan", "DateEquals", "NumericLessThan"],
        st.sampled_from(["1970-01-01T00:00:01Z", "1", "3", "9999-12-31"]),
        ["0.0", "0.5", "1.0", "2.0", "3.0", "4.0", "1970-01-01T00:00:02Z", "9999-12-31", "9999-12-31T00:00:01Z"],
    ),
    "bytes": (["BinaryEquals"], st.sampled_from(["YQ==", "YWI="]), ["YQ==", "YWI=", "YWJj"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_worlds_are_complete_and_real(name: str) -> None:
    operators, value, domain = CASES[name]

    @given(lines(operators, value))
    def check(chosen: list[tuple[str, tuple[str, ...]]]) -> None:
        tests = atoms(chosen)
        found = key_worlds(tests, OPEN)
        assert found is not None
        assert len(set(found)) == len(found)
        assert of(tests, None) in found
        for one in domain:
            assert of(tests, (one,)) in found, (chosen, one)

    check()


QUANTIFIED = ["ForAnyValue:StringEquals", "ForAllValues:StringLike", "ForAnyValue:StringNotLike", "StringEquals"]


@given(lines(QUANTIFIED, st.sampled_from(["a", "b*", ""])))
def test_worlds_of_keys_with_several_values_are_complete(chosen: list[tuple[str, tuple[str, ...]]]) -> None:
    tests = atoms([*chosen, ("ForAnyValue:StringEquals", ("c",))])
    found = key_worlds(tests, OPEN)
    assert found is not None
    for size in range(1, 4):
        for values in combinations_with_replacement(["", "a", "b", "bc", "c"], size):
            assert of(tests, values) in found, (chosen, values)


@given(lines(["StringEquals", "StringNotEquals", "StringLike"], st.sampled_from(["a", "b*", "*"])))
def test_every_world_is_that_of_a_value(chosen: list[tuple[str, tuple[str, ...]]]) -> None:
    tests = atoms(chosen)
    found = key_worlds(tests, OPEN)
    reached = {of(tests, None)} | {of(tests, (text,)) for text in ["", "a", "b", "bc", "c", "b*", "*"]}
    assert found is not None
    assert set(found) <= reached


def test_a_key_that_is_present_has_no_world_without_it() -> None:
    tests = atoms([("Null", ("true",)), ("StringNotEquals", ("a",))])
    assert all(tests[0] not in world for world in key_worlds(tests, PRESENT) or ())
    assert any(tests[0] in world for world in key_worlds(tests, OPEN) or ())


@pytest.mark.parametrize(
    ("condition_", "denial"),
    [
        ({"StringNotEquals": {"k": "a"}, "Null": {"k": "false"}}, None),
        ({"Null": {"k": "false"}}, {"ForAnyValue:StringLike": {"k": "a*"}}),
        ({"StringLike": {"k": "10.1.*"}, "IpAddress": {"k": "10.0.0.0/8"}}, None),
        ({"DateGreaterThan": {"k": "9999-12-01"}}, None),
        ({"DateGreaterThan": {"k": "1970-01-01T00:33:40Z"}, "DateLessThan": {"k": "1970-01-01T00:33:42Z"}}, None),
        ({"NumericLessThan": {"k": "10"}, "DateGreaterThan": {"k": "1970-01-01T00:00:05Z"}}, None),
        ({"StringLike": {"k": "T*"}, "Bool": {"k": "true"}}, None),
        ({"NumericGreaterThan": {"k": "1"}, "NumericLessThan": {"k": "1." + "0" * 60 + "1"}}, None),
    ],
)
def test_what_some_value_meets_is_never_denied(condition_: dict[str, Any], denial: dict[str, Any] | None) -> None:
    statements = [allow(Condition=condition_)] + ([deny(Condition=denial)] if denial else [])
    assert answer(request(strict=False), identity=[document(*statements)]) == "depends"


@pytest.mark.parametrize(
    "condition_",
    [
        {"StringEquals": {"k": "a"}, "StringNotEquals": {"k": "a"}},
        {"StringLike": {"k": "a*"}, "StringEquals": {"k": "b"}},
        {"NumericLessThan": {"k": "1"}, "NumericGreaterThan": {"k": "1"}},
        {"IpAddress": {"k": "10.0.0.0/8"}, "NotIpAddress": {"k": "10.0.0.0/7"}},
        {"Bool": {"k": ["true", "false"]}, "Null": {"k": "true"}},
        {"ForAllValues:StringEquals": {"k": "a"}, "ForAnyValue:StringEquals": {"k": "b"}},
        {"DateLessThan": {"k": "2020-01-01"}, "DateGreaterThan": {"k": "2021-01-01"}},
        {"ArnLike": {"k": "arn:aws:iam::1:*"}, "ArnNotLike": {"k": "arn:aws:*:*:*:*"}},
    ],
)
def test_what_no_value_meets_is_denied_however_little_is_known(condition_: dict[str, Any]) -> None:
    assert under(condition_, {}, strict=False) == "denied"


def test_tests_that_cannot_be_compared_leave_the_answer_inexact() -> None:
    found = explained(
        request(strict=False),
        identity=[document(allow(Condition={"StringLike": {"k": "1*"}, "NumericLessThan": {"k": "5"}}))],
    )
    assert (found.state, found.exact) == (State.CONDITIONAL, False)


def test_hundreds_of_values_are_decided_and_far_more_are_left_open() -> None:
    values = [f"arn:aws:iam::{number:012}:role/deployer" for number in range(200)]
    both = {"StringEquals": {"k": values}, "StringNotEquals": {"k": values[1:]}}
    found = explained(request(strict=False), identity=[document(allow(Condition=both))])
    assert (found.state, found.exact) == (State.CONDITIONAL, True)
    many = [f"{number:08}" for number in range(5000)]
    found = explained(request(strict=False), identity=[document(allow(Condition={"StringEquals": {"k": many}}))])
    assert (found.state, found.exact) == (State.CONDITIONAL, False)
