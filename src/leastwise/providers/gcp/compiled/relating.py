"""One permission against every resource: each class of places is decided once, and what is inherited is not repeated.

Going down, bindings only add: whoever is surely allowed stays so until guardrails or conditions say otherwise, so of a
class are decided only those whom its own bindings, or what was not read of it, may let in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.formula import Formula
from leastwise.engine.relation import Relation, Told
from leastwise.engine.solve import Outcome, Verdict
from leastwise.model.decision import State
from leastwise.providers.bulk.layering import Layers, Order

from ..evaluate.decide import decide
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import Request
from ..evaluate.worlds import solver
from ..language.members import CONVENIENCE, Kind
from ..language.names import written
from .anywhere import Anywhere
from .deciding import Deciding, Entry
from .expanding import Expansion
from .kinds import DELETED, KINDS, NOBODY_KNOWN
from .lying import Layout, Lying
from .who import Who

_GROUP = KINDS.index(Kind.GROUP)


class Relating:
    """Relations of one estate."""

    def __init__(self, who: Who, anywhere: Anywhere) -> None:
        self._who, self._anywhere, self._held = who, anywhere, who.known.held

    @cached_property
    def _everybody(self) -> BitMap:
        """Everybody of whom it can be asked: none that was deleted, no group whose members stand for it."""
        kinds = self._held.arrays["member.kind_of"]
        wanted = (kinds != DELETED) & ~np.isin(kinds, [KINDS.index(one) for one in CONVENIENCE])
        read = np.diff(self._held.rows("group.members").starts) > 0
        for word, whole in (("empty", True), ("partly", False)):
            told = (self._held.member_number(f"group:{one}") for one in self._held.facts[word])
            read[[one for one in told if one is not None]] = whole
        wanted &= ~((kinds == _GROUP) & read)
        return BitMap(np.flatnonzero(wanted).astype(np.uint32))

    def relation(self, asked: Request) -> Relation:
        """The permission of a question, whose caller and resource do not matter, against every known resource."""
        return _One(self._who, asked, self._everybody, self._anywhere).relation()


class _One:
    """One relation being made."""

    def __init__(self, who: Who, asked: Request, everybody: BitMap, anywhere: Anywhere) -> None:
        self._who, self._held, self._asked, self._everybody = who, who.known.held, asked, everybody
        self._anywhere = anywhere
        self._layout = Layout(who, asked, anywhere.granting(asked))
        self._decidings: list[Deciding] = []
        self._verdicts: dict[Formula, Verdict] = {}

    def relation(self) -> Relation:
        """All classes, decided from the tops down."""
        classes, order = self._layout.classes(), order_of(self._who)
        layers = Layers(classes, self._state)
        for one in classes:
            layers.add(self._told(one, layers))
        names = self._held.places.many(self._layout.about)
        opened = [one.about for one, deciding in zip(classes, self._decidings, strict=True) if deciding.lets_in_others]
        return Relation(
            written(self._asked.permission), order.ids, names, tuple(layers.rectangles(order, names, self._tell)),
            order.inside, self._anywhere.unread(), BitMap.union(BitMap(), *opened),
        )  # fmt: skip

    # --- one class

    def _told(self, one: Lying, layers: Layers) -> dict[Formula, BitMap]:
        """Whom a class lets in, and when, as far as they are not surely let in above."""
        asked = replace(self._asked, resource=self._held.places[one.first])
        if one.fresh:
            deciding = Deciding(self._who.known, asked, list(self._who.entries(asked)))
            whom = self._everybody
            if not deciding.lets_in_others:
                whom = whom & deciding.granted
        else:
            entries = self._entries(one, asked)
            deciding = self._decidings[one.above].with_more(entries)
            whom = (self._whom(entries, deciding) & self._everybody) - layers.allowed[one.above]
        self._decidings.append(deciding)
        told: dict[Formula, BitMap] = {}
        for members, formula in deciding.formulas(whom):
            told[formula] = told.get(formula, BitMap()) | members
        return told

    def _entries(self, one: Lying, asked: Request) -> list[Entry]:
        """What the bindings of a class grant, and what was not read of it."""
        gathered: dict[Formula, list[int]] = defaultdict(list)
        for binding in one.bindings.tolist():
            gathered[self._who.formula(asked, binding)].append(binding)
        found = [
            self._who.entry(asked, formula, np.array(bindings, np.int64)) for formula, bindings in gathered.items()
        ]
        if one.unread:
            found.append(Entry(True, Expansion(BitMap(), (), (f"the policy of {asked.resource}",))))
        return [entry for entry in found if entry.formula is not False]

    def _whom(self, entries: Sequence[Entry], deciding: Deciding) -> BitMap:
        """Whom some entries may let in."""
        found = BitMap()
        for entry in entries:
            for part in entry.whom.parts:
                found |= self._everybody if part.gaps else part.sure
                for one in part.sets:
                    found |= deciding.taken_in(one)
        return found

    def _state(self, formula: Formula) -> State:
        if formula not in self._verdicts:
            self._verdicts[formula] = solver().verdict(formula)
        return STATES[self._verdicts[formula].outcome]

    def _tell(self, principal: int, place: int) -> Told:
        """Residual and gaps of one pair, asked by itself."""
        resource = self._held.places[int(self._layout.about[place])]
        verdict = decide(replace(self._asked, who=self._held.member(principal), resource=resource)).verdict
        undecided = verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN)
        return residual_of(verdict, solver()) if undecided else (), tuple(sorted(verdict.gaps))


def order_of(who: Who) -> Order:
    """Everybody in the order of relations: those who are nobody in particular come last."""
    held = who.known.held
    wanted = [code for code, word in enumerate(held.words("native")) if word in NOBODY_KNOWN]
    last = np.flatnonzero(np.isin(held.arrays["member.native"], wanted)).tolist()
    return Order(held.members.all(), last)
