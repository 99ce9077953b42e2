"""Which permissions the policies of many principals let through, resources and conditions aside."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pyroaring import BitMap

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
