"""`leastwise sql` as it is typed: on the demo company, and on a lake of written trails."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from fakes.lake import Lake, used
from fakes.trails import ACCOUNT, assumed, event, session, user, write
from leastwise.app.estate import NAMES
from leastwise.app.sql_views import views
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

CREEP_PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "creep.md"
PROD = "222222222222"
PRINTER = f"arn:aws:iam::{PROD}:role/label-printer"


@pytest.fixture
def demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    monkeypatch.setenv("COLUMNS", "200")
    return demo_home


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without an estate, with two parts of events."""
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    for name, numbers in (("one", range(1, 40)), ("two", range(40, 90))):
        write(tmp_path / name, [event(n, f"2026-01-{n % 5 + 10}T07:15:00Z") for n in numbers])
        assert run(["events", str(tmp_path / name)]) == 0
    inside = session("deploy", "ada", "ASIA1")
    write(
        tmp_path / "three",
        [assumed(200, "deploy", "ada", "ASIA1", user(), "2026-01-31T08:00:00Z"), event(201, userIdentity=inside)],
    )
    assert run(["events", str(tmp_path / "three")]) == 0
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert run(["sql", *arguments]) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


def items(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said(capsys, *arguments, "--format", "json"))["items"]
    return found


@pytest.mark.parametrize("name", sorted(views()))
def test_every_view_has_the_columns_that_it_is_said_to_have(name, demo, capsys):
    asked = ("--limit", "3", "--principal", PRINTER, "--format", "json")
    answer = json.loads(said(capsys, f"SELECT * FROM {name}", *asked))
    view = views()[name]
    assert [one["name"] for one in answer["columns"]] == [one.name for one in view.columns]
    kinds = {
        "string": {"VARCHAR"}, "strings": {"VARCHAR[]"}, "bool": {"BOOLEAN"}, "int": {"INTEGER", "BIGINT"},
        "float": {"DOUBLE"}, "date": {"DATE"}, "time": {"TIMESTAMP WITH TIME ZONE"}, "tags": {"MAP(VARCHAR, VARCHAR)"},
    }  # fmt: skip
    for told, column in zip(answer["columns"], view.columns, strict=True):
        assert told["type"] in kinds[column.kind], told
    if name not in ("usage", "events", "sightings", "changes", "sessions", "logs"):
        assert answer["estate"]["snapshots"]
        assert answer["items"], "the demo company has some"


def test_views_of_the_estate_are_what_the_lists_tell(demo, capsys):
    for view, command in (("principals", "identities"), ("grants", "grants"), ("credentials", "credentials"),
                          ("trusts", "trusts"), ("resources", "resources"), ("requests", "requests")):  # fmt: skip
        capsys.readouterr()
        assert run([command, "--limit", "100000", "--format", "json"]) == 0
        # Names that stand beside ids in a list are looked up for the rows that it shows.
        listed, found = (
            [{key: value for key, value in row.items() if key not in NAMES.get(view, {}).values()} for row in rows]
            for rows in (json.loads(capsys.readouterr().out)["items"], items(capsys, f"SELECT * FROM {view}"))
        )

        def order(rows: list[dict[str, Any]]) -> list[str]:
            return sorted(json.dumps(row, sort_keys=True) for row in rows)

        assert order(found) == order(listed)


def test_findings_are_those_of_the_command(demo, capsys):
    capsys.readouterr()
    assert run(["findings", "--format", "json"]) == 0
    listed = {one["key"] for one in json.loads(capsys.readouterr().out)["items"]}
    found = items(capsys, "SELECT key, muted, evidence FROM findings")
    assert {one["key"] for one in found if not one["muted"]} == listed
    assert all(isinstance(json.loads(one["evidence"]), dict) for one in found)


def test_a_principal_that_is_not_there_is_said(demo, capsys):
    told = said(capsys, "SELECT 1 FROM gap", "--principal", "nobody-of-that-name", code=2)
    assert "nobody-of-that-name" in told
    assert told.count("\n") == 1


def test_the_estate_of_another_time_is_asked(demo, capsys):
    old = items(capsys, "SELECT DISTINCT snapshot FROM coverage", "--at", "2026-04-15")
    assert {one["snapshot"] for one in old if one["snapshot"]} != set()
    assert all("20260401" in one["snapshot"] for one in old if one["snapshot"])
    alone = items(capsys, "SELECT DISTINCT account FROM grants", "--snapshot", f"aws-{PROD}-20261101")
    assert [one["account"] for one in alone] == [PROD]


def test_documents_are_named_by_hash(demo, capsys):
    (row,) = items(
        capsys,
        "SELECT count(*) AS n, count(d.hash) AS known FROM (SELECT DISTINCT scope, document FROM statements) s"
        " LEFT JOIN documents d ON d.hash = s.document AND d.scope = s.scope",
    )
    assert row["n"] == row["known"] > 0
    assert all(json.loads(one["text"]) for one in items(capsys, "SELECT text FROM documents WHERE unsupported IS NULL"))


