"""One operation against every resource: each class of places is decided once, and what is inherited is not repeated.

Going down, assignments only add: whoever is surely allowed stays so until denials or conditions say otherwise, so of a
class are decided only those whom its own assignments may let in.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.relation import Relation, Told
from leastwise.engine.solve import Outcome, Solver
from leastwise.model.decision import State
from leastwise.providers.bulk.layering import Layers, Order

from ..evaluate.decide import decide
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import Request
from ..evaluate.worlds import solver
from ..language.assignments import EVERYONE
from .anywhere import Anywhere
from .deciding import Deciding
from .lying import Layout, Lying
from .who import Who

_FOREIGN = "foreign_principal"


class Relating:
    """Relations of one estate."""

    def __init__(self, who: Who, anywhere: Anywhere) -> None:
        self.who, self.anywhere, self.held = who, anywhere, who.held

    @cached_property
    def everybody(self) -> BitMap:
        """Everybody of whom it can be asked: no group whose members stand for it."""
        held = self.held
        found = BitMap(range(len(held.members))) - self.who.known.expanding.groups
        everyone = held.member_number(EVERYONE)
        return found - BitMap([] if everyone is None else [everyone])

    @cached_property
    def order(self) -> Order:
        """Those of other tenants, whom delegations name, come last."""
        held = self.held
        foreign = [code for code, word in enumerate(held.words("native")) if word == _FOREIGN]
        last = np.flatnonzero(np.isin(held.arrays["member.native"], foreign)).tolist()
        return Order(held.members.all(), last)

    def relation(self, asked: Request, name: str, about: Array) -> Relation:
        """The operation of a question, whose caller and resource do not matter, against every known resource.

        Args:
            asked: the question.
            name: of the operation.
            about: the mask of the kinds of places that the operation can be about.
        """
        kinds = self.held.arrays["place.kind"]
        return _One(self, asked, np.flatnonzero(about[kinds])).relation(name)


class _One:
    """One relation being made."""

    def __init__(self, relating: Relating, asked: Request, about: Array) -> None:
        self._of, self._held, self._asked = relating, relating.held, asked
        self._layout = Layout(relating.who, relating.anywhere, asked, about)
        self._solver: Solver = solver()
        self._states: dict[Formula, State] = {}
        self._opened: list[bool] = []
        """Of each class whether somebody may be let in whom nothing names."""
        self._free: list[bool] = []
        """Of each class whether nothing stands against what is given there."""

    def relation(self, name: str) -> Relation:
        """All classes, decided from the top down."""
        classes, order = self._layout.classes(), self._of.order
        layers = Layers(classes, self._state)
        for one in classes:
            layers.add(self._told(one, layers))
        names = self._held.ids.many(self._layout.about)
        opened = (one.about for one, open in zip(classes, self._opened, strict=True) if open)
        return Relation(
            name, order.ids, names, tuple(layers.rectangles(order, names, self._tell)), order.inside,
            self._of.anywhere.unread(self._asked), BitMap.union(BitMap(), *opened),
        )  # fmt: skip

    def _told(self, one: Lying, layers: Layers) -> dict[Formula, BitMap]:
        """Whom a class lets in, and when, as far as they are not surely let in above."""
        plain = None if one.fresh else self._plain(one, layers)
        if plain is not None:
            self._opened.append(self._opened[one.above])
            self._free.append(True)
            return {True: plain} if plain else {}
        who, asked = self._of.who, self._at(one.first)
        deciding = who.deciding(asked)
        self._opened.append(STATES[deciding.of(None).outcome] is not State.DENIED)
        self._free.append(deciding.free)
        if one.fresh:
            anybody = deciding.wide or bool(who.unread(asked))
            whom = self._of.everybody
            if not anybody:
                whom = whom & (deciding.candidates | who.known.spared)
        else:
            whom = self._touched(one) - layers.allowed[one.above]
        return self._formulas(deciding, whom)

    def _plain(self, one: Lying, layers: Layers) -> BitMap | None:
        """Whom a class lets in besides, where its own assignments alone say so, and give whatever the request.

        None where more than these decides: what stands against them is that of the class above.
        """
        plain = self._layout.plain[one.own]
        if not self._free[one.above] or not plain.any():
            return None
        found = self._of.who.known.whom(one.own)
        if found.gaps or found.everyone:
            return None
        added = (found.sure & self._of.everybody) - layers.allowed[one.above]
        if not plain.all() and not added.issubset(self._of.who.known.whom(one.own[plain]).sure):
            return None
        return added

    def _touched(self, one: Lying) -> BitMap:
        """Whom the assignments of a class itself may let in."""
        whom = self._of.who.known.whom(one.own)
        return self._of.everybody if whom.gaps else whom.sure & self._of.everybody

    def _formulas(self, deciding: Deciding, whom: BitMap) -> dict[Formula, BitMap]:
        told: dict[Formula, BitMap] = {}
        for members, formula in deciding.formulas(np.array(whom.to_array(), np.int64)):
            told.setdefault(formula, BitMap()).update(BitMap(members.astype(np.uint32)))
        return told

    def _at(self, place: int) -> Request:
        resource = self._held.place(place)
        return replace(self._asked, resource=resource, estate=self._held.estate_of(resource))

    def _state(self, formula: Formula) -> State:
        if formula not in self._states:
            self._states[formula] = STATES[self._solver.verdict(formula).outcome]
        return self._states[formula]

    def _tell(self, principal: int, place: int) -> Told:
        """Residual and gaps of one pair, asked by itself."""
        at = self._at(int(self._layout.about[place]))
        verdict = decide(replace(at, who=self._held.members[principal])).verdict
        if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN):
            found = solver().alternatives(verdict.certain)
            return None if found is None else residual_of(found), tuple(sorted(verdict.gaps))
        return (), tuple(sorted(verdict.gaps))
