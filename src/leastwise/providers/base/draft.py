"""The tables of an estate while rows of them are added, taken away and changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import empty, plain, table
from leastwise.model.tables import BY_NAME

from .scopes import ScopeTables

_OLDEST = datetime.min.replace(tzinfo=UTC)
_POINTING = ("policies", "attachments")
"""Tables that a fragment can have besides documents, and whose column `document` names a row of these."""


class Draft:
    """Tables by scope; a scope is named by its place in the estate."""

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        self.entries = tuple(scopes)
        self.tables = [dict(one.tables) for one in scopes]
        self.places: Sequence[int] = range(len(scopes))

    def scopes(self) -> list[ScopeTables]:
        """The scopes as they are now."""
        return [replace(one, tables=tables) for one, tables in zip(self.entries, self.tables, strict=True)]

    def among(self, chosen: Collection[int]) -> Draft:
        """A draft of some of the places alone, under the same numbers; what is done in it is done here, too."""
        found = Draft(self.entries)
        found.tables, found.places = self.tables, tuple(sorted(chosen))
        return found

    def held(self, place: int, name: str) -> pa.Table:
        """A table of a scope, with its texts written out."""
        held = self.tables[place].get(name)
        made = plain(held) if held is not None else empty(BY_NAME[name])
        self.tables[place][name] = made
        return made

    def found(self, name: str, /, **values: str | int) -> list[tuple[int, dict[str, Any]]]:
        """The rows with these values, in all scopes, with the place of each."""
        return [
            (place, row)
            for place in self.places
            if name in self.tables[place]
            for row in self._where(self.tables[place][name], **values).to_pylist()
        ]

    def spoken(self, name: str, column: str, values: Collection[str]) -> list[tuple[int, dict[str, Any]]]:
        """The rows whose column has one of these values, in all scopes, with the place of each."""
        wanted = pa.array(sorted(values), pa.string())
        found = []
        for place in self.places:
            held = self.tables[place].get(name)
            if held is not None and column in held.column_names:
                rows = held.filter(pc.is_in(held[column].cast(pa.string()), value_set=wanted)).to_pylist()
                found += [(place, row) for row in rows]
        return found

    def home(self, id: str) -> int | None:
        """The place that speaks for a container: the newest that was told of it, else one that names it."""
        known = [(bool(row.get("source")), self.entries[place].time or _OLDEST, place)
                 for place, row in self.found("scopes", id=id)]  # fmt: skip
        return max(known)[2] if known else None

    def text(self, place: int, row: int) -> bytes:
        """The bytes of a document."""
        return bytes(self.tables[place]["documents"]["text"][row].as_py())

    def mentioning(self, text: str) -> list[bytes]:
        """The documents of all scopes that hold a text, those that nothing names any more among them."""
        found: list[bytes] = []
        for place in self.places:
            held = self.tables[place].get("documents")
            if held is not None:
                mask = pc.match_substring(held["text"].cast(pa.binary()), text.encode())
                found += held["text"].filter(mask).to_pylist()
        return found

    def mask(self, held: pa.Table, /, **values: str | int) -> Any:
        """Which rows of a table have these values."""
        mask = pa.chunked_array([pa.repeat(pa.scalar(True), held.num_rows)])
        for column, value in values.items():
            mask = pc.and_(mask, pc.equal(held[column], value))
        return pc.fill_null(mask, False)

    def _where(self, held: pa.Table, /, **values: str | int) -> pa.Table:
        return held.filter(self.mask(held, **values))

    def count(self, place: int, name: str, /, **values: str | int) -> int:
        """How many rows of a scope have these values."""
        held = self.tables[place].get(name)
        return 0 if held is None else int(pc.sum(self.mask(held, **values)).as_py() or 0)

    def known(self, name: str, /, **values: str | int) -> bool:
        """Whether a row of any scope has these values."""
        return any(self.count(place, name, **values) for place in self.places)

    def take(self, place: int, name: str, kinds: Collection[str] | None = None, /, **values: str | int) -> int:
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

    def intern(self, place: int, made: Mapping[str, pa.Table], row: int = 0) -> int:
        """The row here of a document that others made; added with its statements if it is new."""
        held = self.held(place, "documents")
        hash = made["documents"]["hash"][row].as_py()
        at = int(pc.index(held["hash"], hash).as_py())
        if at >= 0:
            return at
        self.extend(place, "documents", made["documents"].slice(row, 1))
        statements = made["statements"]
        statements = statements.filter(pc.equal(statements["document"], row))
        number = statements.schema.get_field_index("document")
        field = statements.schema.field(number)
        rows = pa.array([held.num_rows] * statements.num_rows, field.type)
        self.extend(place, "statements", statements.set_column(number, field, rows))
        return int(held.num_rows)

    def merge(self, place: int, made: Mapping[str, pa.Table]) -> None:
        """Add what a fragment of a scope tells: principals and bundles that are not there, what is attached, gaps."""
        for name in _POINTING:
            if made[name].num_rows:
                self._merge_pointing(place, name, made)
        fresh = made["principals"]
        known = {row["id"] for _, row in self.spoken("principals", "id", fresh["id"].to_pylist())}
        self._extend_if_any(place, "principals", fresh, [one not in known for one in fresh["id"].to_pylist()])
        self._extend_if_any(place, "coverage", made["coverage"], [True] * made["coverage"].num_rows)

    def _merge_pointing(self, place: int, name: str, made: Mapping[str, pa.Table]) -> None:
        table = made[name]
        if name == "policies":
            known = {row["id"] for _, row in self.spoken("policies", "id", table["id"].to_pylist())}
            table = table.filter(pa.array([one not in known for one in table["id"].to_pylist()], pa.bool_()))
        number = table.schema.get_field_index("document")
        rows = [None if row is None else self.intern(place, made, row) for row in table["document"].to_pylist()]
        field = table.schema.field(number)
        self.extend(place, name, table.set_column(number, field, pa.array(rows, field.type)))

    def _extend_if_any(self, place: int, name: str, table: pa.Table, mask: list[bool]) -> None:
        if any(mask):
            self.extend(place, name, table.filter(pa.array(mask, pa.bool_())))
