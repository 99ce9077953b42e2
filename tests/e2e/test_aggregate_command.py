"""`leastwise aggregate`: the lake's events, or a copy of them, counted by other engines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fakes.events import drawn
from fakes.trails import event, write
from leastwise.app.scaling import declared, digest
from leastwise.cli.main import run
from leastwise.engine.columns import plain
from leastwise.model.tables.usage import SIGHTINGS, USAGE
from leastwise.store.lake import aggregate

pytest.importorskip("ibis.backends.duckdb", reason="the extra [scale] is not installed")
ROOT = Path(__file__).resolve().parents[2]
JAVA = shutil.which("java") is not None or "JAVA_HOME" in os.environ


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    return tmp_path


def counted(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["aggregate", *arguments, "--format", "json"]) == 0
    return {one["table"]: one for one in json.loads(capsys.readouterr().out)["items"]}


def own(events: pa.Table) -> dict[str, str]:
    both = ((USAGE, aggregate.usage_of), (SIGHTINGS, aggregate.sightings_of))
    return {spec.name: digest(declared(spec, plain(made(events)))) for spec, made in both}


def copied(folder: Path, rows: int, files: int = 3) -> dict[str, str]:
    """A copy of events in several files, and the digests of what is counted of them."""
    events = drawn(7, rows)
    folder.mkdir()
    for number in range(files):
        begin, end = rows * number // files, rows * (number + 1) // files
        pq.write_table(plain(events.slice(begin, end - begin)), folder / f"{number}.parquet", row_group_size=500)
    return own(events)


def test_the_lake_counts_itself_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        write(
            home / str(number),
            [event(n, f"2026-0{number + 1}-10T07:15:00Z") for n in range(9 * number, 9 * number + 9)],
        )
        assert run(["events", str(home / str(number))]) == 0
    found = counted(capsys, "--to", str(home / "out"))
    assert {name: one["same"] for name, one in found.items()} == {"usage": True, "sightings": True}
    for name, one in found.items():
        held = pq.read_table(home / "out" / f"{name}.parquet")
        assert one["file"] == str(home / "out" / f"{name}.parquet")
        assert held.num_rows == one["rows"] > 0


def test_a_copy_is_counted_from_files_or_folders(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = copied(home / "copy", 2_000)
    for paths in (["copy"], ["copy/0.parquet", "copy/1.parquet", "copy/2.parquet"]):
        found = counted(capsys, *(str(home / one) for one in paths))
        assert {name: one["sha256"] for name, one in found.items()} == wanted
        assert {one["same"] for one in found.values()} == {None}


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        ([], "the lake holds no events yet"),
        (["absent"], "absent: does not exist"),
        (["empty"], "empty: holds no Parquet file"),
        (["text.parquet"], "text.parquet: is no Parquet file"),
        (["other.parquet"], "other.parquet: is no table of events: no column id"),
        (["other.parquet", "--engine", "trino"], "'trino' is none of duckdb, spark"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str], wanted: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(home)
    (home / "empty").mkdir()
    (home / "text.parquet").write_text("x")
    pq.write_table(pa.table({"a": [1]}), home / "other.parquet")
    assert run(["aggregate", *arguments]) == 2
    err = capsys.readouterr().err
    assert wanted in err
    assert err.count("\n") == 1


def test_without_the_extra_it_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied(home / "copy", 10)
    monkeypatch.setitem(sys.modules, "ibis.common.exceptions", None)
    assert run(["aggregate", str(home / "copy")]) == 2
    assert "needs the extra [scale]" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("CI"), reason="minutes long; runs when CI=1")
@pytest.mark.skipif(not JAVA, reason="Spark needs Java")
def test_spark_gives_the_same_rows_though_an_executor_is_killed(home: Path) -> None:
    pytest.importorskip("pyspark", reason="the extra [scale] is not installed")
    wanted = copied(home / "copy", 60_000)
    done = subprocess.run(
        [sys.executable, "-m", "fakes.spark_counting", str(home / "copy")], capture_output=True, text=True, cwd=home,
        timeout=900, env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))},
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["killed"] in told["executors"]
    assert told["killed"] not in told["left"]
    assert told["done"] < told["tasks"]
    assert {name: told[name] for name in wanted} == wanted


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("CI"), reason="minutes long; runs when CI=1")
@pytest.mark.skipif(not JAVA, reason="Spark needs Java")
def test_the_command_counts_with_spark(home: Path) -> None:
    pytest.importorskip("pyspark", reason="the extra [scale] is not installed")
    wanted = copied(home / "copy", 3_000)
    done = subprocess.run(
        [sys.executable, "-m", "leastwise", "aggregate", str(home / "copy"),
         "--engine", "spark", "--master", "local[2]",
         "--format", "json"], capture_output=True, text=True, cwd=home, timeout=900, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    items = json.loads(done.stdout)["items"]
    assert {one["table"]: one["sha256"] for one in items} == wanted
