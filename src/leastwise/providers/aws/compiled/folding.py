"""Permissions folded back into patterns, where that is exact: a pattern stands for all that begin so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from pyroaring import BitMap

from leastwise.engine.folding import Folding

from .actions import actions

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[^A-Za-z0-9]+|[A-Z]")


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
    known = tree.numbers.keys() & wanted
    if known and len(known) == len(tree.numbers):
        return (f"{service}:*", *sorted(wanted.difference(known)))
    found = tree.folded(known)
    begins = tuple(one[:-1].lower() for one in found if one.endswith("*"))
    return (*(one for one in wanted.difference(known) if not one.lower().startswith(begins)), *found)


@lru_cache(maxsize=1024)
def _tree(service: str) -> Folding:
    table = actions()
    return Folding([table.names[row] for row in table.rows(service)], _pieces)


def _pieces(name: str) -> Sequence[str]:
    """The words of an action, the first with its service."""
    service, colon, action = name.partition(":")
    first, *others = _WORD.findall(action) or [""]
    return [f"{service}{colon}{first}", *others]
