"""Who may give a role to himself: writers of role assignments, as far as the conditions of these let them.

https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import any_of, negate
from leastwise.engine.solve import Solver, Verdict
from leastwise.model.decision import RANK, Link, Residual, State
from leastwise.providers.bulk.becoming import Jointly, Through
from leastwise.providers.bulk.listing import Telling, Told

from .. import catalog
from ..evaluate.decide import decide, layers
from ..evaluate.delegation import PRINCIPAL, ROLE, TYPE, Limited, delegated
from ..evaluate.estate import SERVICE, USER
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import ASSIGNMENT, WRITES, Request
from ..evaluate.vaults import vault_of
from ..evaluate.worlds import solver
from ..language.ids import ArmId, arm_id
from ..language.operations import Plane
from ..language.parse import parse_attribute
from .who import Who, planes_of

_TYPES = {USER: "User", SERVICE: "ServicePrincipal"}
_ALLOWED = Told(State.ALLOWED, (), lambda: ())


class Granting:
    """Finds those who may give themselves what is asked; one for one question.

    Args:
        who: the estate.
    """

    def __init__(self, who: Who) -> None:
        self._who, self._held = who, who.held
        self._solver: Solver = solver()
        self._roles: dict[tuple[str, Plane | None], tuple[str, ...]] = {}

    def themselves(self, asked: Request) -> Iterator[tuple[Array, Telling]]:
        """Who may give himself a role that has the operation on the resource, by number, in parts of one answer."""
        if any(vault_of(asked, plane) is not None for plane in planes_of(asked)):
            return  # there no role gives anything
        roles = self._having(asked)
        scope = _scope(asked)
        link = Link("role_assignment", str(scope), str(scope))
        denies = any(layer.deny.denials for layer in layers(asked))
        for numbers, told in self._who.let_in(self.written(asked)) if roles else ():
            if told.state is State.ALLOWED and not denies:
                yield numbers, Through(told, link, _ALLOWED)
                continue
            for number in numbers.tolist():
                one = self._one(replace(asked, who=self._held.members[number]), number, told, roles)
                if one is not None:
                    yield np.array([number], np.int64), Through(one, link, _ALLOWED)

    def written(self, asked: Request) -> Request:
        """The question whether a role assignment can be written there."""
        return replace(asked, operation=WRITES, plane=Plane.CONTROL)

    def _having(self, asked: Request) -> tuple[str, ...]:
        """The roles that have an operation, whatever the request."""
        key = asked.operation, asked.plane
        if key not in self._roles:
            known = dict.fromkeys((*catalog.current().roles, *asked.estate.roles))
            self._roles[key] = tuple(one for one in known if _has(asked, one))
        return self._roles[key]

    def _one(self, asked: Request, number: int, told: Telling, roles: Sequence[str]) -> Telling | None:
        """What is told of one who writes role assignments: to himself, and not denied all the same."""
        written = told if told.state is State.ALLOWED else self._delegated(self.written(asked), number, roles)
        if written is None:
            return None
        denied = any_of(layer.deny.formula for layer in layers(asked))
        kept = self._told(self._solver.verdict(negate(denied)))
        return None if kept is None else Jointly(written, kept)

    def _delegated(self, asked: Request, number: int, roles: Sequence[str]) -> Telling | None:
        """The surest answer for a role that somebody may assign to himself; None for none."""
        alternatives = self._solver.alternatives(decide(asked, self._solver).verdict.certain)
        options = delegated(asked, alternatives or [])
        named = {role for one in options for role in _possible(one.roles, roles)}
        best: Telling | None = None
        for role in sorted(named) or roles[:1]:
            about = replace(asked, context={**asked.context, **self._to_himself(asked, number, role)})
            found = self._told(decide(about, self._solver).verdict)
            if found is not None and (best is None or RANK[found.state] < RANK[best.state]):
                best = found
        return best

    def _to_himself(self, asked: Request, number: int, role: str) -> Mapping[str, tuple[str, ...]]:
        told = {ROLE: role, PRINCIPAL: asked.who}
        type = _TYPES.get(self._held.kind(number))
        if type is not None:
            told[TYPE] = type
        return {parse_attribute(f"@Request[{ASSIGNMENT}{name}]").key: (value,) for name, value in told.items()}

    def _told(self, verdict: Verdict) -> Told | None:
        state = STATES[verdict.outcome]
        if state is State.DENIED:
            return None

        def residual() -> Residual | None:
            found = self._solver.alternatives(verdict.certain)
            return None if found is None else residual_of(found)

        return Told(state, tuple(sorted(verdict.gaps)), residual)


def _has(asked: Request, key: str) -> bool:
    role = asked.estate.role(key)
    entries = role.entries if role is not None else ()
    planes = planes_of(asked)[:1]
    return any(not one.condition and one.has(asked.operation, plane) for one in entries for plane in planes)


def _possible(limited: Limited, roles: Sequence[str]) -> list[str]:
    """Those of some roles that can be assigned; of many that are not named one stands for all."""
    if limited.only is not None:
        return [one for one in roles if one in limited.only]
    return [one for one in roles if one not in limited.but][:1]


def _scope(asked: Request) -> ArmId:
    """Where a role is to be assigned: the resource, or the scope in which any is meant."""
    return arm_id(asked.resource.text.rpartition("/")[0] or "/") if asked.below else asked.resource
