"""`collect` with `access_advisor`: a job for every principal, in its account's session, and nothing of it is lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.access_advisor import BEGUN, Advisor
from fakes.aws import EXPIRED, FakeAws, Fault, denied
from fakes.aws_estate import estate
from fakes.aws_wire import Request
from fakes.surroundings import fake_aws
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.providers.collecting.lanes import Queue

BEGIN, TOLD = "GenerateServiceLastAccessedDetails", "GetServiceLastAccessedDetails"
USERS = 5
ACCOUNTS = ONE, TWO = ("111111111111", "222222222222")


def everybody(account: str) -> set[str]:
    """The principals of an account of the fake: users, a group, roles."""
    names = [*(f"user/user-{number:04}" for number in range(USERS)), "group/staff", "role/Reader", "role/worker"]
    return {f"arn:aws:iam::{account}:{name}" for name in names}


@pytest.fixture
def advisor() -> Advisor:
    return Advisor()


@pytest.fixture
def aws(advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    put = Queue.put
    monkeypatch.setattr(Queue, "put", lambda self, job, after=0.0: put(self, job, min(after, 0.02)))
    monkeypatch.setattr("leastwise.providers.aws.collect.patient._BETWEEN", 0.01)
    with fake_aws(monkeypatch, {**estate(USERS), **advisor.answers()}, ACCOUNTS) as fake:
        yield fake


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def collect(home: Path, *more: str) -> None:
    command = ["collect", "aws", "--role", "Reader", "--services", "iam", "--access-advisor", *more]
    assert run([*command, "--home", str(home)]) == 0


def told(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows of `last_accessed` of the newest snapshots, by principal."""
    rows: dict[str, list[dict[str, Any]]] = {}
    store = Workspace(home_option=home).store
    newest = {manifest.scope: manifest for manifest in sorted(store.list(), key=lambda one: one.time)}
    for manifest in newest.values():
        for row in store.open(manifest).table("last_accessed").to_pylist():
            rows.setdefault(row["principal"], []).append(row)
    return rows


