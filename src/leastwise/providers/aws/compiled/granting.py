"""Resources of which the own policies allow an action: what a question without a resource must not forget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.facts import Facts
from ..evaluate.policy import Statement, Subject
from ..evaluate.principals import Principal, named
from .access import AwsAccess
from .actions import actions
from .leads import held
from .policied import default_policies


class Granting:
    """Finds the resources of an estate whose policies or grants have an Allow that concerns an action."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._masks: dict[int, dict[str, Array]] = {}

    def default(self, thing: int) -> tuple[Statement, ...]:
        """The statements that the service of a resource has for it, where nobody gave it a policy."""
        return self._by_default.get(thing, ())

    @property
    def by_default(self) -> list[int]:
        """The resources that nobody gave a policy and for which their service has one."""
        return list(self._by_default)

    def letting_in(self, number: int) -> list[int]:
        """The resources whose policies name a user or role itself, or everyone in its account.

        As `allowing` takes them; roles are among them, on which their trust policies lie.
        """
        account = self._access.estate.word("principal.account", number)
        numbers, accounts = self._named
        return sorted({*numbers.get(number, ()), *accounts.get(account or "", ())})

    def naming(self, principal: Principal) -> list[int]:
        """The resources whose policies name somebody who is no user or role of the estate, or everyone.

        As `allowing` takes them.
        """
        known = Facts()
        found = {thing for things in self._named[1].values() for thing in things}
        found.update(*(things for one, things in self._others.items() if named((one,), principal, known)))
        return sorted(found)

    def allowing(self, thing: int) -> dict[str, Array]:
        """The resource of a number, or what it holds, each with the mask of its actions that its policies allow.

        The number of a resource, or, below zero, the complement of a role's.
        """
        known = self._masks.get(thing)
        if known is None:
            known = self._masks[thing] = self._allowing(thing)
        return known

    @property
    def named(self) -> Iterable[int]:
        """The users and roles that some policy of a resource names by itself."""
        return self._named[0].keys()

    def _allowing(self, thing: int) -> dict[str, Array]:
        estate, table = self._access.estate, actions()
        mask = np.zeros(len(table.names), bool)
        for document in self._documents(thing):
            for statement in estate.policy(document, "", "").statements:
                if statement.effect == "Allow":
                    mask |= table.mask(statement)
        if thing < 0:
            mask &= table.becoming
            return {estate.principal_ids[~thing]: mask} if mask.any() else {}
        for statement in self.default(thing):
            mask |= table.mask(statement)
        arn = estate.texts("thing.id")[thing]
        own, inside = table.taking(arn)
        return {one: mask & takes for one, takes in ((arn, own), (held(arn), inside)) if (mask & takes).any()}

    def _documents(self, thing: int) -> list[int]:
        """The documents that lie on a resource and can be evaluated."""
        arrays = self._access.estate.arrays
        if thing < 0:
            found = [int(arrays["principal.trust"][~thing])]
        else:
            found = arrays["laid.doc"][
                int(arrays["laid.starts"][thing]) : int(arrays["laid.starts"][thing + 1])
            ].tolist()
        return [one for one in found if one >= 0 and not arrays["doc_bad"][one]]

    @cached_property
    def _named(self) -> tuple[dict[int, set[int]], dict[str, set[int]]]:
        """Resources by the number of a principal that they name, and by the account in which they let everyone in."""
        estate = self._access.estate
        numbers: dict[int, set[int]] = {}
        accounts: dict[str, set[int]] = {}
        told: dict[int, tuple[set[int], bool]] = {}
        for thing, document in self._lying():
            known = told.get(document)
            if known is None:
                known = told[document] = self._lets_in(document)
            if known[1]:
                account = estate.word("principal.account", ~thing) if thing < 0 else estate.word("thing.account", thing)
                accounts.setdefault(account or "", set()).add(thing)
            for number in known[0]:
                numbers.setdefault(number, set()).add(thing)
        for thing in self._by_default:
            accounts.setdefault(estate.word("thing.account", thing) or "", set()).add(thing)
        return numbers, accounts

    @cached_property
    def _others(self) -> dict[Subject, set[int]]:
        """Resources by whom else they name in some Allow."""
        found: dict[Subject, set[int]] = {}
        told: dict[int, set[Subject]] = {}
        for thing, document in self._lying():
            if document not in told:
                statements = self._access.estate.policy(document, "", "").statements
                subjects = {who for one in statements if one.effect == "Allow" for who in one.principals or ()}
                told[document] = {who for who in subjects if self._access.number_of(who.value) is None}
            for subject in told[document]:
                found.setdefault(subject, set()).add(thing)
        return found

    def _lets_in(self, document: int) -> tuple[set[int], bool]:
        """Whom a document names by itself in some Allow, and whether it names everyone."""
        named: set[int] = set()
        everyone = False
        for statement in self._access.estate.policy(document, "", "").statements:
            if statement.effect != "Allow":
                continue
            subjects = statement.principals or ()
            everyone |= statement.not_principals is not None or any(subject.type == "*" for subject in subjects)
            found = (self._access.number_of(subject.value) for subject in subjects if subject.type == "AWS")
            named |= {number for number in found if number is not None}
        return named, everyone

    @cached_property
    def _by_default(self) -> dict[int, tuple[Statement, ...]]:
        """Resources that nobody gave a policy, with the statements that their service then has for them, all Allow."""
        estate = self._access.estate
        kinds = estate.texts("thing.kind.texts").all()
        wanted = [code for code, kind in enumerate(kinds) if kind.startswith("elasticfilesystem:")]
        bare = np.diff(estate.arrays["laid.starts"]) == 0
        asked = np.asarray(estate.arrays["thing.asked"]) & np.isin(estate.arrays["thing.kind"], wanted)
        found = ((n, estate.texts("thing.id")[n].split(":", 5)[-1]) for n in np.flatnonzero(asked & bare).tolist())
        return {
            number: tuple(statement for policy in default_policies(resource) for statement in policy.statements)
            for number, resource in found
        }

    def _lying(self) -> Iterator[tuple[int, int]]:
        """Every resource and role with a document that lies on it."""
        arrays = self._access.estate.arrays
        bad = arrays["doc_bad"]
        documents, starts, trust = arrays["laid.doc"], arrays["laid.starts"], arrays["principal.trust"]
        rows = np.flatnonzero(documents >= 0)
        things = np.searchsorted(starts, rows, side="right") - 1
        yield from (pair for pair in zip(things.tolist(), documents[rows].tolist(), strict=True) if not bad[pair[1]])
        roles = np.flatnonzero(trust >= 0)
        yield from (
            (~role, one) for role, one in zip(roles.tolist(), trust[roles].tolist(), strict=True) if not bad[one]
        )
