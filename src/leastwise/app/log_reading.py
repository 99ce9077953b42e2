"""Log files read one by one into tables; what cannot be read is set aside and told.

A file may hold records of other providers too, as what a cloud writes of its directory: these read them. What they
take is given away first, so that a run that is killed in between reads such a file again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
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
    """What some files held of one provider, and what there is to say of them."""

    provider: str
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
        beside: how the logs of other providers are read, of which files may hold records.
    """

    def __init__(
        self,
        provider: str,
        logs: Logs,
        known: Callable[[str], bool],
        now: Callable[[], datetime],
        give: Callable[[Batch], None],
        beside: Callable[[str], Logs | None] = lambda name: None,
    ) -> None:
        self._provider, self._logs, self._known, self._now, self._give = provider, logs, known, now, give
        self._beside = beside
        self._drawings: dict[str, Drawing] = {provider: logs.begin()}
        self._sources: dict[str, list[Source]] = {provider: []}
        self._taken = Taken()

    @property
    def held(self) -> Taken:
        """What was done since something was given away."""
        return self._taken

    def take(self, file: LogFile) -> None:
        """Read a file."""
        self._one(file)
        if self._events >= _BATCH or len(self._sources[self._provider]) >= _FILES:
            self.end()

    @property
    def _events(self) -> int:
        return sum(one.events for one in self._drawings.values())

    def end(self) -> None:
        """Give what is held: what was found beside, then the provider's own."""
        for name in [one for one in self._drawings if one != self._provider]:
            if self._drawings[name].events or self._sources[name]:
                self._give_of(name, Taken())
        taken, self._taken = self._taken, Taken()
        self._give_of(self._provider, taken)

    def _give_of(self, provider: str, taken: Taken) -> None:
        sources, self._sources[provider] = self._sources[provider], []
        self._give(Batch(provider, self._drawings[provider].drawn(), sources, taken))

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
            read, beside = self._read(file, content)
        except UnreadableError as error:
            self._taken.failed += 1
            self._taken.set_aside.append((file.name, "", str(error)))
            size, sha256 = (content.size, content.sha256) if content is not None else (0, "")
            self._note(file, size, sha256, state="failed", detail=(("", str(error)),))
            return
        for name, found in beside.items():
            self._noted(file, content, found, name, elsewhere=True)
        self._noted(file, content, read, self._provider, elsewhere=any(one.events for one in beside.values()))

    def _noted(self, file: LogFile, content: Content, read: ReadLog, provider: str, *, elsewhere: bool) -> None:
        """Count what a file held of a provider; `elsewhere`: others took records of it."""
        taken, state = self._taken, "done"
        if read.skipped and not read.events:
            taken.skipped += not elsewhere
            state = "skipped"
        elif read.bad:
            state = "partly" if read.events or elsewhere else "failed"
            taken.failed += state == "failed"
        taken.events += read.events
        taken.bad += len(read.bad)
        shown = read.bad[: _TOLD if read.events or elsewhere else 1]
        taken.set_aside += [(file.name, place, why) for place, why in shown]
        told = (*shown, ("", read.skipped)) if read.skipped else shown
        self._note(
            file, content.size, content.sha256, provider, state=state, events=read.events, bad=len(read.bad),
            detail=told,
        )  # fmt: skip

    def _read(self, file: LogFile, content: Content) -> tuple[ReadLog, dict[str, ReadLog]]:
        """The events of a file, the provider's own and those of others; of a large one they are given on the way."""
        if content.data is not None:
            return self._all(log_files.unpacked(content.data))
        lines, own, others = 0, ReadLog(0), dict[str, ReadLog]()
        for piece in log_files.pieces(file.path, content):
            read, beside = self._all(piece)
            own = _joined(own, read, lines)
            for name, one in beside.items():
                others[name] = _joined(others.get(name, ReadLog(0)), one, lines)
            lines += piece.count(b"\n")
            if self._events >= _BATCH:
                self.end()
        return own, others

    def _all(self, content: bytes) -> tuple[ReadLog, dict[str, ReadLog]]:
        """What unpacked bytes hold, the provider's own and that of others."""
        own = self._drawings[self._provider].read(content)
        found, told = dict[str, ReadLog](), {place for place, _ in own.bad}
        for name, count in own.elsewhere.items():
            logs = self._beside(name)
            if logs is None:
                why = f"{count} times a log of {name}, which cannot be read"
                own = replace(own, skipped="; ".join(filter(None, (own.skipped, why))))
                continue
            if name not in self._drawings:
                self._drawings[name], self._sources[name] = logs.begin(), []
            read = self._drawings[name].read(content)
            # What nobody can read is told once.
            found[name] = replace(read, bad=tuple(one for one in read.bad if one[0] not in told))
        return own, found

    def _note(self, file: LogFile, size: int, sha256: str, provider: str = "", **told: Any) -> None:
        name = provider or self._provider
        self._sources[name].append(Source(name, file.name, size, sha256, self._now(), **told))


def _joined(first: ReadLog, more: ReadLog, lines: int) -> ReadLog:
    """What two pieces of a file held; so many lines lie before the second."""
    bad = (*first.bad, *((_further(place, lines), why) for place, why in more.bad))
    return ReadLog(first.events + more.events, bad, more.skipped)


def _further(place: str, lines: int) -> str:
    """A place in a piece of a file as one in the file."""
    word, _, number = place.partition(" ")
    return f"line {int(number) + lines}" if word == "line" and number.isdecimal() else place
