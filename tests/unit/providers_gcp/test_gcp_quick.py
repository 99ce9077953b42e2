"""Lines that are told in few fields tell what the long way tells, whatever was told before them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.shared import SHARED as _SHARED
from leastwise.engine.columns import plain
from leastwise.providers.gcp.events.drawing import Drawing
from leastwise.providers.gcp.events.quick import _ANY, Quick
from leastwise.providers.logs.moments import moment

CASES = [
    json.loads(line)["entry"]
    for line in (Path(__file__).parents[2] / "cases/gcp_events/entries.jsonl").read_text().splitlines()
]
SHARED = sorted((_SHARED / "logs/gcp").glob("*.jsonl"))


def lines(entries: list[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in entries)


def both(content: bytes) -> tuple[dict[str, pa.Table], dict[str, pa.Table], tuple[Any, Any]]:
    """The tables by the quick way and by the long way, and what was said of the files."""
    quick, long = Drawing(), Drawing()
    long._quick.suits = lambda _: False  # type: ignore[method-assign]
    said = quick.read(content), long.read(content)
    made, wanted = ({name: plain(one) for name, one in drawing.drawn().items()} for drawing in (quick, long))
    return made, wanted, said


def alike(content: bytes) -> None:
    made, wanted, (first, second) = both(content)
    assert first == second
    for name, one in wanted.items():
        assert made[name].to_pylist() == one.to_pylist()


def test_cases_are_told_alike_one_after_the_other_and_twice() -> None:
    alike(lines(CASES))
    alike(lines(CASES + CASES))


@pytest.mark.skipif(not SHARED, reason="the shared logs are not here")
def test_logs_of_others_are_told_alike() -> None:
    for file in SHARED:
        alike(b"".join(_bare(json.loads(line)) for line in file.read_bytes().splitlines() if line.strip()))


def _bare(told: Any) -> bytes:
    """The entry in a record of others' tests."""
    for name in ("log", "entry", "event"):
        told = told[name] if isinstance(told, dict) and isinstance(told.get(name), dict) else told
    return json.dumps({"timestamp": "2026-11-01T00:00:00Z", "insertId": "x"} | told).encode() + b"\n"


NAMES = st.sampled_from((
    "projects/_/buckets/b/objects/a", "projects/_/buckets/b/objects/2026/x y.txt", "projects/_/buckets/b/objects/a/",
    "projects/_/buckets/b/objects/ä", 'projects/_/buckets/b/objects/a"b', "projects/_/buckets/b/objects/a\\u0041",
    "projects/_/buckets/b/objects/versions/3", "projects/_/buckets/b/objects/ end ", "projects/_/buckets/b",
    "projects/p-1", "projects/12345678", "projects/p/zones/z/instances/vm-1", "projects/p/zones/z/instances/gke-a-1",
    "projects/p/zones/z/instances/12", "projects/p/secrets/s1/versions/2", "projects/p/secrets/s1",
    "projects/p/jobs/j1",
    "projects/p/locations/v1/builds/b9",
    "folders/12", "organizations/1", "core/v1/namespaces/n/pods/p1",
    "apps/v1/namespaces/n/deployments/d2", "projects/-/serviceAccounts/a1@p.iam.gserviceaccount.com",
    "projects/p/serviceAccounts/a1@p.iam.gserviceaccount.com/keys/k1", "//cloudkms.googleapis.com/projects/p/k1", "",
    "...",
    "namespaces/n1/services/s1", "projects/p/datasets/d1/tables/t1", "p1", "/p1", "projects/p/instances/V1",
))  # fmt: skip
SERVICES = st.sampled_from((
    ("storage.googleapis.com", "storage.objects.get", "storage.objects.get"),
    ("compute.googleapis.com", "v1.compute.instances.insert", "compute.instances.create"),
    ("k8s.io", "io.k8s.core.v1.pods.get", "io.k8s.core.v1.pods.get"),
    ("bigquery.googleapis.com", "google.cloud.bigquery.v2.JobService.InsertJob", "bigquery.jobs.create"),
    ("bigquery.googleapis.com", "jobservice.jobcompleted", "bigquery.tables.getData"),
    ("iam.googleapis.com", "google.iam.admin.v1.CreateServiceAccountKey", "iam.serviceAccountKeys.create"),
    ("cloudresourcemanager.googleapis.com", "SetIamPolicy", "resourcemanager.projects.setIamPolicy"),
    ("secretmanager.googleapis.com", "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion", ""),
    ("run.googleapis.com", "google.cloud.run.v1.Services.CreateService", "run.services.create"), ("", "Unheard", ""),
))  # fmt: skip
CALLERS = st.sampled_from((
    {"principalEmail": "ann@corp.example"}, {"principalEmail": "app@p.iam.gserviceaccount.com"}, {},
    {"principalEmail": "system:serviceaccount:n:app"}, {"principalEmail": "system:anonymous"}, {"principalEmail": None},
    {"principalEmail": "app@p.iam.gserviceaccount.com",
     "serviceAccountDelegationInfo": [{"firstPartyPrincipal": {"principalEmail": "ann@corp.example"}}]},
))  # fmt: skip


def query(*tables: Any) -> dict[str, Any]:
    return {"jobChange": {"job": {"jobStats": {"queryStats": {"referencedTables": [*tables]}}}}}


