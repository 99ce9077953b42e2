"""The estate: its scopes, the snapshot in force of each, what is stale or unreadable; and all snapshots."""

from __future__ import annotations

from typing import Any

from ..duties import ALL, Sight
from ..estate import OpenEstate
from ..snapshots import rows as snapshot_rows
from ..wiring import Workspace


def scopes(opened: OpenEstate, sight: Sight = ALL) -> dict[str, Any]:
    """The scopes that are in sight; `outside` counts the others where something is hidden."""
    entries = opened.estate.entries
    seen = [entry for entry in entries if sight.sees(entry.scope.provider, entry.scope.id)]
    items = [
        {
            "scope": entry.scope.key,
            "kind": entry.scope.kind,
            "snapshot": entry.manifest.id if entry.manifest else None,
            "time": entry.manifest.time.isoformat() if entry.manifest else None,
            "stale": entry.stale,
            "reason": entry.stale_reason,
        }
        for entry in seen
    ]
    header, coverage = opened.header(), opened.coverage()
    if sight.everything:
        return {"estate": header, "items": items, "next": None, "coverage": coverage}
    keys = {entry.scope.key for entry in seen}
    ids = {entry.manifest.id for entry in seen if entry.manifest}
    header["snapshots"] = [one for one in header["snapshots"] if one in ids]
    header["stale"] = [one for one in header["stale"] if one in keys]
    told = {
        "scopes": len(seen),
        "unreadable": [one for one in coverage["unreadable"] if one in keys],
        "gaps": sum(entry.scope.key in keys for entry, _ in opened.gaps()),
    }
    return {"estate": header, "items": items, "next": None, "coverage": told, "outside": len(entries) - len(seen)}


def snapshots(workspace: Workspace, scope: str | None = None, *, deleted: bool = False) -> dict[str, Any]:
    """Snapshots, oldest first."""
    return {"items": snapshot_rows(workspace, scope, deleted), "next": None}
