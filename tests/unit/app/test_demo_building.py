"""The demo's log files are written by a second process where there is one to be had, and are the same without it."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from leastwise.app import demo
from leastwise.demo import every_log, shaped_logs
from leastwise.demo.logs import PACKED, write_logs

HELD: dict[str, Any] = {
    "seed": "s",
    "shapes": ['{"eventTime":"%(t)s","eventID":"%(e)s","userIdentity":%(i)s}'],
    "identities": ['{"userName":"ada"}'],
    "sessions": {"identity": [0], "key": ["AKIA1"], "name": [""], "begun": [0]},
    "rows": {"session": [0, 0, 0], "shape": [0, 0, 0], "time": [1_767_225_600, 60, 60]},
    "about": [],
    "files": [["b/AWSLogs/1/CloudTrail/r/2026/01/01/one.json.gz", 0, 2], ["b/AWSLogs/1/two.json.gz", [0, 2]]],
}


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder with three records in two files, packed, and two entries in one."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / PACKED).write_text(json.dumps(HELD))
    (folder / shaped_logs.PACKED["gcp"]).write_text(json.dumps(GOOGLE))
    for other in ("azure", "entra"):
        (folder / shaped_logs.PACKED[other]).write_text(json.dumps({"seed": "s", "shapes": [], "files": []}))
    return folder


GOOGLE: dict[str, Any] = {
    "seed": "s",
    "shapes": ['{"timestamp":"%(t)s","insertId":"%(i)s","logName":"p/logs/x%%2Factivity"}'],
    "files": [
        ["b/cloudaudit.googleapis.com/activity/2026/01/01/00_00_00_23_59_59_S0.json.gz", 1767225600, [0, 60, 0, 5]]
    ],
}


def files(folder: Path) -> dict[str, Any]:
    return {
        str(path.relative_to(folder)): json.loads(gzip.decompress(path.read_bytes()))["Records"]
        for path in sorted(folder.rglob("AWSLogs/**/*.gz"))
    }


def entries(folder: Path) -> list[Any]:
    return [json.loads(one) for path in sorted(folder.rglob("*S0.json.gz"))
            for one in gzip.decompress(path.read_bytes()).decode().splitlines()]  # fmt: skip


@pytest.mark.parametrize("cores", [1, 2])
def test_the_files_are_the_same_however_they_are_written(
    cores: int, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_cores", lambda: cores)
    assert write_logs(packed / PACKED, tmp_path / "plain") == 4
    with demo._log_files(packed) as written:
        folder = written()
        found, google = files(folder / "aws"), entries(folder / "gcp")
    assert found == files(tmp_path / "plain")
    assert [one["timestamp"][:19] for one in google] == ["2026-01-01T00:01:00", "2026-01-01T00:01:05"]
    assert len({one["insertId"] for one in google}) == 2 and google[0]["logName"] == "p/logs/x%2Factivity"
    assert [len(one) for one in found.values()] == [2, 2]
    assert [one["eventTime"] for one in found["b/AWSLogs/1/two.json.gz"]] == [
        "2026-01-01T00:00:00Z", "2026-01-01T00:02:00Z",
    ]  # fmt: skip


def test_a_second_process_that_ends_leaves_the_work_to_the_first(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, begun = subprocess.Popen, []

    def killed(*told: Any, **how: Any) -> subprocess.Popen[bytes]:
        begun.append(begin(*told, **how))
        begun[0].kill()
        return begun[0]

    monkeypatch.setattr(demo, "_cores", lambda: 2)
    monkeypatch.setattr(subprocess, "Popen", killed)
    with demo._log_files(packed) as written:
        assert len(files(written() / "aws")) == 2
    assert [one.returncode for one in begun] == [-signal.SIGKILL]


def test_the_second_process_writes_and_ends(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, begun = subprocess.Popen, []
    monkeypatch.setattr(demo, "_cores", lambda: 2)
    monkeypatch.setattr(subprocess, "Popen", lambda *told, **how: begun.append(begin(*told, **how)) or begun[-1])
    monkeypatch.setattr(every_log, "write_every", None)
    with demo._log_files(packed) as written:
        assert len(files(written() / "aws")) == 2
    assert [one.returncode for one in begun] == [0]
    with pytest.raises(KeyError), demo._log_files(packed):
        raise KeyError("an import that fails")
    assert begun[-1].returncode is not None


def test_where_no_second_process_can_be_had_the_first_writes(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(demo, "_cores", lambda: 2)
    monkeypatch.setattr(subprocess, "Popen", refused)
    with demo._log_files(packed) as written:
        assert len(files(written() / "aws")) == 2


def test_an_error_of_the_disk_is_not_hidden(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with the files themselves is no reason to try again."""
    (packed / "logs").write_text("a file where the folder should be")
    monkeypatch.setattr(demo, "_cores", lambda: 2)
    with demo._log_files(packed) as written, pytest.raises(OSError, match="logs"):
        written()