def gaps(home: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run(["coverage", "--gaps", "--home", str(home), "--format", "json"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    return [one for one in items if one["call"] in (BEGIN, TOLD)]


def test_every_principal_is_asked_for_once_and_told_in_whole(
    aws: FakeAws, advisor: Advisor, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collect(home)
    rows = told(home)
    assert set(rows) == everybody(ONE) | everybody(TWO), "also those that never did anything"
    assert set(advisor.begun) == set(rows) and set(advisor.begun.values()) == {1}
    for arn, found in rows.items():
        about = {row["permission"] or row["service"]: row["last"] for row in found}
        used = arn[-1] in "02468"
        tracked = {"s3:CreateBucket", "s3:ListAllMyBuckets"} if used else set()
        assert set(about) == {"s3", "sqs"} | tracked, "both pages"
        assert (about["s3"] is not None) is used and about["sqs"] is None
        assert {row["taken"] for row in found} == {BEGUN.replace(second=3)}
    assert gaps(home, capsys) == []
    store = Workspace(home_option=home).store
    for manifest in (one for one in store.list() if one.scope.kind == "account"):
        calls = {one.call: one.detail for one in manifest.coverage if one.call in (BEGIN, TOLD)}
        assert calls == {BEGIN: "8 answers, 1 regions", TOLD: "16 answers, 1 regions"}
        raw = list(store.open(manifest).raw_documents())
        reports = [one.resource for one in raw if one.kind == "iam.get-service-last-accessed-details"]
        assert sorted(reports) == sorted(everybody(manifest.scope.id))
        assert not [one for one in raw if one.kind == "iam.generate-service-last-accessed-details"]
        assert not [one for one in raw if b"-job-" in one.body or "-job-" in one.name + one.resource]


def test_without_the_key_nothing_is_asked_and_with_it_the_dry_run_says_what(
    aws: FakeAws, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["collect", "aws", "--role", "Reader", "--services", "iam", "--home", str(home)]
    assert run(command) == 0
    assert aws.count(operation=BEGIN) == aws.count(operation=TOLD) == 0 and told(home) == {}
    collect(home)
    counts = {}
    for more in ([], ["--access-advisor"]):
        capsys.readouterr()
        assert run([*command, *more, "--dry-run", "--format", "json"]) == 0
        items = json.loads(capsys.readouterr().out)["items"]
        found = [one for one in items if one["call"] in (BEGIN, TOLD)]
        counts[bool(more)] = Counter((one["call"], one["each"], one["before"]) for one in found)
    above = "GetAccountAuthorizationDetails"
    assert counts == {False: {}, True: {
        **{(BEGIN, f"{above}.{kind}DetailList", 16): 1 for kind in ("User", "Group", "Role")},
        (TOLD, BEGIN, 32): 3,
    }}  # fmt: skip


@pytest.mark.parametrize("call", [BEGIN, TOLD])
def test_what_is_denied_is_a_gap_and_the_rest_is_there(
    call: str, aws: FakeAws, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.faults = [denied(service="iam", operation=call, account=TWO)]
    collect(home)
    (gap,) = gaps(home, capsys)
    assert (gap["account"], gap["call"], gap["status"]) == (TWO, call, "denied")
    assert f"arn:aws:iam::{TWO}:group/staff" in gap["detail"] and "and 3 more" in gap["detail"]
    assert "last tried a service" in str(gap["affects"])
    assert set(told(home)) == everybody(ONE)


def test_a_job_that_failed_is_begun_anew_by_resume_and_nothing_else_is(
    aws: FakeAws, advisor: Advisor, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = f"arn:aws:iam::{TWO}:role/worker"
    advisor.failing = worker.__eq__
    collect(home)
    (gap,) = gaps(home, capsys)
    assert gap["status"] == "failed" and "JobStatus is FAILED" in gap["detail"] and worker in gap["detail"]
    assert worker not in told(home)
    advisor.failing = lambda arn: False
    advisor.begun.clear()
    aws.log.clear()
    collect(home, "--resume")
    assert gaps(home, capsys) == []
    assert advisor.begun == {worker: 1}, "in another session, which the old job is not told to"
    assert {one.operation for one in aws.log if one.service == "iam"} == {BEGIN, TOLD}
    assert set(told(home)) == everybody(ONE) | everybody(TWO)


@pytest.mark.parametrize("left", [25, 40, 60])
def test_credentials_that_end_in_the_middle_leave_reports_to_the_next_session(
    left: int, aws: FakeAws, advisor: Advisor, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also between the two pages of a report: the second is nothing without a job of the same session."""
    made = iter(range(left))

    def after_some(request: Request) -> Fault | None:
        mine = request.account == TWO and request.service == "iam"
        return EXPIRED if mine and next(made, None) is None else None

    aws.faults = [after_some]
    collect(home)
    aws.faults = []
    whole = set(told(home))
    collect(home, "--resume")
    assert gaps(home, capsys) == []
    rows = told(home)
    assert set(rows) == whole | everybody(TWO) == everybody(ONE) | everybody(TWO)
    assert all({row["service"] for row in found} == {"s3", "sqs"} for found in rows.values())
    assert max(advisor.begun.values()) <= 2


def test_one_identity_is_asked_about_again(aws: FakeAws, advisor: Advisor, home: Path) -> None:
    user = f"arn:aws:iam::{ONE}:user/user-0001"
    collect(home)
    answered = told(home)
    aws.answers = {**aws.answers, **_one_user(user)}
    advisor.begun.clear()
    collect(home, "--only", user)
    assert advisor.begun == {user: 1}
    assert {arn: len(rows) for arn, rows in told(home).items()} == {arn: len(rows) for arn, rows in answered.items()}


def _one_user(arn: str) -> dict[str, Any]:
    """IAM's answers about a user without policies."""
    name = arn.rpartition("/")[2]
    user = {"Path": "/", "UserName": name, "UserId": "AIDA1", "Arn": arn, "CreateDate": BEGUN}
    lists = {"ListUserPolicies": "PolicyNames", "ListAttachedUserPolicies": "AttachedPolicies",
             "ListGroupsForUser": "Groups"}  # fmt: skip
    return {
        "iam.GetUser": lambda request: {"User": user},
        **{f"iam.{call}": lambda request, member=member: {member: []} for call, member in lists.items()},
    }
