"""Everybody behind an answer: those who act as a role that can, and, when asked for, those who can assume it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from leastwise.model.decision import Decision, Holder, Link, Residual, State

from .access import AwsAccess, Circumstances
from .acting import Acting, Way
from .granting import Granting
from .told import told
from .who import Who, WhoCan

_OPEN = (State.DENIED, State.UNKNOWN)
_RANK = {State.ALLOWED: 0, State.CONDITIONAL: 1, State.UNKNOWN: 2, State.DENIED: 3}
_MOST_ALTERNATIVES = 16
_ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")
"""Ways to become a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
"""
_NAMED = {"anonymous": "everyone", "account": "other_account"}


def rank(state: State) -> int:
    """The surer, the smaller."""
    return _RANK[state]


class Behind:
    """Finds the principals behind an answer."""

    def __init__(self, access: AwsAccess, acting: Acting) -> None:
        self._access, self._acting = access, acting
        self.granting = Granting(access)

    def best(self, subject: str, action: str, resource: str | None, given: Circumstances) -> Decision:
        """What a user, role or outsider can do; without a resource, the best on any that is known or can be named."""
        found = self._access.can(subject, action, resource, given)
        if resource is not None:
            return found
        for one in self.granting.resources(action):
            if found.state not in self._waiting(action):
                break
            other = self._access.can(subject, action, one, given)
            if rank(other.state) < rank(found.state):
                found = other
        return found

    def _waiting(self, action: str) -> tuple[State, ...]:
        """The states that the policy of one resource can better; what awaits any resource's consent stays unknown."""
        return (State.DENIED,) if self._access.place(action, None).consent else _OPEN

    def direct(self, action: str, resource: str | None, given: Circumstances) -> tuple[list[Holder], tuple[str, ...]]:
        """Users, roles, and those outside the estate, who can do an action by themselves; and what may add others.

        Without a resource, also those whom only the policy of some resource lets in.
        """
        answer = WhoCan(self._access, action, resource, given).answer()
        holders = list(self._holders(answer))
        if resource is None:
            found = {holder.principal: holder for holder in holders}
            for one in self.granting.resources(action):
                found |= self._let_in(WhoCan(self._access, action, one, given), found)
            holders = list(found.values())
        return holders, answer.missing

    def _let_in(self, asked: WhoCan, found: Mapping[str, Holder]) -> dict[str, Holder]:
        """Those whom the policy of one resource lets in, and who are not found yet (or of whom it was not known)."""
        estate = self._access.estate
        waiting = self._waiting(asked.action)
        open_ = [n for n in asked.named_alone() if _is_open(found.get(estate.principal_ids[n]), waiting)]
        answer = asked.answer(np.array(open_, np.int64)) if open_ else Who((), (), ())
        answer = replace(answer, outsiders=tuple(asked.outsiders()))
        return {one.principal: one for one in self._holders(answer) if _is_open(found.get(one.principal), waiting)}

    def _holders(self, answer: Who) -> Iterator[Holder]:
        estate = self._access.estate
        for group in answer.groups:
            state, residual, missing = told(group.verdict, group.question)
            ids = estate.principal_ids.many(group.members)
            kinds, accounts = (estate.words(f"principal.{one}", group.members) for one in ("kind", "account"))
            for id, kind, account in zip(ids, kinds, accounts, strict=True):
                name = id.rsplit("/", 1)[-1]
                yield Holder(id, name, kind or "", account or "", True, state, residual, missing)
        for principal, verdict, question in answer.outsiders:
            kind = _NAMED.get(principal.kind, principal.kind)
            state, residual, missing = told(verdict, question)
            name = principal.id.rsplit("/", 1)[-1]
            yield Holder(principal.id, name, kind, principal.account, False, state, residual, missing)

    def devices(self, action: str, resource: str | None) -> Iterator[Holder]:
        """Things whose own policies let them do an action of IoT."""
        for thing in self._acting.things() if action.startswith("iot:") else ():
            decision = self._acting.device(thing, action, resource)
            if decision is not None and decision.state is not State.DENIED:
                told_so = (decision.state, decision.residual, decision.missing)
                yield Holder(thing.id, thing.name, thing.kind, thing.account, True, *told_so)

    def actors(self, holders: Iterable[Holder]) -> Iterator[Holder]:
        """People, things and agents that act as a role among some holders."""
        best: dict[str, Holder] = {}
        ways = self._acting.into()
        able = {holder.principal: holder for holder in holders} if ways else {}
        for role, into in ways.items():
            holder = able.get(self._access.estate.principal_ids[role])
            for way in into if holder is not None else ():
                assert holder is not None
                found = _as(way, holder)
                known = best.get(found.principal)
                if known is None or rank(found.state) < rank(known.state):
                    best[found.principal] = found
        return iter(best.values())

    def assuming(self, holders: Iterable[Holder], given: Circumstances) -> list[Holder]:
        """Those who can become a role among some holders, directly or by other roles, with what they become."""
        known = {holder.principal: holder for holder in holders}
        waiting = [holder for holder in known.values() if ":role/" in holder.principal]
        found: list[Holder] = []
        while waiting:
            role = waiting.pop(0)
            become = [one for action in _ASSUMING for one in self.direct(action, role.principal, given)[0]]
            for holder in become:
                step = _through(holder, role)
                earlier = known.get(holder.principal)
                if earlier is not None and rank(earlier.state) <= rank(step.state):
                    continue
                known[holder.principal] = step
                found = [one for one in found if one.principal != step.principal] + [step]
                if ":role/" in step.principal and step.inside:
                    waiting.append(step)
        return found


def _is_open(holder: Holder | None, waiting: tuple[State, ...]) -> bool:
    return holder is None or holder.state in waiting


def _as(way: Way, role: Holder) -> Holder:
    actor = way.actor
    state = max(role.state, open_state(way), key=rank)
    return replace(
        role,
        principal=actor.id,
        name=actor.name,
        kind=actor.kind,
        account=actor.account,
        inside=True,
        state=state,
        residual=both(way.residual, role.residual) if state is not State.ALLOWED else (),
        missing=tuple(dict.fromkeys((*((way.missing,) if way.missing else ()), *role.missing))),
        chain=(*way.chain, *role.chain),
    )


def open_state(way: Way) -> State:
    """Whether a way to a role is open."""
    if way.missing:
        return State.UNKNOWN
    return State.ALLOWED if way.residual == () else State.CONDITIONAL


def _through(holder: Holder, role: Holder) -> Holder:
    """A holder of sts:AssumeRole on a role, with what the role can do."""
    state = max(holder.state, role.state, key=rank)
    return replace(
        holder,
        state=state,
        residual=both(holder.residual, role.residual) if state is not State.ALLOWED else (),
        missing=tuple(dict.fromkeys((*holder.missing, *role.missing))),
        chain=(Link("role", role.principal, role.name), *role.chain),
    )


def both(first: Residual | None, second: Residual | None) -> Residual | None:
    """Both conditions: an alternative of each. The session of the role is another request than the assumption of it."""
    if first is None or second is None:
        return None
    if not first or not second:
        return first or second
    if len(first) * len(second) > _MOST_ALTERNATIVES:
        return None
    return tuple((*one, *other) for one in first for other in second)
