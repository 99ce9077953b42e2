"""Take audit logs into the usage lake: file by file, batch by batch; what cannot be read is set aside and told."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from leastwise.engine.allocator import kept_memory
from leastwise.engine.columns import reused_memory
from leastwise.engine.quiet import without_collector
from leastwise.errors import UnknownFormatError, UsageError
from leastwise.store.files import storage_errors
from leastwise.store.lake.ingest import Drawn, Ingest
from leastwise.store.lake.manifest import Source

from . import log_files
from .log_files import LogFile
from .log_owners import owners
from .log_reading import Batch, Reading, Taken
from .log_workers import Readers, jobs_for, lots
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base import Logs

_AHEAD = timedelta(minutes=15)
"""How far clocks may differ before an event counts as being of the future."""
Report = Callable[[Taken, int, int], None]
"""Called with what was done, bytes done and bytes in all."""


def take_in(
    workspace: Workspace,
    paths: Sequence[Path],
    provider: str = "aws",
    report: Report | None = None,
    jobs: int | None = None,
) -> Taken:
    """Take the events of files and folders into the lake; each counts once, whatever is taken in again.

    `jobs` is how many processes read; None: as many as are worth it, one for little.

    Raises:
        UsageError: the provider has no logs that can be read.
        InputError: a path does not exist.
        HomeLockedError, StorageFullError, StoreError: batches that were written count.
    """
    logs = workspace.provider(provider).logs
    if logs is None:
        raise UsageError(f"{provider}: its audit logs cannot be read yet")
    begun = time.monotonic()
    files = log_files.find(paths, logs.order, logs.ends)
    with without_collector(), kept_memory(), reused_memory(), workspace.store.writing("events"):
        run = Run(workspace, provider, logs, report)
        run.all(files, jobs)
    run.taken.seconds = time.monotonic() - begun
    return run.taken


def take_in_any(
    workspace: Workspace, paths: Sequence[Path], report: Report | None = None, jobs: int | None = None
) -> Taken:
    """Take the events of files and folders into the lake, whosever logs each file is; else as `take_in`.

    Raises:
        InputError: a path does not exist, or no file holds records of a log that is known.
        HomeLockedError, StorageFullError, StoreError: batches that were written count.
    """
    logs = {name: one.logs for name, one in workspace.providers().items() if one.logs is not None}
    ends = tuple(dict.fromkeys(end for one in logs.values() for end in one.ends))
    found = owners(log_files.find(paths, str, ends), logs)
    known = ", ".join(workspace.provider(name).title for name in logs)
    why = f"holds no record of a log that is known (of {known}); --provider says whose it is"
    if found.unknown and not found.by:
        raise UnknownFormatError(found.unknown[0].path, why)
    taken = Taken(files=len(found.unknown), failed=len(found.unknown))
    taken.set_aside += [(one.name, "", why) for one in found.unknown]
    if not found.by:
        found.by[next(iter(logs))] = []
    for name, files in found.by.items():
        done = take_in(workspace, [one.path for one in files], name, report, jobs)
        taken.add(done)
    return taken


class Run:
    """One run under the writer lock: files are taken one by one, `finish` ends it.

    `committed`, where it is set, is told of sources as soon as the lake holds what they gave.
    """

    def __init__(self, workspace: Workspace, provider: str, logs: Logs, report: Report | None = None) -> None:
        self._workspace, self._provider, self.logs = workspace, provider, logs
        self._ingests: dict[str, Ingest] = {}
        self._ingest_of(provider)
        manifest = workspace.lake.manifest
        known = manifest.known if manifest.any(provider) else _nothing
        self._reading = Reading(provider, logs, known, workspace.now, self._write, workspace.logs_of)
        self._report = report
        self.committed: Callable[[Sequence[Source]], None] | None = None
        self.taken = Taken()

    def all(self, files: Sequence[LogFile], jobs: int | None = None) -> None:
        """Take these files, with so many processes (None: as many as are worth it), and finish."""
        sizes = [_size(one.path) for one in files]
        total, done = sum(sizes), 0
        jobs = jobs_for(sizes) if jobs is None else jobs
        if jobs > 1:
            self._together(files, sizes, jobs)
        else:
            for file, size in zip(files, sizes, strict=True):
                done += size
                self.take(file, done, total)
        self.finish()

    def take(self, file: LogFile, done: int, total: int) -> None:
        """Take a file; `done` and `total` are the bytes that the report tells."""
        self._reading.take(file)
        if self._report:
            self._report(self._so_far(), done, total)

    def finish(self) -> None:
        """Write what is held, and join sessions."""
        self._reading.end()
        for ingest in self._ingests.values():
            ingest.settle()

    def _ingest_of(self, provider: str) -> Ingest:
        found = self._ingests.get(provider)
        if found is None:
            found = self._ingests[provider] = self._workspace.lake.ingest(provider)
        return found

    def _together(self, files: Sequence[LogFile], sizes: Sequence[int], jobs: int) -> None:
        total, done = sum(sizes), 0

        def tell(size: int) -> None:
            nonlocal done
            done += size
            if self._report:
                self._report(self._so_far(), done, total)

        def own(file: LogFile) -> None:
            self._reading.take(file)
            self._reading.end()

        with (
            storage_errors(f"reading to {self._workspace.home.tmp}"),
            TemporaryDirectory(dir=self._workspace.home.tmp, prefix="read-") as folder,
            Readers(self._workspace, self._provider, jobs, Path(folder)) as readers,
        ):
            readers.read(lots(files, sizes), self._write, own, tell)

    def _so_far(self) -> Taken:
        """What was done, with what is held."""
        found = replace(self.taken, set_aside=[])
        found.add(self._reading.held)
        return found

    def _write(self, batch: Batch) -> None:
        self.taken.add(batch.taken)
        self._look_ahead(batch.tables["events"])
        added = self._ingest_of(batch.provider).add(Drawn(**batch.tables), batch.sources)
        self.taken.new += added.new
        self.taken.duplicates += added.duplicates
        if self.committed and batch.provider == self._provider:
            self.committed(batch.sources)

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


def _nothing(key: str) -> bool:
    return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
