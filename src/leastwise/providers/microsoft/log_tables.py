"""Tables of Log Analytics workspaces, read by queries of so much time that an answer holds all of its rows.

An answer has 500,000 rows or 100 MB at most, and a query may run ten minutes; what goes beyond is cut off, and said to
be. So rows are counted by the hour first, and a span whose answer was cut off all the same is asked for in halves.

https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits (log queries, query API)
https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
https://learn.microsoft.com/rest/api/loganalytics/workspaces/get
https://learn.microsoft.com/rest/api/loganalytics/tables/get
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.providers.fetching import FetchError, Piece, Sink, Wanted
from leastwise.providers.logs.spans import Asked, lacking, midnight, runs, settled, spans, stamp
from leastwise.providers.pace import Pace
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import refused
from leastwise.providers.rest.session import Ask
from leastwise.providers.rest.several import from_each

from .log_access import Access, Opened
from .log_names import BETWEEN, OFFICE, ROWS_FILE, TABLES, UNSURE, workspace_of

WORKSPACE = "Microsoft.OperationalInsights/workspaces/read"
TABLE = "Microsoft.OperationalInsights/workspaces/tables/read"
QUERY = "Microsoft.OperationalInsights/workspaces/query/read"
_VERSION = "2022-10-01"
KNOWN = {
    "AzureActivity": "",
    "AZKVAuditLogs": "",
    "AzureDiagnostics": '| where ResourceProvider =~ "MICROSOFT.KEYVAULT" and Category =~ "AuditEvent"',
    "StorageBlobLogs": "", "StorageQueueLogs": "", "StorageTableLogs": "", "StorageFileLogs": "",
    **dict.fromkeys((*sorted(BETWEEN), OFFICE), ""),
}  # fmt: skip
"""The tables that are read, and which of their rows."""
_COUNTED = (
    "| summarize n = count(), size = sum(estimate_data_size(*)) by hour = bin(TimeGenerated, 1h) | order by hour asc"
)
DAYS = 90
_ROWS, _SIZE = 50_000, 16 << 20
"""So many rows, and bytes as they are estimated, are asked for at once."""
_WAIT = 600
_PER_SECOND = 200 / 30
_SHORTEST, _DAY = timedelta(seconds=1), timedelta(days=1)
_TOO_MUCH = frozenset(("PartialError", "ResponsePayloadTooLarge", "ResponseSizeError", "QueryExecutionTimeout"))


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a workspace: since when its rows are surely all there; None: not surely, `why` says the cause.

    `queried`: its rows can be asked for.
    """

    name: str
    since: datetime | None
    why: str = ""
    queried: bool = True


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace: the id by which it is queried, and its tables."""

    id: str
    tables: Sequence[Table]


def workspace(access: Access, key: str, now: datetime) -> Workspace:
    """What Resource Manager says of a workspace, given its id. RestFailed when it refuses."""
    told = _object(access.arm(key, {"api-version": _VERSION}).content.get("properties"))
    customer = told.get("customerId")
    if not isinstance(customer, str) or not customer:
        raise RestFailed("NotJson", "the workspace's id is not in the answer", 500)
    quota = _object(told.get("workspaceCapping")).get("dailyQuotaGb", -1)
    why = "rows are altered or dropped as they come in (a data collection rule)"
    why = why if told.get("defaultDataCollectionRuleResourceId") else ""
    if isinstance(quota, int | float) and quota > 0:
        why = f"what goes beyond {quota} GB a day is dropped"
    found = []
    for name in KNOWN:
        try:
            table = _object(access.arm(f"{key}/tables/{name}", {"api-version": _VERSION}).content.get("properties"))
        except RestFailed as error:
            if error.http == 404:
                continue
            raise
        found.append(_table(name, table, told, why, now))
    return Workspace(customer, found)


def _table(name: str, table: dict[str, Any], told: dict[str, Any], why: str, now: datetime) -> Table:
    """A table with its retention, which is the workspace's where it has none of its own."""
    if str(table.get("plan") or "Analytics") != "Analytics":
        return Table(name, None, f"its plan is {table['plan']}, which no such query reads", queried=False)
    told_of = (table.get("retentionInDays"), told.get("retentionInDays"))
    days = next((one for one in told_of if isinstance(one, int) and one > 0), 30)
    return Table(name, None if why else now - timedelta(days) + timedelta(hours=1), why)


