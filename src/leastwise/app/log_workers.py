"""Log files read by several processes: each reads lots of files of its own and lays down what they held; one writes.

Lots are files that follow one another, of about as many events as are written at once. What a process has read lies as
Arrow files in the home's folder for what is under way, which every writer empties. The readers ask the state database
what is known; they write nothing to it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from functools import partial
from itertools import count
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.engine.allocator import kept_memory
from leastwise.engine.columns import reused_memory
from leastwise.errors import LeastwiseError, StoreError

from .absent import hide
from .log_files import LARGE, LogFile
from .log_reading import Batch, Reading
from .wiring import Workspace

if TYPE_CHECKING:
    from types import TracebackType

_LOT, _LOT_FILES = 10 << 20, 1_000
"""Packed bytes of a lot, and its files at most."""
_WORTH = 6 * _LOT
"""With fewer bytes another process costs more than it gains."""
_MOST = 4
Lot = tuple[list[LogFile], int]
"""Files, and their bytes."""


def jobs_for(sizes: Sequence[int]) -> int:
    """How many processes are to read files of these sizes; 1: this one alone."""
    if sum(size for size in sizes if size <= LARGE) < _WORTH:
        return 1
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, _MOST)


def lots(files: Sequence[LogFile], sizes: Sequence[int]) -> Iterator[Lot]:
    """The files in lots, in their order. A large one, of which parts are written on the way, is a lot by itself."""
    held, many = list[LogFile](), 0
    for file, size in zip(files, sizes, strict=True):
        if held and (many + size > _LOT or len(held) >= _LOT_FILES):
            yield held, many
            held, many = [], 0
        held.append(file)
        many += size
    if held:
        yield held, many


class Readers(AbstractContextManager["Readers"]):
    """Processes that read.

    Args:
        workspace: of whose home and database they are.
        provider: whose logs are read.
        jobs: how many processes.
        folder: where they lay down what they read.
    """

    def __init__(self, workspace: Workspace, provider: str, jobs: int, folder: Path) -> None:
        where = (workspace.home.path, workspace.database_option, dict(workspace.environ), provider, folder)
        self._now, self._jobs = workspace.now, jobs
        self._pool = ProcessPoolExecutor(jobs, get_context("spawn"), _begin, where)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def read(self, all_lots: Iterator[Lot], take: Callable[[Batch], None], own: Callable[[LogFile], None],
             done: Callable[[int], None]) -> None:  # fmt: skip
        """Have the lots read; `take` gets what they held, `own` the files to be read here, `done` the bytes of each
        lot, all in the order of the lots.

        Raises:
            StoreError: a process could not begin, was ended, ran out of memory, or could not lay down what it read;
                what was taken until then counts.
        """
        try:
            self._all(all_lots, take, own, done)
        except BrokenProcessPool as error:
            raise StoreError("a process that read logs was ended; what was written until then counts") from error

    def _all(self, all_lots: Iterator[Lot], take: Callable[[Batch], None], own: Callable[[LogFile], None],
             done: Callable[[int], None]) -> None:  # fmt: skip
        coming: deque[tuple[Lot, Future[list[Laid]] | None]] = deque()
        for lot in all_lots:
            files, size = lot
            alone = len(files) == 1 and size > LARGE
            coming.append((lot, None if alone else self._pool.submit(_read, files)))
            if len(coming) > self._jobs + 1:
                self._take(*coming.popleft(), take, own, done)
        while coming:
            self._take(*coming.popleft(), take, own, done)

    def _take(
        self, lot: Lot, read: Future[list[Laid]] | None, take: Callable[[Batch], None], own: Callable[[LogFile], None],
        done: Callable[[int], None],
    ) -> None:  # fmt: skip
        if read is None:
            own(lot[0][0])
        else:
            for one in _result(read):
                with closing(one):
                    sources = [replace(source, taken=self._now()) for source in one.batch.sources]
                    take(replace(one.batch, tables=one.tables(), sources=sources))
        done(lot[1])


def _result(read: Future[list[Laid]]) -> list[Laid]:
    try:
        return read.result()
    except MemoryError as error:
        told = "a process that read logs ran out of memory; what was written until then counts (--jobs 1 needs less)"
        raise StoreError(told) from error


class Laid:
    """A batch whose tables lie in files; `close` removes them."""

    def __init__(self, batch: Batch, files: dict[str, Path]) -> None:
        self.batch, self._files = batch, files

    def tables(self) -> dict[str, Any]:
        """The tables, mapped into memory. StoreError when a file cannot be read."""
        import pyarrow as pa

        try:
            return {name: pa.ipc.open_file(pa.memory_map(str(path))).read_all() for name, path in self._files.items()}
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"what was read of logs cannot be taken over: {error}") from error

    def close(self) -> None:
        """Remove the files."""
        for path in self._files.values():
            path.unlink(missing_ok=True)


_READ: Callable[[list[LogFile]], list[Laid]] | None = None


def _begin(home: Path, database: str | None, environ: dict[str, str], provider: str, folder: Path) -> None:
    """In a reading process, before its first lot."""
    global _READ
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever writes ends us
    hide("pandas")  # see `cli.main`
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _READ = _reader(home, database, environ, provider, folder)
    except LeastwiseError as error:  # raised here it would be a traceback on the terminal, and no cause
        _READ = partial(_refuse, str(error))


def _refuse(cause: str, files: list[LogFile]) -> list[Laid]:
    raise StoreError(f"a process that reads logs cannot begin: {cause}")


def _reader(
    home: Path, database: str | None, environ: dict[str, str], provider: str, folder: Path
) -> Callable[[list[LogFile]], list[Laid]]:
    workspace = Workspace(home, database, environ)
    logs = workspace.provider(provider).logs
    assert logs is not None
    laid, serial = list[Laid](), count()
    reading = Reading(
        provider, logs, workspace.lake.manifest.known, workspace.now,
        lambda batch: laid.append(_lay(batch, folder / f"{os.getpid()}-{next(serial)}")), workspace.logs_of,
    )  # fmt: skip

    def read(files: list[LogFile]) -> list[Laid]:
        laid.clear()
        with kept_memory(), reused_memory():
            for file in files:
                reading.take(file)
            reading.end()
        return list(laid)

    return read


def _end_with_parent() -> None:
    """A reader whose writer was killed has nothing to wait for."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(files: list[LogFile]) -> list[Laid]:
    assert _READ is not None
    return _READ(files)


def _lay(batch: Batch, place: Path) -> Laid:
    """Lay down the tables of a batch. StoreError when they cannot be written."""
    import pyarrow as pa

    files = {name: place.with_name(f"{place.name}.{name}") for name in batch.tables}
    try:
        for name, path in files.items():
            table = batch.tables[name].combine_chunks()
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
    except OSError as error:
        for path in files.values():
            path.unlink(missing_ok=True)
        raise StoreError(f"what was read of logs cannot be laid down: {error.strerror or error}") from error
    return Laid(replace(batch, tables={}), files)
