"""An estate whose scopes of one provider are worlds of their own: a question is put to the one that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.model.snapshot import Estate, EstateEntry, Manifest

from .wiring import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.providers.base import Provider

    from .reading import Tables


def parts_of(estate: Estate, provider: Provider) -> dict[str, Estate]:
    """The estate with each of a provider's scopes alone, by the scope's id; none where they answer together."""
    mine = [entry for entry in estate.entries if entry.scope.provider == provider.name]
    if provider.answering is None or not provider.answering.apart or len(mine) < 2:
        return {}
    return {entry.scope.id: _with(estate, provider, entry) for entry in mine}


def _with(estate: Estate, provider: Provider, only: EstateEntry) -> Estate:
    kept = (entry for entry in estate.entries if entry is only or entry.scope.provider != provider.name)
    return Estate(estate.time, tuple(kept))


def scope_of(estate: Estate, provider: Provider) -> str:
    """The only scope of a provider whose scopes answer each by itself; empty for others, and where it has several."""
    mine = [entry.scope.id for entry in estate.entries if entry.scope.provider == provider.name]
    return mine[0] if provider.answering is not None and provider.answering.apart and len(mine) == 1 else ""


def part_about(workspace: Workspace, estate: Estate, provider: Provider, named: Sequence[str | None]) -> Estate | None:
    """The part in which what a question names is known: its objects, by id or name, or the scope itself.

    None where the scopes answer together, and where nothing that is named is of a single one.

    Raises:
        UsageError: they are of several.
    """
    found: dict[str, str] = {}
    parts = parts_of(estate, provider)
    for text in dict.fromkeys(one for one in named if one) if parts else ():
        known = scopes_knowing(workspace, estate, provider, text)
        if len(known) == 1:
            found.setdefault(next(iter(known)), text)
    if len(found) > 1:
        told = "; ".join(f"{text} is of {id}" for id, text in found.items())
        raise UsageError(f"one question is put to one tenant: {told}")
    return parts[next(iter(found))] if found else None


@dataclass(frozen=True, slots=True)
class Visit:
    """A question about a principal and a resource of two scopes that answer each by itself: the parts of both."""

    home: Estate
    there: Estate


def visit_of(workspace: Workspace, estate: Estate, provider: Provider, about: Sequence[str | None]) -> Visit | None:
    """The two parts that a permission, a principal and a resource are of; None where they are of one, or of none."""
    parts = parts_of(estate, provider)
    if not parts or len(about) != 3 or not all(about):
        return None
    home, there = (scopes_knowing(workspace, estate, provider, one or "") for one in about[1:])
    if len(home) != 1 or len(there) != 1 or home == there:
        return None
    return Visit(parts[home.pop()], parts[there.pop()])


def scopes_knowing(workspace: Workspace, estate: Estate, provider: Provider, text: str) -> set[str]:
    """Of scopes that answer each by itself, those that have an object of an id or name, or whose own id it is."""
    manifests = {one.scope.id: one for one in estate.manifests if one.scope.provider == provider.name}
    parts = parts_of(estate, provider)
    return {id for id in parts if id == text.lower() or _knows(workspace, manifests.get(id), text)}


def _knows(workspace: Workspace, manifest: Manifest | None, text: str) -> bool:
    """Whether a scope has a principal or resource of this id or name."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from .reading import Tables

    if manifest is None:
        return False
    wanted = pa.scalar(text.strip().lower())
    for column in _ids_and_names(Tables(workspace), manifest):
        if pc.any(pc.equal(pc.utf8_lower(column), wanted)).as_py():
            return True
    return False


def _ids_and_names(tables: Tables, manifest: Manifest) -> Iterator[pa.ChunkedArray]:
    for name in ("principals", "resources"):
        table = tables.read(manifest, name, ("id", "name"))
        yield from (table.column(column).cast("string") for column in ("id", "name"))
