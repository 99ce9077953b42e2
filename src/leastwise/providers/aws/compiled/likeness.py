"""Principals whose access is the same, or nearly: groups to merge, roles to share.

Policies that come to the same, with the same limits and facts, are equal access without a decision. Those of one
account who are allowed the same, but for denials and limits, are decided as far as the budget goes; what is left is
told. Sets of permissions that share much are found by sketches, so that no two are compared that have little in common.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.comparison import Alike, Twin

from .actions import actions
from .effects import Effect, Effects
from .folding import folded_numbers
from .granted import Neighbours
from .side import Side
from .traits import Trait, traits_of

_MOST_PROVEN = 200
"""Pairs of different policies that are decided to have equal effect."""


_NAMED_COST = 5
"""Pairs that one counts for of which only the resources differ that let them in."""


@dataclass
class _Class:
    """Principals of one account and kind whose policies come to the same.

    `facts` tells apart those of whom their policies' conditions see something else.
    """

    members: Array
    effect: Effect
    whole: Hashable
    facts: int = 0


@dataclass
class _Set:
    """Classes of equal permissions."""

    permissions: BitMap
    classes: list[_Class] = field(default_factory=list)
    decided: bool = True

    @property
    def size(self) -> int:
        return sum(len(one.members) for one in self.classes)


class Likeness:
    """Finds who is alike in one estate."""

    def __init__(self, side: Side) -> None:
        self._side, self._estate = side, side.estate
        self._effects = Effects(side.access)
        self._above = cache(self._guarded)
        self._left = _MOST_PROVEN
        self.undecided = 0
        """How many principals were not held against others that are allowed the same."""

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
            bad, boundary = np.append(arrays["doc_bad"], False), arrays["principal.boundary"]
            mask &= ~(np.asarray(arrays["principal.unread"]) | (boundary < -1) | bad[np.maximum(boundary, -1)])
        return np.flatnonzero(mask)

    # --- classes and sets

    def _sets(self, numbers: Array) -> list[_Set]:
        """The distinct sets of permissions, those of most principals first; without the empty one."""
        found: dict[bytes, _Set] = {}
        for one in self._classes(numbers):
            permissions = one.effect.permissions
            known = found.setdefault(permissions.serialize(), _Set(permissions))
            known.classes.append(one)
        return sorted(found.values(), key=lambda one: (-one.size, int(one.classes[0].members[0])))

    def _classes(self, numbers: Array) -> Iterator[_Class]:
        """Principals of one account and kind whose policies and limits come to the same, if they may do anything."""
        if not len(numbers):
            return
        arrays = self._estate.arrays
        beside = [arrays[f"principal.{one}"][numbers].astype(np.uint64) for one in ("account", "native")]
        columns = np.column_stack([self._side.prints.policies[numbers], *beside])
        _, group = np.unique(columns, axis=0, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        found: dict[Hashable, tuple[Effect, list[Array]]] = {}
        for members in np.split(numbers[order], np.flatnonzero(np.diff(group.ravel()[order])) + 1):
            first = int(members[0])
            effect = self._effects.of(first)
            if effect.permissions:
                place = tuple(int(arrays[f"principal.{one}"][first]) for one in ("account", "native"))
                found.setdefault((effect.own, effect.bound, *place), (effect, []))[1].append(members)
        for key, (effect, parts) in found.items():
            yield _Class(np.sort(np.concatenate(parts)), effect, key)

    # --- equal access

    def _equal(self, one: _Set) -> Iterator[Alike]:
        """The groups of principals of one set that can do the same, whatever the resource and the circumstances."""
        if one.size < 2:
            return
        parts_of = [part for known in one.classes for part in self._alike_facts(known)]
        for parts in self._rivals(parts_of):
            parts.sort(key=lambda known: (-len(known.members), int(known.members[0])))
            while parts:
                first, waiting, together = parts[0], list[_Class](), [parts[0]]
                for other in parts[1:]:
                    same = self._same(first, other)
                    (together if same else waiting).append(other)
                    if same is None:
                        one.decided = False
                        self.undecided += len(other.members)
                parts = waiting if self._left > 0 else []
                if sum(len(known.members) for known in together) > 1:
                    yield self._group([_Set(one.permissions, together)], equal=True)
                if not parts:
                    yield from (
                        self._group([_Set(one.permissions, [k])], equal=True) for k in waiting if len(k.members) > 1
                    )

    def _rivals(self, parts: list[_Class]) -> Iterator[list[_Class]]:
        """Parts of one account and kind that are allowed the same, but for denials and limits."""
        if len(parts) < 2:
            yield parts
            return
        rivals: dict[Hashable, list[_Class]] = {}
        for part in parts:
            first = int(part.members[0])
            place = tuple(int(self._estate.arrays[f"principal.{one}"][first]) for one in ("account", "native"))
            rivals.setdefault((self._effects.reduced(part.effect), *place), []).append(part)
        yield from rivals.values()

    def _alike_facts(self, known: _Class) -> Iterator[_Class]:
        """Principals of equal policies by what these ask of them, and by the resources that let them in."""
        if len(known.members) < 2:
            yield known
            return
        access = self._side.access
        columns = [access.columns.column(one, known.members, access.bringing) for one in self._traits(known)]
        facts = np.zeros(len(known.members), np.int64)
        for column in columns:
            _, facts = np.unique(facts * (int(column.max()) + 3) + column + 2, return_inverse=True)
        # Of a resource that lets somebody in by name, each decides alone.
        named = np.where(self._named[known.members], known.members + 1, 0)
        code = facts * (self._estate.principals + 1) + named
        order = np.argsort(code, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(code[order])) + 1):
            members, seen = known.members[places], int(facts[places[0]])
            yield _Class(members, known.effect, known.whole, seen)

    def _traits(self, known: _Class) -> list[Trait]:
        """What the policies and limits of a class ask of a principal."""
        number = int(known.members[0])
        found = set(self._above(self._estate.word("principal.account", number) or ""))
        if self._effects.asks(known.effect):
            access = self._side.access
            own = (*access.identity(self._estate.principal(number), number)[0], *(access.boundary(number)[0] or ()))
            found |= traits_of(statement for policy in own for statement in policy.statements)
        return sorted(found, key=repr)

    def _guarded(self, account: str) -> set[Trait]:
        levels = (self._side.access.guardrails.levels(kind, account)[0] or () for kind in ("scp", "rcp"))
        return traits_of(s for each in levels for level in each for policy in level for s in policy.statements)

    @cached_property
    def _named(self) -> Array:
        """Mask of the principals that some resource names."""
        mask = np.zeros(self._estate.principals, bool)
        mask[list(self._side.granting.named)] = True
        return mask

    def _same(self, first: _Class, second: _Class) -> bool | None:
        """Whether two classes are proven to have the same access; None where that was not decided.

        It is not where conditions of the same policies see something else of each, nor when the budget is spent.
        """
        if self._left <= 0 or (first.whole == second.whole and first.facts != second.facts):
            return None
        # Those whom resources name cost more: what these say is decided besides.
        self._left -= _NAMED_COST if first.whole == second.whole else 1
        numbers = [int(known.members[0]) for known in (first, second)]
        told = [self._side.statements(number) for number in numbers]
        table = actions()
        mask = np.zeros(len(table.names), bool)
        for key in {*told[0], *told[1]}:
            # Statements of both count where they read who asks: the two may be told apart by their facts.
            statement = told[0].get(key) or told[1][key]
            if key not in told[0] or key not in told[1] or traits_of([statement]):
                mask |= table.mask(statement)
        for number in numbers:
            for thing in self._side.granting.letting_in(number):
                for allowed in self._side.granting.allowing(thing).values():
                    mask |= allowed
        one, other = (self._side.of(number, mask) for number in numbers)
        return not one.differs(other)

    # --- nearly equal access

    @staticmethod
    def _near(sets: Sequence[_Set], threshold: float, parted: Collection[int]) -> Iterator[list[_Set]]:
        """Sets that share so much with the first of them; each set stands in one group.

        Of those `parted` the principals are not all equal, so that such a one is a group also by itself.
        """
        if not sets:
            return
        close = Neighbours([one.permissions for one in sets], len(actions().names), threshold)
        taken = np.zeros(len(sets), bool)
        for place, one in enumerate(sets):
            if taken[place]:
                continue
            found = close.of(place, ~taken)
            if found or place in parted:
                taken[[place, *found]] = True
                yield [one, *(sets[mate] for mate in found)]

    # --- as values

    def _group(self, sets: Sequence[_Set], *, equal: bool) -> Alike:
        first, common = sets[0].permissions, sets[0].permissions.copy()
        for one in sets[1:]:
            common &= one.permissions
        twins: list[Twin] = []
        for one in sets:
            more, shared = folded_numbers(one.permissions - common), len(common) / len(one.permissions)
            for known in one.classes:
                twins += [self._twin(int(number), more, shared) for number in known.members]
        return Alike(
            equal,
            folded_numbers(common),
            len(common),
            min(first.jaccard_index(one.permissions) for one in sets),
            tuple(sorted(twins, key=lambda twin: twin.principal)),
            equal or all(one.decided for one in sets),
        )

    def _twin(self, number: int, more: tuple[str, ...], shared: float) -> Twin:
        kind, account = (self._estate.word(f"principal.{one}", number) or "" for one in ("kind", "account"))
        return Twin(self._estate.principal_ids[number], kind, account, more, shared)
