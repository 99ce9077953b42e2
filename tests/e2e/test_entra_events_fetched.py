"""`leastwise events` for the directory against the fake: into a home, twice; what is held, unused and dormant then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.directory import ANN, APP, BEN, GLOBAL, TENANT, Directory
from fakes.azure.entra import log_source
from fakes.azure.home import Home
from fakes.azure.logs import ACCOUNT, ADDRESS, WORKSPACE, Blob, Content, LogWorld, unhurried
from fakes.azure.server import DENIED, REFUSED, UNLICENSED, FakeAzure, on
from fakes.azure.world import SHARED
from leastwise.app.watched import watched
from leastwise.app.wiring import Workspace
from leastwise.model.gap import Window
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.language.settings import KIND
from leastwise.providers.logs.spans import LATE

NOW = datetime.now(UTC).replace(microsecond=0)
NOON = NOW.replace(hour=12, minute=0, second=0)
STORE = f"{SHARED}/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}"
SETTINGS = "/providers/microsoft.aadiam/diagnosticsettings"
CREATE, READ, ASK = "microsoft.directory/groups/create", "microsoft.directory/groups/standard/read", "User.Read.All"
ROLES = "/v1.0/roleManagement/directory"
GRAPH_CATEGORY = "MicrosoftGraphActivityLogs"


def ago(days: float) -> datetime:
    return NOW - timedelta(days)


def audit(number: int, time: datetime) -> dict[str, Any]:
    return {"id": f"Directory_{number:05}", "category": "GroupManagement", "result": "success",
            "activityDisplayName": "Add group", "activityDateTime": time.isoformat(), "loggedByService": "Core",
            "initiatedBy": {"user": {"id": ANN}, "app": None},
            "targetResources": [{"id": f"bbbbbbbb-0000-4000-8000-{number:012}", "type": "Group"}]}  # fmt: skip


def request(number: int, time: datetime) -> dict[str, Any]:
    """A row of the table of Graph's activity logs."""
    return {"TimeGenerated": time.isoformat(), "RequestId": f"r{number}", "RequestMethod": "GET",
            "ResponseStatusCode": 200, "RequestUri": "https://graph.microsoft.com/v1.0/users", "Roles": ASK,
            "AppId": "c", "ServicePrincipalId": APP, "AadTenantId": TENANT}  # fmt: skip


def blob(number: int, time: datetime) -> bytes:
    """A record of a setting's file."""
    row = {name[0].lower() + name[1:]: value for name, value in request(number, time).items()}
    return json.dumps({
        "time": time.isoformat(), "resourceId": f"/TENANTS/{TENANT.upper()}/PROVIDERS/MICROSOFT.AADIAM",
        "category": GRAPH_CATEGORY, "operationName": "Microsoft Graph Activity", "tenantId": TENANT, "properties": row,
    }).encode() + b"\n"  # fmt: skip


def setting(name: str, *categories: str, **places: str) -> dict[str, Any]:
    logs = [{"category": one, "enabled": True} for one in categories]
    return {"id": f"/providers/microsoft.aadiam/diagnosticSettings/{name}", "name": name, "type": None,
            "properties": {**places, "logs": [*logs, {"category": "RiskyUsers", "enabled": False}]}}  # fmt: skip


@pytest.fixture
def world() -> LogWorld:
    found = LogWorld(directory=Directory.whole())
    found.directory.audits = [audit(number, ago(3 * number)) for number in range(1, 9)]
    found.directory.sign_ins = [
        {
            "id": "s1",
            "createdDateTime": ago(1).isoformat(),
            "appId": "c",
            "userId": BEN,
            "resourceDisplayName": "x",
            "conditionalAccessStatus": "success",
            "status": {"errorCode": 0},
            "signInEventTypes": ["interactiveUser"],
        }
    ]
    return found  # fmt: skip


