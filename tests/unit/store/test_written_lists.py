"""Lists of the store: what was written is what is there, in every order; damage is noticed; old ones go."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.engine.arrays import DamagedError
from leastwise.store.home import Home
from leastwise.store.lists import bitmaps
from leastwise.store.lists.kept import keep_text, kept_text, let_go, list_path, remove, used
from leastwise.store.lists.opened import OpenList
from leastwise.store.lists.orders import FEW, order_of
from leastwise.store.lists.texts import fold
from leastwise.store.lists.walking import in_order
from leastwise.store.lists.writing import HEAD, ListWriter

WORDS = ("no", "maybe", "yes")
TEXTS = st.text(st.sampled_from("aAbBkK\N{KELVIN SIGN}sS\N{LATIN SMALL LETTER LONG S}\xdf\u0130iI/.é\0"), max_size=6)


def written(path: Path, columns: dict[str, Any], **options: Any) -> OpenList:
    with ListWriter(path) as writer:
        for name, column in columns.items():
            writer.add(name, column, **options.get(name, {}))
        writer.finish({"said": 1})
    return OpenList(path)


def numbered(values: list[str | None], more: int) -> list[str | None]:
    """Values that are more than have bitmaps, with these among them."""
    return [*values, *(f"n{number:06}" for number in range(more))]


@given(
    values=st.lists(st.none() | TEXTS | st.sampled_from(WORDS), max_size=40),
    more=st.sampled_from([0, 0, FEW + 10]),
    kept=st.sets(st.integers(0, 60)),
    ranked=st.booleans(),
    start=st.integers(0, 30),
    length=st.integers(0, 30),
)
@settings(max_examples=40)
def test_a_column_orders_finds_and_counts_as_arrow_does(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[str | None],
    more: int,
    kept: set[int],
    ranked: bool,
    start: int,
    length: int,
) -> None:
    cells = pa.array(numbered(values, more), pa.string())
    options = {"ranks": WORDS if ranked else (), "searched": True}
    rows = written(tmp_path_factory.mktemp("list") / "of" / "a", {"a": cells}, a=options)
    column = rows.column("a")
    keys = pc.index_in(cells, value_set=pa.array(WORDS)) if ranked else cells
    table = pa.table({"key": keys, "row": np.arange(len(cells))})
    for down in (False, True):
        sort = [("key", "descending" if down else "ascending"), ("row", "ascending")]
        order = table.take(pc.sort_indices(table, sort_keys=sort))["row"].to_pylist()
        assert in_order(column, down, None, rows.rows, start, start + length).tolist() == order[start : start + length]
        within = bitmaps.of_rows(np.array(sorted(one for one in kept if one < len(cells)), np.uint32))
        mine = [row for row in order if row in within]
        assert in_order(column, down, within, rows.rows, start, start + length).tolist() == mine[start : start + length]
    for value in {*values, "no such", None}:
        mask = pc.is_null(cells) if value is None else pc.fill_null(pc.equal(cells, value), False)
        assert list(column.rows_with_value(value)) == np.flatnonzero(mask).tolist()
    for text in {one for one in values if one} | {"a", "k", "s", "zz"}:
        found = pc.fill_null(pc.match_substring(cells, text, ignore_case=True), False)
        assert list(column.rows_with(text)) == np.flatnonzero(found).tolist(), text
    counts = column.counts(within)
    told = dict(zip(column.values_at(range(column.count + 1)), counts.tolist(), strict=True))
    chosen = cells.take(pa.array(list(within), pa.int64())).to_pylist()
    assert {value: count for value, count in told.items() if count} == {one: chosen.count(one) for one in set(chosen)}


def test_letters_differ_in_case_as_the_search_of_arrow_has_it() -> None:
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    folds: dict[str, list[str]] = {}
    for letter in letters:
        folds.setdefault(fold(letter), []).append(letter)
    alike = [one for one in folds.values() if len(one) > 1]
    assert len(alike) > 1000
    for group in alike:
        for one in group:
            assert pc.all(pc.match_substring(pa.array(group), one, ignore_case=True)).as_py(), group
    # And no other letter is one of theirs, as far as those with several cases go.
    some = pa.array([group[0] for group in alike])
    for group in alike[::20]:
        assert pc.sum(pc.match_substring(some, group[-1], ignore_case=True)).as_py() == 1


TABLE = {
    "text": pa.array(["b", None, "a", ""]),
    "flag": pa.array([True, None, False, True]),
    "time": pa.array([datetime(2026, 1, day, tzinfo=UTC) for day in (3, 1, 2)] + [None], pa.timestamp("us", tz="UTC")),
    "number": pa.array([3, None, 1, 3], pa.int32()),
    "several": pa.array([["x", "y"], None, [], ["z"]], pa.list_(pa.string())),
    "tags": pa.array([[("k", "v")], [], None, [("k", "w"), ("l", "v")]], pa.map_(pa.string(), pa.string())),
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def path(home: Home) -> Path:
    return list_path(home, "key", "things")


def test_rows_are_as_they_were_written(path: Path) -> None:
    # A slice, in pieces: both begin where their memory does not.
    pieces = {name: pa.chunked_array([column[:1], column[1:]]) for name, column in TABLE.items()}
    assert {name: str(column.type) for name, column in TABLE.items()} == {
        name: str(column.type) for name, column in pieces.items()
    }
    rows = written(path, pieces)
    whole = pa.table(TABLE)
    assert rows.names == list(TABLE) and rows.rows == 4 and rows.facts == {"said": 1}
    assert rows.take([3, 0, 1]).to_pylist() == whole.take([3, 0, 1]).to_pylist()
    assert rows.take([2], ["tags", "text"]).to_pylist() == [{"tags": None, "text": "a"}]
    assert rows.column("time").place(datetime(2026, 1, 2, tzinfo=UTC)) == 1
    assert list(rows.column("time").rows_below(1)) == [1] and list(rows.column("time").rows_from(1)) == [0, 2]
    assert list(rows.column("number").rows_with_value(3)) == [0, 3]
    assert list(rows.column("flag").rows_with_value(None)) == [1]
    assert not rows.column("tags").sortable and rows.column("flag").sortable
    assert path.stat().st_mode & 0o777 == 0o700 and (path / HEAD).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("column", [pa.array([], pa.string()), pa.array([None, None], pa.string())])
def test_nothing_in_a_column_is_nothing(path: Path, column: pa.Array) -> None:
    rows = written(path, {"a": column}, a={"searched": True})
    assert list(rows.column("a").rows_with("x")) == [] and list(rows.column("a").rows_with_value("x")) == []
    assert in_order(rows.column("a"), True, None, rows.rows, 0, 9).tolist() == list(range(len(column)))


def test_what_is_not_whole_is_not_there(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), ListWriter(path) as writer:
        writer.add("a", pa.array(["x"]))
        raise ZeroDivisionError
    assert not path.exists() and list(path.parent.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        OpenList(path)
    with ListWriter(path) as writer, pytest.raises(ValueError, match="has 2 rows, and others 1"):
        writer.add("a", pa.array(["x"]))
        writer.add("b", pa.array(["x", "y"]))


def test_of_two_who_write_the_same_one_is_kept(path: Path) -> None:
    with ListWriter(path) as first, ListWriter(path) as second:
        for writer in (first, second):
            writer.add("a", pa.array(["x"]))
            writer.finish({})
    assert OpenList(path).take([0]).to_pylist() == [{"a": "x"}] and [one.name for one in path.parent.iterdir()] == [
        "things"
    ]


def test_damage_is_noticed(path: Path) -> None:
    rows = written(path, TABLE)
    assert list(rows.damage()) == []
    file = path / "0.lwa"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert list(OpenList(path).damage()) == ["things/0.lwa"]
    for damaged in (whole[:-1], whole + b"x", None):
        file.unlink()
        if damaged is not None:
            file.write_bytes(damaged)
        with pytest.raises(DamagedError):
            OpenList(path)
        file.touch()
    head = path / HEAD
    head.write_bytes(head.read_bytes().replace(b'"rows": 4', b'"rows": 5'))
    with pytest.raises(DamagedError, match="header"):
        OpenList(path)
    remove(path)
    assert not path.exists()
    remove(path)


def test_the_lists_that_were_used_longest_ago_go_and_who_has_one_open_keeps_it(home: Home) -> None:
    opened = written(list_path(home, "0", "things"), TABLE)
    for number in range(1, 6):
        path = list_path(home, str(number), "things")
        written(path, TABLE)
        os.utime(path.parent, (number, number))
    os.utime(opened.path.parent, (0, 0))
    used(list_path(home, "1", "things"))
    let_go(list_path(home, "5", "things"))
    assert sorted(one.name for one in home.lists.iterdir()) == ["1", "3", "4", "5"]
    assert opened.column("text") is opened.column("text")
    with pytest.raises(FileNotFoundError):
        OpenList(opened.path)


def test_texts_are_kept_beside_lists(home: Home) -> None:
    assert kept_text(home, "key", "a.json") is None
    keep_text(home, "key", "a.json", "one")
    keep_text(home, "key", "a.json", "two")
    assert kept_text(home, "key", "a.json") == "two"


def test_codes_of_many_values_sort_by_both_halves() -> None:
    values = pa.array([f"{number:06}" for number in range(70_000)][::-1])
    order = order_of(values)
    assert order.order.tolist() == list(range(69_999, -1, -1)) and order.values == 70_000


@pytest.mark.parametrize("every", [2, 8])
def test_a_text_in_many_places_is_found_in_all(path: Path, every: int) -> None:
    holding = [row for row in range(64 * 520 * every) if (row // 64) % every == 0 and row % 64 == 7]
    values = [f"{row:07}" for row in range(64 * 520 * every)]
    for row in holding:
        values[row] += "Needle"
    rows = written(path, {"a": pa.array(values)}, a={"searched": True})
    assert list(rows.column("a").rows_with("nEEDLE")) == holding
