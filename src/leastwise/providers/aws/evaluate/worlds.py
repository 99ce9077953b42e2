"""Which values a condition key can have, as far as its tests tell them apart."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import combinations, pairwise

from leastwise.engine.formula import Atom
from leastwise.engine.patterns import Budget, Pattern, TooManyStatesError, regions
from leastwise.engine.solve import World

from . import scalars
from .facts import Facts, Look, Within
from .issuing import ISSUED, issued_within, span_of
from .joins import joint_worlds, told_apart
from .operators import Condition, Join

_MOST_CLASSES = 8
"""A key with several values has any set of its classes of values; more classes than this are not combined."""
_MOST_COMPARISONS = 2_000_000
"""How many values are compared with how many candidates for one key."""
_KINDS = {
    "text": "text", "folded": "text", "like": "text", "arn": "text", "flag": "text", "number": "points",
    "date": "points", "binary": "binary", "address": "address", "null": "",
}  # fmt: skip
"""Operators that read a value alike; no finite set of candidates is complete for tests that read it differently."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SECOND = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())


def key_worlds(atoms: Collection[Atom], facts: Facts, states: Budget | None = None) -> Sequence[World] | None:
    """The worlds of one key for its tests, or of several that some tests compare; None when there are too many.

    Other atoms are true or false freely. Patterns that are cut together spend `states`.
    """
    # Keys that some atom of the whole formula compares come together, also where only tests of each are left.
    if len({atom.variable for atom in atoms}) > 1 or any(isinstance(atom, Join) for atom in atoms):
        return joint_worlds(atoms, facts, lambda some: key_worlds(some, facts, states), states)
    tests = [atom for atom in atoms if isinstance(atom, Condition)]
    if len(tests) != len(atoms):
        return (frozenset(atoms), frozenset())
    choices = facts.choices.get(tests[0].variable)
    if choices is not None:
        return list({frozenset(test for test in tests if test.holds(one)) for one in choices})
    looked = facts.look(tests[0].variable)
    values = _values(tests, looked.pattern if isinstance(looked, Within) else None, states)
    span = span_of(facts) if values is not None and tests[0].variable == ISSUED else None
    if values is not None and span is not None:
        values = issued_within(values, span)
    if values is None or len(values) * sum(1 + len(test.expected) for test in tests) > _MOST_COMPARISONS:
        return None
    present = looked is Look.PRESENT or isinstance(looked, Within)
    worlds = {_world(tests, one) for one in values if any(one) or not present}
    if not present:
        worlds.add(_world(tests, None))
    return sorted(worlds, key=len)


def key_values(atoms: Collection[Atom], world: World) -> tuple[str, ...] | None:
    """Values of a key of which nothing is known that make these of its tests true, and no others; empty: it is absent.

    None when none are found: the tests compare it with another key, or are too many.
    """
    tests = [atom for atom in atoms if isinstance(atom, Condition)]
    if len(tests) != len(atoms):
        return None
    if _world(tests, None) == world:
        return ()
    found = (one for one in _values(tests, None, None) or () if _world(tests, one) == world)
    return next(found, None)


def _world(tests: list[Condition], values: tuple[str, ...] | None) -> World:
    return frozenset(test for test in tests if test.holds(values))


def _values(tests: list[Condition], known: Pattern | None, states: Budget | None) -> list[tuple[str, ...]] | None:
    """Values of a key, one or more of each kind that its tests tell apart; of one that lies in a pattern, single ones.

    None when there are too many.
    """
    families = {test.operator.family.split()[0] for test in tests}
    if len({_KINDS[family] for family in families} - {""}) > 1:
        return None
    expected = sum(len(test.expected) for test in tests)
    if expected > 1000 and expected * len({one for test in tests for one in test.expected}) > _MOST_COMPARISONS:
        return None
    try:
        singles = list(dict.fromkeys(_candidates(tests, families, known, states)))
    except TooManyStatesError:
        return None
    if known is not None:
        return [(one,) for one in singles if known.matches(one)]
    if not any(test.quantifier for test in tests):
        return [(one,) for one in singles]
    if len(singles) * sum(1 + len(test.expected) for test in tests) > _MOST_COMPARISONS:
        return None
    classes: dict[tuple[bool, ...], str] = {}
    for one in singles:
        # Values that are empty make a key null when there are no others.
        met = (test.operator.family != "null" and test.meets(one) for test in tests)
        classes.setdefault((bool(one), *met), one)
    if len(classes) > _MOST_CLASSES:
        return None
    kept = list(classes.values())
    sets = [tuple(chosen) for size in range(1, len(kept) + 1) for chosen in combinations(kept, size)]
    # Two values of one class differ from one: a key with several values passes no test for a single one.
    return [*sets, *((one, one) for one in kept)]


