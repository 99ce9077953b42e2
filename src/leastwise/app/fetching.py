"""Take in logs that a provider fetches: known ones are left out, some are fetched ahead, in bounded memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import IO, TYPE_CHECKING

from leastwise.engine.allocator import kept_memory
from leastwise.engine.columns import reused_memory
from leastwise.engine.quiet import without_collector
from leastwise.errors import InputError, UsageError
from leastwise.providers.fetching import Fetcher, FetchError, LogSource, Piece
from leastwise.providers.fetching import Wanted as Wanted
from leastwise.store.files import storage_errors
from leastwise.store.lake.manifest import Source, source_key

from .events import Report, Run
from .log_files import LARGE, Content, LogFile, UnreadableError, is_called_as_a_log
from .log_reading import Taken

if TYPE_CHECKING:
    from leastwise.providers.base import Provider

    from .wiring import Workspace

_AT_ONCE, _AHEAD = 16, 48 << 20
"""So many pieces, and so many bytes of pieces, are fetched before they are taken."""
_UNSIZED = 1 << 22
"""So much of a piece is held in memory whatever its source said of its size."""
_ASKED = 64
"""So many pieces are looked up at once."""


@dataclass(slots=True)
class Fetched:
    """What a run on a source did: what the ingest took, what the source says, and why it ended early if it did."""

    taken: Taken = field(default_factory=Taken)
    notes: list[str] = field(default_factory=list)
    failed: InputError | None = None


def fetcher_of(workspace: Workspace, provider: str) -> Fetcher:
    """How a provider's logs are fetched. UsageError when they cannot be."""
    logs = workspace.provider(provider).logs
    if logs is None or logs.fetcher is None:
        raise UsageError(f"{provider}: its audit logs cannot be fetched yet; name files")
    return logs.fetcher()


def provider_of(workspace: Workspace, url: str, named: str = "") -> str:
    """Whose logs lie at a URL; where those of several may, whoever is named of them. UsageError when nobody's do."""
    scheme = url.partition("://")[0] + "://"
    known: list[str] = []
    for name, provider in sorted(workspace.providers().items(), key=lambda one: one[0] != named):
        schemes = provider.logs.schemes if provider.logs else ()
        if scheme in schemes:
            return name
        known += schemes
    raise UsageError(f"{url}: logs are fetched from {', '.join(dict.fromkeys(known))}")


def folders(workspace: Workspace, provider: Provider) -> dict[str, bool]:
    """The folders whose files were read for a provider, by its own name or that of one whose files hold its logs too.

    The value is whether all of their files could be read whole, by whom ever.
    """
    found = dict(workspace.lake.folders(provider.name))
    for name in provider.logs.beside if provider.logs else ():
        for folder, whole in workspace.lake.folders(name).items():
            found[folder] = found.get(folder, True) and whole
    return found


def signed_in(workspace: Workspace, wanted: Wanted, provider: str) -> Wanted:
    """What is wanted, with whose credentials to start: of the provider's source in estate.yaml where nothing says.

    Raises:
        UsageError: there are several such sources.
    """
    from .collecting import sources

    if wanted.sign_in or not fetcher_of(workspace, provider).from_source:
        return wanted
    found = sources(workspace, provider, {})
    if len(found) > 1:
        raise UsageError(
            f"{workspace.estate_path} has {len(found)} sources of {provider}: say by options which is meant"
        )
    return replace(wanted, sign_in=found[0])


def fetch_in(
    workspace: Workspace, wanted: Wanted, provider: str = "aws", report: Report | None = None,
    stop: threading.Event | None = None,
) -> Fetched:  # fmt: skip
    """Take in what is wanted; when `stop` is set, what was fetched until then.

    Raises:
        UsageError: the provider's logs cannot be fetched, or there is nothing to sign in with.
        InputError: the source cannot be read; what was fetched until then counts.
        HomeLockedError, StorageFullError, StoreError: batches that were written count.
    """
    wanted = replace(wanted, held=lambda: folders(workspace, workspace.provider(provider)))
    with closing(fetcher_of(workspace, provider).source(wanted)) as source:
        found = take_from(workspace, source, provider, report, stop or threading.Event())
    if found.failed:
        raise found.failed
    return found


def take_from(
    workspace: Workspace, source: LogSource, provider: str, report: Report | None, stop: threading.Event
) -> Fetched:
    """One run on an open source; see `fetch_in`, but that the source cannot be read is told in the answer."""
    logs = workspace.provider(provider).logs
    assert logs is not None
    begun, failed = monotonic(), None
    with (
        without_collector(), kept_memory(), reused_memory(), workspace.store.writing("events"),
        _folder(workspace) as folder,
    ):  # fmt: skip
        run = Run(workspace, provider, logs, report)
        try:
            with _Ahead(workspace, source, provider, run, folder) as ahead:
                done = 0
                for file in ahead.files(stop):
                    done += file.piece.size
                    run.take(file, done, 0)
                    file.forget()
        except InputError as error:
            failed = error
        run.finish()
    run.taken.seconds = monotonic() - begun
    return Fetched(run.taken, list(source.notes), failed)


@contextmanager
def _folder(workspace: Workspace) -> Iterator[Path]:
    """Where large pieces lie while they are taken; if the process is killed, the next writer removes it."""
    with storage_errors(f"fetching to {workspace.home.tmp}"):
        folder = TemporaryDirectory(dir=workspace.home.tmp, prefix="fetched-")
    with folder as path:
        yield Path(path)


