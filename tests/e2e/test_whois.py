"""whois, persons and federation on the demo company, by the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

PROD = "arn:aws:iam::222222222222"
Ask = Callable[..., Any]


@pytest.fixture
def ask(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*arguments: str, home: Path = demo_home, form: str = "json", code: int = 0) -> Any:
        capsys.readouterr()
        assert run([*arguments, "--home", str(home), "--format", form]) == code, capsys.readouterr().err
        told = capsys.readouterr()
        return json.loads(told.out) if form == "json" and not code else told.err if code else told.out

    return asked


@pytest.mark.parametrize(
    ("id", "wanted"),
    [
        ("AKIATHPL2AOHADEMO222", {"what": "access key", "principal": f"{PROD}:user/ci-courier", "state": "active"}),
        ("AIDARTXV5AHDZDEMORUQF", {"what": "user", "name": "breakglass-1", "account": "111111111111"}),
        ("arn:aws:sts::222222222222:assumed-role/etl-bridge/nightly",
         {"what": "session of a role", "principal": f"{PROD}:role/etl-bridge"}),
        ("ASIAY34FZKBOKMUTVV7A", {"what": "temporary access key", "account": "609629065308", "account_read": False}),
        ("AKIAIOSFODNN7EXAMPLE", {"what": "access key", "account": None}),
        ("121375184731359948433", {"provider": "gcp", "name": "ci-deployer@bw-tracking.iam.gserviceaccount.com"}),
        ("18db88c024e94fa19569b4b686de9e761d0d72b3", {"what": "service account key", "account": "bw-analytics"}),
        ("dcb4cc60-82a3-403a-b974-c3c336a0c3f1", {"what": "application password", "provider": "entra"}),
        ("c51f21df-873a-4b32-a060-5fc3dd7c123c", {"person": "petra.lindqvist@brightwater.example"}),
        ("m.ostrander", {"person": "Milan Ostrander", "left": True, "admin": "yes"}),
        ("222222222222", {"what": "account", "provider": "aws", "account_read": True, "missing": []}),
        ("444444444444", {"what": "account", "provider": "aws", "account": "444444444444"}),
        ("24817aed-ae2b-4c46-bd9a-32b774893484", {"what": "subscription", "provider": "azure", "account_read": True}),
        ("bw", {"what": "management group", "name": "Brightwater Parcel", "account": None, "account_read": None}),
        ("bw-analytics", {"what": "project", "provider": "gcp", "because": "its id"}),
        ("666666666666", {"what": "project", "account": "bw-analytics"}),
        ("00000000-0000-4000-8000-000000000000", {"provider": "entra", "principal": None}),
        ("nothing that anybody has", {"what": "not known", "provider": None}),
    ],
)  # fmt: skip
def test_what_an_id_is(ask: Ask, id: str, wanted: dict[str, Any]) -> None:
    [found] = ask("whois", id)["items"]
    assert {key: found[key] for key in wanted} == wanted
    if not found["principal"] and found["because"] not in ("its id", "a part of its id"):
        assert found["missing"]


def test_an_id_of_a_tenant_and_of_what_is_above_everything_in_it_is_both(ask: Ask) -> None:
    items = ask("whois", "15a587c7-99d2-4a0b-9dd8-bb1afbe8a3b1")["items"]
    assert {(one["provider"], one["what"]) for one in items} == {("azure", "management group"), ("entra", "tenant")}


def test_an_address_names_every_account_that_has_it(ask: Ask) -> None:
    items = ask("whois", "petra.lindqvist@brightwater.example")["items"]
    assert {one["provider"] for one in items} == {"aws", "entra"}


def test_a_workload_outside_is_told_with_what_it_opens(ask: Ask) -> None:
    [found] = ask("whois", "github:brightwater-parcel/tracking")["items"]
    assert "serviceAccount:ci-deployer@bw-tracking.iam.gserviceaccount.com (ALLOWED)" in found["opens"]
    [stranger] = ask("whois", "github:somebody/else")["items"]
    assert stranger["opens"] == []
    assert "no such issuer is known" in ask("whois", "nowhere.example|x", code=2)


def test_a_temporary_key_leads_to_who_began_its_session(ask: Ask, demo_with_logs: Path) -> None:
    [found] = ask("whois", "ASIARTXV5AHDQ5T5GSCE", home=demo_with_logs)["items"]
    assert found["principal"] == "arn:aws:iam::111111111111:role/terraform-apply"
    assert [one.partition(" became ")[0] for one in found["chain"]] == [
        "arn:aws:iam::111111111111:role/infra-runner",
        "web:token.actions.githubusercontent.com/repo:brightwater-parcel/infra:environment:production",
    ]
    assert found["missing"] == [] and found["last_used"] is not None


def test_every_form_is_printed(ask: Ask) -> None:
    for arguments in (["whois", "m.ostrander"], ["identities", "--persons"], ["trusts", "--tried"]):
        head = ask(*arguments, form="csv").splitlines()[0]
        assert "provider" in head
        assert ask(*arguments, form="table").strip()


def test_persons_are_joined_by_ids_and_mail(ask: Ask) -> None:
    items = ask("identities", "--persons")["items"]
    by_id = {one["id"]: one for one in items}
    assert len(by_id) == len(items)
    assert {one["reason"] for one in items} == {"estate.yaml", "provisioned", "mail", "alone"}
    assert by_id["user:marek.novak@brightwater.example"]["reason"] == "mail"
    assert sum(one["left"] is True for one in items) == 2
    assert "no person of the estate" in ask("identities", "--person", "nobody", code=2)
    assert "take --limit only" in ask("identities", "--persons", "--kind", "human", code=2)


def test_a_hostile_repository_comes_through_two_clouds(ask: Ask) -> None:
    """Story 4: the pattern of gha-deploy, what it may pass, and the pool that takes in the role."""
    etl = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
    [path] = ask("paths", "--from", "github:brightwater-parcel-fans/x", "--to", etl)["items"]
    assert [hop["to"] for hop in path["hops"]] == [f"{PROD}:role/gha-deploy", f"{PROD}:role/etl-bridge", etl]
    assert [hop["rule"] for hop in path["hops"]][::2] == ["oidc-aws", "aws-gcp"]
    [[need]] = path["hops"][2]["needs"]
    assert need["decision"]["state"] == "ALLOWED"


def test_a_person_reaches_what_all_accounts_reach(ask: Ask) -> None:
    joint = ask("blast-radius", "Milan Ostrander", "--person")
    assert set(joint["accounts"]) == {
        "02ec06cb-b766-482f-af52-5f6db93e3cd0",
        "arn:aws:iam::111111111111:user/m.ostrander",
    }
    assert "administrator of 111111111111" in {one["id"] for one in joint["items"]}
    assert not {one["id"] for one in joint["items"]} & set(joint["accounts"])
