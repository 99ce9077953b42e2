"""Audit log entries of Google Cloud, case by case: who, what permission, on what, how it ended, what it changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.engine.columns import plain
from leastwise.model.tables.usage import CHANGES, EVENTS
from leastwise.model.usage import unpacked
from leastwise.providers.gcp.events.drawing import Drawing

CASES = Path(__file__).parents[2] / "cases/gcp_events/entries.jsonl"
READ = [json.loads(line) for line in CASES.read_text().splitlines()]


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


def test_cases_are_told_apart() -> None:
    assert len({one["name"] for one in READ}) == len(READ) >= 60
    assert all(one["page"].startswith("https://") for one in READ)


@pytest.mark.parametrize("case", READ, ids=[one["name"] for one in READ])
def test_entry(case: dict[str, Any]) -> None:
    [row], changes = drawn(case["entry"])
    wanted = dict(case["told"])
    if isinstance(wanted.get("facts"), list):
        assert [list(fact) for fact in unpacked(row["facts"])] == wanted.pop("facts")
    assert {name: row[name] for name in wanted} == wanted
    found = [[one[name] for name in ("what", "subject", "object", "verb")] for one in changes]
    assert found == case["changes"]
    assert all(one["event"] == row["id"] and one["principal"] == row["principal"] for one in changes)


def test_nothing_of_an_answer_is_kept() -> None:
    rows = [drawn(one["entry"]) for one in READ]
    assert "AIzaSECRET" in CASES.read_text() and "AIzaSECRET" not in str(rows)
