"""Collecting Azure through faults: each is a row that says what it affects; none ends the run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from fakes.azure.around import a_run, bodies, collected, directory, gaps, keys, surround, told, whole
from fakes.azure.server import (
    BROKEN,
    DENIED,
    EXPIRED,
    GONE,
    OFTEN,
    SECRET,
    TOKENS,
    UNLICENSED,
    UNREGISTERED,
    FakeAzure,
    Fault,
    on,
)
from fakes.azure.world import LAB, PROD, ROOT, SHOP, TENANT, Refused
from fakes.interrupted import gone_on_with, left_by_the_network
from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.azure.collect.collector import collect

GUID = SHOP.rpartition("/")[2]


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake


@pytest.fixture
def undisturbed(azure: FakeAzure, tmp_path: Path) -> list[Any]:
    found = whole(azure, tmp_path / "undisturbed")
    azure.log.clear()
    return told(found)


def read(azure: FakeAzure, folder: Path, **more: Any) -> Collected:
    return whole(azure, folder, **more)


def test_one_subscription_that_refuses_everything_is_named_in_every_gap_and_costs_no_other(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    azure.faults = [on(DENIED, about=SHOP), in_body(GUID)]
    found = read(azure, tmp_path / "run")
    missing = gaps(found)
    assert {(status, account) for _, status, account, _ in missing} == {("denied", GUID)}
    assert {call for call, *_ in missing} >= {
        "authorization.roleAssignments.list", "authorization.denyAssignments.list",
        "authorization.roleEligibilityScheduleInstances.list", "keyVault.vaults.list",
        "resourceGraph.resources.list", "resources.resourceGroups.list",
    }  # fmt: skip
    assert all(one.affects for one in found.coverage if one.status is not CoverageStatus.OK)
    others = [one for one in undisturbed if SHOP not in one[1]]
    assert [one for one in told(found) if SHOP not in one[1]] == others


def in_body(text: str) -> Any:
    """Resource Graph is asked by its body."""
    return lambda request: DENIED if text in json.dumps(request.body) else None


def test_a_management_group_that_refuses_is_named(azure: FakeAzure, tmp_path: Path) -> None:
    azure.faults = [on(DENIED, about="mg-prod")]
    found = read(azure, tmp_path / "run")
    assert {(status, account) for _, status, account, _ in gaps(found)} == {("denied", "mg-prod")}
    told_below = bodies(found, "authorization.roleAssignments.list", SHOP)
    assert PROD in json.dumps(told_below), "what is inherited is told below"


OUTCOMES = [
    (DENIED, "denied", "AuthorizationFailed"),
    (Fault(Refused(404, "SubscriptionNotFound", "could not be found")), "denied", "SubscriptionNotFound"),
    (Fault(Refused(401, "InvalidAuthenticationTokenTenant", "wrong issuer")), "denied", "InvalidAuthenticationToken"),
    (Fault(Refused(404, "InvalidResourceNamespace", "unknown")), "unsupported", "InvalidResourceNamespace"),
    (Fault(Refused(400, "NoRegisteredProviderFound", "no provider")), "unsupported", "NoRegisteredProviderFound"),
    (UNLICENSED, "unlicensed", "AadPremiumLicenseRequired"),
    (Fault(Refused(400, "BadRequest", "The tenant needs a premium P2 license.")), "unlicensed", "BadRequest"),
    (GONE, "failed", "ResourceNotFound"), (OFTEN, "throttled", "TooManyRequests"),
    (BROKEN, "failed", "ServiceUnavailable"), (Fault(drop=True), "failed", "RemoteProtocolError"),
    (Fault(cut=True), "failed", "NotJson"), (Fault(body=b"<html>a hotel</html>"), "failed", "NotJson"),
    (Fault(body=b"[]"), "failed", "NotJson"), (Fault(body=b"no", http=400), "failed", "HTTP 400"),
    (Fault(body=b'{"code": "Conflict", "message": "m"}', http=409), "failed", "Conflict"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "status", "said"), OUTCOMES, ids=[f"{one[1]} {one[2]}" for one in OUTCOMES])
def test_every_way_to_fail_is_a_row_that_says_what_it_affects(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any], soon: list[float], fault: Fault, status: str, said: str
) -> None:
    azure.faults = [on(fault, "registrationAssignments")]
    found = read(azure, tmp_path / "run")
    rows = [one for one in found.coverage if one.status is not CoverageStatus.OK]
    assert {(str(one.status), one.call) for one in rows} == {(status, "registrationAssignments.list")}
    assert len({one.account for one in rows}) == 3, "three subscriptions"
    assert all(said in one.detail and "let in" in one.affects and "hotel" not in one.detail for one in rows)
    assert told(found) == [one for one in undisturbed if "registrationAssignments" not in one[0]]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waiting takes no time; how long it would have taken."""
    from leastwise.providers.collecting.lanes import Queue

    waits: list[float] = []
    put = Queue.put

    def noting(self: Queue, job: Any, after: float = 0.0) -> None:
        waits.append(after)
        put(self, job, min(after, 0.001))

    monkeypatch.setattr(Queue, "put", noting)
    return waits


