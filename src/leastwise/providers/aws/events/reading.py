"""Files of CloudTrail records, taken apart: unpacked bytes in, records out, and what could not be read with its place.

A trail's file is `{"Records": […]}`. Lines of JSON may each be a record, an EventBridge event (`detail`), a row of
CloudTrail Lake (`eventJson`, `eventData`) or of LookupEvents (`CloudTrailEvent`), or a trail's file of their own; all
of these may also stand alone or in a list. Logstash keeps a record's time in `@timestamp`. Digest files are recognised:
they hold hashes of log files, no events.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from .record import Record

_WRAPPERS = ("detail", "eventJson", "eventData", "CloudTrailEvent")
_LISTS = ("Records", "Events", "QueryResultRows")
UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""What is raised of bytes that are not what they are read as."""
_DEEPEST = 4
"""How often a record may be wrapped: a Lake row in a list in a line."""


class _File(msgspec.Struct, rename={"records": "Records"}, gc=False):
    records: list[Record]


class _Raws(msgspec.Struct, rename={"records": "Records"}, gc=False):
    records: list[msgspec.Raw]


_file = msgspec.json.Decoder(_File)
_raws = msgspec.json.Decoder(_Raws)
_record = msgspec.json.Decoder(Record)
_pieces = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not be read: its place (`record 5`, counted from 0, or `line 7`, counted from 1) and why."""

    place: str
    why: str


@dataclass(slots=True)
class Batch:
    """What a file holds, in its order. `digest` says that it is a digest file, which has no records."""

    records: list[Record] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    digest: bool = False


def read(content: bytes) -> Batch:
    """The records of a file.

    Nothing is raised: what cannot be read is in `bad`, and the rest goes on. A file of a trail is decoded in one go;
    only when that fails are its records read one by one.
    """
    content = content.removeprefix(b"\xef\xbb\xbf").strip()
    batch = Batch()
    if not content:
        return batch
    try:
        batch.records = _file.decode(content).records
        return batch
    except UNREADABLE:
        pass
    try:
        for at, one in enumerate(_raws.decode(content).records):
            _take(batch, one, f"record {at}", 0)
        return batch
    except UNREADABLE:
        pass
    if _whole(content):
        _take(batch, content, "record 0", 0)
        return batch
    for at, line in enumerate(content.split(b"\n"), 1):
        if line := line.strip():
            _take(batch, line, f"line {at}", 0)
    return batch


def _whole(content: bytes) -> bool:
    """Whether the content is one value of JSON, and not one a line."""
    try:
        msgspec.json.decode(content, type=msgspec.Raw)
    except UNREADABLE:
        return False
    return True


def _take(batch: Batch, raw: bytes | msgspec.Raw, place: str, depth: int) -> None:
    """Read one value: a record, or something that holds records."""
    try:
        batch.records.append(_record.decode(raw))
        return
    except UNREADABLE as error:
        why = str(error)
    if (shipped := _shipped(raw)) is not None:
        batch.records.append(shipped)
        return
    if depth < _DEEPEST and (inner := list(_inside(raw, batch))):
        for name, one in inner:
            _take(batch, one, f"{place}{name}", depth + 1)
    elif not batch.digest:
        batch.bad.append(Bad(place, why))


def _inside(raw: bytes | msgspec.Raw, batch: Batch) -> Iterator[tuple[str, bytes | msgspec.Raw]]:
    """The values in a wrapper or a list, each with what its place is called there."""
    try:
        if bytes(memoryview(raw)[:1]) == b"[":
            for at, one in enumerate(_items.decode(raw)):
                yield f"[{at}]", one
            return
        pieces = _pieces.decode(raw)
    except UNREADABLE:
        return
    if "digestS3Bucket" in pieces or "digestStartTime" in pieces:
        batch.digest = True
        return
    for name in _WRAPPERS:
        if name in pieces:
            yield f".{name}", _told(pieces[name])
            return
    for name in _LISTS:
        if name in pieces:
            yield f".{name}", pieces[name]
            return


def _shipped(raw: bytes | msgspec.Raw) -> Record | None:
    """A record that Logstash took the time out of, or None."""
    try:
        pieces = _pieces.decode(raw)
        if "@timestamp" not in pieces or "eventTime" in pieces:
            return None
        return _record.decode(msgspec.json.encode(pieces | {"eventTime": pieces["@timestamp"]}))
    except UNREADABLE:
        return None


def _told(raw: msgspec.Raw) -> bytes | msgspec.Raw:
    """An object, also when it is written as a text of JSON."""
    try:
        return msgspec.json.decode(raw, type=str).encode()
    except (msgspec.MsgspecError, UnicodeError):
        return raw
