"""Suites about paths through AWS accounts that others described: labs, and an account that is vulnerable on purpose."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from leastwise.app.conforming import RanCase, run_files
from leastwise.app.wiring import Workspace
from leastwise.model.conformance import CaseResult
from leastwise.providers.aws import PROVIDER

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "aws"
NOT_REACHED = {
    "role-chain-to-s3": "names no start, and the first of its path is a user who is in no account of the case",
    "resource-policy-bypass": "names no start, and the first of its path is a user who is in no account of the case",
}
"""The scenarios to which no path is found, and why none is to be found in what they tell."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> list[RanCase]:
    files = [FOLDER / "pathfinding_labs.jsonl", FOLDER / "iam_vulnerable_expected.jsonl"]
    if not all(one.exists() for one in files):
        pytest.skip("the vectors of others lie beside the project, in ../shared")
    return list(run_files(Workspace(home_option=tmp_path_factory.mktemp("home")), files))


def test_every_lab_is_reached_but_those_that_tell_too_little(ran: list[RanCase]) -> None:
    failed = {one.id.rsplit("/", 1)[-1] for one in ran if one.verdict.result is not CaseResult.PASSED}
    assert failed == set(NOT_REACHED)


def test_the_vulnerable_account_is_judged_right(ran: list[RanCase]) -> None:
    found = Counter(
        (one.verdict.expected, one.verdict.got.partition(":")[0])
        for one in ran
        if one.suite == "aws.escalation_account"
    )
    assert found == {
        # One has a user's long-lived key, and a condition that only temporary credentials meet. Of the others it is not
        # told which users have passwords and how many keys, or whether there is a stream that the role reads.
        ("escalation", "ALLOWED"): 38, ("escalation", "CONDITIONAL"): 11, ("admin", "ALLOWED"): 2,
        ("no-escalation", "no path"): 11, ("escalation-only-through-another-principal", "no path"): 7,
        # Functions, instances and the like were not asked for; policies were, and none has another version.
        ("escalation-if-resource-exists", "UNKNOWN"): 14, ("escalation-if-resource-exists", "no path"): 2,
        ("see-trust", "no path"): 1,
    }  # fmt: skip


def test_administrators_are_told_by_what_they_can_do() -> None:
    """Of those whose names say what they are each is asked about; that all are right is told with the other labs."""
    file = FOLDER / "pathfinding_labs.jsonl"
    if not file.exists():
        pytest.skip("the vectors of others lie beside the project, in ../shared")
    bodies = [json.loads(line) for line in file.read_text().splitlines() if "-isAdmin-" in line]
    assert len(bodies) == 1 and PROVIDER.escalating is not None
    scenario = PROVIDER.escalating.scenarios["aws.escalation"](bodies[0], FOLDER)
    told = Counter((called, "-isAdmin-" in id) for id, (_, called) in scenario.wanted.items())
    assert told == {("administrator", True): 15, ("no administrator", False): 24}
    assert set(scenario.sources) == set(scenario.wanted) and list(scenario.targets) == ["admin"]
