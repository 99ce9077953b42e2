"""The demo company's stories, each step run by the command line and compared as its file says."""

from __future__ import annotations

import fnmatch
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

STORIES = yaml.safe_load((Path(__file__).parent / "stories.yaml").read_text())
BUILT = 7
"""The parts of the work that exist; steps of later parts, and of what is awaited, are strict expected failures."""
LOGS = 3
"""The part from which on steps are asked of a company whose audit logs were taken in."""


def steps() -> Iterator[Any]:
    for story in [*STORIES["stories"], *STORIES.get("near_misses", [])]:
        for number, step in enumerate(story.get("steps", [])):
            why = STORIES["awaited"].get(step.get("awaits"))
            if step["part"] > BUILT:
                why = f"part {step['part']} of the work"
            marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
            yield pytest.param(step, id=f"{story['id']}-{number}", marks=marks)


@pytest.mark.parametrize("step", list(steps()))
def test_story(step: dict[str, Any], request: Any, monkeypatch: Any, capsys: Any) -> None:
    program, *command = shlex.split(step["command"])
    assert program == "leastwise"
    if step["part"] >= LOGS:
        monkeypatch.setenv("LEASTWISE_HOME", str(request.getfixturevalue("demo_with_logs")))
        capsys.readouterr()
        code = run(command)
        out, err = capsys.readouterr()
    else:
        code, out, err = request.getfixturevalue("ask_demo")(*command)
    assert code == 0, err
    answer = json.loads(out)
    if "count" in step:
        assert len(answer["items"]) == step["count"], answer["items"]
    if "expect" in step:
        assert matches(step["expect"], answer), json.dumps(answer, indent=1)[:4000]
    for unwanted in step.get("absent", []):
        assert not [item for item in answer["items"] if matches(unwanted, item)], unwanted


def matches(expected: Any, given: Any) -> bool:
    """Subset comparison: mappings by key, lists by some entry each, texts with `*`, everything else by equality."""
    if isinstance(expected, dict):
        return isinstance(given, dict) and all(k in given and matches(v, given[k]) for k, v in expected.items())
    if isinstance(expected, list):
        return isinstance(given, list) and all(any(matches(one, item) for item in given) for one in expected)
    if isinstance(expected, str) and isinstance(given, str):
        return expected == given or fnmatch.fnmatchcase(given, expected.replace("[", "[[]"))
    return type(expected) is type(given) and expected == given


@pytest.mark.parametrize("home", ["demo_home", "demo_with_logs"])
def test_findings_of_severity_high_and_above_are_exactly_the_listed_ones(
    home: str, request: Any, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(request.getfixturevalue(home)))
    capsys.readouterr()
    assert run(["findings", "--severity", "high", "--format", "json"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    found = {(item["rule"], item["subject"], item["severity"]) for item in items}
    wanted = {(one["rule"], one["subject"], one["severity"]) for one in STORIES["findings"] if one["since"] <= BUILT}
    assert found == wanted


def test_the_summary_counts_what_logs_say_and_takes_them_in_once(
    demo_home: Path, demo_with_logs: Path, capsys: Any
) -> None:
    counts = []
    for home, more in ((demo_home, []), (demo_with_logs, []), (demo_with_logs, ["--logs"])):
        capsys.readouterr()
        files = sorted(home.rglob("lake/**/events.parquet"))
        assert run(["demo", "--home", str(home), "--format", "json", *more]) == 0
        counts.append(json.loads(capsys.readouterr().out)["findings"])
        assert sorted(home.rglob("lake/**/events.parquet")) == files
    assert counts[1] == counts[2] and sum(counts[1].values()) > sum(counts[0].values())
    assert all(counts[1][severity] >= number for severity, number in counts[0].items())


def test_what_steps_await_is_said_once_and_what_is_said_is_awaited_somewhere() -> None:
    named = {step["awaits"] for story in STORIES["stories"] for step in story["steps"] if "awaits" in step}
    assert named >= set(STORIES["awaited"])
