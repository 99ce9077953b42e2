"""`--with FILE` with grants of several providers in one file: each is laid over the estate it is of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

SANDBOX = "/subscriptions/14d51760-0a46-4d37-be31-c101e66fa893"
LAB = f"{SANDBOX}/resourceGroups/sbx-lab"
ERP = "/subscriptions/24817aed-ae2b-4c46-bd9a-32b774893484/resourceGroups/erp-web"
YARA, OSKAR = "yara.nassar@brightwater.example", "oskar.vinter@brightwater.example"
DBT = "serviceAccount:dbt-runner@bw-analytics.iam.gserviceaccount.com"
RAW, CUSTOMERS = (
    f"//bigquery.googleapis.com/projects/bw-analytics/datasets/{one}" for one in ("shipments_raw", "customers")
)
WHAT_IF = f"""
version: 1
name: smaller grants
changes:
  - leave: {{principal: {YARA}, group: d34876d4-83c7-4e5b-a944-6f1f362c810b}}
  - move: {{bundle: roles/bigquery.dataViewer, principal: "{DBT}", from: {RAW}, to: {CUSTOMERS}}}
  - unassign: {{bundle: Reports.Read.All, principal: svc-erp-monitor, on: 82ce9a04-c94b-4901-a60c-aefab54a4a22}}
  - put:
      policy: ERP Release Operator
      document: {{permissions: [{{actions: [Microsoft.Web/sites/read]}}]}}
  - remove: {{on: data-science, layer: boundary}}
"""
QUESTIONS = [
    ((YARA, "Microsoft.Compute/virtualMachines/write", SANDBOX), "ALLOWED", "DENIED"),
    ((OSKAR, "Microsoft.Compute/virtualMachines/write", LAB), "ALLOWED", "ALLOWED"),
    ((DBT, "bigquery.tables.getData", RAW), "ALLOWED", "DENIED"),
    ((DBT, "bigquery.tables.getData", CUSTOMERS), "DENIED", "ALLOWED"),
    (("tim.brouwer@brightwater.example", "Microsoft.Web/sites/restart/action", ERP), "ALLOWED", "DENIED"),
    (("arn:aws:iam::333333333333:role/data-science", "ec2:RunInstances"), "DENIED", "ALLOWED"),
]


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    monkeypatch.setenv("COLUMNS", "300")

    def asked(*command: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(list(command))
        found = capsys.readouterr()
        return code, found.out, found.err

    return asked


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "what-if.yaml"
    found.write_text(WHAT_IF)
    return found


@pytest.mark.parametrize(("question", "now", "then"), QUESTIONS, ids=lambda one: one[1] if type(one) is tuple else one)
def test_each_provider_has_its_changes(question: tuple[str, ...], now: str, then: str, ask: Any, file: Path) -> None:
    assert json.loads(ask("can", *question, "--format", "json")[1])["state"] == now
    found = json.loads(ask("can", *question, "--with", str(file), "--format", "json")[1])
    assert (found["state"], found["estate"]["overlay"]["changes"]) == (then, 5)


def test_lists_and_paths_and_checks_take_them(ask: Any, file: Path, tmp_path: Path) -> None:
    action = "Microsoft.Web/sites/restart/action"
    holders = json.loads(ask("who-can", action, ERP, "--with", str(file), "--format", "json")[1])["items"]
    assert "fb9a62c7-8fe2-420d-98df-a95ec104731c" not in {one["principal"] for one in holders}
    held = json.loads(ask("what-can", "svc-erp-monitor", "--with", str(file), "--format", "json")[1])["items"]
    assert held and not any("Reports.Read.All" in one["permissions"] for one in held)
    compared = json.loads(
        ask(
            "compare",
            DBT,
            "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com",
            "--with",
            str(file),
            "--format",
            "json",
        )[1]
    )
    assert compared["estate"]["overlay"]["name"] == "smaller grants"
    assertions = tmp_path / "access.yaml"
    assertions.write_text(
        f"version: 1\nassertions:\n  - {{cannot: {YARA}, permission: Microsoft.Compute/virtualMachines/write, "
        f"resource: {SANDBOX}}}\n"
    )
    assert ask("check", str(assertions))[0] == 1
    assert ask("check", str(assertions), "--with", str(file))[0] == 0


@pytest.mark.slow
def test_paths_take_them(ask: Any, file: Path) -> None:
    now, then = (
        json.loads(ask("paths", "--from", YARA, *more, "--format", "json")[1]) for more in ((), ("--with", str(file)))
    )
    assert then["estate"]["overlay"]["changes"] == 5
    assert {json.dumps(one) for one in now["items"]} >= {json.dumps(one) for one in then["items"]}


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("unassign: {bundle: Contributor, principal: " + OSKAR + f", on: {SANDBOX}}}",
         f"unassign: {OSKAR} has not Contributor on {SANDBOX} itself"),
        ("assign: {bundle: roles/nothing, principal: '" + DBT + "', on: bw-tracking}",
         "assign.bundle: roles/nothing: no such role in the estate, nor one of Google's"),
        ("delete: {policy: roles/viewer, provider: okta}",
         "delete.provider: okta: no provider of the estate can be changed by that name; known: aws, azure, entra, gcp"),
        ("assign: {bundle: Security Reader, principal: " + YARA + "}", "assign: could be of Azure or of "),
    ],
)  # fmt: skip
def test_changes_that_do_not_apply(change: str, cause: str, ask: Any, file: Path) -> None:
    file.write_text(f"version: 1\nchanges:\n  - {change}\n")
    for question in (QUESTIONS[0][0], QUESTIONS[2][0], ("svc-erp-monitor", "Reports.Read.All")):
        code, _, err = ask("can", *question, "--with", str(file))
        if code == 2:
            assert err.startswith(f"leastwise: {file}: line 3: changes[0].{cause}") and err.count("\n") == 1
            return
    pytest.fail("no provider refused the change")
