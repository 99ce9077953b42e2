"""Everybody behind an answer: those who act as a role that can, and, when asked for, those who can assume it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.relation import Rectangle
from leastwise.engine.solve import Verdict
from leastwise.model.decision import Decision, Link, Residual, State

from ..evaluate.explain import STATES
from ..evaluate.logic import Question
from ..evaluate.principals import Principal
from .access import AwsAccess, Circumstances
from .acting import Acting, Actor, Way
from .granting import Granting
from .letting import Letting
from .listing import Found, Other, Telling, Told, rank
from .relate import Relating
from .told import told
from .who import Group, WhoCan

_OPEN = (State.DENIED, State.UNKNOWN)
_WAITING = rank(State.UNKNOWN)
"""Answers no surer than this can be bettered by the policy of one resource."""
_MOST_ALTERNATIVES = 16
_ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")
"""Ways to become a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
"""
_ROLE = ":role/"
_NAMED = {"anonymous": "everyone", "account": "other_account"}


class Behind:
    """Finds the principals behind an answer."""

    def __init__(self, access: AwsAccess, acting: Acting, relations: Relating) -> None:
        self._access, self._acting, self._relations = access, acting, relations
        self.granting = Granting(access)

    def best(self, subject: str, action: str, resource: str | None, given: Circumstances) -> Decision:
        """What a user, role or outsider can do; without a resource, the best on any that is known or can be named."""
        found = self._access.can(subject, action, resource, given)
        if resource is not None:
            return found
        if self._consents(action):
            others = self._consenting(subject, action, given)
        else:
            others = iter(self.granting.resources(action))
        while found.state in _OPEN and (one := next(others, None)) is not None:
            other = self._access.can(subject, action, one, given)
            if rank(other.state) < rank(found.state):
                found = other
        return found

    def _consents(self, action: str) -> bool:
        """Whether the policy of the resource that is meant takes part whatever identity policies say: keys, roles."""
        return bool(self._access.place(action, None).consent)

    def _consenting(self, subject: str, action: str, given: Circumstances) -> Iterator[str]:
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
        """Find users, roles, and those outside the estate, who can do an action by themselves; what may add others.

        Without a resource, also those whom only the policy of some resource lets in.
        """
        asked = WhoCan(self._access, action, resource, given)
        answer = asked.answer()
        for group in answer.groups:
            found.add(group.members, _group(group))
        for other in map(_outsider, answer.outsiders):
            found.add_other(other)
        if resource is None and self._consents(action):
            return (*answer.missing, *self._let_in_by_consent(action, given, found))
        if resource is None:
            resources = self.granting.resources(action)
            letting = Letting(self._access, action, self.granting.things(action), self.granting.by_default(action))
            for place in letting.waiting(found, _WAITING):
                self._let_in(WhoCan(self._access, action, resources[place], given), found, _WAITING)
        return answer.missing

    def _let_in_by_consent(self, action: str, given: Circumstances, found: Found) -> tuple[str, ...]:
        """Find those whom some known key or role lets in; what of these was not read."""
        relation = self._relations.relation(action, given)
        for one in sorted(relation.rectangles, key=lambda one: rank(one.state)):
            telling = Told(one.state, partial(_of_rectangle, one))
            numbers = np.array(one.principals, np.int64)
            found.add(numbers[numbers < relation.inside], telling)
            for number in numbers[numbers >= relation.inside].tolist():
                found.add_other(_stranger(self._relations.outsiders[relation.principals[number]], telling))
        return relation.missing

    def _let_in(self, asked: WhoCan, found: Found, waiting: int) -> None:
        """Find those whom the policy of one resource lets in, and whose answer is no surer than a rank."""
        alone = asked.named_alone()
        open_ = alone[found.ranks(alone) >= waiting]
        for group in asked.answer(open_).groups if len(open_) else ():
            found.add(group.members, _group(group))
        for other in map(_outsider, asked.outsiders()):
            known = found.other(other.id)
            if known is None or rank(known.told.state) >= waiting:
                found.add_other(other)

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

    def assuming(self, given: Circumstances, found: Found) -> None:
        """Find those who can become a role among those found, directly or by other roles, with what they become.

        A way is as sure as its least sure step. Roles are asked about the surest first, each once: whatever is found
        later through others is no surer. Of ways without any condition the shortest is told.
        """
        ids = self._access.estate.principal_ids
        queues: tuple[deque[str], ...] = tuple(deque() for _ in State)
        first = [ids[number] for number in found.numbers().tolist() if self._roles[number]]
        for role in sorted([*first, *(one.id for one in found.others() if _ROLE in one.id)]):
            queues[rank(self._known(role, found).state)].append(role)
        asked: set[str] = set()
        for queue in queues:
            while queue:
                role = queue.popleft()
                if role in asked:
                    continue
                asked.add(role)
                for reached in self._becoming(role, given, found):
                    queues[rank(self._known(reached, found).state)].append(reached)

    def _known(self, role: str, found: Found) -> Told:
        number, other = self._access.estate.principal_number(role), found.other(role)
        told = found.told(number) if number is not None else other.told if other is not None else None
        assert told is not None
        return told

    @cached_property
    def _roles(self) -> Array:
        """Mask of the roles."""
        words = self._access.estate.texts("principal.native.texts").all()
        mask: Array = np.isin(
            self._access.estate.arrays["principal.native"], [n for n, one in enumerate(words) if one == "role"]
        )
        return mask

    def _becoming(self, role: str, given: Circumstances, found: Found) -> list[str]:
        """Find those who can assume a role; returns the roles among them of which nothing as sure was known."""
        ids, told = self._access.estate.principal_ids, self._known(role, found)
        numbers: set[int] = set()
        others: dict[str, None] = {}
        for action in _ASSUMING:
            asked = WhoCan(self._access, action, role, given)
            admitted = asked.admitted()
            groups = asked.answer(admitted).groups if admitted is None or len(admitted) else ()
            for group in groups:
                step = _through(_group(group), role, told)
                better = found.add(group.members, step)
                numbers.update(better[self._roles[better]].tolist())
            for one in map(_outsider, asked.outsiders()):
                if found.add_other(replace(one, told=_through(one.told, role, told))) and _ROLE in one.id:
                    others[one.id] = None
        return [*(ids[number] for number in sorted(numbers)), *others]


def _group(group: Group) -> Told:
    """What the members of a group are told."""
    return Told(STATES[group.verdict.outcome], lambda: Telling(*group.told[1:]))


def _outsider(found: tuple[Principal, Verdict, Question]) -> Other:
    """Who is named on the resource's side and stands in no account of the estate."""
    principal, verdict, question = found
    return _stranger(principal, Told(STATES[verdict.outcome], lambda: Telling(*told(verdict, question)[1:])))


