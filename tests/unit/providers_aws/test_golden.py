"""The demo's last day, translated: row counts and contents of every table as they were last approved.

`LEASTWISE_UPDATE_GOLDEN=1` writes the file anew; read the difference before it is committed.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from aws_support import imported

from fakes.shared import ROOT
from leastwise.engine.columns import plain

GOLDEN = ROOT / "tests" / "golden" / "aws" / "demo.json"


def test_the_demo_translates_as_approved(unpacked: Path) -> None:
    last = max(p for p in unpacked.iterdir() if p.name[:2] == "20")
    summary: dict[str, Any] = {}
    for scope, tables in sorted(imported(last).items()):
        summary[scope] = {}
        for name, table in tables.items():
            lines = sorted(json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist())
            digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
            summary[scope][name] = f"{len(lines)} {digest[:16]}"
    if os.environ.get("LEASTWISE_UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(summary, indent=1) + "\n")
    assert summary == json.loads(GOLDEN.read_text())


def test_in_small_parts_it_translates_the_same(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of an export that become columns on the way, and what is forgotten, show in no row."""
    last = max(p for p in unpacked.iterdir() if p.name[:2] == "20")
    whole = imported(last)
    parts = {"entities._SLICE": 1, "details._SETTLED": 1, "documents._PACKED": 2, "documents._KNOWN": 2}
    for name, value in {**parts, "statements._KNOWN": 2}.items():
        monkeypatch.setattr(f"leastwise.providers.aws.translate.{name}", value)
    small = imported(last)
    assert {scope: list(tables) for scope, tables in small.items()} == {s: list(tables) for s, tables in whole.items()}
    for scope, tables in small.items():
        for name, table in tables.items():
            assert plain(table).equals(plain(whole[scope][name])), (scope, name)
