"""Tables of a BigQuery sink read row by row, which costs nothing: days of partitioned tables, and tables of a day.

https://docs.cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list
https://docs.cloud.google.com/bigquery/docs/managing-partitioned-table-data (partition decorators)
https://docs.cloud.google.com/logging/docs/export/bigquery
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from leastwise.errors import InputError
from leastwise.providers.fetching import FetchError, Piece, Sink, Wanted
from leastwise.providers.gcp.events.rows import Field, columns, entries
from leastwise.providers.gcp.log_names import LOGS, TABLES, dataset_of
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import refused
from leastwise.providers.rest.session import Ask

from .log_access import Access

LISTING, READING = ("bigquery.tables.list", "bigquery.tables.get"), "bigquery.tables.getData"
API = "https://bigquery.googleapis.com/bigquery/v2/projects"
_TABLE = re.compile(rf"cloudaudit_googleapis_com_({'|'.join(LOGS)})(?:_(\d{{8}}))?")
_PAGE, _ROW = 5000, 2000
"""Rows of a page at most (and ten megabytes), and what a row is taken for, in bytes."""
_LATE = timedelta(hours=6)
"""A day is complete so long after its end: rows lie in a buffer for up to ninety minutes."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a sink: which log it has, of which day (None: of all), and what tables.get says of it."""

    id: str
    log: str
    day: date | None
    told: dict[str, Any]

    @property
    def daily(self) -> bool:
        """Whether each day is a partition."""
        return (self.told.get("timePartitioning") or {}).get("type") == "DAY"

    @property
    def changed(self) -> str:
        """What is another whenever its rows are others."""
        return f"{self.told.get('lastModifiedTime', '')}/{self.told.get('numRows', '')}"

    def since(self, now: datetime) -> date:
        """The first day of which it may have rows."""
        made = _moment(self.told.get("creationTime"))
        first = made.date() - timedelta(1) if made else now.date() - timedelta(400)
        kept = str((self.told.get("timePartitioning") or {}).get("expirationMs") or "")
        return max(first, (now - timedelta(milliseconds=int(kept))).date()) if kept.isdigit() else first


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset that a sink writes to."""

    access: Access
    project: str
    id: str

    @property
    def url(self) -> str:
        """Of its tables."""
        return f"{API}/{quote(self.project, safe=':')}/datasets/{self.id}/tables"

    def tables(self, begin: date | None, end: date | None, notes: list[str]) -> Iterator[Table]:
        """Its tables of audit logs, those of a day only where it is wanted. RestFailed."""
        for one in self.access.listed(self.url, {"maxResults": 1000}, "tables"):
            id = str((one.get("tableReference") or {}).get("tableId") or "")
            found = _TABLE.fullmatch(id)
            if found is None:
                continue
            if one.get("type") != "TABLE":
                notes.append(
                    f"{id} is no table but a {str(one.get('type')).lower()}, which is not read: name its dataset"
                )
                continue
            day = _day(found[2])
            if day is None or ((not begin or day >= begin) and (not end or day <= end)):
                yield Table(id, found[1], day, self.access.ask(Ask("GET", f"{self.url}/{id}")))

    def rows(self, id: str, fields: Sequence[Field]) -> Iterator[dict[str, Any]]:
        """Pages of rows of a table, or of a partition of it. RestFailed."""
        query = {
            "maxResults": _PAGE, "selectedFields": ",".join(str(one["name"]) for one in fields),
            "formatOptions.useInt64Timestamp": True,
        }  # fmt: skip
        return self.access.pages(f"{self.url}/{quote(id, safe='')}/data", query)


class Tables:
    """The tables of a sink; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted, now: datetime | None = None) -> None:
        project, dataset = dataset_of(wanted.url)
        self.name = f"{TABLES}{project}.{dataset}"
        self.notes: list[str] = []
        self._now = now or datetime.now(UTC)
        self._wanted = wanted
        self._access = Access(wanted.sign_in)
        self._dataset = Dataset(self._access, project, dataset)

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """A piece a log and day; see the port. InputError: it cannot be listed, or holds no audit logs."""
        days: list[tuple[date, Piece]] = []
        try:
            for table in self._dataset.tables(self._wanted.begin, self._wanted.end, self.notes):
                if not columns(table.told.get("schema") or {}):
                    self.notes.append(f"{table.id} has no columns of log entries, and is left alone")
                    continue
                days += self._days(table)
        except RestFailed as error:
            if error.http == 404:
                raise InputError(self.name, "there is no such dataset") from None
            raise refused(self.name, error, " and ".join(LISTING)) from None
        if not days:
            within = " of these days" if self._wanted.begin or self._wanted.end else ""
            raise InputError(self.name, f"no table of audit logs{within} is there")
        for _, piece in sorted(days, key=lambda one: (one[0], one[1].name)):
            if stop.is_set():
                return
            yield piece

    def fetch(self, piece: Piece, into: Sink) -> None:
        """The rows of a day as entries, a line each; see the port."""
        table, id = piece.key
        fields = columns(table.told["schema"])
        try:
            for page in self._dataset.rows(id, fields):
                into.write(b"".join(msgspec.json.encode(one) + b"\n" for one in entries(page, fields)))
        except RestFailed as error:
            if error.ending:
                raise refused(self.name, error, READING) from None
            if error.http == 404 and id != table.id and self._there(table):
                return  # a day without any entry has no partition
            raise FetchError("is not there any more" if error.http == 404 else str(error)) from None
        except (ValueError, OverflowError) as error:
            raise FetchError(f"cannot be understood: {error}") from None

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Ends what is being fetched."""
        self._access.close()

    def _days(self, table: Table) -> Iterator[tuple[date, Piece]]:
        """The days of a table, each with its piece."""
        if table.day is not None:
            yield table.day, self._piece(table, table.id, table.day, table.changed)
            return
        if not table.daily:
            self.notes.append(f"{table.id} has no partitions of a day: it is read whole")
            name = f"{self.name}/whole/{table.log}/rows.jsonl"
            yield date.min, Piece(name, _size(table), table.changed, True, (table, table.id))
            return
        first = max(table.since(self._now), self._wanted.begin or date.min)
        last = min(self._now.date(), self._wanted.end or date.max)
        for number in range((last - first).days + 1):
            day = first + timedelta(number)
            content = "complete" if self._complete(day) else f"until {self._now.isoformat()}"
            yield day, self._piece(table, f"{table.id}${day:%Y%m%d}", day, content)

    def _piece(self, table: Table, id: str, day: date, content: str) -> Piece:
        """Only a day that is complete is called as a sink's files are, by which the lake tells what it holds."""
        place = f"cloudaudit.googleapis.com/{table.log}/{day:%Y/%m/%d}"
        if not self._complete(day):
            place = f"recent/{table.log}-{day:%Y%m%d}"
        size = _size(table) if id == table.id else _ROW
        return Piece(f"{self.name}/{place}/rows.jsonl", size, content, True, (table, id))

    def _complete(self, day: date) -> bool:
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(1) + _LATE < self._now

    def _there(self, table: Table) -> bool:
        """Whether the table itself is there. RestFailed when it cannot be asked."""
        try:
            self._access.ask(Ask("GET", f"{self._dataset.url}/{table.id}"))
        except RestFailed as error:
            if error.http == 404:
                return False
            raise FetchError(str(error)) from None
        return True


def _size(table: Table) -> int:
    rows = str(table.told.get("numRows") or "0")
    return int(rows) * _ROW if rows.isdigit() else _ROW


def _day(written: str | None) -> date | None:
    try:
        return datetime.strptime(written, "%Y%m%d").replace(tzinfo=UTC).date() if written else None
    except ValueError:
        return None


def _moment(milliseconds: object) -> datetime | None:
    text = str(milliseconds or "")
    return datetime.fromtimestamp(int(text) / 1000, UTC) if text.isdigit() else None