class Tables:
    """The tables of a workspace; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted, opened: Opened, now: datetime | None = None) -> None:
        self._key = workspace_of(wanted.url).lower()
        self.name = wanted.url
        self.notes: list[str] = []
        now = now or datetime.now(UTC)
        self._run, self._now = now.isoformat(), now.replace(microsecond=0)
        self._wanted = wanted
        self._access = opened(wanted.sign_in)
        self._pace = Pace(1 / _PER_SECOND)
        self._closed = threading.Event()
        self._customer = ""
        end = midnight(wanted.end) + timedelta(1) if wanted.end else self._now
        self._begin = midnight(wanted.begin or (self._now - timedelta(DAYS)).date())
        self._end = min(end, self._now)

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """A piece for each time of a table that the lake does not hold, several for a busy one; see the port."""
        try:
            found = workspace(self._access, self._key, self._now)
        except RestFailed as error:
            if error.http == 404:
                raise InputError(self.name, "there is no such workspace") from None
            raise refused(self.name, error, f"{WORKSPACE} and {TABLE}") from None
        if not found.tables:
            raise InputError(self.name, f"none of the tables {', '.join(KNOWN)} is there")
        self._customer = found.id
        # What is surely held is not asked for again as time goes on and it is surely kept no longer.
        held = [
            replace(one, logs=one.logs | {f"{UNSURE}_{name}" for name in one.logs})
            for one in spans(TABLES, self._wanted.held())
        ]
        complete = max(self._begin, settled(self._now, self._end))

        def of(table: Table) -> Iterator[Piece]:
            parts = list(self._parts(table, complete))
            for span in lacking(self._key.strip("/"), parts, held, complete, self._end):
                for part in self._cut(table.name, span):
                    if stop.is_set():
                        return
                    yield self._piece(table.name, part)

        readable = [one for one in found.tables if self._told(one)]
        yield from from_each(readable, of, lambda one: one.name, self.name, QUERY, self.notes)

    def _parts(self, table: Table, complete: datetime) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
        """From when to when a table is surely whole or not, one after the other. RestFailed when it is refused."""
        since = min(max(table.since or complete, self._begin), complete)
        sure = [(since, complete)] if table.name not in BETWEEN else runs(self._between(table.name))
        at = self._begin
        for begin, end in sure:
            begin, end = max(begin, since), min(end, complete)
            if begin < end:
                yield at, begin, (f"{UNSURE}_{table.name}",)
                yield begin, end, (table.name,)
                at = end
        yield at, complete, (f"{UNSURE}_{table.name}",)

    def _between(self, table: str) -> list[date]:
        """The days with rows before and after which lie days with rows. RestFailed when it is refused."""
        counted = self._hours(table, self._begin - _DAY, min(self._end + _DAY, self._now)) or []
        days = {hour.date() for hour, rows, _ in counted if rows}
        return sorted(one for one in days if {one - _DAY, one + _DAY} <= days)

    def _told(self, table: Table) -> bool:
        """Whether a table can be queried; what is to be known of it is told."""
        if not table.queried:
            self.notes.append(f"{table.name} is not taken in: {table.why}")
        elif table.why:
            self.notes.append(f"{table.name} is not surely whole: {table.why}")
        return table.queried

    def fetch(self, piece: Piece, into: Sink) -> None:
        """The rows of a span, a line each; see the port."""
        table, span = piece.key
        try:
            for columns, rows in self._rows(table, span.begin, span.end):
                lines = ({"Type": table} | dict(zip(columns, row, strict=False)) for row in rows)
                into.write(b"".join(msgspec.json.encode(one) + b"\n" for one in lines))
        except RestFailed as error:
            if error.ending:
                raise refused(self.name, error, QUERY) from None
            raise FetchError(str(error)) from None

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Ends what is being fetched."""
        self._closed.set()
        self._access.close()

    def _cut(self, table: str, span: Asked) -> Iterator[Asked]:
        """A span as spans of so few rows that an answer holds them. RestFailed when it is refused."""
        if span.recent:
            yield span
            return
        counted = self._hours(table, span.begin, span.end)
        if counted is None:
            yield span
            return
        begin, rows, size = span.begin, 0, 0
        for hour, more, bytes in counted:
            if rows and begin < hour and (rows + more > _ROWS or size + bytes > _SIZE):
                yield replace(span, begin=begin, end=hour)
                begin, rows, size = hour, 0, 0
            rows, size = rows + more, size + bytes
        yield replace(span, begin=begin)

    def _hours(self, table: str, begin: datetime, end: datetime) -> list[tuple[datetime, int, int]] | None:
        """Rows and bytes of the hours that have any; None where the answer was cut off. RestFailed, FetchError."""
        told = self._query(f"{_of(table, begin, end)} {_COUNTED}", begin, end)
        if told is None:
            return None
        columns, counted = told
        rows = [dict(zip(columns, row, strict=False)) for row in counted]
        return [(hour, int(one.get("n") or 0), int(one.get("size") or 0)) for one in rows
                if (hour := _time(one.get("hour"))) is not None]  # fmt: skip

    def _piece(self, table: str, span: Asked) -> Piece:
        """The piece of the last hours names the table, since there is one for each."""
        if span.recent:
            recent = replace(span, container=f"{span.container}/{table}")
            return Piece(recent.name(TABLES, ROWS_FILE), 1 << 20, f"asked {self._run}", True, (table, span))
        return Piece(span.name(TABLES, ROWS_FILE), _SIZE // 4, "complete", True, (table, span))

    def _rows(self, table: str, begin: datetime, end: datetime) -> Iterator[tuple[list[str], list[list[Any]]]]:
        """Columns and rows of a time, by halves where an answer is cut off. FetchError where a second is too much."""
        told = self._query(_of(table, begin, end), begin, end)
        if told is not None:
            yield told
            return
        if end - begin <= _SHORTEST:
            raise FetchError(f"{table} has more rows in the second from {stamp(begin)} on than an answer holds")
        half = begin + max(_SHORTEST, timedelta(seconds=int((end - begin).total_seconds() / 2)))
        yield from self._rows(table, begin, half)
        yield from self._rows(table, half, end)

    def _query(self, text: str, begin: datetime, end: datetime) -> tuple[list[str], list[list[Any]]] | None:
        """Columns and rows of an answer; None where it was cut off. RestFailed; FetchError when the run was ended."""
        if self._pace.wait(self._closed):
            raise FetchError("interrupted")
        url = f"{self._access.source.address('logs')}/v1/workspaces/{self._customer}/query"
        body = {"query": text, "timespan": f"{stamp(begin)}/{stamp(end)}"}
        try:
            told = self._access.made("logs", Ask("POST", url, body=body, headers={"prefer": f"wait={_WAIT}"})).content
        except RestFailed as error:
            if error.code in _TOO_MUCH or error.http in (413, 504):
                return None
            raise
        if not isinstance(told, dict) or told.get("error"):
            if _object(_object(told).get("error")).get("code") in (None, *_TOO_MUCH):
                return None
            raise RestFailed(str(_object(told["error"]).get("code")), str(_object(told["error"]).get("message")), 0)
        tables = told.get("tables")
        first = _object(tables[0]) if isinstance(tables, list) and tables else {}
        names = [str(_object(one).get("name")) for one in first.get("columns") or ()]
        return names, [row for row in first.get("rows") or () if isinstance(row, list)]


def _of(table: str, begin: datetime, end: datetime) -> str:
    """The rows of a table in a time, as a query: those at the end are of the next."""
    within = f"TimeGenerated >= datetime({stamp(begin)}) and TimeGenerated < datetime({stamp(end)})"
    return f"{table} | where {within} {KNOWN[table]}".rstrip()


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _time(written: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
