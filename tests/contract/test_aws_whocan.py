"""The vectors of who can do what in collected accounts, recorded by others: every answer is complete and equal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from leastwise.model.conformance import CaseError, CaseResult
from leastwise.providers.aws.conform.whocan import run

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "aws" / "whocan.jsonl"
CASES = [json.loads(line) for line in VECTORS.read_text().splitlines()] if VECTORS.is_file() else []
needs_vectors = pytest.mark.skipif(not CASES, reason=f"{VECTORS} (written by others) is not here")


@needs_vectors
def test_there_are_thirty_nine() -> None:
    assert len(CASES) == 39


@needs_vectors
@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_a_vector(case: Mapping[str, Any]) -> None:
    verdict = run(case, VECTORS.parent)
    assert verdict.result is CaseResult.PASSED, verdict.note


@needs_vectors
@pytest.mark.parametrize("id", ["lens-whocan#4", "lens-whocan#11"])
def test_an_answer_that_lacks_one_or_has_one_too_many_fails(id: str) -> None:
    case = next(one for one in CASES if one["id"] == id)
    who = case["expected"]["who"]
    assert run({**case, "expected": {**case["expected"], "who": who[1:]}}, VECTORS.parent).result is CaseResult.FAILED
    more = [*who, {**who[0], "principal": "arn:aws:iam::200000000002:role/Nobody"}]
    assert run({**case, "expected": {**case["expected"], "who": more}}, VECTORS.parent).result is CaseResult.FAILED


@pytest.mark.parametrize(
    ("case", "cause"),
    [
        ({}, "request: must be an object"),
        ({"request": {}}, "dataset: is missing"),
        ({"request": {}, "dataset": "../datasets"}, "dataset: '../datasets' is no name of a folder"),
        ({"request": {}, "dataset": "none"}, "dataset: .*datasets/none is not there"),
    ],
)
def test_what_is_wrong_with_a_case_is_named(case: Mapping[str, Any], cause: str, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=cause):
        run(case, tmp_path)
