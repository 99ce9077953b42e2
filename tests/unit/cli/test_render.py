"""Answers as tables, JSON and CSV: nothing that comes from outside moves a cursor, turns text or becomes a formula."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leastwise.cli.options import Format, at_moment, moment
from leastwise.cli.render import emit, emit_csv, emit_json, emit_json_line, emit_table, estate_line, printable
from leastwise.errors import UsageError

Capture = pytest.CaptureFixture[str]
KEEPING = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@KEEPING
@given(st.dictionaries(TEXTS, TEXTS | st.integers() | st.none() | st.lists(TEXTS, max_size=2), max_size=3))
def test_json_says_what_it_was_given_and_shows_nothing_hidden(capsys: Capture, value: dict[str, Any]) -> None:
    for emitted in (emit_json, emit_json_line):
        emitted(value)
        text = capsys.readouterr().out
        assert json.loads(text) == value
        assert not set(text) & set("\x7f\x80\x9b\u200e\u202e\u2066\u061c\u2028")


def test_json_lines_are_one_line(capsys: Capture) -> None:
    emit_json_line({"a": [1, {"b": "x\ny"}]})
    assert capsys.readouterr().out == '{"a": [1, {"b": "x\\ny"}]}\n'


@KEEPING
@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS), max_size=3))
def test_csv_is_read_back_but_for_formulas(capsys: Capture, rows: list[tuple[str, str | None]]) -> None:
    emit_csv([{"a": one, "b": other} for one, other in rows], ["a", "b"])
    # As a spreadsheet reads it: any end of a line outside quotes begins a row.
    header, *found = csv.reader(io.StringIO(capsys.readouterr().out, newline=""))
    assert header == ["a", "b"] and len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        for value, cell in zip(row, cells, strict=True):
            assert cell in (value or "", f"'{value}")
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_carriage_return_begins_no_row(capsys: Capture) -> None:
    emit_csv([{"a": "x\r=1+1", "b": "y"}], ["a", "b"])
    assert capsys.readouterr().out == 'a,b\n"x\r=1+1",y\n'


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"),
        (" =1", "' =1"), ("\n=1", "'\n=1"),
        ("a=1", "a=1"), ("", ""), (None, ""), (True, "yes"), (False, "no"), (7, "7"), (["a", "=b"], "a; =b"),
        (["=a"], "'=a"), ({"k": "v", "l": 1}, "k=v; l=1"), ((True, None), "yes; "),
    ],
)  # fmt: skip
def test_a_cell(capsys: Capture, value: object, cell: str) -> None:
    emit_csv([{"x": value}], ["x"])
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [["x"], [cell]]


def test_csv_without_rows_has_its_header(capsys: Capture) -> None:
    emit(Format.CSV, {}, [], {"a": "A", "b": "B"}, "", ["a", "b"])
    assert capsys.readouterr().out == "a,b\n"
    emit(Format.CSV, {}, [], {"a": "A"}, "", ["x", "y"])
    assert capsys.readouterr().out == "x,y\n"


def test_each_format_shows_its_part(capsys: Capture) -> None:
    answer, rows = {"items": [{"a": 1}], "more": True}, [{"a": 1, "b": 2}]
    emit(Format.JSON, answer, rows, {"a": "First"}, "the end", ["a", "b"])
    assert json.loads(capsys.readouterr().out) == answer
    emit(Format.TABLE, answer, rows, {"a": "First"}, "the end", ["a", "b"])
    table = capsys.readouterr().out
    assert "First" in table and table.endswith("the end\n") and "2" not in table


def test_a_table_without_rows_says_so(capsys: Capture) -> None:
    emit_table([], {"a": "A"}, "the end")
    assert capsys.readouterr().out == "Nothing matches.\nthe end\n"


def test_names_are_no_markup_and_move_no_cursor(capsys: Capture) -> None:
    emit_table([{"a": "[red]x[/red]", "b": "\x1b[2Jgone\rback"}], {"a": "A", "b": "B"}, "foot\x07er\nsecond")
    text = capsys.readouterr().out
    assert "[red]x[/red]" in text and "foot�er\nsecond\n" in text
    assert "\x1b" not in text and "\r" not in text and "�[2Jgone�back" in text


@pytest.mark.parametrize(
    ("width", "shown", "hidden"),
    [(200, "ABCD", ""), (120, "ABCD", ""), (60, "AB", "CD"), (20, "A", "BCD")],
)
def test_columns_leave_from_the_right_where_there_is_no_room(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, width: int, shown: str, hidden: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    long = "x" * 30
    emit_table([dict.fromkeys("abcd", long)], {one.lower(): one for one in "ABCD"})
    head, _, foot = capsys.readouterr().out.partition("Too narrow for: ")
    assert [one for one in "ABCD" if one in head] == list(shown)
    assert foot.rstrip(".\n") == ", ".join(hidden)


def test_empty_columns_leave_first(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    emit_table([{"a": "x" * 30, "b": "", "c": "y" * 30}], {"a": "First", "b": "Between", "c": "Third"})
    text = capsys.readouterr().out
    assert "First" in text and "Third" in text and "Too narrow for: Between." in text


@given(TEXTS)
def test_printable_keeps_what_can_be_seen_and_the_length(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text) and shown.isprintable()
    assert all(a in (b, "�") and (a == b) == (b.isprintable()) for a, b in zip(shown, text, strict=True) if b != "�")


HEADER = {"snapshots": ["a"], "time": "2026-11-01T12:30:59+00:00", "oldest": "2026-10-01T00:00:00+00:00", "stale": []}


@pytest.mark.parametrize(
    ("header", "coverage", "line"),
    [
        (HEADER, None, "Estate of 2026-11-01T12:30Z, oldest part 2026-10-01T00:00Z."),
        (HEADER, {"unreadable": [], "gaps": 0}, "Estate of 2026-11-01T12:30Z, oldest part 2026-10-01T00:00Z."),
        (
            HEADER | {"stale": ["aws:1", "aws:2"]},
            {"unreadable": ["aws:3"], "gaps": 4},
            "Estate of 2026-11-01T12:30Z, oldest part 2026-10-01T00:00Z; stale: aws:1, aws:2; not readable: aws:3; "
            "4 collection gaps (leastwise coverage --gaps).",
        ),
        (
            {"snapshots": [], "later": 0},
            None,
            "The estate is empty: nothing was imported yet (leastwise import PATH).",
        ),
        ({"snapshots": [], "later": 3}, None, "The estate is empty: all 3 snapshots are of a later time."),
    ],
)
def test_the_last_line(header: dict[str, Any], coverage: dict[str, Any] | None, line: str) -> None:
    assert estate_line(header, coverage) == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", "2026-03-01T23:59:59.999999+00:00"),
        ("2026-03-01T08:00", "2026-03-01T08:00:00+00:00"),
        ("2026-03-01T08:00:00+02:00", "2026-03-01T08:00:00+02:00"),
        ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00+00:00"),
    ],
)
def test_times(text: str, expected: str) -> None:
    found = at_moment(text)
    assert found is not None and found.isoformat() == expected
    assert at_moment(None) is None
    first = moment("2026-03-01", "--since")
    assert first is not None and first.isoformat() == "2026-03-01T00:00:00+00:00"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "1 March", "2026-03-01T25:00"])
def test_what_is_no_time_is_refused_by_the_option(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--since: .* is no date or time"):
        moment(text, "--since")


@pytest.mark.parametrize("rows", [[], [{"b": 1}], [{"c": 3, "b": 1}, {"a": 2}]])
def test_the_columns_of_csv_are_those_asked_for(rows: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    emit_csv(rows, ["a", "b"])
    header, *lines = capsys.readouterr().out.splitlines()
    assert header == "a,b"
    assert [line.split(",") for line in lines] == [[str(row.get("a", "")), str(row.get("b", ""))] for row in rows]
