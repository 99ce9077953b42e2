"""Columns of a declared table while they are being filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import joined, table
from leastwise.model.tables import FACT_TABLES, TableSpec

_DEFAULTS: dict[str, Any] = {"string": "", "bool": False, "int": 0, "binary": b"", "strings": (), "tags": ()}
_TIME = pa.timestamp("us", tz="UTC")


class Rows:
    """A table under construction: whole columns by `extend`, single rows by `add`."""

    def __init__(self, spec: TableSpec) -> None:
        self.spec = spec
        self.columns: dict[str, list[Any]] = {name: [] for name in spec.names()}
        self._defaults = {c.name: None if c.optional else _DEFAULTS[c.kind] for c in spec.columns}
        self.count = 0
        self._packed: list[pa.Table] = []

    def add(self, **values: Any) -> None:
        """Append one row; columns not named get null where that is allowed, else the empty value of their kind."""
        for name, default in self._defaults.items():
            self.columns[name].append(values.pop(name, default))
        if values:
            raise KeyError(f"{self.spec.name}: undeclared columns {sorted(values)}")
        self.count += 1

    def add_all(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """As `add`, for many rows."""
        undeclared = set().union(*rows) - set(self._defaults) if rows else ()
        if undeclared:
            raise KeyError(f"{self.spec.name}: undeclared columns {sorted(undeclared)}")
        for name, default in self._defaults.items():
            self.columns[name] += [row.get(name, default) for row in rows]
        self.count += len(rows)

    def extend(self, count: int, **values: Sequence[Any] | Iterable[Any]) -> None:
        """Append `count` rows given as columns; a column not named is filled as in `add`."""
        for name, default in self._defaults.items():
            given = values.pop(name, None)
            self.columns[name].extend([default] * count if given is None else given)
        if values:
            raise KeyError(f"{self.spec.name}: undeclared columns {sorted(values)}")
        self.count += count

    def pack(self) -> None:
        """Turn the rows so far into Arrow columns, so that their values need not be kept."""
        if not any(self.columns.values()):
            return
        self._packed.append(self._table())
        for values in self.columns.values():
            values.clear()

    def take_over(self, other: Rows) -> None:
        """Add all rows of another table under construction."""
        self.extend(other.count, **other.columns)

    def replace(self, ready: pa.Table) -> None:
        """Put these rows in place of all that are there."""
        for values in self.columns.values():
            values.clear()
        self._packed, self.count = [ready], ready.num_rows

    def append(self, ready: pa.Table) -> None:
        """Add rows that are Arrow columns already."""
        self.pack()
        self._packed.append(ready)

    def to_table(self) -> pa.Table:
        """The finished Arrow table; texts in time columns are parsed as ISO 8601."""
        if self._packed and not any(self.columns.values()):
            return joined(self._packed)
        return joined([*self._packed, self._table()]) if self._packed else self._table()

    def _table(self) -> pa.Table:
        ready: dict[str, Any] = {
            c.name: times(self.columns[c.name]) if c.kind == "time" else self.columns[c.name] for c in self.spec.columns
        }
        return table(self.spec, ready)


class Facts:
    """All fact tables of one snapshot under construction, an attribute a table.

    `subjects` holds (kind, subject, account) of every subject in the trusts table, in order.
    """

    def __init__(self) -> None:
        self.tables = {spec.name: Rows(spec) for spec in FACT_TABLES}
        self.subjects: dict[tuple[str, str, str | None], None] = {}

    def __getattr__(self, name: str) -> Rows:
        try:
            return self.__dict__["tables"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None


def times(values: Sequence[str | float | datetime | None]) -> pa.Array:
    """Timestamps (UTC, microseconds) from the forms in which AWS tools print them.

    ISO 8601 with `T` or a space, with `Z` or an offset; seconds since 1970 as a number; null stays null. A text that is
    no time raises ValueError naming it.
    """
    if all(value is None or isinstance(value, datetime) for value in values):
        return pa.array(values, type=_TIME)
    try:
        return pa.array(values, type=pa.string()).cast(_TIME)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([one_time(value) for value in values], type=_TIME)


def one_time(value: str | float | datetime | None) -> datetime | None:
    """One time as `times` reads it; without an offset it is UTC. Raises ValueError naming a text that is no time."""
    if value is None or isinstance(value, datetime):
        return value
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{value!r} is not a time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
