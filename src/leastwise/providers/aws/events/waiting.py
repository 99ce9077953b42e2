"""Records that wait to be told, as columns, and what numbers the words in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .record import Record

WHAT = ("source", "name", "type", "category", "management", "read_only")
WHERE = ("region", "recipient")
"""Fields that say what was called, and in whose log it stands."""
_COLUMNS = (*WHAT, *WHERE, "time", "id", "ip", "agent", "error")


class Words(dict[Any, int]):
    """Numbers of words, in the order in which they came; what is missing is the first."""

    def __missing__(self, word: Any) -> int:
        if word is None:
            return 0
        self[word] = number = len(self)
        return number


class Numbers(dict[Any, int]):
    """Numbers of what is remembered; `add` makes that of what is new, and returns its number."""

    def __init__(self, add: Callable[[Any], int]) -> None:
        self._add = add

    def __missing__(self, key: Any) -> int:
        self[key] = number = self._add(key)
        return number


class Waiting:
    """Records of which it is not known yet what they tell, as columns."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.asked: list[str] = []
        self.seated: list[tuple[int, str, str, str]] = []
        self.columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
        self.times: list[npt.NDArray[np.int64]] = []
        self.bytes = 0

    def every(self) -> list[list[Any]]:
        """All that is held, a list each."""
        return [self.records, self.asked, self.seated, *self.columns.values()]

    def keep(self, begin: int, which: Sequence[int] = ()) -> None:
        """Of those from a position on keep these alone."""
        for one in self.every():
            one[begin:] = [one[at] for at in which]


def numbered(numbers: dict[Any, int], *columns: Sequence[Any]) -> npt.NDArray[np.int32]:
    """The number of each row, of its word if there is one column."""
    rows = zip(*columns, strict=True) if len(columns) > 1 else columns[0]
    return np.fromiter(map(numbers.__getitem__, rows), np.int32, len(columns[0]))
