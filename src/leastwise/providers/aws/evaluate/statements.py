"""Statements against a request: what each says of it, as a formula over what is not known.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.patterns import Inside, Pattern, Wild, exactly, join

from .arn import pattern_of, remainders, resource_pattern
from .facts import Facts
from .operators import Condition, Join, Operator, condition
from .policy import Policy, Statement
from .principals import Named, Principal, named
from .variables import Open, Part, Unresolved, closed, has_variables, resolve

_EQUALS = Operator("StringEquals", "text")
_LIKE = Operator("StringLike", "like")
_HOLE = "\0"
"""Stands in a pattern for the value that is looked for; no name has it."""


Covers = Inside
"""The atom of a question about a pattern of resources: whether the resource lies in this pattern."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is acted on: one resource, or any that a pattern takes in (then `pattern` is not None).

    `named` is how the question names many that are reached by another name: their beginning here, and there.
    """

    text: str
    pattern: Pattern | None = None
    named: tuple[str, str] | None = None

    def inside(self, pattern: Pattern) -> Formula:
        """Whether the target lies in a pattern of a policy."""
        if pattern.everything:
            return True
        if self.pattern is None:
            return pattern.matches(self.text)
        if pattern == self.pattern:
            return True
        if self.named is None:
            return _takes_in(pattern, self.pattern)
        here, there = self.named
        rests = remainders(pattern, here)
        return any_of(Literal(Covers(Pattern(join((there, *rest.tokens))))) for rest in rests)


def _takes_in(pattern: Pattern, target: Pattern) -> Formula:
    """Whether what lies in a target lies in a pattern; what their beginnings do not tell is left to the solver."""
    if not (pattern.fold or target.fold):
        if pattern.literal is not None and not target.matches(pattern.literal):
            return False
        if not (pattern.prefix.startswith(target.prefix) or target.prefix.startswith(pattern.prefix)):
            return False
        if pattern.beginning and target.prefix.startswith(pattern.prefix):
            return True
    return Literal(Covers(pattern))


@dataclass(frozen=True, slots=True)
class Request:
    """One request: who, does what, on which resource of which account, in which circumstances."""

    principal: Principal
    action: str
    target: Target
    account: str
    """The account that owns the resource; empty when there is none to name."""
    facts: Facts


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that concerns the request, and the formula under which it applies."""

    policy: Policy
    statement: Statement
    formula: Formula


def identity_matches(policies: Iterable[Policy], request: Request) -> list[Match]:
    """The statements of policies without Principal that can apply."""
    return [
        Match(policy, statement, formula)
        for policy in policies
        for statement in policy.statements
        if statement.concerns(request.action) and (formula := applies(statement, request)) is not False
    ]


def applies(statement: Statement, request: Request) -> Formula:
    """Resource and Condition of a statement against the request."""
    resource = _resource(statement, request)
    if resource is False:
        return False
    return all_of((resource, *(condition(t, request.facts, variables=statement.variables) for t in statement.tests)))


def guard_matches(policies: Iterable[Policy], request: Request) -> list[Match]:
    """The statements of guardrails that may have a Principal: without one they are about everyone."""
    return [
        Match(match.policy, match.statement, formula)
        for match in identity_matches(policies, request)
        if (formula := all_of((match.formula, _is_meant(match.statement, request)))) is not False
    ]


def _is_meant(statement: Statement, request: Request) -> Formula:
    if statement.principals is None and statement.not_principals is None:
        return True
    return any_of(ways(statement, request).values())


def ways(statement: Statement, request: Request) -> dict[Named, Formula]:
    """How a statement of a resource policy names the principal; one without Principal names nobody."""
    if statement.principals is not None:
        return named(statement.principals, request.principal, request.facts)
    if statement.not_principals is None:
        return {}
    other = negate(any_of(named(statement.not_principals, request.principal, request.facts).values()))
    return {} if other is False else {Named.DIRECT: other}


def _resource(statement: Statement, request: Request) -> Formula:
    if statement.resources is not None:
        return _inside_any(statement.resources, statement, request)
    if statement.not_resources is not None:
        return negate(_inside_any(statement.not_resources, statement, request))
    # Trust policies have no Resource: the role is meant.
    return True


def _inside_any(values: Sequence[str], statement: Statement, request: Request) -> Formula:
    return any_of(_inside(value, statement, request) for value in values)


def _inside(value: str, statement: Statement, request: Request) -> Formula:
    if not (statement.variables and has_variables(value)):
        return request.target.inside(resource_pattern(value))
    parts = resolve(value, request.facts, wildcards=True)
    if isinstance(parts, Unresolved):
        return False
    tokens = closed(parts)
    if tokens is not None:
        return request.target.inside(pattern_of(tokens))
    return _open(parts, value, request)


def _open(parts: tuple[Part, ...], value: str, request: Request) -> Formula:
    """A resource that depends on a key of which the value is not known."""
    widest = pattern_of(join(Wild.ANY if isinstance(part, Open) else part for part in parts))
    around = request.target.inside(widest)
    if around is False:
        return False
    openings = [part for part in parts if isinstance(part, Open)]
    if request.target.pattern is None and len(openings) == 1:
        return _needed(parts, openings[0], value, request)
    return all_of((around, _located(value, openings, request.facts)))


def _located(value: str, openings: Sequence[Open], facts: Facts) -> Formula:
    """That the resource is what keys that are not known make of a pattern."""
    keys = tuple(sorted({one.key for one in openings}))
    return Literal(Join.of(("StringLike", "the resource", (value,)), _LIKE, keys, facts, located=True))


def _needed(parts: tuple[Part, ...], opening: Open, value: str, request: Request) -> Formula:
    """The values that one key must have for the resource to lie in the pattern: pieces of the resource."""
    text = request.target.text
    whole = pattern_of(join(_HOLE if isinstance(part, Open) else part for part in parts)).tokens
    place = next(i for i, token in enumerate(whole) if isinstance(token, str) and _HOLE in token)
    around = str(whole[place]).split(_HOLE)
    if len(around) != 2:
        return _located(value, [opening], request.facts)
    before, after = Pattern(join((*whole[:place], around[0]))), Pattern(join((around[1], *whole[place + 1 :])))
    starts = [i for i in range(len(text) + 1) if before.matches(text[:i])]
    ends = [i for i in range(len(text) + 1) if after.matches(text[i:])]
    return any_of(_is(opening, piece) for piece in sorted({text[i:j] for i in starts for j in ends if i <= j}))


def _is(opening: Open, value: str) -> Formula:
    shown = ("StringEquals", opening.key, (value,))
    return Literal(Condition(opening.key, _EQUALS, "", value == opening.default, (exactly(value),), shown))
