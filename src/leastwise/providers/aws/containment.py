"""Whether policy documents allow nothing that others do not: documents as cubes, and what AWS says of requests.

What some Allow takes in and no Deny:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html.
Documents of one side stand beside each other, as several policies of one identity do, or several statements of one
policy of a resource. Entries of Principal are compared as they are written.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import islice, product
from typing import Any

from leastwise.engine.containment import Containment, CounterExample, NotProven, Terms, contains
from leastwise.engine.cubes import AccessSet, Cube, Cubes, Less
from leastwise.engine.formula import Atom, Formula, Literal, all_of, any_of, negate
from leastwise.engine.patterns import EVERYTHING, Pattern, Region, Wild, exactly, example, glob
from leastwise.engine.solve import OverBudgetError, Solver, World

from . import catalog
from .evaluate.arn import COMPARED_ARN, resource_pattern
from .evaluate.facts import Facts, Look
from .evaluate.operators import Condition, Join, condition
from .evaluate.policy import Policy, Statement, Subject
from .evaluate.principals import Principal
from .evaluate.statements import Request, Target, applies
from .evaluate.variables import has_variables
from .evaluate.worlds import key_values, key_worlds, plain

_TRIES = 300
"""Combinations of values that are tried for keys that policies compare with one another."""
_NOTHING_KNOWN = Facts()
_SOMEBODY = Principal("user", "")
_ACTIONS = Region((Pattern((Wild.ONE_WITHIN, Wild.ANY_WITHIN, ":", Wild.ONE, Wild.ANY), fold=True),))
"""What an action can be: a service's prefix, a colon, a name; those of tomorrow included."""
_RESOURCES = Region((COMPARED_ARN.pattern("arn:aws:?*:*:*:?*"), COMPARED_ARN.pattern("arn:?*:?*:*:*:?*"), exactly("*")))
"""What a resource can be: an ARN, or the star of actions without one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The atom of an entry of Principal or NotPrincipal: whether it names who asks."""

    subject: Subject

    @property
    def variable(self) -> str:
        """One of its own: entries are compared as they are written."""
        return f"{self.subject.type} {self.subject.value}"


def documents_contain(inner: Sequence[Policy], outer: Sequence[Policy]) -> Containment:
    """Whether everything that the documents of `inner` allow is allowed by those of `outer`.

    A counter-example is a request, with values of condition keys that the documents treat differently. One that rests
    on how keys compare is given out with values of these keys that were tried; one that rests on whom an entry of
    Principal means is not given out.
    """
    confirmed = replace(terms(), confirm=lambda found: _confirmed(found, inner, outer))
    return contains(access_set(inner), access_set(outer), confirmed)


def access_set(policies: Sequence[Policy]) -> AccessSet:
    """What documents allow together, as a set of requests."""
    each = [_cubes(policy) for policy in policies]
    allow, deny = (tuple(one for cubes in each for one in cubes[effect]) for effect in ("Allow", "Deny"))
    return Less(Cubes(allow), Cubes(deny))


@lru_cache(maxsize=2048)
def _cubes(policy: Policy) -> Mapping[str, Sequence[Cube]]:
    """What a document says, by effect: the same for however many hold it."""
    cubes: dict[str, list[Cube]] = {"Allow": [], "Deny": []}
    for statement in policy.statements:
        cubes[statement.effect].append(_cube(policy, statement))
    return cubes


def terms() -> Terms:
    """What AWS says of requests of which nothing is known."""
    worlds = _Worlds(_NOTHING_KNOWN)
    solver = Solver(worlds.every, quick=worlds.likely)
    return Terms(solver, _ACTIONS, _RESOURCES, names=_names, value=worlds.value)


def _cube(policy: Policy, statement: Statement) -> Cube:
    name = f"{policy.name or '(unnamed)'}, statement {statement.sid or statement.position + 1}"
    if statement.actions is not None:
        actions = Region(statement.actions)
    else:
        actions = Region(EVERYTHING.include, statement.not_actions or ())
    values = statement.resources if statement.resources is not None else statement.not_resources
    who = _who(statement)
    if values is None or (statement.variables and any(map(has_variables, values))):
        target = Target("*", glob("*"))
        asked = applies(statement, Request(_SOMEBODY, "", target, "", _NOTHING_KNOWN))
        return Cube(actions, EVERYTHING, all_of((asked, who)), name)
    tests = (condition(test, _NOTHING_KNOWN, variables=statement.variables) for test in statement.tests)
    patterns = tuple(map(resource_pattern, values))
    region = Region(patterns) if statement.resources is not None else Region(EVERYTHING.include, patterns)
    return Cube(actions, region, all_of((*tests, who)), name)


def _who(statement: Statement) -> Formula:
    """Whether the statement is about who asks; one of an identity's policy is."""
    if statement.principals is not None:
        return _named(statement.principals)
    return True if statement.not_principals is None else negate(_named(statement.not_principals))


