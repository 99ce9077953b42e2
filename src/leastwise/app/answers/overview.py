"""The estate at a glance: what there is, what is wrong with it, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from leastwise.model.snapshot import EstateEntry

from ..analysing import worked_out
from ..estate import OpenEstate
from ..listing import Filters, Listing, counted
from ..posture import Findings
from .seen import Seeing

_COUNTED: Mapping[str, tuple[str, ...]] = {
    "identities": ("provider", "kind", "admin", "external", "mfa"),
    "resources": ("provider", "public"),
    "grants": ("provider", "layer"),
    "credentials": ("kind", "active"),
    "trusts": ("subject_kind",),
}
"""What of each list is counted by which column."""
SEVERITIES = ("critical", "high", "medium", "low", "info")
_MANY = 1_000_000


def overview(listing: Listing, seeing: Seeing, found: Findings, outside: int) -> dict[str, Any]:
    """How much there is of each list, by value, and how many findings of each severity and rule."""
    sight, estate = seeing.accounts, seeing.estate
    lists = {
        what: {
            "total": listing.page(what, fields=("provider",), limit=1, sight=sight).total,
            "by": {
                column: [{"value": one.value, "count": one.count} for one in some]
                for column, some in listing.facets(what, columns=columns, sight=sight).items()
            },
        }
        for what, columns in _COUNTED.items()
    }
    told = {
        "estate": estate.header(),
        "lists": lists,
        "counts": counted(listing, sight),
        "findings": {
            "total": len(found.rows),
            "severities": _severities(found.rows),
            "rules": [
                {"rule": rule, "severity": severity, "count": count}
                for (rule, severity), count in Counter(
                    (one.finding.rule, str(one.finding.severity)) for one in found.rows
                ).most_common(20)
            ],
            "undecided": sum(one["rows"] for one in found.unknown),
        },
        "usage": found.unused.header(),
        "worked": worked_out(estate) if seeing.sight.everything else None,
        "coverage": listing.coverage(seeing.accounts),
    }
    return seeing.envelope(told, outside)


def accounts(listing: Listing, seeing: Seeing, found: Findings) -> dict[str, Any]:
    """The scopes of the estate that are accounts and the like: how much is in each, and what is wrong with it.

    Behind them stand the places that their snapshots tell of, like the projects of an organization: what lies there is
    counted there, and not in the scope.
    """
    by = {what: _by_account(listing, seeing, what) for what in ("identities", "resources", "credentials")}
    wrong: dict[tuple[str, str], list[Any]] = {}
    for row in found.rows:
        wrong.setdefault((row.finding.provider, row.finding.account), []).append(row)
    held = {*wrong, *(key for counts in by.values() for key in counts)}
    items, outside = [], 0
    for provider, account, kind, entry in (*_scopes(seeing.estate), *_beneath(seeing.estate, held)):
        key = provider, account
        if not seeing.sight.sees(*key):
            outside += 1
            continue
        read = entry.manifest is not None
        # Of a scope that was never read nothing is known: null, and no zero; nor of a place that none of a list is in.
        none = 0 if read and account == entry.scope.id else None
        items.append(
            {
                "provider": provider, "account": account, "kind": kind,
                "time": entry.manifest.time.isoformat() if entry.manifest else None, "stale": entry.stale,
                **{what: counts.get(key, none) if read else None for what, counts in by.items()},
                "findings": _severities(wrong.get(key, ())) if read else None,
            }
        )  # fmt: skip
    estate = seeing.estate
    told = {
        "estate": estate.header(),
        "items": items,
        "next": None,
        "total": len(items),
        "coverage": listing.coverage(seeing.accounts),
    }
    return seeing.envelope(told, outside)


def heatmap(seeing: Seeing, found: Findings, outside: int) -> dict[str, Any]:
    """How many findings of each severity each account has, by rule: the cells of a heat map."""
    cells = Counter(
        (one.finding.provider, one.finding.account, one.finding.rule, str(one.finding.severity)) for one in found.rows
    )
    items = [
        {"provider": provider, "account": account, "rule": rule, "severity": severity, "count": count}
        for (provider, account, rule, severity), count in sorted(cells.items())
    ]
    estate = seeing.estate
    told = {"estate": estate.header(), "items": items, "next": None, "coverage": estate.coverage()}
    return seeing.envelope(told, outside)


def _severities(rows: Sequence[Any]) -> dict[str, int]:
    counts = Counter(str(one.finding.severity) for one in rows)
    return {one: counts[one] for one in SEVERITIES}


def _by_account(listing: Listing, seeing: Seeing, what: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for provider in sorted({entry.scope.provider for entry in seeing.estate.estate.entries}):
        facets = listing.facets(what, Filters(provider=provider), ("account",), most=_MANY)
        found |= {(provider, one.value): one.count for one in facets["account"]}
    return found


def _scopes(estate: OpenEstate) -> Iterator[tuple[str, str, str, EstateEntry]]:
    for entry in estate.estate.entries:
        yield entry.scope.provider, entry.scope.id, entry.scope.kind, entry


def _beneath(estate: OpenEstate, held: Collection[tuple[str, str]]) -> list[tuple[str, str, str, EstateEntry]]:
    """Places that hold something and are no scopes themselves, with the scope whose snapshot tells of them."""
    entries = {(entry.scope.provider, entry.scope.id): entry for entry in estate.estate.entries}
    named = estate.facts("scopes", ["id", "kind"]).select(["provider", "scope", "id", "kind"]).to_pylist()
    found = {
        (one["provider"], one["id"]): (one["kind"], entries[one["provider"], one["scope"]])
        for one in named
        if (one["provider"], one["id"]) in held and (one["provider"], one["id"]) not in entries
    }
    return [(*key, *found[key]) for key in sorted(found)]
