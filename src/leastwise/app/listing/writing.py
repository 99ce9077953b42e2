"""What is written for a list: its rows in their own order, a column at a time, and what else questions of it need."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.store.lists.columns import one_array
from leastwise.store.lists.writing import ListWriter

from ..estate import NAMES, OpenEstate
from ..overlays import Overlays
from .asked import RANKED, SEARCHED, STRENGTH, VIEW_OF, own_order, schema_of

TAGS = ".tags"
"""What follows the name of a list in that of the list of its tags: a row a tag of a row."""
DOCUMENTS = ".documents"
"""What follows the name of a list in that of the list of the documents that its rows are given by."""
PART = ".part "
"""What stands before a part of estate.yaml in the name of the column that says which rows rest on it."""
_AT_ONCE = 6
"""Columns that are read together: all of them would be held in memory twice."""
_ACTIONS, _DOCUMENT = "actions", ".document"


class _Noting(Overlays):
    """Overlays that keep which rows rest on which part of estate.yaml."""

    def __init__(self, file: Any, ours: Any, having: Any, people: Any) -> None:
        super().__init__(file, ours, having, people)
        self.resting: dict[str, Any] = {}

    def note(self, part: str, holds: Any) -> None:
        """Keep the rows; several columns may rest on one part."""
        held = pc.fill_null(holds, False)
        self.resting[part] = held if part not in self.resting else pc.or_(self.resting[part], held)
        super().note(part, holds)


class Read(OpenEstate):
    """An estate read to be written as lists; what several of them need is read once."""

    @cached_property
    def overlays(self) -> _Noting:
        """What estate.yaml adds, with the rows that rest on it."""
        known = self.workspace.providers().items()
        having = [name for name, one in known if one.nouns is not None and one.nouns().proof]
        return _Noting(self.file, self.ours, having, lambda: self.people)


def reader(estate: OpenEstate) -> Read:
    """The estate, to be written as lists."""
    return Read(estate.workspace, estate.estate, estate.file)


def write_list(read: Read, what: str, path: Path) -> None:
    """Write a list of an estate to a path, whole or not at all; those of its tags and documents lie beside it.

    Raises:
        StorageFullError, StoreError: it cannot be written, or the estate not read.
    """
    read.__dict__.pop("overlays", None)  # which rows rest on what is told list by list
    view = VIEW_OF[what]
    keys = own_order(read.schema(view))
    table = read.view(view, keys)
    order = pc.sort_indices(table, sort_keys=[*((one, "ascending") for one in keys), ("#", "ascending")])
    del table
    if what == "grants":
        _write_documents(read, path.with_name(path.name + DOCUMENTS))
    with ListWriter(path) as writer:
        for name, column in _columns(read, what, order):
            if name == "tags":
                _write_tags(column, path.with_name(path.name + TAGS))
            ranks = STRENGTH if name in RANKED and pa.types.is_string(column.type) else ()
            searched = name in SEARCHED and pa.types.is_string(column.type)
            writer.add(name, column, ranks, searched)
        for part, holds in sorted(read.overlays.resting.items()):
            writer.add(PART + part, _plain(holds).take(order))
        writer.finish({"columns": schema_of(read, what).names})


def _columns(estate: Read, what: str, order: pa.Array) -> Iterator[tuple[str, Any]]:
    """The columns of a list, by name, in the list's order."""
    view = VIEW_OF[what]
    named = set(NAMES.get(what, {}).values())
    names = [one for one in estate.schema(view).names if one not in named and one != _ACTIONS]
    for start in range(0, len(names), _AT_ONCE):
        wanted = names[start : start + _AT_ONCE]
        table = estate.view(view, wanted)
        for name in wanted:
            yield name, one_array(_taken(table[name], order))
    if what == "grants":
        yield _DOCUMENT, _document_rows(estate, _taken(estate.view(view, ["document"])["document"], order))
    for id, name in NAMES.get(what, {}).items():
        table = estate.view(view, ["provider", id])
        yield name, _taken(estate.shown_names(table["provider"], table[id], id), order)


def _taken(column: Any, order: pa.Array) -> pa.Array:
    whole = one_array(column)
    return whole.take(order)


def _plain(values: Any) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


# --- lists beside a list --------------------------------------------------------------------------------------------


def _write_tags(tags: pa.Array, path: Path) -> None:
    """The tags of a list: the row of each, its key and its value."""
    rows = np.repeat(np.arange(len(tags), dtype=np.uint32), _lengths(tags))
    with ListWriter(path) as writer:
        writer.add("row", pa.array(rows))
        first, last = tags.offsets[0].as_py() if len(tags) else 0, tags.offsets[-1].as_py() if len(tags) else 0
        writer.add("key", tags.keys.slice(first, last - first))
        writer.add("value", tags.items.slice(first, last - first))
        writer.finish({})


def _lengths(tags: pa.MapArray) -> Any:
    return np.diff(tags.offsets.to_numpy()) if len(tags) else np.empty(0, np.int64)


def _documents(estate: OpenEstate) -> pa.Table:
    """The documents of the estate, each once."""
    parts = [estate.tables.read(one, "documents", ["hash", "actions"]) for one in estate.estate.manifests]
    if not parts:
        return pa.table({"hash": pa.array([], pa.string()), "actions": pa.array([], pa.list_(pa.string()))})
    told = pa.concat_tables(parts)
    hashes = one_array(told["hash"].cast(pa.string()))
    first = pc.index_in(hashes, value_set=hashes).to_numpy() == np.arange(len(hashes))
    return told.filter(pa.array(first))


def _write_documents(estate: OpenEstate, path: Path) -> None:
    documents = _documents(estate)
    with ListWriter(path) as writer:
        writer.add("actions", documents["actions"])
        writer.finish({})


def _document_rows(estate: OpenEstate, hashes: pa.Array) -> pa.Array:
    """The row of each grant's document in the list of documents."""
    known = one_array(_documents(estate)["hash"].cast(pa.string()))
    return pc.index_in(hashes.cast(pa.string()), value_set=known)


def with_actions(rows: Sequence[dict[str, Any]], actions: Callable[[Sequence[int]], Sequence[Any]]) -> None:
    """Gives rows of grants the action patterns of their documents, in place of these' rows."""
    known = sorted({one[_DOCUMENT] for one in rows if one[_DOCUMENT] is not None})
    told: Mapping[int, Any] = dict(zip(known, actions(known), strict=True)) if known else {}
    for one in rows:
        one[_ACTIONS] = told.get(one.pop(_DOCUMENT)) or []


def stored_names(what: str, wanted: Collection[str]) -> list[str]:
    """The columns that a list keeps what rows show in."""
    return [_DOCUMENT if what == "grants" and one == _ACTIONS else one for one in wanted]
