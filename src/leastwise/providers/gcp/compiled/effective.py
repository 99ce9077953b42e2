"""Everything that somebody may do, as a value that can be held against another.

What is so on a place is so of all that lies in it, up to the next place on which something lies that can tell another
thing: bindings of one of both, deny rules, what boundaries list, what was not read. So resources are parted by these
places, and conditions that ask of a resource stay conditions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import All, Formula, Literal, all_of, any_of, literals, negate
from leastwise.engine.solve import Gap
from leastwise.model.decision import Cube, Residual, State

from ..evaluate.allow import allow
from ..evaluate.boundary import eligible
from ..evaluate.decide import access
from ..evaluate.deny import deny
from ..evaluate.directions import held_permissions, unknown_roles
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import Request
from ..evaluate.worlds import solver
from ..language.names import written
from .what import What

_How = Callable[[Formula, Formula], Formula]
_Lacking = Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]]
"""What was not read of the permissions that each of both has, as far as it is told."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is so of a permission somewhere."""

    state: State
    residual: Residual | None
    missing: tuple[str, ...]


_Pair = tuple[Formula, Formula, Sequence[str]]
"""When each of two has some permissions, canonical."""
_DENIED = _Answer(State.DENIED, (), ())
_Found = Mapping[str, Mapping[str, _Answer]]
"""Answers by permission and the place from which on they hold."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some permissions (canonical) on what lies, or may lie, in some places: all that is looked at.

    `known` keeps which places of two estates do.
    """

    permissions: frozenset[str]
    places: tuple[str, ...]
    known: dict[str, bool] = field(default_factory=dict, compare=False)


