"""What snapshots say of where the directory's logs are kept: its diagnostic settings, as far as they were read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leastwise.providers.base import ScopeTables, Told
from leastwise.providers.entra.language.settings import CALL, KIND, SERVICE, categories_of
from leastwise.providers.microsoft.settings import Setting, setting_of

_OK = "ok"


@dataclass(slots=True)
class Tenant:
    """A tenant over some snapshots.

    Args:
        ever: the settings of every snapshot.
        seen: category and destination in words of the newest's, with the time of the first snapshot since which they
            are there.
        unread: why they were not read in the newest snapshot; empty when they were. None: nobody asked.
    """

    ever: set[Setting] = field(default_factory=set)
    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)
    unread: str | None = None

    def kept(self, category: str) -> list[str]:
        """Where a category is kept, in words."""
        return sorted(f"{place}, seen since {time.date()}" for (of, place), time in self.seen.items() if of == category)


def tenants(told: Sequence[Told]) -> dict[str, Tenant]:
    """The tenants that snapshots, oldest first, tell of, by id in lower case."""
    found: dict[str, Tenant] = {}
    for one in told:
        for scope in one.scopes:
            for row in _rows(scope, "scopes", "id", "kind"):
                if row["kind"] == "tenant":
                    _read(found.setdefault(row["id"].lower(), Tenant()), scope, scope.time or one.time)
    return found


def _read(tenant: Tenant, scope: ScopeTables, time: datetime) -> None:
    calls = [(row["status"], row["detail"] or "") for row in _rows(scope, "coverage", "service", "call", "status",
             "detail") if (row["service"], row["call"]) == (SERVICE, CALL)]  # fmt: skip
    if not calls:
        return
    bad = [f"{status}: {detail}" if detail else status for status, detail in calls if status != _OK]
    tenant.unread = "; ".join(bad)
    if bad:
        return
    rows = _rows(scope, "resources", "id", "kind", "details")
    settings = [setting_of(dict(row["details"] or ())) for row in rows if row["kind"] == KIND]
    tenant.ever.update(settings)
    now = {(category, place) for one in settings for category in categories_of(one) for place in one.destinations}
    tenant.seen = {key: tenant.seen.get(key, time) for key in now}


def _rows(scope: ScopeTables, table: str, *columns: str) -> Iterator[dict[str, Any]]:
    found = scope.tables.get(table)
    if found is not None and set(columns) <= set(found.schema.names):
        yield from found.select(list(columns)).to_pylist()
