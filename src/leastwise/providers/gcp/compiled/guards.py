"""What deny policies and boundaries leave of all permissions, for somebody on whatever lies in a place.

What they do depends on who is asked about only by whom rules name and boundaries bind (a `Standing`), and on the place
only by what lies above it (its situation); so it is worked out once for each pair that occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.groups import Groups
from leastwise.engine.solve import Gap

from ..evaluate.allow import access_policies
from ..evaluate.boundary import Bounded, Eligible, bounds, conditional, enforcement, in_set
from ..evaluate.deny import applies
from ..evaluate.membership import any_includes
from ..evaluate.request import Request
from ..language.policies import DenyPolicy, DenyRule
from .deciding import Known
from .numbers import Numbers

_EVENTARC = "eventarc.googleapis.com"
Guard = tuple[tuple[BitMap, Formula], ...]
"""All permissions in sets that have nothing in common, each with when nothing takes it away."""
Parts = list[tuple[BitMap, Formula]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom guardrails touch: for each deny rule when it names somebody and does not except them, for each binding of a
    boundary when it applies to them.
    """

    rules: tuple[Formula, ...]
    bounds: tuple[Formula, ...]


class Guards:
    """Deny policies and boundaries of one estate."""

    def __init__(self, known: Known, numbers: Numbers) -> None:
        self._known, self._held, self._numbers = known, known.held, numbers
        self._estate = known.held.estate
        self._made: dict[tuple[Standing, int], Guard] = {}

    @cached_property
    def _rules(self) -> list[tuple[str, DenyPolicy, DenyRule]]:
        return [
            (attached, policy, rule)
            for attached, policies in self._estate.denies.items()
            for policy in policies
            for rule in policy.rules
        ]

    def standing(self, asked: Request) -> Standing:
        """That of whoever asks."""
        named = (
            all_of((any_includes(rule.principals, asked), negate(any_includes(rule.exceptions, asked))))
            for _, _, rule in self._rules
        )
        bound = (all_of((in_set(asked, one.target), conditional(asked, one))) for one in self._estate.bound)
        return Standing(tuple(named), tuple(bound))

    def standings(self, members: Array, asked: Request) -> Iterator[tuple[Standing, Array]]:
        """Those of some members, by number ascending: each with whom it is the standing of."""
        if not self._rules and not self._estate.bound:
            yield Standing((), ()), members
            return
        groups, sets = Groups(len(members)), False
        for _, _, rule in self._rules:
            for listed in (rule.principals, rule.exceptions):
                for part in self._known.expanding.of_members(listed, asked).parts:
                    groups.mark(np.flatnonzero(np.isin(members, np.array(part.sure.to_array(), np.int64))))
                    sets = sets or bool(part.sets)
        columns = [self._by_name(members, asked)]
        if sets or self._estate.bound:
            columns.append(self._held.arrays["member.class"][members].astype(np.int64))
        gathered: dict[Standing, list[Array]] = {}
        for _, places in groups.parts(np.arange(len(members)), columns):
            who = self._held.member(int(members[places[0]]))
            gathered.setdefault(self.standing(replace(asked, who=who)), []).append(members[places])
        for standing, found in gathered.items():
            yield standing, np.sort(np.concatenate(found))

    def _by_name(self, members: Array, asked: Request) -> Array:
        """A number for each member: equal where the conditions that read a principal's name say the same."""
        named = [one for one in self._estate.bound if "subject" in (one.condition or "")]
        if not named:
            return np.zeros(len(members), np.int64)
        codes: dict[tuple[Formula, ...], int] = {}
        told = (replace(asked, who=self._held.member(number)) for number in members.tolist())
        found = (tuple(conditional(one, binding) for binding in named) for one in told)
        return np.array([codes.setdefault(one, len(codes)) for one in found], np.int64)

    @cached_property
    def situation(self) -> Array:
        """A number for each place: equal where the same guardrails are, or may be, above it."""
        return situations(self._known, np.arange(len(self._held.places)))

    def at(self, standing: Standing, place: int) -> Guard:
        """What is left of all permissions for somebody of a standing, on what lies in a place."""
        key = standing, int(self.situation[place])
        if key not in self._made:
            asked = self._numbers.asked(self._held.places[place])
            parts = self._with_denials(asked, standing)
            within = self._within(asked, standing)
            found: dict[Formula, BitMap] = {}
            for members, denied in parts:
                for others, eligible in within:
                    both = members & others
                    if both:
                        found.setdefault(all_of((eligible, negate(denied))), BitMap()).update(both)
            self._made[key] = tuple((members, formula) for formula, members in found.items())
        return self._made[key]

    def _with_denials(self, asked: Request, standing: Standing) -> Parts:
        """All permissions by when they are denied."""
        unread = any_of(
            Literal(Gap(one, denies=True))
            for attached, named in self._estate.unread.items()
            if asked.chain.holds(attached) is not False
            for one in named
        )
        parts: Parts = [(self._numbers.all, unread)]
        for (attached, policy, rule), named in zip(self._rules, standing.rules, strict=True):
            held = asked.chain.holds(attached) if named is not False else False
            if held is False:
                continue
            placed: Formula = True if held else Literal(Gap(f"whether {asked.resource} lies in {attached}"))
            base = all_of((placed, named, applies(asked, policy, rule)))
            for members, about in self._numbers.named(rule) if base is not False else ():
                parts = _split(parts, members, _or(all_of((base, about))))
        if self._estate.access and _EVENTARC in self._numbers.by_host:
            told = access_policies(replace(asked, permission=f"{_EVENTARC}/triggers.get"))
            gaps = any_of(Literal(Gap(one, denies=True)) for one in told)
            parts = _split(parts, self._numbers.by_host[_EVENTARC], _or(gaps))
        return parts

    def _within(self, asked: Request, standing: Standing) -> Parts:
        """All permissions by when boundaries leave somebody eligible."""
        found = list(bounds(asked))
        told = [replace(one, applies=when) for one, when in zip(found, standing.bounds, strict=True)]
        told = [one for one in told if one.applies is not False]
        parts: list[tuple[BitMap, tuple[Bounded, ...]]] = [(self._numbers.all, ())]
        for one in told:
            parts = [part for members, before in parts for part in self._blocked(members, before, one)]
        return [(members, Eligible(several).formula) for members, several in parts]

    def _blocked(
        self, members: BitMap, before: tuple[Bounded, ...], one: Bounded
    ) -> Iterator[tuple[BitMap, tuple[Bounded, ...]]]:
        """Some permissions by when one more boundary can block them."""
        if one.boundary is None:
            yield members, (*before, one)
            return
        version = one.boundary.version if one.boundary.version is not None else enforcement().default
        rest = members
        for some, when in self._numbers.blocked(version):
            both = members & some
            if both:
                yield both, (*before, replace(one, blocks=when))
                rest = rest - both
        if rest:
            yield rest, (*before, replace(one, blocks=False))


