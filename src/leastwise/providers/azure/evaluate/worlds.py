"""Which values an attribute can have that is not known, as far as the tests of conditions tell them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations, product

from leastwise.engine.formula import Atom
from leastwise.engine.patterns import Budget, Pattern, TooManyStatesError, exactly, regions
from leastwise.engine.solve import Loose, Solver, World

from ..language.operations import pattern_of
from ..language.parse import parse_attribute
from ..language.tree import (
    Compare,
    Family,
    Moment,
    Relation,
    SubOperationMatches,
    Value,
    Values,
    like,
    starting,
)
from .comparing import Given, of_family, relates
from .conditions import SUB, Test, holds

_MOST_LOOSE = 10
"""Tests of which every combination is taken to be possible, where nothing better is known."""
_MOST_CLASSES = 8
"""Classes of values of which every set is tried, for an attribute that may have several."""
_MOST_PAIRS = 20_000
_STATES = 40_000
_SINGLE = frozenset(
    parse_attribute(f"@{source}[{name}]").key
    for source, names in (
        ("Environment", ("UtcNow", "isPrivateLink", "Microsoft.Network/privateEndpoints",
                         "Microsoft.Network/virtualNetworks/subnets")),
        ("Request", tuple(f"Microsoft.Authorization/roleAssignments:{one}"
                          for one in ("RoleDefinitionId", "PrincipalId", "PrincipalType"))),
        ("Resource", (*(f"Microsoft.Authorization/roleAssignments:{one}"
                        for one in ("RoleDefinitionId", "PrincipalId", "PrincipalType")),
                      "Microsoft.Storage/storageAccounts:name", "Microsoft.Storage/storageAccounts:isHnsEnabled",
                      "Microsoft.Storage/storageAccounts/blobServices/containers:name",
                      "Microsoft.Storage/storageAccounts/queueServices/queues:name",
                      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path",
                      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs:isCurrentVersion",
                      "Microsoft.Storage/storageAccounts/encryptionScopes:name")),
    )
    for name in names
) | {SUB.key}  # fmt: skip
"""Attributes that have one value, by the vendor's lists of them; others that conditions quantify may have several.

https://learn.microsoft.com/azure/role-based-access-control/conditions-authorization-actions-attributes
https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes
"""


def solver() -> Solver:
    """A solver that knows the worlds of a request's attributes."""
    states = Budget(_STATES)
    return Solver(lambda variable, atoms: worlds(atoms, states), states=states)


def worlds(atoms: Collection[Atom], states: Budget | None = None) -> Sequence[World] | None:
    """The worlds of one attribute (or of several that are compared) for their tests.

    `Loose` where some may not exist, None where they are too many.
    """
    tests = sorted((atom for atom in atoms if isinstance(atom, Test)), key=str)
    if len(tests) != len(atoms):
        return (frozenset(atoms), frozenset())
    names = sorted({name for test in tests for name in (test.variable, *test.others)})
    always = frozenset().union(*(test.always for test in tests))
    if len(names) == 1:
        found = _values(names[0], tests, states)
        choices = None if found is None else [_sets(names[0], found, tests, always)]
    else:
        choices = _alike(names, tests, always)
    if choices is None or any(one is None for one in choices):
        return _loose(tests)
    made = (dict(zip(names, chosen, strict=True)) for chosen in product(*(one or () for one in choices)))
    return list(dict.fromkeys(frozenset[Atom](one for one in tests if holds(one.node, given)) for given in made))


def _loose(tests: Sequence[Test]) -> Sequence[World] | None:
    """Every combination of the tests; whether each exists is not known."""
    if len(tests) > _MOST_LOOSE:
        return None
    return Loose(frozenset[Atom](some) for count in range(len(tests) + 1) for some in combinations(tests, count))


def _sets(name: str, values: Sequence[Value], tests: Sequence[Test], always: frozenset[str]) -> list[Given] | None:
    """What an attribute can have: one of some values or, where it may have several, any set of them; or nothing."""
    several = name not in _SINGLE and any(isinstance(one.node, Compare) and one.node.quantifier for one in tests)
    found: list[Given] = [] if name in always else [()]
    if not several:
        return found + [(one,) for one in values]
    classes = {_signature(one, tests): one for one in values}
    if len(classes) > _MOST_CLASSES:
        return None
    chosen = list(classes.values())
    for count in range(1, len(chosen) + 1):
        found += combinations(chosen, count)
    return found


def _signature(value: Value, tests: Sequence[Test]) -> tuple[bool, ...]:
    """What the relations of all tests say of one value."""
    told: list[bool] = []
    for test in tests:
        if isinstance(test.node, Compare):
            literals, flipped = _literals(test.node)
            for one in literals:
                pair = (one, value) if flipped else (value, one)
                told.append(relates(pair[0], test.node.operator, pair[1]))
    return tuple(told)


