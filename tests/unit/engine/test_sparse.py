"""Rows, texts and lookups in arrays, against plain lists."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.sparse import Lookup, Rows, lookup_of, rows_of, texts_of

ROWS = st.lists(st.lists(st.integers(-5, 1000), max_size=6), max_size=12)
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=12)
COLLIDING = ("plumless", "buckeroo")
"""Two words of one CRC-32."""


def made(rows: list[list[int]]) -> Rows:
    keys = np.array([key for key, row in enumerate(rows) for _ in row], np.int64)
    values = np.array([value for row in rows for value in row], np.int64)
    return rows_of(keys, values, len(rows))


@given(ROWS)
def test_a_row_is_what_was_put_in(rows: list[list[int]]) -> None:
    found = made(rows)
    assert [found.row(index).tolist() for index in range(len(rows))] == rows


@given(ROWS, st.data())
def test_gathered_rows_stand_one_behind_the_other(rows: list[list[int]], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10)) if rows else []
    values, owner = made(rows).gather(np.array(wanted, np.int64))
    assert values.tolist() == [value for index in wanted for value in rows[index]]
    assert owner.tolist() == [place for place, index in enumerate(wanted) for _ in rows[index]]


@given(ROWS, st.data())
def test_rows_have_one_code_where_they_are_equal(rows: list[list[int]], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10)) if rows else []
    codes = made(rows).codes(np.array(wanted, np.int64)).tolist()
    asked = [rows[index] for index in wanted]
    assert [[a == b for b in codes] for a in codes] == [[a == b for b in asked] for a in asked]


@given(ROWS, st.randoms())
def test_pairs_may_come_in_any_order_and_keep_theirs_within_a_row(rows: list[list[int]], random: object) -> None:
    pairs = [(key, value) for key, row in enumerate(rows) for value in row]
    random.shuffle(pairs)  # type: ignore[attr-defined]
    found = rows_of(np.array([k for k, _ in pairs], np.int64), np.array([v for _, v in pairs], np.int64), len(rows))
    for key in range(len(rows)):
        assert found.row(key).tolist() == [value for k, value in pairs if k == key]


@given(TEXTS)
def test_texts_come_back(texts: list[str]) -> None:
    found = texts_of(texts)
    assert len(found) == len(texts)
    assert found.all() == texts
    assert [found[index] for index in range(len(texts))] == texts
    assert found.many(np.arange(len(texts))[::-1]) == texts[::-1]
    assert [found.bytes(index) for index in range(len(texts))] == [text.encode() for text in texts]


@given(st.lists(st.text(max_size=5).filter(lambda text: text.isprintable()), unique=True), st.text("ab", max_size=3))
def test_a_text_is_found_by_its_number_and_another_is_not(texts: list[str], other: str) -> None:
    held, lookup = texts_of(texts), lookup_of(texts)
    for number, text in enumerate(texts):
        assert lookup.find(held, text) == number
    if other not in texts:
        assert lookup.find(held, other) is None


def test_words_of_one_checksum_are_told_apart() -> None:
    one, other = COLLIDING
    assert crc32(one.encode()) == crc32(other.encode())
    texts = ["a", one, "b", other]
    held, lookup = texts_of(texts), lookup_of(texts)
    assert [lookup.find(held, text) for text in texts] == [0, 1, 2, 3]
    alone = texts_of([one])
    assert lookup_of([one]).find(alone, other) is None


def test_every_checksum_alike_still_finds_the_right_one() -> None:
    texts = [f"t{number}" for number in range(5)]
    lookup = Lookup(np.full(5, crc32(b"t3"), np.uint32), np.arange(5, dtype=np.int32))
    assert lookup.find(texts_of(texts), "t3") == 3


def test_nothing_is_found_in_nothing() -> None:
    assert lookup_of([]).find(texts_of([]), "a") is None
    values, owner = made([]).gather(np.empty(0, np.int64))
    assert values.tolist() == owner.tolist() == []
