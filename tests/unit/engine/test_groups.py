"""Groups by arithmetic are the groups that tuples of everything make."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.arrays import Array
from leastwise.engine.groups import Groups

COUNT = 30
SUBJECTS = st.integers(0, COUNT - 1)
MARKS = st.lists(st.lists(SUBJECTS, unique=True), max_size=6)
VALUES = st.sampled_from([0, 1, -1, -2, 2**31, 2**40, -(2**62), 2**63 - 1])
COLUMNS = st.lists(st.lists(VALUES, min_size=COUNT, max_size=COUNT), max_size=4)


def by_tuples(
    among: list[int], marks: list[list[int]], columns: list[list[int]]
) -> set[tuple[frozenset[int], tuple[int, ...]]]:
    """The groups, tried out; the columns are of the subjects in the order of `among`."""
    found = defaultdict(list)
    for place, subject in enumerate(among):
        held = frozenset(number for number, members in enumerate(marks) if subject in members)
        found[held, tuple(column[place] for column in columns)].append(subject)
    return {(held, tuple(sorted(members))) for (held, _), members in found.items()}


def by_arithmetic(
    among: list[int], marks: list[list[int]], columns: list[Array]
) -> set[tuple[frozenset[int], tuple[int, ...]]]:
    groups = Groups(COUNT)
    for number, members in enumerate(marks):
        assert groups.mark(np.array(members, np.int64)) == number
    parts = list(groups.parts(np.array(among, np.int64), columns))
    assert sum(len(members) for _, members in parts) == len(among)
    return {(held, tuple(sorted(members.tolist()))) for held, members in parts}


@given(st.lists(SUBJECTS, unique=True), MARKS, COLUMNS)
def test_groups_are_those_of_tuples(among: list[int], marks: list[list[int]], columns: list[list[int]]) -> None:
    shorter = [column[: len(among)] for column in columns]
    arrays = [np.array(column, np.int64) for column in shorter]
    assert by_arithmetic(among, marks, arrays) == by_tuples(among, marks, shorter)


@given(st.lists(st.lists(SUBJECTS, unique=True), min_size=60, max_size=140))
def test_more_marks_than_bits_of_a_word(marks: list[list[int]]) -> None:
    among = list(range(COUNT))
    assert by_arithmetic(among, marks, []) == by_tuples(among, marks, [])


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.uint8, np.bool_, np.uint32])
def test_columns_of_narrow_types_do_not_overflow(kind: type) -> None:
    edges = [0, 1] if kind is np.bool_ else [np.iinfo(kind).min, np.iinfo(kind).max, 0]
    column = np.array([edges[place % len(edges)] for place in range(COUNT)]).astype(kind)
    among = list(range(COUNT))
    found = by_arithmetic(among, [], [column, column[::-1]])
    assert found == by_tuples(among, [], [column.tolist(), column[::-1].tolist()])


def test_many_wide_columns() -> None:
    random = np.random.default_rng(7)
    columns = [random.choice([0, 2**33, -(2**50)], COUNT) for _ in range(12)]
    among = list(range(COUNT))
    assert by_arithmetic(among, [], columns) == by_tuples(among, [], [column.tolist() for column in columns])


def test_a_mask_marks_as_numbers_do() -> None:
    groups = Groups(5)
    mask = np.array([True, False, True, False, False])
    first, second = groups.mark(mask), groups.mark(np.array([0, 2]))
    third = groups.mark(np.empty(0, np.int64))
    assert groups.bears_any([first]).tolist() == groups.bears_any([second]).tolist() == mask.tolist()
    assert not groups.bears_any([third]).any()
    assert groups.bears_any([]).tolist() == [False] * 5
    assert groups.bears_any([third, first]).tolist() == mask.tolist()


def test_a_large_set_is_marked_in_every_word() -> None:
    groups = Groups(1000)
    members = np.arange(0, 999, 3)
    marks = [groups.mark(members + number % 2) for number in range(130)]
    assert np.flatnonzero(groups.bears_any([marks[128]])).tolist() == members.tolist()
    assert np.flatnonzero(groups.bears_any([marks[63]])).tolist() == (members + 1).tolist()


def test_nobody_makes_no_group() -> None:
    assert list(Groups(3).parts(np.empty(0, np.int64), [])) == []
