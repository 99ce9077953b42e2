"""On which objects somebody has a permission: of each class of objects one is asked, and each that is its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import RANK, Decision, Reached, State

from ..evaluate.decide import access, decide
from ..evaluate.explain import explain
from ..evaluate.request import Kind, Request
from ..language.ids import TENANT
from .relating import Relating


class Reaching:
    """Answers what somebody reaches, in one tenant."""

    def __init__(self, relating: Relating) -> None:
        self._placing, self._who, self._held = relating.placing, relating.who, relating.held

    def of(self, asked: Request) -> list[Reached]:
        """The tenant and the known objects on which whoever asks is not denied, sorted by id."""
        found = []
        for state, ids in self._parts(asked):
            if state is State.DENIED:
                continue
            decision = self._explained(asked, ids[0])
            told = repr((decision.residual, decision.missing))
            for id in ids:
                one = decision if id == ids[0] or ids[0] not in told else self._explained(asked, id)
                found.append(Reached(id, one.state, one.residual, one.missing, one.chain))
        return sorted(found, key=lambda one: one.resource)

    def best(self, asked: Request) -> Decision:
        """The surest answer of the tenant and all objects that are known."""
        _, ids = min(self._parts(asked), key=lambda one: RANK[one[0]])
        return self._explained(asked, ids[0])

    def _parts(self, asked: Request) -> Iterator[tuple[State, list[str]]]:
        """The tenant, and objects of which the same comes, each with what that is; none without an object."""
        if asked.kind is not Kind.EXCHANGE:
            yield self._state(asked, TENANT), [TENANT]
        own = self._own(asked)
        for one in self._placing.classes(asked, self._placing.about(asked)):
            mine = np.isin(one.objects, own)
            for number in one.objects[mine].tolist():
                id = self._held.members[number]
                yield self._state(asked, id), [id]
            ids = self._held.members.many(one.objects[~mine])
            if ids:
                yield self._state(asked, ids[0]), ids

    def _state(self, asked: Request, id: str) -> State:
        return self._who.state(access(self._who.marking.seen(replace(asked, resource=id))))

    def _explained(self, asked: Request, id: str) -> Decision:
        return explain(decide(self._who.marking.seen(replace(asked, resource=id))))

    def _own(self, asked: Request) -> Array:
        """The objects to which whoever asks (or whoever they act for) is something: itself, what it owns."""
        held = self._held
        numbers = [number for id in (asked.who, asked.user) if (number := held.member_number(id)) is not None]
        found = [np.array(numbers, np.int64)]
        for one in numbers:
            timed = held.timed_by_member.row(one)
            found += [held.owned.row(one).astype(np.int64), held.arrays["timed.group"][timed].astype(np.int64)]
        return np.unique(np.concatenate(found))
