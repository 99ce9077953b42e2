"""What resources say of each of many principals, as numbers: of those with equal numbers they say the same.

Two numbers for each: by the statements that name it, and by what is asked of it in conditions on resources that can let
its account in, and in guardrails above these.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import rows_of

from ..evaluate.policy import Test
from .access import AwsAccess
from .estate import subject_of
from .telling import Telling
from .traits import Trait, traits_of

_ARN = "aws:principalarn"
_PLAIN = re.compile(r"(?:string|arn)(?:not)?(?:equals|like)", re.IGNORECASE)
"""Operators that compare with ARNs as they are, where these have no wildcards."""


class _Reading(NamedTuple):
    """Pairs of a resource and a document on it that asks something of principals."""

    things: Array
    documents: Array


class Dividing:
    """Divides the principals of one account; what was worked out of an account is kept."""

    def __init__(self, access: AwsAccess, telling: Telling) -> None:
        self._access, self._telling, self._estate = access, telling, access.estate
        self._facts = np.full(access.estate.principals, -1, np.int64)
        self._traits: dict[int, set[Trait]] = {}
        self._arns: dict[Test, Array | None] = {}

    def facts(self, members: Array) -> Array:
        """For some principals of one account, what resources ask of them; numbers are those of that account."""
        if len(members) and self._facts[members[0]] < 0:
            code = self._estate.arrays["principal.account"]
            numbers = np.flatnonzero(code == code[members[0]])
            account = self._estate.word("principal.account", int(members[0])) or ""
            self._facts[numbers] = self.divided(numbers, self.asked(account))
        found: Array = self._facts[members]
        return found

    def divided(self, numbers: Array, traits: Collection[Trait]) -> Array:
        """A number for each of some principals: equal where all of some traits are."""
        found = np.zeros(len(numbers), np.int64)
        for trait in sorted(traits, key=repr):
            column = self._column(trait, numbers)
            _, found = np.unique(found * (int(column.max(initial=0)) + 3) + column + 2, return_inverse=True)
        return found

    def _column(self, trait: Trait, numbers: Array) -> Array:
        """A number for each of some principals; what a test says of ARNs is worked out once for all accounts."""
        _, what = trait
        if not isinstance(what, Test) or what.key.lower() != _ARN:
            return self._access.columns.column(trait, numbers, self._access.bringing)
        if what not in self._arns:
            self._arns[what] = self._of_arn(what)
        those = self._arns[what]
        if those is None:
            return self._access.columns.column(trait, numbers, self._access.bringing)
        found: Array = np.isin(numbers, those).astype(np.int64)
        return found

    def _of_arn(self, test: Test) -> Array | None:
        """The users and roles whose ARNs a test tells from those of all others; None where it says more than that."""
        if _PLAIN.fullmatch(test.operator) and not any(sign in value for value in test.values for sign in "*?$"):
            # Of single ARNs nobody else need be asked; a negated operator tells the same ones apart.
            found = map(self._estate.principal_number, test.values)
            return np.array(sorted({number for number in found if number is not None}), np.int64)
        every = np.arange(self._estate.principals)
        column = self._access.columns.column(("test", test), every, self._access.bringing)
        return np.flatnonzero(column) if int(column.max(initial=0)) < 2 else None

    @cached_property
    def named(self) -> Array:
        """For each principal which statements on resources name it, and how; 0 for those whom none names."""
        rows, count = self._estate.rows("st_subject"), self._estate.principals
        owners = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
        whom = self._telling.granting.entries[rows.values]
        pairs = np.flatnonzero((whom >= 0) & self._telling.on_resources[owners])
        # A session is named by an entry of its own; what names the principal itself is one, whatever it is called.
        ways = np.where(self._sessions[rows.values[pairs]], rows.values[pairs] + 1, 0)
        table = np.unique(np.column_stack([whom[pairs], owners[pairs], ways]), axis=0)
        _, said = np.unique(table[:, 1:], axis=0, return_inverse=True)
        naming = rows_of(table[:, 0], said.ravel(), count)
        found = np.zeros(count, np.int64)
        some = np.flatnonzero(np.diff(naming.starts) > 0)
        found[some] = naming.codes(some) + 1
        # Deny with NotPrincipal denies who has a permissions boundary whatever it lists.
        everyone = self._telling.naming(("*",)).tolist()
        spared = any(self._estate.statement(number).not_principals is not None for number in everyone)
        bounded = np.asarray(self._estate.arrays["principal.boundary"]) != -1
        told: Array = 2 * found + (bounded & ((found > 0) | spared))
        return told

    @cached_property
    def _sessions(self) -> Array:
        """Mask of the entries of Principal that name a session."""
        texts = self._estate.texts("subject.texts").all()
        return np.fromiter((":assumed-role/" in subject_of(text).value for text in texts), bool, len(texts))

    # --- what is asked

    def asked(self, account: str) -> set[Trait]:
        """What resources that an account has, or that can let it in, ask of principals, and guardrails above these."""
        reading = self._reading
        found = set[Trait]()
        for document in np.unique(reading.documents[self._telling.near(reading.things, account)]).tolist():
            found |= self._traits_of(document)
        found.update(self._abroad(account))
        return found

    def _abroad(self, account: str) -> Iterator[Trait]:
        """What guardrails above other accounts ask, where one of their resources can let this account in."""
        limits = {one: asked for one, asked in self._telling.limits.items() if one != account}
        if limits:
            there = {self._telling.account(thing) for thing in self._telling.admitting(account).tolist()}
            for one in limits.keys() & there:
                for _, traits in limits[one]:
                    yield from traits

    @cached_property
    def _reading(self) -> _Reading:
        statements = self._telling.asking()
        documents = np.unique(self._estate.arrays["st_doc"][statements]).astype(np.int64)
        things, places = self._telling.lying.gather(documents)
        return _Reading(things, documents[places])

    def _traits_of(self, document: int) -> set[Trait]:
        known = self._traits.get(document)
        if known is None:
            statements = self._estate.policy(document, "", "").statements
            known = self._traits[document] = traits_of(statements)
        return known
