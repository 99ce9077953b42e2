"""What is likely needed next, what a job needs, bundles, splitting, a month held out: by the demo company's logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

PRINTER, DEPLOY = "label-printer", "gha-deploy"


@pytest.fixture
def told(demo_with_logs: Path, capsys: Any) -> Any:
    def ask(*words: str) -> dict[str, Any]:
        capsys.readouterr()
        assert run([*words, "--home", str(demo_with_logs), "--format", "json"]) == 0, capsys.readouterr().err
        return dict(json.loads(capsys.readouterr().out))

    return ask


@pytest.fixture
def refused(demo_with_logs: Path, capsys: Any) -> Any:
    def ask(*words: str) -> str:
        capsys.readouterr()
        assert run([*words, "--home", str(demo_with_logs)]) == 2
        return str(capsys.readouterr().err)

    return ask


def test_likely_permissions_have_reasons_and_are_granted_ones(told: Any) -> None:
    found = told("likely", PRINTER)
    first = found["items"][0]
    assert first["permission"] == "s3:PutObject"
    assert first["reasons"][0] == "it writes what s3:GetObject, which it uses, reads"
    assert "nearest peers use it" in first["reasons"][1]
    assert all(one["permission"].startswith("s3:") for one in found["items"]), "only what s3:* grants"
    assert not any(one["advised"] for one in found["items"]), "too little is new in the demo's months to learn from"
    assert found["by_past_months"] is False
    assert found["missing"] == ["too little came into use in the last months to learn from"]


def test_rightsize_tells_them_and_keeps_only_what_is_asked_for(told: Any) -> None:
    plain = told("rightsize", PRINTER)
    names = [one["permission"] for one in plain["likely"]]
    assert names
    assert set(names) <= set(plain["removed"])
    assert {one["why"] for one in plain["kept"]} == {"used"}
    more = told("rightsize", PRINTER, "--likely", "1")
    [added] = [one for one in more["kept"] if one["why"] == "added"]
    assert added["permission"] == names[0]
    assert added["detail"].startswith("likely needed next: it writes what")
    assert more["ready"]
    assert told("rightsize", PRINTER, "--likely", "all")["kept"] == plain["kept"], "none is advised"


def test_a_shared_role_is_split_by_the_workloads_that_use_it(told: Any) -> None:
    found = told("rightsize", DEPLOY, "--split", "auto")
    assert found["enough"]["state"] == "proved"
    assert [one["narrower"]["state"] for one in found["items"]] == ["proved", "proved"]
    gives = {one["members"][0].split(":")[2]: one["permissions"] for one in found["items"]}
    assert gives == {
        "brightwater-parcel/exports": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
        "brightwater-parcel/tracking": ["iam:PassRole", "lambda:InvokeFunction"],
    }
    assert all(one["document"]["Statement"] for one in found["items"])
    alone = told("rightsize", PRINTER, "--split", "auto")
    assert (alone["items"], alone["blocked"]) == ([], "the log tells one workload only")


def test_grants_are_held_against_the_last_month(told: Any) -> None:
    found = {one["level"]: one for one in told("rightsize", "--backtest")["items"]}
    assert set(found) == {"exact", "service", "likely"}
    exact, service = found["exact"], found["service"]
    assert exact["principals"] == service["principals"] > 20
    assert exact["denied"] >= service["denied"]
    assert exact["granted"] < service["granted"]
    assert 0 < exact["under_privilege"] < 0.2
    alone = told("rightsize", "--backtest", PRINTER)
    [one] = [each for each in alone["items"] if each["level"] == "exact"]
    [replayed] = alone["replayed"]
    assert replayed["sentence"] == "uses s3:GetObject on 3 buckets; drop the wildcard"
    assert replayed["replay"]["calls"] > 1000
    assert replayed["replay"]["would_break"] == 0
    assert (one["principals"], one["granted"], one["under_privilege"]) == (1, 1, 0.0)


def test_bundles_give_exactly_what_was_used(told: Any) -> None:
    found = told("bundles", "mine", PRINTER, DEPLOY)
    assert [one["permissions"] for one in found["items"]] == [
        ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], ["s3:GetObject"],
    ]  # fmt: skip
    assert (found["exact"], found["at_least"]) == (True, 2)
    granted = told("bundles", "mine", PRINTER, "--by", "granted")
    assert len(granted["items"][0]["permissions"]) > 100


def test_what_a_job_needs(told: Any) -> None:
    found = told("likely", "--group", "erp-leads", "--share", "0.5")
    assert found["provider"] == "azure"
    assert {one["using"] for one in found["items"]} == {1}
    assert {one["of"] for one in found["items"]} == {2}
    tagged = told("likely", "--tag", "owner=team-data", "--share", "0.3")
    assert (tagged["provider"], len(tagged["members"]), len(tagged["idle"])) == ("aws", 10, 3)
    assert [(one["permission"], one["using"], one["of"]) for one in tagged["items"]] == [("s3:GetObject", 5, 7)]
    alone = told("likely", "--like", PRINTER)
    assert [(one["permission"], one["share"]) for one in alone["items"]] == [("s3:GetObject", 1.0)]
    assert alone["covered"] is None


REFUSED = {
    "nobody is named": (("likely",), "name principals, or those who do a job"),
    "somebody and a job": (("likely", PRINTER, "--like", DEPLOY), "name principals, or those who do a job"),
    "no such group": (("likely", "--group", "nobody-has-this"), "nobody is known to be in it"),
    "no such tag": (("bundles", "mine", "--tag", "team=nobody"), "nobody has it"),
    "half a tag": (("bundles", "mine", "--tag", "team"), "is not KEY=VALUE"),
    "nobody to be given bundles": (("bundles", "mine"), "name principals, a group or a tag"),
    "by what": (("bundles", "mine", PRINTER, "--by", "whim"), "is none of used, granted"),
    "no number": (("rightsize", PRINTER, "--likely", "many"), "neither a number nor all"),
    "none": (("rightsize", PRINTER, "--likely", "0"), "neither a number nor all"),
    "more parts than workloads": (("rightsize", DEPLOY, "--split", "9"), "9 parts are wanted"),
    "two are split": (("rightsize", DEPLOY, PRINTER, "--split", "auto"), "about one principal"),
    "a short window": (("rightsize", "--backtest", "--window", "20d"), "no time before the last 30"),
    "a test of a guardrail": (("rightsize", "--backtest", "--guardrail", "222222222222"), "not about --guardrail"),
    "a test of parts": (("rightsize", "--backtest", PRINTER, "--split", "2"), "not about --split"),
}


@pytest.mark.parametrize(("words", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_asked_is_said(refused: Any, words: tuple[str, ...], why: str) -> None:
    assert why in refused(*words)


def test_tables_name_what_they_show(demo_with_logs: Path, capsys: Any) -> None:
    for words, shown in (
        (("likely", PRINTER), "nothing is granted by this"),
        (("likely", "--like", PRINTER), "permissions that 50% of 1 use"),
        (("bundles", "mine", PRINTER), "1 bundle for 1 principal (there cannot be fewer)"),
        (("rightsize", DEPLOY, "--split", "2"), "2 grants instead of one"),
        (("rightsize", PRINTER), "likely next: s3:PutObject"),
        (("rightsize", "--backtest", PRINTER), "calls of these days would have broken"),
    ):
        capsys.readouterr()
        assert run([*words, "--home", str(demo_with_logs)]) == 0
        assert shown in capsys.readouterr().out
