"""Parts of the lake: Parquet files of one provider and month that were written together, and are never changed.

A part is a folder `lake/PROVIDER/MONTH/ID` with a file for each table that has rows, and the keys of its events.
It is written under `tmp`, synced and moved into place; it counts once the manifest lists it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from leastwise.engine.columns import CODED, arrow_schema, empty, repeated
from leastwise.errors import IntegrityError
from leastwise.model.snapshot import StoredFile
from leastwise.model.tables import TableSpec
from leastwise.model.tables.usage import CHANGES, EVENTS, LATER, SESSIONS, SIGHTINGS, USAGE

from ..files import HashingFile, remove_tree, sync, sync_tree, undoing
from ..home import Home
from .aggregate import sightings_of, usage_of
from .grouping import coded_column, groups, keys, numbers
from .keys import Keys, in_order, keys_of, read_keys, written

VERSION = 2
"""Of the tables of a part; raised when a column changes its meaning, or comes anew (`LATER`)."""
TABLES: tuple[TableSpec, ...] = (EVENTS, USAGE, SIGHTINGS, CHANGES, SESSIONS)
_BY_NAME = {spec.name: spec for spec in TABLES}
_KEYS = "keys"
_LEVEL, _GROUP = 1, 1 << 16
_DISTINCT = {
    "events": ("id", "credential", "session", "resource", "ip"),
    "changes": ("event",),
    "sessions": ("key", "by_key", "session", "event"),
}
"""Columns whose values hardly repeat: held and written as they are, without a list of words."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part. `begin` and `end` are its first and last event, in microseconds since 1970; `stats` see `stats_of`.

    `settled`: events that were taken in before are joined with the sessions that began in this part.
    """

    id: str
    provider: str
    month: str
    begin: int
    end: int
    events: int
    files: Mapping[str, StoredFile]
    stats: Mapping[str, Any] = field(default_factory=dict)
    settled: bool = True
    version: int = VERSION

    def overlaps(self, begin: int, end: int) -> bool:
        """Whether it may have events of a span, both ends included."""
        return self.begin <= end and begin <= self.end


def month_of(time: int) -> str:
    """`2026-01` of microseconds since 1970."""
    return str(np.datetime64(time, "us").astype("datetime64[M]"))


def write_part(
    home: Home,
    provider: str,
    events: pa.Table,
    changes: pa.Table,
    sessions: pa.Table,
    settled: bool,
    ordered: Keys | None = None,
) -> Part:
    """Writes a part of events of one month, with the changes and sessions that they made, and what is counted of them.

    `ordered` are the keys of the events in ascending order, where they are known.

    Raises:
        OSError: as the operating system says; what was written is removed then.
    """
    events = _sorted(events)
    time = numbers(events["time"])
    month = month_of(int(time[0]))
    part = Part(secrets.token_hex(8), provider, month, int(time.min()), int(time.max()), events.num_rows, {})
    tables = {
        "events": events, "usage": usage_of(events), "sightings": sightings_of(events), "changes": changes,
        "sessions": sessions,
    }  # fmt: skip
    place, draft = folder(home, part), home.tmp / f"lake-{part.id}"

    def removed() -> None:
        remove_tree(draft)
        remove_tree(place)

    with undoing(removed):
        draft.mkdir(mode=0o700)
        files = {}
        for name, table in tables.items():
            if table.num_rows:
                files[name] = _write(draft / f"{name}.parquet", table, f"{home.relative(place)}/{name}.parquet")
        if ordered is None:
            ordered = keys_of(events["id"].combine_chunks())
            ordered = ordered[in_order(ordered)]
        with HashingFile(draft / _KEYS) as file:
            file.write(written(ordered))
        files[_KEYS] = StoredFile(f"{home.relative(place)}/{_KEYS}", file.sha256, file.size, len(ordered))
        sync_tree(draft)
        for above in (place.parent.parent, place.parent):
            above.mkdir(mode=0o700, exist_ok=True)
        draft.rename(place)
        for above in (place.parent, place.parent.parent, home.lake):
            sync(above)
    return replace(part, files=files, stats=stats_of(events), settled=settled or not sessions.num_rows)


def folder(home: Home, part: Part) -> Any:
    """Where a part lies."""
    return home.lake / part.provider / part.month / part.id


def discard(home: Home, part: Part) -> None:
    """Removes the files of a part that no longer counts; OSError as the operating system says."""
    place = folder(home, part)
    if place.exists():
        grave = home.tmp / f"lake-{part.id}.deleted"
        remove_tree(grave)
        place.rename(grave)
        remove_tree(grave)


def read_part(home: Home, part: Part, name: str, columns: Sequence[str] | None = None, filters: Any = None) -> pa.Table:
    """A table of a part, or some columns of it; repeated texts as positions in lists of words.

    Raises:
        IntegrityError: a file is missing, or is not what was written.
    """
    spec = _BY_NAME[name]
    stored = part.files.get(name)
    if stored is None:
        found = empty(spec)
        return found if columns is None else found.select(list(columns))
    path = home.path / stored.path
    lacking = LATER.get(name, ()) if part.version < VERSION else ()
    whole = (*_DISTINCT.get(name, ()), *lacking)
    coded = [one.name for one in spec.columns if one.kind == "string" and one.name not in whole]
    try:
        actual = path.stat().st_size
        if actual != stored.size:
            raise IntegrityError(f"{stored.path}: {actual} bytes instead of {stored.size}")
        with pq.ParquetFile(path, read_dictionary=coded, memory_map=True, page_checksum_verification=True) as file:
            every = columns is None or filters is not None
            wanted = None if every else [one for one in columns or () if one not in lacking]
            table = _with(file.read(columns=wanted, use_threads=False), spec, lacking)
    except FileNotFoundError as error:
        raise IntegrityError(f"{stored.path}: missing") from error
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise IntegrityError(f"{stored.path}: damaged: {' '.join(str(error).split())[:200]}") from error
    if filters is not None:
        table = table.filter(filters)
    return table if columns is None else table.select(list(columns))


def _with(table: pa.Table, spec: TableSpec, lacking: Sequence[str]) -> pa.Table:
    """The table with empty texts in the columns that are lacking, each where the schema has it."""
    for name in lacking:
        place = min(spec.names().index(name), table.num_columns)
        table = table.add_column(place, pa.field(name, CODED, nullable=False), repeated("", table.num_rows))
    return table


def part_keys(home: Home, part: Part) -> Keys:
    """The keys of a part's events in ascending order, mapped. IntegrityError when the file is not what was written."""
    stored = part.files[_KEYS]
    path = home.path / stored.path
    try:
        if path.stat().st_size != stored.size:
            raise IntegrityError(f"{stored.path}: {path.stat().st_size} bytes instead of {stored.size}")
        return read_keys(path, stored.rows)
    except (OSError, ValueError) as error:
        raise IntegrityError(f"{stored.path}: {' '.join(str(error).split())[:200]}") from error


