"""How one credential was used: from which networks, with which agents, and the last time from a network new to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.store.lake.places import family, network

from .wiring import Workspace

_NIGHT = timedelta(hours=12)
"""How long what is told as one night lasts at most."""
_READS = ("time", "ip", "agent", "outcome", "credential", "principal", "account")
_COUNTS = ("calls", "allowed", "denied", "unknown")
_OUTCOMES = {"allowed": "allowed", "failed": "allowed", "denied": "denied"}


def credential_use(workspace: Workspace, credential: str, until: datetime) -> dict[str, Any]:
    """`usage` and `night` of a credential, by its id, up to a time.

    `usage` counts its calls by network and by agent. `night` are its calls in the first twelve hours in which it called
    from the newest of its networks; null where it called from one network only. Calls that were authorised and failed
    later count as allowed.

    Raises:
        IntegrityError, StoreError: the lake cannot be read.
    """
    where = pc.field("credential").cast(pa.string()) == credential
    rows = plain(workspace.lake.events(end=until, where=where, columns=_READS)).sort_by("time").to_pylist()
    addresses = sorted({row["ip"] for row in rows})
    inside = {one: network(one) for one in addresses}
    by_network: dict[str, list[dict[str, Any]]] = {}
    by_agent: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_network.setdefault(inside[row["ip"]], []).append(row)
        by_agent.setdefault(family(row["agent"]), []).append(row)
    usage = {
        **_counted(rows),
        "networks": [{"network": name, **_counted(some), "addresses": _distinct(some, "ip")}
                     for name, some in by_network.items()],
        "agents": [{"agent": name, **_counted(some)} for name, some in by_agent.items()],
    }  # fmt: skip
    return {"usage": usage, "night": _night(list(by_network.items()))}


def _night(found: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> dict[str, Any] | None:
    """Of networks by their first call, the newest; services that called for the holder are none."""
    found = [one for one in found if "/" in one[0]]
    if len(found) < 2:
        return None
    newest, rows = found[-1]
    first = rows[0]["time"]
    some = [row for row in rows if row["time"] <= first + _NIGHT]
    addresses = _distinct(some, "ip")
    where = addresses[0] if len(addresses) == 1 else newest
    return {**_counted(some), "network": where, "agents": _distinct(some, "agent")}


def _counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counts = Counter(_OUTCOMES.get(row["outcome"], "unknown") for row in rows)
    told = {"calls": len(rows), **{name: counts[name] for name in _COUNTS[1:]}}
    times = [row["time"].isoformat() for row in rows]
    return told | {"first": times[0] if times else None, "last": times[-1] if times else None}


def _distinct(rows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return sorted({str(row[name]) for row in rows})
