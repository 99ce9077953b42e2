"""Resources of which the own policies allow an action: what a question without a resource must not forget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, rows_of

from ..evaluate.facts import Facts
from ..evaluate.policy import Statement, Subject
from ..evaluate.principals import Principal, named
from .access import AwsAccess
from .actions import actions
from .estate import NONE, subject_of
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

    def open_in(self, account: str) -> list[int]:
        """The resources whose policies let everyone of their account in, as `allowing` takes them."""
        return sorted(self._named[1].get(account, ()))

    @cached_property
    def _named(self) -> tuple[dict[int, set[int]], dict[str, set[int]]]:
        """Resources by the number of a principal that they name, and by the account in which they let everyone in."""
        estate, arrays = self._access.estate, self._access.estate.arrays
        rows, allows = estate.rows("st_subject"), ~np.asarray(arrays["st_deny"])
        owners = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
        telling = (allows & (np.asarray(arrays["subject.sign"]) > 0))[owners]
        texts = estate.texts("subject.texts").all()
        everyone = [code for code, text in enumerate(texts) if subject_of(text).type == "*"]
        open_ = (allows & (np.asarray(arrays["subject.sign"]) < 0)).copy()
        open_[owners[telling & np.isin(rows.values, everyone)]] = True
        accounts: dict[str, set[int]] = {}
        for thing in {*self._with(np.flatnonzero(open_))[0].tolist(), *self._by_default}:
            account = estate.word("principal.account", ~thing) if thing < 0 else estate.word("thing.account", thing)
            accounts.setdefault(account or "", set()).add(thing)
        whom = self.entries[rows.values]
        pairs = np.flatnonzero(telling & (whom >= 0))
        things, places = self._with(owners[pairs])
        numbers: dict[int, set[int]] = {}
        for number, thing in zip(whom[pairs][places].tolist(), things.tolist(), strict=True):
            numbers.setdefault(number, set()).add(thing)
        return numbers, accounts

    @cached_property
    def entries(self) -> Array:
        """The number of the user or role that each entry of Principal names by itself, or -1."""
        subjects = map(subject_of, self._access.estate.texts("subject.texts").all())
        found = (self._access.number_of(one.value) if one.type == "AWS" else None for one in subjects)
        return np.array([NONE if number is None else number for number in found], np.int64)

    def _with(self, statements: Array) -> tuple[Array, Array]:
        """The resources on which statements lie, and for each the place of its statement among them."""
        return self.lying.gather(self._access.estate.arrays["st_doc"][statements].astype(np.int64))

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

    @cached_property
    def lying(self) -> Rows:
        """The resources (and roles) on which each document lies that can be evaluated."""
        arrays = self._access.estate.arrays
        laid, trust = arrays["laid.doc"], arrays["principal.trust"]
        rows, roles = np.flatnonzero(laid >= 0), np.flatnonzero(trust >= 0)
        owners = np.searchsorted(arrays["laid.starts"], rows, side="right") - 1
        keys, values = np.concatenate([laid[rows], trust[roles]]), np.concatenate([owners, ~roles])
        fine = ~np.asarray(arrays["doc_bad"])[keys]
        return rows_of(keys[fine].astype(np.int64), values[fine], len(arrays["doc_bad"]))

    def _lying(self) -> Iterator[tuple[int, int]]:
        """Every resource and role with a document that lies on it."""
        rows = self.lying
        documents = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
        yield from zip(rows.values.tolist(), documents.tolist(), strict=True)
