"""Lists of identities, resources, grants, credentials, requests and coverage: filtered, sorted, a page at a time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial, reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.errors import UsageError
from leastwise.model.vocabulary import (
    ADMIN,
    CREDENTIAL_KINDS,
    GRANT_KINDS,
    PRINCIPAL_KINDS,
    PUBLIC,
    REQUEST_KINDS,
    REQUEST_STATUSES,
)

from .estate import NAMES, OpenEstate
from .globs import globs

VIEW_OF = {
    "identities": "identities",
    "resources": "resources_view",
    "grants": "grants",
    "credentials": "credentials_view",
    "trusts": "trusts_view",
    "requests": "requests_view",
}
_KINDS = {"identities": PRINCIPAL_KINDS, "credentials": CREDENTIAL_KINDS, "requests": REQUEST_KINDS}
_SEARCHED = ("id", "name", "principal", "principal_name", "policy", "mail", "subject", "via", "reason", "ticket")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list shows; a value that is None or empty does not filter. Days count from the estate's clock."""

    provider: str | None = None
    account: str | None = None
    kind: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    text: str | None = None
    owner: str | None = None
    admin: str | None = None
    mfa: bool | None = None
    external: bool | None = None
    unused_days: int | None = None
    used_days: int | None = None
    public: str | None = None
    active: bool | None = None
    id: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: rows as plain values, how many match in all, and the cursor of the next page or None.

    `columns` are the keys of every row, also when there is none.
    """

    items: list[dict[str, Any]]
    total: int
    next: str | None
    header: dict[str, Any]
    coverage: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The documented JSON of list commands."""
        return {
            "estate": self.header,
            "items": self.items,
            "next": self.next,
            "total": self.total,
            "coverage": self.coverage,
        }