def _stranger(principal: Principal, told: Told) -> Other:
    kind = _NAMED.get(principal.kind, principal.kind)
    return Other(principal.id, principal.id.rsplit("/", 1)[-1], kind, principal.account, False, told)


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


def _through(holder: Told, id: str, role: Told) -> Told:
    """What a holder of sts:AssumeRole on a role is told of what the role can do."""
    state = max(holder.state, role.state, key=rank)
    # Looked at now: ways can be longer than calls may be deep.
    known = role.telling

    def make() -> Telling:
        own = holder.telling
        return Telling(
            both(own.residual, known.residual) if state is not State.ALLOWED else (),
            tuple(dict.fromkeys((*own.missing, *known.missing))),
            (Link("role", id, id.rsplit("/", 1)[-1]), *known.chain),
        )

    return Told(state, make)


def open_state(way: Way) -> State:
    """Whether a way to a role is open."""
    if way.missing:
        return State.UNKNOWN
    return State.ALLOWED if way.residual == () else State.CONDITIONAL


def both(first: Residual | None, second: Residual | None) -> Residual | None:
    """Both conditions: an alternative of each. The session of the role is another request than the assumption of it."""
    if first is None or second is None:
        return None
    if not first or not second:
        return first or second
    if len(first) * len(second) > _MOST_ALTERNATIVES:
        return None
    return tuple((*one, *other) for one in first for other in second)
