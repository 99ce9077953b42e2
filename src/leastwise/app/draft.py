"""The tables of an estate while rows of them are added, taken away and changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import empty, plain, table
from leastwise.model.tables import BY_NAME
from leastwise.providers.base import ScopeTables


class Draft:
    """Tables by scope; a scope is named by its place in the estate."""

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        self.entries = tuple(scopes)
        self.tables = [dict(one.tables) for one in scopes]
        self.places = range(len(scopes))

    def scopes(self) -> list[ScopeTables]:
        """The scopes as they are now."""
        told = zip(self.entries, self.tables, strict=True)
        return [ScopeTables(one.kind, one.id, tables, one.readable) for one, tables in told]

    def held(self, place: int, name: str) -> pa.Table:
        """A table of a scope, with its texts written out."""
        held = self.tables[place].get(name)
        made = plain(held) if held is not None else empty(BY_NAME[name])
        self.tables[place][name] = made
        return made

    def found(self, name: str, /, **values: str) -> list[tuple[int, dict[str, Any]]]:
        """The rows with these values, in all scopes, with the place of each."""
        return [
            (place, row)
            for place in self.places
            if name in self.tables[place]
            for row in self._where(self.tables[place][name], **values).to_pylist()
        ]

    def mask(self, held: pa.Table, /, **values: str) -> Any:
        """Which rows of a table have these values."""
        mask = pa.chunked_array([pa.repeat(pa.scalar(True), held.num_rows)])
        for column, value in values.items():
            mask = pc.and_(mask, pc.equal(held[column], value))
        return pc.fill_null(mask, False)

    def _where(self, held: pa.Table, /, **values: str) -> pa.Table:
        return held.filter(self.mask(held, **values))

    def count(self, place: int, name: str, /, **values: str) -> int:
        """How many rows of a scope have these values."""
        held = self.tables[place].get(name)
        return 0 if held is None else int(pc.sum(self.mask(held, **values)).as_py() or 0)

    def known(self, name: str, /, **values: str) -> bool:
        """Whether a row of any scope has these values."""
        return any(self.count(place, name, **values) for place in self.places)

    def take(self, place: int, name: str, kinds: Collection[str] | None = None, /, **values: str) -> int:
        """Take away the rows with these values (of some kinds); how many there were."""
        held = self.held(place, name)
        mask = self.mask(held, **values)
        if kinds is not None:
            mask = pc.and_(mask, pc.is_in(held["kind"], value_set=pa.array(sorted(kinds), pa.string())))
        self.tables[place][name] = held.filter(pc.invert(mask))
        return int(pc.sum(mask).as_py() or 0)

    def append(self, place: int, name: str, /, **values: Any) -> None:
        """Add a row; every column that is not optional has a value."""
        spec = BY_NAME[name]
        row = {one.name: [values.get(one.name) if one.optional else values[one.name]] for one in spec.columns}
        self.extend(place, name, table(spec, row))

    def extend(self, place: int, name: str, more: pa.Table) -> None:
        """Add rows, of which those columns are kept that the table has."""
        held = self.held(place, name)
        self.tables[place][name] = pa.concat_tables([held, more.select(held.column_names).cast(held.schema)])

    def change(self, place: int, name: str, where: dict[str, str], /, **values: Any) -> int:
        """Put values into columns of the rows that have some others; columns that were not read stay out."""
        held = self.held(place, name)
        mask = self.mask(held, **where)
        for column, value in values.items():
            number = held.schema.get_field_index(column)
            if number >= 0:
                field = held.schema.field(number)
                held = held.set_column(number, field, pc.if_else(mask, pa.scalar(value, field.type), held[column]))
        self.tables[place][name] = held
        return int(pc.sum(mask).as_py() or 0)
