"""The runner: nothing asked twice, nothing lost, the same documents in whatever order the answers come."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from leastwise.model.scope import CoverageStatus, Scope
from leastwise.providers.aws.collect.clients import CallFailed
from leastwise.providers.aws.collect.declaration import Call, Service, parse_service
from leastwise.providers.aws.collect.run import Run
from leastwise.providers.collecting import run as module
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.collecting.journal import Header, Journal
from leastwise.providers.collecting.run import Finished, Target

PAGES = 3
DECLARED = parse_service(
    "x.yaml",
    """
service: x
calls:
- call: ListThings
  keep: {Things: {Name}}
  then:
  - call: GetThing
    each: Things
    with: {Name: .Name}
    absent: [NoSuchThing]
    keep: {Thing, Settings: hash}
- call: ListApart
  separate: true
  keep: {Things}
- call: MakeReport
  regions: one
  until: {State: DONE}
  then:
  - call: GetReport
    body: Content
""",
)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "pause", lambda tries: 0.001)
    monkeypatch.setattr(module, "_UNTIL_SECONDS", 0.001)


class Cloud:
    """Answers of a service; `delay` shuffles the order in which they come."""

    def __init__(self, seed: int = 0, delay: float = 0.0) -> None:
        self.asked: Counter[str] = Counter()
        self.chance, self.delay = random.Random(seed), delay
        self.reports = 0

    def __call__(self, service: Service, call: Call, region: str, given: Mapping[str, Any], who: Any) -> Answer:
        self.asked[f"{call.call} {region} {sorted(given.items())}"] += 1
        if self.delay:
            time.sleep(self.chance.random() * self.delay)
        page = int(given.get("Token", 0))
        more = {"Token": page + 1} if page + 1 < PAGES else None
        match call.call:
            case "ListThings":
                things = [{"Name": f"{region}-{page}-{one}", "Password": "canary"} for one in range(2)]
                # The last of a page is listed again on the next: what moves while it is listed.
                again = [{"Name": f"{region}-{page - 1}-1"}] if page else []
                return Answer({"Things": things + again, "Other": "canary"}, more)
            case "GetThing":
                if given["Name"].endswith("-0-0"):
                    raise CallFailed("NoSuchThing", "none", 404)
                return Answer({"Thing": given["Name"], "Settings": {"K": "canary"}, "Secret": "canary"}, None)
            case "ListApart":
                return Answer({"Things": [page]}, more)
            case "MakeReport":
                self.reports += 1
                return Answer({"State": "DONE" if self.reports > 3 else "STARTED"}, None)
            case "GetReport":
                return Answer({"Content": b"a,b"}, None)
        raise AssertionError(call.call)


def collected(folder: Path, cloud: Any, resume: bool = False) -> Finished:
    target = Target(
        scope=Scope("aws", "account", "1"), credentials=None, services=[DECLARED], regions=["a", "b"], home_region="a",
        header=Header(("aws", "account", "1"), datetime.now(UTC).isoformat(), "plan"), journal=Journal(folder / "j"),
        resume=resume, around={"account": "1"},
    )  # fmt: skip
    (finished,) = Run(cloud, lambda value: "hashed", 5, 2).collect([target])
    return finished


def documents(finished: Finished) -> list[tuple[str, str, bytes]]:
    return [(one.kind, one.name, one.body) for one in finished.collected.documents]


def test_everything_is_asked_once_paged_and_pruned(tmp_path: Path) -> None:
    cloud = Cloud()
    finished = collected(tmp_path, cloud)
    calls = {name: count for name, count in cloud.asked.items() if "MakeReport" not in name}
    assert set(calls.values()) == {1}, "a thing listed twice is asked for once"
    assert cloud.asked["MakeReport a []"] == 4
    kinds = Counter(one.kind for one in finished.collected.documents)
    assert kinds == {
        "x.list-things": 2, "x.get-thing": 10, "x.get-thing!NoSuchThing": 2, "x.list-apart": 6, "x.make-report": 1,
        "x.get-report": 1,
    }  # fmt: skip
    assert not [one for one in documents(finished) if b"canary" in one[2]]
    assert {one.status for one in finished.collected.coverage} == {CoverageStatus.OK}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=some.integers(0, 10**6))
def test_documents_do_not_depend_on_the_order_of_answers(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("order")
    first = documents(collected(folder, Cloud(), False))
    assert documents(collected(folder, Cloud(seed, delay=0.004), False)) == first


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left=some.integers(0, 40))
def test_what_stops_anywhere_is_completed_without_asking_again(
    left: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("stop")
    whole = documents(collected(folder, Cloud(), False))
    cloud, made = Cloud(), Counter[str]()

    def expiring(*arguments: Any) -> Answer:
        if sum(made.values()) >= left:
            raise CallFailed("ExpiredToken", "expired", 403)
        made[str(arguments[1].call) + arguments[2] + str(arguments[3])] += 1
        return cloud(*arguments)

    stopped = collected(folder, expiring, False)
    if stopped.interrupted:
        assert any(one.status is CoverageStatus.NOT_TRIED for one in stopped.collected.coverage)
        stopped.target.journal.close()
        finished = collected(folder, cloud, True)
        assert not finished.interrupted and documents(finished) == whole
        assert max(count for name, count in cloud.asked.items() if "Report" not in name) == 1


def failing(code: str, *calls: str, http: int = 400, times: int = 10**6) -> Any:
    cloud, left = Cloud(), Counter(dict.fromkeys(calls, times))

    def ask(*arguments: Any) -> Answer:
        name = arguments[1].call
        if left[name] > 0:
            left[name] -= 1
            raise CallFailed(code, "scripted", http)
        return cloud(*arguments)

    return ask


@pytest.mark.parametrize(
    ("code", "http", "status"),
    [
        ("AccessDenied", 403, "denied"), ("Throttling", 400, "throttled"), ("InternalFailure", 500, "failed"),
        ("ValidationException", 400, "failed"), ("OptInRequired", 403, "unlicensed"),
        ("InvalidAction", 400, "unsupported"),
    ],
)  # fmt: skip
def test_every_way_to_fail_is_a_gap(tmp_path: Path, code: str, http: int, status: str) -> None:
    finished = collected(tmp_path, failing(code, "ListThings", http=http))
    (gap,) = [one for one in finished.collected.coverage if one.status != "ok"]
    assert (gap.call, str(gap.status)) == ("ListThings", status)
    assert code in gap.detail and "a, b" in gap.detail and gap.affects
    assert not finished.interrupted


def test_what_passes_is_no_gap(tmp_path: Path) -> None:
    for code, http, times in (("Throttling", 400, 15), ("InternalFailure", 500, 4), ("ReadTimeoutError", 0, 4)):
        finished = collected(tmp_path, failing(code, "ListThings", http=http, times=times))
        assert {one.status for one in finished.collected.coverage} == {CoverageStatus.OK}, code


def test_endpoints_that_do_not_exist_are_no_network_that_is_gone(tmp_path: Path) -> None:
    def ask(service: Service, call: Call, region: str, given: Mapping[str, Any], who: Any) -> Answer:
        if service.service == "sts":
            return Answer({}, None)
        raise CallFailed("EndpointConnectionError", f"https://x.{region}")

    finished = collected(tmp_path, ask)
    assert not finished.interrupted
    assert {str(one.status) for one in finished.collected.coverage} == {"failed"}


def test_a_network_that_is_gone_interrupts(tmp_path: Path) -> None:
    finished = collected(
        tmp_path, failing("EndpointConnectionError", "ListThings", "ListApart", "MakeReport", "GetCallerIdentity")
    )
    assert finished.interrupted == "the network is gone (EndpointConnectionError)"


def test_a_page_that_leads_to_itself_ends(tmp_path: Path) -> None:
    def ask(service: Service, call: Call, region: str, given: Mapping[str, Any], who: Any) -> Answer:
        more = {"Token": "same"} if call.call == "ListThings" else None
        return Answer({"Things": [], "State": "DONE", "Content": b""}, more)

    finished = collected(tmp_path, ask)
    (gap,) = [one for one in finished.collected.coverage if one.status != "ok"]
    assert gap.call == "ListThings" and "leads to itself" in gap.detail


KINDS: list[tuple[Any, Any]] = [
    (b"\x00\xff", "AP8="),
    (datetime(2026, 3, 1, 8, tzinfo=UTC), "2026-03-01T08:00:00Z"),
    (1.5, 1.5),
    (None, None),
    ([True, {"a": 1}], [True, {"a": 1}]),
]


class Strange(Cloud):
    """Answers one call with some value."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def __call__(self, service: Service, call: Call, region: str, given: Mapping[str, Any], who: Any) -> Answer:
        if call.call == "ListApart":
            return Answer({"Things": self.value}, None)
        return super().__call__(service, call, region, given, who)


@pytest.mark.parametrize(("value", "kept"), KINDS)
def test_values_of_every_kind_are_kept_as_json(value: Any, kept: Any, tmp_path: Path) -> None:
    finished = collected(tmp_path, Strange(value))
    bodies = [json.loads(one.body) for one in finished.collected.documents if one.kind == "x.list-apart"]
    assert bodies == [{"Things": kept} if kept is not None else {}] * 2


def test_an_answer_that_cannot_be_kept_is_a_gap_and_ends_nothing_else(tmp_path: Path) -> None:
    finished = collected(tmp_path, Strange(Cloud()))
    gaps = [one for one in finished.collected.coverage if one.status is not CoverageStatus.OK]
    assert {(one.call, one.status) for one in gaps} == {("ListApart", CoverageStatus.FAILED)}
    assert all("cannot be kept" in one.detail and "Cloud" in one.detail and "in a, b" in one.detail for one in gaps)
    kinds = Counter(one.kind for one in finished.collected.documents)
    assert kinds["x.get-thing"] == 10 and "x.list-apart" not in kinds
