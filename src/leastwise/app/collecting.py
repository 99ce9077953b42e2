"""Collect sources into new snapshots: each scope is committed as soon as it is collected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.engine.quiet import without_collector
from leastwise.errors import InputError, LeastwiseError, StoreError, UsageError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, Scope
from leastwise.model.snapshot import SnapshotState
from leastwise.store.files import storage_errors

from .estate_file import read_estate_file
from .importing import Imported, commit
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base import Collector, Diagnosis, PlannedCall, Provider, Step


_ANSWERS = re.compile(r"(\d+) answers\b")


@dataclass(frozen=True, slots=True)
class Failed:
    """A source or scope of which nothing could be collected, and why."""

    provider: str
    cause: str


def sources(workspace: Workspace, provider: str | None, keys: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What to collect: one source of the given keys, or those of estate.yaml (of a provider).

    Raises:
        UsageError: estate.yaml names no source and no provider is given, or a source cannot be collected.
    """
    if provider is not None and keys:
        found = [{"provider": provider, **keys}]
    else:
        file = read_estate_file(workspace.estate_path)
        named = file.sources if file else []
        found = [one for one in named if provider in (None, one["provider"])]
        if not found and provider is not None:
            found = [{"provider": provider}]
    if not found:
        raise UsageError(f"nothing to collect: {workspace.estate_path} names no sources, and no provider is given")
    for one in found:
        _collector(workspace, one)
    return found


def collect(
    workspace: Workspace,
    wanted: Sequence[Mapping[str, Any]],
    resume: bool = False,
    only: str | None = None,
    progress: Callable[[str, Step], None] | None = None,
) -> Iterator[Imported | Failed]:
    """Every scope of every source, committed as it comes; a source that fails does not stop the next.

    An unfinished scope (credentials that expired, a network that is gone) keeps its last good snapshot, marked stale;
    without one, what there is of it is committed. Its journal stays for `resume`.

    Raises:
        HomeLockedError: another process writes.
        StoreError: the home folder cannot be written.
    """
    with workspace.store.writing("collection"):
        if not resume:
            _remove_stale(workspace)
        for keys in wanted:
            name = str(keys["provider"])
            try:
                yield from _source(workspace, keys, resume, only, progress)
            except StoreError:
                raise
            except LeastwiseError as error:
                yield Failed(name, str(error))


def _source(
    workspace: Workspace, keys: Mapping[str, Any], resume: bool, only: str | None,
    progress: Callable[[str, Step], None] | None,
) -> Iterator[Imported | Failed]:  # fmt: skip
    from leastwise.engine.columns import reused_memory
    from leastwise.providers.base import CollectRun

    provider = workspace.provider(str(keys["provider"]))

    def stepped(step: Step) -> None:
        if progress:
            progress(provider.title, step)

    run = CollectRun(
        folder=_folder(workspace), key=workspace.redaction_key, now=workspace.now, progress=stepped,
        interrupted=lambda one, why: _interrupted(workspace, one, why), resume=resume, only=only,
        earlier=lambda scope: _earlier(workspace, scope),
    )  # fmt: skip
    for collected in _collector(workspace, keys).collect(keys, run):
        with without_collector(), reused_memory():
            try:
                # A source can tell of a directory beside its cloud, which has a provider of its own.
                of = workspace.provider(collected.scope.provider)
                done: list[Imported | Failed] = [*commit(workspace, of, [collected])]
            except InputError as error:
                # One answer that cannot be understood costs its scope, not the source.
                done = [Failed(collected.scope.key, str(error))]
        yield from done


def plan(workspace: Workspace, wanted: Sequence[Mapping[str, Any]]) -> list[PlannedCall]:
    """What collecting the sources would call. UsageError when a source's keys are wrong."""
    return [call for keys in wanted for call in _collector(workspace, keys).plan(keys)]


