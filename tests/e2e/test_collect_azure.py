"""`leastwise collect azure` against the fake: home, gaps, role, plan, doctor, resume, secrets nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.azure.around import keys, surround
from fakes.azure.home import Home
from fakes.azure.server import DENIED, TOKENS, UNLICENSED, FakeAzure, Fault, on
from fakes.azure.world import ANN, APP, BEN, CANARY, LAB, OPS, SHOP, TENANT, Refused
from leastwise.providers.azure.collect.declaration import declared

CALLS = {call.call for service in declared() for call in service.walk()}
GUID = SHOP.rpartition("/")[2]


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake


@pytest.fixture
def home(azure: FakeAzure, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Home:
    return Home(tmp_path / "home", keys(azure), CALLS, capsys)


def test_a_tenant_is_collected_into_one_snapshot(home: Home, azure: FakeAzure) -> None:
    rows = home.ask("collect", "azure")["items"]
    assert {(row["scope"], row["state"]) for row in rows} == {
        (f"azure:{TENANT}", "complete"), (f"entra:{TENANT}", "complete"),
    }  # fmt: skip
    assert azure.strange == [] and home.gaps() == []
    assert not list((home.path / "collecting").iterdir())
    assert home.ask("snapshots", "verify")["ok"]
    told = {one["service"] for one in home.ask("coverage")["items"] if one["status"] == "ok"}
    assert told >= {"authorization", "management", "graph", "keyVault"}
    held = {(one["principal"], one["policy"]) for one in home.ask("grants", "--limit", "1000")["items"]}
    assert {principal for principal, _ in held} >= {ANN, BEN, OPS, APP}
    assert {ANN, BEN} <= {one["id"] for one in home.ask("identities", "--limit", "1000")["items"]}


def test_what_one_subscription_refuses_is_a_gap_of_that_subscription(home: Home, azure: FakeAzure) -> None:
    azure.faults = [on(DENIED, about=SHOP), on(UNLICENSED, "roleEligibilityScheduleInstances")]
    home.run("collect", "azure")
    found = {(one["status"], one["account"]) for one in home.gaps()}
    assert ("denied", GUID) in found and ("unlicensed", LAB.rpartition("/")[2]) in found
    assert all(one["affects"] for one in home.gaps())


def test_an_interrupted_collection_is_completed_by_resume(home: Home, azure: FakeAzure) -> None:
    azure.faults = [on(Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "3600"})), "groups.members")]
    home.run("collect", "azure")
    assert {one["status"] for one in home.gaps()} == {"throttled"}
    azure.faults = []
    home.run("collect", "--resume")
    assert home.gaps() == [] and not list((home.path / "collecting").iterdir())


def test_only_one_subscription_is_asked_and_the_rest_stays(home: Home, azure: FakeAzure) -> None:
    home.run("collect", "azure")
    azure.log.clear()
    (row,) = home.ask("collect", "azure", "--only", GUID)["items"]
    assert row["state"] == "complete" and not azure.count("roleAssignments", LAB)
    assert "no source has an account" in home.run("collect", "azure", "--only", "nobody", code=2)[1]


def test_the_least_role_the_plan_and_wrong_options(home: Home, azure: FakeAzure) -> None:
    told = json.loads(home.run("collect", "azure", "--print-policy")[0])
    assert "Microsoft.Authorization/roleAssignments/read" in told["role"]["Actions"]
    planned = home.ask("collect", "azure", "--dry-run")["items"]
    assert {"roleAssignments.list", "users.list"} <= {one["call"] for one in planned} and azure.log == []
    assert "is no id of a subscription" in home.run("collect", "azure", "--subscriptions", "prod", code=2)[1]


def test_doctor_names_what_will_be_unknown(home: Home, azure: FakeAzure) -> None:
    told = home.ask("doctor", "azure")
    assert told["unknown"] == [] and {one["status"] for one in told["items"]} == {"ok"}
    azure.faults = [on(DENIED, "denyAssignments"), on(DENIED, "users"), on(DENIED, "roleAssignments", SHOP)]
    told = home.ask("doctor", "azure")
    unknown = {one["question"]: one for one in told["unknown"]}
    denied = unknown["what is denied on subscriptions, and on all in them"]
    assert denied["because"] == "Microsoft.Authorization/denyAssignments/read denied"
    assert unknown["which users there are, which are guests, which are disabled"]["of"] == ["User.Read.All"]
    assert any(one["where"] == [SHOP] for one in told["unknown"])
    (subscriptions,) = [one for one in told["items"] if one["check"] == "subscriptions"]
    assert GUID in subscriptions["detail"] and subscriptions["status"] == "missing"


def test_doctor_without_anybody_signed_in(home: Home, azure: FakeAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    azure.tokens.clear()
    monkeypatch.setenv("FAKE_ARM_TOKEN", "opaque")
    told = home.ask("doctor", "azure")
    assert [one["status"] for one in told["items"]] == ["missing"]
    assert {one["want"] for one in told["unknown"]} == {"not signed in"}


def test_no_secret_is_anywhere_in_the_home(home: Home, azure: FakeAzure) -> None:
    azure.faults = [on(DENIED, "locks")]
    out, err = home.run("collect", "azure")
    whole = out.encode() + err.encode() + home.everything()
    assert CANARY.encode() not in whole and not [one for one in TOKENS.values() if one.encode() in whole]
