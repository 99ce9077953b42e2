"""Files of Azure's logs, taken apart: unpacked bytes in, records out, and what else was there.

A blob of a diagnostic setting has a record a line, older ones and messages of an event hub `records`; captures of a hub
have the message in `Body`; the API's pages have `value`, the command line gives an array; a workspace's answer has
`tables`, or rows as objects. All of these may stand alone, in lists, and one after the other, over several lines.

https://learn.microsoft.com/azure/azure-monitor/platform/stream-monitoring-data-event-hubs
https://learn.microsoft.com/rest/api/monitor/activity-logs/list
https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
"""

from __future__ import annotations

from leastwise.providers.logs.nested import Object
from leastwise.providers.logs.tabular import table_rows
from leastwise.providers.logs.wrapped import Batch, ElsewhereError, Wrapping

from .record import Record
from .spelling import DIRECTORY, is_record, record_of
from .workspace import is_row, record_form


def read(content: bytes, batch: Batch[Record] | None = None) -> Batch[Record]:
    """The records of a file. Nothing is raised: what cannot be read is in `bad`, and the rest goes on."""
    return _RECORDS.read(content, Batch() if batch is None else batch)


def _record(value: Object) -> Record | None:
    if is_row(value):
        return record_of(record_form(value))
    if is_record(value):
        return record_of(value)
    if any(value.keys() >= some for some in _ELSEWHERE):
        raise ElsewhereError(DIRECTORY)
    return None


_ELSEWHERE = (
    {"activityDisplayName"},
    {"Operation", "RecordType"},
    {"operation", "recordtype"},
    {"RequestMethod", "RequestUri"},
)
"""What records of the directory and of Microsoft 365 have, in the form of their APIs, that lack Azure's fields."""
_LISTS = ("records", "value", "tables", "Records")
_RECORDS = Wrapping(
    name="record of Azure's logs",
    record=_record,
    lists=_LISTS,
    wrappers=("Body", "body", "data"),
    empty=(*_LISTS, "rows"),
    table=table_rows,
)
