"""The journal: whole frames survive whatever cuts the file off; what is not ours is started over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from leastwise.model.scope import CoverageStatus
from leastwise.providers.collecting.journal import Header, Journal, Record, key

HEADER = Header(("aws", "account", "111111111111"), "2026-11-01T10:00:00+00:00", "plan")
LATER = Header(HEADER.scope, "2026-11-01T11:00:00+00:00", "plan")


def record(number: int, status: CoverageStatus = CoverageStatus.OK) -> Record:
    return Record(
        service="iam", call="ListX", region="r", parameters={"n": number}, page=0, status=status, body=b"{}" * number
    )


def written(path: Path, *records: Record) -> bytes:
    journal = Journal(path)
    journal.open(HEADER, resume=False)
    for one in records:
        journal.add(one)
    journal.close()
    return path.read_bytes()


def test_a_journal_gives_back_what_was_answered(tmp_path: Path) -> None:
    written(tmp_path / "j", record(1), record(2, CoverageStatus.FAILED), record(3))
    journal = Journal(tmp_path / "j")
    header, kept = journal.open(LATER, resume=True)
    assert header == HEADER
    assert kept == {key(one): one for one in (record(1), record(3))}, "what failed is asked again"
    journal.add(record(2))
    assert [one.status for one in journal.records()] == ["ok", "failed", "ok", "ok"]


@given(cut=some.integers(0, 400))
def test_a_file_cut_anywhere_gives_whole_records_and_can_be_gone_on_with(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "j"
    records = [record(number) for number in range(1, 4)]
    data = written(path, *records)
    path.write_bytes(data[:cut])
    journal = Journal(path)
    header, kept = journal.open(LATER, resume=True)
    assert list(kept.values()) == records[: len(kept)]
    assert header == (HEADER if kept else LATER)
    journal.add(record(9))
    assert [*kept.values(), record(9)] == list(journal.records())
    if cut >= len(data):
        assert len(kept) == 3


@pytest.mark.parametrize("junk", [b"", b"\x00", b"\xff" * 50, b"\x03\x00\x00\x00abc", b'{"a": 1}' * 20])
def test_a_foreign_file_is_started_over(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "j").write_bytes(junk)
    journal = Journal(tmp_path / "j")
    assert journal.open(HEADER, resume=True) == (HEADER, {})
    journal.add(record(1))
    assert list(journal.records()) == [record(1)]


def test_a_record_that_is_no_record_ends_the_journal(tmp_path: Path) -> None:
    data = written(tmp_path / "j", record(1))
    (tmp_path / "j").write_bytes(data + b"\x03\x00\x00\x00abc" + data[-20:])
    _, kept = Journal(tmp_path / "j").open(LATER, resume=True)
    assert list(kept.values()) == [record(1)]


@pytest.mark.parametrize(
    "other",
    [
        Header(HEADER.scope, HEADER.started, "another plan"),
        Header(HEADER.scope, "2026-11-03T10:00:00+00:00", "plan"),
    ],
)
def test_another_plan_or_another_day_is_started_over(tmp_path: Path, other: Header) -> None:
    written(tmp_path / "j", record(1))
    assert Journal(tmp_path / "j").open(other, resume=True) == (other, {})


def test_a_finished_scope_says_so_and_holds_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.open(HEADER, resume=False)
    journal.add(record(400))
    journal.finish()
    begun = Journal(tmp_path / "j").begun(LATER)
    assert begun is not None and begun.finished
    assert (tmp_path / "j").stat().st_size < 200
    assert Journal(tmp_path / "j").open(LATER, resume=True) == (LATER, {})


def test_only_the_owner_reads_a_journal(tmp_path: Path) -> None:
    written(tmp_path / "j")
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600
