"""Differences of formulas of two sides that know different things of keys which a condition compares with others."""

from __future__ import annotations

import pytest

from leastwise.engine.formula import any_of
from leastwise.engine.patterns import glob
from leastwise.engine.solve import Outcome
from leastwise.providers.aws.compiled.undecided import Undecided
from leastwise.providers.aws.evaluate.facts import Facts, Look, Values, Within
from leastwise.providers.aws.evaluate.operators import condition
from leastwise.providers.aws.evaluate.policy import Test as Line
from leastwise.providers.aws.evaluate.statements import Target

BUCKET = Target("arn:aws:s3:::bucket")
OWN = Line("StringEquals", "aws:PrincipalTag/team", ("${aws:ResourceTag/team}",))
THEIRS = Line("StringEquals", "aws:ResourceTag/team", ("${aws:PrincipalTag/team}",))
NAMED = Line("StringLike", "aws:ResourceTag/owner", ("${aws:username}-${aws:RequestTag/shift}",))
Looked = Values | Look | Within


def side(
    test: Line, known: dict[str, Looked], *others: Line, choices: dict[str, tuple[Values | None, ...]] | None = None
) -> Undecided:
    facts = Facts(known, choices=choices or {})
    formula = any_of(condition(one, facts, variables=True) for one in (test, *others))
    return Undecided.of(formula, facts, BUCKET)


def team(*values: str) -> dict[str, Looked]:
    return {"aws:principaltag/team": values}


@pytest.mark.parametrize("test", [OWN, THEIRS], ids=["own tag first", "resource's tag first"])
def test_two_teams_have_nothing_in_common_and_each_its_own(test: Line) -> None:
    red, blue = side(test, team("red")), side(test, team("blue"))
    assert red.minus(blue).possible()
    assert blue.minus(red).possible()
    assert not red.both(blue).possible()


@pytest.mark.parametrize("test", [OWN, THEIRS], ids=["own tag first", "resource's tag first"])
def test_two_of_one_team_do_not_differ(test: Line) -> None:
    one, other = side(test, team("red")), side(test, team("red"))
    assert not one.minus(other).possible()
    assert one.both(other).possible()


def test_parts_of_a_value_are_those_of_their_side() -> None:
    ann, bob = (side(NAMED, {"aws:username": (name,)}) for name in ("ann", "bob"))
    assert ann.minus(bob).possible()
    assert not ann.minus(side(NAMED, {"aws:username": ("ann",)})).possible()


def test_a_difference_of_a_difference_keeps_what_each_side_knew() -> None:
    red, blue, green = (side(OWN, team(one)) for one in ("red", "blue", "green"))
    either = Undecided.either([red, blue], BUCKET)
    assert not red.minus(either).possible()
    assert either.minus(red).possible()
    assert not either.minus(red).minus(blue).possible()
    assert green.minus(either).possible()


def test_one_side_with_a_key_of_which_the_other_knows_nothing() -> None:
    """Who has some tag may be of any team; who is known to be red may not do what only another team may."""
    red, anyone = side(OWN, team("red")), side(OWN, {"aws:principaltag/team": Look.PRESENT})
    assert anyone.minus(red).possible()


def test_a_key_that_is_open_is_held_to_what_its_side_knows_of_it() -> None:
    absent = Line("Null", "aws:PrincipalTag/team", ("true",))
    present = side(THEIRS, {"aws:principaltag/team": Look.PRESENT})
    unknown = side(THEIRS, {}, absent)
    assert unknown.minus(present).possible(), "without the tag"
    assert not present.minus(unknown).possible()
    assert not side(absent, {}).both(present).possible(), "the one has the tag, the other has not"


def test_a_key_within_a_pattern_is_held_to_it() -> None:
    blue = Line("StringEquals", "aws:PrincipalTag/team", ("blue",))
    some = side(THEIRS, {"aws:principaltag/team": Within(glob("red*"))})
    assert not some.both(side(blue, {})).possible()
    assert side(THEIRS, {}).minus(some).possible()


def test_a_key_of_few_values_is_held_to_them() -> None:
    choices: dict[str, tuple[Values | None, ...]] = {"aws:principaltag/team": (None, ("red",))}
    blue = Line("StringEquals", "aws:PrincipalTag/team", ("blue",))
    few = side(THEIRS, {}, choices=choices)
    assert not few.both(side(blue, {})).possible()
    assert few.both(side(Line("StringEquals", "aws:PrincipalTag/team", ("red",)), {})).possible()


def test_what_the_sides_know_of_a_comparison_decides_it_exactly() -> None:
    red = side(OWN, team("red"), Line("StringNotEquals", "aws:ResourceTag/team", ("red",)))
    assert red.solver().verdict(red.formula).outcome is Outcome.ALWAYS
