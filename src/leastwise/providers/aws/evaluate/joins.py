"""Keys that tests compare with one another: which of these tests, and of others on the same keys, are true together.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

Where every variable stands for a whole value, the keys share one set of texts that their tests tell apart, as many of
each kind as there are keys; all ways to give them out are tried. Elsewhere the tests of each key are taken apart, which
may keep worlds that do not exist (`Loose`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from leastwise.engine.formula import Atom
from leastwise.engine.patterns import Budget, Pattern, TooManyStatesError, Wild, exactly, regions, tokens_within
from leastwise.engine.solve import Loose, World

from .arn import arn_like
from .facts import Facts, Look, Values, Within
from .operators import Comparison, Condition, Join, read_value
from .variables import Open, Part, Unresolved, closed, resolve

_MOST_TRIED = 30_000
"""Tests of combinations of values."""
_MOST_APART = 2_000
"""Worlds of keys taken apart."""
_TEXTS = frozenset({"text", "folded", "like", "arn", "flag", "null"})
_EQUAL = frozenset({"text", "like", "arn"})
"""Families in which a variable that is the whole value asks for the same text."""
Single = Callable[[Collection[Atom]], Sequence[World] | None]
"""The worlds of one key."""


def joint_worlds(
    atoms: Collection[Atom], facts: Facts, single: Single, states: Budget | None = None
) -> Sequence[World] | None:
    """The worlds of keys that some of the atoms compare with one another; None when there are too many.

    Args:
        atoms: tests of the keys; those that compare them may have been decided before.
        facts: what is known of them, and the values of others.
        single: the worlds of the tests of one key.
        states: what cutting patterns may cost.
    """
    found = _together(atoms, facts, states)
    return _taken_apart(atoms, single) if found is None else found


def _together(atoms: Collection[Atom], facts: Facts, states: Budget | None) -> Sequence[World] | None:
    """Every world, and no other; None where that cannot be told."""
    joins = [atom for atom in atoms if isinstance(atom, Join)]
    tests = [atom for atom in atoms if isinstance(atom, Condition)]
    several = any(one.quantifier for one in joins) or any(one.quantifier for one in tests)
    if len(joins) + len(tests) < len(atoms) or several:
        return None
    compared = [_Compared.read(join, facts) for join in joins]
    read = [one for one in compared if one is not None]
    if len(read) < len(joins) or not {test.operator.family for test in tests} <= _TEXTS:
        return None
    keys = sorted({key for join in joins for key in join.keys} | {test.variable for test in tests})
    try:
        values = _values(keys, tests, read, facts, states)
    except TooManyStatesError:
        return None
    if prod(map(len, values)) * len(atoms) > _MOST_TRIED:
        return None
    worlds = set()
    for chosen in product(*values):
        given = dict(zip(keys, chosen, strict=True))
        true: set[Atom] = {test for test in tests if test.holds(given[test.variable])}
        true |= {one.join for one in read if one.holds(given)}
        worlds.add(frozenset(true))
    return sorted(worlds, key=len)


class _Compared:
    """A join whose values are texts, patterns, or whole variables."""

    def __init__(self, join: Join, facts: Facts, written: Sequence[Pattern | Open], *, unresolved: bool) -> None:
        self.join, self._unresolved = join, unresolved
        self._patterns = [one for one in written if isinstance(one, Pattern)]
        self._open = [one for one in written if isinstance(one, Open)]
        self._key = join.shown[1].lower()
        looked = facts.look(join.shown[1])
        self._known: Values | None = looked if isinstance(looked, tuple) else None

    @classmethod
    def read(cls, join: Join, facts: Facts) -> _Compared | None:
        """The join, or None when a variable is a part of a value, or texts are not simply equal."""
        if not join.keys or join.located or join.operator.family not in _EQUAL:
            return None
        written: list[Pattern | Open] = []
        # What the facts know of these keys is of others: of whoever made the join, they are not known.
        own = dict(join.given) | dict.fromkeys(join.keys, Look.UNKNOWN)
        facts = replace(facts, known={**facts.known, **own})
        unresolved = False
        for value in join.shown[2]:
            parts = resolve(value, facts, wildcards=join.operator.family != "text")
            if isinstance(parts, Unresolved):
                unresolved = True
                continue
            tokens = closed(parts)
            if tokens is not None:
                one = read_value(join.operator.family, tokens)
                written += [one] if one is not None else []
            elif not _whole(parts):
                return None
            else:
                written += [part for part in parts if isinstance(part, Open)]
        return cls(join, facts, written, unresolved=unresolved)

    @property
    def patterns(self) -> Iterator[Pattern]:
        """What tells texts apart here."""
        yield from self._patterns
        yield from (exactly(one.default) for one in self._open if one.default is not None)
        yield from map(exactly, self._known or ())

    def holds(self, given: Mapping[str, Values | None]) -> bool:
        """Whether it holds for these values of the keys."""
        expected, unresolved = list(self._patterns), self._unresolved
        for one in self._open:
            values = given[one.key]
            text = one.default if values is None else values[0] if len(values) == 1 else None
            meant = None if text is None else self._same(text)
            unresolved = unresolved or text is None
            expected += [meant] if meant is not None else []
        join = self.join
        test = Condition(self._key, join.operator, "", join.if_exists, tuple(expected), join.shown, unresolved)
        return test.holds(given[self._key] if self._key in join.keys else self._known)

    def _same(self, text: str) -> Pattern | None:
        return arn_like((text,)) if self.join.operator.family == "arn" else exactly(text)


def _whole(parts: tuple[Part, ...]) -> bool:
    return len(parts) == 1 and isinstance(parts[0], Open)


def _values(
    keys: Sequence[str], tests: Sequence[Condition], compared: Sequence[_Compared], facts: Facts, states: Budget | None
) -> list[list[Values | None]]:
    """What each key can be. Raises TooManyStatesError."""
    looked = {key: facts.look(key) for key in keys}
    patterns = [pattern for test in tests for pattern in test.expected if isinstance(pattern, Pattern)]
    patterns += [pattern for one in compared for pattern in one.patterns]
    patterns += [one.pattern for one in looked.values() if isinstance(one, Within)]
    given = {key: facts.choices[key] for key in keys if key in facts.choices}
    patterns += [exactly(text) for some in given.values() for values in some for text in values or ()]
    families = {one.operator.family for one in tests} | {one.join.operator.family for one in compared}
    patterns = list(dict.fromkeys((*patterns, *told_apart(families))))
    texts = [region.witness for region in regions(patterns, shared=states)]
    for _ in keys[1:]:
        # One more of every kind, where there is one more: keys that differ must find a text each.
        patterns = list(dict.fromkeys((*patterns, *map(exactly, texts))))
        texts = [region.witness for region in regions(patterns, shared=states)]
    return [_of_key(key, looked[key], given, texts) for key in keys]


def _of_key(
    key: str, looked: object, given: Mapping[str, Sequence[Values | None]], texts: Sequence[str]
) -> list[Values | None]:
    if key in given:
        return list(given[key])
    if isinstance(looked, Within):
        return [(text,) for text in texts if looked.pattern.matches(text)]
    if looked is Look.PRESENT:
        return [(text,) for text in texts if text]
    return [None, *((text,) for text in texts)]


def told_apart(families: Collection[str]) -> Iterator[Pattern]:
    """What operators of some families tell apart in texts, whatever they are compared with."""
    yield Pattern((Wild.ONE, Wild.ANY))
    if "arn" in families:
        built = arn_like(tuple(tokens_within("arn:*:*:*:*:*")))
        assert built is not None
        yield built
    if "flag" in families:
        yield from (exactly(text, fold=True) for text in ("true", "false"))


def _taken_apart(atoms: Collection[Atom], single: Single) -> Sequence[World] | None:
    """The worlds of each key's own tests, and of each comparison, as if none bore on another."""
    groups: dict[str, list[Atom]] = {}
    for atom in atoms:
        groups.setdefault(f"= {atom.alike}" if isinstance(atom, Join) else atom.variable, []).append(atom)
    parts = []
    for some in groups.values():
        joins = [one for one in some if isinstance(one, Join)]
        found = _compared_alike(joins) if joins else single(some)
        if found is None:
            return None
        parts.append(found)
    if prod(map(len, parts)) > _MOST_APART:
        return None
    worlds = {frozenset().union(*chosen) for chosen in product(*parts)}
    exact = len(parts) == 1 or not any(isinstance(atom, Join) for atom in atoms)
    return sorted(worlds, key=len) if exact else Loose(sorted(worlds, key=len))


def _compared_alike(joins: list[Join]) -> Sequence[World]:
    if len(joins) == 1 or any(join.quantifier or join.located for join in joins):
        return frozenset(joins), frozenset()
    return sorted({frozenset(join for join in joins if join.holds(how)) for how in Comparison}, key=len)
