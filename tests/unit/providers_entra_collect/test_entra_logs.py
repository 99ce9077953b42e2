"""Logs of the directory fetched from the fake: what is asked for, what refuses and why, what counts as held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.directory import ANN, APP, TENANT
from fakes.azure.entra import log_source
from fakes.azure.logs import Content, LogWorld, unhurried
from fakes.azure.server import BROKEN, EXPIRED, REFUSED, UNLICENSED_READER, FakeAzure, Fault, on
from fakes.azure.taking import Lake
from fakes.azure.world import Refused
from leastwise.errors import InputError, UsageError
from leastwise.providers.base import Folder
from leastwise.providers.entra.collect.fetcher import FETCHER
from leastwise.providers.entra.collect.log_history import LOGS
from leastwise.providers.entra.collect.log_policy import log_policy
from leastwise.providers.entra.events.reading import read
from leastwise.providers.entra.log_names import FEED, HISTORY, log_of
from leastwise.providers.entra.observing import kept
from leastwise.providers.fetching import Piece, Wanted
from leastwise.providers.logs.spans import spans

NOW = datetime.now(UTC).replace(microsecond=0)
EVENTS = {"SignInLogs": "interactiveUser", "NonInteractiveUserSignInLogs": "nonInteractiveUser",
          "ServicePrincipalSignInLogs": "servicePrincipal", "ManagedIdentitySignInLogs": "managedIdentity"}  # fmt: skip
SLOW = Fault(Refused(429, "TooManyRequests", "Too many.", {"Retry-After": "0"}))


def ago(days: float) -> datetime:
    return NOW - timedelta(days)


def audit(number: int, time: datetime, activity: str = "Add group") -> dict[str, Any]:
    """A record as Graph answers it: of which directory it is it does not tell."""
    return {"id": f"Directory_{number:05}", "category": "GroupManagement", "result": "success",
            "activityDisplayName": activity, "activityDateTime": time.isoformat().replace("+00:00", ".7215374Z"),
            "loggedByService": "Core Directory", "initiatedBy": {"user": {"id": ANN}, "app": None},
            "targetResources": [{"id": f"bbbbbbbb-0000-4000-8000-{number:012}", "type": "Group"}]}  # fmt: skip


def sign_in(number: int, time: datetime, kind: str = "interactiveUser") -> dict[str, Any]:
    who = {"servicePrincipalId": APP} if kind in ("servicePrincipal", "managedIdentity") else {"userId": ANN}
    return {"id": f"{number:05}-{kind}", "createdDateTime": time.isoformat(), "appId": "c", "signInEventTypes": [kind],
            "conditionalAccessStatus": "success", "status": {"errorCode": 0}, "resourceDisplayName": "x",
            **who}  # fmt: skip


@pytest.fixture
def world() -> LogWorld:
    found = LogWorld()
    found.directory.audits = [audit(number, ago(4 * number)) for number in range(1, 6)]
    found.directory.sign_ins = [sign_in(number, ago(number), kind) for number, kind in enumerate(EVENTS.values(), 1)]
    return found


@pytest.fixture
def fake(world: LogWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls", world=world, page=100) as found:
        unhurried(monkeypatch, found)
        yield found
        assert found.strange == []


def wanted(fake: FakeAzure, lake: Lake, url: str = "", **more: Any) -> Wanted:
    return Wanted(url, lookup=not url, sign_in=log_source(fake), held=lambda: lake.folders, **more)


def take(fake: FakeAzure, lake: Lake, url: str = "", **more: Any) -> tuple[list[Piece], list[str]]:
    opened = FETCHER.source(wanted(fake, lake, url, **more))
    return lake.take(opened), opened.notes


def held(lake: Lake) -> dict[str, tuple[datetime, datetime]]:
    """From when to when the lake has each log."""
    found, _ = kept([], [Folder(name, whole) for name, whole in lake.folders.items()])
    assert {one.account for one in found} <= {TENANT}
    logs = {one.log for one in found}
    return {log.partition(":")[0]: (min(one.begin for one in found if one.log == log),
                                    max(one.end for one in found if one.log == log)) for log in logs}  # fmt: skip


def ids(lake: Lake) -> set[str]:
    return {str(one["id"]) for one in lake.records}


def test_every_log_is_asked_for_what_the_directory_still_has(fake: FakeAzure, world: LogWorld) -> None:
    lake = Lake()
    _, notes = take(fake, lake)
    assert ids(lake) == {one["id"] for one in (*world.directory.audits, *world.directory.sign_ins)} and notes == []
    told = held(lake)
    assert set(told) == {"AuditLogs", *EVENTS}
    begin, end = told["AuditLogs"]
    assert abs(begin - ago(20)) < timedelta(hours=1), "since its oldest record"
    assert timedelta(hours=5) < NOW - end < timedelta(hours=8)
    batch = read(b"\n".join(json.dumps(one).encode() for one in lake.records))
    assert {one.tenant for one in batch.records} == {TENANT} and not batch.bad
    assert {one.log for one in batch.records} == {"AuditLogs", *EVENTS}


def test_a_second_run_asks_for_the_last_hours_alone(fake: FakeAzure, world: LogWorld) -> None:
    lake = Lake()
    take(fake, lake)
    first = held(lake)
    world.directory.audits.append(audit(9, ago(0.01)))
    again, _ = take(fake, lake)
    assert {one.name.split("/since/")[0] for one in again} == {f"{HISTORY}{TENANT}/{one.name}" for one in LOGS.values()}
    assert "Directory_00009" in ids(lake) and held(lake) == first, "what may still grow counts for nothing"


def test_a_busy_log_comes_in_spans_and_pages_and_nothing_is_lost(
    fake: FakeAzure, world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.logs.spans.PAGES", 2)
    fake.page = 5
    world.directory.audits = [audit(number, ago(28) + timedelta(hours=4 * number)) for number in range(160)]
    lake = Lake()
    fetched, _ = take(fake, lake, f"{HISTORY}auditlogs")
    assert len(ids(lake)) == 160 and len(fetched) > 5
    begin, end = held(lake)["AuditLogs"]
    assert end - begin > timedelta(27)


def test_an_empty_log_is_held_from_no_day(fake: FakeAzure, world: LogWorld) -> None:
    world.directory.audits, world.directory.sign_ins = [], []
    lake = Lake()
    fetched, notes = take(fake, lake)
    assert {"/since/" in one.name for one in fetched} == {True} and held(lake) == {} and lake.records == []
    assert notes == [] and lake.failed == {}


def test_a_directory_without_a_licence_keeps_seven_days(fake: FakeAzure, world: LogWorld) -> None:
    world.directory.kept = timedelta(7)
    fake.faults = [on(UNLICENSED_READER, "signIns")]
    lake = Lake()
    _, notes = take(fake, lake)
    assert ids(lake) == {"Directory_00001"}
    begin, _ = held(lake)["AuditLogs"]
    assert abs(begin - ago(4)) < timedelta(hours=1), "before its oldest record nothing is known"
    assert len([one for one in notes if "there is no licence for it" in one]) == 4
    with pytest.raises(InputError, match="there is no licence for it"):
        take(fake, Lake(), f"{HISTORY}SignInLogs,ManagedIdentitySignInLogs")


def test_older_than_thirty_days_is_not_asked_for_and_said(fake: FakeAzure) -> None:
    _, notes = take(fake, Lake(), f"{HISTORY}AuditLogs", begin=ago(90).date())
    assert any("for 30 days" in one for one in notes)


@pytest.mark.parametrize("ignored", [False, True])
def test_where_the_oldest_record_is_not_told_all_is_read_and_nothing_held(
    fake: FakeAzure, world: LogWorld, ignored: bool
) -> None:
    world.directory.ordered = not ignored
    world.directory.sign_ins += [sign_in(9 + number, ago(9), kind) for number, kind in enumerate(EVENTS.values())]

    def unordered(request: Any) -> Fault | None:
        asc = request.query.get("$orderby", "").endswith("asc")
        return Fault(Refused(400, "BadRequest", "Unsupported query.")) if asc else None

    fake.faults = [] if ignored else [unordered]
    lake = Lake()
    _, notes = take(fake, lake)
    assert len(ids(lake)) == 13 and held(lake) == {} and len(notes) == 5
    again, _ = take(fake, lake)
    assert all("/since/" in one.name for one in again), "nothing is read twice"


def test_one_log_that_refuses_costs_no_other(fake: FakeAzure) -> None:
    fake.faults = [on(REFUSED, "directoryAudits")]
    lake = Lake()
    _, notes = take(fake, lake)
    assert set(held(lake)) == set(EVENTS) and len(notes) == 1 and "AuditLogs" not in held(lake)
    assert "directoryAudits is not taken in: Authorization_RequestDenied" in notes[0]
    assert "AuditLog.Read.All and Directory.Read.All is needed" in notes[0]


def test_where_nothing_may_be_read_the_permissions_are_named(fake: FakeAzure) -> None:
    fake.faults = [on(REFUSED, "directoryAudits"), on(REFUSED, "signIns")]
    with pytest.raises(InputError, match=r"AuditLog\.Read\.All and Directory\.Read\.All is needed"):
        take(fake, Lake())


def test_throttling_is_waited_out_and_a_broken_page_asked_again(fake: FakeAzure, world: LogWorld) -> None:
    fake.faults = [on(SLOW, "directoryAudits", first=3), on(BROKEN, "signIns", first=2), on(Fault(drop=True), first=1)]
    lake = Lake()
    take(fake, lake)
    assert len(ids(lake)) == 9 and lake.failed == {}


def test_a_limit_that_is_used_up_ends_the_run_and_the_next_goes_on(fake: FakeAzure, world: LogWorld) -> None:
    fake.faults = [on(Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "3600"})), "signIns")]
    lake = Lake()
    with pytest.raises(InputError, match="still throttled"):
        take(fake, lake)
    assert len(ids(lake)) == 5
    fake.faults = []
    take(fake, lake)
    assert len(ids(lake)) == 9


def test_a_token_that_ends_in_between_ends_the_run_in_a_line(fake: FakeAzure) -> None:
    fake.faults = [on(EXPIRED, "signIns")]
    lake = Lake()
    with pytest.raises(InputError, match="token is not accepted any more"):
        take(fake, lake)
    assert len(ids(lake)) == 5, "what was fetched until then counts"


def test_a_network_that_goes_away_leaves_a_piece_to_be_asked_again(
    fake: FakeAzure, world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.microsoft.log_spans._HELD", 1)
    monkeypatch.setattr("leastwise.providers.microsoft.log_spans._TRIES", 2)
    asked = iter(range(1000))
    fake.faults = [lambda request: Fault(drop=True) if request.name == "directoryAudits.list" and 3 <= next(asked) < 5
                   else None]  # fmt: skip
    lake = Lake()
    take(fake, lake, f"{HISTORY}AuditLogs")
    assert lake.failed and held(lake) == {}
    fake.faults = []
    take(fake, lake, f"{HISTORY}AuditLogs")
    assert len(ids(lake)) == 5


def test_what_is_named_must_be_a_log(fake: FakeAzure) -> None:
    with pytest.raises(UsageError, match="froblogs not known; one of AuditLogs"):
        take(fake, Lake(), f"{HISTORY}FrobLogs")
    with pytest.raises(UsageError, match="event hubs are not followed"):
        FETCHER.follow(Wanted(queue="x"))


def content(number: int, time: datetime, **more: Any) -> Content:
    record = {"Id": f"unified-{number}", "CreationTime": (time - timedelta(hours=30)).isoformat()[:19],
              "Operation": "Set-Mailbox", "RecordType": 1, "Workload": "Exchange", "OrganizationId": TENANT,
              "UserId": "ann@corp.example", "UserType": 2, "ResultStatus": "True"}  # fmt: skip
    return Content(f"2026{number:04}$audit", time, [record], **more)


def test_content_of_a_week_comes_once_by_days_and_pages(fake: FakeAzure, world: LogWorld) -> None:
    fake.page = 2
    world.contents = {"Audit.Exchange": [content(number, ago(number / 4)) for number in range(1, 27)],
                      "Audit.General": []}  # fmt: skip
    lake = Lake()
    fetched, notes = take(fake, lake, FEED)
    assert len(lake.records) == 26 == len(fetched)
    (note,) = notes
    assert "Audit.AzureActiveDirectory, Audit.SharePoint" in note and "subscriptions/start?contentType" in note
    assert not [one for one in fake.log if one.name == "feed.subscriptions" and "start" in one.path], "never started"
    assert take(fake, lake, FEED)[0] == []
    world.contents["Audit.General"].append(content(99, ago(0.01)))
    assert len(take(fake, lake, FEED)[0]) == 1 and held(lake) == {}, "nothing is called unused by it"
    batch = read(b"\n".join(json.dumps(one).encode() for one in lake.records))
    assert len(batch.records) == 27 and {one.tenant for one in batch.records} == {TENANT}


def test_without_a_subscription_nothing_is_started(fake: FakeAzure) -> None:
    with pytest.raises(InputError, match=r"none of Audit\.Exchange is subscribed to"):
        take(fake, Lake(), f"{FEED}audit.exchange")
    assert {one.name for one in fake.log} == {"feed.subscriptions"}


def test_the_permission_of_the_feed_is_named(fake: FakeAzure, world: LogWorld) -> None:
    world.contents = {"Audit.Exchange": [content(1, ago(1))]}
    fake.faults = [on(Fault(Refused(401, "AF10001", "The permission set sent in the request is wrong.")), "feed.")]
    with pytest.raises(InputError, match="AF10001"):
        take(fake, Lake(), FEED)
    fake.faults = [on(Fault(Refused(403, "AF10001", "The permission set did not include ActivityFeed.Read.")), "feed.")]
    with pytest.raises(InputError, match=r"ActivityFeed\.Read is needed"):
        take(fake, Lake(), FEED)


def test_the_feed_waits_and_an_ended_token_ends_it_in_a_line(fake: FakeAzure, world: LogWorld) -> None:
    world.contents = {"Audit.Exchange": [content(1, ago(1)), content(2, ago(2))]}
    fake.faults = [on(SLOW, "feed.content", first=2), on(Fault(drop=True), "feed.audit", first=2),
                   on(BROKEN, "feed.subscriptions", first=1)]  # fmt: skip
    lake = Lake()
    take(fake, lake, FEED)
    assert len(lake.records) == 2 and lake.failed == {}
    fake.faults = [on(EXPIRED, "feed.")]
    with pytest.raises(InputError, match="ExpiredAuthenticationToken"):
        take(fake, Lake(), FEED)


def test_content_elsewhere_gets_no_token(fake: FakeAzure, world: LogWorld) -> None:
    world.contents = {"Audit.Exchange": [content(1, ago(1), uri="https://evil.example/audit/1")]}
    with pytest.raises(InputError, match="another place"):
        take(fake, Lake(), FEED)


def test_content_that_is_gone_is_set_aside(fake: FakeAzure, world: LogWorld) -> None:
    world.contents = {"Audit.Exchange": [content(1, ago(1)), content(2, ago(2))]}
    fake.faults = [on(Fault(Refused(404, "AF50000", "gone")), "feed.audit", "20260002")]
    lake = Lake()
    take(fake, lake, FEED)
    assert len(lake.records) == 1 and set(lake.failed.values()) == {"is not there any more"}


def test_a_cloud_without_a_known_feed_is_refused_in_a_line(fake: FakeAzure) -> None:
    source = log_source(fake, cloud="china")
    del source["endpoints"]["office"], source["office_token_env"]
    with pytest.raises(UsageError, match="name it in endpoints as office"):
        FETCHER.source(Wanted(FEED, sign_in=source))


@pytest.mark.parametrize(
    ("url", "auto", "has"),
    [
        ("", False, {"graph"}), (f"{HISTORY}AuditLogs", False, {"graph"}), (FEED, False, {"office"}),
        ("azblob://corplogs", False, {"role"}), ("", True, {"graph", "office", "role"}),
    ],
)  # fmt: skip
def test_the_least_permissions_are_told_by_place(url: str, auto: bool, has: set[str]) -> None:
    told = json.loads(log_policy(Wanted(url, lookup=not url and not auto, auto=auto)))
    assert has == told.keys() & {"graph", "office", "role"}
    if "graph" in has:
        assert told["graph"] == ["AuditLog.Read.All", "Directory.Read.All"] and "unknown" not in told
    if "office" in has:
        assert told["office"]["permission"] == "ActivityFeed.Read"
    if "role" in has:
        assert not [one for one in told["role"]["Actions"] if not one.lower().endswith("/read")]


def test_names_of_pieces_tell_log_and_span() -> None:
    times = "2026-11-01T00:00:00Z_2026-11-03T00:00:00Z"
    name = f"{HISTORY}{TENANT}/signIns-servicePrincipal/ServicePrincipalSignInLogs/{times}/"
    (one,) = spans(HISTORY, {name: True})
    (told,), _ = kept([], [Folder(name)])
    assert (told.log, told.begin, told.end) == (log_of("ServicePrincipalSignInLogs", TENANT), one.begin, one.end)
    assert kept([], [Folder(name, False)]) == ([], {})
