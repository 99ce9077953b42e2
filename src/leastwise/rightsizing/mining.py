"""The fewest bundles of permissions that give each of some principals exactly what it has: role mining.

The pairs (principal, permission) are edges between both; a bundle with its holders is a biclique, and bundles that give
all and nothing else are a cover by bicliques (Ene et al. 2008, "Fast exact and heuristic methods for role minimization
problems", https://doi.org/10.1145/1377836.1377838). An edge all of whose uncovered neighbours fit in one bundle with it
settles that bundle: some bundle has to give the edge, and none could give more. Such edges exclude each other, so that
their number is the least that there can be. What they leave is searched to the end where it is small, else settled by
the principal or permission with the fewest edges left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leastwise.usage.covering import least

Bits = int
"""A set of numbers, as the bits of a whole number."""
_MOST_CONCEPTS = 600
"""With more different bundles to choose from, what is left is not searched to the end."""
_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Bundle:
    """Permissions, and the principals who have all of them and are to be given the bundle."""

    permissions: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mined:
    """Bundles that give exactly what was there.

    Args:
        bundles: the largest first.
        at_least: no cover has fewer.
    """

    bundles: tuple[Bundle, ...]
    at_least: int

    @property
    def exact(self) -> bool:
        """Whether there are surely no fewer."""
        return len(self.bundles) == self.at_least


def mined(has: Mapping[str, frozenset[str]]) -> Mined:
    """The fewest bundles, as far as that is found, for what each principal has."""
    rows = _grouped({one: each for one, each in has.items() if each})
    holders: dict[str, set[int]] = {}
    for number, (each, _) in enumerate(rows):
        for permission in each:
            holders.setdefault(permission, set()).add(number)
    columns = _grouped({permission: frozenset(map(str, numbers)) for permission, numbers in holders.items()})
    places = {permission: number for number, (_, same) in enumerate(columns) for permission in same}
    cover = _Cover([_bits(places[one] for one in each) for each, _ in rows], len(columns))
    found, at_least = cover.solved()
    bundles = [
        Bundle(
            tuple(sorted(one for number in _numbers(permissions) for one in columns[number][1])),
            tuple(sorted(one for number in _numbers(members) for one in rows[number][1])),
        )
        for members, permissions in found
    ]
    bundles.sort(key=lambda one: (-len(one.members) * len(one.permissions), one.permissions))
    return Mined(tuple(bundles), at_least)


def _grouped(sets: Mapping[str, frozenset[str]]) -> list[tuple[frozenset[str], list[str]]]:
    """Different sets, and whose they are, in an order of their own."""
    found: dict[frozenset[str], list[str]] = {}
    for name in sorted(sets):
        found.setdefault(sets[name], []).append(name)
    return list(found.items())


def _bits(numbers: Iterator[int] | Sequence[int]) -> Bits:
    found = 0
    for one in numbers:
        found |= 1 << one
    return found


def _numbers(bits: Bits) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


_Biclique = tuple[Bits, Bits]
"""Principals (rows) and permissions (columns), all of which are edges."""


class _Cover:
    """Covers the ones of a matrix.

    Args:
        rows: of each the columns where it has a one.
        width: how many columns there are.
    """

    def __init__(self, rows: Sequence[Bits], width: int) -> None:
        self._rows = list(rows)
        self._columns = [_bits([row for row, each in enumerate(rows) if each >> one & 1]) for one in range(width)]
        self._left = list(rows)

    def solved(self) -> tuple[list[_Biclique], int]:
        """Bicliques, and how many there are at least."""
        found: list[_Biclique] = []
        sure = 0
        while True:
            settled = list(self._settled())
            found += settled
            sure += len(settled)
            if not any(self._left):
                return self._without_needless(found), sure
            rest = self._searched()
            if rest is not None:
                # What was settled excludes nothing of the rest, so that both together are the fewest.
                return found + rest, sure + len(rest)
            found.append(self._taken(*self._smallest()))

    def _settled(self) -> Iterator[_Biclique]:
        """The bundles that an edge settles, each taken as it is found, until there are none."""
        more = True
        while more:
            more = False
            for row in range(len(self._rows)):
                for column in _numbers(self._left[row]):
                    if self._left[row] >> column & 1 and (one := self._whole(row, column)) is not None:
                        yield self._taken(*one)
                        more = True

    def _whole(self, row: int, column: int) -> _Biclique | None:
        """All uncovered edges that can stand in one bundle with an edge, if they can all together."""
        members, permissions = 1 << row, 1 << column
        for other in _numbers(self._columns[column]):
            if mine := self._left[other] & self._rows[row]:
                members |= 1 << other
                permissions |= mine
        for other in _numbers(members):
            if permissions & ~self._rows[other]:
                return None
        return members, permissions

    def _taken(self, members: Bits, permissions: Bits) -> _Biclique:
        """A bundle made as large as it can be; its edges are covered."""
        members = self._having(permissions)
        permissions = self._common(members)
        for one in _numbers(members):
            self._left[one] &= ~permissions
        return members, permissions

    def _having(self, permissions: Bits) -> Bits:
        found = (1 << len(self._rows)) - 1
        for one in _numbers(permissions):
            found &= self._columns[one]
        return found

    def _common(self, members: Bits) -> Bits:
        found = (1 << len(self._columns)) - 1
        for one in _numbers(members):
            found &= self._rows[one]
        return found

    def _smallest(self) -> _Biclique:
        """The bundle for the principal or the permission that has the fewest uncovered edges."""
        counts = [0] * len(self._columns)
        for each in self._left:
            for column in _numbers(each):
                counts[column] += 1
        by_row = min((each.bit_count(), row) for row, each in enumerate(self._left) if each)
        by_column = min((count, column) for column, count in enumerate(counts) if count)
        if by_row[0] <= by_column[0]:
            return 1 << by_row[1], self._left[by_row[1]]
        members = _bits([row for row, each in enumerate(self._left) if each >> by_column[1] & 1])
        return members, self._common(members)

    def _searched(self) -> list[_Biclique] | None:
        """The fewest bundles for what is left, by searching all; None where that is too much."""
        concepts = self._concepts()
        if concepts is None:
            return None
        edges = [(row, column) for row, each in enumerate(self._left) for column in _numbers(each)]
        names = {f"{number:06}": one for number, one in enumerate(concepts)}
        covering = (
            frozenset(name for name, one in names.items() if one[0] >> row & one[1] >> column & 1)
            for row, column in edges
        )
        chosen = least(covering, lambda _: (1,), _STEPS)
        return [self._taken(*names[one]) for one in chosen.chosen] if chosen.exact else None

    def _concepts(self) -> list[_Biclique] | None:
        """All bundles that cannot be made larger and that cover something that is left; None where there are many."""
        rows = [row for row, each in enumerate(self._left) if each]
        closed: set[Bits] = set()
        for row in rows:
            mine = {self._rows[row], *(self._rows[row] & one for one in closed)}
            closed |= mine
            if len(closed) > _MOST_CONCEPTS:
                return None
        found = {(members, self._common(members)) for one in closed if one and (members := self._having(one))}
        useful = [one for one in found if any(self._left[row] & one[1] for row in _numbers(one[0]))]
        return sorted(useful)

    def _without_needless(self, found: list[_Biclique]) -> list[_Biclique]:
        """Without bundles all of whose edges others cover, the smallest first."""
        kept = sorted(found, key=lambda one: one[0].bit_count() * one[1].bit_count())
        for one in list(kept):
            covered = [0] * len(self._rows)
            for members, permissions in (each for each in kept if each is not one):
                for row in _numbers(members):
                    covered[row] |= permissions
            if all(one[1] & ~covered[row] == 0 for row in _numbers(one[0])):
                kept.remove(one)
        return kept
