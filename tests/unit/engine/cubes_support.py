"""Small sets of requests in every dialect, and what lies in them by trying every request."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import product

from dialects_support import DIALECTS
from formula_support import Fact
from hypothesis import strategies as st

from leastwise.engine.containment import CounterExample, Terms
from leastwise.engine.cubes import AccessSet, Common, Cube, Cubes, Less, Union, condition_for, texts_of
from leastwise.engine.formula import Atom, Formula, Literal, all_of, any_of, assign, literals, negate
from leastwise.engine.patterns import Inside, Region
from leastwise.engine.solve import Gap, Solver, World

X, Y, Z = Fact("x", 1), Fact("x", 2), Fact("y", 1)
WORLDS: dict[str, list[World]] = {
    "x": [frozenset(), frozenset({X}), frozenset({Y})],
    "y": [frozenset(), frozenset({Z})],
}
"""X and Y never hold together."""
ASKED = [{atom: atom in x | y for atom in (X, Y, Z)} for x in WORLDS["x"] for y in WORLDS["y"]]


def worlds(variable: str, atoms: Collection[Atom]) -> Sequence[World]:
    return list(dict.fromkeys(world & frozenset(atoms) for world in WORLDS[variable]))


def terms(**more: object) -> Terms:
    return Terms(Solver(worlds), **more)  # type: ignore[arg-type]


WRITTEN = {
    "arn": ["arn:a:b:c:d:e", "arn:a:*:c:d:e", "arn:a:b:c:d:*", "arn:a:b*", "arn:a:b:c:d:?", "*", "arn:*:b:c:d:e/*"],
    "azure id": ["/S/a", "/s/*", "/s/a/b", "*", "/s/*/b", "/S/A/B"],
    "azure action": ["M.S/*", "m.s/a/read", "*/read", "*", "M.S/a/*", "m.s/*/read", "M.S/a/write"],
    "kubernetes": ["*", "pods", "*/scale", "pods/scale", "pods/exec", "pods/*", "nodes"],
    "google name": ["p/*", "p/b/*", "p/b/o", "*", "p/c", "p/b/o*"],
    "google permission": ["s.o.get", "s.*.get", "s.o.*", "*", "s.b.list", "s.*.*"],
}
"""For each dialect, patterns that meet in different ways."""
TEXTS = {
    "arn": ["arn:a:b:c:d:e", "arn:a:x:c:d:e", "arn:a:b:c:d:e/f", "arn:a:b:c:d:f:g", "arn:a:bb:c:d:e", "x", ""],
    "azure id": ["/s/a", "/S/A", "/s/a/b", "/s/c/b", "/s", "/s/a/b/c", ""],
    "azure action": ["m.s/a/read", "M.S/a/write", "m.s/b/c/read", "other/read", "read", "m.s/", ""],
    "kubernetes": ["pods", "pods/scale", "pods/exec", "nodes/scale", "nodes", "pods/*", "x"],
    "google name": ["p/b/o", "p/b/oo", "p/c", "p/", "q", "p/b/", ""],
    "google permission": ["s.o.get", "s.b.get", "s.b.list", "s.o.list", "t.o.get", "s.o.a.get", ""],
}
CONDITIONS = st.recursive(
    st.sampled_from([True, True, Literal(X), Literal(Y), Literal(Z)]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(all_of),
        st.lists(inner, min_size=1, max_size=2).map(any_of),
        inner.map(negate),
    ),
    max_leaves=3,
)


@cache
def regions_of(name: str) -> st.SearchStrategy[Region]:
    chosen = st.sampled_from(WRITTEN[name]).map(DIALECTS[name].pattern)
    return st.builds(
        lambda include, exclude: Region(tuple(include), tuple(exclude)),
        st.lists(chosen, min_size=1, max_size=3),
        st.one_of(st.just([]), st.lists(chosen, max_size=2)),
    )


SELDOM = st.sampled_from([True, False, False, False])
JOINED = st.sampled_from([all_of, any_of])
"""Made once: to make a strategy takes longer than to draw from it."""


@st.composite
def cubes(draw: st.DrawFn, name: str, gaps: Sequence[str] = ()) -> Cube:
    region = regions_of(name)
    condition: Formula = draw(CONDITIONS)
    if draw(SELDOM):
        lies = Literal(Inside(DIALECTS[name].pattern(draw(st.sampled_from(WRITTEN[name])))), draw(st.booleans()))
        condition = draw(JOINED)((condition, lies))
    if gaps and draw(SELDOM):
        gap = Literal(Gap(draw(st.sampled_from(gaps))))
        condition = draw(JOINED)((condition, gap))
    return Cube(draw(region), draw(region), condition)


@cache
def sets(name: str, *gaps: str) -> st.SearchStrategy[AccessSet]:
    leaf = st.lists(cubes(name, gaps), max_size=3).map(lambda listed: Cubes(tuple(listed)))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(Less, inner, inner),
            st.lists(inner, min_size=1, max_size=2).map(lambda parts: Union(tuple(parts))),
            st.lists(inner, min_size=1, max_size=2).map(lambda parts: Common(tuple(parts))),
        ),
        max_leaves=3,
    )


Asked = tuple[str, str, int]


def requests(name: str) -> Iterator[Asked]:
    """Every request of the small universe: permission, resource, and which world."""
    yield from product(TEXTS[name], TEXTS[name], range(len(ASKED)))


def has(access: AccessSet, asked: Asked, *, gaps: bool = False) -> bool:
    """Whether a request lies in a set, all gaps taken alike, by looking at every cube."""
    if isinstance(access, Less):
        return has(access.kept, asked, gaps=gaps) and not has(access.taken, asked, gaps=gaps)
    if isinstance(access, Cubes):
        return any(_in_cube(cube, asked, gaps) for cube in access.cubes)
    found = (has(part, asked, gaps=gaps) for part in access.parts)
    return any(found) if isinstance(access, Union) else all(found)


def _in_cube(cube: Cube, asked: Asked, gaps: bool) -> bool:
    permission, resource, world = asked
    values: dict[Atom, bool] = {**ASKED[world], **texts_of(cube.condition, {"resource": resource})}
    values |= {one.atom: gaps for one in literals(cube.condition) if isinstance(one.atom, Gap)}
    held = assign(cube.condition, values)
    assert isinstance(held, bool)
    return held and cube.permissions.matches(permission) and cube.resources.matches(resource)


def holds_in(access: AccessSet, example: CounterExample) -> bool:
    """Whether the request of a counter-example lies in a set; atoms that it leaves open do not matter."""
    formula = assign(condition_for(access, example.permission, example.resource), dict(example.holds))
    assert isinstance(formula, bool) or not any(one.atom in example.holds for one in literals(formula))
    options = [assign(formula, world) for world in _agreeing(example)]
    assert len(set(options)) == 1
    return options[0] is True


def _agreeing(example: CounterExample) -> list[dict[Atom, bool]]:
    return [world for world in ASKED if all(world[atom] == value for atom, value in example.holds.items())]
