"""What goes wrong at Graph: licences, rights, throttling in and around batches, tokens, connections, things that go."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from fakes.azure.around import a_run, bodies, gaps, surround, told
from fakes.azure.directory import ADMINS, EMPTY, OPS
from fakes.azure.entra import a_directory, collected, keys
from fakes.azure.server import (
    BROKEN,
    DELETED,
    EXPIRED,
    NO_INTUNE,
    OFTEN,
    REFUSED,
    TOKENS,
    UNLICENSED,
    UNLICENSED_READER,
    FakeAzure,
    Fault,
    Request,
    jwt,
    on,
)
from fakes.azure.world import Refused
from fakes.interrupted import gone_on_with, left_by_the_network
from fakes.loopback import scripted
from leastwise.errors import UsageError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.entra.collect.collector import collect

HOURS = Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "3600"}))


@pytest.fixture
def entra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with a_directory(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake


@pytest.fixture
def undisturbed(entra: FakeAzure, tmp_path: Path) -> list[Any]:
    found = told(collected(entra, tmp_path / "undisturbed"))
    entra.log.clear()
    return found


def test_no_licence_no_right_and_nothing_there_are_three_things(entra: FakeAzure, tmp_path: Path) -> None:
    activity = scripted(UNLICENSED_READER, lambda request: "signInActivity" in request.query.get("$select", ""))
    entra.faults = [
        activity, on(NO_INTUNE, "deviceManagement"), on(UNLICENSED, "roleEligibilityScheduleInstances"),
        on(REFUSED, "oauth2PermissionGrants"),
    ]  # fmt: skip
    entra.world.directory.lists["/v1.0/devices"] = []
    found = collected(entra, tmp_path / "run")
    states = {call.removeprefix("graph."): status for call, status, *_ in gaps(found)}
    assert states == {
        "users.list:activity": "unlicensed",
        "roleManagement.directory.roleEligibilityScheduleInstances.list": "unlicensed",
        "roleManagement.deviceManagement.roleDefinitions.list": "unlicensed",
        "roleManagement.deviceManagement.roleAssignments.list": "unlicensed", "oauth2PermissionGrants.list": "denied",
    }  # fmt: skip
    assert bodies(found, "graph.devices.list") == [{"value": []}], "read, and nothing there"
    assert not bodies(found, "graph.oauth2PermissionGrants.list") and bodies(found, "graph.users.list")
    assert all(one.affects for one in found.coverage if one.status is not CoverageStatus.OK)


def test_a_missing_licence_is_asked_for_once(entra: FakeAzure, tmp_path: Path) -> None:
    entra.faults = [on(UNLICENSED, "group.eligibilityScheduleInstances")]
    for number in range(40):
        entra.world.directory.lists["/v1.0/groups"].append({"id": f"g{number:03}", "displayName": "x"})
    found = collected(entra, tmp_path / "run")
    (gap,) = gaps(found)
    assert gap[1] == "unlicensed" and "and 39 more" in gap[3]
    assert entra.count("group.eligibilityScheduleInstances") < 44, "what was under way, not each group"


def test_one_group_that_refuses_costs_no_other_of_its_batch(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    entra.faults = [on(REFUSED, "groups.members", OPS)]
    found = collected(entra, tmp_path / "run")
    ((call, status, _, detail),) = gaps(found)
    assert (call, status) == ("graph.groups.members.list", "denied") and OPS in detail
    kept = [one for one in undisturbed if (one[0], one[1]) != ("graph.groups.members.list", OPS)]
    assert told(found) == kept


def test_a_group_that_is_deleted_meanwhile_is_no_gap_and_not_empty(entra: FakeAzure, tmp_path: Path) -> None:
    entra.faults = [on(DELETED, "groups", EMPTY)]
    found = collected(entra, tmp_path / "run")
    assert gaps(found) == []
    kinds = {one.kind for one in found.documents if one.resource == EMPTY and ".groups." in one.kind}
    assert kinds == {
        "graph.groups.members.list!Request_ResourceNotFound",
        "graph.groups.owners.list!Request_ResourceNotFound",
    }


@pytest.mark.parametrize(
    "fault", [OFTEN, BROKEN, Fault(drop=True), Fault(cut=True), Fault(body=b'"no object"'), Fault(body=b"{}")],
    ids=["429", "503", "dropped", "cut off", "no object", "no list"],
)  # fmt: skip
@pytest.mark.parametrize(
    "name", ["groups.members", "groups.list", "servicePrincipals.appRoleAssignedTo", "batch", "roleDefinitions"]
)
def test_what_goes_wrong_for_a_while_changes_nothing(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any], fault: Fault, name: str
) -> None:
    if fault.refused is not None and fault is OFTEN:
        fault = Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "0"}))
    met: list[str] = []
    wrong = on(fault, name, first=2)

    def noted(request: Request) -> Fault | None:
        made = wrong(request)
        met.extend([request.name] if made else [])
        return made

    entra.faults = [noted]
    found = collected(entra, tmp_path / "run")
    assert gaps(found) == [] and told(found) == undisturbed and len(met) == 2


def test_a_part_of_a_batch_that_comes_too_often_waits_as_long_as_it_is_told(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from leastwise.providers.collecting.lanes import Queue

    waits: list[float] = []
    put = Queue.put

    def noted(self: Queue, job: Any, after: float = 0.0) -> None:
        waits.append(after)
        put(self, job, min(after, 0.01))

    monkeypatch.setattr(Queue, "put", noted)
    entra.faults = [on(Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "17"})), "groups.members", ADMINS, 1)]
    found = collected(entra, tmp_path / "run")
    assert told(found) == undisturbed and waits.count(17.0) == 1, "it alone"


def test_a_batch_that_answers_some_and_forgets_others(entra: FakeAzure, tmp_path: Path, undisturbed: list[Any]) -> None:
    answered = FakeAzure._batch

    def forgetful(self: FakeAzure, request: Request) -> Any:
        made = answered(self, request)
        if len(self.batches) <= 2 and isinstance(made, tuple):
            told = json.loads(made[2])
            return made[0], made[1], json.dumps({"responses": [*told["responses"][1:], {"id": "99"}, 7]}).encode()
        return made

    type(entra)._batch = forgetful  # type: ignore[method-assign]
    try:
        found = collected(entra, tmp_path / "run")
    finally:
        type(entra)._batch = answered  # type: ignore[method-assign]
    assert gaps(found) == [] and told(found) == undisturbed


def test_a_token_that_ends_is_renewed_once(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = jwt("graph", 7)

    def ends(request: Request) -> Fault | None:
        if len(entra.log) > 30 and request.token == TOKENS["graph"]:
            monkeypatch.setenv("FAKE_GRAPH_TOKEN", new)
            entra.tokens.add(new)
            return EXPIRED
        return None

    entra.faults = [ends]
    found = collected(entra, tmp_path / "run")
    assert gaps(found) == [] and told(found) == undisturbed


def test_a_token_that_ends_for_good_interrupts_and_resume_completes(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    entra.faults = [on(EXPIRED, "servicePrincipals.appRoleAssignedTo")]
    whys: list[str] = []
    collected(entra, tmp_path / "run", interrupted=lambda one, why: whys.append(why) or one)
    assert whys and "the token is not accepted any more" in whys[0]
    entra.faults = []
    entra.log.clear()
    found = collected(entra, tmp_path / "run", resume=True)
    assert gaps(found) == [] and told(found) == undisturbed
    first = [one for one in entra.log if "appRoles" in one.query.get("$select", "") and "$skiptoken" not in one.query]
    assert first == [], "what was answered is not asked for again"


def test_a_refusal_that_is_written_as_401_ends_nothing(entra: FakeAzure, tmp_path: Path) -> None:
    said = "Neither tenant is B2C or tenant doesn't have premium license"
    entra.faults = [on(Fault(Refused(401, "Authentication_Something", said)), "userRegistrationDetails")]
    ((call, status, *_),) = gaps(collected(entra, tmp_path / "run"))
    assert (call, status) == ("graph.reports.userRegistrationDetails.list", "unlicensed")


def test_a_limit_that_no_run_outlasts_is_a_gap_and_resume_completes(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    entra.faults = [on(HOURS, "servicePrincipals.appRoleAssignedTo")]
    assert {status for _, status, *_ in gaps(collected(entra, tmp_path / "run"))} == {"throttled"}
    entra.faults = []
    assert told(collected(entra, tmp_path / "run", resume=True)) == undisturbed


def test_a_page_at_another_host_is_not_asked(entra: FakeAzure, tmp_path: Path) -> None:
    body = json.dumps({"value": [], "@odata.nextLink": "https://elsewhere.test/graph/v1.0/users?$skiptoken=x"}).encode()
    entra.faults = [on(Fault(body=body), "users.list"), on(Fault(body=body), "groups.members", OPS)]
    found = collected(entra, tmp_path / "run")
    assert all("another place" in detail for *_, detail in gaps(found)) and len(gaps(found)) == 4


LATE = Fault(Refused(400, "Directory_ExpiredPageToken", "The specified page token value has expired."))


def late(request: Request) -> bool:
    return request.name == "groups.members.list" and ADMINS in request.path and "$skiptoken" in request.query


@pytest.mark.parametrize("shrinks", [False, True])
def test_a_page_that_can_not_be_asked_for_any_more_is_read_from_the_beginning(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any], shrinks: bool
) -> None:
    members = entra.world.directory.lists[f"/v1.0/groups/{ADMINS}/members"]
    third = iter(range(2))
    met: list[str] = []

    def wrong(request: Request) -> Fault | None:
        if not late(request) or next(third, None) is not None or met:
            return None
        met.append(request.path)
        del members[1 if shrinks else 7 :]
        return LATE

    entra.faults = [wrong]
    found = collected(entra, tmp_path / "run")
    (body,) = bodies(found, "graph.groups.members.list", ADMINS)
    assert met and gaps(found) == [] and [one["id"] for one in body["value"]] == [one["id"] for one in members]
    assert shrinks or told(found) == undisturbed


def test_a_page_that_ends_again_and_again_is_a_gap_and_so_after_a_pause(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    entra.faults = [scripted(LATE, late)]
    found = collected(entra, tmp_path / "run")
    ((call, status, _, detail),) = gaps(found)
    assert (
        (call, status) == ("graph.groups.members.list", "failed") and "ExpiredPageToken" in detail and ADMINS in detail
    )
    (part,) = [one for one in found.documents if one.kind == "graph.groups.members.list" and one.resource == ADMINS]
    assert part.name.endswith("#part"), "not as if these were all"
    entra.faults = [scripted(LATE, late, first=1)]
    resumed = collected(entra, tmp_path / "run", resume=True)
    assert gaps(resumed) == [] and told(resumed) == undisturbed


def test_the_network_gone_interrupts_and_resume_completes(
    entra: FakeAzure, tmp_path: Path, undisturbed: list[Any]
) -> None:
    left_by_the_network(entra, 30, partial(collected, entra, tmp_path / "run"))
    found = collected(entra, tmp_path / "run", resume=True)
    assert gaps(found) == [] and told(found) == undisturbed


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=some.floats(0.0, 1.0))
def test_a_journal_that_was_cut_anywhere_is_gone_on_with(
    entra: FakeAzure, tmp_path_factory: pytest.TempPathFactory, undisturbed: list[Any], cut: float
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    resumed = gone_on_with(entra, on(HOURS, "roleAssignments"), folder, cut, partial(collected, entra))
    assert gaps(resumed) == [] and told(resumed) == undisturbed


def test_nobody_signed_in_is_one_line(entra: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entra.tokens.clear()
    monkeypatch.setenv("FAKE_GRAPH_TOKEN", "opaque")
    with pytest.raises(UsageError, match=r"source entra: .*InvalidAuthenticationToken") as caught:
        collected(entra, tmp_path / "run")
    assert len(str(caught.value).splitlines()) == 1
    monkeypatch.setenv("PATH", os.fspath(tmp_path / "nothing"))
    monkeypatch.setitem(__import__("sys").modules, "azure.identity", None)
    with pytest.raises(UsageError, match="source entra: nobody is signed in"):
        list(collect(keys(entra, access_token_env=None), a_run(tmp_path / "run")))
    with pytest.raises(UsageError, match="source entra: the environment variable NOT_SET"):
        list(collect(keys(entra, access_token_env="NOT_SET"), a_run(tmp_path / "run")))
