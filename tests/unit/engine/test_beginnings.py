"""Beginnings leave out no pattern that matches a text, or that some text has in common with another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import Beginnings, Pattern, glob, meets

LETTERS = "abAé:\u0130\u212a\u03c3\u03a3"
pieces = st.lists(st.sampled_from([*LETTERS, "*", "?"]), max_size=5).map("".join)
patterns = st.builds(glob, pieces, fold=st.booleans())


@given(st.lists(patterns, max_size=8), st.text(LETTERS + "ki", max_size=5))
def test_every_pattern_that_matches_is_among_them(held: list[Pattern], text: str) -> None:
    near = list(Beginnings(held).may_match(text))
    assert len(near) == len(set(near))
    assert {at for at, one in enumerate(held) if one.matches(text)} <= set(near)


@given(st.lists(patterns, max_size=8), patterns)
def test_every_pattern_that_meets_is_among_them(held: list[Pattern], other: Pattern) -> None:
    near = list(Beginnings(held).may_meet(other))
    assert len(near) == len(set(near))
    assert {at for at, one in enumerate(held) if meets(one, other) is not False} <= set(near)


@pytest.mark.parametrize(
    ("asked", "places"),
    [("arn:aws:s3:::b1/*", [0, 1, 3]), ("arn:aws:s3:::b*", [0, 1, 2, 3]), ("arn:aws:sqs:*", [3])],
)
def test_what_begins_otherwise_is_left_out(asked: str, places: list[int]) -> None:
    held = [glob(one) for one in ("arn:aws:s3:::b1/*", "arn:aws:s3:::b*", "arn:aws:s3:::b2/*", "*")]
    assert sorted(Beginnings(held).may_meet(glob(asked))) == places
