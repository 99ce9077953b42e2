"""Raw documents: per service one append-only file of concatenated zstd frames, and an index of what lies where.

A frame holds one large document or up to about 1 MiB of small ones. `index.jsonl` has one line a document, in the
order they were collected: where its frame lies in which segment, where it lies in the frame, and its SHA-256. Scope and
time stand in a line only where they are not those of the snapshot, so that what did not change gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from leastwise.errors import IntegrityError
from leastwise.model.scope import RawDocument, Scope

from .clock import from_text, to_text
from .files import HashingFile, safe_name

INDEX = "index.jsonl"
_FRAME_BYTES = 1 << 20
_LEVEL = 1


def digests(documents: Sequence[RawDocument]) -> list[str]:
    """SHA-256 of every body, in order."""
    return [hashlib.sha256(document.body).hexdigest() for document in documents]


class _Segment:
    """The open segment of one service: gathers small documents until a frame is worth compressing."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.file = HashingFile(path)
        self._codec = pa.Codec("zstd", _LEVEL)
        self._bodies: list[bytes] = []
        self._lines: list[dict[str, Any]] = []
        self._size = 0

    def add(self, body: bytes, line: dict[str, Any]) -> None:
        if self._size and self._size + len(body) > _FRAME_BYTES:
            self.finish_frame()
        line["offset"] = self._size
        self._bodies.append(body)
        self._lines.append(line)
        self._size += len(body)

    def finish_frame(self) -> None:
        if not self._bodies:
            return
        data = self._bodies[0] if len(self._bodies) == 1 else b"".join(self._bodies)
        start = self.file.size
        frame = self._codec.compress(data, asbytes=False)
        self.file.write(frame)
        for line in self._lines:
            line["frame"] = [start, frame.size, self._size]
        self._bodies, self._lines, self._size = [], [], 0


def write_segments(
    folder: Path, documents: Sequence[RawDocument], hashes: Sequence[str], scope: Scope, taken: datetime
) -> dict[str, tuple[str, str, int]]:
    """Writes the segments and the index of a snapshot of a scope, taken then, into an empty folder; does not sync.

    Returns:
        For every file name its SHA-256 and size: `{name: (name, sha256, size)}`.

    Raises:
        OSError: as the operating system says.
    """
    segments: dict[str, _Segment] = {}
    lines: list[dict[str, Any]] = []
    try:
        for document, sha256 in zip(documents, hashes, strict=True):
            segment = segments.get(document.service)
            if segment is None:
                segment = segments[document.service] = _Segment(folder / f"{safe_name(document.service)}.seg")
            line = _line(document, segment.name, sha256, scope, taken)
            lines.append(line)
            segment.add(document.body, line)
        for segment in segments.values():
            segment.finish_frame()
    finally:
        for segment in segments.values():
            segment.file.close()
    with HashingFile(folder / INDEX) as index:
        encode = json.JSONEncoder(separators=(",", ":")).encode
        for start in range(0, len(lines), 4096):
            index.write("".join(encode(line) + "\n" for line in lines[start : start + 4096]).encode())
    written = {s.name: (s.name, s.file.sha256, s.file.size) for s in segments.values()}
    return {**written, INDEX: (INDEX, index.sha256, index.size)}


def read_segments(
    folder: Path,
    scope: Scope,
    taken: datetime,
    kinds: Collection[str] | None = None,
    *,
    shown: Callable[[Path], str] = str,
) -> Iterator[RawDocument]:
    """The documents in the order they were collected, read one frame at a time.

    Args:
        folder: where `write_segments` wrote.
        scope: scope of the snapshot.
        taken: its time.
        kinds: only documents of these kinds; None for all.
        shown: how a path is named in an error.

    Raises:
        IntegrityError: a file is missing, or its bytes are not what was written; names the file and the document.
    """
    codec = pa.Codec("zstd", _LEVEL)
    held: dict[str, tuple[int, bytes]] = {}
    for line in _index(folder / INDEX, shown):
        if kinds is not None and line["kind"] not in kinds:
            continue
        path = folder / line["segment"]
        try:
            body = _body(path, line, codec, held)
        except (OSError, ValueError, TypeError, pa.ArrowException) as error:
            raise IntegrityError(f"{shown(path)}: cannot read {line['name']}: {_cause(error)}") from error
        if hashlib.sha256(body).hexdigest() != line["sha256"]:
            raise IntegrityError(f"{shown(path)}: {line['name']} is not what was stored (SHA-256 differs)")
        yield RawDocument(
            scope=Scope(*line["scope"]) if "scope" in line else scope,
            service=line["service"],
            kind=line["kind"],
            name=line["name"],
            body=body,
            resource=line["resource"],
            time=taken if "time" not in line else from_text(line["time"]) if line["time"] else None,
            region=line.get("region", ""),
        )


def _line(document: RawDocument, segment: str, sha256: str, scope: Scope, taken: datetime) -> dict[str, Any]:
    line: dict[str, Any] = {
        "service": document.service,
        "kind": document.kind,
        "name": document.name,
        "resource": document.resource,
        "segment": segment,
        "length": len(document.body),
        "sha256": sha256,
    }
    time = to_text(document.time) if document.time else None
    if time != to_text(taken):
        line["time"] = time
    if document.scope != scope:
        line["scope"] = [document.scope.provider, document.scope.kind, document.scope.id]
    return {**line, "region": document.region} if document.region else line


def _index(path: Path, shown: Callable[[Path], str]) -> Iterator[dict[str, Any]]:
    wanted = {"service", "kind", "name", "resource", "segment", "frame", "offset", "length", "sha256"}
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                line = json.loads(text)
                if not isinstance(line, dict) or not wanted <= line.keys():
                    raise IntegrityError(f"{shown(path)}: line {number}: not an index entry")
                yield line
    except (OSError, ValueError) as error:
        raise IntegrityError(f"{shown(path)}: {_cause(error)}") from error


def _body(path: Path, line: dict[str, Any], codec: pa.Codec, held: dict[str, tuple[int, bytes]]) -> bytes:
    start, length, size = line["frame"]
    offset, end = line["offset"], line["offset"] + line["length"]
    if held.get(line["segment"], (-1, b""))[0] != start:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(length)
        frame: bytes = codec.decompress(data, decompressed_size=size, asbytes=True)
        if offset == 0 and end == size:
            return frame
        held[line["segment"]] = (start, frame)
    return held[line["segment"]][1][offset:end]


def _cause(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
