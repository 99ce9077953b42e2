"""Scopes of one principal that nothing tells apart: what is found out at one of them is so at the others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.request import NOW, Request
from ..language.ids import arm_id
from .anywhere import Anywhere
from .columns import UNREAD
from .estate import Compiled

_BY_THEMSELVES = ("keyvault:", "containerservice:", "documentdb:", "storage:")
"""Kinds of resources in which other systems than roles may let somebody in."""


class Anchors:
    """What sets scopes apart in questions of one principal.

    Args:
        anywhere: the estate.
        asked: the question.
        mine: the assignments that let the principal in, or may.
    """

    def __init__(self, anywhere: Anywhere, asked: Request, mine: Array) -> None:
        self._anywhere, self._held, self._asked = anywhere, anywhere.held, asked
        self._by_place: dict[int, list[object]] = {}
        columns = (self._held.assignments.place[mine].tolist(), mine.tolist())
        for place, number in zip(*columns, strict=True):
            self._by_place.setdefault(place, []).append(self._said(number))
        self._alone = bool(anywhere.situations.reads_resource(mine).any()) or anywhere.known.denials_read

    def of(self, place: int) -> object:
        """Equal for two scopes in which the principal can do the same for the same reasons."""
        held, chain = self._held, self._held.estate.chain(self._held.place(place))
        top = arm_id(held.places[place]).top
        if self._alone or chain.open or top not in held.read or self.special[place]:
            return place
        unread = frozenset(key for key in chain.keys if key in self._unread)
        said = frozenset(one for at in self._above(place) for one in self._by_place.get(at, ()))
        return said, int(self._anywhere.situations.every[place]), unread

    def _above(self, place: int) -> Iterator[int]:
        parents = self._held.arrays["place.parent"]
        at = place
        while at >= 0:
            yield at
            at = int(parents[at])

    def _said(self, number: int) -> object:
        """What an assignment gives, and to whom; one whose condition is told by its name stands for itself."""
        given = self._held.assignments
        condition = int(given.condition[number])
        if self._anywhere.known.broken(given.conditions[condition]) or int(given.until[number]) == UNREAD:
            return number
        until = int(given.until[number]) if NOW.key in self._asked.context else 0
        return int(given.role[number]), condition, int(given.principal[number]), int(given.type[number]), until

    @cached_property
    def _unread(self) -> frozenset[str]:
        return self._held.estate.unread_grants | self._held.estate.unread_denies

    @cached_property
    def special(self) -> Array:
        """The mask of places in which other systems than roles may let somebody in."""
        return special_places(self._held)


def special_places(held: Compiled) -> Array:
    """The mask of places in which other systems than roles may let somebody in."""
    kinds = np.array([one.startswith(_BY_THEMSELVES) for one in held.place_kinds], np.bool_)
    return np.asarray(kinds[held.arrays["place.kind"]])