def _or(formula: Formula) -> Callable[[Formula], Formula]:
    return lambda before: any_of((before, formula))


def _split(parts: Parts, members: BitMap, then: Callable[[Formula], Formula]) -> Parts:
    """Parts in which a formula is another one for some permissions."""
    found: Parts = []
    for some, formula in parts:
        both = some & members
        if both:
            found.append((both, then(formula)))
        if len(both) < len(some):
            found.append((some - both, formula))
    return found


def refined(parts: Sequence[BitMap], sets: Iterable[BitMap]) -> list[BitMap]:
    """Sets cut so that each part of them lies in or beside each of some others."""
    found = list(parts)
    for one in sets:
        found = [piece for part in found for piece in (part & one, part - one) if piece]
    return found


def situations(known: Known, places: Array) -> Array:
    """A number for each place: equal where the same guardrails are, or may be, above it."""
    held, codes = known.held, np.zeros(len(places), np.int64)
    estate = held.estate
    listed = [one for each in estate.boundaries.values() for one in each.resources]
    targets = [one.target for one in estate.access]
    named = dict.fromkeys((*estate.denies, *estate.unread, *map(estate.projects.canonical, (*listed, *targets))))
    for name in named:
        number = held.place_number(name)
        if number is not None:
            begin, end = held.below(number)
            codes = codes * 2 + ((places >= begin) & (places < end))
            _, codes = np.unique(codes, return_inverse=True)
    codes = codes * 2 + held.arrays["place.astray"][places]
    # What is above the top of a tree is not known of some trees.
    tops = np.flatnonzero(held.arrays["place.parent"] < 0)
    top = np.searchsorted(tops, places, side="right") - 1
    return np.asarray(codes * (len(tops) + 1) + top)
