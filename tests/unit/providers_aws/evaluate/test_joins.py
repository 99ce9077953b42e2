"""Keys that are compared with one another: every world is that of some values, and no values are forgotten."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from evaluate_support import allow, answer, deny, document, explained, request
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.formula import Atom, Literal, literals
from leastwise.engine.solve import Loose
from leastwise.model.decision import State
from leastwise.providers.aws.evaluate.facts import Facts, Look
from leastwise.providers.aws.evaluate.operators import condition
from leastwise.providers.aws.evaluate.policy import Test as Line
from leastwise.providers.aws.evaluate.worlds import key_worlds

KEYS = ("a:x", "a:y", "a:z")
TEXTS = ["", "p*", *("".join(one) for size in (1, 2) for one in product("pqr", repeat=size))]
VALUES = ["p", "q", "${a:x}", "${a:y}", "${a:z}", "${a:x, 'p'}", "${a:y, 'q'}"]
OPERATORS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists", "StringEqualsIfExists"]

lines = st.lists(
    st.tuples(
        st.sampled_from(OPERATORS),
        st.sampled_from(KEYS),
        st.lists(st.sampled_from([*VALUES, "p*"]), min_size=1, max_size=2).map(tuple),
    )
    | st.sampled_from([("Null", "a:x", ("true",)), ("Null", "a:y", ("false",))]),
    min_size=1,
    max_size=4,
)


def atoms(chosen: list[tuple[str, str, tuple[str, ...]]], facts: Facts) -> dict[Atom, Line]:
    found: dict[Atom, Line] = {}
    for operator, key, values in chosen:
        line = Line(operator, key, values)
        formula = condition(line, facts, variables=True)
        if isinstance(formula, Literal):
            found[formula.atom] = line
    return found


def groups(found: dict[Atom, Line]) -> list[list[Atom]]:
    """Atoms that share a key, over one another."""
    left, made = list(found), []
    while left:
        group, reads = [left.pop(0)], set[str]()
        reads = {group[0].variable, *getattr(group[0], "others", ())}
        while more := [one for one in left if reads & {one.variable, *getattr(one, "others", ())}]:
            group += more
            left = [one for one in left if one not in more]
            reads |= {name for one in more for name in (one.variable, *getattr(one, "others", ()))}
        made.append(group)
    return made


def true_of(group: list[Atom], found: dict[Atom, Line], given_: dict[str, Any]) -> frozenset[Atom]:
    known = Facts({key: (value,) for key, value in given_.items() if value is not None}, strict=True)
    return frozenset(one for one in group if condition(found[one], known, variables=True) is True)


@given(lines)
def test_the_worlds_of_keys_that_are_compared_are_those_of_their_values(chosen: list[Any]) -> None:
    found = atoms(chosen, Facts())
    texts: list[str | None] = [None, *TEXTS]
    for group in groups(found):
        worlds = key_worlds(group, Facts())
        assert worlds is not None
        reads = sorted({name for one in group for name in (one.variable, *getattr(one, "others", ()))})
        real = {
            true_of(group, found, dict(zip(reads, some, strict=True))) for some in product(texts, repeat=len(reads))
        }
        assert real <= set(worlds)
        assert isinstance(worlds, Loose) or set(worlds) <= real


TAG, OTHER = "aws:RequestTag/a", "aws:ResourceTag/a"
IS, VALUE = "StringEquals", f"${{{OTHER}}}"


@pytest.mark.parametrize(
    ("allowed", "denied", "wanted"),
    [
        ({IS: {TAG: VALUE}, "StringNotEquals": {TAG: VALUE}}, None, "denied"),
        ({IS: {TAG: VALUE}, "StringNotLike": {TAG: VALUE}}, None, "denied"),
        ({IS: {TAG: [VALUE], OTHER: "b"}, "StringLike": {TAG: "c*"}}, None, "denied"),
        ({IS: {TAG: [VALUE], OTHER: "cb"}, "StringLike": {TAG: "c*"}}, None, "depends"),
        # A key whose value is empty counts as null: both may be.
        ({IS: {TAG: VALUE}, "Null": {OTHER: "true"}}, None, "depends"),
        ({IS: {TAG: VALUE}, "Null": {OTHER: "true"}, "StringLike": {TAG: "?*"}}, None, "denied"),
        ({"StringNotEquals": {TAG: VALUE}, "Null": {OTHER: "true"}}, None, "depends"),
        ({IS: {TAG: VALUE}}, {IS: {OTHER: f"${{{TAG}}}"}}, "denied"),
        ({IS: {TAG: VALUE}}, {"StringNotEquals": {OTHER: f"${{{TAG}}}"}}, "depends"),
        ({IS: {TAG: VALUE}}, {"StringLike": {TAG: "*"}}, "denied"),
        ({IS: {TAG: VALUE, OTHER: "${aws:RequestTag/b}"}}, {IS: {TAG: "${aws:RequestTag/b}"}}, "denied"),
        (
            {IS: {TAG: VALUE, OTHER: "${aws:RequestTag/b}"}},
            {"StringNotEquals": {TAG: "${aws:RequestTag/b}"}},
            "depends",
        ),
        ({IS: {TAG: f"${{{OTHER}, 'none'}}"}, "Null": {OTHER: "true"}}, {IS: {TAG: ["none", ""]}}, "denied"),
    ],
)
def test_what_two_keys_cannot_be_together_is_denied(allowed: Any, denied: Any, wanted: str) -> None:
    held = [document(allow(Condition=allowed), *([deny(Condition=denied)] if denied else []))]
    got = answer(request(action="ec2:CreateTags", strict=False), identity=held)
    assert got.replace("refused", "denied") == wanted


def test_what_must_be_is_allowed() -> None:
    same = document(allow(Condition={IS: {TAG: VALUE}}), allow(Condition={"StringNotEquals": {TAG: VALUE}}))
    assert answer(request(strict=False), identity=[same]) == "allowed"


def test_a_key_that_is_known_to_be_there_is_compared_with_one_that_may_be_absent() -> None:
    given_ = request(context={"aws:RequestTag/a": Look.PRESENT}, strict=False)
    held = [
        document(allow(Condition={"StringNotEquals": {TAG: VALUE}}), allow(Condition={"StringEquals": {TAG: VALUE}}))
    ]
    assert answer(given_, identity=held) == "allowed"


def test_an_answer_that_rests_on_worlds_that_may_not_exist_says_so() -> None:
    inside = {"StringLike": {TAG: f"team-{VALUE}"}, IS: {TAG: "other"}}
    found = explained(request(strict=False), identity=[document(allow(Condition=inside))])
    assert (found.state, found.exact) == (State.CONDITIONAL, False)
    alone = explained(
        request(strict=False), identity=[document(allow(Condition={"StringLike": {TAG: f"team-{VALUE}"}}))]
    )
    assert (alone.state, alone.exact) == (State.CONDITIONAL, True)


def test_every_test_of_a_pair_reads_both_keys() -> None:
    formula = condition(Line("StringEquals", TAG, (VALUE, "${aws:RequestTag/b}")), Facts(), variables=True)
    (atom,) = {one.atom for one in literals(formula)}
    assert {atom.variable, *getattr(atom, "others", ())} == {TAG.lower(), OTHER.lower(), "aws:requesttag/b"}


def test_keys_that_another_statement_compares_are_not_taken_for_one() -> None:
    apart = allow(Condition={IS: {TAG: "a", OTHER: "b"}})
    joined = allow(Condition={IS: {TAG: VALUE}, "StringLike": {OTHER: "c*"}})
    denied = deny(Condition={IS: {TAG: VALUE}})
    assert answer(request(strict=False), identity=[document(apart, joined, denied)]) == "depends"
    never = allow(Condition={IS: {TAG: VALUE}, "StringNotEquals": {TAG: VALUE}})
    assert answer(request(strict=False), identity=[document(apart, never)]) == "depends"
    number = allow(Condition={"NumericEquals": {TAG: "1"}, IS: {OTHER: "b"}})
    found = explained(request(strict=False), identity=[document(number, joined, denied)])
    assert found.state is State.CONDITIONAL


KNOWN: dict[str, Any] = {"red": ("red",), "green": ("green",), "none": Look.ABSENT}


@pytest.mark.parametrize("first", KNOWN)
@pytest.mark.parametrize("second", KNOWN)
def test_one_test_of_two_requests_is_one_atom_exactly_where_what_it_reads_is_known_alike(
    first: str, second: str
) -> None:
    line = Line("StringEquals", "aws:Referer", ("${aws:PrincipalTag/team}", "${aws:UserAgent}"))
    made = [
        condition(line, Facts({"aws:principaltag/team": KNOWN[one], "aws:sourceip": (one,)}), variables=True)
        for one in (first, second)
    ]
    assert (made[0] == made[1]) is (first == second)


@pytest.mark.parametrize(("team", "worlds"), [("red", 2), ("green", 1)])
def test_what_a_comparison_was_given_stays_when_it_is_decided_with_other_facts(team: str, worlds: int) -> None:
    join = Line("StringEquals", "aws:Referer", ("${aws:PrincipalTag/team}",))
    other = Line("StringEquals", "aws:Referer", ("red",))
    found = atoms([("StringEquals", "aws:Referer", ("red",))], Facts())
    compared = condition(join, Facts({"aws:principaltag/team": (team,)}), variables=True)
    assert isinstance(compared, Literal)
    decided = key_worlds([*found, compared.atom], Facts({"aws:principaltag/team": ("blue",)}))
    assert decided is not None and not isinstance(decided, Loose)
    # Where the team is red, both tests hold together or neither does; else never both.
    assert {len(one) for one in decided} == ({0, 2} if team == "red" else {0, 1})
    assert other in found.values() and worlds in {len(one) for one in decided}


def test_what_is_not_known_of_a_key_stays_so_when_it_is_decided_with_facts_that_know_it() -> None:
    compared = condition(Line("StringEquals", "aws:Referer", ("${aws:PrincipalTag/team}",)), Facts(), variables=True)
    assert isinstance(compared, Literal)
    for known in ({"aws:principaltag/team": ("red",)}, {"aws:principaltag/team": Look.ABSENT}):
        decided = key_worlds([compared.atom], Facts(known))
        assert decided is not None and {len(one) for one in decided} == {0, 1}