def _named(subjects: Iterable[Subject]) -> Formula:
    return any_of(True if subject.type == "*" else Literal(Entry(subject)) for subject in subjects)


def _confirmed(found: CounterExample, inner: Sequence[Policy], outer: Sequence[Policy]) -> CounterExample | NotProven:
    """The counter-example with values of the keys that are compared with one another, some of which are tried."""
    if any(isinstance(atom, Entry) for atom in found.holds):
        return NotProven("whom entries of Principal mean decides, and they are compared as written")
    keys = sorted({key for atom in found.holds if isinstance(atom, Join) for key in atom.reads})
    if not keys:
        return found
    tried = ["~", "_", *dict.fromkeys(one[0] for one in found.values.values() if one), ""]
    for values in islice(product(tried, repeat=len(keys)), _TRIES):
        chosen = dict(zip(keys, values, strict=True))
        better = _request_with(found, chosen, inner, outer)
        if better is not None:
            return better
    return NotProven("how condition keys compare with policy variables decides, and no values were found")


def _request_with(
    found: CounterExample, chosen: Mapping[str, str], inner: Sequence[Policy], outer: Sequence[Policy]
) -> CounterExample | None:
    """The request with these values (an empty one: the key is absent), if it is still outside."""
    facts = Facts({key: (value,) if value else Look.ABSENT for key, value in chosen.items()})
    worlds = _Worlds(facts)
    solver = Solver(worlds.every, quick=worlds.likely)
    allowed, held = (_allowed(side, found.permission, found.resource, facts) for side in (inner, outer))
    try:
        model = solver.model(all_of((allowed, negate(held))))
    except OverBudgetError:
        return None
    if model is None or any(isinstance(atom, Join) for atoms, _ in model.values() for atom in atoms):
        return None
    values = {name: worlds.value(name, atoms, world) for name, (atoms, world) in model.items()}
    return CounterExample(
        found.permission,
        found.resource,
        {atom: atom in world for atoms, world in model.values() for atom in atoms},
        {key: (value,) if value else () for key, value in chosen.items()}
        | {name: value for name, value in values.items() if value is not None},
    )


def _allowed(policies: Sequence[Policy], action: str, resource: str, facts: Facts) -> Formula:
    """The condition under which documents allow one action on one resource."""
    asked = Request(_SOMEBODY, action, Target(resource), "", facts)
    said: dict[str, list[Formula]] = {"Allow": [], "Deny": []}
    for policy in policies:
        for statement in policy.statements:
            if statement.concerns(action):
                said[statement.effect].append(all_of((applies(statement, asked), _who(statement))))
    return all_of((any_of(said["Allow"]), negate(any_of(said["Deny"]))))


def _names(pattern: Pattern) -> Iterator[str]:
    """The actions of the catalogue that a pattern takes in."""
    service, colon, _ = pattern.prefix.lower().partition(":")
    for prefix in (service,) if colon else catalog.prefixes():
        known = catalog.service(prefix)
        for name in known.action_names if known is not None else ():
            if pattern.matches(f"{prefix}:{name}"):
                yield f"{prefix}:{name}"


class _Worlds:
    """The worlds of condition keys: those that a few values show at once, and all of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._shown: dict[tuple[frozenset[Atom], World], tuple[str, ...]] = {}

    def every(self, _: str, atoms: Collection[Atom]) -> Sequence[World] | None:
        """All worlds of a key, or None when they are too many."""
        return key_worlds(atoms, self._facts)

    def likely(self, variable: str, atoms: Collection[Atom]) -> Sequence[World] | None:
        """The worlds of a key that the values named in its tests make, and what is none of them."""
        tests = [atom for atom in atoms if isinstance(atom, Condition)]
        if len(tests) != len(atoms) or self._facts.look(variable) is not Look.UNKNOWN:
            return None
        every = frozenset(atoms)
        found: dict[World, None] = {}
        for values in ((), *((one,) for one in _shown(tests))):
            world = frozenset(test for test in tests if test.holds(values or None))
            if world not in found:
                found[world] = None
                self._shown.setdefault((every, world), values)
        return list(found)

    def value(self, _: str, atoms: frozenset[Atom], world: World) -> tuple[str, ...] | None:
        """Values of a key in a world; empty where it is absent, None where none is known."""
        known = self._shown.get((atoms, world))
        return known if known is not None else key_values(atoms, world)


def _shown(tests: Iterable[Condition]) -> Iterator[str]:
    for test in tests:
        for one in test.expected:
            yield _text(one)
    yield "~"
    yield "arn:aws:~:~:~:~"


def _text(expected: Any) -> str:
    """A value that an operator compares with, as a request carries it."""
    if isinstance(expected, Pattern):
        return example(expected)
    if isinstance(expected, bool):
        return str(expected).lower()
    if isinstance(expected, bytes):
        return base64.b64encode(expected).decode()
    if isinstance(expected, Decimal):
        return plain(expected)
    return str(expected.network_address)
