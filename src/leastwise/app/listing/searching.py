"""What holds a text that somebody looks for: the nearest first."""

from __future__ import annotations

from dataclasses import dataclass

from pyroaring import BitMap

from leastwise.store.lists import bitmaps
from leastwise.store.lists.opened import OpenList
from leastwise.store.lists.texts import fold

_LOOKED_AT = 400
"""So many that hold a text are told apart by how near they are, besides those that are called so."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that holds a text: the list it is of, its id and name, and where it is."""

    what: str
    id: str
    name: str
    kind: str
    provider: str
    account: str


def nearest(what: str, rows: OpenList, found: BitMap, text: str, most: int) -> list[Hit]:
    """Of the rows that hold a text those that are nearest to what may be meant."""
    wanted = BitMap(found[:_LOOKED_AT])
    for name in ("id", "name"):
        wanted |= rows.column(name).rows_with_value(text) & found
    table = rows.take(bitmaps.rows_of(wanted), ["id", "name", "kind", "provider", "account"]).to_pylist()
    return sorted((Hit(what, **row) for row in table), key=lambda one: _distance(one, fold(text)))[:most]


def _distance(hit: Hit, text: str) -> tuple[int, int, str]:
    """How far a hit is from what may be meant: the name or id itself, what begins with it, what holds it."""
    name, id = fold(hit.name), fold(hit.id)
    if text in (name, id):
        return 0, len(name), hit.id
    return (1 if name.startswith(text) else 2 if text in name else 3), len(name), hit.id
