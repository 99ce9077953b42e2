"""`leastwise events` against the fake of Azure: into a home, twice, interrupted; what is held then, what is unused."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakes.azure.logs import ACCOUNT, WORKSPACE, Blob, LogWorld, event, sign_in, unhurried
from fakes.azure.server import DENIED, EXPIRED, FakeAzure, Fault, Request, on
from fakes.azure.world import ANN, SHARED, SHOP, VAULT
from leastwise.app.fetching import fetch_in, signed_in
from leastwise.app.watched import watched
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.engine.columns import plain
from leastwise.errors import InputError
from leastwise.model.gap import Window
from leastwise.providers.azure import PROVIDER
from leastwise.providers.fetching import Wanted
from leastwise.providers.logs.spans import LATE

NOW = datetime.now(UTC).replace(microsecond=0)
NOON = NOW.replace(hour=12, minute=0, second=0)
GUID = SHOP.rpartition("/")[2]
STORE = f"{SHARED}/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}"
CLAIM = "http://schemas.microsoft.com/identity/claims/objectidentifier"
WRITE, SECRET = "Microsoft.Compute/virtualMachines/write", "Microsoft.KeyVault/vaults/secrets/getSecret/action"
READ = "Microsoft.Compute/virtualMachines/read"


def ago(days: float) -> datetime:
    return NOW - timedelta(days)


def secret_read(number: int, time: datetime) -> bytes:
    """A record of a vault's audit log, as a diagnostic setting writes it."""
    return json.dumps({
        "time": time.isoformat(), "resourceId": VAULT.upper(), "operationName": "SecretGet", "category": "AuditEvent",
        "resultType": "Success", "correlationId": f"eeeeeeee-0000-4000-8000-{number:012}",
        "identity": {"claim": {CLAIM: ANN, "appid": "00001111-aaaa-2222-bbbb-3333cccc4444"}},
        "properties": {"id": "https://shop-kv.vault.azure.net/secrets/db/1", "httpStatusCode": 200},
    }).encode() + b"\n"  # fmt: skip


def put(world: LogWorld, number: int, time: datetime) -> Blob:
    name = f"resourceId={VAULT.upper()}/y={time:%Y}/m={time:%m}/d={time:%d}/h={time:%H}/m=00/PT1H.json"
    files = world.blobs.setdefault(ACCOUNT, {}).setdefault("insights-logs-auditevent", {})
    return files.setdefault(name, Blob(secret_read(number, time)))


@pytest.fixture
def world() -> LogWorld:
    found = LogWorld(events={SHOP: [event(number, ago(3 * number), SHOP) for number in range(1, 6)]})
    on_vault = f"{VAULT}/providers/microsoft.insights/diagnosticSettings"
    found.listed[f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings".lower()] = [
        {"id": f"{on_vault}/audit", "name": "audit", "type": "Microsoft.Insights/diagnosticSettings",
         "properties": {"storageAccountId": STORE, "logs": [{"categoryGroup": "audit", "enabled": True}]}}]  # fmt: skip
    for days in (40, 12, 3):
        put(found, days, NOON - timedelta(days))
    return found


