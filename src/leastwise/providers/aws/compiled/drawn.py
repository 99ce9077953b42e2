"""The rectangles of a relation as they are decided, each by the question of one of its pairs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.relation import Rectangle, Told
from leastwise.engine.solve import Verdict
from leastwise.model.decision import State

from ..evaluate.decide import solver
from ..evaluate.explain import STATES
from ..evaluate.logic import Question
from ..evaluate.principals import Principal
from .access import AwsAccess, Circumstances
from .alike import Alike, parted
from .targets import Targets
from .told import told


class Drawn:
    """Rectangles, those outside the estate who are in them, and what was not read.

    Args:
        access: the estate.
        action: of the relation.
        given: its circumstances.
        targets: its resources.
    """

    def __init__(self, access: AwsAccess, action: str, given: Circumstances, targets: Targets) -> None:
        self._access, self._action, self._given, self._targets = access, action, given, targets
        self.rectangles: list[Rectangle] = []
        self.outsiders: dict[str, tuple[int, Principal]] = {}
        self.missing: dict[str, None] = {}

    def lack(self, place: int) -> None:
        """Note what was not read of one resource's side."""
        where = self._access.place(self._action, self._targets.texts[place])
        behind = where.behind.gaps if where.behind else ()
        self.missing |= dict.fromkeys((*where.gaps, *behind, *(one.text for one in where.lacking)))

    def verdict(self, number: int, place: int) -> Verdict:
        """What one principal can do on one resource."""
        asked = self._question(int(number), place)
        return solver(asked).verdict(asked.formula)

    def outsider(self, one: Alike, principal: Principal, verdict: Verdict) -> None:
        """Somebody outside the estate whom all resources of a class let in."""
        number = self._access.estate.principals + len(self.outsiders)
        known, _ = self.outsiders.setdefault(principal.id or "*", (number, principal))
        self.emit(one, [known], one.places, verdict)

    def emit(self, one: Alike, numbers: Array | Sequence[int], places: Array, verdict: Verdict) -> None:
        """A rectangle; several where the residual differs by the literals of what lies on the resources."""
        state = STATES[verdict.outcome]
        principals = BitMap(np.asarray(numbers, np.uint32))
        alone = state is State.ALLOWED or len(places) == 1
        parts = [places] if alone else parted(places, one.lying.literals[places])
        for part in parts:
            resources = BitMap(part.astype(np.uint32))
            tell, first = partial(self._tell, principals[0]), self._targets.texts[resources[0]]
            self.rectangles.append(Rectangle(principals, resources, state, tell, first))

    def _tell(self, number: int, place: int) -> Told:
        asked = self._question(number, place)
        _, residual, missing = told(solver(asked).verdict(asked.formula), asked)
        return residual, missing

    def _question(self, number: int, place: int) -> Question:
        estate = self._access.estate
        where = self._access.place(self._action, self._targets.texts[place])
        if number < estate.principals:
            return self._access.question_of(estate.principal(number), number, self._action, where, self._given)
        principal = next(one for other, one in self.outsiders.values() if other == number)
        return self._access.question_of(principal, None, self._action, where, self._given)
