"""The demo company's audit logs of Google Cloud: the same bytes, real forms, counts equal to what truly happened."""

from __future__ import annotations

import gzip
import json
import re
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from demo_company import clock, company  # noqa: E402
from demo_company.google import agents, archive, places  # noqa: E402
from demo_company.google.acts import NOWHERE  # noqa: E402
from demo_company.google.happened import happened  # noqa: E402
from demo_company.logs import draw  # noqa: E402
from demo_company.logs.shaped import truth  # noqa: E402
from demo_company.logs.truth import csv_of  # noqa: E402
from leastwise.app.asking import scope_tables  # noqa: E402
from leastwise.app.watched import watched  # noqa: E402
from leastwise.app.wiring import Workspace  # noqa: E402
from leastwise.cli.main import run  # noqa: E402
from leastwise.demo import shaped_logs  # noqa: E402
from leastwise.engine.columns import plain  # noqa: E402
from leastwise.errors import NotFoundError  # noqa: E402
from leastwise.model.decision import Circumstances  # noqa: E402
from leastwise.model.gap import Window  # noqa: E402
from leastwise.providers.gcp import PROVIDER, catalog  # noqa: E402
from leastwise.providers.gcp.compiled.columns import COLUMNS  # noqa: E402
from leastwise.providers.gcp.compiled.compile import compile_estate  # noqa: E402
from leastwise.providers.gcp.compiled.port import GcpPort  # noqa: E402
from leastwise.providers.gcp.events.drawing import Drawing  # noqa: E402
from leastwise.usage.watching import Watch  # noqa: E402

pytestmark = pytest.mark.together("demo")

PACKED = shaped_logs.PACKED["gcp"]

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ETL = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
CI = "serviceAccount:ci-deployer@bw-tracking.iam.gserviceaccount.com"
Ask = Callable[..., Any]


@cache
def packed() -> bytes:
    return company.files()[PACKED][0]


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    """Every entry as the product reads it."""
    drawing = Drawing()
    for _, texts in shaped_logs.entries(packed()):
        told = drawing.read("\n".join(texts).encode())
        assert (told.events, told.bad, told.skipped) == (len(texts), (), "")
    rows: list[dict[str, Any]] = plain(drawing.drawn()["events"]).to_pylist()
    return rows


# --- bytes and files ----------------------------------------------------------------------------------------------


def test_the_committed_logs_are_what_the_tool_builds(unpacked: Path) -> None:
    assert (unpacked / PACKED).read_bytes() == packed(), "run tools/build_demo.py --bundle"
    assert archive.packed(happened.__wrapped__()) == packed()
    assert (ROOT / "tests" / "e2e" / "demo_google_usage.csv").read_text() == csv_of(truth(happened()))


def test_written_files_hold_the_entries(tmp_path: Path) -> None:
    source = tmp_path / PACKED
    source.write_bytes(packed())
    wanted = dict(shaped_logs.entries(packed()))
    assert shaped_logs.write_logs(source, tmp_path / "logs") == sum(map(len, wanted.values()))
    found = {path.relative_to(tmp_path / "logs").as_posix(): path for path in (tmp_path / "logs").rglob("*.json.gz")}
    assert found.keys() == wanted.keys()
    for name in list(found)[::37]:
        assert gzip.decompress(found[name].read_bytes()).decode().splitlines() == wanted[name]


def test_files_lie_as_sinks_lay_them_one_for_each_day_and_log() -> None:
    form = re.compile(
        r"bw-audit-logs/cloudaudit\.googleapis\.com/(?P<log>activity|data_access)/(?P<day>\d{4}/\d\d/\d\d)/"
        r"00_00_00_23_59_59_S0\.json\.gz"
    )
    days = defaultdict(set)
    for name, texts in shaped_logs.entries(packed()):
        found = form.fullmatch(name)
        assert found, name
        days[found["log"]].add(found["day"])
        times = [json.loads(one)["timestamp"][:19] for one in texts]
        assert times == sorted(times) and {one[:10] for one in times} == {found["day"].replace("/", "-")}
    every = {f"{day:%Y/%m/%d}" for day in draw.days()}
    assert dict(days) == {"activity": every, "data_access": every}


