"""A run that is killed, or has no room: nothing is lost, nothing counts twice, and the next run completes it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fakes.trails import assumed, event, session, token, user, write
from leastwise.app.events import take_in
from leastwise.app.wiring import Workspace

TESTS = Path(__file__).resolve().parents[2]
TABLES = ("events", "usage", "sightings", "changes", "sessions")


def everything(home: Path) -> dict[str, list[str]]:
    """The rows of every table of the lake, sorted."""
    lake = Workspace(home).lake
    return {
        name: sorted(json.dumps(row, default=str, sort_keys=True) for row in getattr(lake, name)().to_pylist())
        for name in TABLES
    }


def write_logs(folder: Path) -> int:
    """Forty files of fifty events, some of which stand in two; returns how many events there are."""
    number = 0
    for file in range(40):
        events = [
            event(one, f"2026-01-{1 + one // 48 % 28:02}T0{one % 10}:00:00Z") for one in range(number, number + 50)
        ]
        events[7] = assumed(number + 7, "deploy", f"run-{file}", f"ASIA{file}", token("repo:a/b:ref:refs/heads/main"),
                            f"2026-01-{1 + file % 28:02}T00:00:00Z", call="AssumeRoleWithWebIdentity")  # fmt: skip
        events[3] |= {"userIdentity": session("deploy", f"run-{file}", f"ASIA{file}")}
        number += 48  # the last two of a file come again in the next
        write(folder, events, file, f"202601{1 + file % 28:02}T{file % 24:02}00Z")
    return number + 2


def command(home: Path, logs: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "fakes.taking", str(home), str(logs), *more]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": f"{TESTS.parent / 'src'}{os.pathsep}{TESTS}"}


def test_a_run_that_is_killed_at_any_moment_is_completed_by_the_next(tmp_path: Path) -> None:
    logs, home = tmp_path / "logs", tmp_path / "home"
    count = write_logs(logs)
    chance = random.Random(4)
    for _ in range(6):
        process = subprocess.Popen(command(home, logs), stdout=subprocess.PIPE, env=environment())
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(chance.random() * 0.9)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        held = Workspace(home).lake
        assert len(set(held.events()["id"].to_pylist())) == held.events().num_rows
    take_in(Workspace(home), [logs])
    take_in(Workspace(tmp_path / "other"), [logs])
    assert everything(home) == everything(tmp_path / "other")
    assert Workspace(home).lake.events().num_rows == count
    listed = {part.id for part in Workspace(home).lake.manifest.parts()}
    assert {one.name for one in (home / "lake").glob("*/*/*")} == listed
    assert list((home / "tmp").iterdir()) == []


def test_a_full_disk_is_said_and_what_was_written_counts(tmp_path: Path) -> None:
    """A file may have a megabyte: the first batch has room in the lake, the second, of long texts, has not."""
    noise = random.Random(1)
    write(tmp_path / "logs", [event(number) for number in range(2_000)], 0, "20260130T0000Z")
    large = [event(number, userAgent=noise.randbytes(600).hex()) for number in range(2_000, 4_000)]
    write(tmp_path / "logs", large, 1, "20260131T0000Z")
    logs, home = tmp_path / "logs", tmp_path / "home"
    limit = str(1_000_000)
    done = subprocess.run(command(home, logs, limit), capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "usage lake, aws 2026-01" in done.stdout
    assert "nothing of it was kept" in done.stdout
    assert list((home / "tmp").iterdir()) == []
    (part,) = Workspace(home).lake.manifest.parts()
    assert part.events == 2_000
    assert {one.name for one in (home / "lake").glob("*/*/*")} == {part.id}
    again = take_in(Workspace(home), [logs])
    assert (again.known, again.new) == (1, 2_000)
    assert Workspace(home).lake.events().num_rows == 4_000


def test_a_run_that_was_killed_before_joining_sessions_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    write(tmp_path / "a", [event(1, userIdentity=session("deploy", "s", "ASIA1"))])
    write(tmp_path / "b", [assumed(2, "deploy", "s", "ASIA1", user())], 1)
    take_in(Workspace(home), [tmp_path / "a"])

    def killed(self: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("leastwise.store.lake.ingest.Ingest.settle", killed)
        with pytest.raises(KeyboardInterrupt):
            take_in(Workspace(home), [tmp_path / "b"])
    assert set(Workspace(home).lake.events()["origin"].to_pylist()) == {""}
    take_in(Workspace(home), [tmp_path / "b"])
    assert sorted(set(Workspace(home).lake.events()["origin"].to_pylist())) == ["", user()["arn"]]


@pytest.mark.slow
def test_ten_thousand_tiny_files(tmp_path: Path) -> None:
    for number in range(10_000):
        write(tmp_path / "logs", [event(number)], number)
    done = take_in(Workspace(tmp_path / "home"), [tmp_path / "logs"])
    assert (done.files, done.new) == (10_000, 10_000)
    assert take_in(Workspace(tmp_path / "home"), [tmp_path / "logs"]).known == 10_000


def records() -> list[dict[str, Any]]:
    """Events of three months whose sessions begin one another, two tellings of a call, and one that changes a role."""
    main = token("repo:acme/shop:ref:refs/heads/main")
    first, second = session("build", "build-1700000001", "ASIA1"), session("deploy", "hop", "ASIA2")
    third = session("admin", "hop", "ASIA3")
    seen = {"type": "AWSAccount", "principalId": "AROADEPLOY:hop", "accountId": "222222222222"}
    late, web = "2026-02-01T00:10:00Z", "AssumeRoleWithWebIdentity"
    return [
        assumed(1, "build", "build-1700000001", "ASIA1", main, "2026-01-31T22:00:00Z", call=web),
        assumed(2, "deploy", "hop", "ASIA2", first, "2026-01-31T23:00:00Z", sourceIdentity="ci"),
        assumed(3, "admin", "hop", "ASIA3", second, "2026-01-31T23:50:00Z"),
        assumed(4, "admin", "hop", "ASIA3", seen, "2026-01-31T23:50:00Z") | {"recipientAccountId": "333333333333"},
        event(5, "2026-01-31T22:30:00Z", userIdentity=first),
        event(6, "2026-01-31T23:30:00Z", userIdentity=second),
        event(7, late, userIdentity=third),
        event(8, late, userIdentity=third, errorCode="AccessDenied"),
        event(9, late, userIdentity=third, eventSource="iam.amazonaws.com", eventName="AttachRolePolicy",
              readOnly=False, requestParameters={"roleName": "x", "policyArn": "arn:aws:iam::aws:policy/Admin"}),
        event(10, "2026-03-01T00:00:00Z"),
        event(11, "2026-03-01T00:00:00Z", userIdentity=user("bo", key="AKIABO")),
    ]  # fmt: skip


@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_the_lake_does_not_depend_on_files_order_and_runs(data: st.DataObject, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("split")
    write(folder / "whole", records())
    take_in(Workspace(folder / "one"), [folder / "whole"])
    order = data.draw(st.permutations(records()))
    again = data.draw(st.lists(st.sampled_from(records()), max_size=4))
    runs: dict[int, dict[int, list[dict[str, Any]]]] = {}
    for one in [*order, *again]:
        run, file = data.draw(st.tuples(st.integers(0, 3), st.integers(0, 1)))
        runs.setdefault(run, {}).setdefault(file, []).append(one)
    for run in sorted(runs):
        for file, events in runs[run].items():
            write(folder / f"run{run}", events, file)
        take_in(Workspace(folder / "many"), [folder / f"run{run}"])
    assert everything(folder / "many") == everything(folder / "one")


def test_sessions_begun_by_one_another_have_one_origin(tmp_path: Path) -> None:
    write(tmp_path / "logs", records())
    take_in(Workspace(tmp_path / "home"), [tmp_path / "logs"])
    found = {one["id"]: one for one in Workspace(tmp_path / "home").lake.events().to_pylist()}
    names = [one["eventID"] for one in records()]
    flow = "web:token.actions.githubusercontent.com/repo:acme/shop:ref:refs/heads/main"
    for number in (5, 6, 7, 8, 9):
        assert found[names[number - 1]]["origin"] == flow
        assert found[names[number - 1]]["workload"] == f"{flow} build-*"
    assert found[names[5]]["source_identity"] == "ci"
    (change,) = Workspace(tmp_path / "home").lake.changes().to_pylist()
    assert (change["what"], change["subject"], change["verb"], change["origin"]) == (
        "grant", "iam:222222222222:role/x", "created", flow,
    )  # fmt: skip
