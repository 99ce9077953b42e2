"""Files of the directory's logs and of Microsoft 365, taken apart: unpacked bytes in, records out.

A blob of a diagnostic setting has a record a line, messages of an event hub `records`; Graph's pages have `value`; a
workspace's answer has `tables`, or rows as objects; what PowerShell exports of the unified audit log has each record as
a text of JSON in `AuditData`, in JSON or in CSV. All of these may stand alone, in lists, and one after the other.

https://learn.microsoft.com/entra/identity/monitoring-health/howto-archive-logs-to-storage-account
https://learn.microsoft.com/purview/audit-log-export-records
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec

from leastwise.providers.logs.nested import Object
from leastwise.providers.logs.tabular import table_rows
from leastwise.providers.logs.values import Bad
from leastwise.providers.logs.wrapped import Batch, Wrapping

from .record import Record
from .spelling import record_of

_LISTS = ("records", "value", "tables", "Records")
_DATA = "AuditData"
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
    if not _is_csv(content):
        return _RECORDS.read(content, made)
    for number, row in _rows(content, made):
        before = len(made.bad)
        _RECORDS.read(msgspec.json.encode(row), made)
        made.bad[before:] = [Bad(f"row {number}", one.why) for one in made.bad[before:]]
    return made


def _is_csv(content: bytes) -> bool:
    """Whether it is a table as PowerShell exports it: its first line, or that after `#TYPE`, names the column."""
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        return False
    lines = [one for one in start.splitlines() if not one.startswith(b"#TYPE")]
    return bool(lines) and _DATA.encode() in lines[0].replace(b'"', b"").split(b",")


def _rows(content: bytes, batch: Batch[Record]) -> Iterator[tuple[int, Object]]:
    """The rows of a table in CSV that have a record, each with its number, from 1."""
    text = content.decode("utf-8-sig", "replace")
    if text.startswith("#TYPE"):
        text = text.partition("\n")[2]
    limit = csv.field_size_limit(len(text) + 1)
    number = 0
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text), strict=True), 1):
            yield number, {_DATA: row.get(_DATA) or ""}
    except csv.Error as error:
        batch.bad.append(Bad(f"row {number + 1}", f"no CSV: {error}"))
    finally:
        csv.field_size_limit(limit)
