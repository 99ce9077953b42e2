"""Paths through the demo company: every step of each is asked again, permission by permission."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.asking import Asking
from leastwise.app.choking import Choking
from leastwise.app.each import open_each
from leastwise.app.escalating import graph_for
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.evidence import Evidence
from leastwise.app.exposure import shares
from leastwise.app.meant import meant
from leastwise.app.path_search import Wanted, search
from leastwise.app.path_values import Telling
from leastwise.app.wiring import Workspace
from leastwise.app.worth import Worths
from leastwise.cli.main import run
from leastwise.errors import NotFoundError
from leastwise.graph.paths import Searching
from leastwise.model.decision import State

PROD = "arn:aws:iam::222222222222"


@pytest.fixture(scope="module")
def asking(demo_home: Path) -> Asking:
    first, *others = open_each(Workspace(home_option=demo_home), apart=True)
    return replace(first, beside=tuple(others))


@pytest.fixture(scope="module")
def graph(demo_home: Path, asking: Asking) -> EscalationGraph:
    return graph_for(Workspace(home_option=demo_home), asking)


def told(demo_home: Path, capsys: Any, *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run([*arguments, "--home", str(demo_home), "--format", "json"]) == 0, capsys.readouterr().err
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["items"]
    return found


def test_every_step_holds_when_it_is_asked(asking: Asking, graph: EscalationGraph) -> None:
    """Of every best path to an administrator or to data, in all clouds; steps of shadows too."""
    evidence = Evidence(graph, asking.estate.time)
    targets = [one for id in graph.data for one in graph.targets(id)]
    every = [search(graph, Wanted([target]))[0] for target in (*graph.targets("admin"), *targets)]
    paths = [path for several in every for path in several]
    hops = {(hop.source, hop.about, hop.rule.id, hop.thing): hop for path in paths for hop in path.hops}
    asked = {*graph.identities(), *graph.shadows}  # others, such as any AWS account, are no names that can be asked
    for hop in (one for one in hops.values() if one.source in asked and not one.missing):
        for step in graph.steps(hop):
            states = {evidence.decision(hop, need, on).state for need, on in step}
            assert states != {State.DENIED}, (hop.source, hop.rule.id, hop.about)
            assert State.ALLOWED in states or hop.state is not State.ALLOWED, (hop.source, hop.rule.id, hop.about)
    assert len(paths) >= 200 and len(hops) >= 150


def test_several_paths_of_one_principal_are_told_shortest_first(graph: EscalationGraph) -> None:
    developer = next(one for one in graph.numbers if "222222222222" in one and "AWSReservedSSO_Developer_" in one)
    found, count = search(graph, Wanted(graph.targets("admin:222222222222"), [graph.source(developer)], shortest=4))
    assert count == 1 and [len(one.hops) for one in found] == sorted(len(one.hops) for one in found)
    assert len({tuple((hop.rule.id, hop.target) for hop in one.hops) for one in found}) == 4
    assert found[0].hops[0].rule.id == "aws-lambda-003"


def test_paths_through_somebody_touch_him(graph: EscalationGraph) -> None:
    janitor = f"{PROD}:role/ops-janitor"
    found, count = search(graph, Wanted(graph.targets("admin:222222222222"), through=graph.source(janitor)))
    assert count == len(found) > 3
    assert all(janitor in {one.hops[0].source, *(hop.target for hop in one.hops)} for one in found)


def test_crown_jewels_and_tags_are_meant(asking: Asking, graph: EscalationGraph) -> None:
    def ids(text: str) -> set[str]:
        return {graph.gates.nodes[one] for one in meant(graph, asking.file, text).nodes}

    shipments = "arn:aws:dynamodb:eu-west-1:222222222222:table/shipments"
    assert ids("jewels") >= {shipments, "arn:aws:s3:::bw-customs-records"}
    assert ids("sensitivity=internal") == {shipments} == ids("shipments") == ids("222222222222.shipments")
    assert ids("arn:aws:s3:::bw-customs-rec*") == {"arn:aws:s3:::bw-customs-records"}
    assert ids("data=internal") <= graph.data
    for text in ("data=none", "arn:aws:s3:::none*"):
        with pytest.raises(NotFoundError, match=re.escape(f"{text}: no resource of the estate")):
            meant(graph, asking.file, text)


def test_paths_are_explained(demo_home: Path, capsys: Any) -> None:
    arguments = ["paths", "--from", "ci-courier", "--to", "bw-shipments", "--explain", "--home", str(demo_home)]
    capsys.readouterr()
    assert run(arguments) == 0
    said = capsys.readouterr().out
    assert "ALLOWED  s3:GetObject on arn:aws:s3:::bw-shipments/* by arn:aws:iam::222222222222:user/ci-courier" in said
    assert "statement 1" in said and "account-authorization-details.json" in said and "check: CloudTrail" in said


def test_developers_become_administrators_in_two_steps(demo_home: Path, capsys: Any) -> None:
    found = told(demo_home, capsys, "paths", "--to", "admin:222222222222")
    mine = [one for one in found if "AWSReservedSSO_Developer_" in one["from"]]
    assert [len(one["hops"]) for one in mine] == [2] and mine[0]["hops"][0]["rule"] == "aws-lambda-003"
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
        (("paths", "--to", "arn:aws:s3:::none"), "arn:aws:s3:::none: nothing of the estate has this id or name"),
        (("paths", "--to", "admin:1"), "--to: no account 1 was read; known are "),
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


def test_accounts_that_were_not_read_are_named_and_every_provider_was_asked(demo_home: Path, capsys: Any) -> None:
    capsys.readouterr()
    assert run(["paths", "--home", str(demo_home), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["coverage"]["unasked"] == [] and answer["coverage"]["complete"] is False
    assert any("444444444444" in one for one in answer["missing"])


def test_what_may_be_there_is_shown_as_unknown(demo_home: Path, capsys: Any) -> None:
    """Instances were not asked for in the demo company's accounts, functions were."""
    found = told(demo_home, capsys, "paths", "--most", "0")
    unsure = [hop for one in found for hop in one["hops"] if hop["missing"] and hop["gain"] != "activate"]
    assert all(hop["state"] == "UNKNOWN" and "lambda:function" not in hop["missing"] for hop in unsure)


