"""What everybody holds: principals in groups, what is given to each name in grants worked out once.

A bundle is what the grants that name one principal, group or set give to those of one standing before denials: what
these surely take away is not in it. So a group's bundles are few, however many grants there are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.groups import combined
from leastwise.engine.holdings import Alike, Everybody, Hidden, Part

from .held import Held

SURE, CONDITIONAL, PERHAPS = range(3)
"""How somebody is in a set: what it is given is theirs, under a condition, or something that was not read decides."""
_COLUMNS = ("kind", "native", "account")
Standing = TypeVar("Standing", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What some grants give.

    Args:
        parts: what surely, or under a condition, is held by them.
        exact: asking exactly comes to the same.
        unread: what some role holds is not known, or what was not read may take away some of it.
        places: of each part, the numbers of its places.
    """

    parts: tuple[Part, ...]
    exact: bool
    unread: bool
    places: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Same(Generic[Standing]):
    """Principals of one standing, kind and account, who are given alike and are in the same sets.

    Args:
        standing: before what denies.
        members: their numbers.
        told: the groups and sets that they are in, or may be, and how.
        numbers: those of the bundles that they hold, that of their own grants first; none of what they may be in.
        bundles: these bundles.
    """

    standing: Standing
    members: Array
    told: tuple[tuple[int, int], ...]
    numbers: tuple[int, ...]
    bundles: tuple[Bundle, ...]

    @property
    def unread(self) -> bool:
        """Whether something of what they are given was not read."""
        return any(one.unread for one in self.bundles)


class Everyone(ABC, Generic[Standing]):
    """Answers what everybody holds, in one estate.

    Args:
        held: the estate.
        own: a number for each member: equal where grants give alike to them by name.
    """

    def __init__(self, held: Held, own: Array) -> None:
        self._members, self.own = held, own
        self._bundles: dict[tuple[int, bool, Standing], int] = {}
        self._made: list[Bundle] = []
        self._parts: dict[int, tuple[Part, ...]] = {}

    # --- what providers tell

    @abstractmethod
    def standings(self) -> Iterator[tuple[Standing, Array]]:
        """Everybody who can act, by number, ascending, by their standing before what denies."""

    @abstractmethod
    def sets(self, member: int) -> Sequence[tuple[int, int]]:
        """The groups and sets that somebody is in, or may be, each with how."""

    @abstractmethod
    def set_codes(self, members: Array) -> Array:
        """A number for each of some members: equal where they are in the same sets in the same way."""

    @abstractmethod
    def bundle(self, member: int, conditional: bool, standing: Standing) -> Bundle:
        """What the grants that name somebody give to one of a standing who is, or may be, that or in it."""

    @abstractmethod
    def hidden(self, member: int) -> tuple[Hidden, ...]:
        """What logs do not tell of somebody; the same object for all of whom the same is so."""

    @abstractmethod
    def all_read(self) -> bool:
        """Whether everything that may let in somebody, or take something away, was read."""

    # --- what is made of it

    def all(self) -> Everybody:
        """Everybody who can act, once."""
        return Everybody(self._parts, self._groups())

    def _groups(self) -> Iterator[Alike]:
        read = self.all_read()
        for same in self.same():
            yield from self._alike(same, read)

    def same(self) -> Iterator[Same[Standing]]:
        """Everybody who can act, once."""
        for standing, members in self.standings():
            for some in self._split(members):
                yield self._same(standing, some)

    def _same(self, standing: Standing, members: Array) -> Same[Standing]:
        first = int(members[0])
        told = tuple(self.sets(first))
        numbers = [self._number(first, False, standing)]
        numbers += [self._number(one, how == CONDITIONAL, standing) for one, how in told if how != PERHAPS]
        return Same(standing, members, told, tuple(numbers), tuple(self._made[one] for one in numbers))

    def _split(self, members: Array) -> Iterator[Array]:
        """Members who are given alike, in the same groups and sets, of one account and kind."""
        if not len(members):
            return
        arrays = self._members.arrays
        columns = [arrays[f"member.{name}"][members].astype(np.int64) for name in _COLUMNS]
        code = combined([self.own[members], self.set_codes(members), *columns], len(members))
        order = np.argsort(code, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(code[order])) + 1):
            yield members[places]

    def _alike(self, same: Same[Standing], read: bool) -> Iterator[Alike]:
        """Groups of members that differ, if at all, in what logs tell of them."""
        first, unread = int(same.members[0]), same.unread
        # What was not read may let in anybody.
        exact = read and all(how != PERHAPS for _, how in same.told) and all(one.exact for one in same.bundles)
        kept = () if unread else tuple(sorted({one for one in same.numbers if self._parts[one]}))
        words = [self._members.word(name, first) for name in _COLUMNS]
        for hidden, some in self._by_hidden(same.members):
            ids = tuple(sorted(self._members.members.many(some)))
            yield Alike(ids, words[0], words[1], words[2], kept, None, exact and not unread, unread, hidden)

    def _by_hidden(self, members: Array) -> Iterator[tuple[tuple[Hidden, ...], Array]]:
        found: dict[int, tuple[tuple[Hidden, ...], list[int]]] = {}
        for number in members.tolist():
            hidden = self.hidden(number)
            found.setdefault(id(hidden), (hidden, []))[1].append(number)
        yield from ((hidden, np.array(numbers, np.int64)) for hidden, numbers in found.values())

    def _number(self, member: int, conditional: bool, standing: Standing) -> int:
        """The number of what the grants that name somebody give to one of a standing."""
        # To whomever grants give alike they give the same bundle.
        key = int(self.own[member]), conditional, standing
        found = self._bundles.get(key)
        if found is None:
            found = self._bundles[key] = len(self._made)
            self._made.append(self.bundle(member, conditional, standing))
            self._parts[found] = self._made[found].parts
        return found
