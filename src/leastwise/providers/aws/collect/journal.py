"""What a running collection has already been told, on disk, so that it can be resumed and need not be held in memory.

One file a scope: a header, then one record a finished page, each behind its length. A record that a crash cut off
ends the file; the next run writes over it. Only pruned answers get here: a journal is no more secret than a snapshot.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from leastwise.model.scope import CoverageStatus

_LENGTH = struct.Struct("<I")


class Header(msgspec.Struct, frozen=True):
    """Whose journal it is: `started` is the time of the snapshot to be, `plan` a hash of what was to be collected."""

    scope: tuple[str, str, str]
    started: str
    plan: str


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
        self._encoder = msgspec.msgpack.Encoder()

    def open(self, header: Header, resume: bool) -> tuple[Header, dict[str, Record]]:
        """Starts it, or goes on with one of the same plan; returns its header and the calls that it holds.

        OSError as the operating system says.
        """
        kept: dict[str, Record] = {}
        end = 0
        if resume and self.path.exists():
            frames = list(self._frames())
            found = _header(frames[0][0]) if frames else None
            if found is not None and found.plan == header.plan:
                header, end = found, frames[0][1]
                for data, stop in frames[1:]:
                    record = msgspec.msgpack.decode(data, type=Record)
                    kept[key(record)] = record
                    end = stop
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
        """Every record, in the order they came; of a call that was asked again only the last."""
        self._file.flush()
        for data, _ in list(self._frames())[1:]:
            yield msgspec.msgpack.decode(data, type=Record)

    def close(self) -> None:
        """Closes the file and leaves it for `--resume`."""
        if self._file is not None:
            self._file.close()
            self._file = None

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
        return msgspec.msgpack.decode(data, type=Header)
    except msgspec.DecodeError:
        return None
