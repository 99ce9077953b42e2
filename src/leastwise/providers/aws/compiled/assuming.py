"""Everybody who can become a role that can, directly or by other roles."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.relation import Rectangle
from leastwise.engine.residuals import both
from leastwise.model.decision import Link, State

from ..evaluate.principals import Principal
from .access import AwsAccess, Circumstances
from .holders import group_told, outsider_told, stranger
from .listing import Found, Telling, Told, rank
from .relate import Related, Relating
from .who import WhoCan

_ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")
"""Ways to become a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
"""
_ROLE = ":role/"


class _Step(NamedTuple):
    """Those who can become one role under one condition: users and roles by number, and those outside the estate."""

    numbers: Array
    strangers: Sequence[Principal]
    told: Told


class Assuming:
    """Finds those who can become roles, under some circumstances.

    Args:
        access: the estate.
        relations: of it.
        given: circumstances of every step.
    """

    def __init__(self, access: AwsAccess, relations: Relating, given: Circumstances) -> None:
        self._access, self._relations, self._given = access, relations, given

    def find(self, found: Found) -> tuple[str, ...]:
        """Find those who can become a role among those found, with what they become; what was not read of these roles.

        A way is as sure as its least sure step. Roles are asked about the surest first, each once: whatever is found
        later through others is no surer. Of ways without any condition the shortest is told.
        """
        ids = self._access.estate.principal_ids
        queues: tuple[deque[str], ...] = tuple(deque() for _ in State)
        first = [ids[number] for number in found.numbers().tolist() if self._roles[number]]
        for role in sorted([*first, *(one.id for one in found.others() if _ROLE in one.id)]):
            queues[rank(self._known(role, found).state)].append(role)
        asked: set[str] = set()
        missing: dict[str, None] = {}
        for queue in queues:
            while queue:
                role = queue.popleft()
                if role in asked:
                    continue
                asked.add(role)
                missing |= dict.fromkeys(self._access.place(_ASSUMING[0], role).gaps)
                for reached in self._becoming(role, found):
                    queues[rank(self._known(reached, found).state)].append(reached)
        return tuple(missing)

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

    def _becoming(self, role: str, found: Found) -> Iterator[str]:
        """Find those who can become a role; the roles among them of which nothing as sure was known."""
        known = self._known(role, found)
        inside = self._access.estate.principal_number(role) is not None
        for numbers, strangers, told in self._steps(role) if inside else self._steps_outside(role):
            through = _through(told, role, known)
            better = found.add(numbers, through)
            yield from self._access.estate.principal_ids.many(better[self._roles[better]])
            for other in (stranger(one, through) for one in strangers):
                if found.add_other(other) and _ROLE in other.id:
                    yield other.id

    def _steps(self, role: str) -> Iterator[_Step]:
        """Who can become a role of the estate."""
        for related, one, place in self._into.get(role, ()):
            inside, numbers = related.relation.inside, np.array(one.principals, np.int64)
            strangers = [related.stranger(number) for number in numbers[numbers >= inside].tolist()]
            yield _Step(numbers[numbers < inside], strangers, Told(one.state, partial(_telling, one, place)))

    def _steps_outside(self, role: str) -> Iterator[_Step]:
        """Who may, for all that is known, become a role that was not read."""
        for action in _ASSUMING:
            asked = WhoCan(self._access, action, role, self._given).answer()
            yield from (_Step(group.members, (), group_told(group)) for group in asked.groups)
            for principal, verdict, question in asked.outsiders:
                yield _Step(np.empty(0, np.int64), [principal], outsider_told(verdict, question))

    @cached_property
    def _into(self) -> dict[str, list[tuple[Related, Rectangle, int]]]:
        """The rectangles that let into each role, and its number in them, the surest first."""
        ways: dict[str, list[tuple[Related, Rectangle, int]]] = defaultdict(list)
        for action in _ASSUMING:
            related = self._relations.related(action, self._given)
            roles = related.relation.resources
            for one in sorted(related.relation.rectangles, key=lambda one: rank(one.state)):
                for place in one.resources:
                    ways[roles[place]].append((related, one, place))
        return ways


def _telling(one: Rectangle, place: int) -> Telling:
    return Telling(*one.told(place))


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
