"""The tables of an estate's scopes, as providers are handed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leastwise.model.snapshot import Estate

from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base import ScopeTables


def scope_tables(
    workspace: Workspace,
    estate: Estate,
    provider: str,
    reads: Mapping[str, Sequence[str]],
    directories: Sequence[str] = (),
) -> list[ScopeTables]:
    """Some tables and columns of every scope of a provider, and of its directories, in an estate.

    Of a scope that could not be read there are none.
    """
    from leastwise.providers.base import ScopeTables

    from .reading import Tables

    tables = Tables(workspace)
    return [
        ScopeTables(
            entry.scope.kind,
            entry.scope.id,
            {name: tables.read(entry.manifest, name, columns) for name, columns in reads.items()}
            if entry.manifest
            else {},
            entry.manifest is not None,
            entry.manifest.time if entry.manifest else None,
            entry.scope.provider,
        )
        for entry in estate.entries
        if entry.scope.provider in (provider, *directories)
    ]
