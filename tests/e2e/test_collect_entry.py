"""Every way into accounts: profiles, a role with external id, an MFA code, a web identity token, Identity Center."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.aws import FakeAws, Fault, Refused
from fakes.aws_estate import estate
from fakes.aws_wire import Request
from leastwise.cli.main import run

ONE, TWO, THREE = ACCOUNTS = ("111111111111", "222222222222", "333333333333")
DEVICE = f"arn:aws:iam::{ONE}:mfa/phone"
CONFIG = """
[profile a]
region = eu-central-1
[profile b]
region = us-east-1
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
"""


def given(account: str, kind: str) -> dict[str, Any]:
    """Credentials as STS gives them."""
    expires = datetime.now(UTC) + timedelta(hours=1)
    return {"Credentials": {"AccessKeyId": f"ASIA{account}{kind}", "SecretAccessKey": "s", "SessionToken": "t",
                            "Expiration": expires}}  # fmt: skip


def by_portal(request: Request) -> dict[str, Any]:
    """Role credentials of the portal; the third account's are refused, the token must be the new one."""
    account = request.parameters["accountId"]
    if account == THREE:
        raise Refused("ForbiddenException", "No access", 403)
    expires = int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)
    return {"roleCredentials": {"accessKeyId": f"AKIA{account}SSO0", "secretAccessKey": "s", "sessionToken": "t",
                                "expiration": expires}}  # fmt: skip


PORTAL = {
    "sso.ListAccounts": lambda request: {"accountList": [{"accountId": one} for one in ACCOUNTS]},
    "sso.ListAccountRoles": lambda request: {"roleList": [{"roleName": "Audit"}]},
    "sso.GetRoleCredentials": by_portal,
    "sso-oidc.CreateToken": lambda request: {
        "accessToken": "renewed", "expiresIn": 3600, "refreshToken": "r2", "tokenType": "Bearer"},
}  # fmt: skip


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAws]:
    """Nobody is signed in: profiles and sessions are in the configuration."""
    more = {
        "sts.GetSessionToken": lambda request: given(request.account, "MFA0"),
        "sts.AssumeRoleWithWebIdentity": lambda request: given(ONE, "WEB0"),
    }
    with FakeAws({**estate(users=1, functions=1, buckets=1), **PORTAL, **more}, ACCOUNTS, ("us-east-1",)) as fake:
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name, raising=False)
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        for name, value in fake.environment().items():
            if name not in keys:
                monkeypatch.setenv(name, value)
        (tmp_path / "config").write_text(CONFIG)
        (tmp_path / "credentials").write_text("".join(
            f"[{name}]\naws_access_key_id = AKIA{account}BASE\naws_secret_access_key = s\n"
            for name, account in (("a", TWO), ("b", THREE), ("manager", ONE))
        ))  # fmt: skip
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path / "cache"))
        yield fake
    assert fake.unknown == []


class Collector:
    """`leastwise collect aws` of IAM, in a home of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.home, self._capsys = folder, folder / "home", capsys

    def __call__(self, *options: str, source: dict[str, Any] | None = None) -> dict[str, str]:
        """Scope → state."""
        if source is not None:
            self.home.mkdir(mode=0o700, exist_ok=True)
            whole = {"version": 1, "sources": [{"provider": "aws", "services": ["iam"], **source}]}
            (self.home / "estate.yaml").write_text(json.dumps(whole))
        made = ("collect",) if source is not None else ("collect", "aws", "--services", "iam", *options)
        self._capsys.readouterr()
        assert run([*made, "--format", "json", "--home", str(self.home)]) == 0, self._capsys.readouterr().err
        return {row["scope"]: row["state"] for row in json.loads(self._capsys.readouterr().out)["items"]}

    def gaps(self) -> list[dict[str, Any]]:
        """Collection gaps."""
        self._capsys.readouterr()
        assert run(["coverage", "--gaps", "--format", "json", "--home", str(self.home)]) == 0
        return list(json.loads(self._capsys.readouterr().out)["items"])

    def refused(self, *options: str) -> str:
        """The one line that it says."""
        self._capsys.readouterr()
        assert run(["collect", *options, "--home", str(self.home)]) == 2
        out, err = self._capsys.readouterr()
        assert not out and len(err.splitlines()) == 1
        return err


@pytest.fixture
def collect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Collector:
    return Collector(tmp_path, capsys)


def test_profiles_visit_the_account_of_each(aws: FakeAws, collect: Collector) -> None:
    assert collect("--profiles", "a,b") == {f"aws:{TWO}": "complete", f"aws:{THREE}": "complete"}
    assert "nowhere" in collect.refused("aws", "--profiles", "a,nowhere")
    assert "no credentials; sign in" in collect.refused("aws")


def test_a_role_is_assumed_with_its_external_id(aws: FakeAws, collect: Collector) -> None:
    collect("--profile", "manager", "--role", "path/Reader", "--external-id", "7d1f0c52")
    asked = [one.parameters for one in aws.log if one.operation == "AssumeRole"]
    assert {one["RoleArn"] for one in asked} == {f"arn:aws:iam::{one}:role/path/Reader" for one in (TWO, THREE)}
    assert {one["ExternalId"] for one in asked} == {"7d1f0c52"}


def test_one_code_serves_every_account_and_comes_before_the_organization_is_asked(
    aws: FakeAws, collect: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An organization that answers only to who has passed MFA, as policies with aws:MultiFactorAuthPresent do."""
    asked: list[str] = []

    def type_it(prompt: str) -> str:
        asked.append(prompt)
        return "123456"

    def without_code(request: Request) -> Fault | None:
        guarded = request.service == "organizations" or request.operation == "AssumeRole"
        return Fault("AccessDenied", "no MFA", 403) if guarded and not request.access_key.endswith("MFA0") else None

    monkeypatch.setattr("getpass.getpass", type_it)
    aws.faults = [without_code]
    found = collect("--profile", "manager", "--role", "Reader", "--mfa-serial", DEVICE)
    assert found == {f"aws:{one}": "complete" for one in (*ACCOUNTS, "o-fake000001")}
    assert asked == [f"MFA code of {DEVICE}: "]
    (given,) = [one.parameters for one in aws.log if one.operation == "GetSessionToken"]
    assert (given["SerialNumber"], given["TokenCode"]) == (DEVICE, "123456")


