"""Literal beginnings never miss a pattern that matches, and leave out those that plainly cannot."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import glob
from leastwise.engine.prefixes import prefixes_of

WRITTEN = st.lists(st.text("ab:*?ä", max_size=6), max_size=12)
TEXTS = ["".join(letters) for size in range(5) for letters in product("ab:", repeat=size)]


@given(WRITTEN, st.text("ab:ä", max_size=6))
def test_no_pattern_that_matches_is_missed(written: list[str], text: str) -> None:
    close = set(prefixes_of(written).may_match(text).tolist())
    for number, one in enumerate(written):
        if glob(one).matches(text):
            assert number in close, one


@given(WRITTEN, st.text("ab:", max_size=3))
def test_no_pattern_that_can_match_a_longer_text_is_missed(written: list[str], prefix: str) -> None:
    close = set(prefixes_of(written).may_overlap(prefix).tolist())
    for number, one in enumerate(written):
        pattern = glob(one)
        if any(pattern.matches(prefix + rest) for rest in TEXTS):
            assert number in close, one


def test_what_begins_otherwise_is_left_out() -> None:
    found = prefixes_of(["ab", "a*", "b*", "abc", "*", "?b", "a${aws:username}", "ax*", ""])
    assert found.may_match("ab").tolist() == [0, 1, 4, 5, 6]
    assert found.may_match("").tolist() == [4, 5, 8]
    assert found.may_overlap("ab").tolist() == [0, 1, 3, 4, 5, 6]
    assert found.may_overlap("").tolist() == list(range(9))


def test_an_arn_with_fewer_fields_takes_longer_ones_in() -> None:
    found = prefixes_of(["arn:aws:s3", "arn:aws:s3:::b"])
    assert found.may_match("arn:aws:s3:::b").tolist() == [0, 1]
    assert found.may_overlap("arn:aws:s3:::b/").tolist() == [0]


def test_without_patterns_nothing_is_near() -> None:
    found = prefixes_of([])
    assert found.may_match("a").tolist() == found.may_overlap("a").tolist() == []
