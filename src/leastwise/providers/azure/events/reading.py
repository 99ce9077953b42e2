"""Files of Azure's logs, taken apart: unpacked bytes in, records out, and what else was there.

A blob of a diagnostic setting has a record a line, older ones and messages of an event hub `records`; captures of a hub
have the message in `Body`; the API's pages have `value`, the command line gives an array; a workspace's answer has
`tables`, or rows as objects. All of these may stand alone, in lists, and one after the other, over several lines.

https://learn.microsoft.com/azure/azure-monitor/platform/stream-monitoring-data-event-hubs
https://learn.microsoft.com/rest/api/monitor/activity-logs/list
https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from leastwise.providers.logs.values import Bad, values

from .record import NotUsageError, Record, UnreadableRecordError
from .spelling import is_record, record_of
from .workspace import is_row, record_form, rows_of

_LISTS = ("records", "value", "tables", "Records")
_WRAPPERS = ("Body", "body", "data")
_DEEPEST = 4


@dataclass(slots=True)
class Batch:
    """What a file holds, in its order. `others` counts records that are nobody's use, by what they are.

    `take` is given the records in place of `records`.
    """

    take: Callable[[Record], None] | None = None
    records: list[Record] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def read(content: bytes, batch: Batch | None = None) -> Batch:
    """The records of a file. Nothing is raised: what cannot be read is in `bad`, and the rest goes on."""
    batch = Batch() if batch is None else batch
    values(content, lambda value, place: _take(batch, value, place, 0), batch.bad.append)
    return batch


def _take(batch: Batch, value: Any, place: str, depth: int) -> None:
    """Read one value: a record, or something that holds records."""
    if isinstance(value, dict) and (is_record(value) or is_row(value)):
        try:
            record = record_of(record_form(value) if is_row(value) else value)
        except NotUsageError as other:
            batch.others[str(other)] += 1
        except (UnreadableRecordError, RecursionError) as error:
            batch.bad.append(Bad(place, str(error)))
        else:
            (batch.take or batch.records.append)(record)
        return
    inner = list(_inside(value)) if depth < _DEEPEST else []
    for name, one in inner:
        _take(batch, one, f"record {name[1:-1]}" if depth == 0 and place == "record 0" else f"{place}{name}", depth + 1)
    if not inner and not _is_empty(value):
        batch.bad.append(Bad(place, "is no record of Azure's logs"))


def _is_empty(value: Any) -> bool:
    """Whether it is a list of records, a page or a table of them, that has none."""
    return value == [] or (isinstance(value, dict) and any(value.get(name) == [] for name in (*_LISTS, "rows")))


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """The values in a wrapper or a list, each with its place there."""
    if isinstance(value, list):
        yield from ((f"[{at}]", one) for at, one in enumerate(value))
    elif isinstance(value, Mapping):
        if "columns" in value and "rows" in value:
            yield from ((f"[{at}]", one) for at, one in enumerate(rows_of(value)))
            return
        for name in _LISTS:
            if isinstance(value.get(name), list):
                yield from ((f"[{at}]", one) for at, one in enumerate(value[name]))
                return
        for name in _WRAPPERS:
            one = value.get(name)
            found = _unwrapped(one) if isinstance(one, str) else one if isinstance(one, dict | list) else None
            if found is not None:
                yield f".{name}", found
                return


def _unwrapped(data: str) -> Any:
    """What a message carries, in base64 or as a text of JSON; None when it is neither."""
    try:
        raw = data.encode() if data.lstrip()[:1] in ("{", "[") else base64.b64decode(data, validate=True)
        return msgspec.json.decode(raw)
    except (binascii.Error, ValueError, RecursionError):
        return None
