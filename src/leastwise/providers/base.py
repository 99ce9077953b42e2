"""What a provider offers to the floors above. A provider's package exposes one value, `PROVIDER`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from leastwise.model.conformance import CaseVerdict

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.engine.access import Access, Relates
    from leastwise.engine.arrays import Arrays
    from leastwise.model.aliases import Aliases
    from leastwise.model.choices import Choices
    from leastwise.model.dormancy import Nouns
    from leastwise.model.gap import Kept
    from leastwise.model.naming import Naming, Places
    from leastwise.model.scope import Collected, Coverage, RawDocument, Scope
    from leastwise.model.shadows import Shadows

    from .fetching import Fetcher

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total); total is 0 when unknown."""


Conform = Callable[[Mapping[str, Any], Path], CaseVerdict]
"""Runs one case of a suite; the path is the folder of its file. Raises CaseError when it lacks what it must have."""


class ReadExports(Protocol):
    """Reads exported files of the vendor into one `Collected` a scope.

    Files that belong to the same scope are joined. `taken` overrides the time of every scope; without it, it is the
    newest modification time of the scope's files. Raises InputError naming the file; nothing is returned then.
    """

    def __call__(
        self, paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
    ) -> list[Collected]:
        """Read the files; see the class."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """How far a collection is: scopes, calls waiting to be made, calls made by how they ended."""

    scopes: int
    scopes_done: int
    waiting: int
    resumed: int
    retries: int
    calls: Mapping[str, int]


def journal_name(scope: Scope) -> str:
    """The file of a scope's journal in the folder of a run."""
    return f"{scope.key.replace(':', '-').replace('/', '-')}.journal"


@dataclass(frozen=True, slots=True)
class CollectRun:
    """What a collector is given besides its source.

    `folder` is where journals of unfinished scopes lie (see `journal_name`), and stay when a run is interrupted;
    `resume` goes on from them. `key` hashes values that may be secret. `only` names the one scope, or the one
    principal, to collect; `earlier` gives the newest complete snapshot of a scope as it was collected.
    `progress` is called several times a second. `interrupted` turns what was collected of an unfinished scope into
    what to commit of it.
    """

    folder: Path
    key: bytes
    now: Callable[[], datetime]
    progress: Callable[[Step], None]
    interrupted: Callable[[Collected, str], Collected]
    resume: bool = False
    only: str | None = None
    earlier: Callable[[Scope], Collected | None] = lambda scope: None


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A kind of call that a collection makes: where, for each of what (empty: once), and what it needs."""

    service: str
    call: str
    regions: str
    each: str
    permissions: tuple[str, ...]
    affects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a collection needs: `status` is ok, missing or unknown."""

    check: str
    status: str
    detail: str = ""


class Want(StrEnum):
    """For want of what a question stays unknown."""

    NOT_INSTALLED = "not installed"
    NOT_CONFIGURED = "not configured"
    NOT_SIGNED_IN = "not signed in"
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A question that a collection would leave unknown: `of` is what would have told, `where` the scopes it is for."""

    question: str
    want: Want
    of: tuple[str, ...] = ()
    where: tuple[str, ...] = ()

    @property
    def because(self) -> str:
        """In words, as in `bucket policy: s3:GetBucketPolicy denied`."""
        told = ", ".join(self.of)
        if self.want is Want.DENIED or not told:
            return f"{told} {self.want}".strip()
        return f"{self.want}: {told}"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a source has and lacks, and which questions that leaves unknown."""

    checks: Sequence[Check]
    unknown: Sequence[Unknown] = ()


@dataclass(frozen=True, slots=True)
class Collector:
    """How a provider is collected. `keys` are a source's own keys in estate.yaml; UsageError when they are wrong.

    `collect` yields each scope as soon as it is collected. `plan` says what would be called, without a call. `policy`
    is the least grant that a collection needs, as the vendor writes it. `doctor` says what is installed, signed in,
    permitted and reachable.
    """

    collect: Callable[[Mapping[str, Any], CollectRun], Iterator[Collected]]
    plan: Callable[[Mapping[str, Any]], list[PlannedCall]]
    policy: Callable[[Mapping[str, Any]], str]
    doctor: Callable[[Mapping[str, Any]], Diagnosis]


