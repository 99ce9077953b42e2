"""`leastwise collect gcp` against the fake: home, gaps, role, plan, doctor, a kill in the middle, secrets nowhere."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakes.google.around import QUICK, VARIABLE, key_file, surround, written
from fakes.google.server import BROKEN, DENIED, DISABLED, TOKEN, FakeGoogle, Fault, Refused, on
from fakes.home import Home as AnyHome


class Home(AnyHome):
    """A home folder with one source of Google Cloud, and the command line in it."""

    def __init__(self, path: Path, google: FakeGoogle, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(path, capsys)
        self.google = google
        self.source()

    def source(self, **more: Any) -> None:
        keys = {
            "provider": "gcp",
            "access_token_env": VARIABLE,
            "endpoint": self.google.url,
            "per_minute": QUICK,
            **more,
        }
        self.sources({name: value for name, value in keys.items() if value is not None})

    def gaps(self) -> list[dict[str, Any]]:
        """Gaps of the collection; what translation cannot make something of is told besides."""
        rows = self.ask("coverage", "--gaps")["items"]
        untranslated = [one for one in rows if one["call"] in ("accessPolicies", "roles.get")]
        return [one for one in rows if one not in untranslated]


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    surround(monkeypatch, tmp_path)
    with FakeGoogle() as fake:
        yield fake


@pytest.fixture
def home(google: FakeGoogle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Home:
    return Home(tmp_path / "home", google, capsys)


def test_an_organization_is_collected_into_one_snapshot(home: Home, google: FakeGoogle) -> None:
    (row,) = home.ask("collect", "gcp")["items"]
    assert (row["scope"], row["state"]) == ("gcp:organizations/1", "complete")
    assert google.strange == []
    assert not list((home.path / "collecting").iterdir())
    assert home.ask("snapshots", "verify")["ok"]
    told = home.ask("coverage")["items"]
    assert {one["service"] for one in told if one["status"] == "ok"} >= {
        "iam",
        "cloudasset",
        "cloudidentity",
        "orgpolicy",
    }


def test_what_one_project_refuses_is_a_gap_of_that_project(home: Home, google: FakeGoogle) -> None:
    google.faults = [on(DENIED, "iam", "projects/bw-beta"), on(DISABLED, "policyanalyzer")]
    home.run("collect", "gcp")
    mine = [one for one in home.gaps() if one["service"] in ("iam", "policyanalyzer")]
    assert {one["account"] for one in mine if one["status"] == "denied"} == {"bw-beta"}
    assert {one["account"] for one in mine if one["status"] == "unsupported"} == {"bw-alpha", "bw-beta", "bw-gamma"}
    assert all(one["affects"] for one in mine)


def test_of_a_policy_that_changes_while_it_is_read_what_the_project_says_itself_counts(
    home: Home, google: FakeGoogle
) -> None:
    """The inventory is later to learn: it tells the policy with the etag of before."""

    def held() -> set[tuple[str, str]]:
        rows = home.ask("grants", "--limit", "1000")["items"]
        return {(one["principal"], one["policy"]) for one in rows}

    google.world.policies["projects/103"] |= {
        "etag": "BwGamma2", "bindings": [{"role": "roles/owner", "members": ["user:new@brightwater.example"]}],
    }  # fmt: skip
    home.run("collect", "gcp")
    assert ("user:new@brightwater.example", "roles/owner") in held()
    stale = google.world.objects["IAM_POLICY //cloudresourcemanager.googleapis.com/projects/103"]["body"]["iamPolicy"]
    assert stale["etag"] == "BwGamma1"


def test_what_the_services_leave_out_is_a_gap_and_doctor_says_so(home: Home, google: FakeGoogle) -> None:
    home.source(services=["iam", "cloudasset"])
    home.run("collect", "gcp")
    calls = {(one["service"], one["call"]) for one in home.gaps() if one["status"] == "not_tried"}
    assert {("iam", "policies.listPolicies"), ("cloudidentity", "groups.list")} <= calls
    unknown = home.ask("doctor", "gcp")["unknown"]
    assert "services leave iam-v2 out" in {text for one in unknown for text in one["of"]}


def test_the_least_role_is_printed_without_a_call(home: Home, google: FakeGoogle) -> None:
    text, _ = home.run("collect", "gcp", "--print-policy", "--organization", "1", "--projects", "bw-alpha")
    organization, project = (one for one in yaml.safe_load_all(text) if one)
    assert set(project["includedPermissions"]) < set(organization["includedPermissions"])
    assert google.log == []


def test_the_plan_is_told_without_a_call(home: Home, google: FakeGoogle) -> None:
    rows = home.ask("collect", "gcp", "--dry-run")["items"]
    assert {"iam", "cloudasset", "privilegedaccessmanager"} <= {one["service"] for one in rows} and google.log == []
    home.run("collect", "gcp")
    before = {(one["service"], one["call"]): one["before"] for one in home.ask("collect", "--dry-run")["items"]}
    assert before["cloudresourcemanager", "projects.getIamPolicy"] == 3


def test_doctor_names_what_is_missing_and_which_questions_it_costs(home: Home, google: FakeGoogle) -> None:
    found = home.ask("doctor", "gcp")
    assert {one["status"] for one in found["items"]} == {"ok"} and found["unknown"] == []
    apis = {one["check"] for one in found["items"] if one["check"].startswith("API ")}
    assert "API cloudasset.v1 at cloudasset.googleapis.com" in apis and "API iam.v2 at iam.googleapis.com" in apis
    every = {one for request in google.log if request.method.endswith("testIamPermissions")
             for one in request.body["permissions"]}  # fmt: skip
    google.world.held = every - {"iam.denypolicies.list", "iam.serviceAccountKeys.list"}
    google.faults = [on(DENIED, "cloudidentity.groups.list")]
    found = home.ask("doctor", "gcp")
    missing = [one for one in found["items"] if one["status"] == "missing"]
    assert "iam.denypolicies.list" in missing[0]["detail"] and "organizations/1" in missing[0]["check"]
    because = {one["question"]: one["because"] for one in found["unknown"]}
    assert because["what deny policies take away"] == "iam.denypolicies.list denied"
    assert "Groups > Read" in because["which groups there are, and who is in them"]


def test_doctor_names_an_api_that_is_not_switched_on(home: Home, google: FakeGoogle) -> None:
    google.faults = [on(DISABLED, "privilegedaccessmanager")]
    found = home.ask("doctor", "gcp")
    (missing,) = [one for one in found["items"] if one["status"] == "missing"]
    assert "privilegedaccessmanager" in missing["check"] and "is not enabled in projects/5" in missing["detail"]
    assert {one["question"] for one in found["unknown"]} == {
        "which grants people are eligible for",
        "who was granted what for a time, why, and who approved it",
    }
    assert {one["want"] for one in found["unknown"]} == {"not configured"}


def test_doctor_without_credentials_says_so(home: Home, google: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    found = home.ask("doctor", "gcp")
    assert [(one["check"], one["status"]) for one in found["items"]] == [("signed in", "missing")]
    assert found["unknown"] and VARIABLE in found["items"][0]["detail"]
    _, error = home.run("collect", "gcp", code=2)
    assert VARIABLE in error and len(error.splitlines()) == 1


def test_a_run_that_cannot_finish_keeps_the_last_good_snapshot(home: Home, google: FakeGoogle) -> None:
    home.run("collect", "gcp")
    google.tokens.clear()
    google.tokens.add(TOKEN)
    left = iter(range(30))
    expired = Fault(Refused(401, "UNAUTHENTICATED", "invalid", "ACCESS_TOKEN_EXPIRED"))
    google.faults = [lambda request: expired if next(left, None) is None else None]
    (row,) = home.ask("collect", "gcp")["items"]
    assert row["state"] != "complete"
    assert "not accepted any more" in json.dumps(home.gaps())
    google.faults = []
    (row,) = home.ask("collect", "gcp", "--resume")["items"]
    assert row["state"] == "complete" and home.gaps() == []


def test_a_killed_run_is_gone_on_with(home: Home, google: FakeGoogle, tmp_path: Path) -> None:
    home.run("collect", "gcp")
    whole = len(google.log)
    google.log.clear()
    google.faults = [slowly]
    process = _started(home)
    try:
        deadline = time.monotonic() + 60
        while len(google.log) < whole // 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    finally:
        process.wait()
    assert len(google.log) >= whole // 2, process.stderr and process.stderr.read()
    google.faults = []
    time.sleep(0.3)
    google.log.clear()
    (row,) = home.ask("collect", "gcp", "--resume")["items"]
    assert row["state"] == "complete" and home.gaps() == []
    assert 0 < len(google.log) < whole * 0.8, "what was answered is not asked again"
    assert home.ask("snapshots", "verify")["ok"]


def slowly(request: Any) -> Fault | None:
    time.sleep(0.05)
    return None


def _started(home: Home) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    path = os.pathsep.join(one for one in sys.path if one)
    command = [sys.executable, "-m", "leastwise", "collect", "gcp", "--home", str(home.path), "--format", "json"]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


COMMANDS = (
    ("doctor",), ("collect", "gcp"), ("collect", "gcp", "--resume"), ("collect", "gcp", "--dry-run"), ("coverage",),
    ("identities",), ("resources",), ("grants",), ("credentials",), ("findings",), ("estate", "show"),
    ("snapshots", "list"), ("snapshots", "verify"),
)  # fmt: skip
CANARY = re.compile(rb"canary-|canary@|Y2FuYXJ5|BEGIN PRIVATE KEY|ya29")


def test_secrets_are_in_no_file_no_output_and_no_log(
    home: Home, google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of the collector (its key and tokens) and of what it reads (keys, metadata, variables, certificates)."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    monkeypatch.setenv("LEASTWISE_DEBUG", "1")
    for items in google.world.lists.values():
        for one in items:
            if "/keys/" in one.get("name", ""):
                one |= {"privateKeyData": "Y2FuYXJ5", "publicKeyData": "canary-public"}
            if "oidc" in one:
                one["oidc"]["jwksJson"] = "canary-jwks"
            if "primaryEmail" in one:
                one |= {"recoveryPhone": "canary-phone", "recoveryEmail": "canary@x.example"}
    home.source(credentials_file=str(key_file(tmp_path)), access_token_env=None, admin="root@brightwater.example")
    google.faults = [
        on(Fault(Refused(403, "PERMISSION_DENIED", f"Bearer {TOKEN} with access_token=canary-echo")), "orgpolicy"),
        on(BROKEN, "recommender", first=2),
    ]
    said = ""
    for command in COMMANDS:
        out, error = home.run(*command)
        said += out + error
    for path in home.path.rglob("*"):
        if path.is_file():
            assert not CANARY.search(path.read_bytes()), path
    assert not CANARY.search(said.encode())
    assert not CANARY.search(raw(home))
    told = "\n".join(one.getMessage() for one in caplog.records)
    assert not CANARY.search(told.encode())
    assert google.given and google.strange == []


def raw(home: Home) -> bytes:
    """Everything that is packed in the home: documents and tables."""
    from leastwise.app.wiring import Workspace
    from leastwise.model.tables import FACT_TABLES, VIEW_TABLES

    place = Workspace(home_option=home.path)
    found = b""
    for manifest in place.store.list():
        snapshot = place.store.open(manifest)
        found += b"".join(one.body + one.name.encode() + one.resource.encode() for one in snapshot.raw_documents())
        for spec in (*FACT_TABLES, *VIEW_TABLES):
            found += repr(snapshot.table(spec.name).to_pylist()).encode()
    assert b"serviceAccounts" in found
    return found


def test_credentials_that_are_no_credentials_are_one_line(home: Home, tmp_path: Path) -> None:
    home.source(
        credentials_file=str(written(tmp_path / "key.json", {"type": "service_account"})), access_token_env=None
    )
    _, error = home.run("collect", "gcp", code=2)
    assert "key.json" in error and len(error.splitlines()) == 1
