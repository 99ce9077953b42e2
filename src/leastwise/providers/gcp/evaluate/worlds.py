"""Which values an attribute can have that is not known, as far as the tests of a condition tell them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from leastwise.engine.formula import Atom
from leastwise.engine.patterns import Budget, Pattern, TooManyStatesError, Wild, join, regions
from leastwise.engine.solve import Loose, Solver, World

from ..language.cel import Call, Const, Constant, Index, ListOf, Node, Select, Span, Stamp, attribute_path
from . import values
from .conditions import Absent, Known, Test, holds

_MOST_LOOSE = 10
"""Tests of which every combination is taken to be possible, where nothing better is known."""
_MOST_ELEMENTS = 10
"""Elements of a list that tests name; every subset of them is a value."""
_MOST_MOMENTS = 20_000
_MODERN = values.parse_stamp("2000-01-01T00:00:00Z").nanos
"""An interval without a beginning is looked at from here on: zones of long ago had offsets of their own."""
_STATES = 40_000
_ALWAYS = frozenset({"request.time"})
"""Attributes that every request has."""
_DAY = 86400 * values.SECOND
_STEP = 900 * values.SECOND
"""A quarter of an hour: offsets of time zones are multiples of it."""
_REQUESTS = range(_DAY, values.stamp(253402300799 * values.SECOND).nanos - 2 * _DAY)
"""Moments at which requests are made: no time zone leads out of the years that there are."""
_LISTS = frozenset({"request.auth.access_levels", "iam.googleapis.com/modifiedGrantsByRole", "google.groups"})
_NUMBERS = {"destination.port": range(1, 65536)}


def solver() -> Solver:
    """A solver that knows the worlds of a request's attributes."""
    states = Budget(_STATES)
    return Solver(lambda variable, atoms: worlds(atoms, states), states=states)


def worlds(atoms: Collection[Atom], states: Budget | None = None) -> Sequence[World] | None:
    """The worlds of one attribute for its tests; `Loose` where some may not exist, None where they are too many."""
    tests = [atom for atom in atoms if isinstance(atom, Test)]
    if len(tests) != len(atoms):
        return (frozenset(atoms), frozenset())
    names = {name for test in tests for name in (test.variable, *test.others)}
    if len(names) > 1:
        return _loose(tests)
    name = names.pop()
    found = _candidates(name, tests, states)
    if found is None:
        return _loose(tests)
    known: list[Known | Absent] = [Known(value) for value in found]
    if name not in _ALWAYS:
        known.append(Absent())
    return list(dict.fromkeys(frozenset(test for test in tests if holds(test, {name: one})) for one in known))


def witness(name: str, atoms: Collection[Atom], world: World) -> Known | Absent | None:
    """A value of an attribute, or its absence, that makes just the tests of a world true; None where none is known."""
    tests = [atom for atom in atoms if isinstance(atom, Test)]
    if any((test.variable, *test.others) != (name,) for test in tests):
        return None
    if name == "resource.tags":
        # A resource without tags: whatever is asked of them is false.
        return Absent() if world == {test for test in tests if not test.value} else None
    found = _candidates(name, tests, Budget(_STATES))
    known: list[Known | Absent] = [Known(value) for value in found or ()]
    for one in known if name in _ALWAYS else [*known, Absent()]:
        if world == {test for test in tests if holds(test, {name: one})}:
            return one
    return None


def _loose(tests: Sequence[Test]) -> Sequence[World] | None:
    """Every combination of the tests in which none is true and false at once; whether each exists is not known."""
    if len(tests) > _MOST_LOOSE:
        return None
    sets = (some for count in range(len(tests) + 1) for some in combinations(tests, count))
    return Loose(frozenset[Atom](some) for some in sets if len({test.node for test in some}) == len(some))


def _candidates(name: str, tests: Sequence[Test], states: Budget | None) -> Iterable[Constant] | None:
    """Values among which is one for every combination of the tests that exists; None when none are known to be so."""
    nodes = [test.node for test in tests]
    if name == "request.time":
        return _moments(nodes)
    if name in _LISTS:
        return _lists(name, nodes)
    if name in _NUMBERS:
        return _numbers(name, nodes)
    return _texts(name, nodes, states)


# --- lists ------------------------------------------------------------------------------------------------------------


