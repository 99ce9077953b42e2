"""Paths through the demo company: every step of each is asked again, permission by permission."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.asking import Asking, open_access
from leastwise.app.escalating import graph_for
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.model.decision import Circumstances, State

pytestmark = pytest.mark.together

PROD = "arn:aws:iam::222222222222"


@pytest.fixture(scope="module")
def asking(demo_home: Path) -> Asking:
    return open_access(Workspace(home_option=demo_home), about=("iam:PassRole",))


@pytest.fixture(scope="module")
def graph(demo_home: Path, asking: Asking) -> EscalationGraph:
    return graph_for(Workspace(home_option=demo_home), asking)


def told(demo_home: Path, capsys: Any, *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run([*arguments, "--home", str(demo_home), "--format", "json"]) == 0, capsys.readouterr().err
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["items"]
    return found


def test_every_step_holds_when_it_is_asked(asking: Asking, graph: EscalationGraph) -> None:
    shadows = graph.gates.shadows.ids()
    resources = [id for id in graph.numbers if id.startswith(("arn:aws:s3", "arn:aws:dynamodb"))]
    paths = [path for target in ("admin", *sorted(resources)) for path in graph.paths(target)[0]]
    hops = {(hop.source, hop.about, hop.rule.id, hop.thing): hop for path in paths for hop in path.hops}
    asked = 0
    for hop in hops.values():
        if {hop.source, hop.about} & shadows or not re.match(r"arn:aws:iam::\d+:(user|role)/", hop.source):
            continue
        places = {"target": hop.about, "thing": hop.thing or None, "new": None}
        for step in hop.rule.needs:
            states = set()
            for need in step:
                place = places[need.about]
                given = Circumstances(need.given, moment=asking.estate.time)
                on = None if place is None else f"{place}{need.within}"
                states.add(asking.access.can(need.by or hop.source, need.permission, on, given).state)
            assert states != {State.DENIED}, (hop.source, hop.rule.id, hop.about)
            assert State.ALLOWED in states or hop.state is not State.ALLOWED
            asked += 1
    assert len(paths) >= 30 and asked >= 60


def test_developers_become_administrators_in_two_steps(demo_home: Path, capsys: Any) -> None:
    found = told(demo_home, capsys, "paths", "--to", "admin:222222222222")
    mine = [one for one in found if "AWSReservedSSO_Developer_" in one["from"]]
    assert [[hop["rule"] for hop in one["hops"]] for one in mine] == [["aws-lambda-003", "aws-iam-001"]]
    assert mine[0]["hops"][0]["to"] == f"{PROD}:role/ops-janitor" and mine[0]["state"] == "ALLOWED"
    needs = mine[0]["hops"][0]["needs"]
    assert [one["permission"] for step in needs for one in step] == ["lambda:UpdateFunctionCode"]


def test_what_a_key_reaches_goes_through_the_user_it_makes_a_key_of(demo_home: Path, capsys: Any) -> None:
    found = told(demo_home, capsys, "blast-radius", "ci-courier")
    through = {one["id"] for one in found if one["through"] == f"{PROD}:user/svc-sorter"}
    assert {one["id"] for one in found if one["steps"] == 1} >= {f"{PROD}:user/svc-sorter", "arn:aws:s3:::bw-shipments"}
    assert "arn:aws:dynamodb:eu-west-1:222222222222:table/shipments" in through


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("paths", "--from", "nobody"), "nobody: no principal of the estate has this id or name"),
        (("paths", "--to", "arn:aws:s3:::none"), "arn:aws:s3:::none: nothing of the estate has this id"),
        (("paths", "--to", "admin:1"), "--to: no account 1 was read; known are 111111111111"),
        (("blast-radius", "nobody"), "nobody: no principal of the estate has this id or name"),
    ],
)
def test_what_is_not_there_is_said(demo_home: Path, capsys: Any, arguments: tuple[str, ...], line: str) -> None:
    capsys.readouterr()
    assert run([*arguments, "--home", str(demo_home)]) == 2
    assert line in capsys.readouterr().err


def test_what_is_there_and_nobody_reaches_has_no_path(demo_home: Path, capsys: Any) -> None:
    group = "arn:aws:iam::111111111111:group/admins"
    assert told(demo_home, capsys, "paths", "--to", group) == []


def test_providers_without_rules_and_accounts_that_were_not_read_are_named(demo_home: Path, capsys: Any) -> None:
    capsys.readouterr()
    assert run(["paths", "--home", str(demo_home), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["coverage"]["unasked"] == ["azure", "entra"] and answer["coverage"]["complete"] is False
    assert any("444444444444" in one for one in answer["missing"])


def test_what_may_be_there_is_shown_as_unknown(demo_home: Path, capsys: Any) -> None:
    """Instances were not asked for in the demo company's accounts, functions were."""
    found = told(demo_home, capsys, "paths", "--most", "0")
    unsure = [hop for one in found for hop in one["hops"] if hop["missing"]]
    assert all(hop["state"] == "UNKNOWN" and "lambda:function" not in hop["missing"] for hop in unsure)
