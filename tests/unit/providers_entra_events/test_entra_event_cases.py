"""Records of the directory's logs, case by case: who, what permission, on what, how it ended, what it changed."""

from __future__ import annotations

from typing import Any

import pytest
from entra_events_support import CASES, READ, drawn

from leastwise.model.usage import unpacked


def test_cases_are_told_apart() -> None:
    assert len({one["name"] for one in READ}) == len(READ) >= 60
    assert all(one["page"].startswith("https://learn.microsoft.com/") for one in READ)


@pytest.mark.parametrize("case", READ, ids=[one["name"] for one in READ])
def test_record(case: dict[str, Any]) -> None:
    rows, changes = drawn(case["record"])
    assert len(rows) == len(case["told"])
    for row, told in zip(rows, case["told"], strict=True):
        wanted = dict(told)
        if isinstance(wanted.get("facts"), list):
            found = row["facts"] or "\t".join(("call", row["permission"], row["bucket"], "", row["outcome"]))
            assert [list(fact) for fact in unpacked(found)] == wanted.pop("facts")
        if "time" in wanted:
            assert row["time"].isoformat() == wanted.pop("time")
        assert {name: row[name] for name in wanted} == wanted
    assert [[one[name] for name in ("what", "subject", "object", "verb")] for one in changes] == case["changes"]
    assert all(one["event"] == rows[0]["id"] and one["principal"] == rows[0]["principal"] for one in changes)


def test_nothing_secret_is_kept() -> None:
    rows = [drawn(one["record"]) for one in READ]
    assert "SECRETKEY" in CASES.read_text() and "SECRETKEY" not in str(rows)
    assert "$select" not in str(rows)
