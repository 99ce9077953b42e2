"""Lists of identities, resources, grants, credentials, requests and coverage: filtered, sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .cursors import cursor_of, start_of
from .estate import NAMES, OpenEstate
from .globs import globs
from .listing.asked import (
    EQUALS,
    RANKED,
    SEARCHED,
    STRENGTH,
    VIEW_OF,
    Filters,
    Page,
    asked_of,
    check_filters,
    check_values,
    own_order,
    plain_row,
    schema_of,
    sorted_by,
)

__all__ = ["COVERAGE_COLUMNS", "VIEW_OF", "Filters", "Page", "list_coverage", "list_rows", "list_rows_of_all"]


def list_rows(
    estate: OpenEstate,
    what: str,
    filters: Filters,
    sort: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """A page of `identities`, `resources`, `grants`, `credentials`, `trusts` or `requests`.

    `sort` is a column, with `-` in front for descending; nulls come last. Where the list was written it is opened,
    else the estate is filtered and sorted: writing a list takes longer than one page of it is worth.

    Raises:
        UsageError: an unknown column, a filter that the list does not have, a value that can match nothing, or a cursor
            that is not of this list, filters, order and estate.
    """
    from .listing import Listing

    listing = Listing.open(estate)
    if listing.ready(what):
        return listing.page(what, filters, sort, limit=limit, cursor=cursor)
    return list_rows_of_all(estate, what, filters, sort, limit, cursor)


def list_rows_of_all(
    estate: OpenEstate,
    what: str,
    filters: Filters,
    sort: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """As `list_rows`, by filtering and sorting the whole estate: what a list that was written is held against."""
    view = VIEW_OF[what]
    schema = schema_of(estate, what)
    check_values(estate, filters, what, lambda column: estate.view(view, [column])[column].to_pylist())
    check_filters(schema, filters, what)
    conditions = list(_conditions(schema, filters, estate.clock))
    keys = _sort_keys(schema, sort, what)
    asked = asked_of(estate, what, filters, sort)
    start = start_of(cursor, asked)
    reads = {column for one in conditions for column in one.reads} | {column for column, _ in keys if column != "#"}
    table = _filtered(_with_names(estate, what, reads), conditions)
    order = pc.sort_indices(_ranked(table, keys), sort_keys=keys)
    stop = table.num_rows if not limit else min(table.num_rows, start + limit)
    rows = estate.rows(view, table.take(order.slice(start, max(0, stop - start))))
    following = cursor_of(asked, stop) if stop < table.num_rows else None
    items = [plain_row(row) for row in rows.to_pylist()]
    if what in NAMES:
        items = estate.named(items, NAMES[what])
    return Page(items, table.num_rows, following, estate.header(), estate.coverage(), tuple(schema.names))


def _with_names(estate: OpenEstate, what: str, reads: Collection[str]) -> pa.Table:
    """The columns that filters and order read; names as they are shown."""
    ids = {name: id for id, name in NAMES.get(what, {}).items() if name in reads}
    beside = {"provider"} if ids else set()
    table = estate.view(VIEW_OF[what], (set(reads) - set(ids)) | set(ids.values()) | beside)
    for name, id in ids.items():
        table = table.append_column(name, estate.shown_names(table["provider"], table[id], id))
    return table


def list_coverage(estate: OpenEstate, gaps_only: bool = False) -> Page:
    """Every call of every scope in force and how it ended; unreadable scopes stand in it as denied."""
    items = [
        _coverage_row(entry, one)
        for entry in estate.estate.entries
        for one in (entry.manifest.coverage if entry.manifest and not gaps_only else ())
        if one.status == "ok"
    ]
    items.extend(_coverage_row(entry, one) for entry, one in estate.gaps())
    return Page(items, len(items), None, estate.header(), estate.coverage(), COVERAGE_COLUMNS)


COVERAGE_COLUMNS = (
    "provider",
    "account",
    "kind",
    "service",
    "call",
    "status",
    "detail",
    "affects",
    "snapshot",
    "stale",
)
"""Keys of a row of coverage."""


def _coverage_row(entry: Any, one: Any) -> dict[str, Any]:
    return {
        "provider": entry.scope.provider, "account": one.account or entry.scope.id, "kind": entry.scope.kind,
        "service": one.service, "call": one.call, "status": str(one.status), "detail": one.detail,
        "affects": one.affects,
        "snapshot": entry.manifest.id if entry.manifest else None, "stale": entry.stale,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Condition:
    """Which rows to keep: the columns that it reads, and a mask over a table that has them."""

    reads: tuple[str, ...]
    mask: Callable[[pa.Table], Any]


def _filtered(table: pa.Table, conditions: Iterable[_Condition]) -> pa.Table:
    """The rows for which every condition holds; a null never matches."""
    masks = [pc.fill_null(one.mask(table), False) for one in conditions]
    return table.filter(reduce(pc.and_, masks)) if masks else table


def _conditions(schema: pa.Schema, filters: Filters, clock: datetime) -> Iterator[_Condition]:
    def on(column: str, test: Callable[[pa.ChunkedArray], Any]) -> _Condition:
        return _Condition((column,), lambda table: test(table[column]))

    for name, (column, _) in EQUALS.items():
        wanted = getattr(filters, name)
        if wanted is not None:
            yield on(column, partial(_compared, pc.equal, wanted))
    if filters.kind:
        yield on("kind", partial(pc.is_in, value_set=pa.array(list(filters.kind))))
    for tag in filters.tag:
        yield on("tags", partial(_tagged, wanted=tag))
    if filters.owner:
        yield on("owner", partial(globs, wanted=[filters.owner]))
    if filters.unused_days is not None:
        before = clock - timedelta(days=filters.unused_days)
        yield _Condition(("last_used", "last_used_known"), partial(_unused, before=before))
    if filters.used_days is not None:
        since = clock - timedelta(days=filters.used_days)
        yield on("last_used", partial(_compared, pc.greater_equal, since))
    if filters.text:
        searched = tuple(
            name for name in SEARCHED if name in schema.names and pa.types.is_string(schema.field(name).type)
        )
        yield _Condition(searched, partial(_search, columns=searched, text=filters.text))


def _compared(test: Callable[[Any, Any], Any], value: object, column: pa.ChunkedArray) -> Any:
    return test(column, value)


def _unused(table: pa.Table, before: datetime) -> Any:
    """Known to be unused since: last use is earlier, or the vendor was asked and knows none; unknown never matches."""
    last = table["last_used"]
    never = pc.and_(pc.is_null(last), table["last_used_known"])
    return pc.or_(pc.fill_null(pc.less(last, before), False), never)


def _tagged(tags: pa.ChunkedArray, wanted: str) -> pa.Array:
    """Rows with the tag KEY, or KEY=VALUE."""
    key, given, value = wanted.partition("=")
    whole = tags.combine_chunks()
    hit = pc.equal(whole.keys, key)
    if given:
        hit = pc.and_(hit, pc.equal(whole.items, value))
    # offsets[i+1] - offsets[i] of the running count tells whether row i has a hit.
    counts = np.concatenate(([0], np.cumsum(hit.to_numpy(zero_copy_only=False))))
    offsets = whole.offsets.to_numpy()
    return pa.array(counts[offsets[1:]] > counts[offsets[:-1]])


def _search(table: pa.Table, columns: Iterable[str], text: str) -> Any:
    found: Any = pa.repeat(pa.scalar(False), table.num_rows)
    for column in columns:
        found = pc.or_(found, pc.fill_null(pc.match_substring(table[column], text, ignore_case=True), False))
    return found


def _ranked(table: pa.Table, keys: list[tuple[str, str]]) -> pa.Table:
    """The table with admin columns that it is sorted by as numbers: by strength, not by letter."""
    for name in {column for column, _ in keys} & RANKED:
        if pa.types.is_string(table.schema.field(name).type):
            table = table.set_column(
                table.schema.get_field_index(name), name, pc.index_in(table[name], value_set=pa.array(STRENGTH))
            )
    return table


def _sort_keys(schema: pa.Schema, sort: str | None, what: str) -> list[tuple[str, str]]:
    """Columns and directions of the order, with as many more columns as make it total."""
    column, down = sorted_by(schema, sort, what)
    first = [(column, "descending" if down else "ascending")] if column else []
    rest = [(name, "ascending") for name in own_order(schema) if name != column]
    return [*first, *rest, ("#", "ascending")]