def answers_before(workspace: Workspace) -> Counter[tuple[str, str]]:
    """How many answers each call (service, operation) gave to the newest snapshots of the estate."""
    found: Counter[tuple[str, str]] = Counter()
    for manifest in workspace.store.estate().manifests:
        for one in manifest.coverage:
            if one.status is CoverageStatus.OK:
                told = _ANSWERS.match(one.detail)
                found[one.service, one.call] += int(told[1]) if told else 1
    return found


def policy(workspace: Workspace, keys: Mapping[str, Any]) -> str:
    """The least grant that collecting the source needs, as its vendor writes it. UsageError as above."""
    return _collector(workspace, keys).policy(keys)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a source has and lacks: its provider, and its number in estate.yaml (0 when it stands in none)."""

    provider: str
    source: int
    diagnosis: Diagnosis


def doctor(workspace: Workspace, provider: str | None) -> list[Examined]:
    """What each source has and lacks; without a source in estate.yaml, each provider as it is found.

    UsageError when a source's keys are wrong, or the named provider is not installed.
    """
    file = read_estate_file(workspace.estate_path)
    named = [
        (number, one)
        for number, one in enumerate(file.sources if file else [], 1)
        if provider in (None, one["provider"])
    ]
    if not named:
        known = [provider] if provider else [one.name for one in workspace.providers().values() if one.collector]
        named = [(0, one) for name in known for one in sources(workspace, name, {})]
    return [Examined(str(keys["provider"]), number, _examined(workspace, keys)) for number, keys in named]


def _examined(workspace: Workspace, keys: Mapping[str, Any]) -> Diagnosis:
    from leastwise.providers.base import Check, Diagnosis, Unknown, Want

    name = str(keys["provider"])
    installed = workspace.providers().get(name)
    if installed is not None and installed.collector is not None:
        return installed.collector.doctor(keys)
    what = f"{name} can only be imported" if installed else f"no provider {name} is installed"
    question = f"who can do what in {name}"
    return Diagnosis(
        [Check("installed", "missing", what)], [Unknown(question, Want.NOT_INSTALLED, (f"provider {name}",))]
    )


def _collector(workspace: Workspace, keys: Mapping[str, Any]) -> Collector:
    provider: Provider = workspace.provider(str(keys["provider"]))
    if provider.collector is None:
        raise UsageError(f"{provider.name} cannot be collected; import its exports")
    return provider.collector


def _folder(workspace: Workspace) -> Path:
    folder = workspace.home.collecting
    with storage_errors(f"collecting in {folder}"):
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _remove_stale(workspace: Workspace) -> None:
    """Removes journals that were last written before the newest snapshot of their scope was taken."""
    from leastwise.providers.base import journal_name

    folder = _folder(workspace)
    with storage_errors(f"collecting in {folder}"):
        for manifest in workspace.store.estate().manifests:
            journal = folder / journal_name(manifest.scope)
            if journal.is_file() and journal.stat().st_mtime < manifest.time.timestamp():
                journal.unlink()


def _earlier(workspace: Workspace, scope: Scope) -> Collected | None:
    """The newest complete snapshot of a scope as it was collected."""
    complete = [one for one in workspace.store.list(scope) if one.state is SnapshotState.COMPLETE]
    if not complete:
        return None
    newest = max(complete, key=lambda one: one.time)
    documents = tuple(workspace.store.open(newest).raw_documents())
    return Collected(scope, newest.time, documents, newest.coverage)


def _interrupted(workspace: Workspace, collected: Collected, why: str) -> Collected:
    cause = f"interrupted: {why}; collect with --resume to complete it"
    gap = Coverage("collection", collected.scope.id, CoverageStatus.FAILED, cause, "everything newer")
    if any(one.state is SnapshotState.COMPLETE for one in workspace.store.list(collected.scope)):
        return Collected(collected.scope, collected.time, (), (gap,), readable=False)
    return replace(collected, coverage=(gap, *collected.coverage))
