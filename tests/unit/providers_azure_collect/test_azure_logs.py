"""Logs of Azure fetched from the fake: what is asked for, what grows, what is refused, what counts as held."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.logs import ACCOUNT, ADDRESS, WORKSPACE, Blob, LogWorld, event, sign_in, unhurried
from fakes.azure.server import BROKEN, DENIED, EXPIRED, FakeAzure, Fault, Request, on
from fakes.azure.taking import Lake
from fakes.azure.world import LAB, ONLINE, PROD, ROOT, SHARED, SHOP, TENANT, VAULT, Refused
from fakes.into import Into
from leastwise.errors import InputError, UsageError
from leastwise.providers.azure.collect.fetcher import FETCHER
from leastwise.providers.azure.collect.log_access import Access
from leastwise.providers.azure.collect.log_activity import Activity
from leastwise.providers.azure.collect.log_policy import log_policy
from leastwise.providers.azure.collect.log_survey import survey
from leastwise.providers.azure.events.spelling import RESOURCE_LOGS, of_directory
from leastwise.providers.azure.log_names import ACTIVITY, containers_of, key_of
from leastwise.providers.azure.observing.kinds import kinds
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra.events.record import SIGN_INS
from leastwise.providers.fetching import Piece, Wanted
from leastwise.providers.logs.spans import spans
from leastwise.providers.microsoft.log_listing import listing
from leastwise.providers.microsoft.log_names import (
    BETWEEN,
    OBJECTS,
    OF_DIRECTORY,
    OF_RESOURCES,
    QUIET,
    TABLES,
    store_of,
)
from leastwise.providers.microsoft.log_objects import Objects
from leastwise.providers.microsoft.log_tables import KNOWN, Tables
from leastwise.providers.rest.failure import RestFailed

NOW = datetime.now(UTC).replace(microsecond=0)
AT_NOON = NOW.replace(hour=12, minute=0, second=0)
IDS = {one: f"subscriptions/{one.rpartition('/')[2]}" for one in (SHOP, SHARED, LAB)}


def ago(days: float) -> datetime:
    return NOW - timedelta(days)


@pytest.fixture
def world() -> LogWorld:
    return LogWorld(events={
        SHOP: [event(number, ago(3 * number), SHOP) for number in range(1, 6)],
        SHARED: [event(11, ago(2), SHARED)],
        PROD.lower(): [event(21, ago(5), PROD, "Microsoft.Authorization/roleAssignments/write")],
        "/": [event(31, ago(6), "/")],
    })  # fmt: skip


@pytest.fixture
def fake(world: LogWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls", world=world, page=100) as found:
        unhurried(monkeypatch, found)
        yield found
        assert found.strange == []


def wanted(fake: FakeAzure, lake: Lake | None = None, url: str = "", **more: Any) -> Wanted:
    keys = {name: more.pop(name) for name in ("subscriptions", "management_groups") if name in more}
    held = (lambda: lake.folders) if lake is not None else dict
    return Wanted(url, sign_in=sign_in(fake, **keys), held=held, **more)


def activity(fake: FakeAzure, lake: Lake, url: str = "", **more: Any) -> list[Piece]:
    return lake.take(FETCHER.source(wanted(fake, lake, url, lookup=not url, **more)))


def test_the_tenant_its_groups_and_subscriptions_are_each_asked_once(fake: FakeAzure) -> None:
    lake = Lake()
    activity(fake, lake)
    assert lake.numbers() == [1, 2, 3, 4, 5, 11, 21, 31]
    held = {one.container: one for one in spans(ACTIVITY, lake.folders)}
    groups = {f"managementGroups/{one.rpartition('/')[2]}" for one in (ROOT, PROD, ONLINE)}
    assert held.keys() == {"tenant", *groups, *IDS.values()}, "not what another directory lends"
    assert all(one.logs == {"activity"} for one in held.values())
    assert all(timedelta(89) < NOW - one.begin < timedelta(90) for one in held.values())
    assert all(timedelta(hours=5) < NOW - one.end < timedelta(hours=8) for one in held.values())
    before = fake.count("activityLogs")
    assert isinstance(fake.world, LogWorld)
    fake.world.events[SHOP].append(event(6, ago(0.01), SHOP))
    second = activity(fake, lake)
    assert {one.name.split("/since/")[0] for one in second} == {f"{ACTIVITY}{one}" for one in held}
    assert lake.numbers() == [1, 2, 3, 4, 5, 6, 11, 21, 31]
    assert fake.count("activityLogs") - before == 6, "of each the last hours alone"


@pytest.mark.parametrize(
    ("keys", "url", "containers"),
    [
        ({"subscriptions": [SHOP]}, "", {IDS[SHOP]}),
        ({"management_groups": ["mg-online"]}, "", {"managementGroups/mg-online", IDS[SHOP]}),
        ({}, f"{ACTIVITY}{IDS[LAB]},tenant", {IDS[LAB], "tenant"}),
    ],
)
def test_what_is_named_is_asked_alone(fake: FakeAzure, keys: dict[str, Any], url: str, containers: set[str]) -> None:
    lake = Lake()
    activity(fake, lake, url, **keys)
    assert {one.container for one in spans(ACTIVITY, lake.folders)} == containers


def test_a_busy_subscription_comes_in_spans_and_pages_and_nothing_is_lost(
    fake: FakeAzure, world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.logs.spans.PAGES", 2)
    fake.page = 5
    world.events[SHOP] = [event(number, ago(60) + timedelta(hours=7 * number), SHOP) for number in range(1, 200)]
    lake = Lake()
    fetched = activity(fake, lake, subscriptions=[SHOP])
    assert lake.numbers() == list(range(1, 200))
    assert len(fetched) > 10
    (begin, *_), (*_, end) = zip(*sorted((one.begin, one.end) for one in spans(ACTIVITY, lake.folders)), strict=True)
    assert end - begin > timedelta(89)


def test_more_than_ninety_days_are_not_asked_for_and_that_is_said(fake: FakeAzure) -> None:
    opened = Activity(wanted(fake, lookup=True, begin=ago(200).date()))
    Lake().take(opened)
    assert any("for 90 days" in one for one in opened.notes)


def test_one_subscription_that_refuses_costs_no_other(fake: FakeAzure) -> None:
    fake.faults = [on(DENIED, "activityLogs", SHOP)]
    lake = Lake()
    opened = FETCHER.source(wanted(fake, lake, lookup=True))
    lake.take(opened)
    assert lake.numbers() == [11, 21, 31]
    assert IDS[SHOP] not in {one.container for one in spans(ACTIVITY, lake.folders)}
    assert any(IDS[SHOP] in one and "AuthorizationFailed" in one for one in opened.notes)


def test_where_nothing_may_be_read_the_role_is_named(fake: FakeAzure) -> None:
    fake.faults = [on(DENIED, "activityLogs"), on(DENIED, "tenantActivityLogs")]
    with pytest.raises(InputError, match=r"Microsoft\.Insights/eventtypes/values/read is needed"):
        activity(fake, Lake())


def test_throttling_is_waited_out_and_a_token_renewed(fake: FakeAzure) -> None:
    slow = Fault(Refused(429, "TooManyRequests", "Too many.", {"Retry-After": "0"}))
    fake.faults = [on(slow, "activityLogs", SHOP, first=3), on(BROKEN, "activityLogs", LAB, first=2)]
    lake = Lake()
    activity(fake, lake)
    assert lake.numbers() == [1, 2, 3, 4, 5, 11, 21, 31]


def test_a_token_that_is_refused_for_good_ends_the_run_in_a_line(fake: FakeAzure) -> None:
    fake.faults = [on(EXPIRED, "activityLogs")]
    with pytest.raises(InputError, match="token is not accepted any more"):
        activity(fake, Lake())


def file(on: str, time: datetime, container: str = "insights-logs-auditevent") -> tuple[str, str]:
    """Container and name of the file of an hour."""
    return container, f"resourceId={on.upper()}/y={time:%Y}/m={time:%m}/d={time:%d}/h={time:%H}/m=00/PT1H.json"


def line(number: int) -> bytes:
    return json.dumps({"eventDataId": f"{number:012}", "time": "2026-01-01T00:00:00Z"}).encode() + b"\n"


def put(world: LogWorld, number: int, on: str, time: datetime, container: str = "insights-logs-auditevent") -> Blob:
    into, name = file(on, time, container)
    return world.blobs.setdefault(ACCOUNT, {}).setdefault(into, {}).setdefault(name, Blob(line(number)))


def objects(fake: FakeAzure, lake: Lake, url: str = f"{OBJECTS}{ACCOUNT}", **more: Any) -> list[Piece]:
    return lake.take(FETCHER.source(wanted(fake, lake, url, **more)))


def test_files_come_by_time_with_every_page_and_only_those_that_tell_of_usage(fake: FakeAzure, world: LogWorld) -> None:
    fake.page = 2
    for number, days in ((1, 9), (2, 7), (3, 7.1), (4, 2)):
        put(world, number, VAULT, ago(days))
    put(world, 5, SHOP, ago(8), "insights-activity-logs")
    put(world, 6, SHOP, ago(8), "insights-logs-kube-audit")
    lake = Lake()
    opened = FETCHER.source(wanted(fake, lake, f"{OBJECTS}{ACCOUNT}"))
    fetched = lake.take(opened)
    assert [int(one["eventDataId"]) for one in lake.records] == [1, 5, 3, 2, 4]
    assert any("insights-logs-kube-audit" in one for one in opened.notes)
    assert all(one.name.startswith(f"{OBJECTS}{ACCOUNT}/insights-") for one in fetched)
    assert objects(fake, lake) == [], "nothing twice"


def test_days_are_chosen(fake: FakeAzure, world: LogWorld) -> None:
    for number in range(1, 80):
        put(world, number, VAULT, AT_NOON - timedelta(number))
    lake = Lake()
    objects(fake, lake, begin=(AT_NOON - timedelta(40)).date(), end=(AT_NOON - timedelta(35)).date())
    assert lake.numbers() == list(range(35, 41))


def test_a_prefix_may_end_anywhere(fake: FakeAzure, world: LogWorld) -> None:
    for number in range(1, 4):
        put(world, number, VAULT, AT_NOON - timedelta(number))
    put(world, 9, SHOP, AT_NOON - timedelta(1), "insights-activity-logs")
    container, name = file(VAULT, AT_NOON - timedelta(2))
    parts = [name[: name.index("/y=") + length] for length in (-3, 0, 1, 4, 8)]
    for prefix in ("", "resourceId=/SUB", *parts):
        lake = Lake()
        objects(fake, lake, f"{OBJECTS}{ACCOUNT}/{container}/{prefix}")
        assert lake.numbers() == [1, 2, 3], prefix
    for prefix in (name.rpartition("/")[0], name.rpartition("/m=")[0], name):
        lake = Lake()
        objects(fake, lake, f"{OBJECTS}{ACCOUNT}/{container}/{prefix}")
        assert lake.numbers() == [2], prefix


def test_the_file_of_an_hour_grows_and_is_read_again(fake: FakeAzure, world: LogWorld) -> None:
    blob = put(world, 1, VAULT, NOW)
    lake = Lake()
    opened = Objects(wanted(fake, lake, f"{OBJECTS}{ACCOUNT}"), Access)
    (piece,) = opened.pieces(threading.Event())
    blob.data += line(2)
    into = Into()
    opened.fetch(piece, into)
    assert into.data == line(1), "up to what was listed"
    objects(fake, lake)
    assert lake.numbers() == [1, 2] and "/recent/" in next(iter(lake.folders)), "a day that is not over counts for none"
    assert objects(fake, lake) == []
    blob.data += line(3)
    assert len(objects(fake, lake)) == 1
    assert lake.numbers() == [1, 2, 3]


def test_a_file_that_is_replaced_meanwhile_is_set_aside_until_the_next_run(fake: FakeAzure, world: LogWorld) -> None:
    blob = put(world, 1, VAULT, ago(3))
    blob.append = False

    def altered(request: Request) -> Fault | None:
        blob.version += request.name == "blobs.get" and blob.version == 1
        return None

    fake.faults = [altered]
    lake = Lake()
    objects(fake, lake)
    assert list(lake.failed.values()) == ["changed since it was listed"]
    objects(fake, lake)
    assert lake.numbers() == [1]


def test_days_of_a_vault_without_a_file_are_told_where_older_files_are_still_there(
    fake: FakeAzure, world: LogWorld
) -> None:
    for number in (20, 12, 11):
        put(world, number, VAULT, AT_NOON - timedelta(number))
    put(world, 99, SHOP, AT_NOON - timedelta(20), "insights-activity-logs")
    lake = Lake()
    begin = (AT_NOON - timedelta(30)).date()
    objects(fake, lake, begin=begin)
    quiet = [one for one in spans(OBJECTS, lake.folders) if "listed" in one.logs]
    days = sorted((one.begin.date(), one.end.date()) for one in quiet)
    assert days[0] == ((AT_NOON - timedelta(19)).date(), (AT_NOON - timedelta(12)).date())
    assert days[1][0] == (AT_NOON - timedelta(10)).date()
    assert len(days) == 2 and all("insights-logs-auditevent" in one.container for one in quiet)


@pytest.mark.parametrize(
    ("fault", "match"),
    [
        (on(Fault(Refused(403, "AuthorizationPermissionMismatch", "No.")), "containers.list"),
         r"containers/read and .*blobs/read is needed"),
        (on(Fault(body=b"<html>proxy</html"), "containers.list"), "cannot be read"),
        (on(Fault(body=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "containers.list"),
         "document type"),
    ],
)  # fmt: skip
def test_an_account_that_cannot_be_listed_is_one_line(fake: FakeAzure, world: LogWorld, fault: Any, match: str) -> None:
    put(world, 1, VAULT, ago(3))
    fake.faults = [fault]
    with pytest.raises(InputError, match=match):
        objects(fake, Lake())


def test_no_account_no_container_and_no_file_are_said(fake: FakeAzure, world: LogWorld) -> None:
    with pytest.raises(InputError, match="no such container"):
        objects(fake, Lake(), f"{OBJECTS}others")
    world.blobs[ACCOUNT] = {"insights-activity-logs": {}}
    with pytest.raises(InputError, match="no file of a diagnostic setting"):
        objects(fake, Lake())


def test_files_that_are_refused_are_set_aside_and_many_end_the_run(
    fake: FakeAzure, world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.rest.objects._ALL_REFUSED", 3)
    for number in range(1, 4):
        put(world, number, VAULT, ago(number + 1))
    fake.faults = [on(Fault(Refused(403, "AuthorizationPermissionMismatch")), "blobs.get", first=2)]
    lake = Lake()
    objects(fake, lake)
    assert len(lake.failed) == 2 and lake.numbers() == [1]
    fake.faults = [on(Fault(Refused(403, "AuthorizationPermissionMismatch")), "blobs.get")]
    with pytest.raises(InputError, match=r"blobs/read is needed"):
        objects(fake, Lake())


def test_a_list_tells_names_as_they_are() -> None:
    text = (
        '<?xml version="1.0"?><EnumerationResults><Blobs><Blob><Name Encoded="true">a%EF%BF%BEb &amp; c.json</Name>'
        "<Properties><Content-Length>7</Content-Length><Etag>0x1</Etag><BlobType>BlockBlob</BlobType></Properties>"
        "<Metadata><Name>x</Name></Metadata></Blob></Blobs><NextMarker>2!8</NextMarker></EnumerationResults>"
    )
    found = listing(text.encode())
    assert found.more == "2!8" and not found.blobs[0].grows and found.blobs[0].size == 7
    with pytest.raises(RestFailed):
        listing(b"")


def row(number: int, time: datetime, **more: Any) -> dict[str, Any]:
    return {"TimeGenerated": time.isoformat(), "eventDataId": f"{number:012}", "OperationName": "SecretGet", **more}


def tables(fake: FakeAzure, lake: Lake, **more: Any) -> list[Piece]:
    return lake.take(FETCHER.source(wanted(fake, lake, ADDRESS, **more)))


def test_tables_of_a_workspace_come_in_spans_that_count_from_what_is_surely_kept(
    fake: FakeAzure, world: LogWorld
) -> None:
    world.tables = {"AzureActivity": [row(number, ago(number)) for number in range(1, 50)],
                    "AZKVAuditLogs": [row(100, ago(4), Category="AuditEvent")]}  # fmt: skip
    lake = Lake()
    tables(fake, lake)
    assert lake.numbers() == [*range(1, 50), 100]
    assert {one["Type"] for one in lake.records} == {"AzureActivity", "AZKVAuditLogs"}
    held = {table: one for one in spans(TABLES, lake.folders) for table in one.logs}
    assert held.keys() == {name for one in world.tables for name in (one, f"unsure_{one}")}
    assert timedelta(59) < NOW - held["AzureActivity"].begin < timedelta(60)
    assert f"/{held['AzureActivity'].container}" == WORKSPACE.lower()
    before = len(fake.log)
    tables(fake, lake)
    queries = [one.body["query"] for one in fake.log[before:] if one.name == "query.post"]
    assert len(queries) == 2, "of each table the last hours alone"


def test_an_answer_that_is_cut_off_is_asked_for_in_halves(
    fake: FakeAzure, world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tables = {"AzureActivity": [row(number, ago(3) + timedelta(minutes=number)) for number in range(1, 300)]}
    world.most = 20
    lake = Lake()
    tables(fake, lake)
    assert lake.numbers() == list(range(1, 300)) and len(lake.records) == 299
    monkeypatch.setattr("leastwise.providers.microsoft.log_tables._ROWS", 30)
    world.most = 1000
    again = Lake()
    fetched = tables(fake, again)
    assert again.numbers() == list(range(1, 300)) and len(fetched) > 5


def test_more_rows_in_a_second_than_an_answer_holds_are_set_aside(fake: FakeAzure, world: LogWorld) -> None:
    world.tables = {"AzureActivity": [row(number, ago(3)) for number in range(1, 30)]}
    world.most = 20
    lake = Lake()
    tables(fake, lake)
    assert any("more rows in the second" in why for why in lake.failed.values())


@pytest.mark.parametrize(
    ("workspace", "plan", "note"),
    [
        ({"workspaceCapping": {"dailyQuotaGb": 1.0}}, {}, "goes beyond 1.0 GB a day is dropped"),
        ({"defaultDataCollectionRuleResourceId": "/x"}, {}, "data collection rule"),
        ({}, {"plan": "Basic"}, "its plan is Basic"),
        ({"workspaceCapping": {"dailyQuotaGb": -1.0}}, {"retentionInDays": 30}, ""),
    ],
)
def test_what_is_not_surely_whole_counts_for_nothing(
    fake: FakeAzure, world: LogWorld, workspace: dict[str, Any], plan: dict[str, Any], note: str
) -> None:
    world.tables = {"AzureActivity": [row(1, ago(3))]}
    world.workspace = {**world.workspace, **workspace}
    world.plans = {"AzureActivity": plan}
    lake = Lake()
    opened = Tables(wanted(fake, lake, ADDRESS), Access)
    lake.take(opened)
    assert bool(note) == bool(opened.notes) and all(note in one for one in opened.notes)
    sure = [one for one in spans(TABLES, lake.folders) if "AzureActivity" in one.logs]
    assert bool(sure) == (not note)
    if sure:
        assert timedelta(29) < NOW - min(one.begin for one in sure) < timedelta(30)


def test_a_workspace_that_is_not_there_has_no_table_or_refuses(fake: FakeAzure, world: LogWorld) -> None:
    with pytest.raises(InputError, match="no such workspace"):
        Lake().take(FETCHER.source(wanted(fake, url=ADDRESS.replace("/data/", "/other/"))))
    with pytest.raises(InputError, match="none of the tables"):
        tables(fake, Lake())
    world.tables = {"AzureActivity": []}
    fake.faults = [on(DENIED, "query.post")]
    with pytest.raises(InputError, match="workspaces/query/read is needed"):
        tables(fake, Lake())


def test_a_source_without_a_token_for_storage_says_so_in_a_line(
    fake: FakeAzure, world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world, 1, VAULT, ago(3))
    keys = sign_in(fake)
    del keys["storage_token_env"]
    with pytest.raises(InputError, match=r"there is no token for https://storage\.azure\.com"):
        Lake().take(FETCHER.source(Wanted(f"{OBJECTS}{ACCOUNT}", sign_in=keys)))


@pytest.mark.parametrize(
    ("url", "actions", "data"),
    [
        ("", {"Microsoft.Insights/eventtypes/values/read", "Microsoft.Resources/subscriptions/read",
              "Microsoft.Management/managementGroups/descendants/read"}, set()),
        (f"{ACTIVITY}{IDS[SHOP]}", {"Microsoft.Insights/eventtypes/values/read"}, set()),
        (f"{OBJECTS}{ACCOUNT}/insights-activity-logs",
         {"Microsoft.Storage/storageAccounts/blobServices/containers/read"},
         {"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"}),
    ],
)  # fmt: skip
def test_the_least_role_of_each_source(url: str, actions: set[str], data: set[str]) -> None:
    told = json.loads(log_policy(Wanted(url, lookup=not url)))["role"]
    assert set(told["Actions"]) == actions and set(told["DataActions"]) == data


def test_every_operation_of_the_roles_exists() -> None:
    from leastwise.providers.azure import catalog
    from leastwise.providers.azure.language.operations import Plane, canonical

    role = json.loads(log_policy(Wanted(auto=True)))["role"]
    assert any("workspaces/query/AzureActivity/read" in one for one in role["Actions"])
    assert all(Plane.CONTROL in catalog.planes(canonical(one)) for one in role["Actions"])
    assert all(Plane.DATA in catalog.planes(canonical(one)) for one in role["DataActions"])
    assert json.loads(log_policy(Wanted(ADDRESS)))["role"]["AssignableScopes"] == [WORKSPACE]


@pytest.mark.parametrize(
    "more",
    [{"queue": "https://q"}, {"regions": ("westeurope",), "lookup": True}, {"url": "s3://b"}, {"url": f"{OBJECTS}X"},
     {"url": f"{ACTIVITY}projects/x"}, {"url": f"{TABLES}subscriptions/x"}, {"url": f"{OBJECTS}ab/c"}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(fake: FakeAzure, more: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        FETCHER.source(wanted(fake, **more))


def test_names_read_as_they_are_written() -> None:
    assert store_of(f"{OBJECTS}{ACCOUNT}/insights-activity-logs/resourceId=/") == (
        ACCOUNT, "insights-activity-logs", "resourceId=/",
    )  # fmt: skip
    assert containers_of(f"{ACTIVITY}tenant,{IDS[SHOP].upper().replace('SUBSCRIPTIONS', 'subscriptions')}") == [
        "tenant", IDS[SHOP],
    ]  # fmt: skip
    assert [key_of(one) for one in ("tenant", IDS[SHOP], f"managementGroups/{TENANT}")] == ["/", SHOP, ROOT.lower()]


def settings(*details: dict[str, str]) -> list[ScopeTables]:
    import pyarrow as pa

    rows = [
        {"id": f"{one['on']}/providers/microsoft.insights/diagnosticSettings/{number}",
         "kind": "insights:diagnosticsettings", "account": SHOP.rpartition("/")[2], "details": list(one.items())}
        for number, one in enumerate(details)
    ]  # fmt: skip
    schema = pa.schema([("id", pa.string()), ("kind", pa.string()), ("account", pa.string()),
                        ("details", pa.map_(pa.string(), pa.string()))])  # fmt: skip
    return [ScopeTables("tenant", TENANT, {"resources": pa.Table.from_pylist(rows, schema)})]


STORE_ID = f"{SHARED}/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}"


def test_the_survey_reads_what_azure_keeps_and_resource_logs_where_they_lie_for_the_least(
    fake: FakeAzure, world: LogWorld
) -> None:
    put(world, 1, VAULT, ago(3)).data *= 1000
    world.tables = {"AzureActivity": [], "AZKVAuditLogs": []}
    vault = {"on": VAULT.lower(), "logs": "AuditEvent"}
    known = settings(
        {"on": SHOP, "logs": "Administrative", "storageAccountId": STORE_ID},
        {**vault, "storageAccountId": STORE_ID}, {**vault, "workspaceId": WORKSPACE},
        {"on": VAULT.lower(), "groups": "audit", "eventHubAuthorizationRuleId": "/e"},
        {"on": SHOP, "logs": "Security", "storageAccountId": STORE_ID.replace(ACCOUNT, "others")},
    )  # fmt: skip
    found = survey(wanted(fake, auto=True), known)
    assert [one.url for one in found.places] == [ACTIVITY, f"{TABLES}{WORKSPACE[1:].lower()}"]
    assert found.places[0].files == 7 and not any(one.cause for one in found.places)
    told = " ".join(found.notes)
    assert f"{OBJECTS}{ACCOUNT} is not read" in told and "1 diagnostic settings send logs to event hubs alone" in told
    older = survey(wanted(fake, auto=True, begin=ago(200).date()), known)
    assert {one.url for one in older.places} == {
        ACTIVITY, f"{TABLES}{WORKSPACE[1:].lower()}", f"{OBJECTS}{ACCOUNT}",
    }  # fmt: skip


def test_the_survey_says_what_cannot_be_read(fake: FakeAzure, world: LogWorld) -> None:
    put(world, 1, VAULT, ago(3))
    fake.faults = [on(Fault(Refused(403, "AuthorizationPermissionMismatch")), "containers.list")]
    vault = {"on": VAULT.lower(), "logs": "AuditEvent"}
    gone = WORKSPACE.replace("/data/", "/no/")
    known = settings({**vault, "storageAccountId": STORE_ID}, {**vault, "workspaceId": gone})
    found = survey(wanted(fake, auto=True), known)
    causes = {one.url.partition("://")[0]: one.cause for one in found.places}
    assert "blobs/read is needed" in causes["azblob"] and causes["loganalytics"] == "is not there"


def test_nothing_of_a_token_is_in_what_is_said(fake: FakeAzure, world: LogWorld) -> None:
    put(world, 1, VAULT, ago(3))
    fake.faults = [
        on(Fault(Refused(401, "InvalidAuthenticationInfo", "token")), "containers.list"),
    ]
    with pytest.raises(InputError) as failed:
        objects(fake, Lake())
    assert "canary" not in str(failed.value)


def test_what_is_surely_held_is_not_asked_for_again_a_day_later(fake: FakeAzure, world: LogWorld) -> None:
    world.tables = {"AzureActivity": [row(number, ago(number)) for number in range(1, 50)]}
    lake = Lake()
    lake.take(Tables(wanted(fake, lake, ADDRESS), Access))
    later = Tables(wanted(fake, lake, ADDRESS), Access, datetime.now(UTC) + timedelta(1))
    asked = [piece.key[1].begin for piece in later.pieces(threading.Event())]
    assert asked and min(asked) > NOW - timedelta(2)


def test_what_is_read_is_what_records_are_told_of() -> None:
    telling = {name.lower() for one in kinds().resources for name in one.categories}
    assert set(RESOURCE_LOGS) == OF_RESOURCES and telling == QUIET
    assert {"AuditLogs", *SIGN_INS, "MicrosoftGraphActivityLogs"} == set(OF_DIRECTORY)
    assert set(KNOWN) > BETWEEN and all(of_directory(one) for one in OF_DIRECTORY)