def test_ids_are_told_once() -> None:
    ids = [json.loads(one)["insertId"] for _, texts in shaped_logs.entries(packed()) for one in texts]
    assert len(set(ids)) == len(ids) == sum(one.log != NOWHERE for one in happened()) > 3000


def test_nothing_in_them_is_real_or_secret() -> None:
    text = packed().decode()
    assert not re.search(r"(?i)ya29\.|BEGIN [A-Z ]*PRIVATE|AIza", text)
    assert set(re.findall(r"\w@([a-z.-]+)", text)) <= {
        "brightwater.example", *(f"{one}.iam.gserviceaccount.com" for one in places.PROJECTS)
    }  # fmt: skip
    addresses = set(re.findall(r'callerIp\\":\\"([0-9.]+)', text))
    assert addresses and all(one.startswith(("192.0.2.", "198.51.100.")) for one in addresses)


# --- counts -------------------------------------------------------------------------------------------------------


def test_what_entries_tell_is_what_truly_happened_and_nothing_else(events: list[dict[str, Any]]) -> None:
    found: dict[tuple[str, str, str], list[Any]] = {}
    for one in events:
        assert one["principal"] and one["permission"] and not one["facts"], one
        assert one["outcome"] == ("denied" if one["error"] else "allowed")
        key = one["principal"], one["permission"], one["bucket"]
        row = found.setdefault(key, [0, 0, one["time"], one["time"]])
        row[0] += 1
        row[1] += one["outcome"] == "denied"
        row[2], row[3] = min(row[2], one["time"]), max(row[3], one["time"])
    told = {key: [row[0], row[1], *(int(one.timestamp()) for one in row[2:])] for key, row in found.items()}
    wanted = {key[:3]: [row.calls, row.denied, row.first, row.last] for key, row in truth(happened()).items() if key[3]}
    assert told == wanted


def test_what_is_in_no_log_is_in_no_usage(events: list[dict[str, Any]]) -> None:
    hidden = {key[:3] for key in truth(happened()) if not key[3]}
    assert len(hidden) >= 6
    assert hidden & {(one["principal"], one["permission"], one["bucket"]) for one in events} == set()


def test_a_release_is_a_key_until_july_20_and_a_workflow_since(events: list[dict[str, Any]]) -> None:
    of = [one for one in events if one["principal"] == CI]
    before = [one for one in of if one["time"] < datetime(2026, 7, 21, tzinfo=UTC)]
    since = [one for one in of if one["time"] >= datetime(2026, 7, 21, tzinfo=UTC)]
    assert len({one["credential"] for one in before}) == 1 and before[0]["credential"]
    assert {one["credential"] for one in since} == {""}
    (workflow,) = {one["origin"] for one in since}
    assert workflow.endswith("/subject/repo:brightwater-parcel/tracking:ref:refs/heads/main")
    assert {one["workload"] for one in since} == {"github/repo:brightwater-parcel/tracking:ref:refs/heads/main"}


def test_keys_are_used_from_the_office_alone(events: list[dict[str, Any]]) -> None:
    by: dict[str, set[str]] = defaultdict(set)
    for one in events:
        if one["credential"]:
            by[one["principal"].partition(":")[2].partition("@")[0]].add(one["ip"])
    assert by == {
        "ci-deployer": {"198.51.100.140"},
        "bi-dashboard": {"198.51.100.22"},
        "eta-experiments": {"198.51.100.45"},
    }


# --- every call is one that its caller may make -------------------------------------------------------------------


