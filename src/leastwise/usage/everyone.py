"""The gap of every principal in numbers: sets of permissions by bundle, put together once for those who hold alike.

The verdicts are those of `gap`: a permission of a group is UNOBSERVABLE where that is so on the resources of any bundle
that gives it. Only what was used is looked at principal by principal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.holdings import Alike, Everybody, Part
from leastwise.model.gap import SENSITIVITIES, Summary

from .creep import REACHES, WEIGHTS, creep, reach
from .gap import Facts
from .ruling import Rule
from .uses import CALL, IMPLIED, POSSIBLE, Used
from .watching import Watch


@dataclass(frozen=True, slots=True)
class _Said:
    """What one bundle, or several, give: permissions by reach, the widest first, and those not surely recorded."""

    reaches: tuple[BitMap, ...]
    unseen: BitMap


@dataclass(frozen=True, slots=True)
class _Group:
    """What a group holds under its limit, and the weights of all of it by sensitivity."""

    granted: BitMap
    unseen: BitMap
    seen: BitMap
    reaches: tuple[BitMap, ...]
    sure: Array
    unsure: Array


_NONE = BitMap()
_UNUSED = Used({}, None)


class Everyone:
    """Sums up the gap of every principal.

    Args:
        everybody: what is held.
        facts: see `gap.Facts`.
    """

    def __init__(self, everybody: Everybody, facts: Facts) -> None:
        self._everybody, self._facts = everybody, facts
        self._codes = np.array([SENSITIVITIES.index(one) for one in facts.sensitivity], np.int64)
        self._weights = np.array([WEIGHTS[one] for one in SENSITIVITIES])
        self._heavy = BitMap(np.flatnonzero(self._weights[self._codes]).astype(np.uint32))
        self._said: dict[tuple[int, int], _Said] = {}
        self._watched: dict[int, tuple[BitMap, list[tuple[Rule, BitMap]]]] = {}

    def summaries(self) -> Iterator[Summary]:
        """A summary for each principal."""
        return (summary for summary, _ in self.with_unused())

    def with_unused(self) -> Iterator[tuple[Summary, BitMap]]:
        """A summary for each principal, and the numbers of the permissions that are UNUSED; not to be changed."""
        used = self._facts.uses.numbered(self._facts.names)
        for group in self._everybody.groups:
            yield from self._summed(group, used)

    def _summed(self, group: Alike, used: Mapping[str, Used]) -> Iterator[tuple[Summary, BitMap]]:
        if group.unread:
            for principal in group.principals:
                last = used.get(principal, _UNUSED).last
                yield _summary(principal, group, (0, 0, 0, 0, 0), last, np.zeros(len(SENSITIVITIES)), 0.0), _NONE
            return
        whole = self._group(group)
        for principal in group.principals:
            yield self._one(principal, group, whole, used.get(principal, _UNUSED))

    def _group(self, group: Alike) -> _Group:
        facts = self._facts
        watch = facts.watching.of(group.account)
        said = [self._of_bundle(bundle, watch) for bundle in group.bundles]
        levels: list[BitMap] = []
        granted = BitMap()
        for place in range(len(REACHES)):
            given = [one.reaches[place] for one in said if one.reaches[place]]
            if not given:
                levels.append(_NONE)
                continue
            found = given[0] if len(given) == 1 else BitMap.union(*given)
            if group.limit is not None:
                found = found & group.limit
            levels.append((found - granted) & self._heavy)
            granted |= found
        hidden = (one.permissions for one in group.hidden)
        unseen = BitMap.union(BitMap(), *(one.unseen for one in said), *hidden) & granted
        seen = granted - unseen
        sure, unsure = (self._weigh(levels, one) for one in (seen, unseen))
        return _Group(granted, unseen, seen, tuple(levels), sure, unsure)

    def _of_bundle(self, number: int, watch: Watch) -> _Said:
        key = (number, id(watch))
        known = self._said.get(key)
        if known is None:
            parts = self._everybody.bundles[number]
            levels = [BitMap() for _ in REACHES]
            for part in parts:
                levels[REACHES.index(reach(part.resources, self._facts.naming))] |= part.permissions
            unseen = BitMap.union(BitMap(), *(self._unrecorded(part, watch) for part in parts))
            known = self._said[key] = _Said(tuple(levels), unseen)
        return known

    def _unrecorded(self, part: Part, watch: Watch) -> BitMap:
        """The permissions of a part of which a use might not be recorded."""
        never, open_ = self._rules(watch)
        found = part.permissions & never
        for rule, members in open_:
            if members.intersect(part.permissions) and rule.unseen(part.resources):
                found |= members & part.permissions
        return found

    def _rules(self, watch: Watch) -> tuple[BitMap, list[tuple[Rule, BitMap]]]:
        """The permissions of which no use is recorded, and the rules under which the resource decides."""
        known = self._watched.get(id(watch))
        if known is None:
            told = [(rule, members, rule.decided) for rule, members in watch.by_rule]
            never = BitMap.union(BitMap(), *(members for _, members, decided in told if decided is False))
            known = never, [(rule, members) for rule, members, decided in told if decided is None]
            self._watched[id(watch)] = known
        return known

    def _one(self, principal: str, group: Alike, whole: _Group, used: Used) -> tuple[Summary, BitMap]:
        facts = self._facts
        told, unattributed = facts.attempts.tells(principal), principal in facts.unattributed
        if not (told or unattributed or any(whole.granted.intersect(one) for one in used.by.values())):
            counts = (len(whole.granted), 0, 0, len(whole.seen), len(whole.unseen))
            unsure = float(whole.unsure @ self._weights)
            return _summary(principal, group, counts, used.last, whole.sure, unsure), whole.seen
        called = used.of(CALL) & whole.granted
        implied = (used.of(IMPLIED) & whole.granted) - called
        left = whole.granted - called - implied
        unseen = left if unattributed else (whole.unseen | used.of(POSSIBLE)) & left
        if told and not unattributed:
            never = facts.watching.of(group.account).nevers
            unseen -= facts.attempts.untouched_of(principal, facts.names, unseen - used.of(POSSIBLE) - never)
            unseen |= facts.attempts.tried_of(principal, facts.names, left - unseen)
        unused = left - unseen
        # What is lighter by the few that were used, instead of weighing all again.
        sure = whole.sure - self._weigh(whole.reaches, whole.seen - unused)
        sure = sure + self._weigh(whole.reaches, unused & whole.unseen)
        weights = whole.unsure - self._weigh(whole.reaches, whole.unseen - unseen)
        weights = weights + self._weigh(whole.reaches, unseen - whole.unseen)
        counts = (len(whole.granted), len(called), len(implied), len(unused), len(unseen))
        return _summary(principal, group, counts, used.last, sure, float(weights @ self._weights)), unused

    def _weigh(self, levels: Sequence[BitMap], among: BitMap) -> Array:
        """By sensitivity, how many permissions there are, each counted by its reach; of `levels` those that weigh."""
        found = np.zeros(len(SENSITIVITIES))
        if not among:
            return found
        for factor, level in zip(REACHES, levels, strict=True):
            both = level & among if level else level
            if both:
                numbers = np.frombuffer(both.to_array(), np.uint32)
                found += factor * np.bincount(self._codes[numbers], minlength=len(SENSITIVITIES))
        return found


def _summary(
    principal: str,
    group: Alike,
    counts: tuple[int, int, int, int, int],
    last: datetime | None,
    sure: Array,
    unsure: float,
) -> Summary:
    parts = {name: WEIGHTS[name] * float(one) for name, one in zip(SENSITIVITIES, sure, strict=True) if one}
    name = principal.rsplit("/", 1)[-1]
    return Summary(
        principal,
        name,
        group.kind,
        group.native,
        group.account,
        *counts,
        last,
        creep(parts, unsure),
        group.exact,
        group.unread,
    )


def chosen(
    found: Iterable[Summary], accounts: Sequence[str], kinds: Sequence[str], share: float | None
) -> list[Summary]:
    """Those of some accounts and kinds of whose permissions at least a share is surely unused, the worst first."""
    kept = [
        one
        for one in found
        if (not accounts or one.account in accounts)
        and (not kinds or one.kind in kinds or one.native in kinds)
        and (share is None or (one.unused_share is not None and one.unused_share >= share))
    ]
    return sorted(kept, key=lambda one: (-one.creep.index, -one.creep.at_most, one.principal))
