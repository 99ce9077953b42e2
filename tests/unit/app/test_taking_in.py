"""Logs taken into the lake: each event once, whatever was delivered how often, in which order, and in how many runs."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fakes.trails import ACCOUNT, assumed, event, event_id, packed, session, token, user, write
from leastwise.app.events import take_in
from leastwise.app.log_reading import Taken
from leastwise.app.wiring import Workspace
from leastwise.errors import InputError, UsageError

ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


def rows(workspace: Workspace, table: str) -> list[dict[str, Any]]:
    """The rows of a table of the lake, in an order of their own."""
    found = getattr(workspace.lake, table)().to_pylist()
    return sorted(found, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def everything(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    return {name: rows(workspace, name) for name in ("events", "usage", "sightings", "changes", "sessions")}


def taken(workspace: Workspace, *paths: Path) -> Taken:
    return take_in(workspace, paths)


def test_a_call_becomes_an_event_and_a_row_of_usage(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path / "logs", [event(1), event(2, "2026-01-31T08:00:00Z"), event(3, errorCode="AccessDenied")])
    done = taken(workspace, tmp_path / "logs")
    assert (done.files, done.new, done.duplicates, done.bad) == (1, 3, 0, 0)
    (row,) = rows(workspace, "usage")
    assert (row["principal"], row["permission"], row["bucket"], row["how"]) == (
        ADA, "s3:GetObject", "arn:aws:s3:::plans/a/*", "call",
    )  # fmt: skip
    assert (row["count"], row["denied"], row["unknown"], row["account"]) == (2, 1, 0, ACCOUNT)
    assert row["first"].isoformat() == "2026-01-31T07:15:00+00:00"
    assert row["last_used"].isoformat() == "2026-01-31T08:00:00+00:00"
    (seen,) = rows(workspace, "sightings")
    assert (seen["credential"], seen["network"], seen["agent"], seen["count"], seen["denied"]) == (
        "AKIAADA", "192.0.2.0/24", "aws-cli", 3, 1,
    )  # fmt: skip
    found = next(one for one in rows(workspace, "events") if one["id"] == event_id(1))
    assert found["resource"] == "arn:aws:s3:::plans/a/b.txt"
    assert (found["source"], found["name"], found["outcome"], found["data"]) == (
        "s3.amazonaws.com", "GetObject", "allowed", True,
    )  # fmt: skip


def test_only_denied_calls_are_never_a_use(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [event(1, errorCode="AccessDenied"), event(2, errorCode="ThrottlingException")])
    taken(workspace, tmp_path)
    (row,) = rows(workspace, "usage")
    assert (row["count"], row["denied"], row["unknown"]) == (0, 1, 1)
    assert row["first_used"] is None
    assert row["last_used"] is None


def test_the_same_files_again_are_known_and_not_read(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path / "logs", [event(1)])
    taken(workspace, tmp_path / "logs")
    before = everything(workspace)
    again = taken(workspace, tmp_path / "logs")
    assert (again.files, again.known, again.new, again.events) == (1, 1, 0, 0)
    assert everything(workspace) == before


def test_an_event_delivered_again_in_another_file_counts_once(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path / "a", [event(1), event(2), event(1)])
    write(tmp_path / "b", [event(2), event(3)], 1)
    taken(workspace, tmp_path / "a")
    second = taken(workspace, tmp_path / "b")
    assert (second.new, second.duplicates) == (1, 1)
    assert sorted(one["id"] for one in rows(workspace, "events")) == sorted(map(event_id, (1, 2, 3)))
    assert rows(workspace, "usage")[0]["count"] == 3


def test_events_of_two_months_are_counted_by_their_days(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [event(1, "2026-02-01T00:00:00Z"), event(2, "2026-01-31T23:59:59Z")])
    taken(workspace, tmp_path)
    assert {part.month for part in workspace.lake.manifest.parts()} == {"2026-01", "2026-02"}
    assert [one["day"] for one in sorted(rows(workspace, "usage"), key=lambda one: one["day"])] == [20484, 20485]
    assert workspace.lake.usage(begin=20485).num_rows == 1
    assert workspace.lake.usage(end=20484)["day"].to_pylist() == [20484]


def test_a_session_is_joined_with_the_call_that_began_it_in_a_later_run(workspace: Workspace, tmp_path: Path) -> None:
    subject = "repo:acme/shop:ref:refs/heads/main"
    role = session("deploy", "GitHubActions", "ASIA1")
    inner = session("admin", "hop", "ASIA2")
    write(tmp_path / "a", [event(1, userIdentity=role), event(2, userIdentity=inner)])
    write(tmp_path / "b", [assumed(3, "admin", "hop", "ASIA2", role, "2026-01-31T07:05:00Z")], 1)
    first = assumed(4, "deploy", "GitHubActions", "ASIA1", token(subject), call="AssumeRoleWithWebIdentity")
    write(tmp_path / "c", [first], 2)
    for name in "abc":
        taken(workspace, tmp_path / name)
    workload = f"web:token.actions.githubusercontent.com/{subject}"
    found = {one["id"]: one for one in rows(workspace, "events")}
    assert [found[event_id(number)]["workload"] for number in (1, 2, 3)] == [workload] * 3
    assert [found[event_id(number)]["origin"] for number in (1, 2)] == [workload] * 2
    used = {
        one["principal"]: one["workload"] for one in rows(workspace, "usage") if one["permission"] == "s3:GetObject"
    }
    assert used == {
        f"arn:aws:iam::{ACCOUNT}:role/app/deploy": workload, f"arn:aws:iam::{ACCOUNT}:role/app/admin": workload,
    }  # fmt: skip


def test_a_thousand_sessions_of_four_workflows_are_four_rows(workspace: Workspace, tmp_path: Path) -> None:
    events = []
    for number in range(0, 1000):
        flow, key = f"flow-{number % 4}", f"ASIA{number:08}"
        name = f"{flow}-{1_700_000_000 + number}"
        events.append(
            assumed(2 * number, "deploy", name, key, token("repo:acme/shop:ref:refs/heads/main"),
                    call="AssumeRoleWithWebIdentity")
        )  # fmt: skip
        events.append(event(2 * number + 1, userIdentity=session("deploy", name, key)))
    write(tmp_path, events)
    taken(workspace, tmp_path)
    used = [one for one in rows(workspace, "usage") if one["permission"] == "s3:GetObject"]
    assert Counter(one["count"] for one in used) == {250: 4}
    assert {one["workload"].rpartition(" ")[2] for one in used} == {f"flow-{number}-*" for number in range(4)}
    assert len([one for one in rows(workspace, "sightings") if one["credential"] == "session"]) == 4 + 1


def test_no_secret_reaches_the_home(workspace: Workspace, tmp_path: Path) -> None:
    canary = "CANARY-kJ8s7Yq2"
    write(
        tmp_path / "logs",
        [
            assumed(1, "deploy", "s", "ASIA1", user()),
            event(2, readOnly=False, eventSource="iam.amazonaws.com", eventName="CreateLoginProfile",
                  requestParameters={"userName": "bo", "password": canary}),
            event(3, readOnly=False, eventSource="iam.amazonaws.com", eventName="CreateAccessKey",
                  requestParameters={"userName": "bo"}, responseElements={
                      "accessKey": {"accessKeyId": "AKIABO", "secretAccessKey": canary, "userName": "bo"}}),
            event(4, readOnly=False, eventSource="ssm.amazonaws.com", eventName="PutParameter",
                  requestParameters={"name": "/db/password", "value": canary, "type": "SecureString"}),
            event(5, readOnly=False, eventSource="secretsmanager.amazonaws.com", eventName="CreateSecret",
                  requestParameters={"name": "db", "secretString": canary}),
            event(6, userIdentity=user() | {"sessionToken": canary}, additionalEventData={"secret": canary},
                  errorMessage=canary, errorCode="AccessDenied"),
            event(7, readOnly=False, eventSource="lambda.amazonaws.com", eventName="CreateFunction20150331",
                  requestParameters={"functionName": "f", "environment": {"variables": {"KEY": canary}}}),
        ],
    )  # fmt: skip
    assert taken(workspace, tmp_path / "logs").new == 7
    tables = json.dumps(everything(workspace), default=str)
    assert "CANARY" not in tables
    assert "AKIABO" in tables
    for file in (tmp_path / "home").rglob("*"):
        assert not file.is_file() or b"CANARY" not in file.read_bytes()


def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(workspace: Workspace, tmp_path: Path) -> None:
    good = write(tmp_path / "logs", [event(1)])
    whole = packed([event(2), event(3)])
    cut = good.with_name(f"{ACCOUNT}_CloudTrail_eu-west-1_20260131T0725Z_1.json.gz")
    cut.write_bytes(whole[: len(whole) // 2])
    noise = good.with_name("noise.json.gz")
    noise.write_bytes(whole[:10] + b"\0\1\2" * 50)
    mixed = good.with_name("mixed.jsonl")
    mixed.write_text(json.dumps(event(4)) + "\n{broken\n" + json.dumps(event(5) | {"eventTime": "yesterday"}) + "\n")
    done = taken(workspace, tmp_path / "logs")
    assert (done.files, done.new, done.failed, done.bad) == (4, 2, 2, 2)
    told = {(Path(file).name, place): why for file, place, why in done.set_aside}
    assert told[cut.name, ""] == "truncated gzip"
    assert told[noise.name, ""].startswith("corrupt gzip")
    assert ("mixed.jsonl", "line 2") in told
    assert "no time" in told["mixed.jsonl", "record 1"]
    cut.write_bytes(whole)
    again = taken(workspace, tmp_path / "logs")
    assert (again.known, again.new, again.failed) == (2, 2, 1)
    assert {Path(one.name).name for one in workspace.lake.sources(bad=True)} == {"mixed.jsonl", noise.name}
    noise.write_bytes(packed([event(2)]))
    assert taken(workspace, tmp_path / "logs").duplicates == 1
    assert {Path(one.name).name for one in workspace.lake.sources(bad=True)} == {"mixed.jsonl"}


def test_a_file_that_changes_while_it_is_read_is_set_aside(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    file = write(tmp_path / "logs", [event(1)])
    real, looks = os.fstat, []

    def growing(descriptor: int) -> os.stat_result:
        if not looks:
            looks.append(1)
            found = real(descriptor)
            file.write_bytes(packed([event(1), event(2)]))
            return found
        return real(descriptor)

    monkeypatch.setattr("leastwise.app.log_files.os.fstat", growing)
    done = taken(workspace, tmp_path / "logs")
    assert (done.new, done.failed) == (0, 1)
    assert done.set_aside[0][2] == "changed while it was read"
    assert taken(workspace, tmp_path / "logs").new == 2
    assert workspace.lake.sources(bad=True) == []


def test_digest_files_and_empty_ones_hold_no_events(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "AWSLogs" / ACCOUNT / "CloudTrail-Digest" / "eu-west-1"
    folder.mkdir(parents=True)
    (folder / "x_CloudTrail-Digest_y.json.gz").write_bytes(gzip.compress(b'{"digestS3Bucket": "b"}'))
    (tmp_path / "elsewhere.json").write_text(json.dumps({"digestStartTime": "2026", "digestS3Bucket": "b"}))
    (tmp_path / "empty.json").write_text("")
    done = taken(workspace, tmp_path)
    assert (done.files, done.skipped, done.failed, done.new) == (3, 2, 0, 0)


def test_insights_are_kept_and_count_for_nobody(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [event(1, eventType="AwsCloudTrailInsight", eventCategory="Insight")])
    taken(workspace, tmp_path)
    assert [one["what"] for one in rows(workspace, "events")] == ["insight"]
    assert rows(workspace, "usage") == []


def test_events_of_the_future_are_told(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [event(1), event(2, "2031-05-01T00:00:00Z"), event(3, "2032-05-01T00:00:00Z")])
    done = taken(workspace, tmp_path)
    assert (done.new, done.future) == (3, 2)
    assert done.furthest is not None
    assert done.furthest.isoformat() == "2032-05-01T00:00:00+00:00"


def test_names_that_are_in_no_table_are_listed(workspace: Workspace, tmp_path: Path) -> None:
    strange = {"eventSource": "nosuch.amazonaws.com", "eventName": "DoIt"}
    write(tmp_path, [event(1, **strange), event(2, **strange), event(3)])
    taken(workspace, tmp_path)
    (found,) = workspace.lake.unresolved()
    assert (found.source, found.name, found.events) == ("nosuch.amazonaws.com", "DoIt", 2)


def test_spans_by_account_need_no_table(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [event(1), event(2, "2026-02-03T00:00:00Z"), event(3, recipientAccountId="333333333333")])
    taken(workspace, tmp_path)
    for part in workspace.lake.manifest.parts():
        for stored in part.files.values():
            (workspace.home.path / stored.path).unlink()
    found = {one.account: (one.events, one.first.day, one.last.day) for one in workspace.lake.spans()}
    assert found == {ACCOUNT: (2, 31, 3), "333333333333": (1, 31, 31)}


def test_a_path_that_is_not_there_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        taken(workspace, tmp_path / "nothing")
    with pytest.raises(UsageError, match="no provider"):
        take_in(workspace, [tmp_path], "nowhere")


def test_many_small_runs_end_in_few_parts(workspace: Workspace, tmp_path: Path) -> None:
    for number in range(20):
        write(tmp_path / str(number), [event(number)], number)
        taken(workspace, tmp_path / str(number))
    assert len(workspace.lake.manifest.parts()) < 8
    assert rows(workspace, "usage")[0]["count"] == 20
    folders = {one.name for one in workspace.home.lake.glob("*/*/*")}
    assert folders == {part.id for part in workspace.lake.manifest.parts()}


@pytest.mark.parametrize("how", ["plain", "gzip", "truncated"])
def test_a_large_file_is_read_by_pieces(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("leastwise.app.log_files.LARGE", 1_000)
    monkeypatch.setattr("leastwise.app.log_files._CHUNK", 700)
    monkeypatch.setattr("leastwise.app.log_files._PIECE", 5_000)
    monkeypatch.setattr("leastwise.app.log_reading._BATCH", 20)
    lines = [json.dumps(event(number)) for number in range(100)]
    lines[70] = "{broken"
    raw = ("\n".join(lines) + "\n").encode()
    half = len(raw) // 2
    packed = gzip.compress(raw[:half]) + gzip.compress(raw[half:])
    file = tmp_path / "large.jsonl"
    file.write_bytes({"plain": raw, "gzip": packed, "truncated": packed[:-20]}[how])
    done = taken(workspace, file)
    if how == "truncated":
        assert [why for _, _, why in done.set_aside] == ["truncated gzip"]
        file.write_bytes(packed)
        done = taken(workspace, file)
        assert done.new + done.duplicates == 99
    assert [(place, why[:4]) for _, place, why in done.set_aside] == [("line 71", done.set_aside[0][2][:4])]
    assert workspace.lake.events().num_rows == 99
    assert taken(workspace, file).known == 1


def test_a_large_file_that_is_one_document_is_read_whole(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.app.log_files.LARGE", 1_000)
    monkeypatch.setattr("leastwise.app.log_files._CHUNK", 700)
    monkeypatch.setattr("leastwise.app.log_files._PIECE", 5_000)
    (tmp_path / "pretty.json").write_text(json.dumps({"Records": [event(number) for number in range(50)]}, indent=2))
    (tmp_path / "dense.json").write_text(json.dumps({"Records": [event(number) for number in range(50, 90)]}))
    assert taken(workspace, tmp_path / "pretty.json", tmp_path / "dense.json").new == 90
