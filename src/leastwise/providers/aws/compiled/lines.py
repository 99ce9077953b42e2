"""Statements that lie on resources as plain numbers: of ten thousand documents only whom and under what they let in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.policy import Test
from .estate import CompiledEstate


class Line(NamedTuple):
    """One statement: entries of Principal and values of Resource by number (None for an element that is not there).

    The signs tell Principal from NotPrincipal and Resource from NotResource: 1, -1, or 0 for neither.
    """

    deny: bool
    naming: int
    subjects: list[int]
    place: int
    resources: list[int]
    tests: tuple[Test, ...]
    variables: bool


class Lines:
    """Reads the statements that concern an action.

    Args:
        estate: where they stand.
        concerned: their numbers, ascending.
    """

    def __init__(self, estate: CompiledEstate, concerned: Array) -> None:
        self._estate, self._concerned = estate, concerned
        self._numbers: list[int] = concerned.tolist()

    def of(self, document: int) -> Iterator[Line]:
        """The statements of a document."""
        starts = self._estate.arrays["doc_st.starts"]
        begin = bisect_left(self._numbers, int(starts[document]))
        end = bisect_left(self._numbers, int(starts[document + 1]), begin)
        deny, variables, conditions, naming, place = self._columns
        first, last, subjects = self._subjects
        for row in range(begin, end):
            resources = self._estate.rows("st_resource").row(self._numbers[row]).tolist() if place[row] else []
            tests = self._estate.tests(conditions[row])
            named = subjects[first[row] : last[row]].tolist()
            yield Line(deny[row], naming[row], named, place[row], resources, tests, variables[row])

    @cached_property
    def _columns(self) -> tuple[list[bool], list[bool], list[int], list[int], list[int]]:
        names = ("st_deny", "st_variables", "st_condition", "subject.sign", "resource.sign")
        deny, variables, conditions, naming, place = (
            self._estate.arrays[name][self._concerned].tolist() for name in names
        )
        return deny, variables, conditions, naming, place

    @cached_property
    def _subjects(self) -> tuple[list[int], list[int], Array]:
        rows = self._estate.rows("st_subject")
        return rows.starts[self._concerned].tolist(), rows.starts[self._concerned + 1].tolist(), np.asarray(rows.values)
