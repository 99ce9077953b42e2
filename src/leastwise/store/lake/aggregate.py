"""Events counted: the tables `usage` and `sightings` of some events, and such tables added up.

A count of some events and a count of others add up to the count of all: sums, first and last times. So each part of the
lake keeps the counts of its own events, and readers add them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import empty, table
from leastwise.model.tables import TableSpec
from leastwise.model.tables.usage import SIGHTINGS, USAGE
from leastwise.model.usage import BETWEEN, END, USED, Fact

from .grouping import Coded, coded_column, groups, keys, numbers
from .places import family, networks

DAY = 86_400_000_000
"""Microseconds of a day."""
_NEVER, _ALWAYS = np.iinfo(np.int64).max, np.iinfo(np.int64).min
_SUMS = ("count", "denied", "unknown")
_FIRSTS, _LASTS = ("first", "first_used"), ("last", "last_used")
Longs = npt.NDArray[np.int64]


def usage_of(events: pa.Table) -> pa.Table:
    """The usage of events that count for a principal and need a permission."""
    principal, permission, facts = (coded_column(events, name) for name in ("principal", "permission", "facts"))
    named = permission.codes != permission.position("")
    several = facts.codes != facts.position("")
    counted = (principal.codes != principal.position("")) & (named | several)
    rows = np.flatnonzero(counted & ~several)
    more, told = _spread(np.flatnonzero(counted & several), facts)
    every = np.concatenate((rows, more))
    if not len(every):
        return empty(USAGE)
    parts = {name: coded_column(events, name) for name in ("owner", "workload", "via", "grant_id", "provider", "log")}
    columns = {"principal": principal, **parts}
    columns = {name: Coded(one.codes[every], one.words) for name, one in columns.items()}
    columns["how"] = _both(Coded(np.zeros(len(rows), np.int64), pa.array(["call"])), told[0])
    own = (permission, *(coded_column(events, name) for name in ("bucket", "target", "outcome")))
    for name, one, other in zip(("permission", "bucket", "target", "outcome"), own, told[1:], strict=True):
        columns[name] = _both(Coded(one.codes[rows], one.words), other)
    outcome, time = columns.pop("outcome"), numbers(events["time"])[every]
    used = _among(outcome, USED)
    figures = {
        "count": used.astype(np.int64),
        "denied": _among(outcome, ("denied",)).astype(np.int64),
        "unknown": _among(outcome, ("unknown",)).astype(np.int64),
        "first": time,
        "last": time,
        "first_used": np.where(used, time, _NEVER),
        "last_used": np.where(used, time, _ALWAYS),
    }
    columns["account"], columns["source"] = columns.pop("owner"), columns.pop("log")
    return _counted(USAGE, columns, time // DAY, figures)


def sightings_of(events: pa.Table) -> pa.Table:
    """From where and with what the credentials of principals called."""
    principal, ip = coded_column(events, "principal"), coded_column(events, "ip")
    rows = np.flatnonzero(principal.codes != principal.position(""))
    if not len(rows):
        return empty(SIGHTINGS)
    columns = {
        name: coded_column(events, source)
        for name, source in (("provider", "provider"), ("account", "owner"), ("workload", "workload"),
                             ("source", "log"))
    }  # fmt: skip
    columns["principal"] = principal
    columns["network"] = _renamed(ip, networks(ip.words))
    agent = coded_column(events, "agent")
    columns["agent"] = _renamed(agent, [family(one) for one in agent.words.to_pylist()])
    columns["credential"] = _lasting(events)
    columns = {name: Coded(one.codes[rows], one.words) for name, one in columns.items()}
    mfa = events["mfa"].combine_chunks()
    flag = np.where(pc.is_null(mfa).to_numpy(zero_copy_only=False), 2,
                    pc.fill_null(mfa, False).to_numpy(zero_copy_only=False).astype(np.int64))  # fmt: skip
    time = numbers(events["time"])[rows]
    denied = _among(coded_column(events, "outcome"), ("denied",))[rows].astype(np.int64)
    figures = {"count": np.ones(len(rows), np.int64), "denied": denied, "first": time, "last": time}
    return _counted(SIGHTINGS, columns, time // DAY, figures, flag[rows])


def added_up(spec: TableSpec, tables: Sequence[pa.Table]) -> pa.Table:
    """One table of several of `usage` or of `sightings`: rows of equal key become one."""
    held = [one for one in tables if one.num_rows]
    if not held:
        return empty(spec)
    if len(held) == 1:
        return held[0]
    names = [one.name for one in spec.columns if one.kind == "string"]
    parts = [{name: coded_column(one, name) for name in names} for one in held]
    columns = {name: _stacked([part[name] for part in parts]) for name in names}
    day = np.concatenate([numbers(one["day"]) for one in held])
    figures = {}
    for one in spec.columns:
        if one.name in (*_SUMS, *_FIRSTS, *_LASTS):
            figures[one.name] = np.concatenate([numbers(part[one.name]) for part in held])
    for name in ("first_used",):
        if name in figures:
            figures[name] = np.where(figures[name] == _ALWAYS, _NEVER, figures[name])
    flag = np.concatenate([_flag(one) for one in held]) if spec is SIGHTINGS else None
    return _counted(spec, columns, day, figures, flag)


def _flag(sightings: pa.Table) -> Longs:
    """0 no, 1 yes, 2 not known."""
    return numbers(pc.fill_null(sightings["mfa"].cast(pa.int64()), 2))


def _counted(
    spec: TableSpec, columns: dict[str, Coded], day: Longs, figures: dict[str, Longs], flag: Longs | None = None
) -> pa.Table:
    """One row for rows that agree in all columns and the day."""
    names = [*_LEADING, *sorted(set(columns) - set(_LEADING))]
    begin = int(day.min())
    sized = [(columns[name].codes, columns[name].size) for name in names]
    sized.append((day - begin, int(day.max()) - begin + 1))
    if flag is not None:
        sized.append((flag, 3))
    order, starts = groups(keys(sized))
    made: dict[str, Any] = {name: columns[name].at(order[starts]) for name in names}
    made["day"] = pa.array(day[order[starts]].astype(np.int32))
    for name, values in figures.items():
        ordered = values[order]
        if name in _SUMS:
            made[name] = pa.array(np.add.reduceat(ordered, starts).astype(np.int32))
        else:
            found = (np.minimum if name in _FIRSTS else np.maximum).reduceat(ordered, starts)
            absent = (found == _NEVER) | (found == _ALWAYS)
            made[name] = pa.array(found, mask=absent).cast(pa.timestamp("us", tz="UTC"))
    if flag is not None:
        kept = flag[order[starts]]
        made["mfa"] = pa.array(kept == 1, mask=kept == 2)
    return table(spec, made)


_LEADING = ("account", "principal")
"""Columns that rows are sorted by first."""


def _spread(rows: Longs, facts: Coded) -> tuple[Longs, list[Coded]]:
    """Each row once for every fact of its text, and the parts of those facts as columns."""
    texts, codes = np.unique(facts.codes[rows], return_inverse=True)
    lines = pc.split_pattern(facts.words.take(pa.array(texts, pa.int64())), END)
    width = pc.list_value_length(lines).to_numpy(zero_copy_only=False).astype(np.int64)
    parts = pc.split_pattern(lines.flatten(), BETWEEN)
    size = len(Fact._fields)
    if len(parts) and pc.any(pc.not_equal(pc.list_value_length(parts), size)).as_py():
        raise ValueError("a text of facts has other parts than facts have")
    flat = parts.flatten()
    begins, times = np.cumsum(width) - width, width[codes]
    spread = np.repeat(rows, times)
    within = np.arange(len(spread)) - np.repeat(np.cumsum(times) - times, times)
    at = np.repeat(begins[codes], times) + within
    columns = []
    for part in range(size):
        column = flat.take(pa.array(np.arange(part, len(flat), size))).dictionary_encode()
        held = column.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        columns.append(Coded(held[at], column.dictionary))
    return spread, columns


def _among(column: Coded, words: Sequence[str]) -> npt.NDArray[np.bool_]:
    chosen = np.zeros(column.size, bool)
    for word in words:
        if (at := column.position(word)) >= 0:
            chosen[at] = True
    return chosen[column.codes]


def _renamed(column: Coded, names: Sequence[str] | pa.Array) -> Coded:
    """The column with each word replaced; words that become the same are one."""
    fresh = (names if isinstance(names, pa.Array) else pa.array(names, pa.string())).dictionary_encode()
    place = fresh.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Coded(place[column.codes], fresh.dictionary)


def _lasting(events: pa.Table) -> Coded:
    """The credential, but for those that are made for a session: they are one word."""
    temporary = events["temporary"].combine_chunks().to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(~temporary)  # keys of sessions are many, and each its own word
    column = coded_column(events.select(["credential"]).take(pa.array(rows)), "credential")
    codes = np.full(len(temporary), len(column.words), np.int64)
    codes[rows] = column.codes
    return Coded(codes, pa.concat_arrays([column.words.cast(pa.string()), pa.array(["session"])]))


def _stacked(columns: Sequence[Coded]) -> Coded:
    """Columns one below another."""
    before, words = 0, []
    codes = []
    for one in columns:
        codes.append(one.codes + before)
        words.append(one.words)
        before += len(one.words)
    return _renamed(Coded(np.concatenate(codes), pa.array([])), pa.concat_arrays(words))


def _both(one: Coded, other: Coded) -> Coded:
    return _stacked((one, other)) if len(other.codes) else one
