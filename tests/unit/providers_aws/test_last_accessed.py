"""Access Advisor's answers → rows of `last_accessed`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aws_support import Tables, imported, rows, tables_of

from leastwise.errors import InputError
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.aws.exports.redact import Redactor

ACCOUNT = "111122223333"
ROLE, GROUP = f"arn:aws:iam::{ACCOUNT}:role/app/r", f"arn:aws:iam::{ACCOUNT}:group/g"
DONE = datetime(2026, 3, 31, 12, tzinfo=UTC)
TAKEN = datetime(2026, 4, 1, tzinfo=UTC)
KIND = "iam.get-service-last-accessed-details"


def told(body: dict[str, Any], *about: str, kind: str = KIND) -> Tables:
    scope = Scope("aws", "account", ACCOUNT)
    raw = json.dumps({"JobStatus": "COMPLETED", "JobCompletionDate": DONE.isoformat(), "IsTruncated": False} | body)
    document = RawDocument(scope, "iam", kind, "f.json", raw.encode(), "\x1f".join(about), None, "us-east-1")
    kept = Redactor(b"k").document(document.body)
    assert json.loads(kept)["ServicesLastAccessed" if kind == KIND else "EntityDetailsList"]
    return tables_of(Collected(scope, TAKEN, (RawDocument(scope, "iam", kind, "f.json", kept, document.resource),)))


def service(name: str, last: str | None = None, **more: Any) -> dict[str, Any]:
    used = {"LastAuthenticated": last, "LastAuthenticatedEntity": ROLE, "LastAuthenticatedRegion": "eu-west-1"}
    return {"ServiceName": name.upper(), "ServiceNamespace": name} | (used if last else {}) | more


def test_services_with_and_without_an_attempt() -> None:
    found = told({"ServicesLastAccessed": [service("s3", "2026-03-30T10:00:00Z"), service("ec2")]}, ROLE)
    tried, never = rows(found, "last_accessed")
    assert tried == {
        "principal": ROLE, "account": ACCOUNT, "service": "s3", "permission": "",
        "last": datetime(2026, 3, 30, 10, tzinfo=UTC), "region": "eu-west-1", "since": DONE - timedelta(days=400),
        "taken": DONE, "inexact": False, "source": "f.json",
    }  # fmt: skip
    assert (never["service"], never["last"], never["region"]) == ("ec2", None, None)


def test_actions() -> None:
    actions = [
        {"ActionName": "CreateBucket", "LastAccessedTime": 1774951200, "LastAccessedRegion": "eu-west-1"},
        {"ActionName": "DeleteBucket"},
    ]
    body = {"ServicesLastAccessed": [service("s3", "2026-03-31T10:00:00Z", TrackedActionsLastAccessed=actions)]}
    found = {one["permission"]: one["last"] for one in rows(told(body, ROLE), "last_accessed")}
    assert found == {
        "": datetime(2026, 3, 31, 10, tzinfo=UTC),
        "s3:CreateBucket": datetime(2026, 3, 31, 10, tzinfo=UTC),
        "s3:DeleteBucket": None,
    }


def test_whose_it_is_may_stand_in_the_answer() -> None:
    (row,) = rows(told({"ServicesLastAccessed": [service("s3", "2026-03-30T10:00:00Z")]}), "last_accessed")
    assert row["principal"] == ROLE


@pytest.mark.parametrize("about", [(), ("r",)])
def test_whose_it_is_must_be_told(about: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"f\.json"):
        told({"ServicesLastAccessed": [service("s3")]}, *about)


@pytest.mark.parametrize("body", [{"JobStatus": "IN_PROGRESS"}, {"IsTruncated": True}])
def test_an_answer_that_is_not_whole_is_said(body: dict[str, Any]) -> None:
    found = told({"ServicesLastAccessed": [service("s3", "2026-03-30T10:00:00Z")]} | body, ROLE)
    assert [one["call"] for one in rows(found, "coverage", status="failed")] == ["iam GetServiceLastAccessedDetails"]


def test_an_answer_without_a_time_tells_nothing() -> None:
    found = told({"ServicesLastAccessed": [service("s3")], "JobCompletionDate": None}, ROLE)
    assert rows(found, "last_accessed") == []
    assert rows(found, "coverage", status="failed")


def test_entities_of_a_group() -> None:
    entities = [
        {"EntityInfo": {"Arn": ROLE, "Name": "r", "Type": "ROLE", "Id": "AROAX"}, "LastAuthenticated": "2026-03-01"},
        {"EntityInfo": {"Arn": GROUP, "Name": "g", "Type": "USER", "Id": "AIDAX"}},
    ]
    found = told({"EntityDetailsList": entities}, GROUP, "s3", kind=f"{KIND}-with-entities")
    (row,) = rows(found, "last_accessed")
    assert (row["principal"], row["service"], row["last"]) == (ROLE, "s3", datetime(2026, 3, 1, tzinfo=UTC))


def test_files_as_the_command_line_saves_them(tmp_path: Path) -> None:
    folder = tmp_path / ACCOUNT
    folder.mkdir()
    name = ROLE.replace(":", "%3A").replace("/", "%2F")
    body = {"JobStatus": "COMPLETED", "JobCompletionDate": DONE.isoformat(), "ServicesLastAccessed": [service("s3")]}
    (folder / f"iam-get-service-last-accessed-details--{name}.json").write_text(json.dumps(body))
    (row,) = rows(imported(tmp_path)[ACCOUNT], "last_accessed")
    assert (row["principal"], row["service"], row["last"]) == (ROLE, "s3", None)
