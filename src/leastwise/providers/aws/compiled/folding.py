"""Permissions folded back into patterns, where that is exact: a pattern stands for all that begin so."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

from .actions import actions

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[^A-Za-z0-9]+|[A-Z]")
_FEWEST = 2
"""Permissions that a pattern stands for at least."""


def folded(permissions: Iterable[str]) -> tuple[str, ...]:
    """The fewest patterns (at the ends of words) that take in exactly these permissions, sorted.

    `*` and `SERVICE:*` are all there are; a permission that no pattern takes in alone with others of these stands for
    itself, also one that the catalogue does not know.
    """
    wanted = frozenset(permissions)
    names = actions().names
    if len(wanted) >= len(names) and wanted.issuperset(names):
        return ("*", *sorted(wanted.difference(names)))
    services: dict[str, set[str]] = {}
    for one in wanted:
        services.setdefault(one.partition(":")[0], set()).add(one)
    found = [pattern for service, those in services.items() for pattern in _service(service, frozenset(those))]
    return tuple(sorted(found))


def folded_numbers(permissions: BitMap) -> tuple[str, ...]:
    """The same of numbers of permissions."""
    table = actions()
    if not permissions:
        return ()
    if len(permissions) == len(table.names):
        return ("*",)
    found: list[str] = []
    numbers = np.frombuffer(permissions.to_array(), np.uint32)
    bounds = (np.flatnonzero(np.diff(table.services[numbers])) + 1).tolist()
    told, width = numbers.tobytes(), numbers.itemsize
    for begin, end in pairwise([0, *bounds, len(numbers)]):
        found += _numbered(told[begin * width : end * width])
    return tuple(sorted(found))


@lru_cache(maxsize=65_536)
def _numbered(numbers: bytes) -> tuple[str, ...]:
    """The patterns of some permissions of one service, by their numbers."""
    table = actions()
    wanted = [table.names[number] for number in np.frombuffer(numbers, np.uint32).tolist()]
    return _service(wanted[0].partition(":")[0], frozenset(wanted))


@lru_cache(maxsize=65_536)
def _service(service: str, wanted: frozenset[str]) -> tuple[str, ...]:
    tree = _tree(service)
    known = tree.bits.keys() & wanted
    if known and len(known) == len(tree.bits):
        return (f"{service}:*", *sorted(wanted.difference(known)))
    found = [*wanted.difference(known), *tree.folded(known)]
    patterns = [one for one in found if one.endswith("*")]
    return tuple(one for one in found if not any(_takes(other, one) for other in patterns if other != one))


@lru_cache(maxsize=1024)
def _tree(service: str) -> _Tree:
    table = actions()
    return _Tree([table.names[row] for row in table.rows(service)])


def _takes(pattern: str, name: str) -> bool:
    return name.lower().startswith(pattern[:-1].lower())


class _Node(NamedTuple):
    """The permissions of a service that share their first words; sets are bits of one number.

    Args:
        pattern: what takes them in, with all that begin alike.
        inside: those that share the words.
        whole: those that the pattern takes in; none where these are too few for one.
        below: by their next words; none where there are no more.
    """

    pattern: str
    inside: int
    whole: int
    below: tuple[_Node, ...]


class _Tree:
    """The permissions of one service; patterns take letters of either case, so they are compared in one."""

    def __init__(self, names: Sequence[str]) -> None:
        self.bits = {name: 1 << number for number, name in enumerate(names)}
        self._names = list(names)
        self._words = {name: _WORD.findall(name.partition(":")[2]) for name in names}
        lower = sorted((name.lower(), name) for name in names)
        self._sorted, self._spelled = [one for one, _ in lower], [name for _, name in lower]
        self._nodes = self._below([name for _, name in lower], 0)

    def folded(self, wanted: Iterable[str]) -> list[str]:
        """The patterns of some permissions."""
        mask, found = sum(self.bits[name] for name in wanted), list[str]()
        self._gather(self._nodes, mask, found)
        return found

    def _gather(self, nodes: Sequence[_Node], wanted: int, found: list[str]) -> None:
        for node in nodes:
            here = node.inside & wanted
            if not here:
                continue
            if node.whole and node.whole & wanted == node.whole:
                found.append(node.pattern)
            elif node.below:
                self._gather(node.below, wanted, found)
            else:
                found += self._listed(here)

    def _listed(self, mask: int) -> Iterator[str]:
        while mask:
            low = mask & -mask
            yield self._names[low.bit_length() - 1]
            mask ^= low

    def _below(self, names: Sequence[str], depth: int) -> tuple[_Node, ...]:
        """The nodes of names that share their first words."""
        branches: dict[str, list[str]] = {}
        for name in names:
            branches.setdefault("".join(self._words[name][: depth + 1]).lower(), []).append(name)
        found = []
        for begin, inside in sorted(branches.items()):
            start = inside[0][: len(inside[0].partition(":")[0]) + 1 + len(begin)]
            first = bisect_left(self._sorted, start.lower())
            whole = self._spelled[first : bisect_left(self._sorted, start.lower() + "\uffff")]
            last = len(inside) == 1 or all(len(self._words[name]) <= depth + 1 for name in inside)
            below = () if last else self._below(inside, depth + 1)
            masks = [sum(self.bits[name] for name in those) for those in (inside, whole)]
            found.append(_Node(f"{start}*", masks[0], masks[1] if len(whole) >= _FEWEST else 0, below))
        return tuple(found)
