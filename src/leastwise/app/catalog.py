"""The catalogues of the providers: which are in force, how old they are, and newer ones in the home."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from leastwise.errors import InputError, UsageError
from leastwise.model.snapshot import Manifest
from leastwise.providers.base import Catalog, CatalogPart
from leastwise.store.files import replace_durably, storage_errors

from .wiring import Workspace

STALE_DAYS = 90
"""AWS alone adds thousands of actions a year."""


def put_in_force(workspace: Workspace) -> list[str]:
    """Put the home's catalogues in force where they are not older than the bundled ones.

    Returns:
        a line for each that is damaged, and in whose place the bundled one is in force.
    """
    warnings: list[str] = []
    for name, provider in workspace.providers().items():
        if provider.catalog is None:
            continue
        try:
            provider.catalog.use(workspace.home.catalog / name)
        except InputError as error:
            warnings.append(f"{error}; the bundled catalogue is used (leastwise catalog update)")
    return warnings


def status(workspace: Workspace) -> tuple[list[dict[str, Any]], list[str]]:
    """The sources in force, one a row, and warnings about old and damaged ones."""
    warnings = put_in_force(workspace)
    today = workspace.now().date()
    rows = [
        _row(name, part, today)
        for name, provider in workspace.providers().items()
        if provider.catalog is not None
        for part in provider.catalog.parts()
    ]
    for row in rows:
        if row["stale"]:
            text = f"{row['provider']} {row['part']} ({row['source']}): {row['age_days']} days old"
            warnings.append(f"{text}; actions that the vendor added since are unknown (leastwise catalog update)")
    return rows, warnings


def update(workspace: Workspace, provider: str, source: Path | None, snapshot: str | None = None) -> dict[str, Any]:
    """Compile a newer catalogue into the home, and give the row of its first part.

    Args:
        workspace: the home.
        provider: whose catalogue.
        source: what the vendor published, as a folder or archive.
        snapshot: id of a snapshot that holds it instead. Without either it is the newest snapshot that does, of
            providers whose snapshots can, else what the vendor gives to everybody.

    Raises:
        UsageError: the provider has no catalogue, or both a source and a snapshot were named.
        NotFoundError: there is no such snapshot.
        InputError: the newest data cannot be fetched, or what was given is damaged, incomplete or too old; the
            catalogue in force stays.
        StoreError: the home cannot be written.
    """
    catalog = _catalog(workspace, provider)
    if source is not None and snapshot is not None:
        raise UsageError("--from and --snapshot name two sources: give one")
    folder = workspace.home.catalog / provider
    today = workspace.now().date()
    with tempfile.TemporaryDirectory(prefix="leastwise-") as scratch:
        read = None if source is not None else _read_from(workspace, catalog, provider, snapshot, Path(scratch))
        content = catalog.compile(source, Path(scratch), today.isoformat()) if read is None else read(today)
    with storage_errors(f"catalogue {folder}"):
        for one in (folder.parent, folder):
            one.mkdir(mode=0o700, exist_ok=True)
        replace_durably(folder / catalog.file, content, folder)
    catalog.use(folder)
    return _row(provider, catalog.parts()[0], today)


def _catalog(workspace: Workspace, provider: str) -> Catalog:
    catalog = workspace.provider(provider).catalog
    if catalog is None:
        raise UsageError(f"provider {provider} has no catalogue")
    return catalog


def _read_from(
    workspace: Workspace, catalog: Catalog, provider: str, snapshot: str | None, scratch: Path
) -> Callable[[date], bytes] | None:
    """What compiles the catalogue from a snapshot: the named one, or the newest that can tell; None where none can."""
    if snapshot is not None:
        manifest = workspace.index.get(snapshot)
        found = _documents(workspace, catalog, provider, manifest, scratch)
        if found is None:
            raise InputError(f"snapshot {manifest.id}", f"holds nothing that renews the catalogue of {provider}")
        return found
    newest = sorted(workspace.index.list() if catalog.kinds else (), key=lambda one: one.time, reverse=True)
    told = (_documents(workspace, catalog, provider, one, scratch) for one in newest if one.scope.provider == provider)
    return next((one for one in told if one is not None), None)


def _documents(
    workspace: Workspace, catalog: Catalog, provider: str, manifest: Manifest, scratch: Path
) -> Callable[[date], bytes] | None:
    """What compiles the catalogue from a snapshot's documents; None where it has none of them."""
    if manifest.scope.provider != provider or not catalog.kinds:
        return None
    folder = scratch / manifest.id
    for number, document in enumerate(workspace.store.open(manifest).raw_documents(catalog.kinds)):
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.json").write_bytes(document.body)

    def compiled(today: date) -> bytes:
        try:
            return catalog.compile(folder, scratch, min(manifest.time.date(), today).isoformat())
        except InputError as error:
            raise InputError(f"snapshot {manifest.id}", error.cause, error.place) from None

    return compiled if folder.exists() else None


def _row(provider: str, part: CatalogPart, today: date) -> dict[str, Any]:
    since = part.date or part.compiled
    age = (today - date.fromisoformat(since)).days if since else None
    return {
        "provider": provider,
        "part": part.part,
        "source": part.source,
        "version": part.version,
        "licence": part.licence,
        "date": part.date or None,
        "compiled": part.compiled or None,
        "age_days": age,
        "stale": age is not None and age > STALE_DAYS,
        "place": part.place,
        "counts": dict(part.counts),
    }
