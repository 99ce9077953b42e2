"""What those outside can reach: every resource and role whose own policies let somebody in from outside.

Outsiders are those whom policies name, and everybody where one names everybody; each is decided by the evaluator, with
resource control policies, denials, public access blocks and buckets behind access points. What an outsider's own
account allows is for that account to say: it is taken to allow. Conditions that none outside can meet keep everybody
out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import Reason
from leastwise.model.exposure import Exposed, Exposure, Inside, Unread

from ..evaluate.arn import resource_pattern
from ..evaluate.policy import Policy, Statement, Subject
from ..evaluate.principals import ANY_ACCOUNT, Principal
from ..evaluate.services import assumes
from .access import AwsAccess, Circumstances
from .admitted import Admitted, Verdicts
from .faces import Faces, Group
from .granting import Granting
from .outside import ANY_SERVICE, Pin, Zone, kind_of, let_in, outsiders
from .places import Place
from .policied import can_have_policy
from .unread import unread_roles, unread_things

_IDENTITY_CENTER = ":role/aws-reserved/sso.amazonaws.com/"
"""Only Identity Center makes roles there; their people are principals of the estate.

https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
"""
_ASSUMING = "sts:AssumeRole"
_GIVING = {"s3:bucket": (("s3:ListBucket", ""), ("s3:GetObject", "/*")), "kms:key": (("kms:Decrypt", ""),)}
"""Kinds of resources that have more than a policy: actions by which it is found whether the rest was read."""
_INSIDE, _SERVICE, _OUTSIDE = range(3)
_Found = tuple[Principal, str, Admitted, tuple[str, ...]]
"""An outsider, for whom it acts, what it is let in to, and by which actions."""


class Exposing:
    """One question; made anew for each.

    Args:
        access: the estate.
        inside: our accounts and organizations.
        given: the circumstances.
        services: all services, also those that act for ourselves only, that use roles, or that no policy names; else
            those that a policy of a resource names without saying for whom they may act.
    """

    def __init__(self, access: AwsAccess, inside: Inside, given: Circumstances, *, services: bool) -> None:
        self._access, self._given, self._services = access, given, services
        self._zone = Zone(access, inside)
        self._faces = Faces()
        self._verdicts = Verdicts()
        self._patterns: dict[str, list[str]] = {}
        self._tagged: dict[tuple[int, str], bool] = {}
        self._estate = access.estate

    def answer(self) -> Exposed:
        """Every exposure, and what was not read."""
        telling = self._telling()
        found = [*self._roles(telling), *self._things(telling)]
        found.sort(key=lambda one: (one.resource, one.principal_kind, one.principal, one.source, one.permissions))
        return Exposed(tuple(found), tuple(sorted(self._unread(), key=lambda one: one.resource)))

    # --- which documents are worth a look

    def _telling(self) -> Array:
        """For each document whom its Allow statements name at most: nobody outside, services, others."""
        arrays = self._estate.arrays
        texts = self._estate.texts("subject.texts").all()
        ranks = np.fromiter((self._rank(text) for text in texts), np.int8, len(texts))
        rows = self._estate.rows("st_subject")
        of_statement = np.zeros(len(arrays["st_doc"]), np.int8)
        owner = np.repeat(np.arange(len(of_statement)), np.diff(rows.starts))
        np.maximum.at(of_statement, owner, ranks[rows.values])
        of_statement[arrays["subject.sign"] < 0] = _OUTSIDE
        of_statement[arrays["st_deny"]] = _INSIDE
        found = np.zeros(len(arrays["doc_bad"]) + 1, np.int8)
        np.maximum.at(found, arrays["st_doc"], of_statement)
        found[:-1][arrays["doc_bad"]] = _INSIDE
        return found

    def _rank(self, entry: str) -> int:
        kind, _, value = entry.partition("=")
        subject = Subject("*" if kind == "AWS" and value == "*" else kind, value)
        if kind == "Service":
            return _SERVICE
        return _OUTSIDE if any(self._is_outside(one) for one in outsiders(self._access, subject)) else _INSIDE

    def _is_outside(self, principal: Principal) -> bool:
        """Not of an account of ours; an identity provider is, wherever it is registered."""
        return principal.kind == "federated" or principal.account not in self._zone.inside.accounts

    # --- roles

    def _roles(self, telling: Array) -> Iterator[Exposure]:
        """The roles whose trust policies let outsiders in: equal policies in one account are decided once."""
        arrays = self._estate.arrays
        trust = arrays["principal.trust"]
        least = _SERVICE if self._services else _OUTSIDE
        numbers = np.flatnonzero((trust >= 0) & (telling[np.maximum(trust, 0)] >= least))
        ids = self._estate.principal_ids.many(numbers)
        accounts = self._estate.words("principal.account", numbers)
        known: dict[Hashable, list[Exposure]] = {}
        for number, id, account in zip(numbers.tolist(), ids, accounts, strict=True):
            document = int(trust[number])
            if _IDENTITY_CENTER in id and account in self._zone.inside.accounts:
                continue
            tags = sorted(self._estate.tags(number).items()) if self._asks_tags(document, account or "") else ()
            key = (document, account, self._above(id, account or ""), tuple(tags))
            found = known.get(key)
            if found is None:
                found = known[key] = list(self._exposures(id, "iam:role", account or "", _ASSUMING))
            for one in found:
                yield one if one.resource == id else _moved(one, id)

    def _above(self, role: str, account: str) -> tuple[bool, ...]:
        """What tells roles with one trust policy in one account apart: which resources of guardrails they are."""
        patterns = self._patterns.get(account)
        if patterns is None:
            statements = self._guarding(account)
            values = {value for one in statements for value in (*(one.resources or ()), *(one.not_resources or ()))}
            patterns = self._patterns[account] = sorted(values - {"*"})
        return tuple(resource_pattern(one).matches(role) for one in patterns)

    def _guarding(self, account: str) -> list[Statement]:
        """The statements of the resource control policies above an account."""
        levels = self._access.guardrails.levels("rcp", account)[0] or ()
        return [one for level in levels for policy in level for one in policy.statements]

    def _asks_tags(self, document: int, account: str) -> bool:
        """Whether a trust policy, or what is above the account, asks for tags of the role."""
        asked = self._tagged.get((document, account))
        if asked is None:
            own = self._estate.policy(document, "", "").statements
            texts = (
                text
                for one in (*own, *self._guarding(account))
                for test in one.tests
                for text in (test.key, *test.values)
            )
            asked = self._tagged[document, account] = any("resourcetag/" in text.lower() for text in texts)
        return asked

    # --- resources

    def _things(self, telling: Array) -> Iterator[Exposure]:
        """The resources on which a policy, a grant or an access list lets outsiders in, or what a service has for them.

        What a service has where nobody gave a policy is in no document.
        """
        arrays = self._estate.arrays
        documents = arrays["laid.doc"]
        rows = np.flatnonzero((documents >= 0) & (telling[np.maximum(documents, 0)] >= _SERVICE))
        laid = np.searchsorted(arrays["laid.starts"], rows, side="right") - 1
        things = np.union1d(laid, np.array(Granting(self._access).by_default, np.int64))
        ids = self._estate.texts("thing.id").many(things)
        kinds, accounts = (self._estate.words(f"thing.{one}", things) for one in ("kind", "account"))
        for id, kind, account in zip(ids, kinds, accounts, strict=True):
            yield from self._exposures(id, kind or "", account or "", "")

    # --- one resource or role

    def _exposures(self, id: str, kind: str, account: str, action: str) -> Iterator[Exposure]:
        """The exposures of one; `action` is one of those that its policy is about, where another service names it."""
        place = self._access.place(action or f"{id.split(':')[2]}:", id)
        own = [one for policy in (*place.policies, *place.grants) for one in policy.statements]
        around = self._around(place, account, action or f"{id.split(':')[2]}:")
        pins = self._zone.pins([*own, *around], account)
        gathered: dict[tuple[Principal, str, Admitted], list[str]] = {}
        for group in self._faces.groups(id, [*own, *around] if own else []):
            if action and not assumes(group.actions[0]):
                continue  # a trust policy says nothing of anything else
            for principal in self._named(own, around, group.actions[0]):
                for source, admitted in self._admitted(principal, group, place, kind, pins):
                    gathered.setdefault((principal, source, admitted), []).extend(group.actions)
        found = [(who, source, let, tuple(sorted(set(names)))) for (who, source, let), names in gathered.items()]
        for who, source, let, names in _told_once(found):
            yield Exposure(
                id, kind, account, who.id, kind_of(who), who.account, names,
                let.resources, let.exceptions, let.state, let.residual, let.missing, let.reasons, let.subjects, source,
            )  # fmt: skip

    def _around(self, place: Place, account: str, action: str) -> list[Statement]:
        """Statements that bear on a resource and are not its own."""
        policies: list[Policy] = []
        for level in self._access.guardrails.levels("rcp", place.account or account)[0] or ():
            policies += level
        policies += [place.behind.policy] if place.behind and place.behind.policy else []
        policies += self._access.endpoint_for(self._given, action)[0] or ()
        return [one for policy in policies for one in policy.statements]

    def _named(self, own: Sequence[Statement], around: Sequence[Statement], action: str) -> Iterator[Principal]:
        """The outsiders whom a policy lets in to an action: by name, or as somebody whom denials leave out by name."""
        allows = (one for one in own if one.effect == "Allow" and one.concerns(action))
        named = (principal for one in allows for principal in let_in(self._access, one))
        found = dict.fromkeys(one for one in named if self._is_outside(one))
        yield from found
        everyone = any(one.kind == "anonymous" for one in found)
        if everyone and self._services:
            yield ANY_SERVICE
        accounts = {one.account for one in found if one.account}
        denials = (one for one in (*own, *around) if one.effect == "Deny" and one.concerns(action))
        spared = (subject for one in denials for subject in one.not_principals or () if subject.type != "*")
        for principal in dict.fromkeys(who for subject in spared for who in outsiders(self._access, subject)):
            let = everyone or principal.account in accounts
            if let and principal not in found and self._is_outside(principal):
                yield principal

    def _admitted(
        self, principal: Principal, group: Group, place: Place, kind: str, pins: Sequence[Pin]
    ) -> Iterator[tuple[str, Admitted]]:
        """What an outsider is let in to, and for whom it then acts."""
        service = principal.kind == "service"
        # A role is used by a service for those who may pass it, who are all of its own account.
        if service and kind == "iam:role" and not self._services:
            return
        asked = self._verdicts.question(self._access, principal, group, self._given, place)
        found = list(self._verdicts.admitted(asked, group.face, pins))
        if found or not service:
            yield from (("anyone" if service else "", one) for one in found)
        elif self._services:
            yield from (("inside", one) for one in self._verdicts.admitted(asked, group.face, ()))

    # --- what was not read

    def _unread(self) -> Iterator[Unread]:
        """Roles and resources of which it was not read whom they let in."""
        for number in unread_roles(self._estate).tolist():
            id = self._estate.principal_ids[number]
            account = self._estate.word("principal.account", number) or ""
            yield Unread(id, "iam:role", account, self._access.place(_ASSUMING, id).gaps)
        open_ = unread_things(self._estate)
        kinds = self._estate.texts("thing.kind.texts").all()
        for kind in _GIVING.keys() & set(kinds):
            open_ |= self._estate.arrays["thing.kind"] == kinds.index(kind)
        things = np.flatnonzero(open_)
        for number, id in zip(things.tolist(), self._estate.texts("thing.id").many(things), strict=True):
            kind, account = (self._estate.word(f"thing.{one}", number) or "" for one in ("kind", "account"))
            gaps = self._gaps(id, kind) if can_have_policy(id) else ()
            if gaps:
                yield Unread(id, kind, account, gaps)

    def _gaps(self, id: str, kind: str) -> tuple[str, ...]:
        """What of a resource was not read that may let somebody in."""
        found = dict.fromkeys(self._access.place(f"{id.split(':')[2]}:", id).gaps)
        for action, below in _GIVING.get(kind, ()):
            found |= dict.fromkeys(one.text for one in self._access.place(action, f"{id}{below}").giving)
        return tuple(found)


def _moved(one: Exposure, role: str) -> Exposure:
    """The exposure of another role with the same trust policy."""
    reasons = tuple(_elsewhere(reason, one.resource, role) for reason in one.reasons)
    resources = tuple(role if text == one.resource else text for text in one.resources)
    missing = tuple(text.replace(one.resource, role) for text in one.missing)
    return replace(one, resource=role, resources=resources, reasons=reasons, missing=missing)


def _elsewhere(reason: Reason, before: str, role: str) -> Reason:
    return replace(reason, source=role) if reason.source == before else reason


def _told_once(found: list[_Found]) -> Iterator[_Found]:
    """Without what somebody of any account, or any service, has and everybody has alike."""
    everybody = {let: set(names) for who, _, let, names in found if who.kind == "anonymous"}
    for who, source, let, names in found:
        if who.id == ANY_ACCOUNT or who == ANY_SERVICE:
            names = tuple(one for one in names if one not in everybody.get(let, ()))
        if names:
            yield who, source, let, names
