"""Organizations: who stands above whom, and which guardrails are attached where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from .links import links
from .scopes import ScopeTables, joined, laid, plain

if TYPE_CHECKING:
    from .interning import Codes

_GUARDRAILS = ("scp", "rcp")


def organizations(scopes: Sequence[ScopeTables], codes: Codes) -> dict[str, Any]:
    """Facts of the header: accounts with their place, guardrails by target, names of what was attached, gaps."""
    places: dict[str, dict[str, Any]] = {}
    for row in joined(scopes, "scopes", ["id", "kind", "parent", "tenant", "management", "tags"]).to_pylist():
        known = places.setdefault(row["id"], {"kind": row["kind"], "parent": None, "tenant": None, "tags": {}})
        for key in ("parent", "tenant", "management"):
            known[key] = known.get(key) if row[key] is None else row[key]
        known["tags"] |= dict(row["tags"] or [])
    guardrails: dict[str, dict[str, list[list[Any]]]] = {kind: {} for kind in _GUARDRAILS}
    endpoints: dict[str, list[Any]] = {}
    for index, one in enumerate(scopes):
        if one.kind != "account":
            table = laid(one, _GUARDRAILS)
            for row, number in zip(table.to_pylist(), codes.of(index, table["document"]).tolist(), strict=True):
                found = guardrails[row["layer"]].setdefault(row["target"], [])
                found.append([number, row["policy"], row["source"]])
        table = laid(one, ("endpoint",))
        endpoints |= _endpoints(table, codes.of(index, table["document"]).tolist(), _details(one))
    return {
        "places": places,
        "guardrails": guardrails,
        "endpoints": endpoints,
        "scopes": [[one.kind, one.id, one.readable] for one in scopes],
        "coverage": _coverage(scopes),
        **links(scopes, codes),
    }


def _endpoints(table: pa.Table, numbers: list[int], details: dict[str, dict[str, str]]) -> dict[str, list[Any]]:
    """Endpoint policies by ARN: document, name, source, and the VPC and service that the endpoint serves."""
    found = {}
    for row, number in zip(table.to_pylist(), numbers, strict=True):
        known = details.get(row["target"], {})
        found[row["target"]] = [number, row["policy"], row["source"], known.get("vpc", ""), known.get("service", "")]
    return found


def _details(one: ScopeTables) -> dict[str, dict[str, str]]:
    if "resources" not in one.tables:
        return {}
    table = plain(one.tables["resources"].select(["id", "kind", "details"]))
    table = table.filter(pc.equal(table["kind"], "ec2:vpc-endpoint"))
    return {row["id"]: dict(row["details"] or []) for row in table.to_pylist()}


def _coverage(scopes: Sequence[ScopeTables]) -> dict[str, list[list[str]]]:
    """What of each scope was not read: service, call, status, what it affects."""
    found: dict[str, list[list[str]]] = {}
    for one in scopes:
        if "coverage" not in one.tables:
            continue
        for row in one.tables["coverage"].to_pylist():
            entry = [row["service"], row["call"], row["status"], row["detail"], row["affects"]]
            found.setdefault(one.id, []).append(entry)
    return found
