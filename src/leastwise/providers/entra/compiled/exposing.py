"""What those outside hold in a tenant: guests, service principals of apps that others own, and federated identities.

What every guest may do whatever is granted is one line.
https://learn.microsoft.com/entra/external-id/what-is-b2b
https://learn.microsoft.com/entra/identity-platform/application-model
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from leastwise.model.decision import Circumstances, Decision, Needed, Reason, Residual, State
from leastwise.model.exposure import Exposed, Exposure, Inside, Unread
from leastwise.providers.bulk.outsiders import Outsider

from ..evaluate.decide import decide
from ..evaluate.explain import explain
from ..evaluate.federation import written
from ..evaluate.request import EXCHANGE, Request
from ..language.directory import SERVICE, Object
from ..language.grants import Delegation
from ..language.ids import TENANT
from .asked import asked_of, context_of
from .holding import Holding
from .who import Who
from .zone import Zone

_ON_BEHALF = "onBehalfOf"


class Exposing:
    """One question; made anew for each.

    Args:
        who: of the tenant.
        holding: what principals hold.
        inside: who is ours.
        given: the circumstances.
        services: also the vendor's own applications, which act in each tenant for that alone.
    """

    def __init__(
        self, who: Who, holding: Holding, inside: Inside, given: Circumstances, *, services: bool = False
    ) -> None:
        self._who, self._held, self._holding, self._given = who, who.held, holding, given
        self._zone, self._services = Zone(who.held, inside), services
        self._tenant = self._held.facts["tenant"]

    def answer(self) -> Exposed:
        """Every exposure, sorted by object and outsider, and what could hide others."""
        found = [*self._principals(), *self._delegated(), *self._federated()]
        unread = self._held.whole.unread
        lost = [Unread(TENANT, "entra:tenant", self._tenant, unread)] if unread else []
        return Exposed(tuple(sorted(found, key=_order)), (*lost, *self._undecided()))

    # --- who is of another tenant

    def _principals(self) -> Iterator[Exposure]:
        held, names = self._held, self._holding.granting.numbers.names
        for number in self._holding.granting.principals.tolist():
            outsider = self._outsider(held.object(number))
            if outsider is None:
                continue
            gathered: defaultdict[str, set[str]] = defaultdict(set)
            for part in self._holding.of(outsider.principal).parts:
                for place in part.resources:
                    gathered[place] |= {names[one] for one in part.permissions}
            for place, permissions in gathered.items():
                yield from self._exposures(outsider, place, sorted(permissions))

    def _outsider(self, one: Object) -> Outsider | None:
        """Somebody who is outside and is to be told; None for anybody else."""
        found = self._zone.outsider(one)
        return found if found is None or self._services or found.source != "inside" else None

    def _undecided(self) -> Iterator[Unread]:
        """Those to whom something is given of whom it is not known whose application they are."""
        clients = np.unique(self._held.arrays["delegation.client"])
        for number in np.union1d(self._holding.granting.principals, clients[clients >= 0]).tolist():
            one = self._held.object(number)
            if one.enabled is not False and self._zone.undecided(one):
                missing = (f"which tenant the application of {one.name or one.id} belongs to",)
                yield Unread(one.id, f"entra:{SERVICE}", self._tenant, missing)

    def _exposures(self, who: Outsider, place: str, names: list[str]) -> Iterator[Exposure]:
        """What somebody surely or perhaps may do on an object, or in the tenant."""
        asked = self._asked(who.principal, place)
        seen = self._who.marking.seen(asked)
        found = _told((name, explain(decide(replace(seen, permission=name)))) for name in names)
        for (state, missing), (permissions, reasons) in found.items():
            yield Exposure(
                place, self._kind(place), self._tenant, who.principal, who.kind, who.account, tuple(permissions),
                (place,), (), state, missing=missing, reasons=reasons, source=who.source,
            )  # fmt: skip

    def _asked(self, who: str, place: str) -> Request:
        return asked_of(self._held, self._who.views.of(), who, "anything", place, self._given)

    def _kind(self, place: str) -> str:
        number = self._held.member_number(place)
        kind = "" if number is None else self._held.object(number).kind
        return "entra:tenant" if place == TENANT else f"entra:{kind or 'object'}"

    # --- on whose behalf their apps act

    def _delegated(self) -> Iterator[Exposure]:
        """What apps of outsiders may do for users: as far as these themselves may."""
        held = self._held
        user, *_ = context_of(held, self._given)
        for row, client in enumerate(held.arrays["delegation.client"].tolist()):
            one, outsider = held.delegation(row), self._outsider(held.object(client))
            if outsider is None or (user and one.user not in ("", user)):
                continue
            about = (one.resource, self._kind(one.resource), self._tenant)
            who = (outsider.principal, outsider.kind, outsider.account)
            lent = self._for_user(one, one.user or user) if one.user or user else self._for_everybody(one)
            for (state, missing), (permissions, reasons) in lent.items():
                open_ = state is State.ALLOWED and not user
                yield Exposure(
                    *about, *who, tuple(permissions), (one.resource,), (), State.CONDITIONAL if open_ else state,
                    _signed_in(one.user) if open_ else (), missing, reasons, source=outsider.source,
                )  # fmt: skip

    def _for_user(self, one: Delegation, user: str) -> _Lent:
        """What a delegated grant lends on behalf of a user."""
        seen = self._who.marking.seen(replace(self._asked(one.client, one.resource), user=user))
        return _told((name, explain(decide(replace(seen, permission=name)))) for name in self._scopes(one))

    def _for_everybody(self, one: Delegation) -> _Lent:
        """What one for every user lends, on behalf of whoever has signed in."""
        numbers = (self._held.member_number(id) for id in (one.client, one.resource))
        if any(number is not None and self._held.object(number).enabled is False for number in numbers):
            return {}
        text = f"the delegated grant of {one.resource} for every user has {' '.join(sorted(one.scopes))}"
        return {(State.ALLOWED, ()): (self._scopes(one), (Reason("allows", "delegated", text, source=one.client),))}

    def _scopes(self, one: Delegation) -> list[str]:
        """The scopes of a grant, as whoever offers them writes them."""
        numbers = self._holding.granting.numbers
        known = {scope: numbers.by_lower.get(scope) for scope in one.scopes}
        return sorted(scope if number is None else numbers.names[number] for scope, number in known.items())

    # --- whom federated credentials let in

    def _federated(self) -> Iterator[Exposure]:
        held = self._held
        for row in range(len(held.arrays["trusted.application"])):
            one = held.credential(row)
            asked = asked_of(held, self._who.views.of(), written(one), EXCHANGE, one.application, self._given)
            found = explain(decide(self._who.marking.seen(asked)))
            if found.state is State.DENIED:
                continue
            yield Exposure(
                one.application, self._kind(one.application), self._tenant, one.issuer, "federated", "", (EXCHANGE,),
                (one.application,), (), found.state, found.residual, found.missing, found.deciding,
                (one.subject or one.expression,),
            )  # fmt: skip


_Lent = dict[tuple[State, tuple[str, ...]], tuple[list[str], tuple[Reason, ...]]]
"""Permissions and the reasons for them, by a state and what is missing."""


def _told(decisions: Iterable[tuple[str, Decision]]) -> _Lent:
    """The permissions that are not denied, by what comes of them."""
    found: _Lent = {}
    for name, one in decisions:
        if one.state is not State.DENIED:
            found.setdefault((one.state, one.missing), ([], one.deciding))[0].append(name)
    return found


def _signed_in(user: str) -> Residual:
    """The condition that somebody, or a user, has signed in to the app."""
    return ((Needed(_ON_BEHALF, "eq" if user else "exists", (user or "true",)),),)


def _order(one: Exposure) -> tuple[str, str, tuple[str, ...], str]:
    return one.resource, one.principal, one.permissions, str(one.residual)
