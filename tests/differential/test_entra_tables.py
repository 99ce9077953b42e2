"""Tables lose nothing of a tenant: the estate that is read back from them is the one that its documents make."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from entra_oracle import Tenant, tenants
from entra_tables import EVERYTHING, by_tables, comparable, raw
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.shared import ROOT
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import UNREAD, UNREAD_UNIT, estate_of_tables
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.published import published


def cases() -> list[Any]:
    found = []
    for file in sorted((ROOT / "tests" / "cases" / "entra").rglob("*.jsonl")):
        for number, line in enumerate(file.read_text().splitlines()):
            if line.strip():
                found.append(pytest.param(json.loads(line), id=f"{file.parent.name}-{number}"))
    return found


@pytest.mark.parametrize("case", cases())
def test_each_case_is_the_same_by_tables(case: dict[str, Any]) -> None:
    documents = case["documents"]
    assert comparable(by_tables(documents)) == comparable(estate_of(documents, published()))


@settings(max_examples=60, deadline=None)
@given(tenants())
def test_a_drawn_tenant_is_the_same_by_tables(tenant: Tenant) -> None:
    documents = tenant.documents()
    assert comparable(by_tables(documents)) == comparable(estate_of(documents, published()))


def test_no_value_that_decides_is_taken_for_a_secret() -> None:
    """What is kept of raw documents makes the same estate."""
    for case in cases():
        collected = raw(case.values[0]["documents"])
        kept = [replace(one, body=PROVIDER.redact(one, b"k" * 32)) for one in collected.documents]
        found = estate_of_tables(PROVIDER.translate(replace(collected, documents=tuple(kept))), published())
        assert comparable(found) == comparable(by_tables(case.values[0]["documents"])), case.id


@given(st.sampled_from(EVERYTHING))
def test_what_was_not_read_is_told(call: str) -> None:
    known = by_tables([], [one for one in EVERYTHING if one != call])
    assert known.unread == tuple(what for what, told in UNREAD.items() if told == call)
    assert (UNREAD_UNIT in known.units) is not bool(known.unread)


def test_of_nothing_nothing_is_known() -> None:
    empty = estate_of_tables(PROVIDER.translate(raw([], [])), published())
    assert empty.unread == tuple(UNREAD)
