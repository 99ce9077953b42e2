"""Questions about access: the compiled estate, made when it is first asked for, and its answers as plain values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise import __version__
from leastwise.errors import InputError, NotFoundError, UsageError
from leastwise.model.decision import Circumstances, Cube, Decision, Holder, Needed, Reached, Residual, State
from leastwise.model.scope import CoverageStatus
from leastwise.model.snapshot import Estate, EstateEntry, SnapshotState

from .catalog import put_in_force
from .estate_file import EstateFile, read_estate_file
from .header import header_of
from .parts import part_about, scope_of, visit_of
from .scope_tables import scope_tables as scope_tables
from .visiting import Visitor
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.engine.arrays import Arrays
    from leastwise.providers.base import Answering, Provider

    from .overlay import Overlay

Note = Callable[[str], None]
"""Called with what takes more than a moment."""


@dataclass(frozen=True)
class Asking:
    """An estate that answers questions of one provider."""

    estate: Estate
    file: EstateFile
    access: Access
    provider: str
    warnings: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    """Parts of estate.yaml that answers rest on."""
    moment: datetime | None = None
    """When requests are made, where the question says so."""
    overlay: Overlay | None = None
    """The changes that the estate was asked with."""
    unasked: tuple[str, ...] = ()
    """Other providers of the estate, of which a question that could be meant for them is not answered."""
    beside: tuple[Asking, ...] = ()
    """The same estate as its other providers answer of it, where a question is put to all."""
    part: str = ""
    """The id of the scope that answers, where the provider's scopes answer each by itself."""
    visitor: Visitor | None = None
    """The principal of the question, where it is of another of these scopes than the resource."""

    @property
    def key(self) -> str:
        """Who answers: the provider, and which of its scopes."""
        return f"{self.provider}:{self.part}" if self.part else self.provider

    @property
    def every(self) -> tuple[Asking, ...]:
        """This and what is beside it."""
        return (self, *self.beside)

    def when(self, moment: datetime) -> Asking:
        """The same estate, asked of requests that are made at a time."""
        return replace(self, moment=moment, beside=tuple(one.when(moment) for one in self.beside))

    def given(self, given: Circumstances) -> Circumstances:
        """The circumstances, with the time of the request where the question says it and they do not."""
        return replace(given, moment=self.moment) if given.moment is None else given

    def can(self, principal: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a principal has a permission; one of another scope as whom it comes in. Raises as `Access.can`."""
        if self.visitor is None:
            return self.access.can(principal, permission, resource, given)
        return self.visitor.can(self.access, permission, resource, given)

    @property
    def unread(self) -> list[str]:
        """Scopes of the provider that is asked which could not be read, as they are told."""
        scopes = (entry.scope.key for entry in self.estate.entries if entry.manifest is None)
        return [f"{scope} could not be read" for scope in scopes if scope.startswith(f"{self.provider}:")]

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """An answer with what it was asked of."""
        header = header_of(self.estate, self.file, self.used)
        header["overlay"] = None if self.overlay is None else self.overlay.header()
        coverage = self._coverage()
        # A list that no file holds leaves no gap in any scope; what it leaves open stands in the answer itself.
        coverage["complete"] = coverage["complete"] and not _lacks(body)
        return {"estate": header, **body, "coverage": coverage}

    def _coverage(self) -> dict[str, Any]:
        gaps = [
            (entry.scope.key, sum(one.status is not CoverageStatus.OK for one in entry.manifest.coverage) + entry.stale)
            for entry in self.estate.entries
            if entry.manifest is not None
        ]
        unreadable = [entry.scope.key for entry in self.estate.entries if entry.manifest is None]
        missing = [*unreadable, *(scope for scope, count in gaps if count)]
        return {
            "scopes": len(self.estate.entries),
            "unreadable": unreadable,
            "gaps": sum(count for _, count in gaps) + len(unreadable),
            "complete": not missing and not self.unasked,
            "missing": missing,
            "unasked": list(self.unasked),
        }


def _lacks(body: Mapping[str, Any]) -> bool:
    """Whether an answer names something that was not read, or is unknown of somebody."""
    told = [body, *(one for one in body.get("items") or () if isinstance(one, Mapping))]
    return bool(body.get("missing")) or any(one.get("state") == State.UNKNOWN for one in told)


def open_access(
    workspace: Workspace,
    at: datetime | None = None,
    snapshot: str | None = None,
    note: Note = lambda _: None,
    overlay: Overlay | None = None,
    about: Sequence[str | None] = (),
) -> Asking:
    """The estate at a time (default: now), or one snapshot alone, ready for questions; changed by an overlay.

    `about` are the permission (or None) and the ids that a question names: of an estate of several providers that one
    is asked whose words they are.

    Raises:
        UsageError: both are given, or the estate has nothing that can be asked, or `about` is of several providers.
        NotFoundError: the time lies before the first snapshot.
        InputError: the overlay does not apply.
        EstateFileError, StoreError: see `estate.open_estate`.
    """
    estate, file = estate_at(workspace, at, snapshot)
    return asking_of(workspace, estate, file, at, note, overlay, about)


def asking_of(
    workspace: Workspace,
    estate: Estate,
    file: EstateFile,
    at: datetime | None = None,
    note: Note = lambda _: None,
    overlay: Overlay | None = None,
    about: Sequence[str | None] = (),
) -> Asking:
    """An estate that is there already, ready for questions; see `open_access`."""
    provider, told = provider_of(workspace, estate, about)
    asked = (provider.name, *provider.directories)
    others = () if told else tuple(name for name in held_of(estate) if name not in asked)
    apart = visit_of(workspace, estate, provider, about)
    if apart is None:
        part = part_about(workspace, estate, provider, about[1:])
        return put_to(workspace, estate, file, provider, at, note, overlay, others, part=part)
    home, there = (
        put_to(workspace, estate, file, provider, at, note, overlay, others, part=one)
        for one in (apart.home, apart.there)
    )
    assert provider.answering is not None and about[1]
    known = tuple(provider.answering.visiting(home.access, there.access, about[1]))
    return replace(there, visitor=Visitor(about[1], home.part, there.part, known))


def put_to(
    workspace: Workspace,
    estate: Estate,
    file: EstateFile,
    provider: Provider,
    at: datetime | None,
    note: Note,
    overlay: Overlay | None,
    others: tuple[str, ...],
    part: Estate | None = None,
) -> Asking:
    """The estate as one provider answers of it, after those changes of an overlay that are of it.

    `part` is what of it answers, where that is not all (see `parts`).
    """
    warnings = put_in_force(workspace)
    assert provider.answering is not None
    changed = None if overlay is None else _changed(workspace, estate, part or estate, provider, overlay)
    arrays = changed or _compiled(workspace, part or estate, provider, provider.answering, note)
    alone = frozenset(id for id, account in file.accounts.items() if account.organization == "none")
    access = provider.answering.access(arrays, alone)
    used = ("accounts",) if alone else ()
    noted = (*warnings, *_ahead(workspace, estate, at))
    answers = scope_of(part or estate, provider)
    return Asking(estate, file, access, provider.name, noted, used, at, overlay, others, part=answers)


def nothing_read(workspace: Workspace, at: datetime) -> NotFoundError | UsageError:
    """Why the estate of a time cannot be asked: it lies before the first snapshot, or there is none."""
    times = [one.time for one in workspace.index.list() if one.state is SnapshotState.COMPLETE]
    if not times:
        return UsageError("the estate is empty: import or collect something first (leastwise import PATH)")
    return NotFoundError(f"nothing was read by {at.isoformat()}: the first snapshot is of {min(times).isoformat()}")


def _ahead(workspace: Workspace, estate: Estate, at: datetime | None) -> Iterator[str]:
    """A note on a time that has not come yet: the newest estate answers, at that time."""
    if at is not None and at > max(workspace.now(), *(manifest.time for manifest in estate.manifests)):
        yield f"--at {at.isoformat()} has not come yet: what is known today is asked as of then"


def estate_at(workspace: Workspace, at: datetime | None, snapshot: str | None) -> tuple[Estate, EstateFile]:
    """The estate at a time (default: now), or one snapshot alone, and what estate.yaml says of it.

    Raises:
        UsageError: both are given, or nothing was read.
        NotFoundError: the time lies before the first snapshot, or there is no such snapshot.
        EstateFileError, StoreError: see `estate.open_estate`.
    """
    if at is not None and snapshot is not None:
        raise UsageError("--at and --snapshot exclude each other")
    file = read_estate_file(workspace.estate_path) or EstateFile(version=1)
    if snapshot is None:
        time = at or workspace.now()
        found = workspace.index.estate(time)
        if not found.manifests:
            raise nothing_read(workspace, time)
        return found, file
    manifest = workspace.index.get(snapshot)
    return Estate(manifest.time, (EstateEntry(manifest, manifest.scope),)), file


def held_of(estate: Estate) -> list[str]:
    """The providers of an estate, by name."""
    return sorted({manifest.scope.provider for manifest in estate.manifests})


def provider_of(workspace: Workspace, estate: Estate, about: Sequence[str | None]) -> tuple[Provider, bool]:
    """The provider whose words a question is in, and True; the first by name where they could be anybody's."""
    found = answering_of(workspace, estate)
    spoken_of = {
        one.name: [text for at, text in enumerate(about) if text and in_words_of(one, text, at)] for one in found
    }
    mine = _nearest([one for one in found if spoken_of[one.name]], spoken_of)
    if len(mine) > 1:
        told = "; ".join(f"{spoken_of[one.name][0]} is of {one.title}" for one in mine)
        raise UsageError(f"one question is put to one provider: {told}")
    return (mine[0], True) if mine else (found[0], False)


def _nearest(mine: Sequence[Provider], spoken_of: Mapping[str, Sequence[str]]) -> list[Provider]:
    """Of those who speak of some of a question those who speak of all that one of them does.

    A cloud and its directory write ids alike; of what could be both's the cloud tells.
    """
    spoken = {text for one in mine for text in spoken_of[one.name]}
    found = [one for one in mine if spoken.issubset(spoken_of[one.name])] or list(mine)
    clouds = [one for one in found if all(each is one or each.name in one.directories for each in found)]
    return clouds or found


def in_words_of(provider: Provider, text: str, place: int) -> bool:
    """Whether a text, at its place in what a question is about, can only be one of a provider's."""
    return provider.answering is not None and provider.answering.speaks(text, place == 0)


def answering_of(workspace: Workspace, estate: Estate) -> list[Provider]:
    """The providers of an estate that answer questions, by name. Raises UsageError where there is none."""
    held, known = held_of(estate), workspace.providers()
    found = [known[name] for name in held if name in known and known[name].answering is not None]
    if not found:
        raise UsageError(f"no installed provider answers questions about {', '.join(held)}")
    return found


def _compiled(workspace: Workspace, estate: Estate, provider: Provider, answering: Answering, note: Note) -> Arrays:
    """The compiled estate, opened, or made and kept."""

    def made() -> Arrays:
        reads = answering.reads()
        return answering.compile(scope_tables(workspace, estate, provider.name, reads, provider.directories))

    return kept_or_made(workspace, compiled_name(estate, provider, answering.format), made, note)


def kept_or_made(workspace: Workspace, name: str, make: Callable[[], Arrays], note: Note = lambda _: None) -> Arrays:
    """What was kept under a name, opened; made and kept where nothing is, or what is there is damaged."""
    from leastwise.engine.arrays import DamagedError, open_arrays
    from leastwise.store.compiled import compiled_path, keep_compiled, used

    path = compiled_path(workspace.home, name)
    try:
        arrays = open_arrays(path)
        used(path)
        return arrays
    except FileNotFoundError:
        note("compiling the estate for questions, once")
    except (DamagedError, OSError):
        note("the compiled estate is damaged; making it again")
    keep_compiled(workspace.home, name, make().write)
    return open_arrays(path)


def _changed(workspace: Workspace, estate: Estate, part: Estate, provider: Provider, overlay: Overlay) -> Arrays | None:
    """A part of an estate compiled with the changes that are of its provider; it is not kept. None where none is."""
    from leastwise.engine.arrays import Arrays

    from .routing import changed_tables

    assert provider.answering is not None
    scopes = changed_tables(workspace, estate, part, provider, overlay)
    if scopes is None:
        return None
    made = provider.answering.compile(scopes)
    # As a file of it would be read: what is no JSON becomes what JSON makes of it.
    return Arrays({name: made[name] for name in made.names()}, json.loads(json.dumps(made.facts)))


def compiled_name(estate: Estate, provider: Provider, format: str) -> str:
    """The name of a compiled estate: the same snapshots in force, directories' too, as this version compiles them."""
    from leastwise.model.tables import SCHEMA_VERSION

    parts = [
        [entry.scope.key, entry.manifest.hash if entry.manifest else "", entry.manifest.id if entry.manifest else ""]
        for entry in estate.entries
        if entry.scope.provider in (provider.name, *provider.directories)
    ]
    told = json.dumps([__version__, format, SCHEMA_VERSION, sorted(parts)])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


# --- questions as texts, answers as plain values --------------------------------------------------------------------


def circumstances(
    context: list[str], *, strict: bool, session: Sequence[Mapping[str, Any]] | None, through: str | None
) -> Circumstances:
    """The circumstances of `KEY=VALUE` texts. A key that is given several times has several values.

    Raises:
        UsageError: a text is no KEY=VALUE.
    """
    values: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for text in context:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--context: {text!r} is no KEY=VALUE, as in aws:SourceIp=203.0.113.7")
        name = names.setdefault(key.lower(), key)
        values.setdefault(name, []).append(value)
    given = {key: tuple(found) for key, found in values.items()}
    return Circumstances(given, strict, None if session is None else tuple(session), through)


def session_policy(path: Path) -> dict[str, Any]:
    """The session policy of a file. Raises InputError."""
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise InputError(path, f"is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError(path, "is no policy: not an object")
    return found


def decision_values(decision: Decision) -> dict[str, Any]:
    """A decision as the JSON interface has it."""
    return {
        "state": str(decision.state),
        "reasons": [asdict(reason) for reason in decision.reasons],
        "residual": residual_values(decision.residual),
        "chain": [asdict(link) for link in decision.chain],
        "missing": list(decision.missing),
        "exact": decision.exact,
        "beside": list(decision.beside),
    }


def residual_values(residual: Residual | None) -> list[list[dict[str, Any]]] | None:
    """Alternatives, each a list of conditions; null when they are too many to list."""
    return None if residual is None else [[asdict(one) for one in clause] for clause in residual]


def holder_values(holder: Holder) -> dict[str, Any]:
    """A principal that can, as the JSON interface has it."""
    return {
        "principal": holder.principal,
        "name": holder.name,
        "kind": holder.kind,
        "account": holder.account,
        "inside": holder.inside,
        "state": str(holder.state),
        "residual": residual_values(holder.residual),
        "missing": list(holder.missing),
        "chain": [asdict(link) for link in holder.chain],
    }


def reached_values(reached: Reached) -> dict[str, Any]:
    """A resource that is reached, as the JSON interface has it."""
    return {
        "resource": reached.resource,
        "state": str(reached.state),
        "residual": residual_values(reached.residual),
        "missing": list(reached.missing),
        "chain": [asdict(link) for link in reached.chain],
    }


def cube_values(cube: Cube) -> dict[str, Any]:
    """Permissions that are alike, as the JSON interface has them."""
    return {
        "permissions": list(cube.permissions),
        "resources": list(cube.resources),
        "within": list(cube.within),
        "exceptions": list(cube.exceptions),
        "state": str(cube.state),
        "residual": residual_values(cube.residual),
        "missing": list(cube.missing),
    }


def spoken(residual: Residual | None) -> str:
    """A residual as a person would read it."""
    if residual is None:
        return "too many alternatives to list"
    return " or ".join(" and ".join(_spoken(one) for one in clause) or "always" for clause in residual)


def _spoken(one: Needed) -> str:
    values = " or ".join(one.values)
    return f"{'not ' if one.negated else ''}{one.key} {one.operator} {values}"