@pytest.mark.parametrize("fault", [OFTEN, BROKEN, Fault(drop=True), Fault(cut=True)], ids=["429", "5xx", "drop", "cut"])
def test_what_passes_is_no_gap(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any], soon: list[float], fault: Fault
) -> None:
    azure.faults = [on(fault, name, first=3) for name in ("roleAssignments", "resources", "vaults")]
    found = read(azure, tmp_path / "run")
    assert gaps(found) == [] and told(found) == undisturbed


def test_who_asks_to_wait_is_waited_for(azure: FakeAzure, tmp_path: Path, soon: list[float]) -> None:
    wait = Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "41"}))
    azure.faults = [on(wait, "roleAssignments", first=1)]
    assert gaps(read(azure, tmp_path / "run")) == []
    assert soon.count(41.0) == 1


HOURS = Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "3600"}))


def test_who_asks_to_wait_for_hours_is_left_for_resume(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    azure.faults = [on(HOURS, "vaults")]
    found = read(azure, tmp_path / "run")
    assert {(call, status) for call, status, *_ in gaps(found)} == {("keyVault.vaults.list", "throttled")}
    azure.faults, azure.log[:] = [], []
    resumed = read(azure, tmp_path / "run", resume=True)
    assert gaps(resumed) == [] and told(resumed) == undisturbed
    assert {one.name for one in azure.log} == {"vaults.list", "diagnosticSettings.list"}
    assert not list((tmp_path / "run").iterdir())


def test_a_provider_that_is_not_registered_has_nothing(azure: FakeAzure, tmp_path: Path) -> None:
    azure.faults = [on(UNREGISTERED, "vaults.list", LAB)]
    found = read(azure, tmp_path / "run")
    assert gaps(found) == []
    (empty,) = [one for one in found.documents if one.kind.endswith("!MissingSubscriptionRegistration")]
    assert (empty.resource, empty.body) == (LAB, b"{}")


def test_without_the_licence_nobody_is_eligible_and_the_rest_is_read(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    azure.faults = [on(UNLICENSED, name) for name in ("roleEligib", "roleAssignmentSchedule")]
    found = read(azure, tmp_path / "run")
    assert {status for _, status, *_ in gaps(found)} == {"unlicensed"}
    pim = ("Schedule", "roleManagementPolic")
    assert told(found) == [one for one in undisturbed if not any(part in one[0] for part in pim)]


@pytest.mark.parametrize(
    ("version", "kind", "said"),
    [("2022-05-01-preview", "roleDefinitions", "conditions inside role definitions"),
     ("2024-07-01-preview", "denyAssignments", "whether deny assignments only audit")],
)  # fmt: skip
def test_an_older_version_is_taken_and_what_it_does_not_tell_is_said(
    azure: FakeAzure, tmp_path: Path, version: str, kind: str, said: str
) -> None:
    azure.unknown_versions = {version}
    found = read(azure, tmp_path / "run")
    rows = [one for one in found.coverage if one.status is not CoverageStatus.OK]
    assert rows and all(one.call.startswith(kind) and said in one.detail for one in rows)
    assert bodies(found, f"authorization.{kind}.list", SHOP)[0]["value"]
    refused = [one for one in azure.log if one.query.get("api-version") == version]
    assert len(refused) < azure.count(kind) / 2, "what is not known is not asked again and again"


def test_a_version_that_is_nowhere_known_is_unsupported(azure: FakeAzure, tmp_path: Path) -> None:
    azure.unknown_versions = {"2022-07-01"}
    found = read(azure, tmp_path / "run")
    assert {(call, status) for call, status, *_ in gaps(found)} == {("keyVault.vaults.list", "unsupported")}


@pytest.mark.parametrize(("name", "member"), [("locks", "nextLink"), ("organization", "@odata.nextLink")])
def test_a_next_page_of_another_host_is_refused_and_no_token_goes_there(
    azure: FakeAzure, tmp_path: Path, name: str, member: str
) -> None:
    stolen = {"value": [], member: f"https://localhost.evil.example:{azure.port}/next"}
    azure.faults = [on(Fault(body=json.dumps(stolen).encode()), name)]
    several = collected(azure, tmp_path / "run").values()
    missing = [gap for found in several for gap in gaps(found)]
    assert missing and {status for _, status, *_ in missing} == {"failed"}
    assert all(name in call and "another place" in detail and "evil" not in detail for call, _, _, detail in missing)


def test_a_page_that_leads_to_itself_ends(azure: FakeAzure, tmp_path: Path) -> None:
    again = {
        "value": [],
        "nextLink": f"{azure.url}/arm{SHOP}/providers/Microsoft.Authorization/locks?api-version=2020-05-01",
    }
    azure.faults = [on(Fault(body=json.dumps(again).encode()), "locks", SHOP)]
    ((call, status, account, detail),) = gaps(read(azure, tmp_path / "run"))
    assert (call, status, account) == ("authorization.locks.list", "failed", GUID) and "itself" in detail


def test_an_answer_of_resource_graph_that_was_cut_is_a_gap(azure: FakeAzure, tmp_path: Path) -> None:
    cut = {"totalRecords": 9, "count": 1, "data": [{"id": "/x"}], "resultTruncated": "true"}
    azure.faults = [on(Fault(body=json.dumps(cut).encode()), "resources.list")]
    found = read(azure, tmp_path / "run")
    assert {(call, status) for call, status, *_ in gaps(found)} == {("resourceGraph.resources.list", "failed")}
    assert all("cut off" in detail for *_, detail in gaps(found))


def service_principal(azure: FakeAzure, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", "client")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    azure.tokens.clear()
    return {"access_token_env": None, "graph_token_env": None}


def test_a_token_that_expires_is_renewed_once_for_all(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = service_principal(azure, monkeypatch)
    left = iter(range(30))

    def ending(request: Any) -> Fault | None:
        if next(left, None) is None and len(azure.given) < 3:
            azure.tokens.discard(request.token)
        return None

    azure.faults = [ending]
    found = read(azure, tmp_path / "run", **source)
    assert gaps(found) == [] and told(found) == undisturbed
    assert 3 <= len(azure.given) <= 4, "not every thread fetches its own"


def test_a_token_that_cannot_be_renewed_ends_the_run_and_resume_completes_it(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    left = iter(range(25))
    answered: list[Any] = []

    def ending(request: Any) -> Fault | None:
        if request.place == "arm" and next(left, None) is None:
            return EXPIRED
        answered.append(request)
        return None

    azure.faults = [ending]
    whys: list[str] = []
    run = a_run(tmp_path / "run", interrupted=lambda one, why: whys.append(why) or one)
    (found,) = [one for one in collect(keys(azure), run) if one.scope.provider == "azure"]
    assert whys == ["the token is not accepted any more (ExpiredAuthenticationToken)"]
    assert ("not_tried") in {status for _, status, *_ in gaps(found)}
    azure.faults, azure.log[:] = [], []
    resumed = read(azure, tmp_path / "run", resume=True)
    assert gaps(resumed) == [] and told(resumed) == undisturbed
    assert len(answered) > 20 and not [one for one in azure.log if one in answered], "answered is not asked again"


@pytest.mark.parametrize("how", ["none", "refused"])
def test_without_a_token_for_graph_that_is_good_the_rest_is_read(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any], how: str
) -> None:
    source: dict[str, Any] = {"graph_token_env": None} if how == "none" else {}
    azure.tokens.discard(TOKENS["graph"])
    found = directory(azure, tmp_path / "directory", **source)
    assert {status for _, status, *_ in gaps(found)} == {"denied"} and found.documents == ()
    assert all(one.affects for one in found.coverage)
    found = read(azure, tmp_path / "run", **source)
    assert gaps(found) == [] and told(found) == undisturbed


def test_subscriptions_are_found_by_the_tree_where_their_list_fails_and_the_other_way_round(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    below = [one for one in undisturbed if SHOP in one[1]]
    for name in ("subscriptions.list", "entities"):
        azure.faults = [on(DENIED, name)]
        found = read(azure, tmp_path / name.partition(":")[0])
        assert [one for one in told(found) if SHOP in one[1]] == below
        assert {status for _, status, *_ in gaps(found)} == {"denied"}
        assert any(ROOT in one.resource for one in found.documents)


def test_the_network_gone_interrupts_and_resume_completes(
    azure: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    left_by_the_network(azure, 40, lambda **more: list(collect(keys(azure), a_run(tmp_path / "run", **more))))
    resumed = read(azure, tmp_path / "run", resume=True)
    assert gaps(resumed) == [] and told(resumed) == undisturbed


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=some.floats(0.0, 1.0))
def test_a_journal_that_was_cut_anywhere_is_gone_on_with(
    azure: FakeAzure, tmp_path_factory: pytest.TempPathFactory, undisturbed: list[Any], cut: float
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    resumed = gone_on_with(azure, on(HOURS, "vaults"), folder, cut, partial(read, azure), "azure-*")
    assert gaps(resumed) == [] and told(resumed) == undisturbed


def test_a_journal_of_another_plan_is_not_gone_on_with(azure: FakeAzure, tmp_path: Path) -> None:
    azure.faults = [on(BROKEN, "vaults.list")]
    read(azure, tmp_path / "run")
    azure.faults, azure.log[:] = [], []
    read(azure, tmp_path / "run", resume=True, services=["authorization"])
    assert azure.count("roleAssignments", SHOP) > 0
