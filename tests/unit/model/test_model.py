"""Values of the model: keys that never change, ranks, ages, and tables whose declarations hold together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.decision import Needed
from leastwise.model.finding import Finding, Severity
from leastwise.model.scope import Scope
from leastwise.model.snapshot import Estate, EstateEntry, Manifest, SnapshotState
from leastwise.model.tables import BY_NAME, FACT_TABLES, SCHEMA_VERSION, VIEW_TABLES, Column, TableSpec
from leastwise.model.tables.schema import column

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = st.text("ab/:", max_size=4)


def finding(rule: str, provider: str, subject: str, resource: str, message: str = "", account: str = "1") -> Finding:
    severity = Severity.HIGH if message else Severity.LOW
    return Finding(rule, severity, provider, account, subject, resource, "title", message, "remedy")


def test_the_key_of_a_finding_is_the_same_for_ever() -> None:
    assert finding("aws-example", "aws", "arn:aws:iam::1:user/a", "").key == "39d41fc81d0e1fb4"


@given(st.tuples(WORDS, WORDS, WORDS, WORDS), st.tuples(WORDS, WORDS, WORDS, WORDS))
def test_keys_tell_findings_apart_by_what_they_are_about_alone(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    assert (finding(*one).key == finding(*other).key) == (one == other)
    assert finding(*one, message="later", account="2").key == finding(*one).key
    assert len(finding(*one).key) == 16


def test_severities_rank_from_info_to_critical() -> None:
    assert [one.value for one in sorted(Severity, key=lambda one: one.rank)] == [
        "info", "low", "medium", "high", "critical",
    ]  # fmt: skip
    assert (Severity.INFO.rank, Severity.CRITICAL.rank) == (0, 4)


def test_a_scope_is_known_by_provider_and_id_whatever_its_kind() -> None:
    assert Scope("aws", "account", "1").key == Scope("aws", "organization", "1").key == "aws:1"
    assert sorted([Scope("b", "x", "1"), Scope("a", "y", "2"), Scope("a", "y", "1")])[0] == Scope("a", "y", "1")


def entry(days: int | None) -> EstateEntry:
    scope = Scope("aws", "account", str(days))
    if days is None:
        return EstateEntry(None, scope, stale=True)
    time = NOW - timedelta(days=days)
    return EstateEntry(Manifest(str(days), scope, 1, time, NOW, SnapshotState.COMPLETE, {}, 3, "0"), scope)


@pytest.mark.parametrize(("ages", "oldest"), [((), None), ((None,), None), ((3, None, 9, 1), 9), ((2,), 2)])
def test_an_estate_is_as_old_as_its_oldest_part(ages: tuple[int | None, ...], oldest: int | None) -> None:
    estate = Estate(NOW, tuple(map(entry, ages)))
    assert estate.oldest == (None if oldest is None else NOW - timedelta(days=oldest))
    assert [one.id for one in estate.manifests] == [str(days) for days in ages if days is not None]


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        (Needed("aws:SourceIp", "IpAddress", ("203.0.113.0/24",)), "IpAddress aws:SourceIp = 203.0.113.0/24"),
        (Needed("k", "StringEquals", ("a", "b"), negated=True), "not StringEquals k = a, b"),
    ],
)
def test_a_needed_condition_reads_as_text(needed: Needed, text: str) -> None:
    assert str(needed) == text


KINDS = {"string", "bool", "int", "time", "binary", "strings", "tags"}


def test_a_question_mark_makes_a_column_optional() -> None:
    assert column("a", "string?", "doc") == Column("a", "string", "doc", True)
    assert column("a", "strings", "doc") == Column("a", "strings", "doc", False)


@pytest.mark.parametrize("spec", [*FACT_TABLES, *VIEW_TABLES], ids=lambda spec: spec.name)
def test_tables_are_declared_whole(spec: TableSpec) -> None:
    assert BY_NAME[spec.name] is spec and spec.row and not spec.row.endswith(".")
    names = spec.names()
    assert len(set(names)) == len(names) and all(name.isidentifier() and name.islower() for name in names)
    assert {one.kind for one in spec.columns} <= KINDS
    assert all(one.doc and "\n" not in one.doc for one in spec.columns)


def test_every_table_has_its_name_alone() -> None:
    assert len(BY_NAME) == len(FACT_TABLES) + len(VIEW_TABLES) == 21 and SCHEMA_VERSION >= 3
    assert all(spec.names()[:2] == ("provider", "account") for spec in VIEW_TABLES)