@pytest.fixture
def fake(world: LogWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls", world=world, page=100) as found:
        unhurried(monkeypatch, found)
        yield found


@pytest.fixture
def home(fake: FakeAzure, tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    source = sign_in(fake, per_minute={"resourcegraph": 60000})
    (path / "estate.yaml").write_text(yaml.safe_dump({"version": 1, "sources": [source]}))
    return path


def told(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--home", str(home), "--format", "json"]) == code, capsys.readouterr().err
    return json.loads(capsys.readouterr().out) if not code else None


def used(home: Path) -> dict[str, int]:
    """Authorised calls by permission."""
    found: dict[str, int] = {}
    for row in plain(Workspace(home).lake.usage().select(["permission", "count"])).to_pylist():
        found[row["permission"]] = found.get(row["permission"], 0) + row["count"]
    return {name: count for name, count in found.items() if count}


def unseen(home: Path, days: int, on: str = SHOP) -> dict[str, str]:
    """Why uses in the last so many days might not be known."""
    place = Workspace(home)
    names = (WRITE, SECRET, READ)
    # Logs of the last hours are not complete, which after midnight is another day.
    window = Window(NOW - timedelta(days), NOW - LATE)
    watch = watched(place, PROVIDER, place.store.estate(), names, place.lake.usage(), window).of(GUID)
    return {name: watch.rule(number).unseen([on]) for number, name in enumerate(names)}


def test_logs_are_taken_in_once_and_show_what_they_hold(
    home: Path, fake: FakeAzure, world: LogWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    told(home, capsys, "collect", "azure")
    assert "was not taken in" in unseen(home, 30)[WRITE]
    first = told(home, capsys, "events", "--lookup", "--provider", "azure")["taken"]
    assert (first["events"]["new"], first["files"]["failed"]) == (5, 0)
    assert used(home) == {WRITE: 5}
    found = unseen(home, 30)
    assert not found[WRITE] and "only read" in found[READ] and "was not taken in" in found[SECRET]
    again = told(home, capsys, "events", "--lookup", "--provider", "azure")["taken"]
    assert again["events"]["new"] == 0
    files = told(home, capsys, "events", f"azblob://{ACCOUNT}")["taken"]
    assert files["events"]["new"] == 3 and used(home) == {WRITE: 5, SECRET: 3}
    assert not unseen(home, 30, VAULT)[SECRET], "days without a file are quiet"
    assert not unseen(home, 30)[SECRET], "all vaults of the subscription were listed"
    assert "begin on" in unseen(home, 60, VAULT)[SECRET]
    assert fake.strange == []


def test_a_file_that_grew_is_read_again_and_nothing_counts_twice(
    home: Path, world: LogWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    blob = put(world, 100, NOW - timedelta(minutes=1))
    assert told(home, capsys, "events", f"azblob://{ACCOUNT}")["taken"]["events"]["new"] == 4
    blob.data += secret_read(101, NOW)
    second = told(home, capsys, "events", f"azblob://{ACCOUNT}")["taken"]["events"]
    assert (second["new"], second["duplicates"]) == (1, 1)
    assert told(home, capsys, "events", f"azblob://{ACCOUNT}")["taken"]["events"]["read"] == 0


def test_auto_finds_asks_and_reads(
    home: Path, fake: FakeAzure, world: LogWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    told(home, capsys, "collect", "azure")
    assert told(home, capsys, "events", "--auto", "azure", code=2) is None, "there is nobody to ask"
    done = told(home, capsys, "events", "--auto", "azure", "--yes")
    assert done["read"] == ["activity://", f"azblob://{ACCOUNT}"]
    assert done["taken"]["events"]["new"] == 8
    places = {one["place"]: one for one in done["survey"]["places"]}
    assert places[f"azblob://{ACCOUNT}"]["files"] == 3
    assert "names no workspace" in places["loganalytics://w"]["cause"]
    assert not any(unseen(home, 30, VAULT)[name] for name in (WRITE, SECRET))


def test_a_run_that_broke_off_goes_on_where_it_ended(
    home: Path, fake: FakeAzure, world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.logs.spans.PAGES", 2)
    world.events[SHOP] = [event(number, ago(number), SHOP) for number in range(1, 80)]
    fake.page = 4
    calls = itertools.count()

    def broken(request: Request) -> Fault | None:
        return EXPIRED if request.name == "activityLogs.list" and next(calls) >= 8 else None

    fake.faults = [broken]
    place = Workspace(home)
    wanted = signed_in(place, Wanted(f"activity://subscriptions/{GUID}"), "azure")
    with pytest.raises(InputError, match="not accepted any more"):
        fetch_in(place, wanted, "azure")
    first = used(home).get(WRITE, 0)
    fake.faults = []
    second = fetch_in(Workspace(home), wanted, "azure").taken
    assert 0 < second.new == 79 - first and used(home) == {WRITE: 79}
    assert fetch_in(Workspace(home), wanted, "azure").taken.new == 0


def test_one_subscription_that_refuses_is_told_and_the_rest_is_taken_in(
    home: Path, fake: FakeAzure, world: LogWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.events[SHARED] = [event(50, ago(2), SHARED)]
    fake.faults = [on(DENIED, "activityLogs", SHOP)]
    found = told(home, capsys, "events", "--lookup", "--provider", "azure")
    assert found["taken"]["events"]["new"] == 1 and any(GUID in one for one in found["notes"])
    doctor = told(home, capsys, "doctor", "azure")
    (check,) = [one for one in doctor["items"] if one["check"] == "activity log"]
    assert check["status"] == "missing" and GUID in check["detail"]
    (unknown,) = [one for one in doctor["unknown"] if "events --lookup" in one["question"]]
    assert unknown["of"] == ["Microsoft.Insights/eventtypes/values/read"] and unknown["where"] == [SHOP]


def test_the_role_is_printed_without_a_call(home: Path, fake: FakeAzure, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--lookup", "--provider", "azure"], [f"azblob://{ACCOUNT}"], ["--auto", "azure"],
                      [f"loganalytics://{WORKSPACE[1:]}"]):  # fmt: skip
        capsys.readouterr()
        assert run(["events", *arguments, "--print-policy", "--home", str(home)]) == 0
        assert json.loads(capsys.readouterr().out)["role"]["Name"] == "Leastwise log reader"
    assert fake.log == []


def test_options_say_which_subscriptions(home: Path, fake: FakeAzure, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["events", "--lookup", "--provider", "azure", "--subscriptions", "x", "--home", str(home)]) == 2
    assert "is no id of a subscription" in capsys.readouterr().err
