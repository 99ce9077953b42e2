"""Everything that somebody may do, as a value that can be held against another.

What is so on a place is so of all that lies in it, up to the next place on which something lies that can tell another
thing. So resources are parted by these places, and conditions that ask of a resource stay conditions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from pyroaring import BitMap

from leastwise.engine.formula import All, Formula, Literal, all_of, any_of, literals, negate
from leastwise.engine.solve import Gap
from leastwise.model.decision import Cube, Residual, State

How = Callable[[Formula, Formula], Formula]
Lacking = Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]]
"""What was not read of the permissions that each of both has, as far as it is told."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is so of a permission somewhere."""

    state: State
    residual: Residual | None
    missing: tuple[str, ...]


Pair = tuple[Formula, Formula, Sequence[str]]
"""When each of two has some permissions."""
DENIED = Answer(State.DENIED, (), ())
_Found = Mapping[str, Mapping[str, Answer]]
"""Answers by permission and the place from which on they hold."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some permissions on what lies, or may lie, in some places: all that is looked at.

    `known` keeps which places of two estates do.
    """

    permissions: frozenset[str]
    places: tuple[str, ...]
    known: dict[str, bool] = field(default_factory=dict, compare=False)


class Effective(ABC):
    """What a principal may do, in one estate.

    Args:
        who: the id of the principal.
        unread: what was not read of whom places let in.
        names: every permission, in the order of their numbers.
    """

    def __init__(self, who: str, unread: Sequence[str], names: Sequence[str]) -> None:
        self.who, self._unread, self._names = who, unread, names
        self._verdicts: dict[Formula, Answer] = {}
        self._known: dict[tuple[Effective, str, Part | None], Sequence[Pair]] = {}

    # --- what providers tell

    @property
    @abstractmethod
    def points(self) -> Sequence[str]:
        """The places that part what the principal may do."""

    @abstractmethod
    def knows(self, place: str) -> bool:
        """Whether the estate has a place."""

    @abstractmethod
    def chain(self, place: str) -> tuple[str, ...]:
        """A place and all above it, as the estate tells."""

    @abstractmethod
    def may_hold(self, place: str, one: str) -> bool:
        """Whether a place lies in another, or may."""

    @abstractmethod
    def pairs(self, other: Self, place: str, among: Part | None) -> Iterator[Pair]:
        """When each of both has some permissions on all that lies in a place."""

    @abstractmethod
    def differences(self, other: Self, permission: str, place: str) -> tuple[Formula, Formula]:
        """When each of both has one permission on all that lies in a place."""

    @abstractmethod
    def lacking(self, other: Self, place: str) -> tuple[str, ...]:
        """What was not read of the permissions that the principal has on what lies in a place."""

    @abstractmethod
    def answer(self, formula: Formula) -> Answer:
        """What comes of a formula."""

    @abstractmethod
    def leaf(self, other: Self, place: str) -> bool:
        """Whether nothing else is there than that something was not read, so that all such places are alike."""

    def written(self, permission: str) -> str:
        """A permission as a user sees it."""
        return permission

    def shown(self, place: str) -> str:
        """A place as a user sees it."""
        return place

    # --- what is made of it

    @cached_property
    def permissions(self) -> BitMap:
        """The numbers of the permissions that are not denied everywhere and always."""
        numbers = {name: number for number, name in enumerate(self._names)}
        return BitMap(numbers[name] for cube in self.cubes() for name in cube.permissions)

    def cubes(self) -> tuple[Cube, ...]:
        """What is allowed; what is so of a place holds of all that lies in it, but for the exceptions."""
        return self._cubes(self, lambda mine, _: mine, lambda mine, _: mine)

    def minus(self, other: Self, among: Part | None = None) -> tuple[Cube, ...]:
        """What this principal may do and the other may not, under the same circumstances; all of it is `among`."""
        return self._cubes(other, _only, lambda mine, others: mine if mine != others else (), among)

    def both(self, other: Self) -> tuple[Cube, ...]:
        """What both may do under the same circumstances."""
        return self._cubes(
            other, lambda mine, others: all_of((mine, others)), lambda mine, others: mine if others else ()
        )

    def unread(self, other: Self) -> tuple[str, ...]:
        """What was not read and may tell the two apart, though no difference tells it."""
        if self.who == other.who:
            return ()
        alike: dict[str, None] = {}
        for place in self._parents(other):
            for mine, others, _ in self._pairs(other, place):
                if mine == others:
                    alike |= {one.atom.name: None for one in literals(mine) if isinstance(one.atom, Gap)}
            others_lacking = other.lacking(self, place)
            alike |= dict.fromkeys(one for one in self.lacking(other, place) if one in others_lacking)
        told = [f"{one}: taken to say the same of both" for one in sorted(alike)]
        return (*told, *(f"{one}: may say another thing of each" for one in self._unread if one not in alike))

    def same(self, other: Self, first: Iterable[tuple[str, str]] = ()) -> bool | None:
        """Whether both may do the same under the same circumstances; None where what was not read decides.

        `first` are permissions (canonical) on places of the estate that may tell them apart, looked at before all else.
        """
        if any(state not in (State.DENIED, State.UNKNOWN) for one in first for state in self._differences(other, *one)):
            return False
        states = [cube.state for cube in (*self.minus(other), *other.minus(self))]
        return not states if not states or any(state is not State.UNKNOWN for state in states) else None

    def _differences(self, other: Self, permission: str, place: str) -> Iterator[State]:
        """The states in which one of both has a permission on all that lies in a place, and the other has it not."""
        mine, others = self.differences(other, permission, place)
        yield self._solved(self._together(other, mine, others, _only)).state
        yield other._solved(other._together(self, others, mine, _only)).state

    # --- where something lies

    def _parents(self, other: Self) -> dict[str, str | None]:
        """The places that part what one of both may do, each with the nearest of them that it lies in, that first."""
        wanted = dict.fromkeys((*self.points, *other.points))
        above = {one: next((each for each in self.above(other, one)[1:] if each in wanted), None) for one in wanted}
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

    def above(self, other: Self, place: str) -> tuple[str, ...]:
        """A place and all above it, in the estate that knows it."""
        known = self if self.knows(place) or not other.knows(place) else other
        return known.chain(place)

    def lies(self, other: Self, place: str) -> str:
        """The place of this estate that tells of a place: of one that only the other knows, what it would lie in."""
        if self.knows(place):
            return place
        return next((one for one in self.above(other, place) if self.knows(one)), place)

    # --- what is so there

    def _cubes(self, other: Self, how: How, unnamed: Lacking, among: Part | None = None) -> tuple[Cube, ...]:
        parents = self._parents(other)
        found: dict[str, dict[str, Answer]] = defaultdict(dict)
        lacking: dict[tuple[str, ...], list[str]] = defaultdict(list)
        leaves: dict[str | None, str] = {}
        for place, above in parents.items():
            if among is not None and not self._may_lie(other, place, among):
                continue
            first = leaves.setdefault(above, place) if self.leaf(other, place) else place
            if first != place:
                for answers in found.values():
                    if first in answers:
                        answers[place] = _renamed(answers[first], first, place)
                continue
            for mine, others, permissions in self._pairs(other, place, among):
                answer = self._solved(self._together(other, mine, others, how))
                if answer == DENIED:
                    continue  # as what no place tells of
                for permission in permissions:
                    found[permission][place] = answer
            if among is not None:
                continue
            lacking[unnamed(self.lacking(other, place), other.lacking(self, place))].append(place)
        cubes = list(self._gathered(found, parents))
        for told, places in lacking.items():
            if not told:
                continue
            cubes.append(Cube((), tuple(sorted(places)), (), State.UNKNOWN, (), told))
        shown = [
            replace(one, resources=self._shown(other, one.resources), exceptions=self._shown(other, one.exceptions))
            for one in cubes
        ]
        return tuple(sorted(shown, key=lambda one: (one.resources, one.exceptions, one.permissions, str(one.state))))

    def _shown(self, other: Self, places: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted((self if self.knows(one) else other).shown(one) for one in places))

    def _may_lie(self, other: Self, place: str, among: Part) -> bool:
        if place not in among.known:
            among.known[place] = any(each.may_hold(place, one) for each in (self, other) for one in among.places)
        return among.known[place]

    def _together(self, other: Self, mine: Formula, others: Formula, how: How) -> Formula:
        """What was not read may say another thing of each of both, unless nothing else tells them apart."""
        if mine == others or self.who == other.who:
            return how(mine, others)
        return how(*(_of(one, each.who) for one, each in ((mine, self), (others, other))))

    def _pairs(self, other: Self, place: str, among: Part | None = None) -> Sequence[Pair]:
        """When each of both has some permissions on all that lies in a place; what either found out is kept."""
        known = self._known.get((other, place, among))
        if known is None:
            turned = other._known.get((self, place, among))
            found = self.pairs(other, place, among) if turned is None else ((b, a, names) for a, b, names in turned)
            known = self._known[other, place, among] = tuple(found)
        return known

    def _solved(self, formula: Formula) -> Answer:
        if formula not in self._verdicts:
            self._verdicts[formula] = self.answer(formula)
        return self._verdicts[formula]

    # --- cubes

    def _gathered(self, found: _Found, parents: Mapping[str, str | None]) -> Iterator[Cube]:
        """The answers as cubes: each from a place on, without those places further down where it is another."""
        shapes: dict[tuple[str, tuple[str, ...], Answer], list[str]] = defaultdict(list)
        alike: dict[tuple[tuple[str, int], ...], list[str]] = defaultdict(list)
        for permission, answers in found.items():
            alike[tuple((place, id(answer)) for place, answer in answers.items())].append(permission)
        for permissions in alike.values():
            answers = found[permissions[0]]
            for place, without in _shapes(answers, parents):
                shapes[place, without, answers[place]].extend(permissions)
        whole: dict[tuple[tuple[str, ...], Answer], list[str]] = defaultdict(list)
        for (place, without, answer), permissions in shapes.items():
            held = tuple(sorted(map(self.written, permissions)))
            if without:
                yield Cube(held, (place,), without, answer.state, answer.residual, answer.missing)
            else:
                whole[held, answer].append(place)
        for (held, answer), places in whole.items():
            yield Cube(held, tuple(sorted(places)), (), answer.state, answer.residual, answer.missing)


def _shapes(answers: Mapping[str, Answer], parents: Mapping[str, str | None]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The places from which on something is answered, but denied; each with those below where another answer begins."""
    starts: dict[str, str] = {}
    without: dict[str, list[str]] = defaultdict(list)
    for place, above in parents.items():
        starts[place] = place
        if above is not None:
            if answers.get(above, DENIED) == answers.get(place, DENIED):
                starts[place] = starts[above]
            else:
                without[starts[above]].append(place)
    for place, start in starts.items():
        if start == place and answers.get(place, DENIED).state is not State.DENIED:
            yield place, tuple(sorted(without[place]))


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


def _renamed(answer: Answer, before: str, after: str) -> Answer:
    return replace(answer, missing=tuple(sorted(one.replace(before, after) for one in answer.missing)))
