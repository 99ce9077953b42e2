"""Resources of which the own policies allow an action: what a question without a resource must not forget."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

import numpy as np

from .. import catalog
from ..evaluate.policy import Policy, Statement
from .access import AwsAccess
from .policied import default_policies


class Granting:
    """Finds the resources of an estate whose policies or grants have an Allow that concerns an action."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self.resources = lru_cache(maxsize=256)(self._resources)

    def _resources(self, action: str) -> tuple[str, ...]:
        """What to ask about: the resources themselves, or everything in them where an action is about that."""
        estate = self._access.estate
        statements = self._access.concerned(action)
        allows = statements[~estate.arrays["st_deny"][statements]]
        giving = np.zeros(len(estate.arrays["doc_bad"]), bool)
        giving[estate.arrays["st_doc"][allows]] = True
        documents = estate.arrays["laid.doc"]
        rows = np.flatnonzero((documents >= 0) & giving[np.maximum(documents, 0)])
        laid = np.searchsorted(estate.arrays["laid.starts"], rows, side="right") - 1
        default = [number for number, policy in self._by_default if any(s.concerns(action) for s in policy.statements)]
        owners = np.unique(np.concatenate([laid, np.array(default, np.int64)]))
        return tuple(self._asked(action, [estate.texts("thing.id")[int(owner)] for owner in owners]))

    def _asked(self, action: str, arns: list[str]) -> Iterator[str]:
        known, service = catalog.action(action), action.partition(":")[0]
        for arn in arns:
            types = catalog.resource_types_of(arn, service, wide=True)
            if known is None or known.wildcard_only or not types:
                continue
            if any(known.use_of(one.name) for one in types):
                yield arn
            else:
                yield f"{arn}/*"

    def letting_in(self, number: int) -> Iterator[str]:
        """Resources, and what they hold, whose policies name a user or role itself, or everyone in its account."""
        estate = self._access.estate
        account = estate.word("principal.account", number)
        for thing in sorted({*self._by_number.get(number, ()), *self._by_account.get(account or "", ())}):
            arn = estate.texts("thing.id")[thing]
            yield arn
            if arn.split(":")[2:3] == ["s3"]:
                yield f"{arn}/*"

    @cached_property
    def _named(self) -> tuple[dict[int, set[int]], dict[str, set[int]]]:
        """Resources by the number of a principal that they name, and by the account in which they let everyone in."""
        estate = self._access.estate
        numbers: dict[int, set[int]] = {}
        accounts: dict[str, set[int]] = {}
        for thing, statement in self._allows():
            subjects = statement.principals or ()
            if statement.not_principals is not None or any(subject.type == "*" for subject in subjects):
                accounts.setdefault(estate.word("thing.account", thing) or "", set()).add(thing)
            for subject in subjects:
                number = self._access.number_of(subject.value) if subject.type == "AWS" else None
                if number is not None:
                    numbers.setdefault(number, set()).add(thing)
        return numbers, accounts

    def _allows(self) -> Iterator[tuple[int, Statement]]:
        """Every Allow that lies on a resource, or is there by default."""
        yield from ((thing, statement) for thing, policy in self._by_default for statement in policy.statements)
        estate = self._access.estate
        documents, starts = estate.arrays["laid.doc"], estate.arrays["laid.starts"]
        for row in np.flatnonzero(documents >= 0).tolist():
            document = int(documents[row])
            if estate.arrays["doc_bad"][document]:
                continue
            thing = int(np.searchsorted(starts, row, side="right")) - 1
            for statement in estate.policy(document, "", "").statements:
                if statement.effect == "Allow":
                    yield thing, statement

    @cached_property
    def _by_default(self) -> list[tuple[int, Policy]]:
        """Resources that nobody gave a policy, with the one that their service then has for them."""
        estate = self._access.estate
        kinds = estate.texts("thing.kind.texts").all()
        wanted = [code for code, kind in enumerate(kinds) if kind.startswith("elasticfilesystem:")]
        bare = np.diff(estate.arrays["laid.starts"]) == 0
        asked = np.asarray(estate.arrays["thing.asked"]) & np.isin(estate.arrays["thing.kind"], wanted)
        found = ((n, estate.texts("thing.id")[n].split(":", 5)[-1]) for n in np.flatnonzero(asked & bare).tolist())
        return [(number, policy) for number, resource in found for policy in default_policies(resource)]

    @property
    def _by_number(self) -> dict[int, set[int]]:
        return self._named[0]

    @property
    def _by_account(self) -> dict[str, set[int]]:
        return self._named[1]
