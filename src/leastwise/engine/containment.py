"""Whether one set of requests lies in another: a proof, a request that does not, or not proven.

A set lies in another when no request of it is outside. Each cube that gives is taken apart by its patterns of
permissions and of resources; what the other side says of such a piece is mostly decided by comparing patterns, and
equal pieces are looked at once. What is left is a formula over the two texts and the condition keys, for `search`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from .cubes import NOTHING, AccessSet, Common, Cube, Cubes, Less, cubes_of, membership
from .formula import All, Atom, Either, Formula, Literal, all_of, any_of, literals, negate
from .patterns import EVERYTHING, PERMISSION, RESOURCE, Inside, Pattern, Region, TooManyStatesError, exactly
from .search import Found, Search
from .shelves import Shelved, Shelves, condition_within, region_for, separator_of
from .solve import Gap, OverBudgetError, Solver, World, with_gaps

_NAMES = 400
"""Permissions of a catalogue that are tried for a counter-example in place of a made-up one."""


def _no_names(_: Pattern) -> Iterable[str]:
    return ()


def _no_value(_: str, __: frozenset[Atom], ___: World) -> tuple[str, ...] | None:
    return None


def _as_it_is(found: CounterExample) -> CounterExample:
    return found


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provider says of the requests that sets are about.

    Args:
        solver: decides what conditions can be true together.
        permissions: what a permission can be.
        resources: what a resource can be.
        names: the permissions of a catalogue that a pattern takes in.
        value: values of a condition key in one of its worlds; empty where it is absent, None where none is known.
        confirm: a counter-example as it can really be made, or why it cannot be said that it can.
        states: how many states of automata are looked at in all.
        steps: how many partial formulas are tried in all.
    """

    solver: Solver
    permissions: Region = EVERYTHING
    resources: Region = EVERYTHING
    names: Callable[[Pattern], Iterable[str]] = _no_names
    value: Callable[[str, frozenset[Atom], World], tuple[str, ...] | None] = _no_value
    confirm: Callable[[CounterExample], CounterExample | NotProven] = _as_it_is
    states: int = 5_000
    steps: int = 2_000


@dataclass(frozen=True, slots=True)
class Cover:
    """Permissions of a cube, and the cubes of the other set that concern them and together cover it."""

    cube: Cube
    permissions: tuple[Pattern, ...]
    by: tuple[Cube, ...]


@dataclass(frozen=True, slots=True)
class Proved:
    """It lies in the other: for every cube, what covers it."""

    covers: tuple[Cover, ...]


@dataclass(frozen=True, slots=True)
class CounterExample:
    """A request of the one set that is not of the other.

    Args:
        permission: the permission.
        resource: the resource.
        holds: what each condition is that matters.
        values: values of condition keys that make it so, where the provider knows some; empty for an absent key.
    """

    permission: str
    resource: str
    holds: Mapping[Atom, bool] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotProven:
    """Neither was found: why, and the gaps that it rests on."""

    reason: str
    gaps: frozenset[str] = frozenset()


Containment = Proved | CounterExample | NotProven


def contains(inner: AccessSet, outer: AccessSet, terms: Terms) -> Containment:
    """Whether every request of `inner` is one of `outer`.

    A gap is taken against the proof on both sides; a request that is outside whatever gaps hide is a counter-example.
    """
    return _Comparison(inner, outer, terms).run()


def empty(requests: AccessSet, terms: Terms) -> Containment:
    """Whether the set has no request; a counter-example is one of its requests."""
    return contains(requests, NOTHING, terms)


def equal(first: AccessSet, second: AccessSet, terms: Terms) -> tuple[Containment, Containment]:
    """Whether two sets have the same requests: when each lies in the other."""
    return contains(first, second, terms), contains(second, first, terms)


@dataclass(frozen=True, slots=True, eq=False)
class _Giver:
    """A cube that gives requests of a set, and the sets that these must lie in, or must not."""

    cube: Cube
    within: tuple[AccessSet, ...] = ()
    without: tuple[AccessSet, ...] = ()


def _givers(requests: AccessSet) -> Iterator[_Giver]:
    if isinstance(requests, Cubes):
        yield from (_Giver(cube) for cube in requests.cubes)
    elif isinstance(requests, Less):
        for one in _givers(requests.kept):
            yield _Giver(one.cube, one.within, (*one.without, requests.taken))
    elif isinstance(requests, Common):
        first, *others = requests.parts
        for one in _givers(first):
            yield _Giver(one.cube, (*one.within, *others), one.without)
    else:
        for part in requests.parts:
            yield from _givers(part)


_About = Mapping[int, Formula]
"""For cubes by number, whether they take in the permission in question."""


