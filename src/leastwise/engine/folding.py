"""Names folded back into patterns, where that is exact: a pattern stands for all that begin so, or begin and end so."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

_FEWEST = 2
"""Names that a pattern stands for at least."""
_DEEPEST = 64
"""Pieces of a name at whose ends a pattern may stand."""


class _Node(NamedTuple):
    """Names that share their first pieces.

    Args:
        pattern: what takes them in, with all that begin alike.
        inside: those that share the pieces.
        whole: those that the pattern takes in; None where these are too few for one.
        endings: patterns of those that begin alike and end alike, too; and what each takes in.
        below: by their next pieces; none where there are no more.
    """

    pattern: str
    inside: BitMap
    whole: BitMap | None
    endings: tuple[tuple[str, BitMap], ...]
    below: tuple[_Node, ...]


class Folding:
    """All names that there are, of which some are folded.

    Patterns take letters of either case, so names are compared in one.

    Args:
        names: all of them.
        pieces: the pieces that a name begins with; a pattern may stand at the end of each.
        separator: what stands before the last segment of a name, where patterns may also say how names end; of two
            separators with a wildcard between them a pattern's reader takes one for both: `a/*/read` takes in `a/read`.
    """

    def __init__(self, names: Iterable[str], pieces: Callable[[str], Sequence[str]], separator: str = "") -> None:
        self._names = sorted(names, key=str.lower)
        self._lower = [name.lower() for name in self._names]
        self._pieces = [pieces(name) for name in self._names]
        self._separator = separator

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of every name."""
        return {name: number for number, name in enumerate(self._names)}

    def folded(self, wanted: Iterable[str]) -> list[str]:
        """Patterns that take in exactly these names of all; a name that none takes in with others is itself told."""
        mask, said = BitMap([self.numbers[name] for name in wanted]), BitMap()
        found: list[tuple[str, BitMap]] = []
        for node in self._nodes:
            self._gather(node, mask, said, found)
        return self._needed(found)

    @cached_property
    def _nodes(self) -> tuple[_Node, ...]:
        return self._below(range(len(self._names)), 0)

    def _gather(self, node: _Node, wanted: BitMap, said: BitMap, found: list[tuple[str, BitMap]]) -> None:
        open_ = (node.inside & wanted) - said
        if not open_:
            return
        told: list[tuple[str, BitMap]] = []
        if node.whole is not None and node.whole <= wanted:
            told.append((node.pattern, node.whole))
        else:
            told += [(text, those) for text, those in node.endings if those <= wanted and _several(those - said)]
        for _, those in told:
            said |= those
        found += told
        for below in node.below:
            self._gather(below, wanted, said, found)
        if not node.below:
            found += [(self._names[number], BitMap([number])) for number in open_ - said]

    def _needed(self, found: Sequence[tuple[str, BitMap]]) -> list[str]:
        """Those that say something which no other says."""
        if sum(len(those) for _, those in found) == len(BitMap.union(BitMap(), *(those for _, those in found))):
            return [text for text, _ in found]
        times = np.zeros(len(self._names), np.int64)
        for _, those in found:
            times[those.to_array()] += 1
        kept = []
        for text, those in sorted(found, key=lambda one: len(one[1])):
            rows = those.to_array()
            if times[rows].min() > 1:
                times[rows] -= 1
            else:
                kept.append(text)
        return kept

    def _below(self, rows: Iterable[int], depth: int) -> tuple[_Node, ...]:
        """The nodes of names that share their first pieces."""
        branches: dict[str, list[int]] = {}
        for row in rows:
            branches.setdefault("".join(self._pieces[row][: depth + 1]).lower(), []).append(row)
        return tuple(self._node(len(begin), inside, depth) for begin, inside in sorted(branches.items()))

    def _node(self, length: int, inside: list[int], depth: int) -> _Node:
        start = self._names[inside[0]][:length]
        first = bisect_left(self._lower, start.lower())
        last = bisect_left(self._lower, start.lower() + "\U0010ffff")
        whole = BitMap(range(first, last)) if last - first >= _FEWEST else None
        ends = len(inside) == 1 or depth >= _DEEPEST or all(len(self._pieces[row]) <= depth + 1 for row in inside)
        below = () if ends else self._below(inside, depth + 1)
        return _Node(f"{start}*", BitMap(inside), whole, self._endings(start, below), below)

    def _endings(self, start: str, below: Sequence[_Node]) -> tuple[tuple[str, BitMap], ...]:
        """Patterns of a beginning and of a last segment that more than one of the next pieces knows."""
        if not self._separator:
            return ()
        found: dict[str, tuple[str, list[int], set[int]]] = {}
        for place, node in enumerate(below):
            for row in node.inside:
                _, separator, last = self._names[row].rpartition(self._separator)
                if separator:
                    _, rows, places = found.setdefault(last.lower(), (last, [], set()))
                    rows.append(row)
                    places.add(place)
        return tuple(
            (f"{start}*{self._separator}{last}", BitMap(rows))
            for last, rows, places in found.values()
            if _several(places)
        )


def _several(those: BitMap | set[int]) -> bool:
    return len(those) >= _FEWEST
