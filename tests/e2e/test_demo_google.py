"""The demo company in Google Cloud through the command line: what lists show of it, today and earlier."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run
from leastwise.providers.aws import PROVIDER as AWS
from leastwise.providers.azure import PROVIDER as AZURE
from leastwise.providers.entra import PROVIDER as ENTRA
from leastwise.providers.gcp import PROVIDER as GCP

pytestmark = pytest.mark.together("demo")

ALL = {one.name: one for one in (AWS, AZURE, ENTRA, GCP)}
CUSTOMERS = "//bigquery.googleapis.com/projects/bw-analytics/datasets/customers"
SILENT = sorted(name for name, one in ALL.items() if one.answering is None)
"""Providers of the company of which no question about access is answered yet."""
ETL = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
Ask = Callable[..., Any]


@pytest.fixture
def told(ask_demo: Ask) -> Ask:
    """The answer of a command, as JSON."""

    def ask(*command: str) -> Any:
        code, out, err = ask_demo(*command, "--format", "json")
        assert code == 0, err
        return json.loads(out)

    return ask


def test_forty_identities_of_which_three_are_administrators(told: Ask) -> None:
    found = told("identities", "--provider", "gcp")["items"]
    real = [row for row in found if row["kind"] in ("human", "workload")]
    assert len(real) == 40
    admins = {row["name"]: row["admin_via"] for row in real if row["admin"] == "yes"}
    assert sorted(admins) == [
        f"{name}@brightwater.example" for name in ("anil.deshpande", "greta.solheim", "hiro.nakagawa")
    ]
    assert all("roles/owner on folders/131313131313" in str(via) for via in admins.values())
    assert [row["id"] for row in real if row["admin"] == "unknown"] == []


def test_who_stands_in_both_clouds_is_one_person_of_the_summary(told: Ask) -> None:
    hiro = told("identities", "--text", "hiro.nakagawa")["items"]
    assert {row["provider"] for row in hiro} == {"aws", "entra", "gcp"}
    assert len({row["mail"] for row in hiro}) == 1
    summary = told("demo")
    everybody = told("identities", "--kind", "human")["items"]
    assert summary["people"] == 64 < len(everybody)
    assert summary["identities"] == len(everybody) + summary["machines"] == 294
    assert summary["clouds"] == [
        {"provider": "aws", "name": "Amazon Web Services", "kind": "account", "scopes": 4},
        {"provider": "azure", "name": "Azure", "kind": "subscription", "scopes": 2},
        {"provider": "gcp", "name": "Google Cloud", "kind": "project", "scopes": 3},
    ]
    assert (summary["scopes"], summary["unreadable"]) == (9, ["bw-legacy"])


def test_who_reads_the_customers(told: Ask) -> None:
    rows = [row for row in told("grants", "--provider", "gcp")["items"] if row["resource"] == CUSTOMERS]
    assert {(row["principal"], row["policy"]) for row in rows} == {
        (ETL, "roles/bigquery.dataViewer"), ("user:leila.farouk@brightwater.example", "roles/bigquery.dataOwner"),
    }  # fmt: skip


def test_dataset_bucket_and_cluster(told: Ask) -> None:
    found = {row["id"]: row for row in told("resources", "--provider", "gcp")["items"]}
    jewel = found[CUSTOMERS]
    assert (jewel["kind"], jewel["account"], jewel["sensitivity"], jewel["owner"], jewel["public"]) == (
        "bigquery:dataset", "bw-analytics", "pii", "team-data", "unknown",
    )  # fmt: skip
    assert jewel["public_reason"] == "its access list is not known"
    opened = [row["name"] for row in found.values() if row["public"] != "no" and row["kind"] != "bigquery:dataset"]
    assert opened == ["bw-tracking-status"]
    assert found["//storage.googleapis.com/bw-tracking-status"]["public_meant"] is True
    (cluster,) = (row for row in found.values() if row["kind"] == "container:cluster")
    assert cluster["principal"] == "serviceAccount:gke-tracking-nodes@bw-tracking.iam.gserviceaccount.com"
    assert {row["kind"] for row in found.values()} >= {
        "compute:instance", "pubsub:topic", "run:service", "secretmanager:secret", "storage:bucket",
    }  # fmt: skip


def test_trusts_of_pools_and_of_kubernetes(told: Ask) -> None:
    rows = told("trusts", "--provider", "gcp")["items"]
    by_subject = {row["subject"]: row for row in rows}
    assert by_subject["222222222222"]["external_trusted"] is True
    assert by_subject["token.actions.githubusercontent.com"]["conditional"] is True
    kubernetes = {subject: row["principal"] for subject, row in by_subject.items() if ".svc.id.goog[" in subject}
    assert kubernetes == {
        f"serviceAccount:bw-tracking.svc.id.goog[tracking/{name}]":
            f"serviceAccount:{account}@bw-tracking.iam.gserviceaccount.com"
        for name, account in (("api", "tracking-api"), ("ingest", "tracking-ingest"), ("carriers", "carrier-sync"))
    }  # fmt: skip
    assert not [row for row in rows if row["reach"] == "anyone"]


def test_the_bridge_is_there_since_may(told: Ask) -> None:
    assert told("identities", "--text", "etl@bw-analytics", "--at", "2026-05-01")["total"] == 0
    assert told("trusts", "--text", "aws-prod", "--at", "2026-05-01")["total"] == 0
    assert [row["id"] for row in told("identities", "--text", "etl@bw", "--at", "2026-06-01")["items"]] == [ETL]


def test_keys_that_people_downloaded(told: Ask) -> None:
    rows = told("credentials", "--provider", "gcp", "--kind", "service_account_key")["items"]
    assert {row["principal"] for row in rows} == {
        "serviceAccount:bi-dashboard@bw-analytics.iam.gserviceaccount.com",
        "serviceAccount:eta-experiments@bw-lab.iam.gserviceaccount.com",
    }


def test_what_was_exported_leaves_nothing_open(told: Ask) -> None:
    gaps = told("coverage", "--gaps")["items"]
    assert [row for row in gaps if row["provider"] == "gcp"] == []


def test_what_the_rules_say_of_google_is_what_the_company_is_meant_to_have(told: Ask) -> None:
    rows = [row for row in told("findings")["items"] if row["provider"] == "gcp" and row["severity"] != "info"]
    assert sorted((row["rule"], row["severity"], row["subject"].partition("?")[0]) for row in rows) == [
        ("gcp-basic-role", "medium", "group:gcp-platform-admins@brightwater.example"),
        ("gcp-basic-role", "medium", "user:yara.nassar@brightwater.example"),
        ("gcp-deleted-member", "low", "deleted:user:birgit.saar@brightwater.example"),
        ("gcp-key-old", "medium", "serviceAccount:bi-dashboard@bw-analytics.iam.gserviceaccount.com"),
        ("gcp-key-old", "medium", "serviceAccount:eta-experiments@bw-lab.iam.gserviceaccount.com"),
    ]


def test_guardrails_are_kept_where_they_hold(told: Ask) -> None:
    query = (
        "select layer, count(*) n from attachments where provider = 'gcp' and layer <> 'allow' "
        "group by layer order by layer"
    )
    assert [(row["layer"], row["n"]) for row in told("sql", query)["items"]] == [
        ("deny", 1), ("eligible", 1), ("organization_policy", 5), ("principal_access_boundary", 1),
    ]  # fmt: skip


def test_a_question_is_put_to_the_cloud_whose_words_it_is_in(told: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert told("can", ETL, "bigquery.tables.getData", CUSTOMERS)["state"] == "ALLOWED"
    assert told("can", "m.ostrander", "iam:CreateUser")["state"] == "ALLOWED"
    holders = told("who-can", "bigquery.tables.getData", CUSTOMERS)["items"]
    assert [row["principal"] for row in holders] == [ETL, "user:leila.farouk@brightwater.example"]
    assert all(row["principal"].startswith("arn:aws:") for row in told("who-can", "iam:CreateUser")["items"])
    assert told("what-can", ETL)["items"]
    assert run(["can", "arn:aws:iam::111111111111:user/m.ostrander", "storage.objects.get"]) == 2
    assert "is of Amazon Web Services; storage.objects.get is of Google Cloud" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("gap",), ("dormant",), ("external",)])
def test_what_is_about_the_whole_estate_is_asked_of_all(told: Ask, command: tuple[str, ...]) -> None:
    wordless = sorted(name for name, one in ALL.items() if one.nouns is None)
    assert told(*command)["coverage"]["unasked"] == (wordless if command == ("dormant",) else SILENT)


def test_names_go_to_whoever_has_them(told: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert told("gap", "m.ostrander")["provider"] == "aws"
    assert told("gap", ETL)["provider"] == "gcp"
    leila = "user:leila.farouk@brightwater.example"
    assert told("usage", leila)["provider"] == "gcp"
    # She is somebody in all three clouds, and in the directory: a mail address is asked of each.
    asked = {one["provider"]: one["principal"] for one in told("usage", leila.removeprefix("user:"))["answers"]}
    assert asked.keys() == {"aws", "azure", "entra", "gcp"} and asked["gcp"] == leila
    assert asked["azure"] == asked["entra"]
    assert run(["gap", "nobody.at.all"]) == 2
    error = capsys.readouterr().err
    assert "Amazon Web Services: " in error and "Google Cloud: " in error


def test_assertions_go_to_the_cloud_whose_words_they_are_in(
    told: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.yaml"
    aws = "  - can: m.ostrander\n    permission: iam:CreateUser\n"
    gcp = f"  - can: {ETL}\n    permission: bigquery.tables.getData\n    resource: {CUSTOMERS}\n"
    file.write_text(f"version: 1\nassertions:\n{aws}{gcp}")
    answer = told("check", str(file))
    assert [one["state"] for one in answer["items"]] == ["passed", "passed"]
    assert answer["coverage"]["unasked"] == []
    file.write_text(
        "version: 1\nassertions:\n  - nobody: public\n    permission: [iam:CreateUser, storage.objects.get]\n"
    )
    assert run(["check", str(file)]) == 2
    assert "its permissions are of several providers: aws, gcp" in capsys.readouterr().err


def test_a_name_is_asked_of_all_and_answered_by_whom_it_is_of(told: Ask) -> None:
    answer = told("what-can", "m.ostrander")
    assert answer["coverage"]["unasked"] == [] and {one["provider"] for one in answer["items"]} == {"aws"}


def test_what_is_asked_in_the_words_of_one_cloud_leaves_none_out(told: Ask) -> None:
    for question in (("who-can", "iam:CreateUser"), ("who-can", "bigquery.tables.getData", CUSTOMERS)):
        assert told(*question)["coverage"]["unasked"] == []


def test_who_can_become_one_who_reads_the_customers(told: Ask) -> None:
    found = {
        row["principal"]: row for row in told("who-can", "bigquery.tables.getData", CUSTOMERS, "--transitive")["items"]
    }
    direct = {row["principal"] for row in told("who-can", "bigquery.tables.getData", CUSTOMERS)["items"]}
    assert direct == {ETL, "user:leila.farouk@brightwater.example"}
    bridge = [row for id, row in found.items() if id.endswith("arn:aws:sts::222222222222:assumed-role/etl-bridge")]
    assert [(row["state"], [link["id"] for link in row["chain"]]) for row in bridge] == [("ALLOWED", [ETL])]


def test_external_asks_both_clouds(told: Ask) -> None:
    answer = told("external")
    found = {row["resource"]: row for row in answer["items"]}
    assert any(resource.startswith("arn:aws:") for resource in found)
    status = found["//storage.googleapis.com/bw-tracking-status"]
    assert (status["principal_kind"], status["state"], status["account"]) == ("everyone", "ALLOWED", "bw-tracking")
    pools = {row["principal"].rpartition("/")[2] for row in answer["items"] if row["resource"].startswith("//iam.")}
    assert pools == {"aws-prod", "github"}
    assert answer["coverage"]["unasked"] == SILENT
    assert told("external", "--account", "bw-tracking", "--public")["total"] == 1


def test_two_of_the_other_cloud_side_by_side(told: Ask) -> None:
    answer = told("compare", ETL, "user:leila.farouk@brightwater.example")
    only = {
        permission
        for row in answer["items"]
        if row["side"] == "second" and any("customers" in one for one in row["resources"])
        for permission in row["permissions"]
    }
    assert "bigquery.datasets.delete" in only
    assert "bigquery.tables.getData" not in only


def test_names_side_by_side_go_to_whoever_knows_both(told: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    leila, yara = "leila.farouk@brightwater.example", "yara.nassar@brightwater.example"
    first, second = "etl@bw-analytics.iam.gserviceaccount.com", "eta-predictor@bw-tracking.iam.gserviceaccount.com"
    answer = told("compare", f"serviceAccount:{first}", f"serviceAccount:{second}")
    plain = told("compare", first, second)
    assert plain["items"] == answer["items"]
    assert told("compare", first, leila)["coverage"]["unasked"] == []
    assert told("compare", "m.ostrander", "m.ostrander")["equal"] is True
    for words, cause in (
        ((leila, leila), "name one by its id"),
        (
            ("m.ostrander", yara),
            f"m.ostrander is of Amazon Web Services; {yara} is of Azure, Microsoft Entra ID and Google Cloud",
        ),
        (("m.ostrander", first), "m.ostrander: nobody of that name in the estate"),
        (("nobody.at.all", yara), "Amazon Web Services: nobody.at.all"),
    ):
        assert run(["compare", *words]) == 2
        error = capsys.readouterr().err.strip()
        assert cause in error and len(error.splitlines()) == 1


def test_diff_asks_both_clouds(told: Ask) -> None:
    answer = told("diff", "2026-09-15", "2026-11-02")
    new = next(
        row for row in answer["items"] if row["principal"].startswith("serviceAccount:eta-predictor@bw-tracking")
    )
    assert (new["presence"], new["lost"]) == ("new", [])
    gained = {permission for cube in new["gained"] for permission in cube["permissions"]}
    assert "bigquery.tables.getData" in gained
    assert any(row["principal"].startswith("arn:aws:") for row in answer["items"])
    assert answer["coverage"]["unasked"] == SILENT


def test_a_day_of_a_question_is_one_period(told: Ask) -> None:
    periods = told("who-can", "bigquery.tables.getData", CUSTOMERS, "--at", "2026-11-03")["periods"]
    assert len(periods) == 1
