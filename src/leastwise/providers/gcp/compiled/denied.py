"""Whom changed deny rules tell another thing, and of what: all that is looked at where nothing else changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, all_of, negate
from leastwise.providers.bulk.effective import Part

from ..evaluate.membership import any_includes
from ..evaluate.request import Request
from ..language.members import CONVENIENCE, Kind, parse_member
from ..language.policies import DenyRule
from ..language.roles import without_condition
from .deciding import Known
from .numbers import Numbers

Placed = tuple[str, DenyRule]
"""A deny rule, its position aside, and the full name of what its policy is attached to."""


@dataclass(frozen=True)
class Rules:
    """The deny rules of an estate that another does not have alike."""

    known: Known
    asked: Request
    changed: tuple[Placed, ...]

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.known.held)

    @cached_property
    def permissions(self) -> frozenset[str]:
        """All permissions that they name, or may."""
        named = (some for _, rule in self.changed for some, _ in self._numbers.named(rule))
        return frozenset(self._numbers.canonical[one] for one in BitMap.union(BitMap(), *named))

    def of(self, id: str) -> dict[object, Formula]:
        """What they say of somebody: by what a rule forbids where, and when, whether it names them."""
        asked = replace(self.asked, who=parse_member(id))
        found: dict[object, Formula] = {}
        for place, rule in self.changed:
            named = all_of((any_includes(rule.principals, asked), negate(any_includes(rule.exceptions, asked))))
            if named is not False:
                found[place, rule.permissions, rule.excepted, rule.condition, str(named)] = named
        return found

    def reached(self, place: str, permissions: frozenset[str]) -> BitMap | None:
        """The members whom bindings above a place, or in it, may give some permissions; None for anybody."""
        held, number = self.known.held, self.known.held.place_number(place)
        if number is None:
            return None
        bindings, _ = held.rows("document.bindings").gather(self._documents(number))
        members, _ = held.rows("binding.members").gather(self._giving(np.unique(bindings), permissions))
        named = np.unique(members)
        if any(held.member(one).kind in (*CONVENIENCE, Kind.OTHER, Kind.EVERYONE) for one in named.tolist()):
            return None
        whom = self.known.expanding.of(named, self.asked)
        found = BitMap(named.astype(np.uint32)) | whom.everybody
        if any(part.gaps for part in whom.parts):
            return None
        for listed in dict.fromkeys(one for part in whom.parts for one in part.sets):
            for group, some in self.known.classes.items():
                who = held.member(some[0])
                if self.known.includes(listed, group, who, replace(self.asked, who=who)) is not False:
                    found |= some
        return found

    def _giving(self, bindings: Array, permissions: frozenset[str]) -> Array:
        """Those of some bindings whose role is known to hold one of some permissions."""
        roles = self.known.held.arrays["binding.role"][bindings]
        names, wanted = self.known.held.role_names, self._numbers.known(permissions)
        giving = []
        for code in np.unique(roles).tolist():
            found = self._numbers.role(without_condition(names[code]) or names[code])
            if found is not None and found & wanted:
                giving.append(code)
        return bindings[np.isin(roles, giving)]

    def _documents(self, number: int) -> Array:
        """The policies on a place, above it, in it, and on what may lie in it."""
        arrays = self.known.held.arrays
        begin, end = self.known.held.below(number)
        wanted = np.asarray(arrays["place.astray"]).copy()
        wanted[begin:end] = True
        while number >= 0:
            wanted[number] = True
            number = int(arrays["place.parent"][number])
        documents = arrays["place.document"][wanted]
        return np.unique(documents[documents >= 0])


class Denied:
    """Whom the changed deny rules of two estates tell another thing.

    Args:
        before: those of the earlier estate.
        now: those of the later.
    """

    def __init__(self, before: Rules, now: Rules) -> None:
        self._sides = before, now

    @classmethod
    def of(cls, before: tuple[Known, Request], now: tuple[Known, Request]) -> Denied | None:
        """The changed rules of two estates; None where they have the same."""
        placed = [Counter(_placed(known)) for known, _ in (before, now)]
        if placed[0] == placed[1]:
            return None
        kept = (tuple(one - other) for one, other in (placed, placed[::-1]))
        return cls(*(Rules(*side, changed) for side, changed in zip((before, now), kept, strict=True)))

    def part(self, id: str) -> Part | None:
        """What they may have changed for somebody; None where they say the same of them, or nothing that matters."""
        earlier, later = (side.of(id) for side in self._sides)
        if earlier == later or not self._concerns(id):
            return None
        return self._part

    @cached_property
    def _part(self) -> Part:
        permissions = frozenset[str]().union(*(side.permissions for side in self._sides))
        return Part(permissions, self._places)

    @cached_property
    def _places(self) -> tuple[str, ...]:
        return tuple(sorted({place for side in self._sides for place, _ in side.changed}))

    def _concerns(self, id: str) -> bool:
        """Whether bindings may give somebody something where changed rules lie."""
        for side, reached in zip(self._sides, self._reached, strict=True):
            number = side.known.held.member_number(id)
            if any(found is None or number is None or number in found for found in reached):
                return True
        return False

    @cached_property
    def _reached(self) -> list[list[BitMap | None]]:
        return [[side.reached(place, self._part.permissions) for place in self._places] for side in self._sides]


def _placed(known: Known) -> list[Placed]:
    return [
        (attached, replace(rule, position=0))
        for attached, policies in known.held.estate.denies.items()
        for policy in policies
        for rule in policy.rules
    ]
