"""Keys, groups and counts of the lake against slow and obvious ways to the same."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.columns import table
from leastwise.model.tables.usage import EVENTS, SIGHTINGS, USAGE
from leastwise.model.usage import Fact, packed, unpacked
from leastwise.store.lake.aggregate import added_up, sightings_of, usage_of
from leastwise.store.lake.grouping import groups, keys
from leastwise.store.lake.keys import in_order, keys_of, known, read_keys, repeated, written
from leastwise.store.lake.places import family, network

BEGIN = datetime(2026, 1, 30, 22, tzinfo=UTC)
words = st.sampled_from(["", "a", "b"])
outcomes = st.sampled_from(["allowed", "denied", "failed", "unknown"])
fact = st.builds(Fact, st.sampled_from(["call", "implied"]), st.sampled_from(["p", "q"]), words, words, outcomes)
facts = st.lists(fact, min_size=1, max_size=3).map(packed)
rows = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str), "time": st.integers(0, 80).map(lambda hours: BEGIN + timedelta(hours=hours)),
        "provider": st.just("aws"), "account": words, "region": words, "principal": words, "owner": words,
        "kind": words, "credential": words, "temporary": st.booleans(), "session": words, "workload": words,
        "origin": words, "source_identity": words, "via": words, "mfa": st.sampled_from([None, True, False]),
        "source": words, "name": words, "what": st.just("call"), "permission": st.sampled_from(["", "p", "q"]),
        "resource": words, "bucket": words, "target": words, "grant_id": words, "outcome": outcomes,
        "facts": st.just("") | facts,
        "error": words, "ip": st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.1.1", "x.amazonaws.com"]),
        "agent": st.sampled_from(["a/1", "a/2 b", "[c/1]"]), "read_only": st.none(), "data": st.just(False),
        "log": st.just("l"),
    }
)  # fmt: skip


def events(drawn: list[dict[str, Any]]) -> pa.Table:
    return table(EVENTS, {name: [row[name] for row in drawn] for name in EVENTS.names()})


def in_some_order(found: pa.Table) -> list[str]:
    return sorted(repr(row) for row in found.to_pylist())


def counted_slowly(drawn: list[dict[str, Any]]) -> list[str]:
    """Usage by a loop."""
    found: dict[Any, dict[str, Any]] = {}
    for row in drawn:
        told = unpacked(row["facts"])
        if not told and row["permission"]:
            told = [Fact("call", row["permission"], row["bucket"], row["target"], row["outcome"])]
        for one in told if row["principal"] else ():
            key = {
                "provider": row["provider"], "account": row["owner"], "principal": row["principal"],
                "workload": row["workload"], "grant_id": row["grant_id"], "permission": one.permission,
                "bucket": one.bucket, "target": one.target,
                "how": one.how, "via": row["via"], "day": (row["time"] - datetime(1970, 1, 1, tzinfo=UTC)).days,
            }  # fmt: skip
            held = found.setdefault(
                tuple(key.values()),
                key | {"count": 0, "denied": 0, "unknown": 0, "first": row["time"], "last": row["time"],
                       "first_used": None, "last_used": None, "source": row["log"]},
            )  # fmt: skip
            used = one.outcome in ("allowed", "failed")
            held["count"] += used
            held["denied"] += one.outcome == "denied"
            held["unknown"] += one.outcome == "unknown"
            held["first"], held["last"] = min(held["first"], row["time"]), max(held["last"], row["time"])
            if used:
                held["first_used"] = min(held["first_used"] or row["time"], row["time"])
                held["last_used"] = max(held["last_used"] or row["time"], row["time"])
    made = table(USAGE, {name: [row[name] for row in found.values()] for name in USAGE.names()})
    return in_some_order(made)


@given(st.lists(rows, max_size=30))
def test_usage_is_what_a_loop_counts(drawn: list[dict[str, Any]]) -> None:
    assert in_some_order(usage_of(events(drawn))) == counted_slowly(drawn)


@given(st.lists(rows, max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_counts_of_parts_add_up(drawn: list[dict[str, Any]], one: int, other: int) -> None:
    first, second = sorted((one, other))
    parts = [events(drawn[:first]), events(drawn[first:second]), events(drawn[second:])]
    for spec, count in ((USAGE, usage_of), (SIGHTINGS, sightings_of)):
        assert in_some_order(added_up(spec, [count(part) for part in parts])) == in_some_order(count(events(drawn)))


@given(st.lists(rows, max_size=30))
def test_sightings_count_every_call_of_a_principal(drawn: list[dict[str, Any]]) -> None:
    found = sightings_of(events(drawn)).to_pylist()
    wanted: dict[Any, int] = defaultdict(int)
    for row in drawn:
        if row["principal"]:
            credential = "session" if row["temporary"] else row["credential"]
            wanted[row["owner"], row["principal"], row["workload"], credential, network(row["ip"]),
                   family(row["agent"]), row["mfa"], row["time"].date()] += 1  # fmt: skip
    day = datetime(1970, 1, 1, tzinfo=UTC)
    assert {
        (one["account"], one["principal"], one["workload"], one["credential"], one["network"], one["agent"],
         one["mfa"], (day + timedelta(days=one["day"])).date()): one["count"]
        for one in found
    } == wanted  # fmt: skip


def test_a_key_is_the_uuid_or_a_hash() -> None:
    id = uuid.UUID("0123456789abcdef0fedcba987654321")
    for ids in ([str(id)], [str(id), "other"]):
        found = keys_of(pa.array(ids))
        assert (int(found[0, 0]) << 64) | int(found[0, 1]) == id.int
    told = int.from_bytes(hashlib.blake2b(b"other", digest_size=16).digest())
    assert (int(found[1, 0]) << 64) | int(found[1, 1]) == told
    assert keys_of(pa.array([str(id).upper()])).tolist() != keys_of(pa.array([str(id)])).tolist()
    assert keys_of(pa.array(["x" * 36, "0" * 36, "-" * 36])).shape == (3, 2)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20),
       st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20))  # fmt: skip
def test_keys_that_share_a_half_are_told_apart(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    def ordered(drawn: list[tuple[int, int]]) -> Any:
        made = np.array(drawn, np.uint64).reshape(-1, 2)
        return made[in_order(made)]

    mine, stored = ordered(one), ordered(other)
    assert [tuple(key) for key in mine.tolist()] == sorted(one)
    assert known(mine, stored).tolist() == [key in other for key in sorted(one)]
    assert repeated(mine).tolist() == [at > 0 and sorted(one)[at - 1] == key for at, key in enumerate(sorted(one))]


def test_stored_keys_come_back(tmp_path: Any) -> None:
    made = keys_of(pa.array([str(uuid.UUID(int=number << 60)) for number in range(100)]))
    (tmp_path / "keys").write_bytes(written(made))
    assert np.array_equal(read_keys(tmp_path / "keys", 100), made)
    assert read_keys(tmp_path / "none", 0).shape == (0, 2)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30),
       st.sampled_from([3, 1 << 30, 1 << 61]))  # fmt: skip
def test_rows_of_equal_columns_are_one_group(drawn: list[tuple[int, int, int]], size: int) -> None:
    columns = [(np.array(column, np.int64), size) for column in zip(*drawn, strict=True)]
    order, starts = groups(keys(columns))
    ends = [*starts[1:].tolist(), len(order)]
    found = [{drawn[row] for row in order[start:end]} for start, end in zip(starts.tolist(), ends, strict=True)]
    assert all(len(group) == 1 for group in found)
    assert len(found) == len(set(drawn))


@pytest.mark.parametrize(
    "address, wanted",
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("fe80::1%eth0", "fe80::/48"), ("", ""),
     ("ec2.amazonaws.com", "ec2.amazonaws.com"), ("AWS Internal", "AWS Internal"), ("a:b", "a:b"), ("1.2.3", "1.2.3")],
)  # fmt: skip
def test_networks(address: str, wanted: str) -> None:
    assert network(address) == wanted


@pytest.mark.parametrize(
    "agent, wanted",
    [("aws-cli/2.15 Python/3.11", "aws-cli"), ("[S3Console/0.4, aws-internal/3]", "S3Console"), ("", ""),
     ("console.amazonaws.com", "console.amazonaws.com"), ("Boto3", "Boto3"), ("x" * 99, "x" * 60)],
)  # fmt: skip
def test_families_of_agents(agent: str, wanted: str) -> None:
    assert family(agent) == wanted


def test_facts_come_back_as_they_were() -> None:
    told = [Fact("call", "s3:GetObject", "arn:aws:s3:::b/*", "1", "allowed"), Fact("implied", "p", "", "", "unknown")]
    assert unpacked(packed(told)) == told
    assert unpacked("") == []
    assert unpacked(packed([Fact("call", "p", "a\tb\nc", "", "allowed")]))[0].bucket == "a b c"
    with pytest.raises(ValueError, match="not facts"):
        unpacked("x")
