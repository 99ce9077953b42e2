"""Whom a principal stands for: a group once, through others, whatever circles they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.formula import Formula, Literal, any_of
from leastwise.engine.solve import Gap

from ..evaluate.estate import FOREIGN, GROUP, kind_of
from ..language.assignments import Listed
from .estate import Compiled

Named = tuple[int, str]
"""A principal by number, and its type as whoever names it tells."""


@dataclass(frozen=True)
class Expansion:
    """Whom some principals stand for.

    Args:
        sure: numbers of all who are certainly meant: of a group itself, the groups in it, and their members.
        gaps: what was not read that may let in anybody.
        everyone: all are meant.
        foreign: those of the gaps that let in nobody who was read: who is in groups of other tenants.
    """

    sure: BitMap
    gaps: frozenset[str] = frozenset()
    everyone: bool = False
    foreign: frozenset[str] = frozenset()

    @cached_property
    def others(self) -> Formula:
        """Whether somebody is meant who is not certainly."""
        return self.everyone or any_of(Literal(Gap(one)) for one in self.gaps)

    @cached_property
    def ours(self) -> Formula:
        """The same of somebody who was read."""
        return self.everyone or any_of(Literal(Gap(one)) for one in self.gaps - self.foreign)


NOBODY = Expansion(BitMap())


class Expanding:
    """Expands principals of one estate; keeps what it found of groups."""

    def __init__(self, held: Compiled) -> None:
        self._held, self._rows = held, held.rows("group.members")
        self._kept: dict[Named, Expansion] = {}
        arrays = held.arrays
        self._types, self._read, self._partly = arrays["member.type"], arrays["member.read"], arrays["member.partly"]

    @cached_property
    def groups(self) -> BitMap:
        """All groups whose members were read, as a whole: they stand for their members, and not for themselves."""
        arrays = self._held.arrays
        return BitMap(np.flatnonzero(arrays["member.read"] & ~arrays["member.partly"]).astype(np.uint32))

    def of(self, named: Iterable[Named]) -> Expansion:
        """Whom some principals stand for."""
        plain: list[int] = []
        parts: list[Expansion] = []
        for number, type in named:
            known = int(self._types[number])
            if known > 1 or (not known and kind_of(type) not in ("", GROUP)):
                plain.append(number)
            else:
                found = self._one(number, "" if known else kind_of(type))
                parts.append(_of_others(found, type) if not self._read[number] else found)
        return joined([Expansion(BitMap(plain)), *parts])

    def of_listed(self, listed: Sequence[Listed]) -> Expansion:
        """The same of principals as a deny assignment lists them; one whom nothing else names concerns nobody else."""
        found = ((self._held.member_number(one.id), one) for one in listed if not one.everyone)
        parts = [self.of([(number, one.type)]) if number is not None else _stranger(one) for number, one in found]
        whole = joined(parts)
        return replace(whole, everyone=any(one.everyone for one in listed))

    def _one(self, number: int, kind: str) -> Expansion:
        key = (number, kind)
        if key not in self._kept:
            self._kept[key] = self._expanded(number, kind)
        return self._kept[key]

    def _expanded(self, top: int, told: str) -> Expansion:
        """Somebody and all who are in it, each looked at once."""
        seen, queue = BitMap([top]), [top]
        sure = BitMap([top])
        gaps: set[str] = set()
        while queue:
            at = queue.pop()
            kind = self._held.kind(at) or (told if at == top else "")
            id = self._held.members[at]
            if not kind:
                gaps.add(f"whether {id} is a group, and who is in it")
            if kind != GROUP:
                continue
            if not self._read[at] or self._partly[at]:
                gaps.add(f"the members of group {id}")
            members = self._rows.row(at)
            sure |= BitMap(members.astype(np.uint32))
            inner = members[self._types[members] <= 1]
            fresh = BitMap(inner.astype(np.uint32)) - seen
            seen |= fresh
            queue += list(fresh)
        return Expansion(sure, frozenset(gaps))


def _stranger(one: Listed) -> Expansion:
    """One whom the tables do not name, and a group whose members were not read."""
    kind = kind_of(one.type)
    if not kind:
        return Expansion(BitMap(), frozenset({f"whether {one.id} is a group, and who is in it"}))
    if kind != GROUP:
        return NOBODY
    return _of_others(Expansion(BitMap(), frozenset({f"the members of group {one.id}"})), one.type)


def _of_others(one: Expansion, type: str) -> Expansion:
    """A group that was not read; nobody of the directory that was is in one of another tenant."""
    return replace(one, foreign=one.gaps) if type.lower() in FOREIGN else one


def joined(parts: Sequence[Expansion]) -> Expansion:
    """Whom several stand for together."""
    gaps = frozenset[str]().union(*(one.gaps for one in parts))
    return Expansion(
        BitMap.union(BitMap(), *(one.sure for one in parts)),
        gaps,
        any(one.everyone for one in parts),
        gaps - frozenset[str]().union(*(one.gaps - one.foreign for one in parts)),
    )
