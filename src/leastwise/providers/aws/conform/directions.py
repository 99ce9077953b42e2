"""One question to a compiled estate in each direction: can, who can, what can; and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leastwise.model.decision import State
from leastwise.providers.ask import SURE

from .. import catalog
from ..compiled.access import AwsAccess, Circumstances
from ..compiled.acting import Acting
from ..compiled.what import what_can
from ..compiled.who import WhoCan
from ..evaluate.arn import parse_arn, spans
from ..evaluate.decide import Decided, decide
from ..evaluate.explain import STATES
from ..evaluate.principals import ANY_ACCOUNT as SOMEBODY
from ..evaluate.principals import ANY_SERVICE, Principal

EVERYONE = "*"
ANY_ACCOUNT = "arn:aws:iam::*:root"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, besides who and what: the resource and the circumstances."""

    access: AwsAccess
    resource: str | None
    given: Circumstances

    def can(self, principal: str, permission: str) -> Decided:
        """One decision. Raises UsageError when nobody is named."""
        return decide(self.access.question(principal, permission, self.resource, self.given))

    def state(self, principal: str, permission: str) -> State:
        """The state of one decision. Raises UsageError when nobody is named."""
        return STATES[self.can(principal, permission).verdict.outcome]

    def person(self, name: str, permission: str) -> tuple[State, str] | None:
        """The best that somebody can by the roles that stand for it, and what is not known; None for nobody known."""
        acting = Acting(self.access)
        found = acting.named(name)
        if len(found) != 1:
            return None
        ways, ids = acting.ways(found[0]), self.access.estate.principal_ids
        missing = [*acting.unread(found[0]), *(way.missing for way in ways if way.role is None)]
        states = [self.state(ids[way.role], permission) for way in ways if way.role is not None]
        return max([State.UNKNOWN if missing else State.DENIED, *states], key=SURE.index), "; ".join(missing)

    def unlisted(self, permission: str) -> bool:
        """Whether something that was not read may let in others than those that `who_can` lists."""
        return bool(self.access.place(permission, self.resource).lacking)

    def who_can(self, permission: str) -> dict[str, State]:
        """Who is not denied, with the state of each; everyone is `*`."""
        who = WhoCan(self.access, permission, self.resource, self.given).answer()
        ids = self.access.estate.principal_ids
        found = {ids[int(m)]: STATES[g.verdict.outcome] for g in who.groups for m in g.members}
        for principal, verdict, _ in who.outsiders:
            found[outsider(principal)] = STATES[verdict.outcome]
        if found.get(EVERYONE) == State.ALLOWED:
            found.pop(ANY_ACCOUNT, None)
        return found

    def roots(self, permission: str) -> dict[str, State]:
        """The state of each root user of the estate's accounts, as who can tells it: they stand beside the list."""
        who = WhoCan(self.access, permission, self.resource, self.given)
        told = {principal.id: STATES[verdict.outcome] for principal, verdict, _ in who.roots()}
        return {root.id: told.get(root.id, State.DENIED) for root in self.access.roots.values()}

    def what_can(self, principal: str) -> dict[str, State]:
        """What one principal is not denied on the resource, with the state of each. Raises UsageError."""
        found: dict[str, State] = {}
        for cube in what_can(self.access, principal, self.resource, self.given):
            for name in cube.permissions:
                found[name] = max(cube.state, found.get(name, cube.state), key=SURE.index)
        return found

    def taking(self, names: Iterable[str]) -> list[str]:
        """Those of some actions that take the resource, or none, of the resource's service."""
        arn = parse_arn(self.resource or "")
        services = {"iam", "sts"} if arn and arn.service == "iam" else {arn.service} if arn else set()
        return [one for one in names if not services or (one.partition(":")[0] in services and self._takes(one))]

    def _takes(self, name: str) -> bool:
        known = catalog.action(name)
        if known is None or self.resource in (None, "*"):
            return True
        types = {one.name for one in catalog.resource_types_of(self.resource or "", name.partition(":")[0])}
        return known.wildcard_only or any(use.type in types for use in known.resource_types)


def outsider(principal: Principal) -> str:
    """The name of a principal outside the estate in a list of who can."""
    if principal.kind == "anonymous":
        return EVERYONE
    return ANY_ACCOUNT if principal.id == SOMEBODY else principal.id


def disagreements(asked: Asked, principal: str | None, permissions: list[str]) -> Iterator[str]:
    """Where one direction says of the estate's principals, and of one more, what another does not."""
    for permission in permissions:
        listed = asked.who_can(permission)
        known = asked.access.estate.principal_ids.all()
        rest = (State.DENIED, State.UNKNOWN) if asked.unlisted(permission) else (State.DENIED,)
        for one in {*known, *(name for name in listed if name != ANY_ACCOUNT)}:
            state = asked.state(one, permission)
            if state not in ((listed[one],) if one in listed else rest):
                yield f"{permission}: {one} is {state} by can, {listed.get(one, State.DENIED)} by who can"
            if kept := _by_what_can(asked, one, permission, state):
                yield kept
        for root, told in asked.roots(permission).items():
            state = asked.state(root, permission)
            if state is not told and not (asked.unlisted(permission) and told is State.DENIED):
                yield f"{permission}: {root} is {state} by can, {told} by who can"
            if root == principal and (kept := _by_what_can(asked, root, permission, state)):
                yield kept
        if principal is not None and principal not in known:
            yield from _one_more(asked, principal, permission, listed)


def _by_what_can(asked: Asked, principal: str, permission: str, state: State) -> str:
    """Where what can says another thing; it knows the catalogue's actions only, and cuts patterns of resources up."""
    known = catalog.action(permission)
    if known is None or spans(asked.resource or "*"):
        return ""
    told = asked.what_can(principal).get(known.name, State.DENIED)
    return "" if told is state else f"{permission}: {principal} is {state} by can, {told} by what can"


def _one_more(asked: Asked, principal: str, permission: str, listed: dict[str, State]) -> Iterator[str]:
    """A session stands in the list as its role, root users beside it."""
    who, _ = asked.access.principal(principal)
    state = asked.state(principal, permission)
    named = who.role if who.kind == "session" else outsider(who)
    if state is State.ALLOWED and who.kind not in ("root", "account", "federated_user") and named not in listed:
        shown = EVERYONE in listed or (ANY_SERVICE if who.kind == "service" else ANY_ACCOUNT) in listed
        if not (shown and who.kind != "session"):
            yield f"{permission}: {principal} is ALLOWED by can, and {named} is not listed by who can"
