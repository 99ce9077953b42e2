"""Files of the directory's logs and of Microsoft 365, taken apart: unpacked bytes in, records out.

A blob of a diagnostic setting has a record a line, messages of an event hub `records`; Graph's pages have `value`; a
workspace's answer has `tables`, or rows as objects or in CSV; what PowerShell exports of the unified audit log has each
record as a text of JSON in `AuditData`, in JSON or in CSV. All of these may stand alone, in lists, and one after the
other; tables in CSV alone.

https://learn.microsoft.com/entra/identity/monitoring-health/howto-archive-logs-to-storage-account
https://learn.microsoft.com/purview/audit-log-export-records
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

import msgspec

from leastwise.providers.logs.nested import Object
from leastwise.providers.logs.tabular import table_rows
from leastwise.providers.logs.values import Bad
from leastwise.providers.logs.wrapped import Batch, Wrapping

from .record import Record
from .spelling import record_of

_LISTS = ("records", "value", "tables", "Records")
_DATA = "AuditData"
_WORKSPACE = frozenset(("TimeGenerated", "TimeGenerated [UTC]"))
_PORTAL = frozenset(("Date (UTC)",))
_DOWNLOADED = "a table that the portal lets download, which not all ids are in: download it as JSON"
"""https://learn.microsoft.com/entra/identity/monitoring-health/howto-download-logs"""
_RECORDS = Wrapping(
    name="record of the directory's logs",
    record=record_of,
    lists=_LISTS,
    wrappers=(_DATA, "auditData", "Body", "body", "data"),
    empty=(*_LISTS, "rows"),
    table=table_rows,
)


def read(content: bytes, batch: Batch[Record] | None = None) -> Batch[Record]:
    """The records of a file. Nothing is raised: what cannot be read is in `bad`, and the rest goes on."""
    made = Batch[Record]() if batch is None else batch
    columns = _columns(content)
    if _DATA in columns:
        rows = ((number, {_DATA: row.get(_DATA) or ""}) for number, row in _rows(content, made))
    elif columns & _WORKSPACE:
        rows = ((number, _row(row)) for number, row in _rows(content, made))
    elif columns & _PORTAL:
        made.bad.append(Bad("line 1", _DOWNLOADED))
        return made
    else:
        return _RECORDS.read(content, made)
    for number, row in rows:
        before = len(made.bad)
        _RECORDS.read(msgspec.json.encode(row), made)
        made.bad[before:] = [Bad(f"row {number}", one.why) for one in made.bad[before:]]
    return made


def _columns(content: bytes) -> frozenset[str]:
    """The columns of a table in CSV: of its first line, or that after `#TYPE`; none of anything else."""
    start = content[:8192].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        return frozenset()
    lines = [one for one in start.splitlines() if not one.startswith(b"#TYPE")]
    told = lines[0].replace(b'"', b"").split(b",") if lines else []
    return frozenset(one.decode("utf-8", "replace").strip() for one in told)


def _row(row: Mapping[str, str | None]) -> Object:
    """A row of a workspace as its answer in JSON has it; the portal writes the zone of times into the column's name."""
    return {str(name).removesuffix(" [UTC]"): value for name, value in row.items() if name and value}


def _rows(content: bytes, batch: Batch[Record]) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    """The rows of a table in CSV, each with its number, from 1."""
    text = content.decode("utf-8-sig", "replace")
    if text.startswith("#TYPE"):
        text = text.partition("\n")[2]
    limit = csv.field_size_limit(len(text) + 1)
    number = 0
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text), strict=True), 1):
            yield number, row
    except csv.Error as error:
        batch.bad.append(Bad(f"row {number + 1}", f"no CSV: {error}"))
    finally:
        csv.field_size_limit(limit)
