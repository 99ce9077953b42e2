"""Collecting Google Cloud through faults: each is a row that says what it affects; none ends the run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from fakes.google.around import a_run, bodies, collected, gaps, keys, surround, told
from fakes.google.server import BROKEN, DAY, DENIED, DISABLED, GONE, QUOTA, FakeGoogle, Fault, Refused, on
from fakes.interrupted import gone_on_with, left_by_the_network
from leastwise.model.scope import PART, Collected, CoverageStatus
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.collect.collector import collect

ORGANIZATION = "organizations/1"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    surround(monkeypatch, tmp_path)
    with FakeGoogle() as fake:
        yield fake


@pytest.fixture
def undisturbed(google: FakeGoogle, tmp_path: Path) -> list[Any]:
    found = told(collected(google, tmp_path / "undisturbed")[ORGANIZATION])
    google.log.clear()
    return found


def read(google: FakeGoogle, folder: Path, **more: Any) -> Collected:
    return collected(google, folder, **more)[ORGANIZATION]


def test_one_project_that_refuses_everything_is_named_in_every_gap_and_costs_no_other(
    google: FakeGoogle, tmp_path: Path, undisturbed: list[Any]
) -> None:
    google.faults = [on(DENIED, about="projects/102"), on(DENIED, about="projects/bw-beta")]
    found = read(google, tmp_path / "run")
    missing = gaps(found)
    assert missing and {(status, account) for _, status, account, _ in missing} == {("denied", "bw-beta")}
    calls = {call for call, *_ in missing}
    assert calls >= {
        "cloudresourcemanager.projects.getIamPolicy", "iam.policies.listPolicies", "iam.serviceAccounts.list",
        "orgpolicy.policies.list", "privilegedaccessmanager.entitlements.list",
    }  # fmt: skip
    assert all(one.affects for one in found.coverage if one.status is not CoverageStatus.OK)
    others = [one for one in undisturbed if "102" not in one[1] and "bw-beta" not in one[1]]
    instead = "cloudasset.assets.list:ORG_POLICY"
    kept = [one for one in told(found) if "102" not in one[1] and "bw-beta" not in one[1] and one[0] != instead]
    assert kept == others and bodies(found, instead)


OUTCOMES = [
    (DENIED, "denied", "PERMISSION_DENIED"),
    (DISABLED, "unsupported", "x.googleapis.com is not enabled in projects/5"),
    (GONE, "failed", "NOT_FOUND"), (QUOTA, "throttled", "RATE_LIMIT_EXCEEDED"),
    (DAY, "throttled", "RATE_LIMIT_EXCEEDED"),
    (BROKEN, "failed", "UNAVAILABLE"), (Fault(drop=True), "failed", "RemoteProtocolError"),
    (Fault(cut=True), "failed", "NotJson"), (Fault(body=b"<html>a hotel</html>"), "failed", "NotJson"),
    (Fault(body=b""), "failed", "NotJson"), (Fault(body=b"[]"), "failed", "NotJson"),
    (Fault(Refused(400, "INVALID_ARGUMENT", "bad")), "failed", "INVALID_ARGUMENT"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "status", "said"), OUTCOMES, ids=[f"{one[1]} {one[2]}" for one in OUTCOMES])
def test_every_way_to_fail_is_a_row_that_says_what_it_affects(
    google: FakeGoogle, tmp_path: Path, undisturbed: list[Any], fault: Fault, status: str, said: str
) -> None:
    google.faults = [on(fault, "policyanalyzer")]
    found = read(google, tmp_path / "run")
    rows = [one for one in found.coverage if one.status is not CoverageStatus.OK]
    assert {(str(one.status), one.account) for one in rows} == {
        (status, account) for account in ("bw-alpha", "bw-beta", "bw-gamma")
    }
    assert all(said in one.detail and "used last" in one.affects and "hotel" not in one.detail for one in rows)
    assert told(found) == [one for one in undisturbed if not one[0].startswith("policyanalyzer")]


@pytest.mark.parametrize(
    "fault", [QUOTA, BROKEN, Fault(drop=True), Fault(cut=True)], ids=["quota", "5xx", "drop", "cut"]
)
def test_what_passes_is_no_gap(google: FakeGoogle, tmp_path: Path, undisturbed: list[Any], fault: Fault) -> None:
    google.faults = [
        on(fault, method, first=3) for method in ("iam.projects", "cloudasset", "cloudresourcemanager.folders")
    ]
    found = read(google, tmp_path / "run")
    assert gaps(found) == [] and told(found) == undisturbed


def test_a_quota_of_the_day_that_ends_in_the_middle_is_completed_by_resume(
    google: FakeGoogle, tmp_path: Path, undisturbed: list[Any]
) -> None:
    left = iter(range(2))
    google.faults = [
        lambda request: DAY if request.method.startswith("recommender") and next(left, None) is None else None
    ]
    found = read(google, tmp_path / "run")
    throttled = [one for one in gaps(found) if one[0].startswith("recommender")]
    assert throttled and {status for _, status, _, _ in gaps(found)} == {"throttled"}
    assert google.count("recommender") <= 2 + 4, "who is told that the day is over does not go on asking"
    google.faults, google.log[:] = [], []
    resumed = read(google, tmp_path / "run", resume=True)
    assert gaps(resumed) == [] and told(resumed) == undisturbed
    assert {one.method.partition(".")[0] for one in google.log} == {"recommender", "cloudresourcemanager"}
    assert not google.count("cloudresourcemanager.projects.getIamPolicy"), "what was answered is not asked again"
    assert not list((tmp_path / "run").iterdir())


def test_who_asks_to_wait_is_waited_for(google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from leastwise.providers.collecting.lanes import Queue

    waits: list[float] = []
    put = Queue.put

    def noting(self: Queue, job: Any, after: float = 0.0) -> None:
        waits.append(after)
        put(self, job, min(after, 0.001))

    monkeypatch.setattr(Queue, "put", noting)
    google.faults = [on(Fault(QUOTA.refused, headers={"retry-after": "41"}), "orgpolicy", first=1)]
    assert gaps(read(google, tmp_path / "run")) == []
    assert waits.count(41.0) == 1


def test_a_page_that_fails_keeps_the_earlier_ones_and_resume_asks_only_for_it(
    google: FakeGoogle, tmp_path: Path, undisturbed: list[Any]
) -> None:
    def third(request: Any) -> Fault | None:
        asset = request.method == "cloudasset.assets.list" and request.parameters["contentType"] == "IAM_POLICY"
        return BROKEN if asset and google.count("cloudasset.assets.list") and len(pages(google)) > 2 else None

    google.faults = [third]
    found = read(google, tmp_path / "run")
    ((call, status, _, _),) = gaps(found)
    assert (call, status) == ("cloudasset.assets.list:IAM_POLICY", "failed")
    kept = [one for body in bodies(found, "cloudasset.assets.list:IAM_POLICY") for one in body["assets"]]
    assert len(kept) == 4, "two pages"
    google.faults, google.log[:] = [], []
    resumed = read(google, tmp_path / "run", resume=True)
    assert gaps(resumed) == [] and told(resumed) == undisturbed
    assert len(pages(google)) == 2


def pages(google: FakeGoogle) -> list[Any]:
    return [one for one in google.log if one.parameters.get("contentType") == "IAM_POLICY"]


def test_a_token_of_a_page_that_is_not_taken_any_more_is_a_gap(google: FakeGoogle, tmp_path: Path) -> None:
    stale = Fault(Refused(400, "INVALID_ARGUMENT", "The page token is expired"))
    google.faults = [lambda request: stale if "pageToken" in request.parameters and "roles" in request.method else None]
    found = read(google, tmp_path / "run")
    ((call, status, _, detail),) = gaps(found)
    assert (call, status) == ("iam.roles.list", "failed") and "expired" in detail
    assert bodies(found, "iam.roles.list"), "the first page stays"


def test_a_group_of_which_a_page_of_members_failed_is_known_in_part(google: FakeGoogle, tmp_path: Path) -> None:
    google.page = 1
    stale = Fault(Refused(400, "INVALID_ARGUMENT", "The page token is expired"))
    google.faults = [
        lambda request: stale if "pageToken" in request.parameters and "memberships" in request.method else None
    ]
    (found,) = collected(google, tmp_path / "run").values()
    principals = {row["id"]: row for row in PROVIDER.translate(found)["principals"].to_pylist()}
    assert principals["group:staff@brightwater.example"]["members_known"] is False
    assert principals["group:ops@brightwater.example"]["members_known"] is True
    parts = [one.name for one in found.documents if one.name.endswith(PART) and "memberships" in one.kind]
    assert len(parts) == 1 and "groups/staff" in parts[0]


def test_a_page_that_leads_to_itself_ends(google: FakeGoogle, tmp_path: Path) -> None:
    again = Fault(body=json.dumps({"roles": [], "nextPageToken": "same"}).encode())
    google.faults = [on(again, "iam.roles.list")]
    ((call, status, _, detail),) = gaps(read(google, tmp_path / "run"))
    assert (call, status) == ("iam.roles.list", "failed") and "leads to itself" in detail


def test_a_page_without_things_that_leads_on_is_followed(
    google: FakeGoogle, tmp_path: Path, undisturbed: list[Any]
) -> None:
    empty = Fault(body=json.dumps({"nextPageToken": "next"}).encode())
    real = google._paged

    def paged(method: Any, request: Any, items: list[Any]) -> dict[str, Any]:
        if request.parameters.get("pageToken") == "next":
            rest = {key: value for key, value in request.parameters.items() if key != "pageToken"}
            return real(method, type(request)(request.host, request.method, rest, None, "", {}, 0), items)
        return real(method, request, items)

    google._paged = paged  # type: ignore[method-assign]
    google.faults = [on(empty, "orgpolicy.organizations", first=1)]
    found = read(google, tmp_path / "run")
    assert gaps(found) == [] and told(found) == undisturbed


def test_places_that_could_not_be_reached_are_said(google: FakeGoogle, tmp_path: Path) -> None:
    entitlements = {"entitlements": [], "unreachable": ["projects/102/locations/us"]}
    google.faults = [on(Fault(body=json.dumps(entitlements).encode()), "privilegedaccessmanager", "projects/102")]
    ((call, status, account, detail),) = gaps(read(google, tmp_path / "run"))
    assert (call, status, account) == ("privilegedaccessmanager.entitlements.list", "failed", "bw-beta")
    assert "unreachable: projects/102/locations/us" in detail


def test_folders_that_cannot_be_listed_say_that_everything_in_them_is_unknown(
    google: FakeGoogle, tmp_path: Path
) -> None:
    google.faults = [on(DENIED, "cloudresourcemanager.folders.list", "folders/10")]
    found = read(google, tmp_path / "run")
    (gap,) = [one for one in found.coverage if one.status is not CoverageStatus.OK]
    assert (gap.account, gap.affects) == ("folders/10", "which folders there are, and everything in them")
    assert not bodies(found, "cloudresourcemanager.projects.getIamPolicy", "projects/103")


def test_the_network_gone_interrupts_and_resume_completes(
    google: FakeGoogle, tmp_path: Path, undisturbed: list[Any]
) -> None:
    (found,) = left_by_the_network(
        google, 60, lambda **more: list(collect(keys(google), a_run(tmp_path / "run", **more)))
    )
    assert {one[1] for one in gaps(found)} <= {"not_tried", "failed"}
    resumed = read(google, tmp_path / "run", resume=True)
    assert gaps(resumed) == [] and told(resumed) == undisturbed


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=some.floats(0.0, 1.0))
def test_a_journal_that_was_cut_anywhere_is_gone_on_with(
    google: FakeGoogle, tmp_path_factory: pytest.TempPathFactory, undisturbed: list[Any], cut: float
) -> None:
    """What a killed run leaves: some whole records, and a piece of one."""
    folder = tmp_path_factory.mktemp("cut")
    resumed = gone_on_with(google, on(DAY, "recommender.projects", "102"), folder, cut, partial(read, google))
    assert gaps(resumed) == [] and told(resumed) == undisturbed


def test_a_journal_of_another_plan_is_not_gone_on_with(google: FakeGoogle, tmp_path: Path) -> None:
    google.faults = [on(DAY, "recommender")]
    read(google, tmp_path / "run")
    google.faults, google.log[:] = [], []
    read(google, tmp_path / "run", resume=True, services=["iam"])
    assert google.count("iam.projects.serviceAccounts.list") == 3


SLOW = {"iam-v2": 3, "iam-v3": 60000, "cloudasset": 60000}
"""Three deny policies a minute: what must not wait for the next minute would take hours in these tests."""


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leastwise.providers.collecting.lanes._MINUTE", 5000.0)


def denying(google: FakeGoogle) -> int:
    return google.count("iam.policies.")


def test_a_run_that_ends_does_not_wait_for_the_minutes_that_are_left(
    google: FakeGoogle, tmp_path: Path, hours: None
) -> None:
    expired = Fault(Refused(401, "UNAUTHENTICATED", "invalid", "ACCESS_TOKEN_EXPIRED"))

    def ending(request: Any) -> Fault | None:
        """The token ends when deny policies wait for the next minute."""
        if not request.method.startswith("recommender"):
            return None
        while denying(google) < 3:
            time.sleep(0.01)
        return expired

    google.faults = [ending]
    whys: list[str] = []
    run = a_run(tmp_path / "run", interrupted=lambda one, why: whys.append(why) or one)
    found: list[Collected] = []
    source = keys(google, per_minute=SLOW, in_flight=40)
    thread = threading.Thread(target=lambda: found.extend(collect(source, run)), daemon=True)
    thread.start()
    thread.join(120)
    assert found, "it waits for the next minute"
    assert whys and denying(google) == 3
    assert ("iam.policies.listPolicies", "not_tried") in {(call, status) for call, status, *_ in gaps(found[0])}


def test_a_limit_that_is_used_up_does_not_wait_either(google: FakeGoogle, tmp_path: Path, hours: None) -> None:
    google.faults = [on(DAY, "iam.policies")]
    found = collected(google, tmp_path / "run", per_minute=SLOW)[ORGANIZATION]
    assert {(call, status) for call, status, *_ in gaps(found)} == {("iam.policies.listPolicies", "throttled")}
    assert denying(google) <= 3


def test_what_was_answered_does_not_wait_for_the_minute_when_a_run_is_gone_on_with(
    google: FakeGoogle, tmp_path: Path, undisturbed: list[Any], hours: None
) -> None:
    google.faults = [on(DAY, "recommender.projects", "102")]
    read(google, tmp_path / "run", services=["iam-v2", "recommender"], per_minute={"iam-v2": 60})
    google.faults, google.log[:] = [], []
    resumed = read(google, tmp_path / "run", resume=True, services=["iam-v2", "recommender"], per_minute={"iam-v2": 60})
    assert {status for _, status, _, _ in gaps(resumed)} == {"not_tried"} and denying(google) == 0
