"""Arrays of an estate by what they hold: texts, rows, and everybody whom it names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.sparse import Lookup, Rows, Texts


class Held:
    """A compiled estate. Members are numbered in the order of their ids (`member.id`).

    Args:
        arrays: as the provider compiles them.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.facts: Mapping[str, Any] = arrays.facts
        self.members = self.texts("member.id")
        self._member_lookup = self.lookup("member.id")

    def texts(self, name: str) -> Texts:
        """Texts by the name of their arrays."""
        return Texts(self.arrays[f"{name}.starts"], self.arrays[f"{name}.blob"])

    def rows(self, name: str) -> Rows:
        """Rows by the name of their arrays."""
        return Rows(self.arrays[f"{name}.starts"], self.arrays[f"{name}.values"])

    def lookup(self, name: str) -> Lookup:
        """A lookup of texts by the name of their arrays."""
        return Lookup(self.arrays[f"{name}.sums"], self.arrays[f"{name}.order"])

    def member_number(self, id: str) -> int | None:
        """The number of somebody by id, None for one whom nothing names."""
        return self._member_lookup.find(self.members, id)

    def word(self, column: str, number: int) -> str:
        """What a coded column of members says of one; empty for nothing."""
        code = int(self.arrays[f"member.{column}"][number])
        return self.words(column)[code] if code >= 0 else ""

    def words_of(self, column: str, numbers: Array) -> list[str]:
        """What a coded column of members says of several; empty for nothing."""
        words = self.words(column)
        return [words[code] if code >= 0 else "" for code in self.arrays[f"member.{column}"][numbers].tolist()]

    def words(self, column: str) -> list[str]:
        """The words of a coded column of members."""
        if column not in self._words:
            self._words[column] = self.texts(f"member.{column}.texts").all()
        return self._words[column]

    @cached_property
    def _words(self) -> dict[str, list[str]]:
        return {}
