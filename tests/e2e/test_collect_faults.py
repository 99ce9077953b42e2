"""Collecting through faults: what is there is kept, what is missing is said, `--resume` completes it."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.aws import EXPIRED, SECRET, THROTTLED, FakeAws, Fault, Scripted, denied, first, on, refused_by_scp
from fakes.aws_estate import ACCOUNTS, estate, policy
from fakes.aws_wire import Request
from leastwise.cli.main import run
from leastwise.providers.aws.collect.declaration import declared

ONE, TWO, THREE = (f"aws:{one}" for one in ACCOUNTS)
SERVICES = "iam,lambda,s3api"
UNDISTURBED: dict[str, Any] = {}


class Home:
    """A home folder, and the command line in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self._capsys = path, capsys

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        self._capsys.readouterr()
        assert run([*arguments, "--home", str(self.path)]) == code
        told = self._capsys.readouterr()
        return told.out, told.err

    def ask(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--format", "json")[0])

    def collect(self, *more: str) -> dict[str, dict[str, Any]]:
        """Rows by scope."""
        items = self.ask("collect", "aws", "--role", "Reader", "--services", SERVICES, *more)["items"]
        return {row["scope"]: row for row in items}

    def gaps(self) -> list[dict[str, Any]]:
        """Gaps but for those of the services that these tests leave out (see the test of that)."""
        rows = self.ask("coverage", "--gaps")["items"]
        chosen = "left out by the choice of services"
        return [{**row, "scope": f"aws:{row['account']}"} for row in rows if row["detail"] != chosen]

    def tables(self) -> dict[str, Any]:
        """Every row of every list, without what tells when it was asked."""
        lists = {
            name: self.ask(name, "--limit", "10000") for name in ("identities", "resources", "grants", "credentials")
        }
        return {
            # Which page of the details a thing stands on may differ.
            name: sorted(re.sub('_details[^"]*', "", json.dumps(row, sort_keys=True)) for row in found["items"])
            for name, found in lists.items()
        }


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Home:
    return Home(tmp_path / "home", capsys)


@pytest.fixture
def undisturbed(aws: FakeAws, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The lists that a run without faults gives: always the same, so asked for once a process."""
    if not UNDISTURBED:
        home = Home(tmp_path / "undisturbed", capsys)
        home.collect()
        UNDISTURBED.update(home.tables())
        aws.calls.clear()
        aws.log.clear()
    return UNDISTURBED


def repeated(fake: FakeAws) -> list[Any]:
    """Calls of one collection that were made more than once, entering apart."""
    entering = {"AssumeRole", "GetCallerIdentity", "DescribeRegions", "DescribeOrganization", "ListAccounts"}
    seen: set[str] = set()
    found = []
    for one in fake.log:
        name = json.dumps([one.account, one.region, one.service, one.operation, one.parameters], sort_keys=True)
        if one.operation not in entering and name in seen:
            found.append(one)
        seen.add(name)
    return found


def test_an_undisturbed_organization_has_no_gaps_and_asks_nothing_twice(home: Home, aws: FakeAws) -> None:
    rows = home.collect()
    assert set(rows) == {ONE, TWO, THREE, "aws:o-fake000001"}
    assert {row["state"] for row in rows.values()} == {"complete"}
    assert home.gaps() == []
    assert repeated(aws) == []
    assert aws.count("sts", "AssumeRole") == 2
    assert not list((home.path / "collecting").iterdir())


def test_every_declared_call_is_understood_and_what_is_empty_is_no_gap(home: Home, aws: FakeAws) -> None:
    home.run("collect", "aws", "--regions", "eu-central-1")
    assert home.gaps() == [] or {gap["call"] for gap in home.gaps()} == {"*"}


def test_a_storm_of_throttles_leaves_nothing_out_and_slows_down(
    home: Home, aws: FakeAws, undisturbed: dict[str, Any]
) -> None:
    aws.latency = 0.005
    aws.faults = [on(THROTTLED, share=0.6, service="iam", account=TWO[4:]), first(5, on(THROTTLED, service="lambda"))]
    rows = home.collect()
    assert rows[TWO]["state"] == "complete"
    assert home.gaps() == []
    assert home.tables() == undisturbed


def test_credentials_that_expire_leave_a_stale_scope_and_resume_repeats_no_finished_call(
    home: Home, aws: FakeAws, undisturbed: dict[str, Any]
) -> None:
    home.collect()
    aws.log.clear()
    left = iter(range(30))

    def after_some(request: Request) -> Fault | None:
        mine = request.account == TWO[4:] and request.operation != "AssumeRole"
        return EXPIRED if mine and next(left, None) is None else None

    aws.faults = [after_some]
    rows = home.collect()
    assert rows[TWO]["state"] != "complete"
    assert "expired" in rows[TWO]["cause"] + json.dumps(home.gaps())
    assert {rows[one]["state"] for one in (ONE, THREE)} == {"complete"}
    assert TWO in home.ask("identities")["estate"]["stale"]
    assert home.tables() == undisturbed
    refused = [one for one in aws.log if one.account == TWO[4:]][30:]
    aws.faults = []
    aws.log[:] = [one for one in aws.log if one not in refused]
    before = len(aws.log)
    resumed = home.collect("--resume")
    assert set(resumed) == {TWO}, "finished scopes are not collected again"
    assert resumed[TWO]["state"] == "complete"
    assert repeated(aws) == []
    assert {one.account for one in aws.log[before:]} <= set(ACCOUNTS)
    assert home.gaps() == [] and home.ask("identities")["estate"]["stale"] == []
    assert home.tables() == undisturbed


def test_credentials_that_cannot_be_renewed_are_no_denial_of_the_call_they_should_have_signed(
    home: Home, aws: FakeAws, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.lifetime = timedelta(seconds=61)
    monkeypatch.setattr("botocore.credentials.RefreshableCredentials._advisory_refresh_timeout", 60.7)
    monkeypatch.setattr("botocore.credentials.RefreshableCredentials._mandatory_refresh_timeout", 60.5)
    aws.latency = 0.03

    def no_second_time(request: Request) -> Fault | None:
        again = aws.count("sts", "AssumeRole") > 2
        return (
            Fault("AccessDenied", "not authorized: sts:AssumeRole", 403)
            if again and request.operation == "AssumeRole"
            else None
        )

    aws.faults = [no_second_time]
    rows = home.collect()
    assert rows[ONE]["state"] == "complete"
    gaps = [gap for gap in home.gaps() if gap["scope"] in (TWO, THREE)]
    assert any("could not be renewed (AccessDenied" in gap["detail"] for gap in gaps)
    assert not [gap for gap in gaps if gap["status"] == "denied"]
    aws.faults, aws.lifetime = [], timedelta(hours=1)
    assert set(home.collect("--resume")) == {TWO, THREE}
    assert home.gaps() == [] and home.tables() == undisturbed


@pytest.mark.parametrize(
    "scripted", [denied(service="lambda"), refused_by_scp(region="us-east-2"), denied(service="s3")]
)
def test_what_is_denied_is_a_gap_and_never_empty(home: Home, aws: FakeAws, scripted: Scripted) -> None:
    aws.faults = [scripted]
    rows = home.collect()
    assert {row["state"] for row in rows.values()} == {"complete"}
    gaps = [gap for gap in home.gaps() if gap["scope"] == ONE]
    assert gaps and {gap["status"] for gap in gaps} == {"denied"}
    assert all(gap["affects"] and "AccessDenied" in gap["detail"] for gap in gaps)


def test_a_denied_fact_is_unknown_not_no(home: Home, aws: FakeAws) -> None:
    aws.faults = [
        denied(service="iam", operation=name)
        for name in ("ListMFADevices", "GetCredentialReport", "GenerateCredentialReport", "ListVirtualMFADevices")
    ]
    home.collect()
    users = [row for row in home.ask("identities", "--limit", "1000")["items"] if row["kind"] == "human"]
    assert users and {row["mfa"] for row in users} == {None}
    assert home.ask("identities", "--no-mfa")["items"] == []


def test_a_page_that_fails_keeps_the_earlier_ones_and_resume_asks_only_for_it(
    home: Home, aws: FakeAws, undisturbed: dict[str, Any]
) -> None:
    aws.answers = {**aws.answers, **estate(page=2)}
    failing = [True]

    def third_page(request: Request) -> Fault | None:
        third = request.operation == "GetAccountAuthorizationDetails" and request.parameters.get("Marker") == "4"
        return Fault("ServiceFailure", "boom", 500) if third and failing[0] and request.account == ONE[4:] else None

    aws.faults = [third_page]
    rows = home.collect()
    assert rows[ONE]["state"] == "complete"
    (gap,) = home.gaps()
    assert (gap["scope"], gap["status"], gap["call"]) == (ONE, "failed", "GetAccountAuthorizationDetails")
    kept = {row["name"] for row in home.ask("identities", "--account", ONE[4:])["items"]}
    assert {"user-0000", "user-0003"} <= kept and "staff" not in kept
    failing[0] = False
    aws.log.clear()
    assert set(home.collect("--resume")) == {ONE}
    marks = [one.parameters.get("Marker") for one in aws.log if one.operation == "GetAccountAuthorizationDetails"]
    assert marks == ["4", "6", "8"]
    assert home.gaps() == []
    assert home.tables() == undisturbed


def test_an_account_that_cannot_be_entered_is_said_and_the_others_are_there(home: Home, aws: FakeAws) -> None:
    aws.refused = {TWO[4:]}
    rows = home.collect()
    assert rows[TWO]["state"] == "unreadable"
    assert {rows[one]["state"] for one in (ONE, THREE)} == {"complete"}
    told = home.ask("identities")
    assert TWO in json.dumps(told["coverage"])
    aws.refused = set()
    home.collect("--resume")
    assert home.gaps() == []


def test_a_clock_that_is_off_is_said_with_seconds(home: Home, aws: FakeAws) -> None:
    aws.clock = timedelta(seconds=1800)
    skewed = Fault(
        "RequestTimeTooSkewed", "The difference between the request time and the current time is too large", 403
    )
    aws.faults = [on(skewed, service="s3")]
    home.collect()
    assert any(
        "clock is off by -1800 seconds" in gap["detail"] or "clock is off by -1799" in gap["detail"]
        for gap in home.gaps()
    )
    aws.faults = [on(Fault("SignatureDoesNotMatch", "Signature expired: 20261121T0000Z is now earlier", 403))]
    _, told = home.run("collect", "aws", "--role", "Reader", "--services", SERVICES, code=2)
    assert "clock is off by -1" in told and len(told.splitlines()) == 1


def test_the_network_gone_ends_soon_says_so_and_resume_completes(
    home: Home, aws: FakeAws, undisturbed: dict[str, Any]
) -> None:
    port = aws.port
    stopper = threading.Event()

    def stop_after_some(request: Request) -> Fault | None:
        if aws.calls.total() >= 80 and not stopper.is_set():
            stopper.set()
            threading.Thread(target=aws.stop, daemon=True).start()
        return None

    aws.faults = [stop_after_some]
    start = time.monotonic()
    rows = home.collect()
    assert time.monotonic() - start < 20
    assert {row["state"] for row in rows.values()} & {"complete", "stale"}
    assert any("the network is gone" in gap["detail"] for gap in home.gaps())
    time.sleep(0.2)
    aws.faults = []
    aws.start(port)
    home.collect("--resume")
    assert home.gaps() == []
    assert home.tables() == undisturbed


def test_dropped_connections_and_cut_answers_are_asked_again(
    home: Home, aws: FakeAws, undisturbed: dict[str, Any]
) -> None:
    page = Fault(body=b"<html><body>Welcome to the hotel</body></html>", http=200)
    aws.faults = [
        # One call is tried five times: four faults of a kind cannot use its tries up by bad luck.
        first(4, on(Fault(drop=True), share=0.3, service="iam", account=TWO[4:])),
        first(4, on(Fault(cut=True), share=0.3, service="lambda", account=THREE[4:])),
        first(4, on(page, share=0.5, service="iam", account=ONE[4:])),
        first(3, on(page, service="s3", account=ONE[4:])),
    ]
    home.collect()
    assert home.gaps() == []
    assert home.tables() == undisturbed


def test_a_page_of_a_proxy_is_never_an_empty_answer_nor_quoted_whole(home: Home, aws: FakeAws) -> None:
    page = b"<html>" + b"<p>blocked by policy " * 500 + b"</html>"
    aws.faults = [on(Fault(body=page, http=200), service="lambda"), on(Fault(body=page, http=502), service="s3")]
    home.collect()
    gaps = [gap for gap in home.gaps() if gap["scope"] == ONE]
    assert {(gap["service"], gap["status"]) for gap in gaps} == {("lambda", "failed"), ("s3api", "failed")}
    assert all(len(gap["detail"]) < 500 for gap in gaps)


def test_only_one_collection_writes_at_a_time(home: Home, aws: FakeAws) -> None:
    aws.latency = 0.1
    process = start(home.path)
    try:
        while aws.calls.total() < 5:
            time.sleep(0.02)
        _, told = home.run("collect", "aws", "--role", "Reader", "--services", SERVICES, code=2)
        assert "collection" in told and len(told.splitlines()) == 1
    finally:
        process.kill()
        process.wait()


def test_only_one_account_is_entered_and_collected(home: Home, aws: FakeAws) -> None:
    home.collect()
    aws.calls.clear()
    assert set(home.collect("--only", THREE[4:])) == {THREE}
    assert {account for account, *_ in aws.calls if account != ONE[4:]} == {THREE[4:]}
    assert aws.count("sts", "AssumeRole") == 1
    _, told = home.run("collect", "aws", "--role", "Reader", "--services", SERVICES, "--only", "999999999999", code=2)
    assert "999999999999" in told


def test_a_second_run_stores_what_did_not_change_once_and_what_changed_anew(home: Home, aws: FakeAws) -> None:
    def files() -> dict[str, dict[str, Any]]:
        found = home.ask("snapshots", "list")["items"]
        newest = max((row for row in found if row["scope"] == ONE[4:]), key=lambda row: row["time"])
        told = home.ask("snapshots", "show", newest["id"])
        return {Path(one["path"]).name: one for one in told["files"]}

    def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
        return (home.path / one["path"]).samefile(home.path / other["path"])

    home.collect()
    first, calls = files(), aws.calls.total()
    home.collect()
    second = files()
    assert aws.calls.total() == 2 * calls and second.keys() == first.keys()
    assert [name for name in first if not same(first[name], second[name])] == []
    aws.answers = {**aws.answers, "lambda.GetPolicy": lambda request: {"Policy": json.dumps(policy("x:y"))}}
    home.collect()
    third = files()
    changed = {name for name in first if not same(second[name], third[name])}
    assert {"lambda.seg", "index.jsonl", "resources.parquet"} <= changed
    assert not changed & {"iam.seg", "s3api.seg", "principals.parquet", "credentials.parquet"}
    assert home.ask("snapshots", "verify")["ok"]


def test_a_dry_run_says_how_often_each_call_was_made_the_last_time(home: Home, aws: FakeAws) -> None:
    def planned() -> dict[tuple[str, str], int | None]:
        rows = home.ask("collect", "aws", "--role", "Reader", "--services", SERVICES, "--dry-run")["items"]
        return {(row["service"].replace("s3api", "s3"), row["call"]): row["before"] for row in rows}

    assert set(planned().values()) == {None}
    home.collect()
    made = {call: aws.count(*call) for call in planned()}
    assert {call: before or 0 for call, before in planned().items()} == made
    assert aws.count("lambda", "GetPolicy") > 1
    told, _ = home.run("collect", "aws", "--role", "Reader", "--services", SERVICES, "--dry-run")
    assert f"{sum(made.values()):,} calls the last time" in told


def test_guardrails_are_a_gap_when_only_some_accounts_are_named(home: Home, aws: FakeAws) -> None:
    home.collect("--accounts", THREE[4:])
    (gap,) = home.gaps()
    assert (gap["scope"], gap["service"], gap["status"]) == (THREE, "organizations", "not_tried")
    assert ONE[4:] in gap["detail"]
    _, told = home.run("collect", "--only", THREE[4:], code=2)
    assert "sources" in told


def test_a_dry_run_and_a_policy_call_nothing(home: Home, aws: FakeAws) -> None:
    assert home.ask("collect", "aws", "--role", "Reader", "--dry-run")["items"]
    printed = json.loads(home.run("collect", "aws", "--role", "Reader", "--print-policy")[0])
    assert printed["Version"] == "2012-10-17"
    actions = [action for one in printed["Statement"] for action in one["Action"] if isinstance(one["Action"], list)]
    assert "iam:GetAccountAuthorizationDetails" in actions and len(actions) == len(set(actions))
    assert aws.calls.total() == 0


def test_every_repeats_until_it_is_ended(home: Home, aws: FakeAws) -> None:
    process = start(home.path, "--every", "1s", "--only", ONE[4:])
    try:
        end = time.monotonic() + 60
        while aws.count("iam", "GetAccountSummary") < 2:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_killed_collection_is_completed_by_resume(
    home: Home, aws: FakeAws, undisturbed: dict[str, Any], seed: int
) -> None:
    aws.latency = 0.02
    chance = random.Random(seed)
    for _ in range(3):
        before = aws.calls.total()
        process = start(home.path, "--resume")
        until = before + chance.randrange(10, 80)
        while aws.calls.total() < until and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    aws.latency = 0
    home.collect("--resume")
    assert home.gaps() == []
    assert home.tables() == undisturbed
    made = aws.count("iam", "ListMFADevices")
    assert made <= 15 + 3 * 10, "only calls in flight at a kill are made again"


def test_ctrl_c_ends_soon_and_leaves_what_resume_needs(home: Home, aws: FakeAws) -> None:
    process = start(home.path)
    while aws.calls.total() < 40:
        time.sleep(0.01)
    aws.latency = 30
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert "Traceback" not in told
    assert list((home.path / "collecting").iterdir())
    aws.latency = 0


def start(home: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "leastwise", "collect", "aws", "--role", "Reader", "--services", SERVICES]
    command += ["--home", str(home), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


def test_no_credential_is_written_anywhere(home: Home, aws: FakeAws) -> None:
    aws.faults = [denied(service="s3"), first(4, on(EXPIRED, service="lambda", account=TWO[4:]))]
    out, err = home.run("collect", "aws", "--role", "Reader", "--external-id", f"outside-{SECRET}")
    found = [path for path in home.path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert not found and SECRET not in out + err
    canaries = [path for path in home.path.rglob("*") if path.is_file() and b"canary-7f3a91c2" in path.read_bytes()]
    assert not canaries and "canary-" not in out + err


def test_services_and_regions_that_are_left_out_are_gaps(home: Home, aws: FakeAws) -> None:
    home.collect("--regions", "us-east-1")
    rows = [row for row in home.ask("coverage", "--gaps")["items"] if row["account"] == ONE[4:]]
    told = {row["service"]: row for row in rows if row["call"] == "*"}
    everything = {service.name for service in declared() if service.scope == "account"}
    assert set(told) == everything - set(SERVICES.split(",")) | {"regions"}
    assert told["regions"]["detail"] == "only us-east-1 were asked"
    assert all(row["status"] == "not_tried" and row["affects"] for row in told.values())
