"""What decides for a principal, an account or a resource, as numbers that are equal where nothing differs.

Two estates number their documents, statements and texts each in its own way, so everything is told by its content: each
text by a keyed checksum of 128 bits, statements by what they say (not by their Sid or place), sets by sums. Equal
numbers mean equal content, but for a chance of one in 2**128 for each pair; nobody can force one without the key.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Hashable, Iterable
from functools import cache, cached_property
from itertools import pairwise

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.policy import Policy, Statement
from .access import AwsAccess
from .estate import NONE

_BOUNDARY, _ACCOUNT, _TAG, _UNREAD, _FACTS, _GRANT, _TRUST = range(1, 8)
Content = tuple[Hashable, ...]


def content(statement: Statement) -> Content:
    """What a statement says, whatever it is called and wherever it stands."""
    listed = (statement.actions, statement.not_actions, statement.resources, statement.not_resources)
    subjects = (statement.principals, statement.not_principals)
    return (
        statement.effect,
        *(None if one is None else frozenset(map(str, one)) for one in listed),
        *(None if one is None else frozenset((s.type, s.value) for s in one) for one in subjects),
        frozenset((test.operator, test.key.lower(), frozenset(test.values)) for test in statement.tests),
        statement.variables,
    )


def said(policies: Iterable[Policy]) -> frozenset[Content]:
    """What some policies say together."""
    return frozenset(content(statement) for policy in policies for statement in policy.statements)


@cache
def _key() -> bytes:
    """A key that lives as long as the process."""
    return os.urandom(32)


def checksum(text: bytes) -> tuple[int, int]:
    """Two numbers of 64 bits for a text."""
    found = hashlib.blake2b(text, digest_size=16, key=_key()).digest()
    return int.from_bytes(found[:8], "little"), int.from_bytes(found[8:], "little")


class Fingerprints:
    """Those of one estate, each made when first asked for: arrays of two numbers of 64 bits a row."""

    def __init__(self, access: AwsAccess) -> None:
        self._access, self._estate = access, access.estate
        self._arrays = access.estate.arrays

    @cached_property
    def documents(self) -> Array:
        """By what the documents say; one that cannot be evaluated is equal only to another such."""
        starts = self._arrays["doc_st.starts"].astype(np.int64)
        found = _sums(_mixed(self._statements), starts)
        return np.where(self._arrays["doc_bad"][:, None], np.uint64(_UNREAD), _mixed(found))

    @cached_property
    def _statements(self) -> Array:
        arrays = self._arrays
        found = _mixed(_pair(arrays["st_deny"]) * np.uint64(2) + _pair(arrays["st_variables"]))
        for place, name in enumerate(("action", "resource", "subject")):
            rows = self._estate.rows(f"st_{name}")
            texts = _mixed(self._texts(f"{name}.texts"))
            listed = _sums(texts[rows.values], rows.starts.astype(np.int64))
            signs = _pair(arrays[f"{name}.sign"].astype(np.int64))
            found = _mixed(found + _mixed(listed + signs * np.uint64(3 + place)) * np.uint64(2 * place + 3))
        conditions = arrays["st_condition"]
        known = self._texts("st_condition.texts")
        told = np.zeros((len(conditions), 2), np.uint64)
        told[conditions >= 0] = _mixed(known)[conditions[conditions >= 0]]
        return _mixed(found + told * np.uint64(11))

    def _texts(self, name: str) -> Array:
        starts, blob = self._arrays[f"{name}.starts"], self._arrays[f"{name}.blob"].tobytes()
        return _numbers(checksum(blob[a:b]) for a, b in pairwise(starts.tolist()))

    @cached_property
    def principals(self) -> Array:
        """By all that decides on the principal's side."""
        return self.policies + _mixed(self.facts * np.uint64(2 * _FACTS + 1))

    @cached_property
    def policies(self) -> Array:
        """By the policies of the principals, their boundaries, and the guardrails above them."""
        arrays = self._arrays
        docs = arrays["att.doc"]
        told = (
            _mixed(self.documents)[np.maximum(docs, 0)] if len(self.documents) else np.zeros((len(docs), 2), np.uint64)
        )
        names = self._texts("att.policy.texts")
        for row in np.flatnonzero(
            (docs < 0) | arrays["doc_bad"][np.maximum(docs, 0)] if len(self.documents) else docs < 0
        ):
            code = int(arrays["att.policy"][row])
            told[row] = (names[code] if code >= 0 else np.zeros(2, np.uint64)) + np.uint64(_UNREAD)
        found = _sums(_mixed(told), arrays["att.starts"].astype(np.int64))
        boundary = arrays["principal.boundary"]
        bounds = np.zeros((len(boundary), 2), np.uint64)
        bounds[boundary >= 0] = self.documents[boundary[boundary >= 0]]
        bounds[boundary < 0] = _pair(boundary[boundary < 0].astype(np.int64))
        return found + _mixed(bounds * np.uint64(2 * _BOUNDARY + 1)) + self._guarded

    @cached_property
    def _guarded(self) -> Array:
        """By the guardrails above each principal's account."""
        codes = self._arrays["principal.account"]
        texts = self._estate.texts("principal.account.texts").all()
        known = _numbers(checksum(repr(self.guardrails(account)).encode()) for account in texts)
        return (
            _mixed(known * np.uint64(2 * _ACCOUNT + 1))[codes] if len(texts) else np.zeros((len(codes), 2), np.uint64)
        )

    def guardrails(self, account: str) -> tuple[Hashable, ...]:
        """What stands above an account, and what of it was not read."""
        found: list[Hashable] = []
        for kind in ("scp", "rcp"):
            levels, gaps = self._access.guardrails.levels(kind, account)
            told = None if levels is None else tuple(_ordered(said(level)) for level in levels)
            found += [told, tuple(gaps)]
        return tuple(found)

    def standing(self, account: str) -> tuple[Hashable, ...]:
        """Where an account stands, as conditions see it."""
        guardrails = self._access.guardrails
        return guardrails.organization(account), guardrails.path(account), guardrails.alone(account)

    @cached_property
    def facts(self) -> Array:
        """By what conditions see of the principals: tags, MFA, unique ids, where their accounts stand."""
        arrays, count, found = self._arrays, self._estate.principals, self.tags
        unique = np.zeros((count, 2), np.uint64)
        codes = arrays["principal.unique"]
        unique[codes >= 0] = self._texts("principal.unique.texts")[codes[codes >= 0]]
        mask = _pair(arrays["principal.mfa"].astype(np.int64)) * np.uint64(4) + _pair(self._access.bringing)
        accounts = self._estate.texts("principal.account.texts").all()
        placed = _numbers(checksum(repr(self.standing(account)).encode()) for account in accounts)
        where = np.append(placed, np.zeros((1, 2), np.uint64), axis=0)[arrays["principal.account"]]
        return _mixed(_mixed(found + _mixed(unique) * np.uint64(5)) + mask) + _mixed(where * np.uint64(7))

    @cached_property
    def tags(self) -> Array:
        """By the tags of the principals."""
        arrays = self._arrays
        keys, values = self._texts("principal.tag.key"), self._texts("principal.tag.value")
        tags = keys[arrays["principal.tag.keys"]] + _mixed(values[arrays["principal.tag.values"]] * np.uint64(_TAG))
        return _sums(_mixed(tags), arrays["principal.tag.starts"].astype(np.int64))

    @cached_property
    def trusts(self) -> Array:
        """By the trust policies of roles."""
        trust = self._arrays["principal.trust"]
        found = _pair(trust.astype(np.int64))
        found[trust >= 0] = self.documents[trust[trust >= 0]]
        return _mixed(found * np.uint64(2 * _TRUST + 1))

    @cached_property
    def things(self) -> Array:
        """By what lies on the resources, and what else of them decides."""
        tags = _mixed(self._texts("thing.tags") + _pair(self._arrays["thing.tagged"].astype(np.int64) + 1))
        accounts = self._estate.texts("thing.account.texts").all()
        above = (repr((self.guardrails(account)[2:], self.standing(account))) for account in accounts)
        told = self.laid + self.settings * np.uint64(3) + tags * np.uint64(5)
        return _mixed(told + self._of_accounts(above) * np.uint64(7))

    @cached_property
    def laid(self) -> Array:
        """By the policies and grants that lie on the resources."""
        arrays = self._arrays
        docs = arrays["laid.doc"]
        told = _pair(docs.astype(np.int64))
        told[docs >= 0] = self.documents[docs[docs >= 0]]
        told = _mixed(told + _pair(arrays["laid.grant"]) * np.uint64(_GRANT))
        return _mixed(_sums(told, arrays["laid.starts"].astype(np.int64)))

    @cached_property
    def settings(self) -> Array:
        """By what else decides how the policies of the resources are read: blocks, ownership, what was not read."""
        arrays = self._arrays
        flags = np.zeros((len(arrays["thing.asked"]), 2), np.uint64)
        for place, name in enumerate(("asked", "block", "block_unread", "restrictable", "lists")):
            flags += _pair(arrays[f"thing.{name}"].astype(np.int64) + 1) << np.uint64(4 * place)
        managed = [self._estate.thing(key) for key in arrays.facts["managed"]]
        flags[[number for number in managed if number is not None]] += np.uint64(1 << 32)
        docs, found = arrays["laid.doc"], np.zeros((len(arrays["laid.doc"]), 2), np.uint64)
        found[docs >= 0] = self._canonical[docs[docs >= 0]]
        flags = _mixed(flags) + _sums(found, arrays["laid.starts"].astype(np.int64))
        accounts = self._estate.texts("thing.account.texts").all()
        return _mixed(flags + self._of_accounts(repr((a, self._unread_grants(a))) for a in accounts) * np.uint64(3))

    def _of_accounts(self, told: Iterable[str]) -> Array:
        """By what is told of the accounts of the resources, in the order of their texts."""
        known = _numbers(checksum(one.encode()) for one in told)
        codes = self._arrays["thing.account"]
        found = np.zeros((len(codes), 2), np.uint64)
        found[codes != NONE] = known[codes[codes != NONE]]
        return found

    @property
    def _canonical(self) -> Array:
        """By whom canonical users are, for documents that name some; zero for all others."""
        arrays = self._arrays
        found = np.zeros((len(arrays["doc_bad"]), 2), np.uint64)
        texts = self._estate.texts("subject.texts").all()
        codes = [code for code, text in enumerate(texts) if text.startswith("CanonicalUser=")]
        if codes:
            rows = self._estate.rows("st_subject")
            named = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))[np.isin(rows.values, codes)]
            known = sorted(arrays.facts["canonical"].items())
            found[arrays["st_doc"][named]] = _numbers([checksum(repr(known).encode())])
        return found

    def _unread_grants(self, account: str) -> tuple[Hashable, ...]:
        """The calls for grants on keys of an account that failed."""
        told = self._arrays.facts["coverage"].get(account, [])
        return tuple(tuple(map(str, row)) for row in told if row[1] == "ListGrants" and row[2] != "ok")


