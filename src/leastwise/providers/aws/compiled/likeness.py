"""Principals whose access is the same, or nearly: groups to merge, roles to share.

Equal policies, limits and facts are equal access without a decision. Equal sets of permissions are decided, as far as
the budget goes; sets that share much are found by sketches, so that no two are compared that have little in common.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.comparison import Alike, Twin

from ..evaluate.policy import Statement
from .actions import actions
from .folding import folded_numbers
from .granted import Granted, Sketches, bands
from .side import Side
from .traits import traits_of

_MOST_PROVEN = 200
"""Pairs of different policies that are decided to have equal effect."""
_MOST_MATES = 32
"""Sets with a part of their sketch in common that one set is compared with."""


@dataclass
class _Class:
    """Principals of equal policies and facts, and their permissions."""

    members: Array
    permissions: BitMap


@dataclass
class _Set:
    """Classes of equal permissions."""

    permissions: BitMap
    classes: list[_Class] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(len(one.members) for one in self.classes)


class Likeness:
    """Finds who is alike in one estate."""

    def __init__(self, side: Side) -> None:
        self._side, self._estate = side, side.estate
        self._left = _MOST_PROVEN

    def groups(self, threshold: float, kinds: Collection[str], account: str) -> list[Alike]:
        """The groups of two and more, the largest first."""
        sets = self._sets(self._chosen(kinds, account))
        found: list[Alike] = []
        parted: set[int] = set()
        for place, one in enumerate(sets):
            equal = list(self._equal(one))
            found += equal
            if one.size > 1 and (not equal or len(equal[0].twins) < one.size):
                parted.add(place)
        for together in self._near(sets, threshold, parted):
            found.append(self._group(together, equal=False))
        return sorted(found, key=lambda one: (-len(one.twins), not one.equal, one.twins[0].principal))

    def unread(self, kinds: Collection[str], account: str) -> int:
        """How many principals are left out, since something of their policies was not read."""
        chosen = self._chosen(kinds, account, read=False)
        return len(chosen) - len(self._chosen(kinds, account))

    def _chosen(self, kinds: Collection[str], account: str, *, read: bool = True) -> Array:
        arrays = self._estate.arrays
        mask = np.ones(self._estate.principals, bool)
        for name, wanted in (("kind", kinds), ("account", [account] if account else [])):
            if wanted:
                words = self._estate.texts(f"principal.{name}.texts").all()
                codes = [number for number, word in enumerate(words) if word in wanted]
                mask &= np.isin(arrays[f"principal.{name}"], codes)
        if read:
            mask &= ~(np.asarray(arrays["principal.unread"]) | (arrays["principal.boundary"] < -1))
        return np.flatnonzero(mask)

    # --- classes and sets

    def _sets(self, numbers: Array) -> list[_Set]:
        """The distinct sets of permissions, those of most principals first; without the empty one."""
        granted, found = Granted(self._side.access), dict[bytes, _Set]()
        for members in self._classes(numbers):
            permissions = granted.of(int(members[0]))
            if permissions:
                known = found.setdefault(permissions.serialize(), _Set(permissions))
                known.classes.append(_Class(members, permissions))
        return sorted(found.values(), key=lambda one: (-one.size, int(one.classes[0].members[0])))

    def _classes(self, numbers: Array) -> Iterator[Array]:
        """Principals with equal policies and limits."""
        if not len(numbers):
            return
        _, group = np.unique(self._side.prints.policies[numbers], axis=0, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        yield from np.split(numbers[order], np.flatnonzero(np.diff(group.ravel()[order])) + 1)

    # --- equal access

    def _equal(self, one: _Set) -> Iterator[Alike]:
        """The groups of principals of one set that can do the same, whatever the resource and the circumstances."""
        if one.size < 2:
            return
        parts = [part for known in one.classes for part in self._alike_facts(known)]
        parts.sort(key=lambda known: (-len(known.members), int(known.members[0])))
        while parts:
            first, waiting, together = parts[0], list[_Class](), [parts[0]]
            for other in parts[1:]:
                (together if self._same(first, other) else waiting).append(other)
            parts = waiting
            if sum(len(known.members) for known in together) > 1:
                yield self._group([_Set(one.permissions, together)], equal=True)

    def _alike_facts(self, known: _Class) -> Iterator[_Class]:
        """Principals of equal policies by what these ask of them, and by the resources that let them in."""
        if len(known.members) < 2:
            yield known
            return
        statements: list[Statement] = list(self._side.statements(int(known.members[0])).values())
        access, granting = self._side.access, self._side.granting
        traits = sorted(traits_of(statements), key=repr)
        columns = [access.columns.column(one, known.members, access.bringing) for one in traits]
        lets: dict[tuple[int, ...], int] = {}
        let_in = [tuple(granting.letting_in(int(number))) for number in known.members]
        columns.append(np.array([lets.setdefault(one, len(lets)) for one in let_in], np.int64))
        # Of a resource that lets somebody in by name, each decides alone.
        named = np.isin(known.members, list(granting.named))
        columns.append(np.where(named, known.members + 1, 0))
        _, group = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
        for number in range(int(group.max()) + 1):
            yield _Class(known.members[group.ravel() == number], known.permissions)

    def _same(self, first: _Class, second: _Class) -> bool:
        """Whether two classes are proven to have the same access."""
        if self._left <= 0:
            return False
        self._left -= 1
        numbers = [int(known.members[0]) for known in (first, second)]
        told = [self._side.statements(number) for number in numbers]
        table = actions()
        mask = np.zeros(len(table.names), bool)
        for key in told[0].keys() ^ told[1].keys():
            mask |= table.mask(told[0].get(key) or told[1][key])
        for number in numbers:
            for thing in self._side.granting.letting_in(number):
                for allowed in self._side.granting.allowing(thing).values():
                    mask |= allowed
        one, other = (self._side.of(number, mask) for number in numbers)
        return not one.differs(other)

    # --- nearly equal access

    def _near(self, sets: Sequence[_Set], threshold: float, parted: Collection[int]) -> Iterator[list[_Set]]:
        """Sets that share so much with the first of them; each set stands in one group.

        Of those `parted` the principals are not all equal, so that such a one is a group also by itself.
        """
        buckets = self._buckets(sets, threshold)
        taken = np.zeros(len(sets), bool)
        for place, one in enumerate(sets):
            if taken[place]:
                continue
            mates = {mate for bucket in buckets.get(place, ()) for mate in _close(bucket, sets, place, threshold)}
            found = [
                mate
                for mate in sorted(mates)
                if not taken[mate] and one.permissions.jaccard_index(sets[mate].permissions) >= threshold
            ]
            if found or place in parted:
                taken[[place, *found]] = True
                yield [one, *(sets[mate] for mate in found)]

    def _buckets(self, sets: Sequence[_Set], threshold: float) -> dict[int, list[Array]]:
        """Sets that agree in some part of their sketches, by each of them; the sets of a bucket by their sizes."""
        found: dict[int, list[Array]] = {}
        if len(sets) < 2:
            return found
        sketches, rows = Sketches(len(actions().names)).of([one.permissions for one in sets]), bands(threshold)
        sizes = np.array([len(one.permissions) for one in sets], np.int64)
        for begin in range(0, Sketches.COUNT, rows):
            part = np.ascontiguousarray(sketches[:, begin : begin + rows])
            _, group = np.unique(part, axis=0, return_inverse=True)
            order = np.lexsort((sizes, group.ravel()))
            for bucket in np.split(order, np.flatnonzero(np.diff(group.ravel()[order])) + 1):
                if len(bucket) > 1:
                    for place in bucket.tolist():
                        found.setdefault(place, []).append(bucket)
        return found

    # --- as values

    def _group(self, sets: Sequence[_Set], *, equal: bool) -> Alike:
        first, common = sets[0].permissions, sets[0].permissions.copy()
        for one in sets[1:]:
            common &= one.permissions
        twins: list[Twin] = []
        for one in sets:
            more, shared = self._folded(one.permissions - common), len(common) / len(one.permissions)
            for known in one.classes:
                twins += [self._twin(int(number), more, shared) for number in known.members]
        return Alike(
            equal,
            self._folded(common),
            len(common),
            min(first.jaccard_index(one.permissions) for one in sets),
            tuple(sorted(twins, key=lambda twin: twin.principal)),
        )

    def _twin(self, number: int, more: tuple[str, ...], shared: float) -> Twin:
        kind, account = (self._estate.word(f"principal.{one}", number) or "" for one in ("kind", "account"))
        return Twin(self._estate.principal_ids[number], kind, account, more, shared)

    @staticmethod
    def _folded(permissions: BitMap) -> tuple[str, ...]:
        return folded_numbers(permissions)


def _close(bucket: Array, sets: Sequence[_Set], place: int, threshold: float) -> Iterator[int]:
    """Those of a bucket that are of a size which can share so much."""
    size = len(sets[place].permissions)
    at = int(np.flatnonzero(bucket == place)[0])
    for step in (-1, 1):
        other = at + step
        while 0 <= other < len(bucket) and abs(other - at) <= _MOST_MATES:
            mate = int(bucket[other])
            low, high = sorted((size, len(sets[mate].permissions)))
            if low < threshold * high:
                break
            if mate > place:
                yield mate
            other += step
