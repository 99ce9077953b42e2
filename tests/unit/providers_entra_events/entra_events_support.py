"""What tests of the directory's logs share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from leastwise.engine.columns import plain
from leastwise.model.tables.usage import CHANGES, EVENTS
from leastwise.providers.entra.events.drawing import Drawing

CASES = Path(__file__).parents[2] / "cases/entra_events/records.jsonl"
READ: list[dict[str, Any]] = [json.loads(line) for line in CASES.read_text().splitlines()]
TENANT = "f1e0c000-0000-4000-8000-0000000000aa"


def record(name: str) -> dict[str, Any]:
    """The record of a case."""
    found: dict[str, Any] = next(one["record"] for one in READ if one["name"] == name)
    return found


def drawn(*contents: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of events and of changes of some files."""
    drawing = Drawing()
    for one in contents:
        drawing.read(one if isinstance(one, bytes) else json.dumps(one).encode())
    tables = drawing.drawn()
    assert tuple(tables["events"].schema.names) == EVENTS.names()
    assert tuple(tables["changes"].schema.names) == CHANGES.names()
    assert not tables["sessions"].num_rows
    return plain(tables["events"]).to_pylist(), plain(tables["changes"]).to_pylist()
