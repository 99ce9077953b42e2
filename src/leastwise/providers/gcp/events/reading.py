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
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from .entry import Entry, NotAuditError, UnreadableEntryError, entry_of, is_entry

_LISTS = ("entries", "receivedMessages", "messages")
_WRAPPERS = ("message", "data")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Bad:
    """Something that could not be read: its place (`record 5`, counted from 0, or `line 7`, from 1) and why."""

    place: str
    why: str


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
    content = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not content:
        return batch
    try:
        whole = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        _lines(batch, content)
    else:
        _take(batch, whole, "record 0", 0)
    return batch


def _lines(batch: Batch, content: bytes) -> None:
    """Values of JSON one after the other, most often one a line; a line of anything else is told."""
    at, line = 0, 1
    decode = json.JSONDecoder().raw_decode
    while at < len(content):
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        piece = content[at:end].strip()
        if piece and not (batch.line and batch.line(piece)):
            place = f"line {line}"
            try:
                _take(batch, msgspec.json.decode(piece), place, 0)
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                if piece[:1] in (b"{", b"["):
                    written = content[at:].decode("utf-8", "surrogateescape")
                    try:
                        value, length = decode(written.lstrip())
                    except (ValueError, RecursionError):
                        batch.bad.append(Bad(place, f"no JSON: {error}"))
                    else:
                        if _is_text(value):
                            _take(batch, value, place, 0)
                        else:
                            batch.bad.append(Bad(place, "is no UTF-8"))
                        blank = len(written) - len(written.lstrip())
                        end = at + len(written[: blank + length].encode("utf-8", "surrogateescape"))
                else:
                    batch.bad.append(Bad(place, f"no JSON: {error}"))
        line += content.count(b"\n", at, end + 1)
        at = end + 1
    return


def _is_text(value: Any) -> bool:
    """Whether all of a value can be written again: no half of a pair of surrogates, no byte that is none of UTF-8."""
    try:
        msgspec.json.encode(value)
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


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