def _lists(name: str, nodes: Iterable[Node]) -> list[Constant] | None:
    """Every set of the elements that tests name, with and without one that none names."""
    elements: dict[Constant, None] = {}
    for node in nodes:
        named = _named_elements(name, node)
        if named is None:
            return None
        elements.update(dict.fromkeys(named))
    if len(elements) > _MOST_ELEMENTS:
        return None
    texts = [*elements, "~"]
    return [tuple(some) for count in range(len(texts) + 1) for some in combinations(texts, count)]


def _named_elements(name: str, node: Node) -> list[Constant] | None:
    if not isinstance(node, Call):
        return None
    args = node.args
    if node.function == "in" and len(args) == 2 and isinstance(args[0], Const) and reads(args[1], name):
        return [args[0].value]
    only = node.function == "hasOnly" and node.target is not None and reads(node.target, name) and len(args) == 1
    if only and isinstance(args[0], Const) and isinstance(args[0].value, tuple):
        return list(args[0].value)
    return [] if node.function == "has" else None


def reads(node: Node, name: str) -> bool:
    """Whether a node is an attribute itself, and no function of it."""
    if isinstance(node, Call) and node.function == "getAttribute":
        return isinstance(node.args[0], Const) and node.args[0].value == name
    return attribute_path(node) == name


# --- numbers ----------------------------------------------------------------------------------------------------------


def _numbers(name: str, nodes: Iterable[Node]) -> list[Constant] | None:
    """The numbers that tests compare with, and their neighbours."""
    found: set[int] = {_NUMBERS[name][0], _NUMBERS[name][-1]}
    for node in nodes:
        if not isinstance(node, Call) or node.function not in ("==", "<", "<=", ">", ">=", "in", "has"):
            return None
        if node.function == "has":
            continue
        if not all(isinstance(one, Const) or reads(one, name) for one in node.args):
            return None
        for number in _constants(node):
            if not isinstance(number, int | float) or number != number or abs(number) > 2**40:
                continue
            found |= {int(number) - 1, int(number), int(number) + 1}
    return [one for one in sorted(found) if one in _NUMBERS[name]]


def _constants(node: Node) -> Iterator[Constant]:
    """Every value that stands in an expression, elements of lists one by one."""
    if isinstance(node, Const):
        if isinstance(node.value, tuple):
            yield from node.value
        else:
            yield node.value
    elif isinstance(node, Call):
        for part in (*((node.target,) if node.target is not None else ()), *node.args):
            yield from _constants(part)
    elif isinstance(node, ListOf):
        for part in node.items:
            yield from _constants(part)
    elif isinstance(node, Index | Select):
        yield from _constants(node.target)


# --- texts ------------------------------------------------------------------------------------------------------------


def _texts(name: str, nodes: Iterable[Node], states: Budget | None) -> list[Constant] | None:
    """A text for every combination of equal, beginning, end and part that tests ask for."""
    patterns: dict[Pattern, None] = {}
    for node in nodes:
        found = _patterns(name, node)
        if found is None:
            return None
        patterns.update(dict.fromkeys(found))
    if not patterns:
        return ["~"]
    try:
        return [cell.witness for cell in regions([*patterns], shared=states)]
    except TooManyStatesError:
        return None


def _patterns(name: str, node: Node) -> list[Pattern] | None:
    if not isinstance(node, Call):
        return None
    if node.function == "has":
        return []
    if node.target is None and len(node.args) == 2 and node.function in ("==", "in"):
        left, right = node.args
        if node.function == "==" and reads(right, name):
            left, right = right, left
        if not reads(left, name) or not isinstance(right, Const):
            return None
        several = right.value if isinstance(right.value, tuple) else (right.value,)
        return [Pattern(join((one,))) for one in several if isinstance(one, str)]
    shapes = {"startsWith": (False, True), "endsWith": (True, False), "contains": (True, True)}
    if node.function not in shapes or node.target is None or not reads(node.target, name) or len(node.args) != 1:
        return None
    (part,) = node.args
    if not isinstance(part, Const) or not isinstance(part.value, str):
        return None
    before, after = shapes[node.function]
    return [Pattern(join((*((Wild.ANY,) if before else ()), part.value, *((Wild.ANY,) if after else ()))))]


# --- moments ----------------------------------------------------------------------------------------------------------

_OF_DAY = frozenset({"getHours", "getMinutes"})
_OF_WEEK = _OF_DAY | {"getDayOfWeek"}
_OF_YEAR = frozenset({"getMonth", "getDate", "getDayOfMonth", "getDayOfYear"})


