"""Roles with conditions, as far as they give an operation: those that give it whatever the request are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, all_of

from ..evaluate.allow import grant
from ..evaluate.conditions import attributes
from ..evaluate.request import Request
from ..language.operations import Plane
from .deciding import STRANGER, Known
from .numbers import parsed

PLAIN, NEVER = -1, -2
"""The forms of assignments that give an operation whatever the request, and whatever the request do not."""
_OF_PRINCIPAL = "@principal["


@dataclass(frozen=True, slots=True)
class Forms:
    """The assignments whose roles have an operation, or may.

    Args:
        numbers: of them, ascending.
        codes: the form of each: `PLAIN`, `NEVER`, or a number of its own for a role with a condition.
        read: by such a number, what it asks of the resource: attributes, by key.
    """

    numbers: Array
    codes: Array
    read: dict[int, tuple[str, ...]]

    def among(self, wanted: Array) -> Forms:
        """Those of some assignments, by number."""
        kept = np.isin(self.numbers, wanted)
        return Forms(self.numbers[kept], self.codes[kept], self.read)


def forms(known: Known, asked: Request, plane: Plane) -> Forms:
    """The forms of assignments for an operation; `asked` is of any resource, of which nothing is told."""
    given = known.held.assignments
    pairs, first = given.pairs
    codes = np.full(len(first), NEVER - 1, np.int64)
    read: dict[int, tuple[str, ...]] = {}
    alike: dict[object, int] = {True: PLAIN, False: NEVER}
    for pair, at in enumerate(first.tolist()):
        found = _given(asked, plane, known, at)
        if found is not None:
            formula, texts = found
            # Of the principal nothing is known here, so that what is asked of it tells formulas not apart.
            own = any(_OF_PRINCIPAL in text.lower() for text in texts)
            codes[pair] = form = alike.setdefault((pair, formula) if own else formula, pair)
            if form >= 0:
                read[form] = tuple(dict.fromkeys((*read.get(form, ()), *of_resource(texts))))
    mine = codes[pairs]
    numbers = np.flatnonzero(mine >= NEVER)
    return Forms(numbers, mine[numbers], read)


def _given(asked: Request, plane: Plane, known: Known, number: int) -> tuple[Formula, list[str]] | None:
    """When an assignment gives, by its role and condition, and what these write; None: its role has it not."""
    one = known.held.assignments.one(number)
    made = grant(replace(asked, who=STRANGER), plane, one, True)
    if made.has is False:
        return None
    entries = made.role.entries if made.role is not None else ()
    return all_of((made.has, made.condition)), [one.condition, *(entry.condition for entry in entries)]


def of_resource(texts: Iterable[str]) -> Iterator[str]:
    """What conditions ask of the resource: attributes, by key."""
    for text in texts:
        node = parsed(text)
        for one in attributes(node) if node is not None else ():
            if one.source == "Resource":
                yield one.key
