"""One permission against every resource: each class of places is decided once, and what is inherited is not repeated.

Going down, bindings only add: whoever is surely allowed stays so until guardrails or conditions say otherwise, so of a
class are decided only those whom its own bindings, or what was not read of it, may let in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
from pyroaring import BitMap

from leastwise.engine.formula import Formula
from leastwise.engine.relation import Rectangle, Relation, Told
from leastwise.engine.solve import Outcome, Verdict
from leastwise.model.decision import State

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
from .lying import NONE, Layout, Lying
from .who import Who

_GROUP = KINDS.index(Kind.GROUP)


@dataclass(slots=True)
class Group:
    """Principals decided alike in a class: when they have access; and of whom it is another time told further down."""

    members: BitMap
    formula: Formula
    cut: list[tuple[BitMap, int]] = field(default_factory=list)


@dataclass(slots=True)
class Layer:
    """What is decided of one class: whom, and who is surely allowed there or above."""

    deciding: Deciding
    groups: list[Group]
    allowed: BitMap


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
        self._layers: list[Layer] = []
        self._verdicts: dict[Formula, Verdict] = {}
        self._classes: list[Lying] = []
        self._order = _Order(who)

    def relation(self) -> Relation:
        """All classes, decided from the tops down."""
        self._classes = self._layout.classes()
        for number in range(len(self._classes)):
            self._layers.append(self._layer(number))
        names = self._held.places.many(self._layout.about)
        opened = [
            one.about for one, layer in zip(self._classes, self._layers, strict=True) if layer.deciding.lets_in_others
        ]
        return Relation(
            written(self._asked.permission), self._order.ids, names, tuple(self._rectangles(names)), self._order.inside,
            self._anywhere.unread(), BitMap.union(BitMap(), *opened),
        )  # fmt: skip

    # --- one class

    def _layer(self, number: int) -> Layer:
        one = self._classes[number]
        asked = replace(self._asked, resource=self._held.places[one.first])
        if one.fresh:
            deciding = Deciding(self._who.known, asked, list(self._who.entries(asked)))
            whom, before = self._everybody, BitMap()
            if not deciding.lets_in_others:
                whom = whom & deciding.granted
        else:
            above = self._layers[one.above]
            entries = self._entries(one, asked)
            deciding, before = above.deciding.with_more(entries), above.allowed
            whom = (self._whom(entries, deciding) & self._everybody) - before
        told: dict[Formula, BitMap] = {}
        for members, formula in deciding.formulas(whom):
            told[formula] = told.get(formula, BitMap()) | members
        groups = list(self._told(number, told))
        sure = (each.members for each in groups if self._state(each.formula) is State.ALLOWED)
        return Layer(deciding, groups, BitMap.union(before, *sure))

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

    def _told(self, number: int, told: dict[Formula, BitMap]) -> Iterator[Group]:
        """The groups of a class of whom another thing is told than above."""
        for formula, members in told.items():
            above = self._classes[number].above
            fresh, rest = self._classes[number].fresh, members
            changed = BitMap()
            while not fresh and rest and above != NONE:
                for group in self._layers[above].groups:
                    here = group.members & rest
                    if not here:
                        continue
                    rest -= here
                    if group.formula != formula:
                        changed |= here
                        group.cut.append((here, number))
                fresh, above = self._classes[above].fresh, self._classes[above].above
            # Of whom nothing was told is denied, and stays so where the formula is never met.
            changed |= rest if formula is not False else BitMap()
            if changed:
                yield Group(changed, formula)

    def _state(self, formula: Formula) -> State:
        if formula not in self._verdicts:
            self._verdicts[formula] = solver().verdict(formula)
        return STATES[self._verdicts[formula].outcome]

    # --- rectangles

    def _rectangles(self, names: Sequence[str]) -> Iterator[Rectangle]:
        about = self._below()
        for number, layer in enumerate(self._layers):
            for group in layer.groups:
                state = self._state(group.formula)
                if state is State.DENIED:
                    continue
                for members, without in _parts(group):
                    places = about[number] - BitMap.union(BitMap(), *(about[each] for each in without))
                    if places and members:
                        tell = partial(self._tell, members[0])
                        yield Rectangle(self._order.of(members), places, state, tell, names[places[0]])

    def _below(self) -> list[BitMap]:
        """For each class its places and those of the classes in it that inherit what is told of it."""
        found = [BitMap(one.about) for one in self._classes]
        for number in range(len(found) - 1, -1, -1):
            one = self._classes[number]
            if not one.fresh:
                found[one.above] |= found[number]
        return found

    def _tell(self, principal: int, place: int) -> Told:
        """Residual and gaps of one pair, asked by itself."""
        resource = self._held.places[int(self._layout.about[place])]
        verdict = decide(replace(self._asked, who=self._held.member(principal), resource=resource)).verdict
        undecided = verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN)
        return residual_of(verdict, solver()) if undecided else (), tuple(sorted(verdict.gaps))


def _parts(group: Group) -> Iterator[tuple[BitMap, frozenset[int]]]:
    """The members of a group, by the classes further down in which another thing is told of them."""
    cut: dict[int, list[int]] = defaultdict(list)
    for members, number in group.cut:
        for member in members:
            cut[member].append(number)
    yield group.members - BitMap(cut), frozenset()
    several: dict[frozenset[int], list[int]] = defaultdict(list)
    for member, numbers in cut.items():
        several[frozenset(numbers)].append(member)
    for without, found in several.items():
        yield BitMap(found), without


class _Order:
    """Principals as a relation has them: those who are nobody in particular come last."""

    def __init__(self, who: Who) -> None:
        held = who.known.held
        words = held.words("native")
        wanted = [code for code, word in enumerate(words) if word in NOBODY_KNOWN]
        self._last: list[int] = np.flatnonzero(np.isin(held.arrays["member.native"], wanted)).tolist()
        ids = held.members.all()
        self.ids = [id for number, id in enumerate(ids) if number not in self._last]
        self.inside = len(self.ids)
        self.ids += [ids[number] for number in self._last]

    def of(self, numbers: BitMap) -> BitMap:
        """Numbers of members as numbers of the relation."""
        found, begin = BitMap(), 0
        for place, last in enumerate((*self._last, len(self.ids))):
            part = numbers & BitMap(range(begin, last))
            found |= part.shift(-place) if place else part
            if last in numbers:
                found.add(self.inside + place)
            begin = last + 1
        return found