class Held(Lake):
    """A lake whose logs cover the window, with two calls; it has no files."""

    class manifest:
        @staticmethod
        def parts() -> list[Any]:
            return []


CALLS = [used(PRINTER, one, "2026-10-30T10:00:00Z", count=3) for one in ("s3:GetObject", "sqs:SendMessage")]


def test_the_creep_index_is_worked_out_again(demo, capsys, monkeypatch):
    """The query of the documentation gives the numbers of the command."""
    monkeypatch.setattr(
        Workspace, "lake", property(lambda _: Held(("111111111111", PROD, "333333333333"), CALLS)), raising=False
    )
    query = CREEP_PAGE.read_text().split("```sql\n")[1].split("```")[0]
    capsys.readouterr()
    assert run(["gap", "--limit", "100000", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["exact"]
    listed = {one["principal"]: one["creep"]["index"] for one in told["items"] if one["creep"]}
    chosen = sorted({PRINTER, *list(listed)[::6], *[one for one, index in listed.items() if 0 < index < 50][:8]})
    named = [word for one in chosen for word in ("--principal", one)]
    rows = items(capsys, f"SELECT q.*, c.creep AS told FROM ({query}) q JOIN creep c USING (principal)", *named)
    assert all(row["creep"] == row["told"] for row in rows)
    found = {row["principal"]: row["creep"] for row in rows}
    assert found == {principal: listed[principal] for principal in chosen if principal in found}
    assert all(listed[principal] == 0 for principal in chosen if principal not in found)
    assert len({index for index in found.values() if index}) > 10
    states = items(capsys, "SELECT state, count(*) AS n FROM gap GROUP BY state", "--principal", PRINTER)
    assert {one["state"] for one in states} >= {"USED", "UNUSED", "UNOBSERVABLE"}


def test_nothing_is_made_that_is_not_named(demo, capsys, monkeypatch):
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("made without need")

    monkeypatch.setattr("leastwise.app.sql_views.open_estate", never)
    monkeypatch.setattr("leastwise.app.asking.open_access", never)
    answer = json.loads(said(capsys, "SELECT 1 AS one", "--format", "json"))
    assert (answer["items"], answer["estate"], answer["coverage"]) == ([{"one": 1}], None, None)
    assert items(capsys, "SELECT count(*) AS n FROM events")[0]["n"] >= 0


def test_usage_and_sightings_are_added_up_over_parts(lake, capsys):
    held = Workspace(lake / "home").lake
    assert len(held.manifest.parts()) == 3
    for name, table in (("usage", held.usage()), ("sightings", held.sightings())):
        wanted = []
        for row in table.to_pylist():
            day = time.strftime("%Y-%m-%d", time.gmtime(row["day"] * 86_400))
            plain = {key: one.isoformat() if isinstance(one, datetime) else one for key, one in row.items()}
            wanted.append(plain | {"day": day})
        found = items(capsys, f"SELECT * FROM {name}")
        assert sorted(map(json.dumps, found)) == sorted(map(json.dumps, wanted))
    assert items(capsys, "SELECT count(*) AS n FROM events") == [{"n": 91}]
    assert items(capsys, "SELECT role FROM sessions") == [{"role": f"arn:aws:iam::{ACCOUNT}:role/deploy"}] or items(
        capsys, "SELECT key FROM sessions"
    ) == [{"key": "ASIA1"}]
    assert items(capsys, "SELECT sum(events) AS n FROM logs") == [{"n": 91}]


def test_forms_and_limits(lake, capsys):
    query = "SELECT n, repeat('x', n::INT) AS s, [n] AS l, {'a': n} AS st, NULL AS nothing FROM range(300) r(n)"
    assert len(items(capsys, query)) == 300
    assert items(capsys, query, "--limit", "2") == [
        {"n": 0, "s": "", "l": [0], "st": {"a": 0}, "nothing": None},
        {"n": 1, "s": "x", "l": [1], "st": {"a": 1}, "nothing": None},
    ]
    rows = list(csv.reader(io.StringIO(said(capsys, query, "--format", "csv", "--limit", "2"))))
    assert rows == [["n", "s", "l", "st", "nothing"], ["0", "", "0", "a=0", ""], ["1", "x", "1", "a=1", ""]]
    assert "The first 200 rows; --limit 0 prints all." in said(capsys, "SELECT * FROM range(201)")
    assert "The first" not in said(capsys, "SELECT * FROM range(200)")
    assert "The first" not in said(capsys, "SELECT * FROM range(201)", "--limit", "0")
    assert "Nothing matches" in said(capsys, "SELECT 1 WHERE false")
    assert json.loads(said(capsys, "SELECT 1 AS a WHERE false", "--format", "json"))["items"] == []


def test_values_are_json(lake, capsys):
    (row,) = items(
        capsys,
        "SELECT TIMESTAMPTZ '2026-01-01 10:00:00+02' AS t, DATE '2026-01-02' AS d, 1::HUGEINT AS h, 1.50 AS de,"
        " 'nan'::DOUBLE AS nan, 'ab'::BLOB AS b, MAP {'k': 1} AS m, INTERVAL 1 DAY AS i, TIME '10:00' AS ti",
    )
    assert row.pop("i")
    assert row == {
        "t": "2026-01-01T08:00:00+00:00", "d": "2026-01-02", "h": 1, "de": 1.5, "nan": None, "b": "6162",
        "m": {"k": 1}, "ti": "10:00:00",
    }  # fmt: skip


def test_parameters_and_files(lake, capsys, tmp_path):
    (tmp_path / "query.sql").write_text("SELECT count(*) AS n FROM events\nWHERE name = $name AND time >= $since")
    given = ["--param", "name=GetObject", "--param", "since=2026-01-14"]
    assert items(capsys, "--file", str(tmp_path / "query.sql"), *given)[0]["n"] > 0
    assert items(capsys, "SELECT $a = 'x=y' AS same, $b::INT + 1 AS n", "--param", "a=x=y", "--param", "b=2") == [
        {"same": True, "n": 3}
    ]
    assert items(capsys, "SELECT $a AS a", "--param", "a='; DROP TABLE events; --") == [
        {"a": "'; DROP TABLE events; --"}
    ]


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        (["SELECT nope FROM events"], "nope"),
        (["SELECT * FROM '/etc/passwd'"], "no view /etc/passwd"),
        (["SELECT * FROM read_text('/etc/passwd')"], "read_text: not a view"),
        (["WITH x AS (COPY (SELECT 1) TO 'written.csv') FROM x"], "only SELECT"),
        (["SELECT $a"], "--param a=VALUE"),
        (["SELECT 1", "--param", "a=1"], "no $a"),
        (["SELECT 1", "--param", "a"], "NAME=VALUE"),
        (["SELECT $a", "--param", "a=1", "--param", "a=2"], "given twice"),
        ([], "give a query"),
        (["SELECT 1", "--file", "x"], "give a query"),
        (["--file", "absent.sql"], "absent.sql: No such file"),
        (["--list", "nothing"], "no view nothing"),
        (["SELECT 1 FROM gap"], "the estate is empty"),
        (["SELECT 1 FROM gap", "--window", "x"], "the estate is empty"),
    ],
)
def test_what_is_wrong_is_one_line(arguments, wanted, lake, capsys, monkeypatch):
    monkeypatch.chdir(lake)
    told = said(capsys, *arguments, code=2)
    assert wanted in told
    assert told.count("\n") == 1
    assert not (lake / "written.csv").exists()