def list_rows(
    estate: OpenEstate,
    what: str,
    filters: Filters,
    sort: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """A page of `identities`, `resources`, `grants`, `credentials`, `trusts` or `requests`.

    `sort` is a column, with `-` in front for descending; nulls come last.

    Raises:
        UsageError: an unknown column, a filter that the list does not have, a value that can match nothing, or a cursor
            that is not of this list, filters, order and estate.
    """
    view = VIEW_OF[what]
    _check_values(estate, filters, what)
    schema = estate.schema(view)
    conditions = list(_conditions(schema, filters, estate.clock, what))
    keys = _sort_keys(schema, sort, what)
    asked = _fingerprint(estate, what, filters, sort)
    start = _start(cursor, asked)
    reads = {column for one in conditions for column in one.reads} | {column for column, _ in keys if column != "#"}
    table = _filtered(estate.view(view, reads), conditions)
    order = pc.sort_indices(_ranked(table, keys), sort_keys=keys)
    stop = table.num_rows if not limit else min(table.num_rows, start + limit)
    rows = estate.rows(view, table.take(order.slice(start, max(0, stop - start))))
    following = _cursor(asked, stop) if stop < table.num_rows else None
    items, names = [_plain(row) for row in rows.to_pylist()], tuple(schema.names)
    if what in NAMES:
        items, names = estate.named(items, NAMES[what]), tuple(dict.fromkeys((*names, *NAMES[what].values())))
    return Page(items, table.num_rows, following, estate.header(), estate.coverage(), names)


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


_EQUALS = {
    "provider": ("provider", "--provider"),
    "account": ("account", "--account"),
    "admin": ("admin", "--admin"),
    "mfa": ("mfa", "--mfa"),
    "external": ("external", "--external"),
    "active": ("active", "--active"),
    "public": ("public", "--public"),
    "id": ("id", "an id"),
    "status": ("status", "--status"),
}
"""Filters that ask for one value of one column: field → (column, option)."""


@dataclass(frozen=True, slots=True)
class _Condition:
    """Which rows to keep: the columns that it reads, and a mask over a table that has them."""

    reads: tuple[str, ...]
    mask: Callable[[pa.Table], Any]


def _filtered(table: pa.Table, conditions: Iterable[_Condition]) -> pa.Table:
    """The rows for which every condition holds; a null never matches."""
    masks = [pc.fill_null(one.mask(table), False) for one in conditions]
    return table.filter(reduce(pc.and_, masks)) if masks else table


def _conditions(schema: pa.Schema, filters: Filters, clock: datetime, what: str) -> Iterator[_Condition]:
    def need(column: str, option: str) -> str:
        if column not in schema.names:
            raise UsageError(f"{what} cannot be filtered by {option}")
        return column

    def on(column: str, option: str, test: Callable[[pa.ChunkedArray], Any]) -> _Condition:
        return _Condition((need(column, option),), lambda table: test(table[column]))

    for name, (column, option) in _EQUALS.items():
        wanted = getattr(filters, name)
        if wanted is not None:
            yield on(column, option, partial(_compared, pc.equal, wanted))
    if filters.kind:
        yield on("kind", "--kind", partial(pc.is_in, value_set=pa.array(list(filters.kind))))
    for tag in filters.tag:
        yield on("tags", "--tag", partial(_tagged, wanted=tag))
    if filters.owner:
        yield on("owner", "--owner", partial(globs, wanted=[filters.owner]))
    if filters.unused_days is not None:
        before = clock - timedelta(days=filters.unused_days)
        yield _Condition((need("last_used", "--unused-for"), "last_used_known"), partial(_unused, before=before))
    if filters.used_days is not None:
        since = clock - timedelta(days=filters.used_days)
        yield on("last_used", "--used-within", partial(_compared, pc.greater_equal, since))
    if filters.text:
        searched = tuple(
            name for name in _SEARCHED if name in schema.names and pa.types.is_string(schema.field(name).type)
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


_STRENGTH = pa.array(["no", "unknown", "limited", "conditional", "yes"])
"""The words of admin columns, in the order in which they sort."""


def _ranked(table: pa.Table, keys: list[tuple[str, str]]) -> pa.Table:
    """The table with admin columns that it is sorted by as numbers: by strength, not by letter."""
    for name in {column for column, _ in keys} & {"admin", "holder_admin", "principal_admin"}:
        if pa.types.is_string(table.schema.field(name).type):
            table = table.set_column(
                table.schema.get_field_index(name), name, pc.index_in(table[name], value_set=_STRENGTH)
            )
    return table


def _sort_keys(schema: pa.Schema, sort: str | None, what: str) -> list[tuple[str, str]]:
    """Columns and directions of the order, with as many more columns as make it total."""
    column = (sort or "").removeprefix("-")
    if column and column not in schema.names:
        raise UsageError(f"{what} has no column {column}; sort by one of {', '.join(schema.names)}")
    if column and pa.types.is_nested(schema.field(column).type):
        raise UsageError(f"{what} cannot be sorted by {column}")
    direction = "descending" if (sort or "").startswith("-") else "ascending"
    first = [(column, direction)] if column else []
    rest = ("id" if "id" in schema.names else "principal", "account", "policy", "via")
    return [
        *first,
        *((name, "ascending") for name in rest if name in schema.names and name != column),
        ("#", "ascending"),
    ]


def _kinds(estate: OpenEstate, what: str) -> Collection[str]:
    """The kinds that a list can have; none for resources, whose kinds are the vendor's."""
    if what != "grants":
        return _KINDS.get(what, ())
    return sorted({*GRANT_KINDS, *filter(None, estate.view(VIEW_OF[what], ["kind"])["kind"].to_pylist())})


def _check_values(estate: OpenEstate, filters: Filters, what: str) -> None:
    """A value that nothing can have is a typo, and would read as "nobody"."""
    scopes = [entry.scope for entry in estate.estate.entries]
    known: dict[str, tuple[Iterable[str | None], Collection[str]]] = {
        "--admin": ([filters.admin], ADMIN),
        "--public": ([filters.public], PUBLIC),
        "--status": ([filters.status], REQUEST_STATUSES),
        "--kind": (filters.kind, _kinds(estate, what) if filters.kind else ()),
        "--provider": ([filters.provider], sorted({one.provider for one in scopes})),
    }
    for option, (given, allowed) in known.items():
        for value in given:
            if value is not None and allowed and value not in allowed:
                raise UsageError(f"{option}: {value!r} is none of {', '.join(allowed)}")
    ours = [one.id for one in scopes]
    if (
        filters.account is not None
        and ours
        and filters.account not in ours
        # Rows also stand for what is elsewhere, as far as trusts and policies name it.
        and filters.account not in estate.view(VIEW_OF[what], ["account"])["account"].to_pylist()
    ):
        raise UsageError(f"--account: {filters.account!r} is none of {', '.join(ours)}")


def _fingerprint(estate: OpenEstate, what: str, filters: Filters, sort: str | None) -> str:
    """What a cursor belongs to: the list, its filters and order, and the snapshots that it was cut from."""
    about = [what, sort, asdict(filters), [manifest.id for manifest in estate.estate.manifests]]
    return hashlib.sha256(json.dumps(about, default=str).encode()).hexdigest()[:16]


def _cursor(asked: str, offset: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([asked, offset]).encode()).decode().rstrip("=")


def _start(cursor: str | None, asked: str) -> int:
    if not cursor:
        return 0
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    ours = isinstance(found, list) and len(found) == 2 and found[0] == asked
    if not ours or not isinstance(found[1], int) or found[1] < 0:
        raise UsageError("the cursor is not one of this list with these filters, this order and this estate")
    return int(found[1])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """JSON values: times as ISO 8601 (UTC), tags as an object."""
    return {
        key: value.isoformat()
        if isinstance(value, datetime)
        else dict(value)
        if key == "tags" and value is not None
        else value
        for key, value in row.items()
    }