POOL = "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/g/subject/s"
METADATA = st.sampled_from((
    None, {}, {"mapped_principal": POOL}, query("projects/p/datasets/d/tables/t"),
    {"identityDelegationChain": ["projects/-/serviceAccounts/a@p.iam.gserviceaccount.com"]},
    query("projects/p/datasets/d/tables/t", "x", 7), query(*["projects/p/datasets/jobs/tables/u", ""] * 2),
    {"tableDataRead": {"referencedTables": []}},
))  # fmt: skip
GRANTED = ({"granted": True}, {}, {"granted": False}, {"granted": True, "resourceAttributes": {"name": "p1"}})
STATUS = ({}, {}, {"code": 7, "message": "no"}, {"code": 5}, {"code": "7"}, None, {"code": True})
REQUESTS = ({"serviceAccounts": [{"email": "vm@p.iam.gserviceaccount.com"}]}, {"name": "x"}, {"SERVICE_ACCOUNT": "a@b"})
DELTA = {"policyDelta": {"bindingDeltas": [{"action": "ADD", "role": "roles/viewer", "member": "user:b@corp.example"}]}}
LABELS = (
    {"project_id": "p"}, {"project_id": "q", "zone": "europe-west1-b"}, {}, {"project_id": 5},
    {"project_id": "p", "location": "eu", "cluster_name": "c1"},
)  # fmt: skip


@st.composite
def entry(draw: st.DrawFn) -> dict[str, Any]:
    """An entry of few words, so that many are alike."""
    (service, method, permission), name = draw(SERVICES), draw(NAMES)
    checks: list[Any] = [{"permission": permission, "resource": draw(st.sampled_from((name, name, "projects/p"))),
                          **draw(st.sampled_from(GRANTED))}]  # fmt: skip
    if "resourceAttributes" in checks[0]:
        checks[0]["resourceAttributes"] = {"name": name}
    payload: dict[str, Any] = {
        "serviceName": service, "methodName": method, "resourceName": name, "authenticationInfo": draw(CALLERS),
        "authorizationInfo": draw(st.sampled_from((checks, checks, [], [*checks, {"permission": "a.b.c"}], None))),
        "status": draw(st.sampled_from(STATUS)), "requestMetadata": {"callerIp": "203.0.113.1"},
        "metadata": draw(METADATA), "request": draw(st.none() | st.sampled_from(REQUESTS)),
        "serviceData": draw(st.none() | st.just(DELTA)),
    }  # fmt: skip
    log = draw(st.sampled_from(("activity", "data_access", "system_event", "policy")))
    times = ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00.1Z", "2026-11-01T10:00:00.123456789Z")
    return {
        "insertId": draw(st.sampled_from(("a1", "b2", ""))), "timestamp": draw(st.sampled_from(times)),
        "logName": f"projects/p/logs/cloudaudit.googleapis.com%2F{log}",
        "resource": {"type": draw(st.sampled_from(("gce_instance", "service_account"))),
                     "labels": draw(st.sampled_from(LABELS))},
        "protoPayload": {key: value for key, value in payload.items() if value is not None},
        **draw(st.sampled_from(({}, {"operation": {"last": True}}, {"operation": {"first": True, "last": True}}))),
    }  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(entry(), min_size=1, max_size=12))
def test_drawn_entries_are_told_alike(entries: list[dict[str, Any]]) -> None:
    alike(lines(entries))


@pytest.mark.parametrize(
    "content",
    [
        lines(CASES[:2]).replace(b"Ann@", b"\xff\xfe@"),
        lines(CASES[:2]).replace(b"Ann@", b"\\ud800@"),
        lines(CASES[:2]).replace(b"a/b.txt", _ANY.encode()),
        lines(CASES[:1]) + b"{\n" + lines(CASES[:1]),
        lines(CASES[:1]).replace(b'"insertId"', b'"insert_id"'),
        lines([CASES[0] | more for more in ({"timestamp": "never"}, {"logName": 5}, {"protoPayload": {}})]),
        lines([{**CASES[0], "logName": "projects/p/logs/requests"}]),
    ],
)
def test_what_is_written_otherwise_goes_the_long_way(content: bytes) -> None:
    alike(content)


def test_most_lines_go_the_quick_way() -> None:
    """Otherwise all of this would show nothing."""
    quick = Quick(lambda entry, by, tells: None)
    written = [one for one in CASES if "protoPayload" in one]
    assert quick.suits(b"")
    taken = sum(quick.row(json.dumps(one).encode()) is not None for one in written)
    assert taken > len(written) // 2


@given(st.datetimes(), st.integers(0, 9), st.integers(0, 999_999_999))
def test_times_are_read_alike_in_both_forms(time: Any, digits: int, nanoseconds: int) -> None:
    fraction = f".{nanoseconds:09}"[: digits + 1] if digits else ""
    written = f"{time:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction
    assert moment(f"{written}Z") == moment(f"{written}+00:00")


@pytest.mark.parametrize(
    "written",
    ["2026-11-01T10:00:60.1Z", "2026-11-01T25:00:00.1Z", "2026-11-01T10:00:00.Z", "2026-11-01T10:00:0x.1Z",
     "2026-13-01T10:00:00.1Z"],
)  # fmt: skip
def test_times_that_are_none(written: str) -> None:
    assert moment(written) is None
