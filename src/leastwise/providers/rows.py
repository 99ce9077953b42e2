"""Columns of a declared table while they are being filled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import column_of, empty, joined, table
from leastwise.errors import InputError
from leastwise.model.tables import FACT_TABLES, TableSpec

_DEFAULTS: dict[str, Any] = {
    "string": "",
    "time": None,
    "bool": False,
    "int": 0,
    "binary": b"",
    "strings": (),
    "tags": (),
}
_TIME = pa.timestamp("us", tz="UTC")


class Rows:
    """A table under construction: whole columns by `extend`, single rows by `add`."""

    def __init__(self, spec: TableSpec) -> None:
        self.spec = spec
        self.columns: dict[str, list[Any]] = {name: [] for name in spec.names()}
        self._defaults = {c.name: None if c.optional else _DEFAULTS[c.kind] for c in spec.columns}
        self.count = 0
        self._packed: list[pa.Table] = []
        self._settled: dict[str, list[pa.Array]] = {}
        self._settling = True
        self._specs = {column.name: column for column in spec.columns}

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

    def settle(self, kept: Collection[str], least: int) -> None:
        """If there are at least so many rows, turn all but the `kept` columns into Arrow; their values are let go of.

        `columns` then holds only the values that came since. What does not fit its column is left to `to_table`.
        """
        names = [name for name in self.columns if name not in kept]
        if not self._settling or len(self.columns[names[0]]) < least:
            return
        try:
            ready = {name: self._rest(name) for name in names}
        except (ValueError, TypeError, OverflowError):
            self.unsettle()
            self._settling = False
            return
        for name, array in ready.items():
            self._settled.setdefault(name, []).append(array)
            self.columns[name].clear()

    def unsettle(self) -> None:
        """Turn settled columns into values again."""
        for name, parts in self._settled.items():
            self.columns[name][:0] = [value for part in parts for value in part.to_pylist()]
        self._settled = {}

    def values(self, name: str) -> list[Any]:
        """All values of a column of rows that are not packed."""
        settled = [value for part in self._settled.get(name, ()) for value in part.to_pylist()]
        return settled + self.columns[name]

    def column(self, name: str) -> pa.ChunkedArray:
        """All values of a column of rows that are not packed, as Arrow."""
        rest = self._rest(name)
        parts = [*self._settled.get(name, ()), *(rest.chunks if isinstance(rest, pa.ChunkedArray) else [rest])]
        return pa.chunked_array(parts, rest.type)

    def _rest(self, name: str) -> pa.Array | pa.ChunkedArray:
        """The values of a column that are not settled, as Arrow."""
        column, values = self._specs[name], self.columns[name]
        return column_of(self.spec, column, times(values) if column.kind == "time" else values)

    def pack(self) -> None:
        """Turn the rows so far into Arrow columns, so that their values need not be kept."""
        if not any(self.columns.values()) and not self._settled:
            return
        self._packed.append(self._table())
        self._clear()

    def take_over(self, other: Rows) -> None:
        """Add all rows of another table under construction."""
        self.extend(other.count, **other.columns)

    def replace(self, ready: pa.Table) -> None:
        """Put these rows in place of all that are there."""
        self._clear()
        self._packed, self.count = [ready], ready.num_rows

    def append(self, ready: pa.Table) -> None:
        """Add rows that are Arrow columns already."""
        self.pack()
        self._packed.append(ready)

    def to_table(self) -> pa.Table:
        """The finished Arrow table; texts in time columns are parsed as ISO 8601."""
        if not any(self.columns.values()) and not self._settled:
            return joined(self._packed) if self._packed else empty(self.spec)
        return joined([*self._packed, self._table()]) if self._packed else self._table()

    def _table(self) -> pa.Table:
        return table(
            self.spec, {name: self.column(name) if self._settled else self._rest(name) for name in self.columns}
        )

    def _clear(self) -> None:
        self._settled = {}
        for values in self.columns.values():
            values.clear()


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

    def finished(self, otherwise: str) -> dict[str, pa.Table]:
        """Every table, by name.

        Raises:
            InputError: a value does not fit its column, naming the source of its row; `otherwise` where none tells it.
        """
        result = {}
        for name, rows in self.tables.items():
            try:
                result[name] = rows.to_table()
            except (ValueError, TypeError, OverflowError) as error:
                raise _blamed(rows, otherwise, error) from None
        return result


def _blamed(rows: Rows, otherwise: str, error: Exception) -> InputError:
    """The error with the file whose value does not fit its column: found by trying each row alone."""
    rows.unsettle()
    names = rows.spec.names()
    source = rows.columns.get("source", [])
    for index, place in enumerate(source):
        one = Rows(rows.spec)
        one.add(**{name: rows.columns[name][index] for name in names})
        try:
            one.to_table()
        except (ValueError, TypeError, OverflowError) as cause:
            return InputError(place, f"{rows.spec.name}: {cause}")
    return InputError(otherwise, f"{rows.spec.name}: {error}")


def times(values: Sequence[str | float | datetime | None]) -> pa.Array:
    """Timestamps (UTC, microseconds) from the forms in which vendors print them.

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