def _ordered(found: frozenset[Content]) -> tuple[str, ...]:
    """Contents in an order that does not depend on the process."""
    return tuple(sorted(repr([sorted(map(repr, p)) if isinstance(p, frozenset) else p for p in one]) for one in found))


def _numbers(found: Iterable[tuple[int, int]]) -> Array:
    made = np.array(list(found), np.uint64)
    return made.reshape(-1, 2)


def _pair(column: Array) -> Array:
    """A column twice, as numbers of 64 bits."""
    return np.repeat(column.astype(np.int64).view(np.uint64)[:, None], 2, axis=1)


def _sums(values: Array, starts: Array) -> Array:
    """The sums of consecutive rows."""
    total = np.concatenate([np.zeros((1, 2), np.uint64), np.cumsum(values, axis=0, dtype=np.uint64)])
    found: Array = total[starts[1:]] - total[starts[:-1]]
    return found


def _mixed(values: Array) -> Array:
    """Each number spread over all of its bits, so that sums of them do not meet by accident."""
    found = values.astype(np.uint64) + np.array([0x9E3779B97F4A7C15, 0xD1B54A32D192ED03], np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        found = (found ^ (found >> np.uint64(shift))) * np.uint64(factor)
    mixed: Array = found ^ (found >> np.uint64(31))
    return mixed
