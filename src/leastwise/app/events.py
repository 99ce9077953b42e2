"""Take audit logs into the usage lake: file by file, batch by batch; what cannot be read is set aside and told."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.engine.columns import reused_memory
from leastwise.engine.quiet import without_collector
from leastwise.errors import UsageError
from leastwise.providers.base import ReadLog
from leastwise.store.lake.ingest import Drawn, Ingest
from leastwise.store.lake.manifest import Source, source_key

from . import log_files
from .log_files import Content, LogFile, UnreadableError
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base import Drawing, Logs

_BATCH = 1 << 16
"""So many events are held before they are written."""
_FILES = 4_000
"""So many files are taken in at most before they are written."""
_AHEAD = timedelta(minutes=15)
"""How far clocks may differ before an event counts as being of the future."""
_TOLD = 20
"""So many places of a file are told; all are counted."""


@dataclass(slots=True)
class Taken:
    """What a run did. `known` files were taken in before, `skipped` ones hold no events, `failed` ones were set aside.

    `set_aside` has (file, place, cause) of what could not be read. `future` counts events later than now, `furthest`
    is the latest of them.
    """

    files: int = 0
    known: int = 0
    skipped: int = 0
    failed: int = 0
    bytes: int = 0
    events: int = 0
    new: int = 0
    duplicates: int = 0
    bad: int = 0
    future: int = 0
    furthest: datetime | None = None
    seconds: float = 0.0
    set_aside: list[tuple[str, str, str]] = field(default_factory=list)


Report = Callable[[Taken, int, int], None]
"""Called with what was done, bytes done and bytes in all."""


def take_in(workspace: Workspace, paths: Sequence[Path], provider: str = "aws", report: Report | None = None) -> Taken:
    """Take the events of files and folders into the lake; each counts once, whatever is taken in again.

    Raises:
        UsageError: the provider has no logs that can be read.
        InputError: a path does not exist.
        HomeLockedError, StorageFullError, StoreError: batches that were written count.
    """
    logs = workspace.provider(provider).logs
    if logs is None:
        raise UsageError(f"{provider}: its audit logs cannot be read yet")
    begun = time.monotonic()
    files = log_files.find(paths, logs.order)
    with without_collector(), reused_memory(), workspace.store.writing("events"):
        run = Run(workspace, provider, logs, report)
        run.all(files)
    run.taken.seconds = time.monotonic() - begun
    return run.taken


class Run:
    """One run under the writer lock: files are taken one by one, `finish` ends it.

    `committed`, where it is set, is told of sources as soon as the lake holds what they gave.
    """

    def __init__(self, workspace: Workspace, provider: str, logs: Logs, report: Report | None = None) -> None:
        self._workspace, self._provider, self.logs = workspace, provider, logs
        self._drawing: Drawing = logs.begin()
        self._ingest: Ingest = workspace.lake.ingest(provider)
        self._sources: list[Source] = []
        self._report = report
        self.committed: Callable[[Sequence[Source]], None] | None = None
        self.taken = Taken()

    def all(self, files: Sequence[LogFile]) -> None:
        """Take these files, and finish."""
        sizes = [_size(one.path) for one in files]
        total, done = sum(sizes), 0
        for file, size in zip(files, sizes, strict=True):
            done += size
            self.take(file, done, total)
        self.finish()

    def take(self, file: LogFile, done: int, total: int) -> None:
        """Take a file; `done` and `total` are the bytes that the report tells."""
        self._one(file)
        if self._drawing.events >= _BATCH or len(self._sources) >= _FILES:
            self._write()
        if self._report:
            self._report(self.taken, done, total)

    def finish(self) -> None:
        """Write what is held, and join sessions."""
        self._write()
        self._ingest.settle()

    def _one(self, file: LogFile) -> None:
        taken = self.taken
        taken.files += 1
        if self.logs.skips(file.name):
            taken.skipped += 1
            return
        content = None
        try:
            content = file.content()
            if self._workspace.lake.manifest.known(source_key(self._provider, file.name, content.sha256)):
                taken.known += 1
                return
            taken.bytes += content.size
            read = self._read(file, content)
        except UnreadableError as error:
            taken.failed += 1
            taken.set_aside.append((file.name, "", str(error)))
            size, sha256 = (content.size, content.sha256) if content is not None else (0, "")
            self._note(file, size, sha256, state="failed", detail=(("", str(error)),))
            return
        state = "done"
        if read.skipped:
            taken.skipped += 1
            state = "skipped"
        elif read.bad:
            state = "partly" if read.events else "failed"
            taken.failed += state == "failed"
        taken.events += read.events
        taken.bad += len(read.bad)
        shown = read.bad[: _TOLD if read.events else 1]
        taken.set_aside += [(file.name, place, why) for place, why in shown]
        self._note(
            file, content.size, content.sha256, state=state, events=read.events, bad=len(read.bad),
            detail=shown,
        )  # fmt: skip

    def _read(self, file: LogFile, content: Content) -> ReadLog:
        """The events of a file; those of a large one are written on the way."""
        if content.data is not None:
            return self._drawing.read(log_files.unpacked(content.data))
        events, lines, skipped, bad = 0, 0, "", list[tuple[str, str]]()
        for piece in log_files.pieces(file.path, content):
            read = self._drawing.read(piece)
            events, skipped = events + read.events, read.skipped
            bad += [(_further(place, lines), why) for place, why in read.bad]
            lines += piece.count(b"\n")
            if self._drawing.events >= _BATCH:
                self._write()
        return ReadLog(events, tuple(bad), skipped)

    def _note(self, file: LogFile, size: int, sha256: str, **told: Any) -> None:
        self._sources.append(Source(self._provider, file.name, size, sha256, self._workspace.now(), **told))

    def _write(self) -> None:
        tables = self._drawing.drawn()
        self._look_ahead(tables["events"])
        added = self._ingest.add(Drawn(**tables), self._sources)
        self.taken.new += added.new
        self.taken.duplicates += added.duplicates
        written, self._sources = self._sources, []
        if self.committed:
            self.committed(written)

    def _look_ahead(self, events: Any) -> None:
        """Count what is of the future: a clock is wrong, here or there."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not events.num_rows:
            return
        latest = pa.scalar(self._workspace.now() + _AHEAD, pa.timestamp("us", tz="UTC"))
        later = events["time"].filter(pc.greater(events["time"], latest))
        if len(later):
            self.taken.future += len(later)
            last = pc.max(later).as_py()
            self.taken.furthest = max(last, self.taken.furthest or last)


def _further(place: str, lines: int) -> str:
    """A place in a piece of a file as one in the file."""
    word, _, number = place.partition(" ")
    return f"line {int(number) + lines}" if word == "line" and number.isdecimal() else place


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
