"""Users and roles of some accounts, numbered among themselves: what is asked of them alone costs no more than that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows

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

    @cached_property
    def holding(self) -> Array:
        """Mask of the documents that are in force on some of them."""
        arrays = self._estate.arrays
        if self._whole:
            whole: Array = np.diff(arrays["att_doc.starts"]) > 0
            return whole
        mask = np.zeros(len(arrays["att_doc.starts"]) - 1, bool)
        documents, _ = Rows(arrays["att.starts"], arrays["att.doc"]).gather(self.numbers)
        mask[documents[documents >= 0]] = True
        return mask


def people_of(estate: CompiledEstate, accounts: Collection[str] | None) -> People:
    """The users and roles of some accounts; None for all."""
    if accounts is None:
        return People(estate)
    known = estate.texts("principal.account.texts").all()
    codes = [code for code, account in enumerate(known) if account in accounts]
    return People(estate, np.flatnonzero(np.isin(estate.arrays["principal.account"], codes)))