def _candidates(
    tests: list[Condition], families: set[str], known: Pattern | None, states: Budget | None
) -> Iterable[str]:
    kinds = {_KINDS[family] for family in families}
    if known is not None and not kinds & {"text"}:
        yield from (region.witness for region in regions([known], shared=states))
    if "text" in kinds:
        yield from _texts(tests, families, known, states)
    if "points" in kinds:
        yield from _points(tests, families)
    if "address" in kinds:
        yield from _addresses([n for t in tests if t.operator.family == "address" for n in t.expected])
    if "binary" in kinds:
        literals = [v for t in tests if t.operator.family == "binary" for v in t.expected]
        yield from (base64.b64encode(v).decode() for v in literals)
        yield base64.b64encode(max(literals, key=len, default=b"") + b"\0").decode()
    if kinds == {""}:
        yield "value"


def _texts(tests: list[Condition], families: set[str], known: Pattern | None, states: Budget | None) -> Iterable[str]:
    """One text of every combination of tests that meet it."""
    if known is None and families <= {"flag", "null"}:
        yield from ("true", "false")
        return
    patterns = [p for t in tests for p in t.expected if isinstance(p, Pattern)]
    if known is None and families <= {"text", "null"} and all(p.literal is not None and not p.fold for p in patterns):
        # Whole texts tell apart nothing but themselves.
        words = [str(p.literal) for p in patterns]
        yield from ("", *words, "x" * (1 + max(map(len, words), default=0)))
        return
    patterns += [*told_apart(families), *([known] if known is not None else [])]
    yield from (region.witness for region in regions(patterns, shared=states))


def _points(tests: list[Condition], families: set[str]) -> Iterable[str]:
    """Every mark, one value between each two neighbours, and one on either side.

    A count of seconds beyond `scalars.MILLISECONDS` is read as milliseconds, so dates have marks in both. Where a key
    is read as a number too, dates are written out besides: these are no numbers.
    """
    marks = {value for test in tests if test.operator.family != "null" for value in test.expected}
    if "date" in families:
        limit = Decimal(scalars.MILLISECONDS)
        marks |= {mark * 1000 for mark in marks} | {limit, -limit}
    with localcontext(prec=2 * scalars.MOST_DIGITS + 10):
        ordered = sorted(marks) or [Decimal(0)]
        between = [(mark + following) / 2 for mark, following in pairwise(ordered)]
        for point in (ordered[0] - 1, *ordered, *between, ordered[-1] + 1):
            yield plain(point)
            if {"date", "number"} <= families and _FIRST_SECOND <= point < scalars.MILLISECONDS:
                yield (_EPOCH + timedelta(seconds=float(point))).isoformat()


def plain(value: Decimal) -> str:
    """The number with a point: four digits alone would be a year."""
    text = format(value, "f")
    return text if "." in text else f"{text}.0"


def _addresses(networks: list[IPv4Network | IPv6Network]) -> Iterable[str]:
    """One address for each piece into which the ranges cut the addresses of either family."""
    for low, high, build in (
        (0, 2**32 - 1, IPv4Address),
        (0, 2**128 - 1, IPv6Address),
    ):
        starts = {low}
        for n in networks:
            if (build is IPv4Address) == (n.version == 4):
                starts.add(int(n.network_address))
                starts.add(int(n.broadcast_address) + 1)
        yield from (str(build(start)) for start in sorted(starts) if start <= high)
