"""The aggregation as an Ibis expression gives the rows that our own code counts."""

from __future__ import annotations

import ipaddress

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakes.events import ADDRESSES, AGENTS, drawn
from leastwise.app.scaling import declared, digest
from leastwise.engine.columns import plain
from leastwise.model.tables.usage import EVENTS, SIGHTINGS, USAGE
from leastwise.store.lake import aggregate, places

ibis = pytest.importorskip("ibis", reason="the extra [scale] is not installed")
pytest.importorskip("ibis.backends.duckdb", reason="the extra [scale] is not installed")

from leastwise.usage.aggregation import sightings_of, usage_of  # noqa: E402
from leastwise.usage.places import family, network  # noqa: E402

TABLES = [(USAGE, usage_of, aggregate.usage_of), (SIGHTINGS, sightings_of, aggregate.sightings_of)]


@pytest.fixture(scope="module")
def backend():
    made = ibis.duckdb.connect()
    made.raw_sql("SET TimeZone = 'UTC'")
    yield made
    made.disconnect()


def counted(backend, events: pa.Table, expression) -> pa.Table:
    backend.con.register("events", plain(events))
    return backend.to_pyarrow(expression(backend.table("events")))


def rows(table: pa.Table) -> list[dict]:
    return sorted(table.to_pylist(), key=repr)


@pytest.mark.parametrize("spec, expression, own", TABLES, ids=["usage", "sightings"])
@pytest.mark.parametrize("seed", range(3))
def test_rows_are_those_of_our_own_code(backend, spec, expression, own, seed):
    events = drawn(seed, 5_000)
    ours, found = declared(spec, plain(own(events))), declared(spec, counted(backend, events, expression))
    assert found.num_rows == ours.num_rows > 500
    assert rows(found) == rows(ours)
    assert digest(found) == digest(ours)


@settings(max_examples=15)
@given(st.integers(0, 1 << 32), st.integers(0, 30))
def test_rows_are_those_of_our_own_code_for_any_few_events(backend, seed, number):
    events = drawn(seed, number)
    for spec, expression, own in TABLES:
        assert rows(declared(spec, counted(backend, events, expression))) == rows(declared(spec, plain(own(events))))


@pytest.mark.parametrize("spec, expression, own", TABLES, ids=["usage", "sightings"])
def test_no_events_are_no_rows(backend, spec, expression, own):
    found = declared(spec, counted(backend, drawn(1, 0), expression))
    assert found.num_rows == 0
    assert tuple(found.column_names) == spec.names()


def test_a_digest_tells_rows_apart_and_not_their_order():
    events = declared(EVENTS, drawn(1, 50))
    assert digest(events) == digest(events.take(pa.array(list(range(49, -1, -1)))))
    assert digest(events) != digest(events.slice(1))
    assert digest(events) != digest(pa.concat_tables([events, events.slice(0, 1)]))


def asked(backend, texts: list[str], expression) -> list[str]:
    backend.con.register("texts", pa.table({"n": list(range(len(texts))), "t": pa.array(texts, pa.string())}))
    table = backend.table("texts")
    found = backend.to_pyarrow(table.select("n", said=expression(table.t))).sort_by("n")
    return found["said"].to_pylist()


addresses = st.one_of(
    st.sampled_from(ADDRESSES),
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda one: one.exploded.upper()),
    st.integers(0, (1 << 64) - 1).map(lambda one: str(ipaddress.IPv6Address(one))),
    st.integers(0, (1 << 64) - 1).map(lambda one: str(ipaddress.IPv6Address(one << 70 & (1 << 128) - 1))),
    st.text("0123456789abcdefF:./% ", max_size=20),
    st.from_regex(r"\A(([0-9a-f]{0,5}:){1,8}|::)[0-9a-f]{0,5}(\.[0-9]{1,3}){0,4}(%[a-z]?)?\Z"),
)


HARD = [
    "1:2:3:4:5:6:7::", "1::2:3:4:5:6:7:8", "::1.2.3.4", "::01.2.3.4", ":::", "1:::2", "12345::", "::1\n", "1.2.3.4\n",
    "٣.1.2.4", "1.2.3.٤", "%a:b", "1.2.3.4.5", "::%", "fe80::1%a.5", "a.b.c.5", "0:1::", "0:0:0:0:0:0:0:0", "...5",
]  # fmt: skip


@settings(max_examples=25)
@given(st.lists(addresses, min_size=1, max_size=60))
@example(HARD)
def test_networks_are_those_of_python(backend, texts):
    assert asked(backend, texts, network) == [places.network(one) for one in texts]


agents = st.one_of(st.sampled_from(AGENTS), st.text(max_size=12), st.text("ab/ ;([])\"'\t\n\xa0\x1c\0", max_size=90))


@settings(max_examples=25)
@given(st.lists(agents, min_size=1, max_size=60))
def test_families_are_those_of_python(backend, texts):
    assert asked(backend, texts, family) == [places.family(one) for one in texts]
