"""Which rows of a list are meant, as sets: its filters, values of columns, a text, and what somebody may see."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from leastwise.errors import UsageError
from leastwise.store.lists import bitmaps
from leastwise.store.lists.opened import Column, OpenList

from ..globs import globs
from .asked import EQUALS, Filters

Sight = frozenset[tuple[str, str]]
"""The accounts that somebody may see: provider and id."""
Values = Mapping[str, Sequence[object]]
"""Values of columns, of which a row must have one of each column; None stands for rows that have none."""


def chosen(
    rows: OpenList,
    tags: OpenList | None,
    filters: Filters,
    values: Values,
    sets: Sequence[BitMap],
    clock: datetime,
) -> BitMap | None:
    """The rows that are meant; None for all. `sets` are those of the text and of what may be seen, where these count.

    Raises:
        UsageError: a column that is not there, or a value that is not of its type.
    """
    every = [*_filtered(rows, tags, filters, clock), *_valued(rows, values), *sets]
    return reduce(BitMap.intersection, sorted(every, key=len)) if every else None


def seen(rows: OpenList, sight: Sight) -> BitMap:
    """The rows of some accounts."""
    of: dict[str, list[str]] = {}
    for provider, account in sorted(sight):
        of.setdefault(provider, []).append(account)
    providers, accounts = rows.column("provider"), rows.column("account")
    return bitmaps.together([_having(providers, [one]) & _having(accounts, ids) for one, ids in of.items()])


def _filtered(rows: OpenList, tags: OpenList | None, filters: Filters, clock: datetime) -> Iterator[BitMap]:
    for name, (column, _) in EQUALS.items():
        wanted = getattr(filters, name)
        if wanted is not None:
            yield _having(rows.column(column), [wanted])
    if filters.kind:
        yield _having(rows.column("kind"), filters.kind)
    for tag in filters.tag:
        assert tags is not None
        yield _tagged(tags, tag)
    if filters.owner:
        yield _matching(rows.column("owner"), filters.owner)
    if filters.unused_days is not None:
        yield _unused(rows, clock - timedelta(days=filters.unused_days))
    if filters.used_days is not None:
        used = rows.column("last_used")
        yield used.rows_from(used.place(clock - timedelta(days=filters.used_days)))


def _having(column: Column, values: Collection[object]) -> BitMap:
    """The rows that have one of some values."""
    places = {column.place_of(value) for value in values}
    return column.rows_at([one for one in places if one is not None])


def holding(rows: OpenList, text: str) -> BitMap:
    """The rows with a text in one of the columns that are searched, whatever its case."""
    columns = (rows.column(name) for name in rows.names)
    return bitmaps.together([one.rows_with(text) for one in columns if one.searched])


def _tagged(tags: OpenList, wanted: str) -> BitMap:
    """The rows that have the tag KEY, or KEY=VALUE."""
    key, given, value = wanted.partition("=")
    found = _having(tags.column("key"), [key])
    if given:
        found &= _having(tags.column("value"), [value])
    owners = np.asarray(tags.column("row").values)
    return bitmaps.of_rows(owners[bitmaps.rows_of(found)])


def _matching(column: Column, glob: str) -> BitMap:
    """The rows whose value matches a glob."""
    words = column.distinct()
    places = np.flatnonzero(globs(pa.chunked_array([words]), [glob]).to_numpy(zero_copy_only=False))
    return column.rows_at(places)


def _unused(rows: OpenList, before: datetime) -> BitMap:
    """Known to be unused since: last use is earlier, or the vendor was asked and knows none; unknown never matches."""
    used = rows.column("last_used")
    never = _having(used, [None]) & _having(rows.column("last_used_known"), [True])
    return never | used.rows_below(used.place(before))


def _valued(rows: OpenList, values: Values) -> Iterator[BitMap]:
    for name, wanted in values.items():
        if name not in rows.names or not rows.column(name).sortable:
            raise UsageError(f"there is no column {name} of single values")
        column = rows.column(name)
        yield _having(column, [_typed(name, column.values.type, one) for one in wanted])


_FLAGS = {"true": True, "false": False}


def _typed(name: str, kind: pa.DataType, value: object) -> object:
    """A value as the column has it, where it is given as text; `null` of a column that holds no texts is none."""
    if not isinstance(value, str) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return value
    if value == "null":
        return None
    try:
        if pa.types.is_boolean(kind):
            return _FLAGS[value]
        return datetime.fromisoformat(value) if pa.types.is_timestamp(kind) else int(value)
    except (KeyError, ValueError):
        raise UsageError(f"{name}: {value!r} is no {kind}") from None
