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


class Granted:
    """The permissions of one estate's principals; what a document says is kept."""

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
        self._accounts: dict[str, list[_Said]] = {}

    def of(self, number: int) -> BitMap:
        """The permissions that some statement allows, no limit leaves out, and nothing denies everywhere and always."""
        arrays = self._estate.arrays
        documents = arrays["att.doc"][int(arrays["att.starts"][number]) : int(arrays["att.starts"][number + 1])]
        allowed, denied = self._together(self._said(one) for one in documents.tolist() if one >= 0)
        boundary = int(arrays["principal.boundary"][number])
        limits = [self._said(boundary)] if boundary >= 0 else []
        for allow, deny in (*limits, *self._limits(self._estate.word("principal.account", number) or "")):
            allowed &= allow
            denied |= deny
        return allowed - denied

    def _limits(self, account: str) -> list[_Said]:
        known = self._accounts.get(account)
        if known is None:
            levels = self._access.guardrails.levels("scp", account)[0] or ()
            known = self._accounts[account] = [
                self._together(self._of_policy(policy) for policy in level) for level in levels
            ]
        return known

    def _said(self, document: int) -> _Said:
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
                    denied |= self._listed(number)
            else:
                allowed |= self._listed(number)
        return allowed, denied

    def _listed(self, number: int) -> BitMap:
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


class Sketches:
    """Short sketches of sets: the more of them agree, the more two sets have in common (MinHash).

    Args:
        size: of the universe.
    """

    COUNT = 64

    def __init__(self, size: int) -> None:
        random = np.random.default_rng(20_260_101)
        ranks = [random.permutation(size) for _ in range(self.COUNT)]
        self._ranks = np.array(ranks, np.uint16 if size < 1 << 16 else np.uint32)

    def of(self, sets: Sequence[BitMap]) -> Array:
        """One row of COUNT numbers for each set; no set is empty."""
        found = np.empty((len(sets), self.COUNT), self._ranks.dtype)
        for row, one in enumerate(sets):
            found[row] = self._ranks[:, np.fromiter(one, np.int64, len(one))].min(axis=1)
        return found


def bands(threshold: float, count: int = Sketches.COUNT) -> int:
    """How many numbers of a sketch must agree at once for two sets to be looked at.

    The most with which a pair of just that similarity is missed at most once in two hundred.
    """
    for rows in (16, 8, 4, 2):
        if 1 - (1 - threshold**rows) ** (count // rows) >= 0.995:
            return rows
    return 1
