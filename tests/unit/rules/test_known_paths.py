"""The lists of published escalation paths: whole, and of one mind with the rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leastwise.errors import RuleFileError
from leastwise.rules.escalation import load_escalation
from leastwise.rules.known import KnownPaths, disagreements, load_known, load_list

FACTS = Path(__file__).resolve().parents[4] / "shared" / "escalation"
HEAD = b"schema: 1\ntitle: T\nsource: S\npaths:\n"


def test_lists_and_rules_name_each_other() -> None:
    assert [str(one) for one in disagreements(load_known(), load_escalation())] == []


@pytest.mark.parametrize("one", load_known(), ids=lambda one: one.id)
def test_a_list_has_every_path_that_was_published(one: KnownPaths) -> None:
    file = FACTS / f"{one.id}.jsonl"
    if not file.exists():
        pytest.skip("the facts of others lie beside the project, in ../shared")
    told = {json.loads(line)["id"] for line in file.read_text(encoding="utf-8").splitlines()}
    assert told == set(one.paths)


def test_a_path_has_rules_a_reason_or_both() -> None:
    one = load_list(HEAD + b"  a: [r]\n  b: because\n  c: {rules: [r, s], limits: half}\n", "known/x.yaml")
    assert {id: (path.rules, path.limits) for id, path in one.paths.items()} == {
        "a": (("r",), ""), "b": ((), "because"), "c": (("r", "s"), "half"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"  a: []\n", "paths.a.rules"),
        (b"  a: ''\n", "paths.a"),
        (b"  a: {limits: half}\n", "paths.a.rules"),
        (b"  a: [1]\n", "paths.a.rules"),
        (b"  {}\n", "paths"),
    ],
)
def test_a_mistake_is_told_with_its_place(body: bytes, place: str) -> None:
    with pytest.raises(RuleFileError) as caught:
        load_list(HEAD + body, "known/x.yaml")
    assert f"known/x.yaml: {place}:" in str(caught.value)


def test_a_rule_that_a_list_leaves_out_is_told() -> None:
    rule = next(one for one in load_escalation() if one.known == ("pathfinding.cloud lambda-003",))
    left = load_list(
        HEAD.replace(b"paths", b"named: pathfinding.cloud\npaths") + b"  lambda-003: left\n", "known/x.yaml"
    )
    wrong = load_list(HEAD + b"  lambda-003: [nothing]\n", "known/x.yaml")
    told = [str(one) for one in disagreements([left, wrong], [rule])]
    assert [one.rpartition(": ")[2] for one in told] == [
        "aws-lambda-003 holds it, and is not named here", "nothing names no such path as known",
    ]  # fmt: skip
