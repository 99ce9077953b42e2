"""Which values a condition key can have, as far as its tests tell them apart."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import combinations

from leastwise.engine.formula import Atom
from leastwise.engine.patterns import Pattern, TooManyStatesError, regions, tokens_within
from leastwise.engine.solve import World

from .arn import arn_like
from .facts import Facts, Look
from .operators import Condition

_MOST_CLASSES = 8
"""A key with several values has any set of its classes of values; more classes than this are not combined."""
_TEXTS = frozenset({"text", "folded", "like", "arn"})


def key_worlds(atoms: Collection[Atom], facts: Facts) -> Sequence[World] | None:
    """The worlds of one key for its tests, or None when there are too many; other atoms are true or false freely."""
    tests = [atom for atom in atoms if isinstance(atom, Condition)]
    if len(tests) != len(atoms):
        return (frozenset(atoms), frozenset())
    values = _values(tests)
    if values is None:
        return None
    worlds = {frozenset(test for test in tests if test.holds(one)) for one in values}
    if facts.look(tests[0].variable) is not Look.PRESENT:
        worlds.add(frozenset(test for test in tests if test.holds(None)))
    return sorted(worlds, key=len)


def _values(tests: list[Condition]) -> list[tuple[str, ...]] | None:
    try:
        singles = list(dict.fromkeys(_candidates(tests)))
    except TooManyStatesError:
        return None
    if not any(test.quantifier for test in tests):
        return [(one,) for one in singles]
    classes: dict[tuple[bool, ...], str] = {}
    for one in singles:
        classes.setdefault(tuple(test.operator.family != "null" and test.meets(one) for test in tests), one)
    if len(classes) > _MOST_CLASSES:
        return None
    kept = list(classes.values())
    sets = [tuple(chosen) for size in range(1, len(kept) + 1) for chosen in combinations(kept, size)]
    # Two values of one class differ from one: a key with several values passes no test for a single one.
    return [*sets, *((one, one) for one in kept)]


def _candidates(tests: list[Condition]) -> Iterable[str]:
    families = {test.operator.family.split()[0] for test in tests}
    if "flag" in families:
        yield from ("true", "false")
    texts = [p for t in tests if t.operator.family in _TEXTS for p in t.expected if isinstance(p, Pattern)]
    if "arn" in families:
        yield "arn:aws:other:::thing"
        texts.append(_ANY_ARN)
    if texts:
        yield from (region.witness for region in regions(list(dict.fromkeys(texts))))
    if families & {"number", "date"}:
        yield from _points([v for t in tests if t.operator.family.startswith(("number", "date")) for v in t.expected])
    if "address" in families:
        yield from _addresses([n for t in tests if t.operator.family == "address" for n in t.expected])
    if "binary" in families:
        literals = [v for t in tests if t.operator.family == "binary" for v in t.expected]
        yield from (base64.b64encode(v).decode() for v in literals)
        yield base64.b64encode(max(literals, key=len, default=b"") + b"\0").decode()
    if not families - {"null"}:
        yield "value"


def _points(marks: list[Decimal]) -> Iterable[str]:
    """Every mark, one value between each two neighbours, and one on either side."""
    ordered = sorted(set(marks)) or [Decimal(0)]
    yield _plain(ordered[0] - 1)
    for mark, following in zip(ordered, [*ordered[1:], None], strict=True):
        yield _plain(mark)
        yield _plain(mark + 1 if following is None else (mark + following) / 2)


def _plain(value: Decimal) -> str:
    return format(value, "f")


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


def _any_arn() -> Pattern:
    built = arn_like(tuple(tokens_within("arn:*:*:*:*:*")))
    assert built is not None
    return built


_ANY_ARN = _any_arn()
