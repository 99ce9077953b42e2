"""Records of Azure's logs, case by case: who, what permission, on what, how it ended, by which grant."""

from __future__ import annotations

from typing import Any

import pytest
from azure_events_support import CASES, READ, drawn

from leastwise.model.usage import unpacked


def test_cases_are_told_apart() -> None:
    assert len({one["name"] for one in READ}) == len(READ) >= 70
    assert all(one["page"].startswith("https://learn.microsoft.com/") for one in READ)


@pytest.mark.parametrize("case", READ, ids=[one["name"] for one in READ])
def test_record(case: dict[str, Any]) -> None:
    [row], changes = drawn(case["record"])
    wanted = dict(case["told"])
    if isinstance(wanted.get("facts"), list):
        assert [list(fact) for fact in unpacked(row["facts"])] == wanted.pop("facts")
    assert {name: row[name] for name in wanted} == wanted
    assert [[one[name] for name in ("what", "subject", "object", "verb")] for one in changes] == case["changes"]
    assert all(one["event"] == row["id"] and one["principal"] == row["principal"] for one in changes)


def test_nothing_secret_is_kept() -> None:
    rows = [drawn(one["record"]) for one in READ]
    for secret in ("SECRETSIG", "SECRETKEY", "SECRETHASH"):
        assert secret in CASES.read_text() and secret not in str(rows)
