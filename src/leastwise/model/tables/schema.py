"""What a table is: its name, what one row is, its columns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind and what it says."""

    name: str
    kind: str
    doc: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: its name, what one row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)


def column(name: str, kind: str, doc: str) -> Column:
    """A column; a kind that ends in `?` may be null."""
    return Column(name, kind.removesuffix("?"), doc, kind.endswith("?"))
