"""Audit logs of Google Cloud through the command line: each entry once, from every form, with who changed what."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from fakes.shared import SHARED
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.engine.columns import plain

CASES = Path(__file__).parents[1] / "cases/gcp_events/entries.jsonl"
SAMPLES = SHARED / "samples/gcp/audit_log_professional_services"
CORP = Path(__file__).parents[1] / "golden/gcp/corp"


def entries() -> list[dict[str, Any]]:
    return [json.loads(line)["entry"] for line in CASES.read_text().splitlines()]


def entry(id: str, member: str, role: str, action: str = "ADD") -> dict[str, Any]:
    """A policy of project corp-web that was set by Ann."""
    return {
        "insertId": id, "timestamp": "2026-10-30T10:00:00Z", "severity": "NOTICE",
        "logName": "projects/corp-web/logs/cloudaudit.googleapis.com%2Factivity",
        "resource": {"type": "project", "labels": {"project_id": "corp-web"}},
        "protoPayload": {
            "serviceName": "cloudresourcemanager.googleapis.com", "methodName": "SetIamPolicy",
            "resourceName": "projects/corp-web", "authenticationInfo": {"principalEmail": "ann@corp.example"},
            "authorizationInfo": [{"permission": "resourcemanager.projects.setIamPolicy", "granted": True,
                                   "resource": "projects/corp-web"}],
            "serviceData": {"policyDelta": {"bindingDeltas": [{"action": action, "role": role, "member": member}]}},
        },
    }  # fmt: skip


def asked(capsys: pytest.CaptureFixture[str], home: list[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments, *home, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_bucket_and_gcloud_tell_of_the_same_entries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(tmp_path / "home")]
    place = tmp_path / "b/cloudaudit.googleapis.com/activity/2026/11/01"
    place.mkdir(parents=True)
    lines = "".join(json.dumps(one) + "\n" for one in entries())
    (place / "10:00:00_10:59:59_S0.json.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "b/requests/2026/11/01").mkdir(parents=True)
    (tmp_path / "b/requests/2026/11/01/10:00:00_10:59:59_S0.json").write_text("not looked at")
    (tmp_path / "b/read.json").write_text(json.dumps(entries(), indent=2))
    taken = asked(capsys, home, "events", str(tmp_path / "b"), "--provider", "gcp")["taken"]
    count = len(entries())
    assert (taken["events"]["new"], taken["events"]["duplicates"], taken["events"]["bad"]) == (count, count, 0)
    assert taken["files"] == {"found": 3, "known": 0, "skipped": 1, "failed": 0}
    [first, *_] = asked(capsys, home, "activity", "user:ann@corp.example", "--denied")["items"]
    assert (first["provider"], first["account"], first["outcome"]) == ("gcp", "web", "denied")
    through = asked(capsys, home, "activity", "user:ann@corp.example")["items"]
    assert {"serviceAccount:app@web.iam.gserviceaccount.com"} < {one["principal"] for one in through}
    assert asked(capsys, home, "activity", "gh/repo:corp/web:ref:refs/pull/*/merge")["items"]
    touched = asked(capsys, home, "activity", "//storage.googleapis.com/b")["items"]
    assert touched and all(one["bucket"] == "//storage.googleapis.com/b" for one in touched)


def test_who_gave_a_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(tmp_path / "home")]
    assert run(["import", str(CORP), "--taken", "2026-11-01T00:00:00Z", *home]) == 0
    granted = [one for one in asked(capsys, home, "grants")["items"]
               if one["layer"] == "allow" and one["resource"] == "corp-web"]  # fmt: skip
    one = granted[0]
    log = tmp_path / "log.json"
    log.write_text(json.dumps([entry("e1", one["principal"], one["policy"]),
                               entry("e2", one["principal"], "roles/unheard.of", "REMOVE")]))  # fmt: skip
    assert run(["events", str(log), "--provider", "gcp", *home]) == 0
    with_history = asked(capsys, home, "grants", "--history")["items"]
    told = {(row["principal"], row["policy"], row["resource"]): row["provenance"] for row in with_history}
    found = told.pop((one["principal"], one["policy"], "corp-web"))
    assert (found["created"]["by"], found["created"]["at"][:10], found["missing"]) == (
        "user:ann@corp.example",
        "2026-10-30",
        "",
    )
    assert all(other["created"] is None for other in told.values())


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not here")
def test_the_vendors_samples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(tmp_path / "home")]
    taken = asked(capsys, home, "events", str(SAMPLES), "--provider", "gcp")["taken"]
    assert (taken["events"]["new"], taken["files"]["found"]) == (23, 39)
    status = asked(capsys, home, "events", "--status")
    assert {"testproject-320520", "gsec-monitoring-prod"} <= {one["account"] for one in status["items"]}


def test_the_history_of_a_person_a_group_and_a_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(tmp_path / "home")]
    assert run(["import", str(CORP), "--taken", "2026-11-02T00:00:00Z", *home]) == 0
    log = tmp_path / "log.json"
    own, group = "organizations/10/roles/shipper", "group:platform@corp.example"
    log.write_text(json.dumps([entry("e1", "user:carl@corp.example", "roles/viewer"), entry("e2", group, own)]))
    assert run(["events", str(log), "--provider", "gcp", *home]) == 0
    for name, subject in (
        ("carl@corp.example", "user:carl@corp.example"), ("roles/viewer", "user:carl@corp.example"), (group, group),
        (own, group), ("shipper", group), (f"{own} corp-web", group),
    ):  # fmt: skip
        (one,) = asked(capsys, home, "history", name)["items"]
        assert (one["subject"], one["verb"], one["by"]) == (subject, "created", "user:ann@corp.example"), name


def test_usage_in_sql_and_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(tmp_path / "home")]
    assert run(["import", str(CORP), "--taken", "2026-11-02T00:00:00Z", *home]) == 0
    log = tmp_path / "log.jsonl"
    later = {"timestamp": "2026-10-31T10:00:00Z"}
    given = [entry(id, "user:dora@corp.example", "roles/viewer", action) | more
             for id, action, more in (("e1", "ADD", {}), ("e2", "REMOVE", later))]  # fmt: skip
    log.write_text("".join(json.dumps(one) + "\n" for one in given))
    assert run(["events", str(log), "--provider", "gcp", *home]) == 0
    query = "select permission, bucket, account, sum(count)::int as n from usage where provider = 'gcp' group by all"
    [row] = asked(capsys, home, "sql", query)["items"]
    assert row == {"permission": "resourcemanager.projects.setIamPolicy", "account": "", "n": 2,
                   "bucket": "//cloudresourcemanager.googleapis.com/projects/corp-web"}  # fmt: skip
    told = asked(capsys, home, "sql", "select verb, subject, object, principal from changes order by time")["items"]
    assert [one["verb"] for one in told] == ["created", "removed"]
    assert {(one["subject"], one["object"], one["principal"]) for one in told} == {
        ("user:dora@corp.example", "roles/viewer corp-web", "user:ann@corp.example")
    }


def test_several_processes_fill_the_lake_as_one_does(tmp_path: Path) -> None:
    for number in range(4):
        place = tmp_path / f"b/cloudaudit.googleapis.com/activity/2026/11/{number + 1:02}"
        place.mkdir(parents=True)
        some = [one | {"insertId": f"{number}-{at}"} for at, one in enumerate(entries())]
        (place / "10:00:00_10:59:59_S0.json").write_text("".join(json.dumps(one) + "\n" for one in some))
    made = []
    for jobs in ("1", "2"):
        home = tmp_path / f"home-{jobs}"
        arguments = ["events", str(tmp_path / "b"), "--provider", "gcp", "--home", str(home), "--jobs", jobs]
        assert run(arguments) == 0
        made.append(plain(Workspace(home).lake.events()).sort_by("id").to_pylist())
    assert made[0] == made[1] and len(made[0]) == 4 * len(entries())
