"""Needs of rules and the engine's relations: who meets each, by classes of what it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from weakref import ref

import numpy as np
from pyroaring import BitMap

from leastwise.engine.access import Narrows, Relates
from leastwise.engine.arrays import Array
from leastwise.engine.relation import Relation
from leastwise.model.decision import RANK, Circumstances, State
from leastwise.model.shadows import Shadows, Ties
from leastwise.rules.escalation import EscalationRule, Need

from .classes import NOBODY, Classes, Held, numbered
from .nodes import Nodes, Told

_Key = tuple[str, bool, tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]
_Asked = tuple[Classes, Mapping[str, int]]
_Parts = tuple[tuple[int, int], ...]
"""Needs about one, by number, and a class of each."""


def singly(need: Need, thing: str, ties: Ties) -> list[tuple[Need, str]]:
    """A need about a thing as needs about one, with what each is about; none of what the provider tells nothing."""
    on = ties.beside.get(need.beside, {}).get(thing, "") if need.beside else thing
    if not need.every:
        return [(need, on)]
    several = ties.several.get(need.every, {}).get(thing, ())
    one = replace(need, every="", key="", beside="")
    if need.key:
        return [(replace(one, given={**need.given, need.key: (value,)}), on) for value in several]
    return [(one, each) for each in several]


class Needs:
    """Who meets the needs of rules, as it is at a moment; what was asked is kept.

    Args:
        access: answers about the estate.
        shadows: see there.
        told: what the tables tell of its principals.
        nodes: the numbers of principals.
        moment: when requests are made.
    """

    def __init__(
        self, access: Relates, shadows: Shadows, told: Told, nodes: Nodes, moment: datetime | None = None
    ) -> None:
        self._access, self._shadows, self._told, self._nodes, self._moment = access, shadows, told, nodes, moment
        self._columns: dict[tuple[int, int, str], tuple[Sequence[str], Array]] = {}
        self._known: dict[_Key, _Asked] = {}
        self._same: dict[int, tuple[Need, _Asked]] = {}
        self._classes: dict[int, tuple[ref[Relation], Classes]] = {}
        self._wide: Needs | None = None
        self._inside = 0
        self.missing: dict[str, None] = {}
        self._places: dict[int, tuple[Sequence[str] | None, Mapping[str, int]]] = {}
        self._singles: list[Need] = []
        self._single_numbers: dict[_Key, int] = {}
        self._together: dict[_Parts, int] = {}
        self._parts: list[_Parts] = []

    def asked(self, need: Need) -> _Asked:
        """The classes of a need's relation, and the number of each resource in it."""
        same = self._same.get(id(need))
        if same is None or same[0] is not need:
            same = self._same[id(need)] = (need, self._of_key(need))
        return same[1]

    def _of_key(self, need: Need) -> _Asked:
        key = _key(need)
        known = self._known.get(key)
        if known is None and self._wide is not None and (need.by or key in self._wide._known):
            known = self._known[key] = self._wide.asked(need)
        if known is None:
            given = Circumstances(context=need.given, moment=self._moment, open=need.open)
            ask = self._access.somewhere if need.about == "new" else self._access.relation
            relation = ask(need.permission, given)
            self.missing |= dict.fromkeys(relation.missing)
            same, classes = self._classes.get(id(relation), (None, None))
            if classes is None or same is None or same() is not relation:
                # A relation is large, and not needed any more: providers may keep it, and give it again.
                classes = Classes(relation, self._numbers(relation))
                self._classes[id(relation)] = (ref(relation), classes)
            known = self._known[key] = (classes, self._places_of(relation))
        return known

    def only(self, principals: BitMap) -> Needs:
        """The same of some principals alone: what was not asked of everybody yet need not tell of others."""
        access = self._access
        ids = list(self._nodes.numbers)
        if (
            not isinstance(access, Narrows)
            or len(principals) * _FEW > self._inside
            or (principals and principals.max() >= self._inside)
        ):
            return self
        found = Needs(
            access.only([ids[one] for one in principals]), self._shadows, self._told, self._nodes, self._moment
        )
        found._wide, found._columns, found._places, found.missing = self, self._columns, self._places, self.missing
        return found

    def _numbers(self, relation: Relation) -> Array:
        """The node of each principal of a relation: those of the estate come first in each, in one order."""
        self._inside = relation.inside
        if not self._nodes:
            self._nodes.array(relation.principals[: relation.inside])
        others = relation.principals[relation.inside :]
        return np.concatenate([np.arange(relation.inside), self._nodes.array(others)])

    def _places_of(self, relation: Relation) -> Mapping[str, int]:
        """The number of each resource; relations of one kind of resource share them."""
        kept, places = self._places.get(id(relation.resources), (None, {}))
        if kept is None:
            places = {text: number for number, text in enumerate(relation.resources)}
            self._places[id(relation.resources)] = (relation.resources, places)
        return places

    def column(self, need: Need, ids: Sequence[str]) -> Array:
        """The class of the need's relation that each of some resources is in."""
        if need.every:
            return self._of_each(need, ids)
        classes, places = self.asked(need)
        if need.about == "new":
            return np.full(len(ids), int(classes.of(np.zeros(1, np.int64))[0]), np.int64)
        key = (id(ids), id(places), need.within)
        kept, found = self._columns.get(key, ((), _NONE))
        if kept is not ids:
            found = numbered(ids, places, need.within)
            self._columns[key] = (ids, found)
        return classes.of(found)

    def _of_each(self, need: Need, things: Sequence[str]) -> Array:
        """The class of each thing in a need about several of it: equal where each of these is of the same class."""
        several: dict[int, tuple[list[int], list[str]]] = defaultdict(lambda: ([], []))
        for row, thing in enumerate(things):
            for one, on in singly(need, thing, self._shadows.ties):
                rows, ids = several[self._single(one)]
                rows.append(row)
                ids.append(on)
        found: list[list[tuple[int, int]]] = [[] for _ in things]
        for number, (rows, ids) in sorted(several.items()):
            for row, code in zip(rows, self.column(self._singles[number], ids).tolist(), strict=True):
                found[row].append((number, code))
        return np.fromiter(map(self._code, found), np.int64, len(things))

    def _single(self, need: Need) -> int:
        """The number of a need about one."""
        key = _key(need)
        if key not in self._single_numbers:
            self._single_numbers[key] = len(self._singles)
            self._singles.append(need)
        return self._single_numbers[key]

    def _code(self, parts: Sequence[tuple[int, int]]) -> int:
        """The number of several classes of which each is needed; that of nobody where one of them has nobody."""
        if not parts or any(code == NOBODY for _, code in parts):
            return NOBODY
        together = tuple(sorted(set(parts)))
        if together not in self._together:
            self._together[together] = len(self._parts)
            self._parts.append(together)
        return self._together[together]

    def about(self, need: Need, things: Sequence[str], targets: Sequence[str]) -> Sequence[str]:
        """What a need is about, for each row."""
        about = things if need.about == "thing" else targets
        if need.about == "account":
            places = self._shadows.places
            about = [places.get(self._told.account(target), "") for target in targets]
        if not need.beside or need.every:
            return about
        beside = self._shadows.ties.beside.get(need.beside, {})
        return [beside.get(id, "") for id in about]

    def nameable(self, needs: Iterable[Need]) -> list[int]:
        """The class of anything that can be named, for each of some needs about something new."""
        return [int(self.column(one, [ANYTHING])[0]) for one in needs]

    def held(self, need: Need, number: int) -> Held:
        """Who has the permission on what is of a class."""
        if need.every:
            parts = self._parts[number] if number != NOBODY else ()
            return reduce(Held.both, [self.held(self._singles[one], code) for one, code in parts]) if parts else Held()
        return self.asked(need)[0].held(number)

    def hopeful(self, rule: EscalationRule, table: Array) -> Array:
        """The mask of the rows of which somebody has each step; and the service, where a step is one's."""
        mask = np.ones(len(table), bool)
        column = 0
        for step in rule.needs:
            some = np.zeros(len(table), bool)
            for need in step:
                own = table[:, column]
                column += 1
                if need.by:
                    classes = np.unique(own)
                    served = [number for number in classes.tolist() if self.served(need, number) is not State.DENIED]
                    some |= np.isin(own, served)
                else:
                    some |= own >= 0
            mask &= some
        return mask

    def through(self, rule: EscalationRule, classes: Sequence[int]) -> Held:
        """Who meets every step, given the class of the row for each need."""
        found: list[Held] = []
        doubts: list[State] = []
        place = 0
        for step in rule.needs:
            several = [(need, classes[place + at]) for at, need in enumerate(step)]
            place += len(step)
            services = [self.served(need, number) for need, number in several if need.by]
            if services:
                best = min(services, key=RANK.__getitem__)
                if best is State.DENIED:
                    return Held()
                doubts += [best] if best is not State.ALLOWED else []
                continue
            # Permissions that cannot differ have one relation, so that many of a step are the same.
            ways = {id(one): one for one in (self.held(need, number) for need, number in several)}
            found.append(reduce(Held.either, ways.values()))
        held = reduce(Held.both, found)
        return held.at_best(max(doubts, key=RANK.__getitem__)) if doubts else held

    def served(self, need: Need, number: int) -> State:
        """Whether somebody else (a service) has a permission on the things of a class."""
        node = self._nodes.numbers.get(need.by)
        if node is None or number == NOBODY:
            return State.DENIED
        return self.held(need, number).state_of(node) if need.every else self.asked(need)[0].states_of(node)[number]


def _key(need: Need) -> _Key:
    return need.permission, need.about == "new", tuple(sorted(need.given.items())), need.open


_FEW = 8
"""Of fewer than one in so many principals alone is asked; of more it costs as much as of all."""
_NONE: Array = np.empty(0, np.int64)
ANYTHING = "*"
"""What stands for anything that can be named."""
