"""Resources that decide alike, whom they name, and what is left when some principals are looked at by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array

from .owned import Owned


@dataclass(frozen=True)
class Lying:
    """What lies on every target: the number of one of `kinds`, or -1 where nothing does."""

    numbers: Array
    kinds: list[Owned]

    def of(self, place: int) -> Owned | None:
        """What lies on one target."""
        number = int(self.numbers[place])
        return self.kinds[number] if number >= 0 else None

    def open(self) -> Array:
        """Mask of the targets that may let in somebody who is not named."""
        return np.array([*(one.open for one in self.kinds), False], bool)[self.numbers]

    def shapes(self) -> Array:
        """A number for each target that is equal where the same shape lies; 0 where nothing does."""
        known: dict[Hashable, int] = {}
        codes = np.array([known.setdefault(one.shape, len(known) + 1) for one in self.kinds] + [0], np.int64)
        return np.asarray(codes[self.numbers])

    def shapes_in(self, codes: Array, accounts: Sequence[str]) -> Array:
        """The same where the account that each target is in says it of itself; numbers of accounts, and their names."""
        known: dict[Hashable, int] = {}
        pairs, place = np.unique(self.numbers * (len(accounts) + 1) + codes, return_inverse=True)
        found = np.zeros(len(pairs), np.int64)
        for at, (kind, code) in enumerate(zip(*np.divmod(pairs, len(accounts) + 1), strict=True)):
            if kind >= 0:
                found[at] = known.setdefault(self.kinds[kind].shape_in(accounts[code]), len(known) + 1)
        return np.asarray(found[place.ravel()])

    @cached_property
    def literals(self) -> Array:
        """A number for each target that is equal where conditions ask for the same words."""
        known: dict[tuple[str, ...], int] = {}
        codes = [known.setdefault(one.literals, len(known)) for one in self.kinds]
        return np.array([*codes, -1], np.int64)[self.numbers]


@dataclass
class Alike:
    """Resources that decide alike: their places among the targets, what lies on them, and whom it names.

    Args:
        places: at least one.
        lying: on all targets.
        pairs: by principal and set of statements that name it, the places.
        open: somebody may be let in who is not named.
    """

    places: Array
    lying: Lying
    pairs: dict[tuple[int, int], list[int]]
    open: bool

    @property
    def first(self) -> int:
        """One of the places."""
        return int(self.places[0])

    @cached_property
    def named(self) -> dict[int, set[int]]:
        """The places that name a principal."""
        found: dict[int, set[int]] = defaultdict(set)
        for (number, _), places in self.pairs.items():
            found[number].update(places)
        return dict(found)


def alike(places: Array, lying: Lying) -> Alike:
    """A class of some places."""
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    open_ = False
    for group in parted(places, lying.numbers[places]):
        one = lying.of(int(group[0]))
        open_ = open_ or one is None or one.open
        if one is not None and one.named:
            here = group.tolist()
            for pair in one.named:
                pairs[pair] += here
    return Alike(places, lying, dict(pairs), open_)


def together(classes: Sequence[Alike]) -> Alike:
    """Several classes as one."""
    first = classes[0]
    return first if len(classes) == 1 else alike(np.concatenate([one.places for one in classes]), first.lying)


def parted(values: Array, codes: Array) -> list[Array]:
    """Values in groups of equal codes."""
    order = np.argsort(codes, kind="stable")
    return np.split(values[order], np.flatnonzero(np.diff(codes[order])) + 1)


class Left:
    """What is left of a class when it is not asked about those whom it names, nor about those set apart in parts of it.

    Args:
        one: the class.
        apart: parts of it, each with the principals of whom it says something else.
    """

    def __init__(self, one: Alike, apart: Sequence[tuple[Alike, set[int]]]) -> None:
        self.one = one
        self._whole = one.places
        self._apart: dict[int, list[int]] = defaultdict(list)
        self._parts = [set(part.places.tolist()) for part, _ in apart]
        for index, (_, numbers) in enumerate(apart):
            for number in numbers:
                self._apart[number].append(index)

    def of(self, number: int, places: Sequence[int]) -> list[int]:
        """Some places, without those where a principal is set apart."""
        parts = self._apart.get(number, ())
        out = {place for part in parts for place in self._parts[part]}
        return [place for place in places if place not in out] if out else list(places)

    def parts(self, members: Array) -> Iterator[tuple[Array, Array]]:
        """Members with the places that do not name them and where they are not set apart; most have all places."""
        named, apart = self.one.named, self._apart
        special = [n for n in members.tolist() if n in named or n in apart] if named or apart else []
        plain = members if not special else members[~np.isin(members, special)]
        if len(plain):
            yield plain, self.one.places
        found: dict[tuple[tuple[int, ...], frozenset[int]], list[int]] = defaultdict(list)
        for number in special:
            found[tuple(apart.get(number, ())), frozenset(named.get(number, ()))].append(number)
        for (parts, names), numbers in found.items():
            out = names.union(*(self._parts[part] for part in parts))
            places = self._whole[~np.isin(self._whole, np.array(sorted(out), np.int64))]
            if len(places):
                yield np.array(numbers, np.int64), places
