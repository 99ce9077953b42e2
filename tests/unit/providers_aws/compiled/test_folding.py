"""Permissions as patterns: exactly these of the catalogue, whatever they are, and as few as its words allow."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.engine.patterns import glob
from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.aws.compiled.folding import folded

NAMES = actions().names
OF_S3 = [name for name in NAMES if name.startswith("s3:")]
BEGINNINGS = st.builds(
    lambda name, cut: name[: max(cut, 4)], st.sampled_from(NAMES), st.integers(min_value=4, max_value=40)
)


SORTED = sorted(NAMES, key=str.lower)
LOWER = [name.lower() for name in SORTED]


def matched(pattern: str) -> set[str]:
    """The permissions that a pattern takes in: only those with its beginning are looked at."""
    one, begin = glob(pattern, fold=True), pattern.partition("*")[0].partition("?")[0].lower()
    near = SORTED[bisect_left(LOWER, begin) : bisect_left(LOWER, f"{begin}\U0010ffff")]
    return {name for name in near if one.matches(name)}


def taken(patterns: tuple[str, ...]) -> set[str]:
    return set().union(*map(matched, patterns))


@pytest.mark.parametrize(
    ("permissions", "patterns"),
    [
        (NAMES, ("*",)),
        (OF_S3, ("s3:*",)),
        ([name for name in OF_S3 if name.startswith("s3:Get")], ("s3:Get*",)),
        (["s3:GetObject"], ("s3:GetObject",)),
        (["s3:PutObject", "sqs:SendMessage"], ("s3:PutObject", "sqs:SendMessage")),
        (["nobody:Knows"], ("nobody:Knows",)),
        (
            ["lookoutequipment:Describelabel", "lookoutequipment:DescribeLabelGroup"],
            ("lookoutequipment:DescribeLabel*",),
        ),
        ([*OF_S3, "s3:NotYetKnown"], ("s3:*", "s3:NotYetKnown")),
        ([], ()),
    ],
)
def test_patterns(permissions: list[str], patterns: tuple[str, ...]) -> None:
    assert folded(permissions) == patterns


def test_a_beginning_stands_for_itself_alone_when_one_that_begins_so_is_missing() -> None:
    some = [name for name in OF_S3 if name.startswith("s3:Get") and name != "s3:GetObject"]
    found = folded(some)
    assert "s3:Get*" not in found
    assert taken(found) == set(some)


@settings(max_examples=60, deadline=None)
@given(st.lists(BEGINNINGS, max_size=5), st.lists(st.sampled_from(NAMES), max_size=6), st.sampled_from(NAMES))
def test_patterns_take_in_exactly_the_permissions(begun: list[str], more: list[str], less: str) -> None:
    some = {name for name in NAMES for begin in begun if name.lower().startswith(begin.lower())} | set(more)
    some.discard(less)
    found = folded(some)
    assert taken(found) == some
    assert found == folded(sorted(some, reverse=True)), "the same in any order"
    assert len(found) <= len(some)
    each = {one: matched(one) for one in found}
    times = Counter(name for names in each.values() for name in names)
    for one, names in each.items():
        assert any(times[name] == 1 for name in names), f"{one} says nothing new"
