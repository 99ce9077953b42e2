"""Jobs of a real server: done in a process of their own, watched, cancelled, interrupted."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from leastwise.api.application import create_app
from leastwise.api.jobs.running import Runner
from leastwise.api.settings import ApiSettings
from leastwise.app.duties import Duty
from leastwise.app.record import By
from leastwise.app.wiring import Workspace
from leastwise.errors import StoreError

pytestmark = pytest.mark.together("demo")

BASE, JOBS = "http://127.0.0.1:8765", "/api/v1/jobs"


@contextmanager
def serving(home: Path, *duties: Duty, running: bool = True) -> Iterator[TestClient]:
    app = create_app(Workspace(home), ApiSettings(BASE, open_to=frozenset(duties or Duty)))
    runner: Runner = app.state.server.runner
    if running:
        runner.start()
    try:
        with TestClient(app, BASE, raise_server_exceptions=False) as client:
            yield client
    finally:
        if running:
            runner.end()


def until(client: TestClient, id: str, *states: str) -> dict[str, Any]:
    for _ in range(600):
        row: dict[str, Any] = client.get(f"{JOBS}/{id}").json()
        if row["state"] in states:
            return row
        time.sleep(0.1)
    raise AssertionError(row)


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_home, tmp_path / "home")
    return tmp_path / "home"


def test_analysing_from_the_first_word_to_the_last(home: Path) -> None:
    with serving(home) as client:
        made = client.post(JOBS, json={"kind": "analyse"})
        assert made.status_code == 202 and made.json()["state"] == "queued"
        id = made.json()["id"]
        with client.stream("GET", f"{JOBS}/{id}/events") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            told = [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: ")]
        assert told[-1]["state"] == "done", told[-1]
        assert {one["state"] for one in told} <= {"queued", "running", "done"}
        assert told[-1]["result"]["lists"] == "worked out"
        [row] = client.get(JOBS).json()["items"]
        assert row == told[-1]
        actions = [one["action"] for one in client.get("/api/v1/audit").json()["items"]]
        assert actions[:2] == ["job.done", "job.add"]


def test_a_job_that_fails_says_why(home: Path) -> None:
    inbox = home / "inbox"
    inbox.mkdir()
    (inbox / "strange.json").write_text("{}")
    with serving(home) as client:
        id = client.post(JOBS, json={"kind": "import", "asked": {"paths": ["strange.json"]}}).json()["id"]
        row = until(client, id, "failed", "done")
        assert row["state"] == "failed" and "strange.json" in row["error"], row
        again = client.delete(f"{JOBS}/{id}")
        assert again.status_code == 400 and "is failed already" in again.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"kind": "dance"}, "is none of collect, import, events, analyse, plans"),
        ({"kind": "analyse", "asked": {"deep": True}}, "unknown setting 'deep'"),
        ({"kind": "import", "asked": {"paths": ["../state.db"]}}, "does not lie below inbox"),
        ({"kind": "import", "asked": {"paths": ["/etc/passwd"]}}, "does not lie below inbox"),
        ({"kind": "import", "asked": {"paths": ["missing.json"]}}, "is not in inbox"),
        ({"kind": "import", "asked": {"paths": ["a\0b"]}}, "is no path"),
        ({"kind": "import"}, "paths: must be a list"),
        ({"kind": "events", "asked": {"url": "s3://a/b", "lookup": True}}, "give one of"),
        ({"kind": "events", "asked": {"url": "/var/log"}}, "is no URL"),
        ({"kind": "events", "asked": {"lookup": True, "from": "soon"}}, "is no day"),
        ({"kind": "plans", "asked": {"principals": "all"}}, "must be a list"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_before_it_waits(demo: TestClient, asked: dict[str, Any], why: str) -> None:
    answer = demo.post(JOBS, json=asked)
    assert answer.status_code == 400, answer.text
    assert why in answer.json()["detail"]
    assert demo.get(JOBS).json()["items"] == []


def test_who_may_ask_for_what(demo_home: Path) -> None:
    for duty, kind, status in (
        (Duty.VIEWER, "analyse", 403),
        (Duty.ANALYST, "collect", 403),
        (Duty.AUDITOR, "plans", 403),
    ):
        with serving(demo_home, duty, running=False) as client:
            assert client.post(JOBS, json={"kind": kind}).status_code == status
            assert client.get(JOBS).status_code == 200


def test_cancelling_one_that_waits_and_one_that_runs(home: Path) -> None:
    with serving(home, running=False) as client:
        id = client.post(JOBS, json={"kind": "analyse"}).json()["id"]
        assert client.delete(f"{JOBS}/{id}").json()["state"] == "cancelled"
    with serving(home) as client:
        id = client.post(JOBS, json={"kind": "plans"}).json()["id"]
        until(client, id, "running")
        assert client.delete(f"{JOBS}/{id}").json()["ending"] is True
        assert until(client, id, "cancelled", "done", "failed")["state"] == "cancelled"


def test_a_server_that_stops_interrupts_what_it_runs(home: Path) -> None:
    with serving(home) as client:
        id = client.post(JOBS, json={"kind": "plans"}).json()["id"]
        until(client, id, "running")
    with serving(home, running=False) as client:
        row = client.get(f"{JOBS}/{id}").json()
        assert (row["state"], row["error"]) == ("interrupted", "the server was stopped")


def test_pages_and_filters(home: Path) -> None:
    from leastwise.app.jobs import submit

    workspace = Workspace(home)
    for _ in range(5):
        submit(workspace, By("ann"), "analyse", {})
    with serving(home, running=False) as client:
        first = client.get(JOBS, params={"limit": 3}).json()
        assert [one["number"] for one in first["items"]] == [5, 4, 3]
        second = client.get(JOBS, params={"limit": 3, "cursor": first["next"]}).json()
        assert ([one["number"] for one in second["items"]], second["next"]) == ([2, 1], None)
        assert client.get(JOBS, params={"kind": "plans", "cursor": first["next"]}).status_code == 400
        assert client.get(JOBS, params={"state": "asleep"}).status_code == 400
        assert client.get(JOBS, params={"state": ["done", "failed"]}).json()["items"] == []


def test_watching_says_of_the_store_what_every_answer_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from leastwise.api.routes import jobs as routes

    with serving(home, running=False) as client:
        id = client.post(JOBS, json={"kind": "analyse"}).json()["id"]
        told = iter([routes.jobs.show(Workspace(home), id)])

        def show(workspace: Workspace, id: str) -> dict[str, Any]:
            for row in told:
                return row
            raise StoreError("/secret/place: cannot be opened")

        monkeypatch.setattr(routes.jobs, "show", show)
        answer = client.get(f"{JOBS}/{id}/events")
    assert "event: problem" in answer.text and "its log says why" in answer.text
    assert "secret" not in answer.text


def test_a_process_that_cannot_be_begun_fails_its_job_and_the_next_is_done(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leastwise.api.jobs import running

    begun, first = running.subprocess.Popen, [True]

    def popen(*given: Any, **named: Any) -> Any:
        if first and first.pop():
            raise OSError(12, "Cannot allocate memory")
        return begun(*given, **named)

    monkeypatch.setattr(running.subprocess, "Popen", popen)
    (home / "inbox").mkdir()
    with serving(home) as client:
        ids = [client.post(JOBS, json={"kind": "import", "asked": {"paths": ["."]}}).json()["id"] for _ in range(2)]
        assert until(client, ids[0], "failed")["error"] == "its process could not be begun: Cannot allocate memory"
        assert "be begun" not in (until(client, ids[1], "failed", "done")["error"] or "")


def test_a_process_that_ends_before_it_is_told_what_to_do_fails_its_job(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leastwise.api.jobs import running

    begun = running.subprocess.Popen

    def popen(given: Any, **named: Any) -> Any:
        made = begun([given[0], "-c", "raise SystemExit(3)"], **named)
        made.wait()
        return made

    monkeypatch.setattr(running.subprocess, "Popen", popen)
    with serving(home) as client:
        for _ in range(2):
            id = client.post(JOBS, json={"kind": "analyse"}).json()["id"]
            assert "ended with code 3 without a word" in until(client, id, "failed")["error"]
