"""Whatever stands in an answer: it becomes rows, or is told as left out; nothing else happens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.directory import TENANT, files
from leastwise.errors import InputError
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.conform.ask import published
from leastwise.providers.entra.exports import kinds
from leastwise.providers.entra.exports.shapes import kind_of, read_items
from leastwise.store.readmodels import build

SCOPE, TAKEN = Scope("entra", "tenant", TENANT), datetime(2026, 11, 1, tzinfo=UTC)
ALL = sorted({value for value in vars(kinds).values() if isinstance(value, str) and value.startswith("graph.")})
KNOWN: dict[str, list[Any]] = {}
for content in files().values():
    for item in read_items("x", json.dumps(content).encode()).items:
        KNOWN.setdefault(kind_of(item.value) or "", []).append(dict(item.value))
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "x", "/", "a/b", "2026-01-01T00:00:00Z", "é"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "value", "kind"]), inner),
    max_leaves=4,
)


def read(kind: str, bodies: list[Any], about: str = "") -> None:
    document = RawDocument(SCOPE, "graph", kind, "x.json", json.dumps({"value": bodies}).encode(), about, TAKEN)
    try:
        tables = PROVIDER.translate(Collected(SCOPE, TAKEN, (document,), ()))
    except InputError as error:
        assert "x.json" in str(error)
        return
    build("entra", TENANT, tables)
    estate_of_tables(tables, published())


@pytest.mark.parametrize("kind", ALL)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_objects_with_a_member_of_another_type(kind: str, data: st.DataObject) -> None:
    known = data.draw(st.sampled_from(KNOWN.get(kind) or [{"id": "x", "displayName": "y", "isEnabled": True}]))
    spoilt = data.draw(st.dictionaries(st.sampled_from(sorted(known)), junk, max_size=3))
    read(kind, [{**known, **spoilt}], data.draw(st.sampled_from(["", "0b000000-0000-4000-8000-000000000011"])))


@settings(max_examples=150, deadline=None)
@given(st.lists(junk, max_size=3))
def test_files_of_anything(content: list[Any]) -> None:
    try:
        items = read_items("x.json", json.dumps(content).encode()).items
    except InputError:
        return
    for one in items:
        kind_of(one.value)