def test_what_matters_most_is_told_first(graph: EscalationGraph, asking: Asking) -> None:
    worths = Worths(graph, asking.file)
    told = Telling(graph, asking.estate.time).blast(graph.reached(graph.source("ci-courier")), worths)
    shipments = "arn:aws:dynamodb:eu-west-1:222222222222:table/shipments"
    assert told[0]["id"] == shipments and told[0]["sensitivity"] == "internal"
    assert {one["environment"] for one in told} == {"production"} and told[-1]["what"] == "principal"
    assert worths.used == {"crown_jewels", "environments"}
    administrators = [graph.gates.shadows.administrator[one] for one in ("111111111111", "222222222222")]
    assert [worths.of(id).rank for id in ("nobody", *administrators)] == [6, 2, 0]


def test_the_holder_of_a_key_is_who_is_meant(demo_home: Path, capsys: Any) -> None:
    by_key = told(demo_home, capsys, "blast-radius", "AKIATHPL2AOHADEMO222")
    assert by_key and by_key == told(demo_home, capsys, "blast-radius", "ci-courier")


def test_shares_are_of_those_who_have_a_path(graph: EscalationGraph, asking: Asking) -> None:
    targets = meant(graph, asking.file, "jewels").nodes
    reaching = {graph.gates.nodes[one] for one in Searching(graph.networks, targets).reaching()}
    identities = graph.identities()
    found = {one.kind: one.to_json() for one in shares(graph, targets)}
    for kind in {"all", *identities.values()}:
        mine = [id for id, one in identities.items() if kind in ("all", one)]
        count = sum(found[kind][state] for state in ("surely", "conditionally", "perhaps"))
        assert (found[kind]["identities"], count) == (len(mine), len(reaching.intersection(mine)))


def test_what_no_rule_follows_is_reached_by_an_unknown_share(demo_home: Path, capsys: Any) -> None:
    """Nobody who looks for a number is told that nobody reaches it."""
    site = "/subscriptions/24817aed-ae2b-4c46-bd9a-32b774893484/resourceGroups/erp-payments/providers/" \
        "Microsoft.Web/sites/erp-payments"  # fmt: skip
    assert {one["share"] for one in told(demo_home, capsys, "exposure", site)} == {None}
    assert run(["exposure", site, "--home", str(demo_home)]) == 0
    assert f"No rule is about what leads to {site}" in capsys.readouterr().out
    assert None not in {one["share"] for one in told(demo_home, capsys, "exposure", "jewels")}


