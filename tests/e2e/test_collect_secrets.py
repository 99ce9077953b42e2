"""Secrets in every answer of every declared call are found nowhere: home folder, output, tracebacks, logs."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.aws import EXPIRED, SECRET, FakeAws, Fault, on
from fakes.aws_answers import ACCOUNT, DETAILS, FACTS, IAM, ORGANIZATION, POLICIES, REGION, WORKLOADS
from fakes.aws_canaries import Body, Canaries
from fakes.aws_estate import estate
from fakes.surroundings import fake_aws
from leastwise.cli.main import run
from leastwise.model.tables import FACT_TABLES, VIEW_TABLES
from leastwise.providers.aws.collect.declaration import declared

CANARY = re.compile(rb"canary-[\w.!-]+?-\d{6}-end")
ANN = {
    "UserName": "ann",
    "Arn": f"{IAM}user/ann",
    "Path": "/",
    "UserId": "AIDAANN",
    "CreateDate": "2026-01-02T03:04:05Z",
}


@pytest.fixture
def canaries() -> Canaries:
    details = DETAILS._replace(body={**DETAILS.body, "UserDetailList": [ANN]})
    return Canaries([Body(*one) for one in (details, *WORKLOADS, *POLICIES, *FACTS, *ORGANIZATION)])


@pytest.fixture
def aws(canaries: Canaries, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """An account that manages an organization; every answer but two of the organization is full of canaries."""
    answers = dict(canaries.answers)
    for own in ("organizations.DescribeOrganization", "organizations.ListAccounts"):
        del answers[own]
    with fake_aws(monkeypatch, answers, (ACCOUNT, "444455556666"), (REGION,)) as fake:
        yield fake


def files(home: Path) -> bytes:
    """Everything in the home folder, and what is packed in it."""
    from leastwise.app.wiring import Workspace

    place = Workspace(home_option=home)
    raw = [one for manifest in place.store.list() for one in place.store.open(manifest).raw_documents()]
    unpacked = [f"{one.name} {one.resource}".encode() + one.body for one in raw]
    tables = [
        repr(place.store.open(manifest).table(name).to_pylist()).encode()
        for manifest in place.store.list()
        for name in (spec.name for spec in (*FACT_TABLES, *VIEW_TABLES))
    ]
    return b"".join([*(path.read_bytes() for path in home.rglob("*") if path.is_file()), *unpacked, *tables])


COMMANDS = (
    ("doctor",), ("collect", "aws", "--access-advisor"), ("collect", "aws", "--access-advisor", "--resume"),
    ("collect", "aws", "--access-advisor", "--dry-run"), ("coverage",),
    ("identities",), ("resources",), ("grants",), ("credentials",), ("trusts",), ("findings",), ("estate", "show"),
    ("snapshots", "list"), ("snapshots", "verify"),
)  # fmt: skip


@pytest.mark.slow
def test_no_secret_of_any_answer_is_written_printed_or_logged(
    aws: FakeAws, canaries: Canaries, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Of the SDK's own loggers, only what Python prints when nobody configures logging counts: warnings and above."""
    monkeypatch.setenv("LEASTWISE_DEBUG", "1")
    home = tmp_path / "home"
    with caplog.at_level(logging.DEBUG):
        for command in COMMANDS:
            for form in ("json", "table"):
                assert run([*command, "--format", form, "--home", str(home)]) == 0
    asked = {(service, operation) for _, _, service, operation in aws.calls}
    assert {(s.of(call).service, call.call) for s in declared() for call in s.walk()} <= asked
    planted = {one.encode() for one in canaries.planted}
    assert len(planted) > 3000
    assert any(one in planted for record in caplog.records for one in CANARY.findall(record.getMessage().encode()))
    ours = [one for one in caplog.records if one.name.startswith("leastwise") or one.levelno >= logging.WARNING]
    logged = "".join(caplog.handler.format(one) for one in ours).encode()
    out, err = capsys.readouterr()
    for place, text in (("output", (out + err).encode()), ("logs", logged), ("home", files(home))):
        assert not set(CANARY.findall(text)) & planted, place
        assert SECRET.encode() not in text, place
    assert b"redacted:" in files(home)


def test_a_new_process_says_nothing_but_its_answer(aws: FakeAws, canaries: Canaries, tmp_path: Path) -> None:
    """As a user starts it, with every warning of Python on: standard error is empty, standard output is the answer."""
    command = [sys.executable, "-W", "default", "-m", "leastwise", "collect", "aws", "--home", str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "LEASTWISE_DEBUG": "1"}, check=False)
    assert done.returncode == 0 and done.stderr == b"", done.stderr[-2000:]
    assert not CANARY.findall(done.stdout)


def test_credentials_that_cannot_be_renewed_print_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK warns of them with a traceback; that is for its developers, and coverage says it in our words."""
    with FakeAws(estate(users=30), (ACCOUNT, "444455556666"), (REGION,), latency=0.02) as fake:
        fake.lifetime = timedelta(seconds=14 * 60)
        fake.faults = [
            lambda request: (
                Fault("AccessDenied", "not authorized", 403)
                if request.operation == "AssumeRole" and fake.count("sts", "AssumeRole") > 1
                else None
            )
        ]
        command = [sys.executable, "-m", "leastwise", "collect", "aws", "--role", "Reader", "--services", "iam"]
        done = subprocess.run(
            [*command, "--home", str(tmp_path / "home")],
            capture_output=True, env={**os.environ, **fake.environment()}, check=False,
        )  # fmt: skip
        assert fake.count("sts", "AssumeRole") > 1, "the SDK asked for new credentials"
    assert done.stderr == b"", done.stderr[-2000:]


def test_an_error_at_sign_in_names_no_secret(aws: FakeAws, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    aws.faults = [on(EXPIRED)]
    assert run(["collect", "aws", "--home", str(tmp_path / "home")]) == 2
    out, err = capsys.readouterr()
    assert SECRET not in out + err and len(err.splitlines()) == 1
