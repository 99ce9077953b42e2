"""Whom a set stands for: groups once, through others, whatever circles they make; other sets by class of principals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, Literal
from leastwise.engine.solve import Gap

from ..evaluate.request import Request
from ..language.members import CONVENIENCE, SINGLES, Kind, Member
from .estate import Compiled
from .kinds import DELETED, KINDS

_GROUP = KINDS.index(Kind.GROUP)
_SINGLES = np.array([kind in SINGLES for kind in KINDS])


@dataclass(frozen=True, slots=True)
class Expansion:
    """Whom some members stand for.

    Args:
        sure: numbers of those who are certainly among them, groups that were not read themselves.
        sets: further sets that lie among them, which take in whole classes of principals, or may.
        gaps: what was not read that may let in anybody.
        timed: others who are among them until the first of some moments (RFC 3339).
    """

    sure: BitMap
    sets: tuple[Member, ...] = ()
    gaps: tuple[str, ...] = ()
    timed: tuple[tuple[frozenset[str], Expansion], ...] = ()

    @property
    def everybody(self) -> BitMap:
        """The numbers of all who are named, for a time or for ever."""
        return BitMap.union(self.sure, *(one.sure for _, one in self.timed))

    @property
    def parts(self) -> tuple[Expansion, ...]:
        """This and those for a time."""
        return (self, *(one for _, one in self.timed))

    @property
    def anybody(self) -> tuple[Formula, ...]:
        """The gaps as formulas."""
        return tuple(Literal(Gap(one)) for one in self.gaps)


class Expanding:
    """Expands members of one estate; keeps what it found of groups."""

    def __init__(self, held: Compiled) -> None:
        self._held, self._rows = held, held.rows("group.members")
        self._kinds: Array = held.arrays["member.kind_of"]
        self._groups: dict[int, Expansion] = {}
        self._empty, self._partly = (
            frozenset(map(held.member_number, (f"group:{one}" for one in held.facts[word])))
            for word in ("empty", "partly")
        )

    def of(self, numbers: Array, asked: Request) -> Expansion:
        """Whom some members stand for, by number; of those who were deleted nobody."""
        kinds = self._kinds[numbers]
        plain = numbers[(kinds != DELETED) & (kinds != _GROUP)]
        sure = BitMap(plain.astype(np.uint32))
        sets = [self._held.member(int(one)) for one in plain[~_SINGLES[self._kinds[plain]]]]
        basic = [one for one in sets if one.kind in CONVENIENCE]
        sure -= BitMap(self._numbers(basic))
        parts = [self._group(int(one)) for one in numbers[kinds == _GROUP]]
        parts += [self._convenience(one, asked) for one in basic]
        return _joined([Expansion(sure, tuple(one for one in sets if one.kind not in CONVENIENCE)), *parts])

    def _group(self, number: int) -> Expansion:
        if number not in self._groups:
            self._groups[number] = self._expanded(number)
        return self._groups[number]

    def _expanded(self, group: int) -> Expansion:
        """A group's members through all groups in it; each is looked at once for each end that memberships have."""
        found: dict[frozenset[str], list[Expansion]] = {frozenset(): []}
        start = (group, frozenset[str]())
        seen, queue = {start}, [start]
        while queue:
            at, ends = queue.pop()
            members = self._rows.row(at)
            if (not len(members) and at not in self._empty) or at in self._partly:
                # Whom it may take in is told by class, as of any set.
                found.setdefault(ends, []).append(Expansion(BitMap([at]), (self._held.member(at),)))
            if not len(members):
                continue
            untils = np.array(self._held.until(at), object)
            for until in dict.fromkeys(untils.tolist()):
                later = ends | {until} if until else ends
                some = members[untils == until]
                kinds = self._kinds[some]
                inner = [(int(one), later) for one in some[kinds == _GROUP]]
                queue += [one for one in inner if one not in seen]
                seen.update(inner)
                plain = some[(kinds != DELETED) & (kinds != _GROUP)]
                sets = [self._held.member(int(one)) for one in plain[~_SINGLES[self._kinds[plain]]]]
                found.setdefault(later, []).append(Expansion(BitMap(plain.astype(np.uint32)), tuple(sets)))
        whole = _joined(found.pop(frozenset()))
        return replace(whole, timed=tuple((ends, _joined(several)) for ends, several in found.items()))

    def _convenience(self, listed: Member, asked: Request) -> Expansion:
        """Holders of a basic role on a project, there or from above; see `membership`."""
        chain = asked.estate.chain(asked.estate.project(listed.id))
        gaps = [f"the policy of {name}" for name in chain.unread]
        if chain.open:
            gaps.append(f"what is above {chain.names[-1]}")
        found = [Expansion(BitMap(), (), tuple(gaps))]
        for name in chain.names:
            place = asked.estate.places.get(name)
            for binding in place.policy.bindings if place is not None and place.policy is not None else ():
                if binding.role == CONVENIENCE[listed.kind]:
                    plain = [one for one in binding.members if one.kind not in CONVENIENCE]
                    found.append(self.of_members(plain, asked))
        return _joined(found)

    def _numbers(self, members: Iterable[Member]) -> list[int]:
        found = (self._held.member_number(one.text) for one in members)
        return [one for one in found if one is not None]

    def of_members(self, members: Sequence[Member], asked: Request) -> Expansion:
        """The same of members as a policy lists them; one whom the estate does not know concerns nobody in it."""
        known = np.array(self._numbers(members), np.int64)
        return self.of(known, asked)


def _joined(parts: Sequence[Expansion]) -> Expansion:
    sets = dict.fromkeys(one for part in parts for one in part.sets)
    gaps = dict.fromkeys(one for part in parts for one in part.gaps)
    timed: dict[frozenset[str], list[Expansion]] = {}
    for part in parts:
        for ends, one in part.timed:
            timed.setdefault(ends, []).append(one)
    later = tuple((ends, _joined(several)) for ends, several in timed.items())
    return Expansion(BitMap.union(BitMap(), *(part.sure for part in parts)), tuple(sets), tuple(gaps), later)