def _moments(nodes: Sequence[Node]) -> list[Constant] | None:
    """Moments around those that tests compare with, and between them as many as the clock's tests need."""
    if not all(map(_comparable, nodes)):
        return None
    functions = {one for node in nodes for one in _clocks(node)}
    compared = turns(nodes)
    if compared is None or not functions <= _OF_WEEK | _OF_YEAR | {"getFullYear"}:
        return None
    if len({zone for _, zone in functions_of(nodes)}) > 1:
        return None
    step = _step(functions, nodes)
    if step is None:
        return None
    found = set(compared)
    borders = sorted({_REQUESTS.start, *compared, _REQUESTS.stop - 1})
    for begin, end in pairwise(borders):
        found |= {begin, end, (begin + end) // 2}
        if functions:
            found |= set(_between(begin, end, step, functions, nodes))
        if len(found) > _MOST_MOMENTS:
            return None
    return [Stamp(one) for one in sorted(found) if one in _REQUESTS]


def _step(functions: set[str], nodes: Sequence[Node]) -> int | None:
    """How far apart moments may lie so that none is missed; None where days and the clock would be too many."""
    if functions & _OF_YEAR and functions & _OF_WEEK:
        return None
    if functions & _OF_YEAR or functions == {"getFullYear"}:
        return _DAY // 2
    return values.SECOND * 60 if "getMinutes" in functions else _STEP


def _between(begin: int, end: int, step: int, functions: set[str], nodes: Sequence[Node]) -> Iterator[int]:
    """Moments of an interval: all of it at the step, or as long as the clock needs to come round."""
    if functions <= _OF_DAY:
        length = 2 * _DAY
    elif functions <= _OF_WEEK:
        length = 9 * _DAY
    else:
        length = 4 * 366 * _DAY
    windows = [max(begin, min(end - length, _MODERN))]
    if "getFullYear" in functions:
        years = {one for node in nodes for one in _constants(node) if type(one) is int and 1 < one < 9998}
        for year in sorted(years):
            first = values.parse_stamp(f"{year:04d}-01-01T00:00:00Z").nanos
            windows += [first - 2 * _DAY, first + 363 * _DAY]
    for window in windows:
        yield from range(max(begin, window), min(end, window + length), step)


def _comparable(node: Node) -> bool:
    """Whether a test compares the request's time, or a part of it, with values."""
    if not isinstance(node, Call) or node.target is not None or len(node.args) != 2:
        return False
    if node.function not in ("==", "<", "<=", ">", ">=", "in"):
        return False
    return all(isinstance(one, Const) or _shifted(one) or _of_clock(one) for one in node.args)


def _of_clock(node: Node) -> bool:
    clock = isinstance(node, Call) and node.function in values.CLOCK and node.target is not None
    return clock and _shifted(node.target) and all(isinstance(one, Const) for one in node.args)  # type: ignore[union-attr, arg-type]


def _shifted(node: Node) -> bool:
    """Whether a node is the request's time, with durations added or taken away, or the time from or to another."""
    if reads(node, "request.time"):
        return True
    if not isinstance(node, Call) or node.function not in ("+", "-") or node.target is not None or len(node.args) != 2:
        return False
    open_ones = [one for one in node.args if not isinstance(one, Const)]
    return len(open_ones) == 1 and _shifted(open_ones[0])


def _clocks(node: Node) -> set[str]:
    return {function for function, _ in functions_of([node])}


def functions_of(nodes: Iterable[Node]) -> set[tuple[str, Constant]]:
    """The functions of the clock that expressions use, with the time zone of each."""
    found: set[tuple[str, Constant]] = set()
    for node in nodes:
        if isinstance(node, Call):
            if node.function in values.CLOCK:
                zone = node.args[0].value if node.args and isinstance(node.args[0], Const) else "UTC"
                found.add((node.function, zone))
            parts = (*((node.target,) if node.target is not None else ()), *node.args)
            found |= functions_of(parts)
    return found


def turns(nodes: Iterable[Node]) -> set[int] | None:
    """The moments at which comparisons change, each with its neighbours."""
    found: set[int] = set()
    for node in nodes:
        given = list(_constants(node))
        stamps = [one.nanos for one in given if isinstance(one, Stamp)] or [0]
        spans = [one.nanos for one in given if isinstance(one, Span)]
        sums = {0}
        for span in spans:
            sums |= {one + sign * span for one in sums for sign in (1, -1)}
        if len(stamps) * len(sums) > 2000:
            return None
        for moment in stamps:
            for shift in sums:
                found |= {moment + shift - 1, moment + shift, moment + shift + 1}
    return {one for one in found if one in _REQUESTS}
