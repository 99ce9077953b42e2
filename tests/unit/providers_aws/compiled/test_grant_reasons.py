"""What a grant on a key allows is told as the grant's doing, not as the key policy's."""

from __future__ import annotations

import json
from pathlib import Path

from leastwise.model.decision import State
from leastwise.providers.aws.conform.ask import estate_of

_CASES = Path(__file__).resolve().parents[3] / "cases" / "aws" / "kms" / "cases.jsonl"


def test_a_grant_is_the_reason_of_what_it_allows() -> None:
    rows = map(json.loads, _CASES.read_text().splitlines())
    case = next(row for row in rows if row["id"] == "kms/grant")
    asked = case["question"]

    found = estate_of(case).can(asked["principal"], asked["permission"], asked["resource"])

    assert found.state is State.ALLOWED
    assert [reason.layer for reason in found.reasons] == ["grant"]
