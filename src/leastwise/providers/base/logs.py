"""How a provider's audit logs are read, and what they show of what snapshots tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.model.aliases import Aliases
    from leastwise.model.choices import Choices
    from leastwise.model.gap import Kept
    from leastwise.model.naming import Naming, Places
    from leastwise.providers.fetching import Fetcher

    from .scopes import ScopeTables


@dataclass(frozen=True, slots=True)
class Told:
    """What the snapshots in force at a time tell: the tables of their scopes."""

    time: datetime
    scopes: Sequence[ScopeTables]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of log files that were taken in; `whole` unless something of one of them could not be read."""

    name: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Altered:
    """A call that may have altered what logs record: on which resource, of which account, between which times."""

    resource: str
    account: str
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Observing:
    """How a provider tells what its logs show.

    `reads` are the columns by table that the functions need of what is told; that comes oldest first.
    `kept(told, folders)` is what the folders hold of which log, and by account why something of them was not counted.
    `observability(told, kept, altered)` gives the rows of that table; `altering` are the permissions of the calls that
    alter what logs record. `sensitivity()` is a word of `model.gap.SENSITIVITIES` for each permission. `naming()` reads
    what the text of a permission or a pattern tells. `places(told)` is there where a call is recorded in the log of the
    account that holds the resource, not in that of the caller's: it tells where resources lie, as a snapshot has it.
    `aliases(scopes)` is there where logs do not call everybody by the id: it tells whom names mean, out of the columns
    `known` of the provider's scopes and its directories'.
    `choices(uses)` is there where any one of several permissions allows a call: out of the permissions and buckets that
    one principal used, it tells the calls and what there is to choose from.
    """

    reads: Mapping[str, Sequence[str]]
    kept: Callable[[Sequence[Told], Sequence[Folder]], tuple[list[Kept], Mapping[str, str]]]
    observability: Callable[[Sequence[Told], Sequence[Kept], Sequence[Altered]], pa.Table]
    altering: frozenset[str]
    sensitivity: Callable[[], Mapping[str, str]]
    naming: Callable[[], Naming]
    places: Callable[[Told], Places] | None = None
    aliases: Callable[[Sequence[ScopeTables]], Aliases] | None = None
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    choices: Callable[[Iterable[tuple[str, str]]], Choices] | None = None


@dataclass(frozen=True, slots=True)
class ReadLog:
    """What reading a piece of a log gave: events taken, what could not be read (place, cause), why it has no events.

    `skipped` may also tell what else it held than the events that were taken. `elsewhere` counts records of other
    providers' logs, by whose they are: they are to be read by those.
    """

    events: int
    bad: tuple[tuple[str, str], ...] = ()
    skipped: str = ""
    elsewhere: Mapping[str, int] = field(default_factory=dict)


class Drawing(Protocol):
    """Reads logs of one provider, and holds what it has read until that is `drawn`."""

    @property
    def events(self) -> int:
        """How many events it holds."""
        ...

    def read(self, content: bytes) -> ReadLog:
        """Take the events of an unpacked file. Nothing is raised: what cannot be read is in the answer."""
        ...

    def drawn(self) -> Mapping[str, pa.Table]:
        """The tables `events`, `changes` and `sessions` (`model.tables.usage`) of what it held; it holds none then."""
        ...


@dataclass(frozen=True, slots=True)
class Logs:
    """How a provider's audit logs are read.

    `skips(name)` says why a file of this name holds no events, empty if it may. `order(name)` sorts names by the time
    that they tell. `called(id)` are the names by which records of changes call what has an id, without the id itself.
    `fetcher()` says how logs are fetched from where the vendor keeps them; `schemes` are the beginnings of the URLs of
    these places. `ends` are endings of names of files in folders that are logs of this vendor only. `beside` names
    providers whose files may hold these logs too: what was read as theirs was read for these as well. `compiled()` says
    whether compiled code reads them here; without it they are read alike, only slower.
    """

    begin: Callable[[], Drawing]
    skips: Callable[[str], str]
    order: Callable[[str], str]
    called: Callable[[str], Sequence[str]]
    fetcher: Callable[[], Fetcher] | None = None
    schemes: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    compiled: Callable[[], bool] | None = None
