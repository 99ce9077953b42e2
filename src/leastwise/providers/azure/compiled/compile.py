"""Tables to arrays: places in the order of their tree, assignments by place, members, groups; `estate` reads them.

Nothing is decided here: what a role or a condition means is found out by `evaluate` when a question comes to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.quiet import without_collector
from leastwise.engine.sparse import rows_of, texts_of
from leastwise.providers.base import ScopeTables
from leastwise.providers.bulk.keeping import put_lookup, put_rows, put_texts

from .assigned import Assigned, assigned_of
from .entering import entering_of
from .facts import facts_of
from .members import members_of
from .placing import Placed, above_of, placed
from .reads import Trees


def compile_estate(scopes: Sequence[ScopeTables]) -> Arrays:
    """The arrays of an estate from the tables of its scopes and directories (`columns.COLUMNS`)."""
    with without_collector():
        return _compiled(Trees(scopes))


def _compiled(trees: Trees) -> Arrays:
    arrays: dict[str, Array] = {}
    facts: dict[str, Any] = {}
    found = assigned_of(trees)
    above = above_of(trees)
    places = placed(trees, above, found.targets())
    numbers = members_of(trees, arrays, facts)
    _put_places(arrays, places)
    _put_assignments(arrays, found, places, numbers)
    facts["parents"] = dict(above.parents)
    facts["containers"] = [
        [key, row["kind"], row["name"] or "", row["tenant"] or ""] for key, row in sorted(trees.containers.items())
    ]
    facts |= facts_of(trees, found) | entering_of(trees)
    return Arrays(arrays, facts)


def _put_places(arrays: dict[str, Array], places: Placed) -> None:
    put_texts(arrays, "place.key", texts_of(places.keys))
    put_lookup(arrays, "place.key", places.keys)
    put_texts(arrays, "place.id", texts_of(places.ids))
    for name, column in (("parent", places.parents), ("end", places.ends), ("top", places.tops)):
        arrays[f"place.{name}"] = np.array(column, np.int32)
    _put_coded(arrays, "place.kind", places.kinds)


def _put_assignments(arrays: dict[str, Array], found: Assigned, places: Placed, numbers: Mapping[str, int]) -> None:
    """Assignments that are in force, then eligible ones (`offer`), each sorted by place."""
    for name, rows in (("assignment", found.given), ("offer", found.offered)):
        at = np.array([places.numbers.get(one.key, 0) for one in rows], np.int32)
        order = np.argsort(at, kind="stable")
        rows = [rows[one] for one in order.tolist()]
        arrays[f"{name}.place"] = at[order]
        who = np.array([numbers[one.principal] for one in rows], np.int32)
        arrays[f"{name}.principal"] = who
        arrays[f"{name}.until"] = np.array([one.until for one in rows], np.int64)
        arrays[f"{name}.activated"] = np.array([one.activated for one in rows], np.bool_)
        for column in ("role", "type", "condition", "tenant", "here"):
            _put_coded(arrays, f"{name}.{column}", [getattr(one, column) for one in rows])
        put_texts(arrays, f"{name}.id", texts_of([one.id for one in rows]))
        own = np.arange(len(rows), dtype=np.int32)
        put_rows(arrays, f"place.{name}s", rows_of(at[order], own, len(places.keys)))
        put_rows(arrays, f"member.{name}s", rows_of(who, own, len(numbers)))


def _put_coded(arrays: dict[str, Array], name: str, words: Sequence[str]) -> None:
    """A column of texts that repeat, as codes of texts."""
    coded = pa.array(words, pa.string()).dictionary_encode()
    put_texts(arrays, f"{name}.texts", texts_of(coded.dictionary.to_pylist()))
    arrays[name] = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
