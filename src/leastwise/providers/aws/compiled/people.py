"""Users and roles of some accounts, numbered among themselves: what is asked of them alone costs no more than that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, rows_of

from .estate import CompiledEstate


class People:
    """Some users and roles of an estate.

    Args:
        estate: of it.
        numbers: theirs, ascending; None for all.
    """

    def __init__(self, estate: CompiledEstate, numbers: Array | None = None) -> None:
        self._estate, self._whole = estate, numbers is None
        self.numbers: Array = np.arange(estate.principals) if numbers is None else numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def places(self, numbers: Sequence[int] | Array) -> Array:
        """The places among them of some principals; without those who are none of them."""
        wanted = np.asarray(numbers, np.int64)
        if self._whole or not len(self.numbers):
            return wanted if self._whole else np.empty(0, np.int64)
        found = np.searchsorted(self.numbers, wanted)
        here: Array = found[self.numbers[np.minimum(found, len(self.numbers) - 1)] == wanted]
        return here

    def only(self, numbers: Array) -> People:
        """Those of them who are among some principals, whose numbers ascend."""
        return People(self._estate, self.numbers[self.places(numbers)])

    def besides(self, numbers: Array) -> People:
        """The same with some others."""
        if self._whole or not len(numbers) or len(self.places(numbers)) == len(numbers):
            return self
        return People(self._estate, np.union1d(self.numbers, numbers))

    def bearing(self, documents: Array) -> Array:
        """The places of those on whom some documents are in force."""
        if self._whole:
            found, _ = self._estate.rows("att_doc").gather(documents)
            return found
        held, bearers = self._held
        at = np.minimum(np.searchsorted(held, documents), max(len(held) - 1, 0))
        found, _ = bearers.gather(at[held[at] == documents] if len(held) else at[:0])
        return found

    def concerned(self, statements: Array) -> Array:
        """Those of some statements (numbers that ascend) that are in force on some of them."""
        arrays = self._estate.arrays
        if self._whole:
            whole = np.diff(arrays["att_doc.starts"]) > 0
            return np.asarray(statements[whole[arrays["st_doc"][statements]]])
        held, _ = self._held
        first, last = (np.searchsorted(statements, arrays["doc_st.starts"][held + end]) for end in (0, 1))
        length = last - first
        inside = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
        return np.asarray(statements[np.repeat(first, length) + inside])

    @cached_property
    def _held(self) -> tuple[Array, Rows]:
        """The documents that are in force on some of them, ascending, and the places of those on whom each is."""
        documents, places = Rows(self._estate.arrays["att.starts"], self._estate.arrays["att.doc"]).gather(self.numbers)
        read = documents >= 0
        held, code = np.unique(documents[read], return_inverse=True)
        return held.astype(np.int64), rows_of(code, places[read], len(held))


def people_of(estate: CompiledEstate, accounts: Collection[str] | None) -> People:
    """The users and roles of some accounts; None for all."""
    if accounts is None:
        return People(estate)
    known = estate.texts("principal.account.texts").all()
    codes = [code for code, account in enumerate(known) if account in accounts]
    return People(estate, np.flatnonzero(np.isin(estate.arrays["principal.account"], codes)))
