"""The principals of a graph by number, by account and by the vendor's noun."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array


@dataclass(frozen=True, slots=True)
class Told:
    """What the tables tell besides.

    Args:
        account: of a principal.
        native: the vendor's noun for a principal.
        unlisted: the accounts in which there may be more of what some calls list than is known.
    """

    account: Callable[[str], str]
    native: Callable[[str], str]
    unlisted: Callable[[Sequence[str]], frozenset[str]]


class Nodes:
    """Ids get their numbers in the order in which they are asked for.

    Args:
        told: what the tables tell of them.
    """

    def __init__(self, told: Told) -> None:
        self._told, self._settled = told, 0
        self.numbers: dict[str, int] = {}
        self._accounts: dict[str, BitMap] = defaultdict(BitMap)
        self._natives: dict[str, BitMap] = defaultdict(BitMap)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.numbers)

    def number(self, id: str) -> int:
        """The number of one, new or known."""
        return self.numbers.setdefault(id, len(self.numbers))

    def array(self, ids: Sequence[str]) -> Array:
        """The numbers of some, side by side."""
        return np.fromiter(map(self.number, ids), np.int64, len(ids))

    def by_account(self, among: BitMap) -> Iterator[tuple[str, BitMap]]:
        """Some principals by their accounts."""
        self._settle()
        for account, nodes in sorted(self._accounts.items()):
            if nodes.intersect(among):
                yield account, nodes & among

    def of(self, natives: Collection[str]) -> BitMap:
        """The principals of some nouns."""
        self._settle()
        return BitMap().union(*(self._natives[one] for one in natives))

    def _settle(self) -> None:
        accounts, natives = (defaultdict[str, list[int]](list) for _ in range(2))
        fresh: Iterable[str] = islice(self.numbers, self._settled, None)
        for number, id in enumerate(fresh, self._settled):
            accounts[self._told.account(id)].append(number)
            natives[self._told.native(id)].append(number)
        for kept, found in ((self._accounts, accounts), (self._natives, natives)):
            for name, several in found.items():
                kept[name] |= BitMap(several)
        self._settled = len(self.numbers)
