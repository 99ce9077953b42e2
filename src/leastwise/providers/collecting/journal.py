"""What a running collection has already been told, on disk, so that it can be resumed and need not be held in memory.

One file a scope: a header, then one record a finished page, each behind its length. A record that a crash cut off
ends the file; the next run writes over it. Only pruned answers get here: a journal is no more secret than a snapshot.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from leastwise.model.scope import CoverageStatus

_LENGTH = struct.Struct("<I")
_OLDEST = timedelta(days=1)


class Header(msgspec.Struct, frozen=True):
    """Whose journal it is: `started` is the time of the snapshot to be, `plan` a hash of what was to be collected.

    `finished`: everything was answered and is committed; only the rest of the run is not.
    """

    scope: tuple[str, str, str]
    started: str
    plan: str
    finished: bool = False

    def same(self, wanted: Header) -> bool:
        """Whether to go on with it in place of `wanted`: same plan, and not so old that answers would not fit."""
        age = datetime.fromisoformat(wanted.started) - datetime.fromisoformat(self.started)
        return self.plan == wanted.plan and abs(age) < _OLDEST


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One finished page: which call (indices into the declarations are not stable, so by name), and how it ended.

    `error` is the code of an error that means "there is none". `more` are the parameters of the next page, if any.
    """

    service: str
    call: str
    region: str
    parameters: dict[str, Any]
    page: int
    status: CoverageStatus
    detail: str = ""
    error: str = ""
    body: bytes = b""
    more: dict[str, Any] | None = None


def key(record: Record) -> str:
    """What tells a page from every other of its scope."""
    about = (record.service, record.call, record.region, record.parameters, record.page)
    return msgspec.json.encode(about, order="sorted").decode()


class Journal:
    """The journal of one scope."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: Any = None
        self._header: Header | None = None
        self._encoder = msgspec.msgpack.Encoder()

    def begun(self, wanted: Header) -> Header | None:
        """The header of what is there, if it may be gone on with."""
        found = next(self._frames(), None) if self.path.exists() else None
        header = _header(found[0]) if found else None
        return header if header is not None and header.same(wanted) else None

    def open(self, header: Header, resume: bool) -> tuple[Header, dict[str, Record]]:
        """Starts it, or goes on with one of the same plan; returns its header and the calls that it has answers to.

        Calls that failed are not among them: they are made again. OSError as the operating system says.
        """
        kept: dict[str, Record] = {}
        end = 0
        found = self.begun(header) if resume else None
        if found is not None and not found.finished:
            for number, (data, stop) in enumerate(self._frames()):
                if number:
                    record = _record(data)
                    if record is None:
                        break
                    if record.status is CoverageStatus.OK:
                        kept[key(record)] = record
                end = stop
            header, end = (found, end) if kept else (header, 0)
        self._header = header
        self._file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        self._file.truncate(end)
        self._file.seek(end)
        if not end:
            self._write(header)
        return header, kept

    def add(self, record: Record) -> None:
        """Appends a record. OSError as the operating system says."""
        self._write(record)

    def records(self) -> Iterator[Record]:
        """Every record, in the order they came: a call that was asked again is there again."""
        self._file.flush()
        for number, (data, _) in enumerate(self._frames()):
            if number:
                yield msgspec.msgpack.decode(data, type=Record)

    def close(self) -> None:
        """Closes the file and leaves it for `--resume`."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def finish(self) -> None:
        """Leaves only the word that this scope is finished, for a `--resume` of the others."""
        if self._header is not None:
            self._file.seek(0)
            self._file.truncate(0)
            self._write(msgspec.structs.replace(self._header, finished=True))
        self.close()

    def remove(self) -> None:
        """Closes and deletes it: what it held is committed."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _write(self, one: Header | Record) -> None:
        data = self._encoder.encode(one)
        self._file.write(_LENGTH.pack(len(data)) + data)
        self._file.flush()

    def _frames(self) -> Iterator[tuple[bytes, int]]:
        """Every whole frame and where it ends."""
        with self.path.open("rb") as file:
            while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
                (length,) = _LENGTH.unpack(head)
                data = file.read(length)
                if len(data) < length:
                    return
                yield data, file.tell()


def _header(data: bytes) -> Header | None:
    try:
        header = msgspec.msgpack.decode(data, type=Header)
        datetime.fromisoformat(header.started)
    except (msgspec.DecodeError, ValueError):
        return None
    return header


def _record(data: bytes) -> Record | None:
    try:
        return msgspec.msgpack.decode(data, type=Record)
    except msgspec.DecodeError:
        return None
