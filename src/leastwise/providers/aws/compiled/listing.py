"""Who can, as columns: which principals, what each is told; a holder is made when somebody looks at it.

Principals of the compiled estate are numbered in the order of their ids, so that numbers sorted are ids sorted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple, overload

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import RANK, Holder, Holders, Link, Residual, State

from .estate import CompiledEstate

_NOBODY = -1
_FIRST, _MOST = 64, 4096
"""Holders that are made at once when all are looked at one after the other: at first, and at most."""


def rank(state: State) -> int:
    """The surer, the smaller."""
    return RANK[state]


class Telling(NamedTuple):
    """What a holder is told besides the state; see `Holder`."""

    residual: Residual | None = ()
    missing: tuple[str, ...] = ()
    chain: tuple[Link, ...] = ()


class Told:
    """What some holders are told alike: the state at once, the rest when it is looked at."""

    def __init__(self, state: State, make: Callable[[], Telling]) -> None:
        self.state, self._make = state, make

    @cached_property
    def telling(self) -> Telling:
        """Residual, what is missing, and chain."""
        return self._make()


@dataclass(frozen=True, slots=True)
class Other:
    """A holder that is no user or role of the estate; see `Holder`."""

    id: str
    name: str
    kind: str
    account: str
    inside: bool
    told: Told

    def holder(self) -> Holder:
        """The holder itself."""
        return Holder(self.id, self.name, self.kind, self.account, self.inside, self.told.state, *self.told.telling)


class Found:
    """Holders as they are found; the surest answer of each is kept, the first among equals."""

    def __init__(self, estate: CompiledEstate) -> None:
        self._estate = estate
        self._which = np.full(estate.principals, _NOBODY, np.int32)
        self._ranks = np.full(estate.principals, rank(State.DENIED), np.int8)
        self._told: list[Told] = []
        self._others: dict[str, Other] = {}

    def add(self, members: Array, told: Told) -> Array:
        """Users and roles by number; returns those of whom nothing as sure was known."""
        better = members[self._ranks[members] > rank(told.state)]
        if len(better):
            self._ranks[better] = rank(told.state)
            self._which[better] = len(self._told)
            self._told.append(told)
        return better

    def add_other(self, other: Other) -> bool:
        """Anybody else; whether nothing as sure was known."""
        known = self._others.get(other.id)
        if known is not None and rank(known.told.state) <= rank(other.told.state):
            return False
        self._others[other.id] = other
        return True

    def ranks(self, members: Array) -> Array:
        """How sure the answers of some users and roles are."""
        return self._ranks[members]

    def rank(self, number: int) -> int:
        """How sure the answer of one user or role is."""
        return int(self._ranks[number])

    def rank_of(self, other: str) -> int:
        """How sure the answer of somebody else is."""
        known = self._others.get(other)
        return rank(State.DENIED if known is None else known.told.state)

    def told(self, number: int) -> Told | None:
        """What a user or role is told; None when it cannot."""
        which = int(self._which[number])
        return None if which == _NOBODY else self._told[which]

    def other(self, id: str) -> Other | None:
        """Somebody else, by id."""
        return self._others.get(id)

    def numbers(self) -> Array:
        """The users and roles that were found, ascending."""
        return np.flatnonzero(self._which != _NOBODY)

    def others(self) -> list[Other]:
        """Everybody else that was found, sorted by id."""
        return [self._others[id] for id in sorted(self._others)]

    def listed(self) -> Holders:
        """Everybody."""
        numbers = self.numbers()
        return Listed(self._estate, numbers, self._which[numbers], tuple(self._told), self.others())


class Listed(Holders):
    """Holders of one estate.

    Args:
        estate: where ids, kinds and accounts stand.
        numbers: the users and roles, ascending.
        which: for each of them, the place of what it is told.
        told: what is told.
        others: everybody else, sorted by id.
    """

    def __init__(
        self, estate: CompiledEstate, numbers: Array, which: Array, told: Sequence[Told], others: Sequence[Other]
    ) -> None:
        self._estate, self._numbers, self._which, self._told, self._others = estate, numbers, which, told, others
        ids = estate.principal_ids

        def id_at(place: int) -> str:
            return ids[int(numbers[place])]

        # How many users and roles stand before each of the others.
        self._before = [bisect_left(range(len(numbers)), other.id, key=id_at) for other in others]
        self._places = [before + place for place, before in enumerate(self._before)]

    def __len__(self) -> int:
        return len(self._numbers) + len(self._others)

    @overload
    def __getitem__(self, index: int) -> Holder: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Holder, ...]: ...
    def __getitem__(self, index: int | slice) -> Holder | tuple[Holder, ...]:
        if isinstance(index, slice):
            return tuple(self._at(place) for place in range(*index.indices(len(self))))
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"{index}: there are {len(self)} holders")
        return self._at(place)

    def __iter__(self) -> Iterator[Holder]:
        rest, done = self._all_inside(), 0
        for before, other in zip(self._before, self._others, strict=True):
            yield from islice(rest, before - done)
            yield other.holder()
            done = before
        yield from rest

    def counts(self) -> Mapping[State, int]:
        """How many there are of each state that occurs."""
        found = Counter(other.told.state for other in self._others)
        for one, count in zip(self._told, np.bincount(self._which, minlength=len(self._told)).tolist(), strict=True):
            found[one.state] += count
        return +found

    def alike(self) -> Iterator[Holders]:
        """The same holders in parts, none empty, of those that differ by id and name only."""
        arrays, numbers = self._estate.arrays, self._numbers
        kinds, accounts = (arrays[f"principal.{name}"][numbers].astype(np.int64) + 1 for name in ("kind", "account"))
        many = int(kinds.max(initial=0)) + 1, int(accounts.max(initial=0)) + 1
        code = (self._which.astype(np.int64) * many[0] + kinds) * many[1] + accounts
        order = np.argsort(code, kind="stable")
        bounds = np.flatnonzero(np.diff(code[order])) + 1
        for places in np.split(order, bounds):
            if len(places):
                yield Listed(self._estate, numbers[places], self._which[places], self._told, ())
        for other in self._others:
            yield Listed(self._estate, numbers[:0], self._which[:0], self._told, (other,))

    def find(self, principal: str) -> Holder | None:
        """The holder with an id, or None."""
        number = self._estate.principal_number(principal)
        if number is not None:
            place = int(np.searchsorted(self._numbers, number))
            if place < len(self._numbers) and self._numbers[place] == number:
                return self._inside(place, place + 1)[0]
        place = bisect_left(self._others, principal, key=lambda other: other.id)
        found = self._others[place : place + 1]
        return found[0].holder() if found and found[0].id == principal else None

    def _at(self, place: int) -> Holder:
        earlier = bisect_left(self._places, place)
        if earlier < len(self._places) and self._places[earlier] == place:
            return self._others[earlier].holder()
        return self._inside(place - earlier, place - earlier + 1)[0]

    def _all_inside(self) -> Iterator[Holder]:
        start, size = 0, _FIRST
        while start < len(self._numbers):
            yield from self._inside(start, start + size)
            start, size = start + size, min(size * 4, _MOST)

    def _inside(self, start: int, stop: int) -> list[Holder]:
        """Users and roles by place among the numbers."""
        numbers = self._numbers[start:stop]
        arrays, (kinds, accounts) = self._estate.arrays, self._words
        columns = (
            self._estate.principal_ids.many(numbers),
            arrays["principal.kind"][numbers].tolist(),
            arrays["principal.account"][numbers].tolist(),
            self._which[start:stop].tolist(),
        )
        found = []
        for id, kind, account, which in zip(*columns, strict=True):
            told = self._told[which]
            name = id[id.rfind("/") + 1 :]
            found.append(Holder(id, name, kinds[kind], accounts[account], True, told.state, *told.telling))
        return found

    @cached_property
    def _words(self) -> tuple[list[str], list[str]]:
        """Kinds and accounts by code; -1, the last, is none."""
        kind, account = (self._estate.texts(f"principal.{name}.texts").all() for name in ("kind", "account"))
        return [*kind, ""], [*account, ""]
