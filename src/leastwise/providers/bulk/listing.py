"""Who can, as columns: which principals, what each is told; a holder is made when somebody looks at it.

Members are numbered in the order of their ids, so that numbers sorted are ids sorted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol, overload

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import RANK, Holder, Holders, Link, Residual, State

from .held import Held

_NOBODY = -1
_BATCH = 1024
"""So many holders are made at once."""


class Telling(Protocol):
    """What some holders are told alike; see `Holder`."""

    @property
    def state(self) -> State:
        """The state."""

    @property
    def residual(self) -> Residual | None:
        """The residual condition."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not read."""

    @property
    def chain(self) -> tuple[Link, ...]:
        """Whom they become."""


class Told:
    """What some holders are told alike by one verdict.

    Args:
        state: the state of all of them.
        missing: what was not read.
        residual: makes the residual condition, when somebody asks for it.
    """

    def __init__(self, state: State, missing: tuple[str, ...], residual: Callable[[], Residual | None]) -> None:
        self.state, self.missing = state, missing
        self.chain: tuple[Link, ...] = ()
        self._residual = residual

    @cached_property
    def residual(self) -> Residual | None:
        """See `Decision`."""
        return self._residual() if self.state in (State.CONDITIONAL, State.UNKNOWN) else ()


class Found:
    """Holders as they are found; the surest answer of each is kept, the first among equals.

    Args:
        held: where ids, kinds and accounts stand.
        everyone: native words of those who are nobody in particular.
    """

    def __init__(self, held: Held, everyone: frozenset[str] = frozenset()) -> None:
        self._held, self._everyone = held, everyone
        self._which = np.full(len(held.members), _NOBODY, np.int32)
        self._ranks = np.full(len(held.members), RANK[State.DENIED], np.int8)
        self._told: list[Telling] = []

    def add(self, numbers: Array, told: Telling) -> Array:
        """Principals by number; returns those of whom nothing as sure was known."""
        better = numbers[self._ranks[numbers] > RANK[told.state]]
        if len(better):
            self._ranks[better] = RANK[told.state]
            self._which[better] = len(self._told)
            self._told.append(told)
        return better

    def leave_out(self, number: int) -> None:
        """One who stands in the list no more."""
        self._which[number], self._ranks[number] = _NOBODY, RANK[State.DENIED]

    def numbers(self) -> Array:
        """Everybody who was found, ascending."""
        return np.flatnonzero(self._which != _NOBODY)

    def ranks(self, numbers: Array) -> Array:
        """How sure the answers of some are."""
        return self._ranks[numbers]

    def told(self, number: int) -> Telling | None:
        """What one is told; None for nothing."""
        which = int(self._which[number])
        return None if which == _NOBODY else self._told[which]

    def alike(self) -> Iterator[tuple[Telling, Array]]:
        """What is told, each with the numbers of those who are told it."""
        numbers = self.numbers()
        which = self._which[numbers]
        for place in np.unique(which).tolist():
            yield self._told[place], numbers[which == place]

    def listed(self) -> Holders:
        """Everybody who was found."""
        numbers = np.flatnonzero(self._which != _NOBODY)
        return Listed(self._held, numbers, self._which[numbers], tuple(self._told), self._everyone)


class Listed(Holders):
    """Holders of one estate.

    Args:
        held: where ids, kinds and accounts stand.
        numbers: who, ascending.
        which: for each of them, the place of what it is told.
        told: what is told.
        everyone: native words of those who are nobody in particular.
    """

    def __init__(
        self, held: Held, numbers: Array, which: Array, told: Sequence[Telling], everyone: frozenset[str]
    ) -> None:
        self._held, self._numbers, self._which, self._told = held, numbers, which, told
        self._everyone = everyone

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Holder: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Holder, ...]: ...
    def __getitem__(self, index: int | slice) -> Holder | tuple[Holder, ...]:
        if isinstance(index, slice):
            return tuple(self._made(range(*index.indices(len(self)))))
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"{index}: there are {len(self)} holders")
        return next(self._made(range(place, place + 1)))

    def __iter__(self) -> Iterator[Holder]:
        return self._made(range(len(self)))

    def counts(self) -> Mapping[State, int]:
        """How many there are of each state that occurs."""
        found: Counter[State] = Counter()
        for one, count in zip(self._told, np.bincount(self._which, minlength=len(self._told)).tolist(), strict=True):
            found[one.state] += count
        return +found

    def alike(self) -> Iterator[Holders]:
        """The same holders in parts, none empty, of those that differ by id and name only."""
        arrays, numbers = self._held.arrays, self._numbers
        columns = [self._which, *(arrays[f"member.{name}"][numbers] for name in ("kind", "native", "account"))]
        if not len(numbers):
            return
        _, codes = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        order = np.argsort(codes, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
            yield Listed(self._held, numbers[places], self._which[places], self._told, self._everyone)

    def find(self, principal: str) -> Holder | None:
        """The holder with an id, or None."""
        number = self._held.member_number(principal)
        place = 0 if number is None else int(np.searchsorted(self._numbers, number))
        if number is None or place == len(self._numbers) or self._numbers[place] != number:
            return None
        return self[place]

    def _made(self, places: range) -> Iterator[Holder]:
        """The holders of some places, in batches: words are looked up by column."""
        for begin in range(0, len(places), _BATCH):
            yield from self._batch(places[begin : begin + _BATCH])

    def _batch(self, places: range) -> Iterator[Holder]:
        held, at = self._held, np.arange(places.start, places.stop, places.step)
        numbers, told = self._numbers[at], self._told
        columns = (
            held.members.many(numbers), held.words_of("name", numbers), held.words_of("kind", numbers),
            held.words_of("native", numbers), held.words_of("account", numbers), self._which[at].tolist(),
        )  # fmt: skip
        for id, name, kind, native, account, which in zip(*columns, strict=True):
            one = told[which]
            yield Holder(
                id, name, "everyone" if native in self._everyone else kind, account, native not in self._everyone,
                one.state, one.residual, one.missing, one.chain,
            )  # fmt: skip
