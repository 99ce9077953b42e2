"""Import exported files: read all, then translate and write each scope, then show all; or nothing, if one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise import __version__
from leastwise.engine.quiet import without_collector
from leastwise.errors import InputError, UnknownFormatError, UsageError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument
from leastwise.model.snapshot import Manifest, SnapshotState
from leastwise.store.clock import utc

from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base import Provider

Progress = Callable[[str, int, int], None]
_AHEAD = timedelta(days=1)
"""How far a file may lie in the future: clocks and zones differ."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One scope of an import: its snapshot, whether it is new, and the rows of each fact table."""

    manifest: Manifest
    new: bool
    rows: dict[str, int]
    gaps: int


def import_paths(
    workspace: Workspace,
    paths: Sequence[Path],
    taken: datetime | None = None,
    provider: str | None = None,
    replace_all: bool = False,
    progress: Progress | None = None,
) -> list[Imported]:
    """Import files and folders into new snapshots, one a scope.

    Parts of a scope that the files do not hold (another command's import of bucket policies, say) are carried over from
    its newest snapshot, unless `replace_all`.

    Raises:
        UsageError: a file, or `taken`, lies in the future.
        InputError, StoreError: nothing is visible of the import then.
    """
    latest = workspace.now() + _AHEAD
    if taken is not None and utc(taken) > latest:
        raise UsageError(f"--taken: {taken.isoformat()} lies in the future, where no question would see it")
    with without_collector(), _reused_memory(), workspace.store.writing("import"):
        parts = []
        chosen, known = _providers_of(workspace, paths, provider)
        for source in chosen:
            try:
                found = source.read_exports(paths, taken, progress)
            except UnknownFormatError as error:
                if known:
                    raise
                titles = ", ".join(one.title for one in workspace.providers().values())
                why = f"no export of a kind that is known (of {titles}): docs/how-to tells the kinds"
                raise UnknownFormatError(error.file, why) from None
            _refuse_later(found, paths, latest)
            parts.append(Part(source, found, partial(_prepared, workspace, source, not replace_all)))
        return commit_all(workspace, parts, progress)


def import_collected(workspace: Workspace, source: Provider, found: list[Collected]) -> list[Imported]:
    """Store what a provider has asked for and pruned as an import: parts that it does not hold are carried over.

    Raises:
        InputError, StoreError: nothing is visible of it then.
    """
    with without_collector(), _reused_memory(), workspace.store.writing("import"):
        return commit(workspace, source, found, None, partial(_completed, workspace, source, True))


def _prepared(workspace: Workspace, source: Provider, carry: bool, collected: Collected) -> Collected:
    return _completed(workspace, source, carry, _redacted(collected, source, workspace.redaction_key))


def _completed(workspace: Workspace, source: Provider, carry: bool, collected: Collected) -> Collected:
    if carry:
        collected = _carry(workspace, collected, source)
    return replace(collected, coverage=(*collected.coverage, *source.gaps(collected)))


def _refuse_later(found: Sequence[Collected], paths: Sequence[Path], latest: datetime) -> None:
    """Raises UsageError, naming a file, when a scope would lie in the future."""
    for one in found:
        if one.time > latest:
            files = (file for path in paths for file in (path, *path.rglob("*")) if file.is_file())
            newer = (file for file in files if file.stat().st_mtime > latest.timestamp())
            raise UsageError(
                f"{next(newer, one.scope.key)}: is of {one.time.isoformat()}, in the future, where no question would "
                "see it; say with --taken when it was exported"
            )


def _redacted(collected: Collected, source: Provider, key: bytes) -> Collected:
    """The same without secret values, before anything is written."""
    bodies = [source.redact(document, key) for document in collected.documents]
    if all(body is document.body for body, document in zip(bodies, collected.documents, strict=True)):
        return collected
    documents = (replace(one, body=body) for one, body in zip(collected.documents, bodies, strict=True))
    return replace(collected, documents=tuple(documents))


def _providers_of(workspace: Workspace, paths: Sequence[Path], name: str | None) -> tuple[list[Provider], bool]:
    """Whose exports the paths hold: one provider's, or one's and those of its directories, which come first.

    False beside it where nobody knows the files: then it is whoever says what is wrong with them.
    """
    if name is not None:
        return [workspace.provider(name)], True
    for path in paths:
        if not path.exists():
            raise InputError(path, "no such file or folder")
    known = workspace.providers()
    chosen = [provider for provider in known.values() if any(provider.recognises(path) for path in paths)]
    if len(chosen) > 1:
        names = {provider.name for provider in chosen}
        served = [provider for provider in chosen if names <= {provider.name, *provider.directories}]
        if len(served) != 1:
            told = " and ".join(provider.name for provider in chosen)
            raise UsageError(f"the paths hold exports of {told}: import them one after another, with --provider")
        return sorted(chosen, key=lambda provider: provider is served[0]), True
    # A reader says best itself what is wrong with a file that nobody knows, unless it is only that.
    return chosen or [next(iter(known.values()))], bool(chosen)


