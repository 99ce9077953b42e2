"""What those outside hold in a tenant: guests, service principals of apps that others own, and federated identities.

What every guest may do whatever is granted is one line.
https://learn.microsoft.com/entra/external-id/what-is-b2b
https://learn.microsoft.com/entra/identity-platform/application-model
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from leastwise.model.decision import Circumstances, Reason, State
from leastwise.model.exposure import Exposed, Exposure, Inside, Unread

from ..evaluate.decide import decide
from ..evaluate.explain import explain
from ..evaluate.federation import written
from ..evaluate.request import EXCHANGE, Request
from ..language.directory import SERVICE, USER
from ..language.ids import TENANT
from .asked import asked_of
from .holding import Holding
from .who import Who

_FOREIGN = "foreign"


class Exposing:
    """One question; made anew for each.

    Args:
        who: of the tenant.
        holding: what principals hold.
        inside: who is ours.
        given: the circumstances.
    """

    def __init__(self, who: Who, holding: Holding, inside: Inside, given: Circumstances) -> None:
        self._who, self._held, self._holding, self._inside, self._given = who, who.held, holding, inside, given
        self._tenant = self._held.facts["tenant"]

    def answer(self) -> Exposed:
        """Every exposure, sorted by object and outsider, and what could hide others."""
        found = [*self._principals(), *self._federated()]
        unread = self._held.whole.unread
        lost = (Unread(TENANT, "entra:tenant", self._tenant, unread),) if unread else ()
        return Exposed(tuple(sorted(found, key=lambda one: (one.resource, one.principal, one.permissions))), lost)

    # --- who is of another tenant

    def _principals(self) -> Iterator[Exposure]:
        held, names = self._held, self._holding.granting.numbers.names
        for number in self._holding.granting.principals.tolist():
            kind = self._outsider(number)
            if not kind:
                continue
            id = held.members[number]
            gathered: defaultdict[str, set[str]] = defaultdict(set)
            for part in self._holding.of(id).parts:
                for place in part.resources:
                    gathered[place] |= {names[one] for one in part.permissions}
            for place, permissions in gathered.items():
                yield from self._exposures(id, kind, place, sorted(permissions))

    def _outsider(self, number: int) -> str:
        """The kind of somebody who is outside; empty for one of ours."""
        one, held = self._held.object(number), self._held
        if one.kind == USER and one.guest:
            domain = (
                held.word("mail", number).rpartition("@")[2].lower() if "member.mail" in held.arrays.names() else ""
            )
            return "" if domain and domain in self._inside.domains else "user"
        if one.kind != SERVICE or "member.directory" not in held.arrays.names():
            return ""
        return "service_account" if held.word("directory", number) == _FOREIGN else ""

    def _exposures(self, id: str, kind: str, place: str, names: list[str]) -> Iterator[Exposure]:
        """What somebody surely or perhaps may do on an object, or in the tenant."""
        asked = self._asked(id, place)
        seen = self._who.marking.seen(asked)
        gathered: dict[tuple[State, tuple[str, ...]], tuple[list[str], tuple[Reason, ...]]] = {}
        for name in names:
            found = explain(decide(replace(seen, permission=name)))
            if found.state is not State.DENIED:
                gathered.setdefault((found.state, found.missing), ([], found.deciding))[0].append(name)
        for (state, missing), (permissions, reasons) in gathered.items():
            yield Exposure(
                place, self._kind(place), self._tenant, id, kind, "", tuple(permissions), (place,), (), state,
                missing=missing, reasons=reasons,
            )  # fmt: skip

    def _asked(self, who: str, place: str) -> Request:
        return asked_of(self._held, self._who.views.of(), who, "anything", place, self._given)

    def _kind(self, place: str) -> str:
        number = self._held.member_number(place)
        kind = "" if number is None else self._held.object(number).kind
        return "entra:tenant" if place == TENANT else f"entra:{kind or 'object'}"

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