@pytest.fixture
def fake(world: LogWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls", world=world, page=100, generous=False) as found:
        unhurried(monkeypatch, found)
        yield found


@pytest.fixture
def home(fake: FakeAzure, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Home:
    return Home(tmp_path / "home", log_source(fake), {"diagnosticSettings.list"}, capsys)


def unseen(home: Home, days: int, until: datetime | None = None) -> dict[str, str]:
    """Why uses in the last so many days might not be known."""
    place, names = Workspace(home.path), (CREATE, READ, ASK)
    window = Window(NOW - timedelta(days), until or NOW - LATE)
    watch = watched(place, PROVIDER, place.store.estate(), names, place.lake.usage(), window).of(TENANT)
    return {name: watch.rule(number).unseen(["/"]) for number, name in enumerate(names)}


def new(home: Home, *arguments: str) -> int:
    return int(home.ask("events", *arguments)["taken"]["events"]["new"])


def test_what_graph_tells_is_taken_in_once_and_what_it_holds_counts(home: Home, fake: FakeAzure) -> None:
    home.run("collect", "entra")
    assert "was not taken in" in unseen(home, 20)[CREATE]
    assert new(home, "--lookup", "--provider", "entra") == 10, "a sign-in is a use of the application too"
    assert new(home, "--lookup", "--provider", "entra") == 0
    found = unseen(home, 20)
    assert not found[CREATE] and "only read" in found[READ]
    assert "no diagnostic setting" in found[ASK], "read, and there is none"
    assert "begin on" in unseen(home, 28)[CREATE], "older than its oldest record"
    status = {(one["log"], one["account"]) for one in home.ask("events", "--status")["items"]}
    assert {("AuditLogs", TENANT), ("SignInLogs", TENANT)} <= status
    assert fake.strange == []


def test_what_was_changed_is_used_what_was_not_is_unused_and_who_signed_in_is_active(
    home: Home, world: LogWorld
) -> None:
    lists = world.directory.lists
    unused = "microsoft.directory/users/create"
    lists[f"{ROLES}/roleDefinitions"][0]["rolePermissions"][0]["allowedResourceActions"] += [CREATE, unused]
    lists[f"{ROLES}/roleAssignments"].append(
        {"id": "ra3", "roleDefinitionId": GLOBAL, "principalId": ANN, "directoryScopeId": "/"}
    )
    home.run("collect", "entra")
    asked = ("gap", ANN, "--window", "20d")
    assert {one["state"] for one in home.ask(*asked)["items"]} == {"UNOBSERVABLE"}
    new(home, "--lookup", "--provider", "entra")
    states = {one["permission"]: one["state"] for one in home.ask(*asked)["items"]}
    assert (states[CREATE], states[unused]) == ("USED", "UNUSED")
    assert states["microsoft.directory/users/allProperties/allTasks"] == "UNOBSERVABLE"
    idle = {one["id"]: one["state"] for one in home.ask("dormant", "--what", "principal")["items"]}
    assert ANN not in idle and BEN not in idle and idle


def test_settings_say_where_logs_are_kept_and_three_states_are_told_apart(
    home: Home, fake: FakeAzure, world: LogWorld
) -> None:
    world.listed[SETTINGS] = [setting("all", "AuditLogs", GRAPH_CATEGORY, storageAccountId=STORE)]
    home.run("collect", "entra")
    (row,) = home.ask("resources", "--kind", KIND)["items"]
    assert row["name"] == "all"
    assert "was not taken in" in unseen(home, 20)[ASK] and home.gaps() == []
    for fault, status in ((DENIED, "denied"), (UNLICENSED, "unlicensed")):
        fake.faults = [on(fault, "aadiam")]
        home.run("collect", "entra")
        assert [one["status"] for one in home.gaps()] == [status]
        assert "no diagnostic setting" not in unseen(home, 20)[ASK]
    fake.faults, world.listed[SETTINGS] = [], []
    home.run("collect", "entra")
    assert home.gaps() == [] and "no diagnostic setting" in unseen(home, 20)[ASK]


def put(world: LogWorld, number: int, time: datetime) -> None:
    name = f"tenantId={TENANT}/y={time:%Y}/m={time:%m}/d={time:%d}/h={time:%H}/m=00/PT1H.json"
    files = world.blobs.setdefault(ACCOUNT, {}).setdefault("insights-logs-microsoftgraphactivitylogs", {})
    files[name] = Blob(blob(number, time))


@pytest.mark.parametrize("named", ["entra", "azure"])
def test_files_of_settings_are_read_whoever_is_named(home: Home, world: LogWorld, named: str) -> None:
    for number in range(12):
        put(world, number, NOON - timedelta(number))
    home.run("collect", "entra")
    source = home.ask("events", f"azblob://{ACCOUNT}", "--provider", named) if named == "entra" else None
    if source is None:
        home.sources({**log_source_of_azure(home), "provider": "azure"})
        source = home.ask("events", f"azblob://{ACCOUNT}")
    assert source["taken"]["events"]["new"] >= 11
    assert not unseen(home, 8, NOON - timedelta(3))[ASK]
    assert unseen(home, 12, NOON - timedelta(3))[ASK], "before the first day between two with files"


def log_source_of_azure(home: Home) -> dict[str, Any]:
    """The same source as one of Azure."""
    import yaml

    (source,) = yaml.safe_load((home.path / "estate.yaml").read_text())["sources"]
    tokens = {"access_token_env": source["arm_token_env"], "graph_token_env": source["access_token_env"]}
    kept = {name: told for name, told in source.items() if name not in ("arm_token_env", "office_token_env")}
    endpoints = {name: url for name, url in source["endpoints"].items() if name != "office"}
    return {**kept, **tokens, "endpoints": endpoints}


def test_tables_count_between_days_with_rows_where_a_setting_writes_them(home: Home, world: LogWorld) -> None:
    world.tables = {GRAPH_CATEGORY: [request(number, NOON - timedelta(number)) for number in (1, 2, 3, 4, 5, 6, 9)],
                    "AuditLogs": [], "OfficeActivity": []}  # fmt: skip
    home.run("collect", "entra")
    assert new(home, ADDRESS, "--provider", "entra", "--from", str((NOON - timedelta(20)).date())) == 7
    assert "no diagnostic setting" in unseen(home, 2)[ASK], "nobody knows whose rows these are"
    world.listed[SETTINGS] = [setting("law", GRAPH_CATEGORY, workspaceId=WORKSPACE)]
    home.run("collect", "entra")
    midnight = NOON.replace(hour=0)
    assert not unseen(home, 5, midnight - timedelta(2))[ASK]
    assert unseen(home, 9, midnight - timedelta(2))[ASK], "a day without rows is no day that is surely held"
    assert new(home, ADDRESS, "--provider", "entra") == 0


def test_auto_finds_every_place_and_tells_what_refuses(home: Home, fake: FakeAzure, world: LogWorld) -> None:
    world.listed[SETTINGS] = [setting("all", "AuditLogs", GRAPH_CATEGORY, storageAccountId=STORE, workspaceId="w")]
    world.contents = {"Audit.Exchange": [Content("c1", ago(1), [
        {"Id": "u1", "CreationTime": ago(2).isoformat()[:19], "Operation": "Set-Mailbox", "RecordType": 1,
         "Workload": "Exchange", "OrganizationId": TENANT, "UserId": "ann@brightwater.example"}])]}  # fmt: skip
    for number in range(4):
        put(world, number, NOON - timedelta(number))
    home.run("collect", "entra")
    home.run("events", "--auto", "entra", code=2)
    done = home.ask("events", "--auto", "entra", "--yes")
    assert done["read"] == ["auditlogs://", "activityfeed://", f"azblob://{ACCOUNT}"]
    assert done["taken"]["events"]["new"] >= 9 + 1 + 3
    places = {one["place"]: one for one in done["survey"]["places"]}
    assert "names no workspace" in places["loganalytics://w"]["cause"]
    assert any("not subscribed to" in one for one in done["notes"])
    assert home.ask("events", "--auto", "entra", "--yes")["taken"]["events"]["new"] == 0
    assert fake.strange == []


def test_auto_ends_in_a_line_that_names_the_permissions_where_nothing_may_be_read(home: Home, fake: FakeAzure) -> None:
    fake.faults = [on(REFUSED, "directoryAudits"), on(REFUSED, "signIns")]
    said = home.run("events", "--auto", "entra", "--yes", code=2)[1].splitlines()[-1]
    assert "AuditLog.Read.All and Directory.Read.All is needed" in said


def test_doctor_and_permissions(home: Home, fake: FakeAzure) -> None:
    for arguments in (["--lookup", "--provider", "entra"], ["--auto", "entra"], ["activityfeed://"],
                      [f"azblob://{ACCOUNT}", "--provider", "entra"]):  # fmt: skip
        assert json.loads(home.run("events", *arguments, "--print-policy")[0])
    assert fake.log == []
    fake.faults = [on(UNLICENSED, "signIns"), on(DENIED, "aadiam")]
    told = home.ask("doctor", "entra")
    checks = {one["check"]: one for one in told["items"]}
    assert checks["logs"]["status"] == "missing" and "SignInLogs: unlicensed" in checks["logs"]["detail"]
    assert checks["diagnostics"]["status"] == "missing"
    unknown = {one["question"]: one for one in told["unknown"]}
    assert unknown["where the directory's logs are kept"]["of"] == ["microsoft.aadiam/diagnosticSettings/read"]
    assert next(one["want"] for name, one in unknown.items() if "events --lookup" in name) == "not configured"
