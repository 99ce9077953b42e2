"""The overview of an estate, counted from its lists: who there is, how far they reach, what was read, where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.store.lists import bitmaps
from leastwise.store.lists.opened import OpenList

from .asked import VIEW_OF
from .choosing import Sight
from .counting import together
from .lists import Listing

NOBODY = frozenset({"group", "provider_service", "external", "deleted", "unknown"})
"""Kinds of identities that are neither people nor machines of ours."""
_HUMAN = "human"


def overview(listing: Listing, sight: Sight | None = None) -> dict[str, Any]:
    """The overview of what may be seen of an estate; see docs/api. Raises StorageFullError, StoreError."""
    return {
        "estate": listing.header((), sight),
        **counted(listing, sight),
        "accounts": _accounts(listing, sight),
        "heatmap": heat(_Seen(listing, "resources", sight)),
        "coverage": listing.coverage(sight),
    }


def counted(listing: Listing, sight: Sight | None = None) -> dict[str, Any]:
    """What is counted of it alone, once for each sight. Raises as `overview`."""
    return listing.remembered(("overview", sight), lambda: _counted(listing, sight))


def _counted(listing: Listing, sight: Sight | None) -> dict[str, Any]:
    seen = {what: _Seen(listing, what, sight) for what in VIEW_OF}
    return {
        "identities": _identities(seen["identities"]),
        "resources": _resources(seen["resources"]),
        "totals": {what: one.count for what, one in seen.items()},
        "credentials": seen["credentials"].by("kind"),
        "requests": seen["requests"].by("status"),
    }


class _Seen:
    """The rows of a list that may be seen."""

    def __init__(self, listing: Listing, what: str, sight: Sight | None) -> None:
        self.rows: OpenList = listing.opened(what)
        self.within: BitMap | None = None if sight is None else listing.seen(self.rows, sight)

    @property
    def count(self) -> int:
        return self.rows.rows if self.within is None else len(self.within)

    def by(self, column: str) -> dict[str, int]:
        """How many rows have each value, by value; those that have none under an empty text."""
        of = self.rows.column(column)
        counts = of.counts(self.within)
        places = np.flatnonzero(counts).tolist()
        return {_text(value): int(counts[at]) for at, value in zip(places, of.values_at(places), strict=True)}

    def having(self, column: str, *values: object) -> BitMap:
        """The rows that have one of some values."""
        found = bitmaps.together([self.rows.column(column).rows_with_value(one) for one in values])
        return found if self.within is None else found & self.within

    def cells(self, *columns: str) -> list[tuple[tuple[Any, ...], int]]:
        """How many have each combination of values that occurs."""
        return together(self.rows, self.within, *columns)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _identities(seen: _Seen) -> dict[str, Any]:
    kinds = seen.by("kind")
    people, machines = kinds.get(_HUMAN, 0), sum(n for kind, n in kinds.items() if kind not in {*NOBODY, _HUMAN})
    privileged = seen.having("admin", "yes", "conditional") | seen.having("privileged", True)
    providers = seen.by("provider")
    return {
        "total": seen.count,
        "by_kind": kinds,
        "by_provider": providers,
        "by_kind_and_provider": [
            {"provider": provider, "kind": kind, "count": count}
            for (provider, kind), count in seen.cells("provider", "kind")
        ],
        "people": people,
        "persons": _persons(seen),
        "machines": machines,
        "admin": seen.by("admin"),
        "privileged": {
            "total": len(privileged),
            "by_provider": {one: len(privileged & seen.having("provider", one)) for one in providers},
            "unknown": len(seen.having("admin", "unknown") - privileged),
        },
        "external": len(seen.having("external", True)),
        "without_mfa": len(seen.having("mfa", False) & seen.having("kind", _HUMAN)),
    }


def _persons(seen: _Seen) -> int:
    """How many persons stand behind the people: accounts that were joined, and those of one mail address, are one's."""
    rows, count = bitmaps.rows_of(seen.having("kind", _HUMAN)), 0
    for name in ("person", "mail", "id"):
        column = seen.rows.column(name)
        codes = column.codes[rows]
        told = codes < column.count
        known = np.zeros(column.count, np.bool_)
        known[codes[told]] = True
        count += int(np.count_nonzero(known))
        rows = rows[~told]
    return count


def _resources(seen: _Seen) -> dict[str, Any]:
    return {
        "total": seen.count,
        "by_provider": seen.by("provider"),
        "public": seen.by("public"),
        "sensitivity": seen.by("sensitivity"),
    }


def _accounts(listing: Listing, sight: Sight | None) -> list[dict[str, Any]]:
    """The scopes of the estate that may be seen: when they were read, and how much of them was not."""
    named = listing.estate.file.accounts
    gaps: dict[str, int] = {}
    for entry, _ in listing.gaps:
        gaps[entry.scope.key] = gaps.get(entry.scope.key, 0) + 1
    return [
        {
            "provider": one.scope.provider, "kind": one.scope.kind, "account": one.scope.id,
            "name": named[one.scope.id].name if one.scope.id in named else "",
            "time": one.manifest.time.isoformat() if one.manifest else None,
            "snapshot": one.manifest.id if one.manifest else None, "stale": one.stale,
            "gaps": gaps.get(one.scope.key, 0),
        }
        for one in listing.entries(sight)
    ]  # fmt: skip


def heat(seen: _Seen) -> list[dict[str, Any]]:
    """What lies where: resources, and those that anyone may use, by provider, account and service."""
    cells: dict[tuple[str, str, str], dict[str, int]] = {}
    for (provider, account, kind, public), count in seen.cells("provider", "account", "kind", "public"):
        place = (provider, account, kind.partition(":")[0])
        cell = cells.setdefault(place, {"resources": 0, "public": 0, "unknown": 0})
        cell["resources"] += count
        cell["public"] += count if public in ("yes", "conditional") else 0
        cell["unknown"] += count if public == "unknown" else 0
    return [
        {"provider": provider, "account": account, "service": service, **cell}
        for (provider, account, service), cell in sorted(cells.items())
    ]


def heatmap(
    listing: Listing, sight: Sight | None = None, by: Sequence[str] = ("provider", "account")
) -> dict[str, Any]:
    """The heat map of what may be seen: by provider and service, or with the account between."""
    cells: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in heat(_Seen(listing, "resources", sight)):
        key = (*(one[name] for name in by), one["service"])
        cell = cells.setdefault(key, {**{name: one[name] for name in by}, "service": one["service"]})
        for name in ("resources", "public", "unknown"):
            cell[name] = cell.get(name, 0) + one[name]
    items = list(cells.values())
    return {"estate": listing.header((), sight), "items": items, "coverage": listing.coverage(sight)}
