"""The catalogue of edges between clouds: each is covered by a kind of door, or the documentation says why not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fakes.shared import SHARED
from leastwise.rules.federation import load_federation

CATALOGUE = SHARED / "escalation" / "cross_cloud.jsonl"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "federation.md"


def edges() -> list[str]:
    if not CATALOGUE.exists():
        pytest.skip("the shared catalogue of edges is not here")
    return [json.loads(line)["id"] for line in CATALOGUE.read_text().splitlines() if line.strip()]


def test_every_edge_is_in_the_table() -> None:
    table = PAGE.read_text().partition("### Which edges")[2].partition("\n## ")[0]
    assert sorted(set(edges()) - set(re.findall(r"`([^`]+)`", table))) == []


def test_rules_name_edges_that_there_are() -> None:
    named = {one for rule in load_federation().values() for one in rule.step.known}
    assert named <= set(edges())
    assert len(named) >= 17
