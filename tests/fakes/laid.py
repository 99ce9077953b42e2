"""Estates with changes laid over them: what their tables say whatever the order of rows, and changes as overlays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from leastwise.app.marked import Marked
from leastwise.app.overlay import Overlay, overlay_in
from leastwise.engine.columns import plain
from leastwise.providers.base import ScopeTables

UNSAID = ("source", "version", "created", "updated", "requires", "direct", "statements", "actions")
"""Columns that say nothing of what is granted, or stand in the documents, too."""


def overlay(*changes: Mapping[str, Any]) -> Overlay:
    """Changes as a file of them is read."""
    return overlay_in(Marked(Path("what-if.yaml"), {"version": 1, "changes": json.loads(json.dumps(changes))}, {}))


def said(scopes: Sequence[ScopeTables]) -> dict[str, set[str]]:
    """What tables say: their rows with documents written out, without order; an allow policy of nobody is none."""
    found: dict[str, set[str]] = {}
    for one in scopes:
        texts = [bytes(text) for text in plain(one.tables["documents"])["text"].to_pylist()]
        for name in ("attachments", "policies", "memberships"):
            for row in plain(one.tables[name]).to_pylist():
                told = {key: value for key, value in row.items() if key not in UNSAID}
                if told.get("document") is not None:
                    told["document"] = _document(texts[told["document"]])
                if told.get("document") != {"bindings": []}:
                    found.setdefault(name, set()).add(json.dumps(told, sort_keys=True, default=str))
    return found


def apart(one: Mapping[str, set[str]], other: Mapping[str, set[str]], *names: str) -> list[str]:
    """The rows that one of two estates alone has in some tables, as `said` tells them; each with `-` or `+`."""
    found = []
    for name in names:
        before, after = one.get(name, set()), other.get(name, set())
        found += [f"- {row}" for row in sorted(before - after)] + [f"+ {row}" for row in sorted(after - before)]
    return found


def _document(text: bytes) -> Any:
    """A document; of an allow policy who has what, however its bindings are written."""
    told = json.loads(text)
    if not isinstance(told, dict) or "bindings" not in told:
        return told
    pairs = {json.dumps([one["role"], who, one.get("condition")], sort_keys=True)
             for one in told["bindings"] for who in one.get("members", ())}  # fmt: skip
    return {"bindings": sorted(pairs)}


def tables_of(made: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Tables with their texts written out."""
    return {name: plain(table) for name, table in made.items()}
