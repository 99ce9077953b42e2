"""Everybody behind an answer: users, roles, those outside the estate, and who acts as a role that can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from leastwise.engine.relation import Rectangle
from leastwise.engine.residuals import both
from leastwise.engine.solve import Verdict
from leastwise.model.decision import Decision, State

from ..evaluate.decide import decide
from ..evaluate.explain import STATES, explain
from ..evaluate.logic import Question
from ..evaluate.principals import Principal
from .access import AwsAccess, Circumstances
from .acting import Acting, Actor, Way
from .granting import Granting
from .listing import Found, Other, Telling, Told, rank
from .relate import Relating
from .told import told
from .unlisted import unlisted
from .who import Group, WhoCan

_OPEN = (State.DENIED, State.UNKNOWN)
_WAITING = rank(State.UNKNOWN)
"""Answers no surer than this can be bettered by what is known of one resource."""
_NAMED = {"anonymous": "everyone", "account": "other_account"}


class Behind:
    """Finds the principals behind an answer."""

    def __init__(self, access: AwsAccess, acting: Acting, relations: Relating) -> None:
        self._access, self._acting, self._relations = access, acting, relations
        self.granting = Granting(access)

    def best(self, subject: str, action: str, resource: str | None, given: Circumstances) -> Decision:
        """What a user, role or outsider can do; without a resource, the best on any that is known or can be named."""
        found = self._access.can(subject, action, resource, given)
        if resource is not None or found.state not in _OPEN:
            return found
        others = self._letting_in(subject, action, given) if self._relations.lets_in(action) else iter(())
        while found.state in _OPEN and (one := next(others, None)) is not None:
            other = self._access.can(subject, action, one, given)
            if rank(other.state) < rank(found.state):
                found = other
        return found if found.state is not State.DENIED else self._unlisted(subject, action, given) or found

    def _unlisted(self, subject: str, action: str, given: Circumstances) -> Decision | None:
        """The answer for a resource that may be there though it was not read; None where none lets the subject in."""
        principal, number = self._access.principal(subject)
        # In another account, nothing is allowed that the own side does not allow: but of outsiders that is not known.
        accounts = self._access.accounts if number is None else {principal.account}
        nowhere = self._access.place(action, None)
        for account, gap in unlisted(self._access.estate, action, accounts).items():
            place = replace(nowhere, account=account, gaps=(gap,), consent="")
            decision = explain(decide(self._access.question_of(principal, number, action, place, given)))
            if decision.state is not State.DENIED:
                return decision
        return None

    def lacking(self, action: str) -> tuple[str, ...]:
        """What was not read of the resources that an action can act on, and may add somebody."""
        return tuple(unlisted(self._access.estate, action, self._access.accounts).values())

    def _letting_in(self, subject: str, action: str, given: Circumstances) -> Iterator[str]:
        """Known resources that may let a subject do an action, one of those that decide alike, the surest first."""
        relation = self._relations.relation(action, given)
        number = self._access.principal(subject)[1]
        if number is None:
            found = [one for one in relation.rectangles if one.principals[-1] >= relation.inside]
        else:
            found = list(relation.of_principal(number))
        for one in sorted(found, key=lambda one: rank(one.state)):
            yield relation.resources[one.resources[0]]

    def direct(self, action: str, resource: str | None, given: Circumstances, found: Found) -> tuple[str, ...]:
        """Find users, roles, root users, and those outside the estate, who can do an action by themselves.

        Returns what may add others.

        Without a resource, also those whom only the policy of some resource lets in.
        """
        asked = WhoCan(self._access, action, resource, given)
        answer = asked.answer()
        for group in answer.groups:
            found.add(group.members, group_told(group))
        for principal, verdict, question in (*answer.outsiders, *asked.roots()):
            found.add_other(stranger(principal, outsider_told(verdict, question)))
        if resource is not None:
            return answer.missing
        known = self._let_in(action, given, found) if self._relations.lets_in(action) else ()
        return (*answer.missing, *known, *self.lacking(action))

    def _let_in(self, action: str, given: Circumstances, found: Found) -> tuple[str, ...]:
        """Find those who can on some known resource, where nothing of them is surely known; what was not read.

        Whoever can on any resource, or under a condition on which, is told so.
        """
        relation, outsiders = self._relations.related(action, given)
        for one in sorted(relation.rectangles, key=lambda one: rank(one.state)):
            telling = Told(one.state, partial(_of_rectangle, one))
            numbers = np.array(one.principals, np.int64)
            inside = numbers[numbers < relation.inside]
            found.add(inside[found.ranks(inside) >= _WAITING], telling)
            for number in numbers[numbers >= relation.inside].tolist():
                other = stranger(outsiders[relation.principals[number]], telling)
                known = found.other(other.id)
                if known is None or rank(known.told.state) >= _WAITING:
                    found.add_other(other)
        return relation.missing

    def devices(self, action: str, resource: str | None, found: Found) -> None:
        """Find things whose own policies let them do an action of IoT."""
        for thing in self._acting.things() if action.startswith("iot:") else ():
            decision = self._acting.device(thing, action, resource)
            if decision is not None and decision.state is not State.DENIED:
                telling = Telling(decision.residual, decision.missing)
                found.add_other(_actor(thing, Told(decision.state, partial(Telling, *telling))))

    def actors(self, found: Found) -> None:
        """Find people, things and agents that act as a role among those found."""
        for role, ways in self._acting.into().items():
            told = found.told(role)
            for way in ways if told is not None else ():
                assert told is not None
                state = max(told.state, open_state(way), key=rank)
                found.add_other(_actor(way.actor, Told(state, partial(_as, way, told, state))))


def group_told(group: Group) -> Told:
    """What the members of a group are told."""
    return Told(STATES[group.verdict.outcome], lambda: Telling(*group.told[1:]))


def outsider_told(verdict: Verdict, question: Question) -> Told:
    """What somebody outside the estate is told."""
    return Told(STATES[verdict.outcome], lambda: Telling(*told(verdict, question)[1:]))


def stranger(principal: Principal, told: Told) -> Other:
    """Somebody who is no user or role of the estate as a holder; root users are those of its own accounts."""
    kind = _NAMED.get(principal.kind, principal.kind)
    inside = principal.kind == "root"
    name = "root" if inside else principal.id.rsplit("/", 1)[-1]
    return Other(principal.id, name, kind, principal.account, inside, told)


def _of_rectangle(one: Rectangle) -> Telling:
    return Telling(one.residual, one.missing)


def _actor(actor: Actor, told: Told) -> Other:
    return Other(actor.id, actor.name, actor.kind, actor.account, True, told)


def _as(way: Way, role: Told, state: State) -> Telling:
    """What an actor is told that acts as a role."""
    known = role.telling
    return Telling(
        both(way.residual, known.residual) if state is not State.ALLOWED else (),
        tuple(dict.fromkeys((*((way.missing,) if way.missing else ()), *known.missing))),
        (*way.chain, *known.chain),
    )


def open_state(way: Way) -> State:
    """Whether a way to a role is open."""
    if way.missing:
        return State.UNKNOWN
    return State.ALLOWED if way.residual == () else State.CONDITIONAL
