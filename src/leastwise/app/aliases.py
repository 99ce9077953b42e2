"""Whom logs mean by names that are no ids, as an estate's snapshots and its directories' tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.model.aliases import Aliases
from leastwise.model.snapshot import Estate

from .asking import held_of, scope_tables
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.usage.aliases import Named


def aliases_of(workspace: Workspace, estate: Estate, provider: str) -> Aliases | None:
    """The names of an estate's principals in the logs of a provider; None where these call everybody by the id."""
    known = workspace.provider(provider)
    observing = known.observing
    if observing is None or observing.aliases is None:
        return None
    return observing.aliases(scope_tables(workspace, estate, provider, observing.known, known.directories))


def named_rows(workspace: Workspace, estate: Estate, rows: pa.Table) -> Iterator[Named]:
    """Rows with provider and principal, by provider, under the ids of whoever has the names that stand in them.

    Raises:
        IntegrityError, StoreError: the lake or a snapshot cannot be read.
    """
    from leastwise.usage.aliases import named

    for provider in held_of(estate):
        if (aliases := _installed(workspace, estate, provider)) is not None:
            own = pc.equal(rows["provider"].cast(pa.string()), provider)
            yield named(rows.filter(own), aliases)
            rows = rows.filter(pc.invert(own))
    yield named(rows, None)


def names_of(workspace: Workspace, estate: Estate, subject: str) -> Sequence[str]:
    """The other names by which logs surely mean a principal, and itself where it is such a name, of whom it means."""
    return naming(workspace, estate)(subject)


def naming(workspace: Workspace, estate: Estate) -> Callable[[str], Sequence[str]]:
    """The same of many principals: what tells of names is read once."""
    every = [found for one in held_of(estate) if (found := _installed(workspace, estate, one)) is not None]

    def names(subject: str) -> Sequence[str]:
        found: dict[str, None] = {}
        for aliases in every:
            meant = aliases.of(subject)
            whose = meant.id if meant is not None and meant.id else subject
            found.update(dict.fromkeys((whose, *aliases.names(whose))))
        return [one for one in found if one != subject]

    return names


def _installed(workspace: Workspace, estate: Estate, provider: str) -> Aliases | None:
    return aliases_of(workspace, estate, provider) if provider in workspace.providers() else None
