"""What code of Microsoft's clouds calls principals: by their ids, or by names that no other of the directory has.

The forms of `coded` call what code makes, or looks up, by the same names: `group:ops`, `application:billing`,
`identity:id-api`, a user by its sign-in name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_WORDS = {"group": "group", "service_principal": "application", "managed_identity": "identity"}
GRAPH, GRAPHS = "Microsoft Graph", ("00000003-0000-0000-c000-000000000000", "MicrosoftGraph")
"""The one principal that code calls by names that are the same in every tenant."""


class Called:
    """The names of principals.

    Args:
        rows: of principals, by id.
    """

    def __init__(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        self._rows = rows
        self._held = Counter(name.lower() for row in rows.values() for name in _names(row))

    def names(self, id: str) -> Sequence[str]:
        """The id, and the names that nobody else has."""
        row = self._rows.get(id)
        return (id, *(one for one in (_names(row) if row is not None else ()) if self._held[one.lower()] == 1))


def _names(row: Mapping[str, Any]) -> Iterable[str]:
    name = row["name"] or ""
    if row["native"] == "user" or (row["kind"] == "human" and "@" in name):
        yield name
    elif name and row["native"] in _WORDS:
        yield f"{_WORDS[row['native']]}:{name}"
        if name == GRAPH:
            yield from GRAPHS
