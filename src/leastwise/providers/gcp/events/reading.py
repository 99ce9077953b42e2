"""Files of Cloud Logging, taken apart: unpacked bytes in, audit log entries out, and what else was there.

Files of a bucket have an entry a line; `gcloud logging read --format=json` gives an array, `entries.list` pages; rows
of a BigQuery sink come as lines or an array; Pub/Sub hands out envelopes with the entry in base64, Eventarc puts it in
an event's `data`. All of these may stand alone, in lists, and one after the other in a file, over several lines.

https://docs.cloud.google.com/logging/docs/export/storage
https://docs.cloud.google.com/pubsub/docs/push (envelopes)
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from leastwise.providers.logs.values import Bad, values

from .entry import Entry, NotAuditError, UnreadableEntryError, entry_of, is_entry

_LISTS = ("entries", "receivedMessages", "messages")
_WRAPPERS = ("message", "data")
_DEEPEST = 4


@dataclass(slots=True)
class Batch:
    """What a file holds, in its order. `others` counts log entries that are no audit logs, by what they are.

    `take` is given the entries in place of `entries`; `line` is offered each line before, and says whether it took it.
    """

    take: Callable[[Entry], None] | None = None
    line: Callable[[bytes], bool] | None = None
    entries: list[Entry] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def read(content: bytes, batch: Batch | None = None) -> Batch:
    """The entries of a file. Nothing is raised: what cannot be read is in `bad`, and the rest goes on."""
    batch = Batch() if batch is None else batch
    values(content, lambda value, place: _take(batch, value, place, 0), batch.bad.append, batch.line)
    return batch


def _take(batch: Batch, value: Any, place: str, depth: int) -> None:
    """Read one value: an entry, or something that holds entries."""
    if isinstance(value, dict) and is_entry(value):
        try:
            entry = entry_of(value)
        except NotAuditError as other:
            batch.others[str(other)] += 1
        except (UnreadableEntryError, RecursionError) as error:
            batch.bad.append(Bad(place, str(error)))
        else:
            (batch.take or batch.entries.append)(entry)
        return
    inner = list(_inside(value)) if depth < _DEEPEST else []
    for name, one in inner:
        _take(batch, one, f"record {name[1:-1]}" if depth == 0 and place == "record 0" else f"{place}{name}", depth + 1)
    if not inner and not _is_empty(value):
        batch.bad.append(Bad(place, "is no log entry"))


def _is_empty(value: Any) -> bool:
    """Whether it is a list of entries, or a page of them, that has none."""
    return value == [] or (isinstance(value, dict) and value.get("entries") == [])


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """The values in a wrapper or a list, each with its place there."""
    if isinstance(value, list):
        yield from ((f"[{at}]", one) for at, one in enumerate(value))
    elif isinstance(value, dict):
        for name in _LISTS:
            if isinstance(value.get(name), list):
                yield from ((f"[{at}]", one) for at, one in enumerate(value[name]))
                return
        for name in _WRAPPERS:
            one = value.get(name)
            if isinstance(one, dict):
                yield f".{name}", one
                return
            if isinstance(one, str) and (found := _unwrapped(one)) is not None:
                yield f".{name}", found
                return


def _unwrapped(data: str) -> Any:
    """What a message carries, in base64 or as a text of JSON; None when it is neither."""
    try:
        raw = data.encode() if data.lstrip()[:1] in ("{", "[") else base64.b64decode(data, validate=True)
        return msgspec.json.decode(raw)
    except (binascii.Error, ValueError, RecursionError):
        return None
