"""In which container a resource lies, as snapshots have it: an entry of it stands in that container's log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from leastwise.model.naming import Places
from leastwise.providers.base import ScopeTables, Told
from leastwise.providers.gcp.language.resources import above, bucket_of, inside_of, project_of, scope_of

_WILD = re.compile(r"[*?]")


def places(told: Told) -> Places:
    """For the name of a resource, or a pattern of names, the accounts in which such resources may lie.

    Of a container these are itself and all that lie below it; of what is not known, and of a pattern that names no
    project, None: any.
    """
    names: dict[str, str] = {}
    below: dict[str, list[str]] = {}
    resources: dict[str, str] = {}
    for scope in told.scopes:
        rows = _rows(scope, "scopes", "id", "parent", "number")
        parents = {row["id"]: row["parent"] or "" for row in rows}
        names |= {row[key]: row["id"] for row in rows for key in ("number", "id") if row[key]}
        for account in parents:
            at, path = account, list[str]()
            while at and at not in path:
                path.append(at)
                below.setdefault(at, []).append(account)
                at = parents.get(at, "")
        resources |= {row["id"]: row["account"] for row in _rows(scope, "resources", "id", "account")}

    def found(pattern: str) -> Sequence[str] | None:
        wild = _WILD.search(pattern)
        name = pattern if wild is None else f"{pattern[: wild.start()].rpartition('/')[0]}/"
        container = None if wild else scope_of(name)
        if container is not None:
            bare = container.removeprefix("projects/")
            return below.get(names.get(bare, bare))
        project = project_of(name)
        if project is not None:
            return [names[project]] if project in names else None
        inside = [name, inside_of(name), bucket_of(name), *(above(name) if name.startswith("//") else ())]
        return next(([resources[one]] for one in inside if one in resources), None)

    return found


def _rows(scope: ScopeTables, table: str, *columns: str) -> list[dict[str, Any]]:
    found = scope.tables.get(table)
    return [] if found is None else found.select(list(columns)).to_pylist()