def test_what_was_used_is_granted_and_what_was_denied_is_not(demo_home: Path) -> None:
    workspace = Workspace(demo_home, None)
    ports: dict[datetime, GcpPort] = {}
    for day in clock.DAYS[4:]:
        scopes = scope_tables(workspace, workspace.store.estate(day), "gcp", COLUMNS)
        arrays = compile_estate(scopes)
        ports[day] = GcpPort(arrays, [id for id, _ in arrays.facts["unread"]["above"]])
    wrong = []
    for one in {
        (one.who.principal, one.call.permission, one.call.bucket, one.denied): one for one in happened()
    }.values():
        moment = datetime.fromtimestamp(one.when, UTC)
        at = bisect_left(clock.DAYS, moment)
        states = {str(_may(ports[day], one)) for day in clock.DAYS[at - 1 : at + 1] if day in ports}
        # What a pool's subject has as attributes only the token says, so that a set of them may hold it or not.
        granted = states & ({"ALLOWED", "CONDITIONAL"} if one.who.principal.startswith("principal:") else {"ALLOWED"})
        if bool(granted) == one.denied:
            wrong.append((one.who.principal, one.call.permission, one.call.bucket, sorted(states)))
    assert wrong == [], "\n".join(map(str, wrong))


def _may(port: GcpPort, one: Any) -> str:
    resource = one.call.bucket.partition("/k8s/")[0]
    for agent in agents.AGENTS:
        resource = resource.replace(f"/{agent.mail}", f"/{agent.unique}")
    if resource.startswith("//storage.googleapis.com/") and one.call.permission != "storage.objects.list":
        bucket = resource.rpartition("/")[2]
        resource = (
            f"//storage.googleapis.com/projects/_/buckets/{bucket}/objects/{one.call.on.partition('/objects/')[2]}"
        )
    given = Circumstances(moment=datetime.fromtimestamp(one.when, UTC))
    try:
        return str(port.can(one.who.principal, one.call.permission, resource, given).state)
    except NotFoundError:
        return "not there yet"


# --- what the logs would have shown -------------------------------------------------------------------------------

OBSERVED = (
    # permission, where, and why its use might not be known (nothing: it would be)
    ("bigquery.tables.getData", "//bigquery.googleapis.com/projects/bw-analytics/datasets/customers", ""),
    ("bigquery.tables.getData", "//cloudresourcemanager.googleapis.com/projects/888888888888", ""),
    ("storage.objects.get", "//storage.googleapis.com/bw-analytics-landing", ""),
    ("storage.objects.get", "//storage.googleapis.com/bw-lab-scratch",
     "Data Access logs (DATA_READ) of storage.googleapis.com are off in bw-lab"),
    ("storage.objects.create", "//storage.googleapis.com/bw-tracking-status",
     "Data Access logs (DATA_WRITE) of storage.googleapis.com are off in bw-tracking"),
    ("storage.objects.get", "//cloudresourcemanager.googleapis.com/folders/131313131313",
     "Data Access logs (DATA_READ) of storage.googleapis.com are off in folders/131313131313; "
     "likewise in 1 more accounts"),
    ("secretmanager.versions.access", "//secretmanager.googleapis.com/projects/777777777777/secrets/carrier-token",
     "Data Access logs (DATA_READ) of secretmanager.googleapis.com leave out "
     "serviceAccount:carrier-sync@bw-tracking.iam.gserviceaccount.com"),
    ("secretmanager.secrets.create", "//cloudresourcemanager.googleapis.com/folders/131313131313", ""),
    ("iam.serviceAccounts.list", "//cloudresourcemanager.googleapis.com/organizations/121212121212", ""),
    ("compute.instances.delete", "//cloudresourcemanager.googleapis.com/projects/888888888888", ""),
    ("pubsub.topics.publish", "//pubsub.googleapis.com/projects/bw-tracking/topics/scans",
     "Pub/Sub writes no entry of messages that are published"),
    ("container.pods.list", "//cloudresourcemanager.googleapis.com/projects/777777777777",
     "no page of its service that was read says that its uses are logged"),
)  # fmt: skip


