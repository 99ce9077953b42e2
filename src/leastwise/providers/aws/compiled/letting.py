"""Whom the policies of many resources let in: so that only those are asked about somebody who was not found yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, rows_of

from .access import AwsAccess
from .estate import subject_of
from .leads import point
from .listing import Found
from .outside import outsiders

_NOBODY = -1


class Letting:
    """Whom the Allows that concern an action name, on each of some resources.

    Args:
        access: the estate.
        action: the action.
        things: the resources, by number.
        at_large: those of them that let everybody in, whatever lies on them.
    """

    def __init__(self, access: AwsAccess, action: str, things: Sequence[int], at_large: Sequence[int] = ()) -> None:
        self._access, self._estate = access, access.estate
        numbers = np.array(things, np.int64)
        statements, owner = self._allows(action, numbers)
        codes, at = self._estate.rows("st_subject").gather(statements)
        distinct, places = np.unique(codes, return_inverse=True)
        self._subjects = [subject_of(text) for text in self._estate.texts("subject.texts").many(distinct)]
        # Whom a resource lets in at large cannot be told by name, nor who comes through an access point.
        wide = np.array([one.type == "*" for one in self._subjects], bool)
        self._wide = np.isin(numbers, np.array(at_large, np.int64))
        self._wide[owner[self._estate.arrays["subject.sign"][statements] <= 0]] = True
        self._wide[owner[at[wide[places]]]] = True
        ids = self._estate.texts("thing.id").many(numbers)
        self._wide |= np.fromiter((point(id) is not None for id in ids), bool, len(ids))
        pairs = np.unique(owner[at] * (len(distinct) + 1) + places)
        self._named = rows_of(pairs // (len(distinct) + 1), pairs % (len(distinct) + 1), len(numbers))
        self._numbers = np.array([self._number(place) for place in range(len(distinct))], np.int64)

    def _allows(self, action: str, things: Array) -> tuple[Array, Array]:
        """The statements that allow the action, and the place of the resource that each lies on."""
        arrays = self._estate.arrays
        concerned = self._access.concerned(action)
        allows = concerned[~arrays["st_deny"][concerned]]
        documents, owner = Rows(arrays["laid.starts"], arrays["laid.doc"]).gather(things)
        owner, documents = owner[documents >= 0], documents[documents >= 0]
        own = arrays["st_doc"][allows]
        starts = np.searchsorted(own, np.arange(len(arrays["doc_bad"]) + 1))
        found, at = Rows(starts, allows).gather(documents)
        return found, owner[at]

    def _number(self, place: int) -> int:
        subject = self._subjects[place]
        number = self._access.number_of(subject.value) if subject.type == "AWS" else None
        return _NOBODY if number is None else number

    def waiting(self, found: Found, least: int) -> Iterator[int]:
        """The places of the resources that may let in somebody whose answer is no surer than a rank.

        `found` is looked at again before each.
        """
        named = np.array([self._waits(place, found, least) for place in range(len(self._subjects))], bool)
        open_ = self._wide.copy()
        owners = np.repeat(np.arange(len(open_)), np.diff(self._named.starts))
        open_[owners[named[self._named.values]]] = True
        for place in np.flatnonzero(open_).tolist():
            row = self._named.row(place).tolist()
            if self._wide[place] or any(named[one] and self._waits(one, found, least) for one in row):
                yield place

    def _waits(self, place: int, found: Found, least: int) -> bool:
        number = int(self._numbers[place])
        if number != _NOBODY:
            return bool(found.rank(number) >= least)
        subject = self._subjects[place]
        others = outsiders(self._access, subject) if subject.type != "*" else ()
        return any(found.rank_of(other.id) >= least for other in others)
