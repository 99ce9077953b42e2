"""Log files read one by one into tables; what cannot be read is set aside and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leastwise.providers.base import ReadLog
from leastwise.store.lake.manifest import Source, source_key

from . import log_files
from .log_files import Content, LogFile, UnreadableError

if TYPE_CHECKING:
    from leastwise.providers.base import Drawing, Logs

_BATCH = 1 << 16
"""So many events are held before they are given away."""
_FILES = 4_000
"""So many files are read at most before what they held is given away."""
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

    def add(self, other: Taken) -> None:
        """Count what another has counted as well."""
        for one in fields(self):
            if one.name != "furthest":
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        if other.furthest is not None:
            self.furthest = max(other.furthest, self.furthest or other.furthest)


@dataclass(frozen=True, slots=True)
class Batch:
    """What some files held, and what there is to say of them."""

    tables: Mapping[str, Any]
    sources: list[Source]
    taken: Taken


class Reading:
    """Reads files; `give` takes what they held, batch by batch.

    Args:
        provider: whose logs they are.
        logs: how they are read.
        known: whether a source, by its key, was taken in before.
        now: the time.
        give: called when enough is held, also in the midst of a large file, and by `end`.
    """

    def __init__(
        self,
        provider: str,
        logs: Logs,
        known: Callable[[str], bool],
        now: Callable[[], datetime],
        give: Callable[[Batch], None],
    ) -> None:
        self._provider, self._logs, self._known, self._now, self._give = provider, logs, known, now, give
        self._drawing: Drawing = logs.begin()
        self._sources: list[Source] = []
        self._taken = Taken()

    @property
    def held(self) -> Taken:
        """What was done since something was given away."""
        return self._taken

    def take(self, file: LogFile) -> None:
        """Read a file."""
        self._one(file)
        if self._drawing.events >= _BATCH or len(self._sources) >= _FILES:
            self.end()

    def end(self) -> None:
        """Give what is held."""
        batch = Batch(self._drawing.drawn(), self._sources, self._taken)
        self._sources, self._taken = [], Taken()
        self._give(batch)

    def _one(self, file: LogFile) -> None:
        self._taken.files += 1
        if self._logs.skips(file.name):
            self._taken.skipped += 1
            return
        content = None
        try:
            content = file.content()
            if self._known(source_key(self._provider, file.name, content.sha256)):
                self._taken.known += 1
                return
            self._taken.bytes += content.size
            read = self._read(file, content)
        except UnreadableError as error:
            self._taken.failed += 1
            self._taken.set_aside.append((file.name, "", str(error)))
            size, sha256 = (content.size, content.sha256) if content is not None else (0, "")
            self._note(file, size, sha256, state="failed", detail=(("", str(error)),))
            return
        taken, state = self._taken, "done"
        if read.skipped and not read.events:
            taken.skipped += 1
            state = "skipped"
        elif read.bad:
            state = "partly" if read.events else "failed"
            taken.failed += state == "failed"
        taken.events += read.events
        taken.bad += len(read.bad)
        shown = read.bad[: _TOLD if read.events else 1]
        taken.set_aside += [(file.name, place, why) for place, why in shown]
        told = (*shown, ("", read.skipped)) if read.skipped else shown
        self._note(
            file, content.size, content.sha256, state=state, events=read.events, bad=len(read.bad),
            detail=told,
        )  # fmt: skip

    def _read(self, file: LogFile, content: Content) -> ReadLog:
        """The events of a file; those of a large one are given away on the way."""
        if content.data is not None:
            return self._drawing.read(log_files.unpacked(content.data))
        events, lines, skipped, bad = 0, 0, "", list[tuple[str, str]]()
        for piece in log_files.pieces(file.path, content):
            read = self._drawing.read(piece)
            events, skipped = events + read.events, read.skipped
            bad += [(_further(place, lines), why) for place, why in read.bad]
            lines += piece.count(b"\n")
            if self._drawing.events >= _BATCH:
                self.end()
        return ReadLog(events, tuple(bad), skipped)

    def _note(self, file: LogFile, size: int, sha256: str, **told: Any) -> None:
        self._sources.append(Source(self._provider, file.name, size, sha256, self._now(), **told))


def _further(place: str, lines: int) -> str:
    """A place in a piece of a file as one in the file."""
    word, _, number = place.partition(" ")
    return f"line {int(number) + lines}" if word == "line" and number.isdecimal() else place