def test_the_privileged_are_told_by_what_they_can_do(demo_home: Path, capsys: Any) -> None:
    found = {one["principal"]: one for one in told(demo_home, capsys, "privileged")}
    developer = next(one for id, one in found.items() if "AWSReservedSSO_Developer_" in id and "222222222222" in id)
    assert (developer["state"], developer["steps"]) == ("ALLOWED", 2)
    assert developer["administers"] == [{"account": "222222222222", "state": "ALLOWED"}]
    assert "arn:aws:iam::111111111111:user/m.ostrander" in found
    assert not [id for id in found if id.endswith("role/data-science")]  # its boundary and a guardrail hold


def test_a_choke_point_is_a_grant_whose_removal_takes_the_way_away(
    demo_home: Path, capsys: Any, graph: EscalationGraph, asking: Asking, tmp_path: Path
) -> None:
    choking = Choking(graph, Evidence(graph, asking.estate.time), asking.file)
    found = choking.points(graph.targets("admin:222222222222"), 20)
    developer = next(one for one in graph.numbers if "222222222222" in one and "AWSReservedSSO_Developer_" in one)
    mine = [(grant, one) for grant, one in found.points if graph.source(developer) in one.cut]
    assert found.left == 0 and len(mine) == 1
    grant, _ = mine[0]
    assert (grant.layer, grant.account) == ("identity", "222222222222") and grant.statement
    file = tmp_path / "without.yaml"
    file.write_text(f"version: 1\nchanges:\n- remove: {{policy: {grant.policy}, on: '{developer}', layer: identity}}\n")
    ways = ("paths", "--to", "admin:222222222222", "--from", developer)
    assert told(demo_home, capsys, *ways) and not told(demo_home, capsys, *ways, "--with", str(file))
    assert "breakglass-1" not in str(choking.values(*found.points[0]))


def test_choke_points_are_told_by_names_and_never_by_what_stands_for_something(demo_home: Path, capsys: Any) -> None:
    found = told(demo_home, capsys, "choke-points", "--to", "admin")
    assert "shadow:" not in json.dumps(found)
    names = dict(zip(*([one for each in found for one in each[key]] for key in ("principals", "names")), strict=True))
    assert names["09a3527d-b8b1-4bfc-9ef1-0e88aed8f4be"] == "selma.yildiz@brightwater.example"
    reached = told(demo_home, capsys, "blast-radius", "selma.yildiz@brightwater.example")
    assert {one["through_name"] for one in reached if one["through"].startswith("e298adc6")} == {"svc-erp-deploy"}


def test_whom_trusts_of_another_issuer_name_are_external(demo_home: Path, capsys: Any) -> None:
    found = {one["principal"]: one["kind"] for one in told(demo_home, capsys, "privileged")}
    assert {kind for id, kind in found.items() if "|" in id} == {"external"} and "" not in found.values()


def test_who_left_and_is_an_administrator_is_one_finding(demo_home: Path, capsys: Any) -> None:
    found = told(demo_home, capsys, "toxic")
    assert [(one["rule"], one["severity"], one["subject"]) for one in found if "m.ostrander" in one["subject"]] == [
        ("leaver-path-to-admin-or-jewels", "critical", "arn:aws:iam::111111111111:user/m.ostrander")
    ]
    silent = ("h.nakagawa", "breakglass", "data-science", "invoice-render", ":root", "sortwise")
    assert not [one["subject"] for one in found if any(name in one["subject"] for name in silent)]


def test_a_toxic_combination_is_muted_by_its_key(own_demo: Path, capsys: Any) -> None:
    key = told(own_demo, capsys, "toxic")[0]["key"]
    assert run(["mute", key, "--reason", "known", "--days", "9", "--by", "me", "--home", str(own_demo)]) == 0
    assert key not in {one["key"] for one in told(own_demo, capsys, "toxic")}
    assert key in {one["key"] for one in told(own_demo, capsys, "toxic", "--muted")}
