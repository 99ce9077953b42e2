"""All vectors of others through the command: those that fail are those that decision 0012 lists, and no others."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from leastwise.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT.parent / "shared" / "conformance" / "aws" / "evaluation.jsonl"
DECISION = (ROOT / "docs" / "decisions" / "0012-vectors-of-others.md").read_text()
DIFFERS, AGREES = DECISION.split("## Where it agrees")

pytestmark = pytest.mark.skipif(not VECTORS.is_file(), reason=f"{VECTORS} (vectors written by others) is not here")


@pytest.fixture(scope="module")
def vectors() -> list[dict[str, str]]:
    return [json.loads(line) for line in VECTORS.read_text().splitlines()]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    capture = pytest.MonkeyPatch()
    printed: list[str] = []
    with capture.context() as patch:
        patch.setenv("LEASTWISE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr("builtins.print", lambda *texts, **_: printed.extend(map(str, texts)))
        assert run(["conform", str(VECTORS), "--format", "json"]) == 1
    return {row["id"]: row for row in map(json.loads, printed)}


def named(text: str) -> set[str]:
    """The ids that a text lists; `#5` alone is another number of the id before it."""
    found, stem = set(), ""
    for name, number in re.findall(r"`([\w/.-]*)#(\d+)`", text):
        stem = name or stem
        found.add(f"{stem}#{number}")
    return found


def test_every_vector_ran(vectors: list[dict[str, str]], results: dict[str, dict[str, str]]) -> None:
    assert set(results) == {one["id"] for one in vectors}
    assert Counter(row["result"] for row in results.values()).keys() <= {"passed", "failed"}


def test_what_several_engines_confirm_passes(vectors: list[dict[str, str]], results: dict[str, dict[str, str]]) -> None:
    confirmed = {one["id"] for one in vectors if one["confidence"] == "confirmed"}
    assert len(confirmed) >= 375
    assert {id for id in confirmed if results[id]["result"] != "passed"} == set()


def test_those_that_fail_are_those_of_the_decision(results: dict[str, dict[str, str]]) -> None:
    assert {id for id, row in results.items() if row["result"] == "failed"} == named(DIFFERS)


def test_the_answer_is_the_one_that_the_decision_gives(results: dict[str, dict[str, str]]) -> None:
    rows = re.findall(r"^\| (`.*?) \| (allowed|denied) \|", DIFFERS, re.MULTILINE)
    assert len(rows) >= 6
    for names, answer in rows:
        for id in named(names):
            assert (results[id]["got"] == "Allowed") == (answer == "allowed"), id


def test_every_vector_that_others_dispute_has_a_page(vectors: list[dict[str, str]]) -> None:
    disputed = {one["id"] for one in vectors if one["confidence"] not in ("confirmed", "single-source")}
    assert disputed - named(DIFFERS) - named(AGREES) == set()
    assert named(AGREES) - disputed == set()


def test_the_numbers_of_the_decision_are_right(
    vectors: list[dict[str, str]], results: dict[str, dict[str, str]]
) -> None:
    passed = sum(row["result"] == "passed" for row in results.values())
    confirmed = sum(one["confidence"] == "confirmed" for one in vectors)
    text = " ".join(DECISION.split())
    assert f"Of {len(results)} vectors of suite `aws.evaluate` {passed} pass" in text
    assert f"all {confirmed} that several engines confirm" in text


def test_layers_and_patterns_agree_where_a_vector_tells_them(results: dict[str, dict[str, str]]) -> None:
    blocked = [row["note"] for row in results.values() if "blocked by" in row["note"]]
    assert len(blocked) >= 41
    assert [note for note in blocked if "missing" in note or "besides" in note] == []
    patterns = {id for id, row in results.items() if "allowed patterns: 0 agree, " in row["note"]}
    # These name short ARNs as they stand in the policy; here the answer is the pattern that was asked for.
    short = {f"isim-int/resourcePatterns/shortArns#{number}" for number in (2, 3, 4)}
    assert patterns == short | {"isim-int/resourcePatterns/notResourceShortArns#5"}