def _literals(node: Compare) -> tuple[Given, bool]:
    """The values that a comparison of one attribute writes, and whether they stand on the left."""
    if isinstance(node.right, Values):
        return node.right.values, False
    return (node.left.values, True) if isinstance(node.left, Values) else ((), False)


# --- values of one attribute ------------------------------------------------------------------------------------------


def _values(name: str, tests: Sequence[Test], states: Budget | None) -> list[Value] | None:
    """Values among which is one for every combination of relations that exists; None when none are known to be so."""
    compares = [test.node for test in tests if isinstance(test.node, Compare)]
    if any(not isinstance(one.left, Values) and not isinstance(one.right, Values) for one in compares):
        return None  # compared with itself
    families = {one.operator.family for one in compares}
    patterns = [test.node.pattern for test in tests if isinstance(test.node, SubOperationMatches)]
    if len(families) > 1 or (patterns and families - {Family.STRING}):
        return None
    if not families or families == {Family.STRING}:
        return _texts(compares, patterns, states)
    family = families.pop()
    told = (of_family(value, family) for one in compares for value in _literals(one)[0])
    literals = [value for value in told if value is not None]
    if family is Family.BOOL:
        return [True, False]
    if family is Family.GUID:
        return _guids(literals)
    return list(_numbers(literals, moments=family is Family.DATETIME))


def _texts(compares: Iterable[Compare], patterns: Iterable[str], states: Budget | None) -> list[Value] | None:
    wanted: dict[Pattern, None] = dict.fromkeys(map(pattern_of, patterns))
    for one in compares:
        literals, flipped = _literals(one)
        if flipped and one.operator.relation is not Relation.EQUALS:
            return None  # the attribute is the pattern
        wanted.update(dict.fromkeys(_pattern(one, str(value)) for value in literals))
    if not wanted:
        return ["~"]
    try:
        return [cell.witness for cell in regions([*wanted], shared=states)]
    except TooManyStatesError:
        return None


def _pattern(node: Compare, text: str) -> Pattern:
    operator = node.operator
    if operator.relation is Relation.LIKE:
        return like(text, fold=operator.fold)
    return (starting if operator.relation is Relation.STARTS else exactly)(text, fold=operator.fold)


def _numbers(literals: Iterable[Value], *, moments: bool) -> Iterator[Value]:
    """The numbers or times that tests compare with, and their neighbours."""
    found = {value.ticks if isinstance(value, Moment) else int(value) for value in literals}
    around = sorted({one + shift for one in found for shift in (-1, 0, 1)}) or [0]
    yield from (map(Moment, around) if moments else around)


def _guids(literals: Iterable[Value]) -> list[Value]:
    """The GUIDs that tests name, and one that none names."""
    named = dict.fromkeys(literals)
    fresh = (f"{number:08x}-0000-4000-8000-000000000000" for number in range(len(named) + 1))
    return [*named, next(one for one in fresh if one not in named)]


# --- attributes that are compared with each other ---------------------------------------------------------------------


def _alike(names: Sequence[str], tests: Sequence[Test], always: frozenset[str]) -> list[list[Given] | None] | None:
    """Values of attributes of which tests only ask whether they are equal, to each other or to values they write."""
    compares = [test.node for test in tests if isinstance(test.node, Compare)]
    operators = {one.operator for one in compares}
    plain = all(one.relation is Relation.EQUALS for one in operators)
    if not plain or len({(one.family, one.fold) for one in operators}) > 1:
        return None
    literals = [value for one in compares for value in _literals(one)[0]]
    fresh: list[Value] = []
    family = next(iter(operators)).family if operators else Family.STRING
    if family is Family.STRING:
        longest = max((len(str(value)) for value in literals), default=0)
        fresh = ["~" * (longest + 1 + number) for number in range(len(names))]
    elif family is Family.GUID:
        fresh = [f"{number:08x}-0000-4000-8000-00000000ffff" for number in range(len(literals) + len(names))]
    elif family is Family.BOOL:
        fresh = [True, False]
    else:
        return None
    pool = list(dict.fromkeys((*literals, *fresh)))
    choices = [_sets(name, pool, (), always) for name in names]
    if any(one.node.quantifier for one in tests if isinstance(one.node, Compare)) and not _SINGLE.issuperset(names):
        choices = [_several(name, pool, always) for name in names]
    size = 1
    for one in choices:
        size *= len(one or ())
    return choices if size <= _MOST_PAIRS else None


def _several(name: str, pool: Sequence[Value], always: frozenset[str]) -> list[Given] | None:
    if name in _SINGLE:
        return _sets(name, pool, (), always)
    if len(pool) > _MOST_CLASSES:
        return None
    sets = (some for count in range(1, len(pool) + 1) for some in combinations(pool, count))
    return [*(() if name in always else ((),)), *sets]