class Effective:
    """What a principal may do.

    Args:
        what: the estate.
        asked: the question; its permission and resource do not matter.
        unread: what was not read of whom places let in.
        names: every permission, in the order of their numbers.
    """

    def __init__(self, what: What, asked: Request, unread: Sequence[str], names: Sequence[str]) -> None:
        self._what, self._asked, self._unread, self._names = what, asked, unread, names
        self._held = what.held
        self._verdicts: dict[Formula, _Answer] = {}
        self._known: dict[tuple[Effective, str, Part | None], Sequence[_Pair]] = {}

    @cached_property
    def permissions(self) -> BitMap:
        """The numbers of the permissions that are not denied everywhere and always."""
        numbers = {name: number for number, name in enumerate(self._names)}
        return BitMap(numbers[name] for cube in self.cubes() for name in cube.permissions)

    def cubes(self) -> tuple[Cube, ...]:
        """What is allowed; what is so of a place holds of all that lies in it, but for the exceptions."""
        return self._cubes(self, lambda mine, _: mine, lambda mine, _: mine)

    def minus(self, other: Effective, among: Part | None = None) -> tuple[Cube, ...]:
        """What this principal may do and the other may not, under the same circumstances; all of it is `among`."""
        return self._cubes(other, _only, lambda mine, others: mine if mine != others else (), among)

    def both(self, other: Effective) -> tuple[Cube, ...]:
        """What both may do under the same circumstances."""
        return self._cubes(
            other, lambda mine, others: all_of((mine, others)), lambda mine, others: mine if others else ()
        )

    def unread(self, other: Effective) -> tuple[str, ...]:
        """What was not read and may tell the two apart, though no difference tells it."""
        if self._asked.who == other._asked.who:
            return ()
        alike: dict[str, None] = {}
        for place in self._parents(other):
            for mine, others, _ in self._pairs(other, place):
                if mine == others:
                    alike |= {one.atom.name: None for one in literals(mine) if isinstance(one.atom, Gap)}
            others_lacking = other._lacking(self, place)
            alike |= dict.fromkeys(one for one in self._lacking(other, place) if one in others_lacking)
        told = [f"{one}: taken to say the same of both" for one in sorted(alike)]
        return (*told, *(f"{one}: may say another thing of each" for one in self._unread if one not in alike))

    def same(self, other: Effective, first: Iterable[tuple[str, str]] = ()) -> bool | None:
        """Whether both may do the same under the same circumstances; None where what was not read decides.

        `first` are permissions (canonical) on places of the estate that may tell them apart, looked at before all else.
        """
        if any(state not in (State.DENIED, State.UNKNOWN) for one in first for state in self._differences(other, *one)):
            return False
        states = [cube.state for cube in (*self.minus(other), *other.minus(self))]
        return not states if not states or any(state is not State.UNKNOWN for state in states) else None

    def _differences(self, other: Effective, permission: str, place: str) -> Iterator[State]:
        """The states in which one of both has a permission on all that lies in a place, and the other has it not."""
        mine = _formula(replace(self._at(other, place), permission=permission))
        others = _formula(replace(other._at(self, place), permission=permission))
        yield self._answer(self._together(other, mine, others, _only)).state
        yield other._answer(other._together(self, others, mine, _only)).state

    # --- where something lies

    @cached_property
    def _points(self) -> list[str]:
        """The places that part what the principal may do."""
        mine = [self._held.place_number(one) for one in self._what.places(self._asked)]
        tops = np.unique(np.array([one for one in mine if one is not None], np.int64))
        inside = np.zeros(len(self._held.places) + 1, np.int64)
        np.add.at(inside, tops, 1)
        np.add.at(inside, self._held.arrays["place.end"][tops], -1)
        below = np.cumsum(inside)[:-1] > 0
        arrays, estate = self._held.arrays, self._held.estate
        unread = (~arrays["place.read"] | arrays["place.astray"]) & ~arrays["place.alias"] & below
        named = [*estate.denies, *estate.unread, *(one.target for one in estate.access)]
        guarded = [self._held.place_number(estate.projects.canonical(one)) for one in named]
        kept = [one for one in guarded if one is not None and below[one]]
        found = {*tops.tolist(), *np.flatnonzero(unread).tolist(), *kept, *self._damaged(below)}
        return self._held.places.many(np.array(sorted(found), np.int64))

    def _damaged(self, below: Array) -> Iterator[int]:
        """Places whose policy is none, as far as they are looked at."""
        documents = self._held.arrays["place.document"]
        for place in np.flatnonzero(below & (documents >= 0)).tolist():
            if self._held.policy(int(documents[place])) is None:
                yield place

    def _parents(self, other: Effective) -> dict[str, str | None]:
        """The places that part what one of both may do, each with the nearest of them that it lies in, that first."""
        wanted = dict.fromkeys((*self._points, *other._points))
        above = {one: next((each for each in self._above(other, one)[1:] if each in wanted), None) for one in wanted}
        found: dict[str, str | None] = {}
        for one in wanted:
            line: list[str] = []
            at: str | None = one
            while at is not None and at not in found and at not in line:
                line.append(at)
                at = above[at]
            for each in reversed(line):
                found[each] = above[each]
        return found

    def _above(self, other: Effective, place: str) -> tuple[str, ...]:
        """A place and all above it, in the estate that knows it."""
        known = self if self._knows(place) or not other._knows(place) else other
        return known._asked.estate.chain(place).names

    def _knows(self, place: str) -> bool:
        return self._held.place_number(place) is not None

    # --- what is so there

    def _cubes(self, other: Effective, how: _How, unnamed: _Lacking, among: Part | None = None) -> tuple[Cube, ...]:
        parents = self._parents(other)
        found: dict[str, dict[str, _Answer]] = defaultdict(dict)
        lacking: dict[tuple[str, ...], list[str]] = defaultdict(list)
        leaves: dict[str | None, str] = {}
        for place, above in parents.items():
            if among is not None and not self._may_lie(other, place, among):
                continue
            first = leaves.setdefault(above, place) if self._held is other._held and self._is_leaf(place) else place
            if first != place:
                for answers in found.values():
                    if first in answers:
                        answers[place] = _renamed(answers[first], first, place)
                continue
            for mine, others, permissions in self._pairs(other, place, among):
                answer = self._answer(self._together(other, mine, others, how))
                for permission in permissions:
                    found[permission][place] = answer
            if among is not None:
                continue
            lacking[unnamed(self._lacking(other, place), other._lacking(self, place))].append(place)
        cubes = list(self._gathered(found, parents))
        for told, places in lacking.items():
            if not told:
                continue
            cubes.append(Cube((), tuple(sorted(places)), (), State.UNKNOWN, (), told))
        return tuple(sorted(cubes, key=lambda one: (one.resources, one.exceptions, one.permissions, str(one.state))))

    def _may_lie(self, other: Effective, place: str, among: Part) -> bool:
        if place not in among.known:
            chains = [each._asked.estate.chain(place) for each in (self, other)]
            among.known[place] = any(chain.holds(one) is not False for chain in chains for one in among.places)
        return among.known[place]

    def _is_leaf(self, name: str) -> bool:
        """Whether nothing else is there than that its policy was not read."""
        arrays, place = self._held.arrays, self._held.place_number(name)
        if place is None:
            return False
        alone = arrays["place.end"][place] == place + 1 and arrays["place.document"][place] < 0
        return bool(alone and not arrays["place.read"][place])

    def _together(self, other: Effective, mine: Formula, others: Formula, how: _How) -> Formula:
        """What was not read may say another thing of each of both, unless nothing else tells them apart."""
        if mine == others or self._asked.who == other._asked.who:
            return how(mine, others)
        return how(*(_of(one, each._asked.who.text) for one, each in ((mine, self), (others, other))))

    def _pairs(self, other: Effective, place: str, among: Part | None = None) -> Sequence[_Pair]:
        """When each of both has some permissions on all that lies in a place; what either found out is kept."""
        known = self._known.get((other, place, among))
        if known is None:
            turned = other._known.get((self, place, among))
            found = self._paired(other, place, among) if turned is None else ((b, a, names) for a, b, names in turned)
            known = self._known[other, place, among] = tuple(found)
        return known

    def _paired(self, other: Effective, place: str, among: Part | None) -> Iterator[_Pair]:
        mine, others = self._at(other, place), other._at(self, place)
        alone = other is self
        found = held_permissions(mine) | (set() if alone else held_permissions(others))
        held = sorted(found if among is None else found & among.permissions)
        classes: dict[object, list[str]] = defaultdict(list)
        keys = [self._what.keys(mine, held)]
        keys += [] if self._held is other._held else [other._what.keys(others, held)]
        for several in zip(*keys, strict=True):
            classes[tuple(key for _, key in several)].append(several[0][0])
        for permissions in classes.values():
            first = _formula(mine.about(permissions[0]))
            second = first if alone else _formula(others.about(permissions[0]))
            yield first, second, permissions

    def _at(self, other: Effective, place: str) -> Request:
        """The question there; of a place that only the other estate knows, on what it would lie in."""
        known = place
        if self._held is not other._held and not self._knows(place):
            known = next((one for one in self._above(other, place) if self._knows(one)), place)
        return replace(self._asked, resource=known, below=True)

    def _lacking(self, other: Effective, place: str) -> tuple[str, ...]:
        return tuple(f"the permissions of {role}" for role in unknown_roles(self._at(other, place)))

    def _answer(self, formula: Formula) -> _Answer:
        if formula not in self._verdicts:
            solved = solver()
            verdict = solved.verdict(formula)
            state = STATES[verdict.outcome]
            undecided = state in (State.CONDITIONAL, State.UNKNOWN)
            residual = residual_of(verdict, solved) if undecided else ()
            self._verdicts[formula] = _Answer(state, residual, tuple(sorted(verdict.gaps)))
        return self._verdicts[formula]

    # --- cubes

    def _gathered(self, found: _Found, parents: Mapping[str, str | None]) -> Iterator[Cube]:
        """The answers as cubes: each from a place on, without those places further down where it is another."""
        shapes: dict[tuple[str, tuple[str, ...], _Answer], list[str]] = defaultdict(list)
        for permission, answers in found.items():
            for place, without in _shapes(answers, parents):
                shapes[place, without, answers[place]].append(permission)
        whole: dict[tuple[tuple[str, ...], _Answer], list[str]] = defaultdict(list)
        for (place, without, answer), permissions in shapes.items():
            held = tuple(sorted(map(written, permissions)))
            if without:
                yield Cube(held, (place,), without, answer.state, answer.residual, answer.missing)
            else:
                whole[held, answer].append(place)
        for (held, answer), places in whole.items():
            yield Cube(held, tuple(sorted(places)), (), answer.state, answer.residual, answer.missing)


