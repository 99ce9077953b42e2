"""Which permissions the policies of many principals let through, resources and conditions aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array

from ..evaluate.policy import Policy, Statement
from .access import AwsAccess
from .actions import actions

_Said = tuple[BitMap, BitMap]
"""What a document may allow, and what it surely denies: everywhere and always."""
Limits = list[_Said]
"""The same of each of several, all of which must allow."""


class Granted:
    """Permissions by statement, and what limits those of principals; what a document says is kept."""

    def __init__(self, access: AwsAccess) -> None:
        self._access, self._estate = access, access.estate
        self._documents: dict[int, _Said] = {}
        self._lists: dict[tuple[int, bytes], BitMap] = {}
        arrays, rows = self._estate.arrays, self._estate.rows("st_action")
        # Lists: single numbers are read, which arrays are slow at.
        self._first: list[int] = arrays["doc_st.starts"].tolist()
        self._deny: list[bool] = arrays["st_deny"].tolist()
        self._sign: list[int] = arrays["action.sign"].tolist()
        self._begins: list[int] = rows.starts.tolist()
        self._values = np.asarray(rows.values)
        self._accounts: dict[str, Limits] = {}

    def limits(self, number: int) -> Limits:
        """What the boundary of a user or role, and guardrails, let through, and what they surely deny."""
        boundary = int(self._estate.arrays["principal.boundary"][number])
        own = [self.said(boundary)] if boundary >= 0 else []
        return [*own, *self._above(self._estate.word("principal.account", number) or "")]

    def _above(self, account: str) -> Limits:
        """The levels of guardrails above an account as one: all must allow, any may deny."""
        known = self._accounts.get(account)
        if known is None:
            levels = self._access.guardrails.levels("scp", account)[0] or ()
            said = [self._together(self._of_policy(policy) for policy in level) for level in levels]
            known = self._accounts[account] = []
            if said:
                known.append((BitMap.intersection(*(a for a, _ in said)), BitMap.union(*(deny for _, deny in said))))
        return known

    def said(self, document: int) -> _Said:
        """The permissions that a document may allow, and those that it denies everywhere and always."""
        known = self._documents.get(document)
        if known is None:
            first, last = self._first[document], self._first[document + 1]
            known = self._documents[document] = self._of_statements(first, last)
        return known

    def _of_statements(self, first: int, last: int) -> _Said:
        """What statements say, without reading more of them than their lists of actions, each once."""
        allowed, denied = BitMap(), BitMap()
        for number in range(first, last):
            if self._deny[number]:
                statement = self._estate.statement(number)
                if _everywhere(statement):
                    denied |= self.listed(number)
            else:
                allowed |= self.listed(number)
        return allowed, denied

    def listed(self, number: int) -> BitMap:
        """The actions that a statement concerns."""
        row = self._values[self._begins[number] : self._begins[number + 1]]
        key = (self._sign[number], row.tobytes())
        known = self._lists.get(key)
        if known is None:
            known = self._lists[key] = self._mask(self._estate.statement(number))
        return known

    def _of_policy(self, policy: Policy) -> _Said:
        allowed, denied = BitMap(), BitMap()
        for statement in policy.statements:
            if statement.effect == "Allow":
                allowed |= self._mask(statement)
            elif _everywhere(statement):
                denied |= self._mask(statement)
        return allowed, denied

    @staticmethod
    def _mask(statement: Statement) -> BitMap:
        return BitMap(np.flatnonzero(actions().mask(statement)).astype(np.uint32))

    @staticmethod
    def _together(found: Iterable[_Said]) -> _Said:
        allowed, denied = BitMap(), BitMap()
        for allow, deny in found:
            allowed |= allow
            denied |= deny
        return allowed, denied


def _everywhere(statement: Statement) -> bool:
    return not statement.tests and "*" in (statement.resources or ()) and statement.principals is None


_MOST_MATES = 32
"""Sets with a part of their sketch in common, next in size, that one set is compared with on either side."""


class Sketches:
    """Short sketches of sets: the more of them agree, the more two sets have in common (MinHash).

    Args:
        size: of the universe.
    """

    COUNT = 32

    def __init__(self, size: int) -> None:
        random = np.random.default_rng(20_260_101)
        ranks = [random.permutation(size) for _ in range(self.COUNT)]
        # A row for each member, so that those of one set lie side by side.
        self._ranks = np.ascontiguousarray(np.array(ranks, np.uint16 if size < 1 << 16 else np.uint32).T)

    def of(self, sets: Sequence[BitMap]) -> Array:
        """One row of COUNT numbers for each set; no set is empty."""
        found = np.empty((len(sets), self.COUNT), self._ranks.dtype)
        for row, one in enumerate(sets):
            found[row] = self._ranks[np.frombuffer(one.to_array(), np.uint32)].min(axis=0)
        return found


class Neighbours:
    """Which sets share much with one: those whose sketches agree in some part, next to it in size.

    Args:
        sets: none of them empty.
        universe: how many members there can be.
        threshold: the share that is looked for (Jaccard); hardly any pair of it is missed.
    """

    def __init__(self, sets: Sequence[BitMap], universe: int, threshold: float) -> None:
        self._sets, self._threshold = sets, threshold
        self._sketches = Sketches(universe).of(sets)
        self._sizes = np.fromiter(map(len, sets), np.int64, len(sets))
        rows = bands(threshold)
        self._bands = [self._band(self._sketches[:, at : at + rows]) for at in range(0, Sketches.COUNT, rows)]

    def _band(self, part: Array) -> tuple[Array, Array, Array]:
        """The sets by what a part of their sketches says and by size; the place of each, and where its like begin."""
        bucket = np.zeros(len(part), np.uint64)
        for column in range(part.shape[1]):
            bucket = (bucket ^ part[:, column]) * np.uint64(0x9E3779B97F4A7C15)
            bucket ^= bucket >> np.uint64(29)
        order = np.lexsort((self._sizes, bucket))
        at = np.empty(len(order), np.int64)
        at[order] = np.arange(len(order))
        begins = np.flatnonzero(np.concatenate([[True], np.diff(bucket[order]) != 0, [True]])[: len(order) + 1])
        return order, at, begins

    def of(self, place: int, wanted: Array) -> list[int]:
        """Those of the sets of a mask, behind one, that share so much with it."""
        found = []
        for order, places, begins in self._bands:
            at = int(places[place])
            bucket = int(np.searchsorted(begins, at, side="right"))
            low, high = int(begins[bucket - 1]), int(begins[bucket]) if bucket < len(begins) else len(order)
            if high - low > 1:
                found.append(order[max(low, at - _MOST_MATES) : min(high, at + _MOST_MATES + 1)])
        if not found:
            return []
        mates = np.unique(np.concatenate(found))
        mates = mates[(mates > place) & wanted[mates]]
        sizes, size = self._sizes[mates], self._sizes[place]
        mates = mates[np.minimum(sizes, size) >= self._threshold * np.maximum(sizes, size)]
        own = self._sets[place]
        return [one for one in mates.tolist() if own.jaccard_index(self._sets[one]) >= self._threshold]


def bands(threshold: float, count: int = Sketches.COUNT) -> int:
    """How many numbers of a sketch must agree at once for two sets to be looked at.

    The most with which a pair of just that similarity is missed at most once in two hundred.
    """
    for rows in (16, 8, 4, 2):
        if 1 - (1 - threshold**rows) ** (count // rows) >= 0.995:
            return rows
    return 1