def test_without_a_terminal_nobody_can_be_asked_for_a_code(
    aws: FakeAws, collect: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", nobody)
    told = collect.refused("aws", "--profile", "manager", "--role", "Reader", "--mfa-serial", DEVICE)
    assert "no terminal" in told
    assert "exclude each other" in collect.refused("aws", "--profiles", "a,b", "--mfa-serial", DEVICE)


def test_a_web_identity_token_starts_a_pipeline(aws: FakeAws, collect: Collector) -> None:
    token = collect.folder / "token"
    token.write_text("header.body.signature")
    source = {"web_identity_token_file": str(token), "web_identity_role": f"arn:aws:iam::{ONE}:role/ci"}
    assert collect(source=source)[f"aws:{ONE}"] == "complete"
    (asked,) = [one.parameters for one in aws.log if one.operation == "AssumeRoleWithWebIdentity"]
    assert asked["WebIdentityToken"] == "header.body.signature"
    token.unlink()
    told = collect.refused()
    assert str(token) in told and "internal error" not in told


def test_a_token_that_vanishes_in_mid_run_ends_the_run_with_what_there_is(aws: FakeAws, collect: Collector) -> None:
    token = collect.folder / "token"
    token.write_text("header.body.signature")

    def short(request: Request) -> dict[str, Any]:
        made = given(ONE, "WEB0")
        made["Credentials"]["Expiration"] = datetime.now(UTC) + timedelta(seconds=30)
        return made

    def gone(request: Request) -> None:
        if aws.count("iam") > 3:
            token.unlink(missing_ok=True)

    aws.answers = {**aws.answers, "sts.AssumeRoleWithWebIdentity": short}
    aws.faults = [gone]
    source = {"web_identity_token_file": str(token), "web_identity_role": f"arn:aws:iam::{ONE}:role/ci"}
    assert collect(source=source)[f"aws:{ONE}"] == "complete"
    (gap, *_) = [one for one in collect.gaps() if one["status"] == "not_tried" and one["service"] == "iam"]
    assert "the credentials could not be renewed" in gap["detail"] and str(token) in gap["detail"]


def signed_in(collect: Collector, minutes: int) -> Path:
    """The token that `aws sso login` leaves, of that age to come."""
    folder = collect.folder / "cache"
    folder.mkdir()

    def at(**ahead: float) -> str:
        return (datetime.now(UTC) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")

    token = {"accessToken": "first", "expiresAt": at(minutes=minutes), "clientId": "c", "clientSecret": "s",
             "refreshToken": "r", "registrationExpiresAt": at(days=30)}  # fmt: skip
    file = folder / (hashlib.sha1(b"corp", usedforsecurity=False).hexdigest() + ".json")
    file.write_text(json.dumps(token))
    return file


def test_a_session_of_identity_center_visits_every_account_that_it_can_enter(aws: FakeAws, collect: Collector) -> None:
    assert "aws sso login --sso-session corp" in collect.refused("aws", "--sso")
    signed_in(collect, 60)
    found = collect("--sso")
    assert found == {f"aws:{ONE}": "complete", f"aws:{TWO}": "complete", f"aws:{THREE}": "unreadable",
                     "aws:o-fake000001": "complete"}  # fmt: skip
    assert {one.parameters["roleName"] for one in aws.log if one.operation == "GetRoleCredentials"} == {"Audit"}
    assert not aws.count("sso-oidc")


def test_a_session_that_is_an_hour_old_is_renewed_not_refused(aws: FakeAws, collect: Collector) -> None:
    """Its access token lives for an hour, its refresh token for the days that Identity Center gives it."""
    file = signed_in(collect, -1)
    assert collect("--sso", "--accounts", ONE)[f"aws:{ONE}"] == "complete"
    assert json.loads(file.read_text())["accessToken"] == "renewed"
    aws.answers = {**aws.answers, "sso-oidc.CreateToken": lambda request: refuse()}
    old = json.loads(file.read_text()) | {"expiresAt": "2026-01-01T00:00:00Z"}
    file.write_text(json.dumps(old))
    assert "aws sso login --sso-session corp" in collect.refused("aws", "--sso")


def refuse() -> dict[str, Any]:
    raise Refused("InvalidGrantException", "Invalid refresh token", 400)


def test_of_several_roles_one_must_be_named(aws: FakeAws, collect: Collector) -> None:
    signed_in(collect, 60)
    roles = {"roleList": [{"roleName": "Audit"}, {"roleName": "Admin"}]}
    aws.answers = {**aws.answers, "sso.ListAccountRoles": lambda request: roles}
    assert set(collect("--sso", "--accounts", ONE).values()) == {"unreadable"}
    assert collect("--sso", "--accounts", ONE, "--role", "Audit")[f"aws:{ONE}"] == "complete"