class _Comparison:
    """One comparison of two sets."""

    def __init__(self, inner: AccessSet, outer: AccessSet, terms: Terms) -> None:
        self._terms, self._outer = terms, outer
        self._givers = list(_givers(inner))
        sides = [one for giver in self._givers for one in (*giver.within, *giver.without)]
        self._cubes: list[Cube] = []
        self._places: dict[int, range] = {}
        for side in (outer, *sides):
            self._number(side)
        separator = separator_of(cube.permissions for cube in self._cubes)
        self._shelves = Shelves([_shelved(cube, separator) for cube in self._cubes], separator, PERMISSION)
        self._search = Search(
            terms.solver, {PERMISSION: terms.permissions, RESOURCE: terms.resources}, terms.states, terms.steps
        )
        self._outers = {id(cube) for cube in cubes_of(outer)}
        self._gaps = any(_has_gaps(cube.condition) for cube in (*cubes_of(inner), *self._cubes))
        self._by_name = any(_asks(cube.condition, PERMISSION) for cube in (*cubes_of(inner), *self._cubes))
        self._mixed = {n for n, cube in enumerate(self._cubes) if _asks(cube.condition, RESOURCE)}
        self._said: dict[tuple[int, Pattern], Formula] = {}
        self._open: set[str] = set()
        self._reasons: set[str] = set()
        self._covers: list[tuple[Cube, list[Pattern], tuple[Cube, ...]]] = []

    def _number(self, requests: AccessSet) -> None:
        """A number for every cube that requests are compared with; leaves are found again by themselves."""
        if isinstance(requests, Cubes):
            if id(requests) not in self._places:
                self._places[id(requests)] = range(len(self._cubes), len(self._cubes) + len(requests.cubes))
                self._cubes += requests.cubes
        elif isinstance(requests, Less):
            self._number(requests.kept)
            self._number(requests.taken)
        else:
            for part in requests.parts:
                self._number(part)

    def run(self) -> Containment:
        for giver in self._givers:
            pieces = list(_pieces(giver.cube))
            for permissions, about in self._groups(giver.cube):
                for found in self._outside(giver, permissions[0], about, pieces):
                    better = self._named(giver, permissions[0], pieces) or found
                    confirmed = self._terms.confirm(self._example(better))
                    if isinstance(confirmed, CounterExample):
                        return confirmed
                    self._reasons.add(confirmed.reason)
                by = tuple(self._cubes[n] for n in about if id(self._cubes[n]) in self._outers)
                self._covers.append((giver.cube, permissions, by))
        if self._open or self._reasons:
            gaps = frozenset(self._open)
            reasons = [*sorted(self._reasons), *([f"it rests on {', '.join(sorted(gaps))}"] if gaps else [])]
            return NotProven("; ".join(reasons), gaps)
        return Proved(tuple(Cover(cube, tuple(permissions), by) for cube, permissions, by in self._covers))

    def _groups(self, cube: Cube) -> Iterator[tuple[list[Pattern], _About]]:
        """The permissions of a cube, those together that the same cubes take in; single ones first.

        A group is given out with its first permission; others join it later.
        """
        groups: dict[object, list[Pattern]] = {}
        for pattern in sorted(cube.permissions.include, key=lambda one: one.literal is None):
            if pattern.literal is not None and not self._terms.permissions.matches(pattern.literal):
                continue  # no permission at all: it must not speak for others
            about = self._shelves.about(pattern)
            alike = (
                not self._by_name
                and cube.permissions.exclude == ()
                and all(formula is True for formula in about.values())
            )
            key: object = frozenset(about) if alike else pattern
            if key in groups:
                groups[key].append(pattern)
            else:
                groups[key] = [pattern]
                yield groups[key], about

    def _outside(
        self, giver: _Giver, permission: Pattern, about: _About, pieces: Sequence[tuple[Pattern, Formula]]
    ) -> Iterator[Found]:
        """Requests of a giver for a permission that are not in the other set, at most one for each of its pieces."""
        own = region_for(Region((permission,), giver.cube.permissions.exclude), permission, PERMISSION)
        for resource, condition in pieces:
            given = all_of((own, condition, *self._sides(giver, about, resource)))
            held = self._member(self._outer, about, resource)
            try:
                found = self._apart(given, held, permission, resource)
            except TooManyStatesError:
                self._reasons.add(f"more than {self._terms.states} states of automata")
            except OverBudgetError:
                self._reasons.add(f"more than {self._terms.steps} partial formulas, or worlds of a condition key")
            else:
                if found is not None:
                    yield found

    def _sides(self, giver: _Giver, about: _About, resource: Pattern) -> Iterator[Formula]:
        yield from (self._member(one, about, resource) for one in giver.within)
        yield from (negate(self._member(one, about, resource)) for one in giver.without)

    def _member(self, requests: AccessSet, about: _About, resource: Pattern) -> Formula:
        def one(leaf: Cubes) -> Formula:
            places = self._places[id(leaf)]
            return any_of(
                all_of((formula, self._says(number, resource))) for number, formula in about.items() if number in places
            )

        return membership(requests, one)

    def _says(self, number: int, resource: Pattern) -> Formula:
        """What a cube says of a resource in the pattern, permissions aside."""
        known = self._said.get((number, resource))
        if known is None:
            cube = self._cubes[number]
            condition = cube.condition
            if number in self._mixed:
                condition = condition_within(condition, resource, RESOURCE)
            known = self._said[number, resource] = all_of((region_for(cube.resources, resource, RESOURCE), condition))
        return known

    def _apart(self, given: Formula, held: Formula, permission: Pattern, resource: Pattern) -> Found | None:
        """A request under `given` that is not under `held`; remembers the gaps that leave it open."""
        where = (Literal(Inside(permission, PERMISSION)), Literal(Inside(resource, RESOURCE)))
        if not self._gaps:
            return self._search.find(all_of((*where, given, negate(held))))
        if self._search.find(all_of((*where, with_gaps(given, True), negate(with_gaps(held, False))))) is None:
            return None
        found = self._search.find(all_of((*where, with_gaps(given, False), negate(with_gaps(held, True)))))
        if found is None:
            self._open |= {x.atom.name for x in (*literals(given), *literals(held)) if isinstance(x.atom, Gap)}
        return found

    def _named(self, giver: _Giver, permission: Pattern, pieces: Sequence[tuple[Pattern, Formula]]) -> Found | None:
        """A request outside for a permission that exists, in place of one for any that a pattern takes in."""
        if permission.literal is not None:
            return None
        tried: set[frozenset[int]] = set()
        for name in islice(self._terms.names(permission), _NAMES):
            exact = exactly(name, separator=permission.separator)
            about = self._shelves.about(exact)
            if frozenset(about) in tried or not giver.cube.permissions.matches(name):
                continue
            tried.add(frozenset(about))
            found = next(self._outside(giver, exact, about, pieces), None)
            if found is not None:
                return found
        return None

    def _example(self, found: Found) -> CounterExample:
        values = {name: self._terms.value(name, atoms, world) for name, (atoms, world) in found.model.items()}
        return CounterExample(
            found.texts[PERMISSION],
            found.texts[RESOURCE],
            {atom: atom in world for atoms, world in found.model.values() for atom in atoms},
            {name: value for name, value in values.items() if value is not None},
        )


