"""`leastwise collect entra` against the fake: gaps, permissions, plan, doctor, resume, beside Azure, no secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.azure import around
from fakes.azure.around import surround
from fakes.azure.directory import ADMINS, ANN, APP, BEN, CANARY, OPS, SHOP, TENANT
from fakes.azure.entra import a_directory, keys
from fakes.azure.home import Home
from fakes.azure.server import NO_INTUNE, REFUSED, TOKENS, UNLICENSED, FakeAzure, Fault, on
from fakes.azure.world import Refused
from leastwise.providers.entra.collect.declaration import declared

CALLS = {call.call for service in declared() for call in service.walk()}
SCOPE = f"entra:{TENANT}"


@pytest.fixture
def entra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with a_directory(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake


@pytest.fixture
def home(entra: FakeAzure, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Home:
    return Home(tmp_path / "home", keys(entra), CALLS, capsys)


def test_a_directory_is_collected_into_one_snapshot(home: Home, entra: FakeAzure) -> None:
    (row,) = home.ask("collect", "entra")["items"]
    assert (row["scope"], row["state"]) == (SCOPE, "complete")
    assert entra.strange == [] and home.gaps() == [] and not list((home.path / "collecting").iterdir())
    assert home.ask("snapshots", "verify")["ok"]
    known = {one["id"] for one in home.ask("identities", "--limit", "1000")["items"]}
    assert {ANN, BEN, APP, SHOP} <= known
    told = {one["call"] for one in home.ask("coverage")["items"] if one["status"] == "ok"}
    assert told >= CALLS


def test_what_is_not_licensed_not_permitted_and_not_there_are_told_apart(home: Home, entra: FakeAzure) -> None:
    entra.faults = [on(UNLICENSED, "group."), on(NO_INTUNE, "deviceManagement"), on(REFUSED, "oauth2PermissionGrants")]
    entra.world.directory.lists["/v1.0/devices"] = []
    home.run("collect", "entra")
    found = {one["call"]: one["status"] for one in home.gaps()}
    assert found["oauth2PermissionGrants.list"] == "denied"
    assert found["roleManagement.deviceManagement.roleAssignments.list"] == "unlicensed"
    assert found["privilegedAccess.group.assignmentScheduleInstances.list"] == "unlicensed"
    assert "devices.list" not in found and all(one["affects"] for one in home.gaps())


def test_an_interrupted_collection_is_completed_by_resume(home: Home, entra: FakeAzure) -> None:
    entra.faults = [on(Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "3600"})), "groups.members", ADMINS)]
    home.run("collect", "entra")
    assert {one["status"] for one in home.gaps()} == {"throttled"}
    entra.faults = []
    home.run("collect", "--resume")
    assert home.gaps() == [] and not list((home.path / "collecting").iterdir())


def test_only_one_service_is_asked_and_the_rest_stays(home: Home, entra: FakeAzure) -> None:
    home.run("collect", "entra")
    entra.log.clear()
    (row,) = home.ask("collect", "entra", "--only", "roles")["items"]
    assert row["state"] == "complete" and not entra.count("users") and home.gaps() == []
    assert "no source has an account" in home.run("collect", "entra", "--only", "nobody", code=2)[1]


def test_a_source_of_azure_beside_it_hides_nothing(home: Home, entra: FakeAzure) -> None:
    home.sources(keys(entra), around.keys(entra, services=["authorization", "graph"]))
    home.run("collect")
    told = {one["call"] for one in home.ask("coverage")["items"] if one["status"] == "ok"}
    assert told >= CALLS and len(home.ask("snapshots", "list")["items"]) == 3, "the newest of the directory is Azure's"


def test_the_permissions_the_plan_and_wrong_options(home: Home, entra: FakeAzure) -> None:
    told = json.loads(home.run("collect", "entra", "--print-policy")[0])
    assert "RoleManagement.Read.Directory" in told["graph"] and told["commands"][0].startswith(
        "az ad app permission add"
    )
    planned = home.ask("collect", "entra", "--dry-run")["items"]
    assert {one["call"] for one in planned} == CALLS and entra.log == []
    assert "keyvault not known" in home.run("collect", "entra", "--services", "keyvault", code=2)[1]


def test_doctor_names_what_will_be_unknown(home: Home, entra: FakeAzure) -> None:
    told = home.ask("doctor", "entra")
    assert told["unknown"] == [] and {one["status"] for one in told["items"]} == {"ok"}
    entra.faults = [on(REFUSED, "oauth2PermissionGrants"), on(UNLICENSED, "group."), on(REFUSED, "users")]
    told = home.ask("doctor", "entra")
    unknown = {one["question"]: one for one in told["unknown"]}
    assert unknown["what applications may do on behalf of users"]["of"] == ["Directory.Read.All"]
    assert unknown["who may become a member or owner of which group"]["want"] == "not configured"
    assert unknown["which users there are, which are guests, which are disabled"]["where"] == [SCOPE]
    assert unknown["when users signed in last"]["of"] == ["User.Read.All", "AuditLog.Read.All"]
    assert {one["check"]: one["status"] for one in told["items"]}["apps"] == "missing"


def test_doctor_without_anybody_signed_in(home: Home, entra: FakeAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    entra.tokens.clear()
    monkeypatch.setenv("FAKE_GRAPH_TOKEN", "opaque")
    told = home.ask("doctor", "entra")
    assert [one["status"] for one in told["items"]] == ["missing"]
    assert {one["want"] for one in told["unknown"]} == {"not signed in"}


def test_no_secret_is_anywhere_in_the_home(home: Home, entra: FakeAzure) -> None:
    entra.generous = True
    entra.faults = [on(REFUSED, "devices")]
    out, err = home.run("collect", "entra")
    whole = out.encode() + err.encode() + home.everything()
    assert OPS.encode() in whole, "what is kept is found"
    assert CANARY.encode() not in whole and not [one for one in TOKENS.values() if one.encode() in whole]