@dataclass(frozen=True, slots=True)
class Part:
    """What a provider has read, and what is done with each scope before it is translated."""

    source: Provider
    found: list[Collected]
    prepare: Callable[[Collected], Collected] = lambda one: one


def commit(
    workspace: Workspace,
    source: Provider,
    found: list[Collected],
    progress: Progress | None = None,
    prepare: Callable[[Collected], Collected] = lambda one: one,
) -> list[Imported]:
    """As `commit_all`, of one provider."""
    return commit_all(workspace, [Part(source, found, prepare)], progress)


def commit_all(workspace: Workspace, parts: Sequence[Part], progress: Progress | None = None) -> list[Imported]:
    """Translate and store, one snapshot a scope, all visible at once at the end.

    `found` of each part is emptied on the way: what is written need not be held until the last is. Raises InputError,
    StoreError.
    """
    from leastwise.model.tables import FACT_TABLES
    from leastwise.store.readmodels import build

    counts: list[tuple[dict[str, int], int]] = []
    total = sum(len(part.found) for part in parts)
    with workspace.store.together("import") as unit:
        for part in parts:
            while part.found:
                collected = part.prepare(part.found.pop(0))
                if progress:
                    progress(f"translate {collected.scope.id}", len(counts), total)
                tables: dict[str, Any] = {}
                if collected.readable:
                    tables.update(part.source.translate(collected))
                    collected = replace(collected, coverage=_told(tables))
                if progress:
                    progress(f"store {collected.scope.id}", len(counts), total)
                new = unit.begin(collected, __version__, workspace.now())
                collected = replace(collected, documents=())  # written: what follows can have their memory
                if new:
                    unit.complete(tables | build(part.source.name, collected.scope.id, tables))
                rows = {spec.name: tables[spec.name].num_rows for spec in FACT_TABLES if spec.name in tables}
                counts.append((rows, sum(one.status is not CoverageStatus.OK for one in collected.coverage)))
                del collected, tables
    return [
        Imported(manifest, new, rows, gaps) for (manifest, new), (rows, gaps) in zip(unit.finished, counts, strict=True)
    ]


def _told(tables: Mapping[str, Any]) -> tuple[Coverage, ...]:
    """The coverage records as translation leaves them: it may learn of gaps that reading could not see."""
    rows = tables["coverage"].to_pylist()
    return tuple(Coverage(**(one | {"status": CoverageStatus(one["status"])})) for one in rows)


def _carry(workspace: Workspace, collected: Collected, source: Provider) -> Collected:
    """The collected documents, completed by those kinds that only the scope's newest snapshot has."""
    if not collected.readable:
        return collected
    earlier = [
        one
        for one in workspace.store.list(collected.scope)
        if one.state is SnapshotState.COMPLETE and one.time <= collected.time
    ]
    if not earlier:
        return collected
    newest = earlier[-1]
    present = {_call(document.kind) for document in collected.documents}
    for tellings in source.alternatives:
        # A part of a telling does not replace another: users alone must not make the roles vanish.
        if any(telling <= present for telling in tellings):
            present = present.union(*tellings)
    kept = [one for one in workspace.store.open(newest).raw_documents() if _call(one.kind) not in present]
    if not kept or (newest.time == collected.time and not _adds(newest, collected)):
        return collected
    return replace(
        collected, documents=(*collected.documents, *kept), coverage=_carried_coverage(collected, newest, kept)
    )


def _carried_coverage(collected: Collected, newest: Manifest, kept: Sequence[RawDocument]) -> tuple[Coverage, ...]:
    """Fresh records, and those of the carried parts: what had failed there is still not known."""
    services = {document.service for document in kept}
    told = {(one.service, one.call) for one in collected.coverage if one.status is CoverageStatus.OK}
    carried = tuple(
        replace(one, detail=_carried_detail(one, newest))
        for one in newest.coverage
        if one.status is not CoverageStatus.NOT_TRIED
        and one.service in services
        and (one.service, one.call) not in told
    )
    filled = {(one.service, one.call) for one in carried}
    fresh = tuple(
        one
        for one in collected.coverage
        if one.status is not CoverageStatus.NOT_TRIED or (one.service, one.call) not in filled
    )
    return fresh + carried


def _carried_detail(one: Coverage, newest: Manifest) -> str:
    carried = f"carried over from {newest.id}"
    if one.status is CoverageStatus.OK or one.detail.endswith(carried):
        return carried
    return f"{one.detail.partition(' (carried over from ')[0]} ({carried})"


def _call(kind: str) -> str:
    """The kind without the outcome that a provider may write behind it (`call!ErrorCode`)."""
    return kind.partition("!")[0]


def _adds(newest: Manifest, collected: Collected) -> bool:
    """Whether an import of the same time brings something that the newest snapshot does not have."""
    return {(c.service, c.call) for c in collected.coverage} != {(c.service, c.call) for c in newest.coverage}


@contextmanager
def _reused_memory() -> Iterator[None]:
    # Not loaded before the collector is off: libraries make many long-lived values too.
    from leastwise.engine.allocator import kept_memory
    from leastwise.engine.columns import reused_memory

    with kept_memory(), reused_memory():
        yield
