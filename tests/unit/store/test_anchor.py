"""The anchor: what it says is read back, one change in its bytes is seen, and one row of lag is told from a fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import IntegrityError
from leastwise.store.anchor import FILE, Heads, lags, read, write
from leastwise.store.home import Home

HEADS: Heads = {"aws:1": (3, "ab"), "aws:2": (1, "cd")}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path / "home")
    for folder in (found.snapshots, found.tmp):
        folder.mkdir(parents=True, exist_ok=True)
    return found


def test_what_is_written_is_read_back(home: Home) -> None:
    assert read(home) is None
    for heads in ({}, HEADS, {**HEADS, "aws:1": (4, "ef")}):
        write(home, heads)
        assert read(home) == heads
    assert (home.snapshots / FILE).stat().st_mode & 0o777 == 0o600
    assert list(home.tmp.iterdir()) == []


def test_any_other_byte_is_seen(home: Home) -> None:
    write(home, HEADS)
    path = home.snapshots / FILE
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(IntegrityError, match="its bytes are not what was written"):
            read(home)


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[1]", b'{"heads": {"a": 1}}', b'{"heads": {}}', b"\xff"])
def test_another_file_is_seen(home: Home, data: bytes) -> None:
    (home.snapshots / FILE).write_bytes(data)
    with pytest.raises(IntegrityError, match=FILE):
        read(home)


def test_heads_changed_with_their_spelling_kept_are_seen(home: Home) -> None:
    write(home, HEADS)
    path = home.snapshots / FILE
    body = json.loads(path.read_bytes())
    body["heads"]["aws:1"] = [2, "ab"]
    path.write_text(json.dumps(body, sort_keys=True, separators=(",", ":")) + "\n")
    with pytest.raises(IntegrityError):
        read(home)


def test_a_file_that_cannot_be_read_says_why(home: Home) -> None:
    (home.snapshots / FILE).mkdir()
    with pytest.raises(IntegrityError, match=f"snapshots/{FILE}: Is a directory"):
        read(home)


@pytest.mark.parametrize(
    ("recorded", "newest", "told"),
    [
        ((0, ""), (0, "", ""), False),
        ((3, "c"), (3, "c", "b"), False),
        ((3, "c"), (4, "d", "c"), True),
        ((0, ""), (1, "a", ""), True),
        ((3, "c"), (4, "d", "x"), "only 3 rows were written here"),
        ((3, "c"), (5, "e", "c"), "only 3 rows were written here"),
        ((3, "c"), (3, "x", "b"), "row 3 is not the one that was written"),
        ((3, "c"), (2, "b", "a"), "ends at row 2, but row 3 was written; the database is older"),
        ((3, "c"), (0, "", ""), "ends at row 0, but row 3 was written"),
    ],
)
def test_one_row_of_lag_and_every_fault(
    recorded: tuple[int, str], newest: tuple[int, str, str], told: bool | str
) -> None:
    if isinstance(told, bool):
        assert lags("aws:1", recorded, newest) is told
        return
    with pytest.raises(IntegrityError) as error:
        lags("aws:1", recorded, newest)
    assert told in str(error.value) and "chain of aws:1" in str(error.value)


@given(st.integers(0, 4), st.sampled_from("ab"), st.integers(0, 6), st.sampled_from("ab"), st.sampled_from("ab"))
def test_only_the_next_row_that_links_is_lag(sequence: int, sha: str, newest: int, own: str, previous: str) -> None:
    try:
        found: bool | None = lags("s", (sequence, sha), (newest, own, previous))
    except IntegrityError:
        found = None
    if (newest, own) == (sequence, sha):
        assert found is False
    else:
        assert (found is True) == (newest == sequence + 1 and previous == sha) and found is not False