def _shapes(answers: Mapping[str, _Answer], parents: Mapping[str, str | None]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The places from which on something is answered, but denied; each with those below where another answer begins."""
    starts: dict[str, str] = {}
    without: dict[str, list[str]] = defaultdict(list)
    for place, above in parents.items():
        starts[place] = place
        if above is not None:
            if answers.get(above, _DENIED) == answers.get(place, _DENIED):
                starts[place] = starts[above]
            else:
                without[starts[above]].append(place)
    for place, start in starts.items():
        if start == place and answers.get(place, _DENIED).state is not State.DENIED:
            yield place, tuple(sorted(without[place]))


def _formula(asked: Request) -> Formula:
    """When the caller of a question has access."""
    return False if asked.who.deleted else access(allow(asked), deny(asked), eligible(asked))


def _only(mine: Formula, others: Formula) -> Formula:
    return all_of((mine, negate(others)))


def _of(formula: Formula, whom: str) -> Formula:
    """A formula whose gaps say what they say of somebody."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        gap = formula.atom
        return replace(formula, atom=replace(gap, of=whom)) if isinstance(gap, Gap) else formula
    build = all_of if isinstance(formula, All) else any_of
    return build(_of(part, whom) for part in formula.parts)


def _renamed(answer: _Answer, before: str, after: str) -> _Answer:
    return replace(answer, missing=tuple(sorted(one.replace(before, after) for one in answer.missing)))
