"""Permissions folded back into patterns, where that is exact: a pattern stands for all that begin so."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

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
    table = actions()
    known = [table.names[row] for row in table.rows(service)]
    if known and wanted.issuperset(known):
        return (f"{service}:*", *sorted(wanted.difference(known)))
    found = list(wanted.difference(known))
    service_names = _names(service)
    found += service_names.below(sorted(service_names.words), {name.lower(): name for name in wanted}, 0)
    return tuple(one for one in found if not any(_takes(other, one) for other in found if other != one))


@lru_cache(maxsize=1024)
def _names(service: str) -> _Names:
    table = actions()
    return _Names([table.names[row] for row in table.rows(service)])


def _takes(pattern: str, name: str) -> bool:
    return pattern.endswith("*") and name.lower().startswith(pattern[:-1].lower())


class _Names:
    """The permissions of one service; patterns take letters of either case, so they are compared in one."""

    def __init__(self, names: Sequence[str]) -> None:
        self.words = {name.lower(): _WORD.findall(name.partition(":")[2]) for name in names}
        self._whole = {name.lower(): name for name in names}
        self._sorted = sorted(self.words)

    def below(self, names: Sequence[str], wanted: Mapping[str, str], depth: int) -> list[str]:
        """The patterns of those of some names, which share their first words, that are wanted."""
        branches: dict[str, list[str]] = {}
        for name in names:
            branches.setdefault("".join(self.words[name][: depth + 1]).lower(), []).append(name)
        found: list[str] = []
        for begin, inside in sorted(branches.items()):
            if not any(name in wanted for name in inside):
                continue
            start = self._whole[inside[0]][: len(inside[0].partition(":")[0]) + 1 + len(begin)]
            first = bisect_left(self._sorted, start.lower())
            whole = self._sorted[first : bisect_left(self._sorted, start.lower() + "\uffff")]
            if len(whole) >= _FEWEST and all(name in wanted for name in whole):
                found.append(f"{start}*")
            elif len(inside) == 1 or all(len(self.words[name]) <= depth + 1 for name in inside):
                found += [wanted[name] for name in inside if name in wanted]
            else:
                found += self.below(inside, wanted, depth + 1)
        return found
