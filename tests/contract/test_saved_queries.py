"""Saved queries, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from store_samples import NOW

from leastwise.errors import NotFoundError, StoreError, UsageError
from leastwise.store.pins import broken_seals
from leastwise.store.queries import Queries, Query
from leastwise.store.settings import SETTINGS, Settings

ONE = Query("night", "sql", {"query": "SELECT 'é' -- ?\n", "params": {"a": "1"}, "principal": ["p"]}, NOW)


def test_a_query_is_kept_replaced_and_forgotten(engine):
    queries = Queries(engine)
    assert queries.all() == ()
    queries.save(ONE)
    queries.save(Query("Alice.1", "activity", {"subject": "ada", "denied": True}, NOW))
    assert queries.get("night") == ONE
    assert [one.name for one in queries.all()] == ["Alice.1", "night"]
    later = Query("night", "activity", {"subject": "bo"}, NOW + timedelta(days=1))
    queries.save(later)
    assert queries.get("night") == later
    queries.remove("night")
    assert [one.name for one in queries.all()] == ["Alice.1"]
    with pytest.raises(NotFoundError, match=r"there are Alice\.1"):
        queries.get("night")
    with pytest.raises(NotFoundError, match="not found"):
        queries.remove("night")


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "-a", "a\n", "x" * 51, "é"])
def test_what_is_no_name_is_refused(engine, name):
    with pytest.raises(UsageError, match="saved query"):
        Queries(engine).save(Query(name, "sql", {}, NOW))
    assert Queries(engine).all() == ()


def test_queries_are_no_settings_and_stay_beside_them(engine):
    Queries(engine).save(Query("retention_days", "sql", {"query": "SELECT 1"}, NOW))
    settings = Settings(engine)
    assert settings.get("retention_days") is None
    settings.set("retention_days", 30)
    settings.set("retention_days", None)
    assert settings.all().keys() == SETTINGS.keys()
    assert Queries(engine).get("retention_days").asks == {"query": "SELECT 1"}


def test_a_query_that_was_changed_by_other_means_is_noticed(engine):
    Queries(engine).save(Query("night", "sql", {"query": "SELECT 1"}, NOW))
    assert broken_seals(engine) == []
    with engine.begin() as connection:
        connection.execute(text("UPDATE settings SET value = '{}'"))
    assert broken_seals(engine) == [("settings", "its rows are not as they were written")]
    with pytest.raises(StoreError, match="saved query night: its stored value cannot be read"):
        Queries(engine).get("night")