def test_the_list_tells_every_view_and_column(lake, capsys):
    found = items(capsys, "--list")
    assert {(one["view"], one["column"]) for one in found} == {
        (view.name, column.name) for view in views().values() for column in view.columns
    }
    assert all(one["says"] and one["row"] for one in found)
    assert {one["view"] for one in items(capsys, "--list", "GAP")} == {"gap"}
    assert "One row is one permission that one principal holds" in said(capsys, "--list", "gap")


def test_an_empty_home_has_every_view_of_the_lake(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "new"))
    for name in ("events", "usage", "sightings", "changes", "sessions", "logs", "principals", "statements"):
        assert items(capsys, f"SELECT * FROM {name}") == []


def test_parts_that_are_replaced_meanwhile_are_read_again(lake, capsys, monkeypatch):
    from leastwise.app import sql
    from leastwise.app.events import take_in

    once = []
    real = sql.Confined.lock

    def replaced(self: Any) -> None:
        real(self)
        if not once:
            once.append(1)
            for number in range(8):
                write(lake / f"more{number}", [event(300 + number, "2026-01-20T00:00:00Z")])
                take_in(Workspace(lake / "home"), [lake / f"more{number}"])

    monkeypatch.setattr(sql.Confined, "lock", replaced)
    assert items(capsys, "SELECT count(*) AS n FROM events")[0]["n"] == 99


def test_a_damaged_part_is_said(lake, capsys):
    path = sorted((lake / "home" / "lake").rglob("usage.parquet"))[0]
    path.write_bytes(b"x")
    assert "usage.parquet: 1 bytes instead of" in said(capsys, "SELECT * FROM usage", code=2)
    path.unlink()
    assert "usage.parquet: missing" in said(capsys, "SELECT * FROM usage", code=2)


def started(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "leastwise", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"LEASTWISE_HOME": str(home)},
    )  # fmt: skip


def test_an_interrupt_ends_a_query(lake):
    query = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE (a.range * b.range) % 7 = 8"
    process = started(lake / "home", "sql", query)
    time.sleep(4)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()  # where signals are ignored it would go on for days
    assert (process.returncode, out, err) == (130, "", "")


def test_the_process_ends_without_a_word(lake):
    process = started(lake / "home", "sql", "SELECT count(*) AS n FROM events", "--format", "csv")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "n\n91\n", "")


def test_help_loads_no_database():
    code = (
        "import sys; from leastwise.cli.main import run; run(['sql', '--help'])\n"
        "print([n for n in ('duckdb', 'ibis', 'pyspark', 'pyarrow', 'numpy', 'sqlalchemy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