@dataclass(frozen=True, slots=True)
class CatalogPart:
    """A source of a provider's catalogue that is in force.

    `date` is the day that the data is of (YYYY-MM-DD), empty when the source does not say; `compiled` the day it was
    taken over, empty when that is not recorded. `place` is `bundled`, or the file it was read from.
    """

    part: str
    source: str
    version: str
    licence: str
    date: str
    compiled: str
    place: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a vendor publishes for everyone: its permissions, what they apply to, its own bundles.

    `file` is the name of the file that an update writes. `use(folder)` puts that file of a folder in force unless the
    bundled one is newer, None the bundled one; InputError when it is damaged, and the bundled one is in force then.
    `parts` are the sources in force. `compile(source, scratch, today)` gives the file's content from the vendor's
    data in a folder or archive, or, for None, from the newest there is, which it fetches into the folder `scratch`;
    InputError when that is not to be had, damaged, incomplete, or older than what is bundled. `kinds` are the raw
    documents of a snapshot that hold such data, too.
    """

    file: str
    use: Callable[[Path | None], object]
    parts: Callable[[], Sequence[CatalogPart]]
    compile: Callable[[Path | None, Path, str], bytes]
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ScopeTables:
    """One scope of an estate: its fact tables by name, none when it could not be read.

    `time` is that of its snapshot, which may be long before the estate's; None where only the estate's matters.
    `provider` is whose scope it is, which may be a directory of the provider that is asked; empty where there are none.
    """

    kind: str
    id: str
    tables: Mapping[str, pa.Table]
    readable: bool = True
    time: datetime | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """Where the documents of a layer can lie.

    Args:
        table: of the targets: principals, resources or scopes.
        natives: which principals (their native word) or scopes (their kind) can be targets; empty: all of the table.
        kind: of an attachment of a document that is no bundle; such attachments are replaced by name.
        name: of the only document that a target has; empty where it can have several.
        bundles: kinds of bundles that can be attached.
        removable: a target can be without.
        implied: policy and document that the vendor lays on a target with the first one.
    """

    table: str
    natives: frozenset[str]
    kind: str
    name: str = ""
    bundles: frozenset[str] = frozenset()
    removable: bool = True
    implied: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Changing:
    """What a provider tells of an estate that is changed in thought.

    `layers` are those whose documents can be changed. `interpret(document, layer)` gives the rows of the tables
    documents and statements of one document as translation makes them; ValueError with the cause when it is
    malformed, or none of that layer. `bundle(id)` is the kind and document of one of the vendor's own bundles.
    `opened(documents, account)` are the columns of a resource that depend on the documents that lie on it. `members` is
    the kind of a membership by the native words of member and group. `assignees` is the kind of principal, by its
    native word, to whom bundles are given on an account. `blockable` are the kinds of resources that a public block can
    hold back.
    """

    layers: Mapping[str, Layer]
    interpret: Callable[[bytes, str], Mapping[str, pa.Table]]
    bundle: Callable[[str], tuple[str, bytes] | None]
    opened: Callable[[Sequence[bytes], str], Mapping[str, Any]]
    members: Mapping[tuple[str, str], str]
    assignees: Mapping[str, str]
    blockable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answering:
    """How a provider answers questions about access.

    `format` names what `compile` makes; arrays of another format are made again. `compile(scopes)` makes the arrays of
    an estate from the tables of its scopes, and of those of the provider's directories, of which it reads those columns
    that `reads()` names by table.
    `access(arrays, alone)` answers questions from them; `alone` are those accounts of which the user says that nothing
    stands above them. `speaks(text, permission)` says whether a text is a permission as the vendor writes it, or can
    only be an id of the vendor's. `changing` lets an estate be changed in thought. `apart`: each scope is a world of
    its own, and a question is about one of them; `visiting(home, there, who)` tells as whom somebody of one scope comes
    into another: the ids that are known there to be the same.
    """

    format: str
    reads: Callable[[], Mapping[str, Sequence[str]]]
    compile: Callable[[Sequence[ScopeTables]], Arrays]
    access: Callable[[Arrays, Collection[str]], Access]
    speaks: Callable[[str, bool], bool]
    changing: Changing | None = None
    apart: bool = False
    visiting: Callable[[Access, Access, str], Sequence[str]] = lambda home, there, who: ()


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
    providers whose files may hold these logs too: what was read as theirs was read for these as well.
    """

    begin: Callable[[], Drawing]
    skips: Callable[[str], str]
    order: Callable[[str], str]
    called: Callable[[str], Sequence[str]]
    fetcher: Callable[[], Fetcher] | None = None
    schemes: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case about paths: the tables of an estate, its accounts that are in no organization, who wants to get where.

    `targets` are ids, or `admin`; `wanted` says of each source which answers are right (yes, no, perhaps: by something
    that the case does not tell of), and what the case calls that. `at` is when.
    """

    scopes: Sequence[ScopeTables]
    alone: frozenset[str]
    sources: Sequence[str]
    targets: Sequence[str]
    wanted: Mapping[str, tuple[frozenset[str], str]]
    at: datetime


@dataclass(frozen=True, slots=True)
class Escalating:
    """What a provider adds to an estate so that escalation rules can be asked of it.

    `reads()` names the columns by table that `shaded` needs besides those that the estate is compiled from.
    `shaded(scopes)` adds shadows. `relates(arrays, alone)` says who has which permission, as `Answering.access` does.
    `scenarios` reads the cases of suites about paths, by the suite's name.
    """

    reads: Callable[[], Mapping[str, Sequence[str]]]
    shaded: Callable[[Sequence[ScopeTables]], tuple[Sequence[ScopeTables], Shadows]]
    relates: Callable[[Arrays, Collection[str]], Relates]
    scenarios: Mapping[str, Callable[[Mapping[str, Any], Path], Scenario]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provider:
    """The port of a provider.

    `recognises(path)` says whether a file or folder looks like an export of this vendor (reads at most its first
    bytes). `translate(collected)` gives every table of `model.tables.FACT_TABLES` by name; pure, and deterministic.
    `redact(document, key)` gives a document's body with every value that can carry a secret replaced by a hash under
    the key; nothing is stored before that. `alternatives` are groups of ways to tell the same facts, each a set of
    document kinds: an import that brings the whole of one way replaces the others. `collector` reads the vendor's
    API. `gaps(collected)` are the parts of an imported scope that none of its documents tells of; asked when parts
    have been carried over. `directories` are the providers that tell who its principals are and who is in its groups,
    where the vendor keeps people elsewhere: exports of both are imported together, and lists lay them together by
    principals' ids. `catalog` is what the vendor publishes for everyone. `conform` runs the cases of a suite,
    by the suite's name (`model.conformance.SUITES`). `answering` answers questions about access. `logs` reads audit
    logs, `observing` tells what they show. `nouns` gives the words for what can be out of use. `escalating` makes the
    graph of who can become whom possible. `offers` are the parts of what can be activated, each with the kinds of
    documents of which any one tells it; None where the vendor has nothing that can be activated.
    """

    name: str
    title: str
    recognises: Callable[[Path], bool]
    read_exports: ReadExports
    translate: Callable[[Collected], Mapping[str, pa.Table]]
    redact: Callable[[RawDocument, bytes], bytes]
    alternatives: tuple[tuple[frozenset[str], ...], ...] = ()
    collector: Collector | None = None
    gaps: Callable[[Collected], Sequence[Coverage]] = lambda _: ()
    catalog: Catalog | None = None
    conform: Mapping[str, Conform] = field(default_factory=dict)
    answering: Answering | None = None
    logs: Logs | None = None
    observing: Observing | None = None
    nouns: Callable[[], Nouns] | None = None
    directories: tuple[str, ...] = ()
    escalating: Escalating | None = None
    offers: tuple[tuple[frozenset[str], str], ...] | None = None