@pytest.fixture(scope="module")
def watch(demo_with_logs: Path) -> Watch:
    workspace = Workspace(demo_with_logs, None)
    names, window = catalog.current().permissions, Window(NOW - timedelta(days=90), NOW)
    usage = workspace.lake.usage(provider="gcp")
    return watched(workspace, PROVIDER, workspace.store.estate(NOW), names, usage, window).of("bw-analytics")


@pytest.mark.parametrize("permission, where, why", OBSERVED)
def test_what_would_have_been_seen_differs_by_project(permission: str, where: str, why: str, watch: Watch) -> None:
    number = catalog.current().permissions.index(permission)
    assert watch.rule(number).unseen([where]) == why


# --- what stories say of use --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def used(demo_with_logs: Path) -> dict[str, dict[str, set[str]]]:
    """By principal and permission the buckets that the lake says were touched."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in plain(Workspace(demo_with_logs, None).lake.usage(provider="gcp")).to_pylist():
        if row["count"]:
            found[row["principal"]][row["permission"]].add(row["bucket"])
    return found


def test_the_lake_holds_the_truth_and_nothing_else(used: dict[str, dict[str, set[str]]]) -> None:
    wanted: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (principal, permission, bucket, logged), row in truth(happened()).items():
        if logged and row.calls > row.denied:
            wanted[principal][permission].add(bucket)
    assert used == wanted


def test_etl_works_every_night_and_never_reads_the_customers(used: dict[str, dict[str, set[str]]]) -> None:
    """Story 4: what the path through two clouds ends at is granted, and nobody needs the grant."""
    assert used[ETL].keys() == {
        "bigquery.jobs.create", "bigquery.tables.updateData", "storage.objects.create", "storage.objects.delete",
        "storage.objects.list",
    }  # fmt: skip
    (bridge,) = [one for one in used if "/aws-prod/subject/" in one]
    assert bridge.endswith("arn:aws:sts::222222222222:assumed-role/etl-bridge/nightly")
    assert used[bridge].keys() == {"iam.serviceAccounts.getAccessToken"}


def test_owners_use_next_to_nothing_of_owner(used: dict[str, dict[str, set[str]]]) -> None:
    role = catalog.current().permissions_of("roles/owner")
    assert role is not None
    hiro, greta, anil = (
        used.get(f"user:{one}@brightwater.example", {}) for one in ("hiro.nakagawa", "greta.solheim", "anil.deshpande")
    )
    assert (len(hiro), len(greta), len(anil)) == (4, 3, 0)
    assert {*hiro, *greta} <= role and len(role) > 5000


@pytest.mark.parametrize("name", ["dmitri.volkov", "farida.aziz", "anil.deshpande", "caspar.weyl", "anders.holt"])
def test_who_did_nothing(name: str, used: dict[str, dict[str, set[str]]]) -> None:
    assert f"user:{name}@brightwater.example" not in used


def test_releases_come_by_the_pool(told: Ask) -> None:
    (first,) = told("activity", CI, "--limit", "1")["items"]
    assert first["origin"].endswith(
        "/workloadIdentityPools/github/subject/repo:brightwater-parcel/tracking:ref:refs/heads/main"
    )
    assert first["credential"] == ""


def test_who_let_the_workflows_in(told: Ask) -> None:
    found = told("grants", "--history", "--provider", "gcp", "--text", "attribute.repository/brightwater-parcel")[
        "items"
    ]
    assert "user:hiro.nakagawa@brightwater.example" in json.dumps(found)


@pytest.fixture
def told(demo_with_logs: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def ask(*words: str) -> Any:
        capsys.readouterr()
        assert run([*words, "--format", "json", "--home", str(demo_with_logs)]) == 0
        return json.loads(capsys.readouterr().out)

    return ask
