"""Paths through the demo company's part on Google Cloud: every step is asked again, permission by permission."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.asking import Asking
from leastwise.app.each import open_each
from leastwise.app.escalating import graph_for
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.path_values import Telling
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.model.decision import Circumstances, State

ETL = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
CUSTOMERS = "//bigquery.googleapis.com/projects/bw-analytics/datasets/customers"
TO_BE_NAMED = "leastwise.holdings.use"
"""What whoever is named by a binding has on what stands for it: no permission of the vendor."""


@pytest.fixture(scope="module")
def asking(demo_home: Path) -> Asking:
    return next(one for one in open_each(Workspace(home_option=demo_home)) if one.provider == "gcp")


@pytest.fixture(scope="module")
def graph(demo_home: Path, asking: Asking) -> EscalationGraph:
    return graph_for(Workspace(home_option=demo_home), asking)


def test_every_step_holds_when_it_is_asked(asking: Asking, graph: EscalationGraph) -> None:
    given = Circumstances(moment=asking.estate.time)
    telling = Telling(graph, asking.estate.time)
    paths = [path for target in ("admin", *sorted(graph.data)) for path in graph.paths(target)[0]]
    hops = {(hop.source, hop.about, hop.rule.id, hop.thing): hop for path in paths for hop in path.hops}
    asked = 0
    for hop in hops.values():
        if hop.source in graph.shadows or not hop.rule.id.startswith("gcp-"):
            continue  # what federation leads to gives attributes besides, and is asked in tests of its own
        for step in telling.hop(hop)["needs"]:
            states = {State.ALLOWED if one["permission"] == TO_BE_NAMED else _state(asking, one, given) for one in step}
            assert states != {State.DENIED}, (hop.source, hop.rule.id, step)
            assert State.ALLOWED in states or hop.state is not State.ALLOWED
            asked += 1
    assert len(paths) >= 30 and asked >= 60


def _state(asking: Asking, need: dict[str, Any], given: Circumstances) -> State:
    on = None if need["on"] == "*" else need["on"]
    return asking.access.can(need["principal"], need["permission"], on, given).state


def test_the_organizations_administrators_are_those_of_its_projects(graph: EscalationGraph) -> None:
    for place in ("organizations/121212121212", "bw-analytics", "bw-tracking"):
        found = {path.hops[0].source for path in graph.paths(f"admin:{place}")[0]}
        assert {"user:greta.solheim@brightwater.example", "user:hiro.nakagawa@brightwater.example"} <= found


def test_an_account_reaches_the_data_that_it_reads(demo_home: Path, capsys: Any) -> None:
    """The last hop of story 4."""
    capsys.readouterr()
    arguments = ["paths", "--from", ETL, "--to", CUSTOMERS, "--home", str(demo_home), "--format", "json"]
    assert run(arguments) == 0, capsys.readouterr().err
    (path,) = json.loads(capsys.readouterr().out)["items"]
    assert [hop["rule"] for hop in path["hops"]] == ["gcp-data-dataset"] and path["state"] == "ALLOWED"
