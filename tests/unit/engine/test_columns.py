"""Coded text columns say the same as plain ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.columns import (
    CODED,
    arrow_schema,
    coded,
    column_of,
    declared,
    empty,
    encoded,
    joined,
    plain,
    repeated,
    table,
    texts_at,
    with_coded_texts,
)
from leastwise.model.tables import MEMBERSHIPS, POLICIES, PRINCIPALS

ROWS = {
    "member": ["u", "v", "u"],
    "group": ["g", "g", "h"],
    "kind": ["iam_group"] * 3,
    "until": [None] * 3,
    "source": ["a", "b", "c"],
}


def test_codes_are_positions_and_a_negative_one_is_null() -> None:
    assert coded([1, 0, -1, 1], ["a", "b"]).to_pylist() == ["b", "a", None, "b"]
    assert repeated("x", 3).to_pylist() == ["x"] * 3
    assert repeated("x", 0).to_pylist() == []
    with pytest.raises(IndexError):
        coded([2], ["a", "b"])


def test_a_declared_table_keeps_coded_columns() -> None:
    held = table(MEMBERSHIPS, ROWS | {"group": coded([0, 0, 1], ["g", "h"])})
    assert held.schema.field("group").type == CODED and not held.schema.field("group").nullable
    assert not held.schema.equals(arrow_schema(MEMBERSHIPS))
    assert declared(held.schema).equals(arrow_schema(MEMBERSHIPS))
    assert plain(held).equals(table(MEMBERSHIPS, ROWS))
    assert plain(with_coded_texts(held)).equals(table(MEMBERSHIPS, ROWS))


def test_a_coded_null_is_refused_where_a_plain_one_is() -> None:
    with pytest.raises(ValueError, match=r"memberships\.group: null"):
        table(MEMBERSHIPS, ROWS | {"group": coded([0, -1, 0], ["g"])})


def test_a_coded_column_is_no_other_kind() -> None:
    rows = {name: [] for name in POLICIES.names()}
    with pytest.raises(pa.ArrowInvalid):
        table(POLICIES, rows | {"document": coded([0], ["no number"])})


def test_plain_and_coded_tables_are_joined() -> None:
    simple = table(MEMBERSHIPS, ROWS)
    held = table(MEMBERSHIPS, ROWS | {"group": coded([1, 1, 1], ["g", "z"])})
    both = joined([simple, held, empty(MEMBERSHIPS)])
    assert both.schema.field("group").type == CODED and both.schema.field("member").type == pa.string()
    assert both["group"].to_pylist() == ["g", "g", "h", "z", "z", "z"]
    assert joined([simple, simple]).schema.equals(simple.schema)


def test_nothing_is_encoded_twice() -> None:
    once = encoded(pa.chunked_array([["a", None], ["a"]]))
    assert encoded(once) is once and once.to_pylist() == ["a", None, "a"]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "ä", "", None]), max_size=5), max_size=4), st.data())
def test_texts_at_rows_are_those_of_the_plain_column(chunks: list[list[str | None]], data: st.DataObject) -> None:
    column = pa.chunked_array(chunks, pa.string())
    mask = data.draw(st.lists(st.booleans(), min_size=len(column), max_size=len(column)))
    rows = np.flatnonzero(np.array(mask, bool))
    wanted = [text for text, held in zip(column.to_pylist(), mask, strict=True) if held]
    assert texts_at(column, rows).to_pylist() == wanted
    assert texts_at(encoded(column), rows).to_pylist() == wanted


@given(
    st.lists(st.lists(st.tuples(st.text(max_size=2), st.text(max_size=2)), max_size=3), min_size=1, max_size=4),
    st.lists(st.integers(0, 3), max_size=12),
)
def test_tags_that_rows_share_are_the_tags_of_each(known: list[list[tuple[str, str]]], rows: list[int]) -> None:
    shared = [known[row % len(known)] for row in rows]
    (tags,) = [column for column in PRINCIPALS.columns if column.name == "tags"]
    made = column_of(PRINCIPALS, tags, shared)
    assert made.to_pylist() == shared
    assert made.equals(column_of(PRINCIPALS, tags, [list(one) for one in shared]))
