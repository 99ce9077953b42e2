"""A permission against many objects: each class is decided once, and who owns an object, or is it, beside that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.groups import Groups, parted
from leastwise.engine.relation import Relation, Told
from leastwise.engine.solve import Outcome
from leastwise.model.decision import State
from leastwise.providers.bulk.grouping import among
from leastwise.providers.bulk.layering import NONE, Layers, Order
from leastwise.providers.bulk.listing import Found

from ..evaluate.request import Kind, Request
from ..language.directory import SERVICE, USER
from ..language.ids import TENANT
from .anywhere import Anywhere, NotPlainError, fits
from .given import Assigned
from .lines import GUESTS, LINES, MEMBERS, OUTSIDE, UNTOLD
from .marking import Marks
from .owning import Owning
from .placing import Class, Placing
from .requesting import Requesting
from .who import Who

_TRIED = 64
"""So many are looked at for one who does not own the object, and is not it."""


@dataclass(slots=True)
class Lying:
    """Objects of which one thing is told, by number among those that the permission is about."""

    above: int
    fresh: bool
    about: BitMap
    told: Mapping[Formula, BitMap] = field(default_factory=dict)


class Relating:
    """Relations of one tenant."""

    def __init__(self, who: Who) -> None:
        self.who, self.held = who, who.held
        self.placing = Placing(who.views)
        self._owning = Owning(self.placing)
        self.requesting = Requesting(self.placing, who.marking)
        self._assigned: Assigned | None = None

    @cached_property
    def order(self) -> Order:
        """Who is nobody in particular, and whom federated credentials let in, come last."""
        held = self.held
        words = held.words("native")
        last = [at for at, one in enumerate(words) if one in LINES or one == OUTSIDE]
        return Order(held.members.all(), np.flatnonzero(np.isin(held.arrays["member.native"], last)).tolist())

    def relation(self, asked: Request, name: str) -> Relation:
        """A permission against the tenant and every known object that it can be about."""
        about = self.placing.about(asked)
        ids = [TENANT, *self.held.members.many(about)]
        lying = list(self.lying(asked, about))
        layers = Layers(lying, self.who.state)
        for one in lying:
            layers.add(one.told)

        def tell(member: int, place: int) -> Told:
            verdict = self.who.verdict(self.who.formula(replace(asked, resource=ids[place]), member))
            undecided = verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN)
            return (self.who.residual(verdict) if undecided else ()), tuple(sorted(verdict.gaps))

        rectangles = tuple(layers.rectangles(self.order, ids, tell))
        missing = self.who.unread(replace(asked, resource=TENANT))
        return Relation(name, self.order.ids, ids, rectangles, self.order.inside, missing)

    def find(self, asked: Request, found: Found) -> tuple[str, ...]:
        """Everybody who can do something on some object, or in the tenant, goes into `found`."""
        settled = BitMap()
        whole = replace(asked, resource=TENANT)
        exchange = asked.kind is Kind.EXCHANGE
        parts = [] if exchange else list(_gathered(self.who.formulas(whole)).items())
        self._add(parts, found, settled)
        if not fits(self.who, asked) or not self._anywhere(asked, found, settled):
            # Who is surely let in to the many is not asked of each of the others.
            classes = self._classes(asked)
            if asked.kind is Kind.REQUEST and not asked.user:
                settled |= self.requesting.users
            self._add(chain.from_iterable(self._added(asked, one, settled) for one in classes), found, settled)
        return self.who.unread(whole)

    def _classes(self, asked: Request) -> Sequence[Class]:
        """Objects of which one of each class is asked about, the largest class first."""
        if asked.kind is Kind.REQUEST:
            return self.requesting.classes(asked)
        return sorted(self.placing.classes(asked, self.placing.about(asked)), key=lambda one: -len(one.objects))

    def _add(self, parts: Iterable[tuple[Formula, BitMap]], found: Found, settled: BitMap) -> None:
        for formula, members in parts:
            state = self.who.state(formula)
            if state is not State.DENIED:
                found.add(np.array(members.to_array(), np.int64), self.who.told(formula))
            if state is State.ALLOWED:
                settled |= members

    def _anywhere(self, asked: Request, found: Found, settled: BitMap) -> bool:
        """Whether it could be found by assignments who is let in to some object; if so, these go into `found`."""
        if self._assigned is None or self._assigned.now != asked.now:
            self._assigned = Assigned(self.who.views, self.who.marking, asked.now)
        looking = Anywhere(self.who, self._owning, self._assigned, asked, settled)
        try:
            looking.look(self.placing.largest(asked))
        except NotPlainError:
            return False
        self._add([(True, looking.allowed)], found, settled)
        everybody = BitMap(range(len(self.held.members)))
        for one, left in looking.doubts:
            self._add(_Decided(self, asked, one).strangers(everybody - left), found, settled)
        return True

    def _added(self, asked: Request, one: Class, settled: BitMap) -> Iterator[tuple[Formula, BitMap]]:
        """Who is let in to a class of objects, as far as that is not settled when it is looked at."""
        yield from _Decided(self, asked, one).added(settled)

    def lying(self, asked: Request, about: Array) -> Iterator[Lying]:
        """The tenant, then each class of objects, and those in it of which other things are told for few."""
        if asked.kind is not Kind.EXCHANGE:
            whole = replace(asked, resource=TENANT)
            yield Lying(NONE, True, BitMap([0]), _gathered(self.who.formulas(whole)))
        number = 0 if asked.kind is not Kind.EXCHANGE else -1
        known: dict[Hashable, Formula] = {}
        classes = self.requesting.every if asked.kind is Kind.REQUEST else self.placing.classes
        for one in classes(asked, about):
            number += 1
            yield from self._class(_Decided(self, asked, one, known), number, about)
            number += self._beside

    _beside = 0

    def _class(self, decided: _Decided, number: int, about: Array) -> Iterator[Lying]:
        objects = decided.objects
        places = np.searchsorted(about, objects) + 1
        others = decided.others()
        apart = BitMap(place for several in others.values() for place in several)
        mine = BitMap(places) - BitMap(places[list(apart)])
        yield Lying(NONE, True, mine, decided.told)
        for told, several in others.items():
            gathered: defaultdict[Formula, BitMap] = defaultdict(BitMap)
            for formula, member in told:
                gathered[formula].add(member)
            yield Lying(number, False, BitMap(places[several]), gathered)
        self._beside = len(others)


def _gathered(found: Iterator[tuple[Array, Formula]]) -> dict[Formula, BitMap]:
    told: defaultdict[Formula, BitMap] = defaultdict(BitMap)
    for numbers, formula in found:
        told[formula] |= BitMap(numbers)
    return dict(told)


class _Decided:
    """One class of objects: who is let in there whatever he is to the object, and who by what he is to it."""

    def __init__(
        self, relating: Relating, asked: Request, one: Class, known: dict[Hashable, Formula] | None = None
    ) -> None:
        self._who, self._held, self._asked = relating.who, relating.held, asked
        self._requesting = relating.requesting
        self.objects, self._class = one.objects, one
        self._known = {} if known is None else known
        self._nearby: dict[int, BitMap] = {}
        self._first = replace(asked, resource=self._held.members[int(one.objects[0])])

    @cached_property
    def _marks(self) -> Marks:
        return self._who.marks(self._first)

    def added(self, settled: BitMap) -> Iterator[tuple[Formula, BitMap]]:
        """Who is let in to some object of the class, but for those of whom that is settled."""
        named = self._who.marking.named(self._who.marking.stranger(self._first))
        if named is None or not named.issubset(settled):
            yield from self.strangers(settled)
        yield from ((formula, members) for formula, members in self._lines.items() if not members.issubset(settled))
        if self._asked.kind is Kind.EXCHANGE or self._asked.user:
            return
        places = np.arange(len(self.objects))
        if self._asked.kind is Kind.REQUEST:
            places = places[self._requesting.near[self.objects]]
        objects, members, owned = self._pairs(places)
        # For whom a line stands is not listed for what is everybody's.
        told = settled | self._who.standing_in(settled)
        left = ~np.isin(members, np.array(told.to_array(), np.int64))
        objects, members, owned = objects[left], members[left], owned[left]
        # Of those who are something to an object, and are given something besides, each is asked by itself.
        given = np.array((BitMap.union(BitMap(), *self._marks.marked) if named is None else named).to_array(), np.int64)
        apart = np.where(np.isin(members, given), members, -1)
        columns = [self._held.arrays["member.standing"][members], self.objects[objects] == members, owned, apart]
        for some in parted(columns, len(members)):
            asked = replace(self._asked, resource=self._held.members[int(self.objects[objects[some[0]]])])
            yield self._who.formula(asked, int(members[some[0]])), BitMap(members[some])

    @cached_property
    def _lines(self) -> dict[Formula, BitMap]:
        """The lines of those who have it by being users."""
        return _gathered(self._who.everybody(self._first))

    @cached_property
    def told(self) -> dict[Formula, BitMap]:
        """When whom is let in who neither owns the object nor is it."""
        found: defaultdict[Formula, BitMap] = defaultdict(BitMap)
        for formula, members in (*self.strangers(BitMap()), *self._lines.items()):
            found[formula] |= members
        return dict(found)

    def strangers(self, settled: BitMap) -> Iterator[tuple[Formula, BitMap]]:
        """When whom is let in to whom something is given, but for those of whom it is settled."""
        if self._asked.kind is Kind.EXCHANGE:
            yield from ((self._who.formula(self._first, number), BitMap([number])) for number in self._marks.listed)
            return
        if self._asked.kind is Kind.REQUEST and not self._asked.user and self._wide is False:
            # Users make none, so that nothing which they have lets them in.
            settled = settled | self._requesting.users
        apart = self._marks.apart & BitMap.union(BitMap(), *self._marks.marked)
        others = self._who.classes(self._marks, apart | settled)
        for members in (*others, *(np.array([one]) for one in apart - settled)):
            formula = self._stranger(members)
            if formula is not None:
                yield formula, BitMap(members)

    def _stranger(self, members: Array) -> Formula | None:
        """When some are let in to an object that they are nothing to; None where they are something to each."""
        for member in members[:_TRIED].tolist():
            for number in self.objects[:_TRIED].tolist():
                if member not in self._near(number):
                    return self._of_stranger(member, number)
        return None

    def _of_stranger(self, member: int, number: int) -> Formula:
        """When one is let in to an object that he is nothing to: as to others that are like it to him.

        What names the object is not said of others.
        """
        alike = None if self._class.alike is None or self._placed(member) else (self._class.alike, member)
        if alike in self._known:
            return self._known[alike]
        asked = replace(self._asked, resource=self._held.members[number])
        formula = self._who.formula(asked, member)
        if alike is not None and not self._names(asked, formula):
            self._known[alike] = formula
        return formula

    def _placed(self, member: int) -> bool:
        """Whether one may have an assignment at the object itself."""
        if not self._class.places:
            return False
        (part,) = self._who.views.parts_of(self._held.members[member])
        rows = np.array([*part.given["assignment"], *self._held.loose["assignment"]], np.int64)
        return not self._class.places.isdisjoint(self._held.arrays["assignment.place"][rows].tolist())

    def _names(self, asked: Request, formula: Formula) -> bool:
        """Whether what is not known names the object."""
        if isinstance(formula, bool):
            return False
        told = repr(formula)
        return asked.resource in told or self._who.views.of(asked.resource).title(asked.resource) in told

    def _near(self, number: int) -> BitMap:
        """Who is something to an object that may decide; of an app that acts for a user the user's relation counts."""
        if self._asked.user:
            return BitMap()
        if number not in self._nearby:
            self._nearby[number] = self._held.owners(number, self._asked.now) | self._inside | BitMap([number])
        return self._nearby[number]

    @cached_property
    def _inside(self) -> BitMap:
        """Who is in an object that tells its members alone: that is the only one of its class."""
        owners = self._held.owners(int(self.objects[0]), self._asked.now)
        return self._marks.near - owners - BitMap([int(self.objects[0])]) if len(self.objects) == 1 else BitMap()

    # --- who is something to an object

    def others(self) -> dict[frozenset[tuple[Formula, int]], list[int]]:
        """What is told otherwise of those who are something to an object: by that, the places of the objects."""
        if self._asked.kind is Kind.EXCHANGE or self._asked.user:
            return {}
        objects, members, owned = self._pairs(np.arange(len(self.objects)))
        if self._asked.kind is Kind.REQUEST:
            # Users make none, whatever they are to the object.
            acting = ~np.isin(members, np.array(self._requesting.users.to_array(), np.int64))
            objects, members, owned = objects[acting], members[acting], owned[acting]
        by_object: defaultdict[int, list[tuple[Formula, int]]] = defaultdict(list)
        for some, formula in self._decided(objects, members, owned):
            for place, member in zip(objects[some].tolist(), members[some].tolist(), strict=True):
                by_object[place].append((formula, member))
        found: defaultdict[frozenset[tuple[Formula, int]], list[int]] = defaultdict(list)
        for place, told in by_object.items():
            found[frozenset(told)].append(place)
        return dict(found)

    def _pairs(self, among: Array) -> tuple[Array, Array, Array]:
        """Places of objects, each with one who is something to it, and whether that is an owner."""
        held, numbers = self._held, self.objects[among]
        owners, at = held.owners_of.gather(numbers)
        timed, where = held.timed_by_group.gather(numbers)
        mask = held.arrays["timed.owner"][timed] & held.holding("timed", self._asked.now, timed)
        owned = np.unique(
            self._keys(among[np.append(at, where[mask])], np.append(owners, held.arrays["timed.member"][timed[mask]]))
        )
        # A group of whose members nothing was read stands for these.
        acting = np.flatnonzero((held.of_kind(USER, SERVICE, "") | held.unread_groups)[numbers])
        inside = np.array(self._inside.to_array(), np.int64)
        keys = (owned, self._keys(among[acting], numbers[acting]), self._keys(np.zeros(len(inside), np.int64), inside))
        pairs = np.unique(np.concatenate(keys))
        objects, members = np.divmod(pairs, len(held.members))
        return objects, members, np.isin(pairs, owned)

    def _keys(self, objects: Array, members: Array) -> Array:
        return np.asarray(objects.astype(np.int64) * len(self._held.members) + members)

    def _decided(self, objects: Array, members: Array, owned: Array) -> Iterator[tuple[Array, Formula]]:
        """Pairs of which the same comes, where that is not what is told of such principals anyway."""
        held, itself = self._held, self.objects[objects] == members
        apart = np.where(np.isin(members, np.array(self._marks.apart.to_array(), np.int64)), members, -1)
        columns = [self._codes(members), held.arrays["member.standing"][members], itself, owned, apart]
        for some in parted(columns, len(members)):
            member = int(members[some[0]])
            asked = replace(self._asked, resource=held.members[int(self.objects[objects[some[0]]])])
            formula, base = self._who.formula(asked, member), self._base(member)
            if formula != base and not (base is False and formula in (self._wide, False)):
                yield some, formula

    @cached_property
    def _wide(self) -> Formula:
        return self._who.wide(self._first)

    def _codes(self, members: Array) -> Array:
        """A number for each of some: equal for those with the same marks."""
        distinct, back = np.unique(members, return_inverse=True)
        groups = Groups(len(distinct))
        for one in self._marks.marked:
            groups.mark(among(distinct, one))
        codes = np.zeros(len(distinct), np.int64)
        for code, (_, some) in enumerate(groups.parts(np.arange(len(distinct)), [])):
            codes[some] = code
        return np.asarray(codes[back])

    def _base(self, member: int) -> Formula:
        """What is told of somebody who is nothing to the object."""
        for formula, members in self.told.items():
            if member in members:
                return formula
        one = self._held.object(member)
        if one.kind != USER or one.enabled is False:
            return False
        line = self._held.member_number(UNTOLD if one.guest is None else GUESTS if one.guest else MEMBERS)
        assert line is not None
        return next((formula for formula, members in self.told.items() if line in members), False)