@lru_cache(maxsize=4096)
def _shelved(cube: Cube, separator: str) -> Shelved:
    """The permissions of a cube, sorted: many sets are compared with the same cubes."""
    return Shelved(cube.permissions, separator)


def _pieces(cube: Cube) -> Iterator[tuple[Pattern, Formula]]:
    """The resources of a cube pattern by pattern, each with what must hold besides."""
    for pattern in cube.resources.include:
        spared = region_for(Region((pattern,), cube.resources.exclude), pattern, RESOURCE)
        if spared is False:
            continue
        parts = _split(cube.condition) if pattern.everything else [(None, cube.condition)]
        for narrower, condition in parts:
            yield narrower or pattern, all_of((spared, condition))


def _split(formula: Formula) -> Iterator[tuple[Pattern | None, Formula]]:
    """A formula as alternatives that each lie in one pattern of resources, where it has that form."""
    if isinstance(formula, Either):
        for part in formula.parts:
            yield from _split(part)
        return
    parts = formula.parts if isinstance(formula, All) else frozenset() if isinstance(formula, bool) else {formula}
    for part in parts:
        patterns = [_named(one) for one in (part.parts if isinstance(part, Either) else (part,))]
        if all(patterns):
            rest = all_of(parts - {part})
            yield from ((pattern, rest) for pattern in patterns)
            return
    yield None, formula


def _named(formula: Formula) -> Pattern | None:
    if isinstance(formula, Literal) and formula.positive and isinstance(formula.atom, Inside):
        return formula.atom.pattern if formula.atom.axis == RESOURCE else None
    return None


def _has_gaps(formula: Formula) -> bool:
    return any(isinstance(one.atom, Gap) for one in literals(formula))


def _asks(formula: Formula, axis: str) -> bool:
    return any(isinstance(one.atom, Inside) and one.atom.axis == axis for one in literals(formula))
