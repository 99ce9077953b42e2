"""Whom a principal stands for: a group once, through others, whatever circles they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

from leastwise.engine.formula import Formula, Literal, any_of
from leastwise.engine.solve import Gap

from ..evaluate.estate import FOREIGN, GROUP, NOT_HERE, kind_of
from ..evaluate.membership import apart
from ..language.assignments import Listed
from .estate import Compiled


class Naming(NamedTuple):
    """A principal as it is named.

    Args:
        number: which.
        type: as whoever names it tells.
        tenant: the other tenant whose it is told to be, or empty.
        here: the tenant in which a group of another one is named; empty where not known.
    """

    number: int
    type: str = ""
    tenant: str = ""
    here: str = ""


class Elsewhere(NamedTuple):
    """A gap that lets in only who may be in a group of another tenant: see `evaluate.membership.apart`."""

    gap: str
    tenant: str
    here: str


@dataclass(frozen=True)
class Expansion:
    """Whom some principals stand for.

    Args:
        sure: numbers of all who are certainly meant: of a group itself, the groups in it, and their members.
        gaps: what was not read that may let in anybody.
        everyone: all are meant.
        foreign: which of the gaps do not let in everybody: who is in groups of other tenants.
        services: which of the gaps let in service principals alone: lists told everybody else.
    """

    sure: BitMap
    gaps: frozenset[str] = frozenset()
    everyone: bool = False
    foreign: frozenset[Elsewhere] = frozenset()
    services: frozenset[str] = frozenset()

    @cached_property
    def others(self) -> Formula:
        """Whether somebody is meant who is not certainly, and of whom no directory told."""
        return self.others_of("")

    def others_of(self, home: str, *, person: bool = False) -> Formula:
        """The same of somebody of whom the directory of a tenant told, and (`person`) that it is a user or group."""
        return self.everyone or any_of(Literal(Gap(one)) for one in sorted(self.let_in(home, person=person)))

    def let_in(self, home: str, *, person: bool = False) -> frozenset[str]:
        """The gaps that may let in somebody of whom the directory of a tenant told."""
        shut = frozenset(one.gap for one in self.foreign)
        found = (self.gaps - shut) | {one.gap for one in self.foreign if not apart(home, one.tenant, one.here)}
        return found - self.services if person else found


NOBODY = Expansion(BitMap())


class Expanding:
    """Expands principals of one estate; keeps what it found of groups."""

    def __init__(self, held: Compiled) -> None:
        self._held, self._rows = held, held.rows("group.members")
        self._kept: dict[tuple[int, str], Expansion] = {}
        arrays = held.arrays
        self._types, self._read, self._partly = arrays["member.type"], arrays["member.read"], arrays["member.partly"]
        self._people = arrays["member.people"]

    @cached_property
    def groups(self) -> BitMap:
        """All groups whose members were read, as a whole: they stand for their members, and not for themselves."""
        arrays = self._held.arrays
        return BitMap(np.flatnonzero(arrays["member.read"] & ~arrays["member.partly"]).astype(np.uint32))

    def of(self, named: Iterable[Naming]) -> Expansion:
        """Whom some principals stand for."""
        plain: list[int] = []
        parts: list[Expansion] = []
        for number, type, tenant, here in named:
            known = int(self._types[number])
            if known > 1 or (not known and kind_of(type) not in ("", GROUP)):
                plain.append(number)
            else:
                found = self._one(number, "" if known else kind_of(type))
                of = tenant or self._held.home(number)
                parts.append(_of_others(found, type, of, here) if not self._read[number] else found)
        return joined([Expansion(BitMap(plain)), *parts])

    def of_listed(self, listed: Sequence[Listed], here: str) -> Expansion:
        """The same of principals as a deny assignment in a tenant lists them; strangers concern nobody else."""
        found = ((self._held.member_number(one.id), one) for one in listed if not one.everyone)
        parts = [
            self.of([Naming(number, one.type, "", here)]) if number is not None else _stranger(one, here)
            for number, one in found
        ]
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
        services: set[str] = set()
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
                services.update([f"the members of group {id}"] if self._people[at] else [])
            members = self._rows.row(at)
            sure |= BitMap(members.astype(np.uint32))
            inner = members[self._types[members] <= 1]
            fresh = BitMap(inner.astype(np.uint32)) - seen
            seen |= fresh
            queue += list(fresh)
        return Expansion(sure, frozenset(gaps), services=frozenset(services))


def _stranger(one: Listed, here: str) -> Expansion:
    """One whom the tables do not name, and a group whose members were not read."""
    kind = kind_of(one.type)
    if not kind:
        return Expansion(BitMap(), frozenset({f"whether {one.id} is a group, and who is in it"}))
    if kind != GROUP:
        return NOBODY
    return _of_others(Expansion(BitMap(), frozenset({f"the members of group {one.id}"})), one.type, "", here)


def _of_others(one: Expansion, type: str, tenant: str, here: str) -> Expansion:
    """A group that was not read; one of another tenant has nobody in it who is of a third."""
    if type.lower() not in FOREIGN:
        return one
    here = here if type.lower() == NOT_HERE else ""
    return replace(one, foreign=frozenset(Elsewhere(gap, tenant, here) for gap in one.gaps))


def joined(parts: Sequence[Expansion]) -> Expansion:
    """Whom several stand for together."""
    plain = frozenset[str]().union(*(one.gaps - {each.gap for each in one.foreign} for one in parts))
    return Expansion(
        BitMap.union(BitMap(), *(one.sure for one in parts)),
        frozenset[str]().union(*(one.gaps for one in parts)),
        any(one.everyone for one in parts),
        frozenset(each for one in parts for each in one.foreign if each.gap not in plain),
        frozenset[str]().union(*(one.services for one in parts)),
    )
