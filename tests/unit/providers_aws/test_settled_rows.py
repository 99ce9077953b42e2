"""Tables under construction: what is settled on the way is the same table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.tables import PRINCIPALS
from leastwise.providers.rows import Rows

KEPT = {"kind", "native", "created", "console"}
texts = st.sampled_from(["a", "ä", "", "long" * 9])
rows = st.fixed_dictionaries(
    {"id": texts, "account": texts, "name": texts, "source": texts},
    optional={
        "unique_id": texts,
        "created": st.sampled_from(["2026-01-01T00:00:00Z", "2026-02-03 04:05:06+01:00", 1767225600]),
        "trust": st.integers(0, 9),
        "console": st.booleans(),
        "tags": st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    },
)


def of(parts: list[list[dict[str, Any]]], least: int | None) -> Rows:
    found = Rows(PRINCIPALS)
    for part in parts:
        found.add_all(part)
        if least is not None:
            found.settle(KEPT, least)
    return found


@settings(deadline=None)
@given(st.lists(st.lists(rows, max_size=5), max_size=6), st.integers(1, 6))
def test_settled_on_the_way_or_not_it_is_the_same(parts: list[list[dict[str, Any]]], least: int) -> None:
    whole, settled = of(parts, None), of(parts, least)
    assert settled.count == whole.count
    for name in ("id", "tags", "created", "console"):
        assert settled.column(name).equals(whole.column(name))
    for name in ("id", "trust", "created", "console"):
        assert settled.values(name) == whole.values(name)
    assert settled.to_table().equals(whole.to_table())
    settled.unsettle()
    assert settled.to_table().equals(whole.to_table())
    settled.settle(KEPT, 1)
    settled.pack()
    settled.pack()
    assert settled.to_table().equals(whole.to_table())


def test_values_of_settled_columns_are_let_go_of_and_kept_ones_can_be_changed() -> None:
    found = of([[{"id": f"{number}"} for number in range(3)]], 3)
    assert found.columns["id"] == [] and found.columns["kind"] == ["", "", ""]
    found.columns["created"][1] = datetime(2026, 1, 1, tzinfo=UTC)
    found.add(id="3", created="2026-02-01")
    assert found.to_table().select(["id", "created"]).to_pydict() == {
        "id": ["0", "1", "2", "3"],
        "created": [None, datetime(2026, 1, 1, tzinfo=UTC), None, datetime(2026, 2, 1, tzinfo=UTC)],
    }


def test_few_rows_stay_values() -> None:
    assert of([[{"id": "0"}]], 2).columns["id"] == ["0"]


@pytest.mark.parametrize("bad", [{"trust": "no number"}, {"name": 7}, {"name": None}])
def test_a_value_that_does_not_fit_is_left_to_the_table_and_all_are_values_again(bad: dict[str, Any]) -> None:
    found = of([[{"id": "0", "source": "a"}], [{"id": "1", "source": "b", **bad}], [{"id": "2", "source": "c"}]], 1)
    assert found.columns["source"] == ["a", "b", "c"]
    with pytest.raises((ValueError, TypeError)):
        found.to_table()


def test_rows_put_in_place_of_all_take_the_settled_ones_away() -> None:
    found, other = of([[{"id": "0"}]], 1), of([[{"id": "1"}]], None).to_table()
    found.replace(other)
    assert found.to_table()["id"].to_pylist() == ["1"]
