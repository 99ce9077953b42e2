"""Logs read by several processes: the lake holds what one process takes in; whoever is killed loses nothing."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fakes.trails import assumed, event, session, user, write
from leastwise.app import log_workers
from leastwise.app.events import take_in
from leastwise.app.log_files import LARGE, LogFile
from leastwise.app.log_reading import Taken
from leastwise.app.log_workers import jobs_for, lots
from leastwise.app.wiring import Workspace
from leastwise.errors import StoreError

TABLES = ("events", "usage", "sightings", "changes", "sessions")


def everything(home: Path) -> dict[str, list[dict[str, Any]]]:
    lake = Workspace(home).lake
    return {
        name: sorted(getattr(lake, name)().to_pylist(), key=lambda row: json.dumps(row, default=str, sort_keys=True))
        for name in TABLES
    }


@pytest.fixture
def trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of events, some of them twice, one corrupt, one of no events, one large."""
    folder = tmp_path / "trail"
    for number in range(12):
        key, day = f"ASIA{number:016}", f"2026-01-{number + 1:02}"
        some = [assumed(1000 + number, "app", f"s{number}", key, user("ada"), f"{day}T11:00:00Z")]
        for at in range(15):  # five of which are the next file's as well
            by = user("ada") if at % 2 else session("app", f"s{number}", key)
            asked = {"bucketName": "b", "key": f"in/{number}-{at}"}
            some.append(event(number * 10 + at, f"2026-01-{(number * 10 + at) // 10 + 1:02}T10:00:00Z",
                              userIdentity=by, requestParameters=asked))  # fmt: skip
        write(folder, some, number, f"202601{number + 1:02}T1200Z")
    (folder / "bad.json.gz").write_bytes(gzip.compress(b'{"Records":[')[:-3])
    (folder / "odd.json").write_text('{"Records":[{"eventName":"X"}]}')
    monkeypatch.setattr(log_workers, "_LOT", 2_000)
    return folder


def told(taken: Taken) -> dict[str, Any]:
    found = {name: getattr(taken, name) for name in taken.__slots__ if name not in ("seconds", "set_aside")}
    return found | {"set_aside": sorted(taken.set_aside)}


def test_several_processes_take_in_what_one_does(trail: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    reports: list[tuple[int, int]] = []
    alone = take_in(Workspace(one), [trail], jobs=1)
    together = take_in(
        Workspace(two), [trail], "aws", lambda so_far, done, total: reports.append((done, total)), jobs=2
    )
    assert told(together) == told(alone)
    assert alone.new == 137 and alone.failed == 2
    assert everything(two) == everything(one)
    assert reports[-1][0] == reports[-1][1] > 0 and len(reports) > 2
    again = take_in(Workspace(two), [trail], jobs=2)
    assert (again.new, again.known, again.failed) == (0, 12, 2)
    assert not list((two / "tmp").iterdir())


def test_a_large_file_is_read_by_who_writes(trail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = sorted(size for files, size in lots_of(trail) if len(files) == 1)
    monkeypatch.setattr(log_workers, "LARGE", sizes[len(sizes) // 2])
    assert sizes[-1] > sizes[len(sizes) // 2]
    take_in(Workspace(tmp_path / "one"), [trail], jobs=1)
    take_in(Workspace(tmp_path / "two"), [trail], jobs=3)
    assert everything(tmp_path / "two") == everything(tmp_path / "one")


def lots_of(folder: Path) -> list[tuple[list[LogFile], int]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return list(lots([LogFile(one, str(one)) for one in files], [one.stat().st_size for one in files]))


def test_lots_keep_the_order_and_hold_every_file_once(trail: Path) -> None:
    found = lots_of(trail)
    names = [one.name for files, _ in found for one in files]
    assert names == sorted(names) and len(names) == 14
    assert all(size <= 2_000 or len(files) == 1 for files, size in found)


def test_another_process_is_begun_only_for_much() -> None:
    assert jobs_for([]) == 1
    assert jobs_for([1 << 20] * 10) == 1
    assert jobs_for([LARGE + 1] * 100) == 1
    assert 1 <= jobs_for([1 << 20] * 100) <= 4


def test_a_reader_that_is_killed_ends_the_run_and_the_next_completes_it(
    trail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    submit = log_workers.ProcessPoolExecutor.submit
    asked = []

    def killing(pool: Any, *work: Any) -> Any:
        asked.append(work)
        if len(asked) == 4:
            return submit(pool, os._exit, 9)
        return submit(pool, *work)

    with monkeypatch.context() as patch:
        patch.setattr(log_workers.ProcessPoolExecutor, "submit", killing)
        with pytest.raises(StoreError, match="a process that read logs was ended; what was written until then counts"):
            take_in(Workspace(home), [trail], jobs=2)
    take_in(Workspace(home), [trail], jobs=2)
    take_in(Workspace(tmp_path / "one"), [trail], jobs=1)
    assert everything(home) == everything(tmp_path / "one")


def exhausted(files: list[LogFile]) -> None:
    raise MemoryError


def test_a_reader_without_memory_is_told_in_one_line(
    trail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, submit, asked = tmp_path / "home", log_workers.ProcessPoolExecutor.submit, []

    def failing(pool: Any, work: Any, files: list[LogFile]) -> Any:
        asked.append(files)
        return submit(pool, exhausted if len(asked) == 3 else work, files)

    with monkeypatch.context() as patch:
        patch.setattr(log_workers.ProcessPoolExecutor, "submit", failing)
        with pytest.raises(StoreError, match=r"ran out of memory; what was written until then counts \(--jobs 1"):
            take_in(Workspace(home), [trail], jobs=2)
    assert not list((home / "tmp").iterdir())
    take_in(Workspace(home), [trail], jobs=1)
    take_in(Workspace(tmp_path / "one"), [trail], jobs=1)
    assert everything(home) == everything(tmp_path / "one")


def test_a_reader_that_cannot_begin_says_why_without_a_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lot = ([LogFile(tmp_path / "a.json", "a.json")], 1)
    with (
        log_workers.Readers(Workspace(tmp_path / "home"), "nosuch", 1, tmp_path) as readers,
        pytest.raises(StoreError, match="a process that reads logs cannot begin: no provider nosuch"),
    ):
        readers.read(iter([lot]), lambda _: None, lambda _: None, lambda _: None)
    assert "Traceback" not in capfd.readouterr().err


SCRIPT = """
import sys
from pathlib import Path
from leastwise.app import log_workers
from leastwise.app.events import take_in
from leastwise.app.wiring import Workspace
log_workers._LOT = 2_000
print("begun", flush=True)
take_in(Workspace(Path(sys.argv[1])), [Path(sys.argv[2])], jobs=2)
"""


def children(pid: int) -> set[int]:
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(status.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_readers_end_when_their_writer_is_killed(trail: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "home"), str(trail)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        readers: set[int] = set()
        while len(readers) < 2 and run.poll() is None:
            readers |= children(run.pid)
        run.send_signal(signal.SIGKILL)
    assert readers
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(Path(f"/proc/{one}/cmdline").exists() for one in readers):
        time.sleep(0.05)
    assert not any(Path(f"/proc/{one}/cmdline").exists() for one in readers)
    take_in(Workspace(tmp_path / "home"), [trail], jobs=1)
    take_in(Workspace(tmp_path / "one"), [trail], jobs=1)
    assert everything(tmp_path / "home") == everything(tmp_path / "one")