def stats_of(events: pa.Table) -> dict[str, Any]:
    """What `events --status` says of a part: events and span by account and log, and names that were not resolved."""
    account, log = coded_column(events, "account"), coded_column(events, "log")
    time = numbers(events["time"])
    order, starts = groups(keys([(account.codes, account.size), (log.codes, log.size)]))
    counts = np.diff(np.append(starts, len(order)))
    ordered = time[order]
    first, last = np.minimum.reduceat(ordered, starts), np.maximum.reduceat(ordered, starts)
    rows = order[starts]
    spans = [
        list(one)
        for one in zip(
            account.at(rows).to_pylist(), log.at(rows).to_pylist(), counts.tolist(), first.tolist(), last.tolist(),
            strict=True,
        )
    ]  # fmt: skip
    return {"spans": spans, "unresolved": _unresolved(events)}


def _unresolved(events: pa.Table) -> list[list[Any]]:
    what = coded_column(events, "what")
    rows = np.flatnonzero(what.codes == what.position("unknown"))
    if not len(rows) or what.position("unknown") < 0:
        return []
    source, name = coded_column(events, "source"), coded_column(events, "name")
    order, starts = groups(keys([(source.codes[rows], source.size), (name.codes[rows], name.size)]))
    counts = np.diff(np.append(starts, len(order)))
    first = rows[order[starts]]
    return [
        list(one) for one in zip(source.at(first).to_pylist(), name.at(first).to_pylist(), counts.tolist(), strict=True)
    ]


def _sorted(events: pa.Table) -> pa.Table:
    """By account, then time, so that one account's and one span's rows lie together."""
    account, time = coded_column(events, "account"), numbers(events["time"])
    names = account.words.to_pylist()
    rank = np.empty(max(len(names), 1), np.int64)
    rank[np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)] = np.arange(len(names))
    order = np.lexsort((time, rank[account.codes]))
    return events.take(pa.array(order))


def _write(path: Any, table: pa.Table, shown: str) -> StoredFile:
    spec = _BY_NAME[path.stem]
    plain = _DISTINCT.get(path.stem, ())
    arrays, fields = [], []
    for one, declared in zip(spec.columns, arrow_schema(spec), strict=True):
        column = table[one.name]
        if one.kind == "string":
            wanted = pa.string() if one.name in plain else CODED
            if column.type != wanted:
                column = column.cast(pa.string()) if wanted == pa.string() else pc.dictionary_encode(column)
            declared = declared.with_type(wanted)
        arrays.append(column)
        fields.append(declared)
    held = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    coded = [one.name for one in held.schema if one.type == CODED]
    with (
        HashingFile(path) as file,
        pq.ParquetWriter(
            file, held.schema, compression="zstd", compression_level=_LEVEL, write_page_checksum=True,
            use_dictionary=coded, write_statistics=["time"] if path.stem == "events" else False,
        ) as writer,
    ):  # fmt: skip
        writer.write_table(held, row_group_size=_group(table.num_rows))
    return StoredFile(shown, file.sha256, file.size, table.num_rows)


def _group(rows: int) -> int:
    """How many rows lie together: about as many in each group, since every group has all words of its columns."""
    return -(-rows // max(round(rows / _GROUP), 1))