class _Held:
    """The bytes of one piece: in memory, or in a file once they are many."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most = path, most
        self._file: IO[bytes] | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._size += len(data)
        if self._file is None and self._size <= self._most:
            self._parts.append(data)
            return
        with storage_errors(f"fetching to {self._path}"):
            if self._file is None:
                self._file = self._path.open("wb")
                self._file.writelines(self._parts)
                self._parts = []
            self._file.write(data)

    def restart(self) -> None:
        """Forget all."""
        self._size, self._parts = 0, []
        self.close()

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            with storage_errors(f"fetching to {self._path}"):
                self._file.close()
        self._file = None

    def content(self, identity: str) -> Content:
        """What was written."""
        on_disk = self._file is not None
        self.close()
        if not on_disk:
            return Content(b"".join(self._parts), identity, self._size, 0)
        with storage_errors(f"fetching to {self._path}"):
            return Content(None, identity, self._size, self._path.stat().st_mtime_ns)


@dataclass(frozen=True)
class _FetchedFile(LogFile):
    """A file that is being fetched."""

    piece: Piece
    coming: Future[Content]

    def content(self) -> Content:
        """What came. UnreadableError when it could not be fetched."""
        try:
            return self.coming.result()
        except FetchError as error:
            raise UnreadableError(str(error)) from None

    def forget(self) -> None:
        """It was taken."""
        with storage_errors(f"fetching to {self.path}"):
            self.path.unlink(missing_ok=True)


class _Ahead:
    """Names the files to take, and fetches those that come next."""

    def __init__(self, workspace: Workspace, source: LogSource, provider: str, run: Run, folder: Path) -> None:
        self._manifest = workspace.lake.manifest
        self._source, self._provider, self._run, self._folder = source, provider, run, folder
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fetch")
        self._coming: deque[_FetchedFile] = deque()
        self._bytes = self._number = 0
        self._open: dict[str, list[tuple[str, Piece]]] = {}
        run.committed = self._committed

    def __enter__(self) -> _Ahead:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # A source that failed may be asked again; what ends for another reason is not to wait for what is on its way.
        if kind is not None and not issubclass(kind, InputError):
            self._source.close()
        self._pool.shutdown(cancel_futures=True)

    def files(self, stop: threading.Event) -> Iterator[_FetchedFile]:
        """The files that are not known, in the source's order, until there is none or `stop` is set.

        Raises:
            InputError: the source fails; after what it had named.
        """
        failed = None
        try:
            for piece in self._unknown(stop):
                while self._coming and (len(self._coming) >= _AT_ONCE or self._bytes + piece.size > _AHEAD):
                    yield self._next()
                self._coming.append(self._begin(piece))
                self._bytes += piece.size
        except InputError as error:
            failed = error
        while self._coming:
            yield self._next()
        if failed:
            raise failed

    def _next(self) -> _FetchedFile:
        file = self._coming.popleft()
        self._bytes -= file.piece.size
        return file

    def _begin(self, piece: Piece) -> _FetchedFile:
        self._number += 1
        path = self._folder / str(self._number)
        return _FetchedFile(path, piece.name, piece, self._pool.submit(self._fetch, piece, path))

    def _fetch(self, piece: Piece, path: Path) -> Content:
        held = _Held(path, 0 if piece.size > LARGE else max(piece.size, _UNSIZED))
        with closing(held):
            self._source.fetch(piece, held)
            return held.content(piece.content)

    def _unknown(self, stop: threading.Event) -> Iterator[Piece]:
        """Pieces to fetch; the source is told of the others."""
        pieces, taken = self._source.pieces(stop), self._run.taken
        for batch in _batches(pieces):
            keys = [source_key(self._provider, one.name, one.content) for one in batch]
            known = self._manifest.taken(keys)
            told: list[tuple[Piece, str]] = []
            for piece, key in zip(batch, keys, strict=True):
                waiting = self._open.setdefault(piece.name, [])
                if key in known:
                    taken.files, taken.known = taken.files + 1, taken.known + 1
                    told.append((piece, "known"))
                elif self._run.logs.skips(piece.name):
                    taken.files, taken.skipped = taken.files + 1, taken.skipped + 1
                    told.append((piece, "skipped"))
                elif not piece.chosen and not is_called_as_a_log(piece.name.rpartition("/")[2]):
                    told.append((piece, "skipped"))
                elif any(key == other for other, _ in waiting):
                    waiting.append((key, piece))
                else:
                    waiting.append((key, piece))
                    yield piece
                if not waiting:
                    del self._open[piece.name]
            if told:
                self._source.settled(told)

    def _committed(self, sources: Sequence[Source]) -> None:
        """Tell the source; of what could not be fetched, the lake knows the name alone."""
        told: list[tuple[Piece, str]] = []
        for one in sources:
            waiting = self._open.pop(one.name, [])
            mine = [piece for key, piece in waiting if key == one.key or not one.content]
            told += [(piece, one.state) for piece in mine]
            if left := [pair for pair in waiting if pair[1] not in mine]:
                self._open[one.name] = left
        if told:
            self._source.settled(told)


def _batches(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Some pieces at a time; an error comes after those that were named before it."""
    failed = None
    while failed is None:
        batch: list[Piece] = []
        try:
            batch += islice(pieces, _ASKED)
        except InputError as error:
            failed = error
        if batch:
            yield batch
        elif failed is None:
            return
    raise failed
