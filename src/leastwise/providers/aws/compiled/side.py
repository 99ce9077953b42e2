"""One of two estates that are held against each other: what decides in it, told so that both can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import Cube, State

from ..evaluate.policy import Policy, Statement
from .access import AwsAccess, Circumstances
from .acting import Acting
from .effective import Standing
from .fingerprints import Content, Fingerprints, content
from .granting import Granting
from .holding import Holding
from .matching import outcomes
from .places import tags_of
from .tagged import TagReaders
from .telling import Telling


class Side:
    """One of two estates."""

    def __init__(self, access: AwsAccess, acting: Acting, granting: Granting) -> None:
        self.access, self.acting, self.granting = access, acting, granting
        self.estate = access.estate
        self.prints = Fingerprints(access)
        self.telling = Telling(access, granting)
        self._matched: tuple[str, Array] | None = None

    @cached_property
    def read(self) -> frozenset[str]:
        """The accounts of which the users and roles were read."""
        facts = self.estate.arrays.facts
        bad = {
            scope
            for scope, rows in facts["coverage"].items()
            if any(service == "iam" and status not in ("ok", "unlicensed") for service, _, status, _, _ in rows)
        }
        return frozenset(id for kind, id, readable in facts["scopes"] if kind == "account" and readable) - bad

    def statements(self, number: int) -> dict[tuple[str, Content], Statement]:
        """Every statement on the side of a user or role, by what it says and where."""
        access, account = self.access, self.estate.word("principal.account", number) or ""
        found = _by_content("identity", access.identity(self.estate.principal(number), number)[0])
        found |= _by_content("boundary", access.boundary(number)[0] or ())
        return found | self.guarding(account)

    def guarding(self, account: str) -> dict[tuple[str, Content], Statement]:
        """The statements of the guardrails above an account, by what they say and where."""
        found: dict[tuple[str, Content], Statement] = {}
        for kind in ("scp", "rcp"):
            for place, level in enumerate(self.access.guardrails.levels(kind, account)[0] or ()):
                found |= _by_content(f"{kind} {place}", level)
        return found

    def unguarded(self, account: str) -> tuple[object, ...]:
        """What was not read of the guardrails above an account, and how many levels they have."""
        levels = [self.access.guardrails.levels(kind, account) for kind in ("scp", "rcp")]
        return tuple((None if found is None else len(found), gaps) for found, gaps in levels)

    def gaps(self, number: int) -> tuple[object, ...]:
        """What was not read on the side of a user or role."""
        access, account = self.access, self.estate.word("principal.account", number) or ""
        own, bound = access.identity(self.estate.principal(number), number)[1], access.boundary(number)
        return own, None if bound[0] is None else len(bound[0]), bound[1], self.unguarded(account)

    # --- resources

    def laid(self, arn: str) -> list[Policy] | None:
        """The policies of a resource and the grants on it, as far as they were read; None for one that is not there.

        One that nobody gave a policy has the one of its service.
        """
        thing = self.estate.thing(arn)
        if thing is None:
            return None
        arrays = self.estate.arrays
        documents = arrays["laid.doc"][int(arrays["laid.starts"][thing]) : int(arrays["laid.starts"][thing + 1])]
        found = [one for one in documents.tolist() if one >= 0 and not arrays["doc_bad"][one]]
        default = self.granting.default(thing)
        return [self.estate.policy(one, "", "") for one in found] + ([Policy("", default, "")] if default else [])

    def trust(self, role: str) -> list[Policy] | None:
        """The trust policy of a role, if it was read; None for a role that is not there."""
        number = self.estate.principal_number(role)
        if number is None:
            return None
        document = int(self.estate.arrays["principal.trust"][number])
        return [self.estate.policy(document, "", "")] if document >= 0 else []

    def surely_lacks(self, arn: str) -> bool:
        """Whether a resource that is not there did not exist: every call about its service in its account went well."""
        fields = arn.split(":")
        if len(fields) < 6 or self.estate.thing(arn) is not None:
            return False
        service, account = fields[2], fields[4]
        told = [
            row for rows in ([self._coverage.get(account, [])] if account else self._coverage.values()) for row in rows
        ]
        about = [row[2] for row in told if row[0] == service]
        return bool(about) and all(status == "ok" for status in about)

    @cached_property
    def readers(self) -> TagReaders:
        """The statements that read tags of resources."""
        return TagReaders(self.estate)

    def tags(self, arn: str) -> dict[str, str] | None:
        """The tags of a user, a role or another resource; None where they are not known."""
        number, thing = self.estate.principal_number(arn), self.estate.thing(arn)
        if number is not None:
            return self.estate.tags(number)
        return None if thing is None else tags_of(self.estate, thing)

    @property
    def _coverage(self) -> Mapping[str, list[list[str]]]:
        found: Mapping[str, list[list[str]]] = self.estate.arrays.facts["coverage"]
        return found

    def concerning(self, action: str, resource: str) -> bytes:
        """The statements that concern an action and may name a resource, as a value."""
        if self._matched is None or self._matched[0] != resource:
            numbers, place = np.arange(len(self.estate.arrays["st_doc"])), self.access.place(action, resource)
            matched = outcomes(self.estate, numbers, place.target) > 0
            if place.behind is not None and place.behind.target.text:
                # What lies on the bucket behind an access point names the bucket.
                matched |= outcomes(self.estate, numbers, place.behind.target) > 0
            self._matched = resource, matched
        concerned = self.access.concerned(action)
        return concerned[self._matched[1][concerned]].tobytes()

    # --- sets

    def holding(self, standings: Sequence[Standing], missing: Sequence[str], among: Array | None) -> Holding:
        """What some standings may do."""
        return Holding(self.access, self.telling, standings, Circumstances(), missing=missing, among=among)

    def of(self, number: int, among: Array | None) -> Holding:
        """What a user or role may do."""
        return self.holding([Standing.of(self.access, self.estate.principal_ids[number])], (), among)


def _by_content(layer: str, policies: Iterable[Policy]) -> dict[tuple[str, Content], Statement]:
    return {(layer, content(statement)): statement for policy in policies for statement in policy.statements}


def unless_unread(cubes: Iterable[Cube], account: str, other: Side, when: str) -> tuple[Cube, ...]:
    """Cubes of a principal that another estate does not have: sure only where its account was read there."""
    if account in other.read:
        return tuple(cubes)
    gap = f"users and roles of account {account}: not read {when}"
    return tuple(replace(one, state=State.UNKNOWN, missing=(*one.missing, gap)) for one in cubes)
