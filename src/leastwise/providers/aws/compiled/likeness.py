"""Principals whose access is the same, or nearly: groups to merge, roles to share.

Policies that come to the same, with the same limits and facts, are equal access without a decision. Those of one
account who are allowed the same, but for denials and limits, are decided as far as the budget goes; what is left is
told. Sets of permissions that share much are found by sketches, so that no two are compared that have little in common.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.sketches import Neighbours, near
from leastwise.model.comparison import Alike, Twin

from .access import Circumstances
from .actions import actions
from .dividing import Dividing
from .effective import Standing
from .effects import Effect, Effects
from .folding import folded_numbers
from .parting import Parting
from .side import Side
from .telling import Places, united
from .traits import Trait, traits_of

_MOST_PROVEN = 200
"""Pairs of different policies that are decided to have equal effect."""


_SAID_COST = 5
"""Pairs that one counts for of which resources say something else."""


@dataclass
class _Class:
    """Principals of one account and kind whose policies come to the same.

    `facts` tells apart those of whom their policies' conditions see something else, `said` those of whom resources
    say something else.
    """

    members: Array
    effect: Effect
    whole: Hashable
    facts: int = 0
    said: tuple[int, int] = (0, 0)


@dataclass
class _Set:
    """Principals of equal permissions: of each of `groups` the policies and limits are the same."""

    permissions: BitMap
    groups: list[Array] = field(default_factory=list)
    decided: bool = True

    @property
    def size(self) -> int:
        return sum(map(len, self.groups))


class Likeness:
    """Finds who is alike in one estate."""

    def __init__(self, side: Side) -> None:
        self._side, self._estate = side, side.estate
        self._effects, self._dividing = Effects(side.access), Dividing(side.access, side.telling)
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
        for members in self._groups(numbers):
            permissions = self._effects.permissions(int(members[0]))
            if permissions:
                found.setdefault(permissions.to_array().tobytes(), _Set(permissions)).groups.append(members)
        return sorted(found.values(), key=lambda one: (-one.size, int(one.groups[0][0])))

    def _groups(self, numbers: Array) -> list[Array]:
        """Principals of one account and kind whose policies and limits are the same, by the first of them."""
        if not len(numbers):
            return []
        arrays = self._estate.arrays
        beside = [arrays[f"principal.{one}"][numbers].astype(np.uint64) for one in ("account", "native")]
        columns = np.column_stack([self._side.prints.policies[numbers], *beside])
        _, group = np.unique(columns, axis=0, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        found = np.split(numbers[order], np.flatnonzero(np.diff(group.ravel()[order])) + 1)
        return sorted(found, key=lambda members: int(members[0]))

    def _classes(self, one: _Set) -> Iterator[_Class]:
        """Principals of one account and kind whose policies and limits come to the same."""
        arrays, found = self._estate.arrays, dict[Hashable, tuple[Effect, list[Array]]]()
        for members in one.groups:
            first = int(members[0])
            effect = self._effects.of(first, one.permissions)
            place = tuple(int(arrays[f"principal.{name}"][first]) for name in ("account", "native"))
            found.setdefault((effect.own, effect.bound, *place), (effect, []))[1].append(members)
        for key, (effect, parts) in found.items():
            yield _Class(np.sort(np.concatenate(parts)), effect, key)

    # --- equal access

    def _equal(self, one: _Set) -> Iterator[Alike]:
        """The groups of principals of one set that can do the same, whatever the resource and the circumstances."""
        if one.size < 2:
            return
        parts_of = [part for known in self._classes(one) for part in self._alike_facts(known)]
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
                    yield self._group([_Set(one.permissions, [known.members for known in together])], equal=True)
                if not parts:
                    yield from (
                        self._group([_Set(one.permissions, [k.members])], equal=True)
                        for k in waiting
                        if len(k.members) > 1
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
        asked, named = self._dividing.facts(known.members), self._dividing.named[known.members]
        if len(known.members) < 2:
            yield replace(known, said=(int(asked[0]), int(named[0])))
            return
        facts = self._dividing.divided(known.members, self._traits(known))
        _, said = np.unique(np.column_stack([asked, named]), axis=0, return_inverse=True)
        code = facts * (len(said) + 1) + said.ravel()
        order = np.argsort(code, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(code[order])) + 1):
            first = int(places[0])
            told = int(asked[first]), int(named[first])
            yield _Class(known.members[places], known.effect, known.whole, int(facts[first]), told)

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

    def _same(self, first: _Class, second: _Class) -> bool | None:
        """Whether two classes are proven to have the same access; None where that was not decided.

        It is not where conditions of the same policies see something else of each, nor when the budget is spent.
        """
        if self._left <= 0 or (first.whole == second.whole and first.facts != second.facts):
            return None
        # What resources say costs more: it is decided of each of them.
        self._left -= 1 if first.said == second.said else _SAID_COST
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
        places = self._apart(numbers, mask, said=first.said != second.said)
        one, other = (self._side.of(number, np.logical_or.reduce([mask, *places.values()])) for number in numbers)
        one.take_apart(other, places)
        return not one.differs(other)

    def _apart(self, numbers: Sequence[int], mask: Array, *, said: bool) -> Places:
        """The resources that may tell two of one account apart, whose own sides differ in the actions of a mask."""
        telling, ids = self._side.telling, self._estate.principal_ids
        if said:
            standings = [Standing.of(self._side.access, ids[number]) for number in numbers]
            return Parting(self._side.access, telling, standings, Circumstances()).places()
        account = self._estate.word("principal.account", numbers[0]) or ""
        return united(telling.on(*one) for one in telling.abroad(account, mask))

    # --- nearly equal access

    @staticmethod
    def _near(sets: Sequence[_Set], threshold: float, parted: Collection[int]) -> Iterator[list[_Set]]:
        """Groups of sets that share so much; of those `parted` the principals are not all equal."""
        if not sets:
            return
        close = Neighbours([one.permissions for one in sets], len(actions().names), threshold)
        for places in near(close, len(sets), parted):
            yield [sets[place] for place in places]

    # --- as values

    def _group(self, sets: Sequence[_Set], *, equal: bool) -> Alike:
        first, common = sets[0].permissions, sets[0].permissions.copy()
        for one in sets[1:]:
            common &= one.permissions
        twins: list[Twin] = []
        for one in sets:
            more, shared = folded_numbers(one.permissions - common), len(common) / len(one.permissions)
            twins += self._twins(np.concatenate(one.groups), more, shared)
        return Alike(
            equal,
            folded_numbers(common),
            len(common),
            min(first.jaccard_index(one.permissions) for one in sets),
            tuple(sorted(twins, key=lambda twin: twin.principal)),
            equal or all(one.decided for one in sets),
        )

    def _twins(self, numbers: Array, more: tuple[str, ...], shared: float) -> Iterator[Twin]:
        kinds, accounts = self._words
        for number in numbers.tolist():
            yield Twin(self._estate.principal_ids[number], kinds[number], accounts[number], more, shared)

    @cached_property
    def _words(self) -> tuple[list[str], list[str]]:
        """The kind and the account of every user and role."""
        numbers = np.arange(self._estate.principals)
        kinds, accounts = (self._estate.words(f"principal.{one}", numbers) for one in ("kind", "account"))
        return [one or "" for one in kinds], [one or "" for one in accounts]
