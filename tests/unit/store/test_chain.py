"""Chain rows: what is written is read back, and no field can be changed, no row be taken out, unseen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import IntegrityError
from leastwise.model.scope import Coverage, CoverageStatus, Scope
from leastwise.model.snapshot import Manifest, SnapshotState, StoredFile
from leastwise.store.chain import decode, digest, encode, row_fault, seal

START: tuple[int, str] = (0, "")
MANIFEST = Manifest(
    id="222222222222-20261101T120000Z",
    scope=Scope("aws", "account", "222222222222"),
    sequence=0,
    time=datetime(2026, 11, 1, 12, tzinfo=UTC),
    committed=datetime(2026, 11, 1, 12, 5, 0, 123456, tzinfo=UTC),
    state=SnapshotState.COMPLETE,
    files={"principals": StoredFile("snapshots/a/principals.parquet", "ab" * 32, 1234, 7)},
    schema_version=3,
    engine_version="0.1",
    coverage=(Coverage("iam", "ListUsers", CoverageStatus.DENIED, "AccessDenied", "who there is"),),
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TIMES = st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.just(UTC))
MANIFESTS = st.builds(
    Manifest,
    id=TEXTS,
    scope=st.builds(Scope, TEXTS, TEXTS, TEXTS),
    sequence=st.integers(1, 10**6),
    time=TIMES,
    committed=TIMES,
    state=st.sampled_from(SnapshotState),
    files=st.dictionaries(TEXTS, st.builds(StoredFile, TEXTS, TEXTS, st.integers(0), st.integers(0)), max_size=3),
    schema_version=st.integers(1, 9),
    engine_version=TEXTS,
    coverage=st.lists(
        st.builds(Coverage, TEXTS, TEXTS, st.sampled_from(CoverageStatus), TEXTS, TEXTS, TEXTS), max_size=2
    ).map(tuple),
    tombstone_of=TEXTS,
    reason=TEXTS,
    previous=TEXTS,
    hash=TEXTS,
)


@given(MANIFESTS)
def test_what_is_written_is_read_back(manifest: Manifest) -> None:
    assert decode(encode(manifest)) == manifest


@given(MANIFESTS, st.integers(0, 5), TEXTS)
def test_a_sealed_row_follows_its_head_and_no_other(manifest: Manifest, sequence: int, previous: str) -> None:
    linked = seal(manifest, (sequence, previous))
    assert (linked.sequence, linked.previous) == (sequence + 1, previous)
    row = encode(linked)
    assert row_fault(row, (sequence, previous)) is None
    assert "gap" in (row_fault(row, (sequence + 1, previous)) or "")
    assert "broken" in (row_fault(row, (sequence, previous + "x")) or "")


CHANGES: dict[str, Any] = {
    "id": "other",
    "scope_key": "aws:111111111111",
    "provider": "gcp",
    "scope_kind": "organization",
    "scope_id": "111111111111",
    "sequence": 2,
    "time": "2026-11-01T12:00:00.000001Z",
    "committed": "2026-11-02T12:05:00.123456Z",
    "state": "unreadable",
    "files": "{}",
    "schema_version": 4,
    "engine_version": "0.2",
    "coverage": "[]",
    "tombstone_of": "x",
    "reason": "x",
    "previous": "x",
    "hash": "0" * 64,
}


def test_every_column_has_a_change() -> None:
    assert set(CHANGES) == set(encode(MANIFEST))


@pytest.mark.parametrize("column", CHANGES)
def test_no_column_can_be_changed_unseen(column: str) -> None:
    row = encode(seal(MANIFEST, START))
    assert row_fault(row, START) is None
    fault = row_fault(row | {column: CHANGES[column]}, START)
    assert fault is not None and "the row was changed" in fault


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("time", "2026-11-01"),
        ("time", None),
        ("state", "lost"),
        ("files", "[]"),
        ("files", '{"principals": []}'),
        ("files", "not json"),
        ("coverage", '[["iam","ListUsers","fine","",""]]'),
        ("coverage", "7"),
        ("sequence", "1"),
        ("files", None),
    ],
)
def test_a_row_that_cannot_be_read_is_a_fault_and_no_crash(column: str, value: object) -> None:
    row = encode(seal(MANIFEST, START)) | {column: value}
    assert "the row was changed" in (row_fault(row, START) or "")
    if column != "sequence":
        with pytest.raises(IntegrityError, match=f"^state database: snapshot {MANIFEST.id}: the row cannot be read"):
            decode(row)


def test_a_row_written_another_way_is_changed_though_it_means_the_same() -> None:
    row = encode(seal(MANIFEST, START))
    assert row_fault(row | {"coverage": row["coverage"].replace(",", ", ")}, START) is not None


def test_the_hash_covers_everything_but_itself() -> None:
    assert digest(MANIFEST) == digest(replace(MANIFEST, hash="anything"))
    assert digest(MANIFEST) != digest(replace(MANIFEST, previous="anything"))
    order = {"b": StoredFile("b", "", 1), "a": StoredFile("a", "", 1)}
    assert digest(replace(MANIFEST, files=order)) == digest(replace(MANIFEST, files=dict(sorted(order.items()))))


def test_a_moment_is_one_text_in_whatever_zone() -> None:
    there = MANIFEST.time.astimezone(timezone(timedelta(hours=-7)))
    assert encode(replace(MANIFEST, time=there)) == encode(MANIFEST)


def test_a_chain_of_rows_breaks_where_one_is_taken_out() -> None:
    rows, head = [], START
    for number in range(4):
        linked = seal(replace(MANIFEST, id=str(number)), head)
        rows.append(encode(linked))
        head = (linked.sequence, linked.hash)

    def faults(kept: list[dict[str, Any]]) -> list[str | None]:
        heads = [START, *((row["sequence"], row["hash"]) for row in kept)]
        return [row_fault(row, before) for row, before in zip(kept, heads, strict=False)]

    assert faults(rows) == [None] * 4
    assert [fault is None for fault in faults([*rows[:1], *rows[2:]])] == [True, False, True]
    assert [fault is None for fault in faults([rows[1], rows[0], *rows[2:]])] == [False, False, False, True]


def test_coverage_without_an_account_is_written_as_before_there_was_one() -> None:
    told = ["iam", "ListUsers", "denied", "AccessDenied", "who there is"]
    assert json.loads(encode(MANIFEST)["coverage"]) == [told]
    (one,) = MANIFEST.coverage
    apart = replace(MANIFEST, coverage=(replace(one, account="projects/1"),))
    assert json.loads(encode(apart)["coverage"]) == [[*told, "projects/1"]]
    assert decode(encode(apart)).coverage == apart.coverage
