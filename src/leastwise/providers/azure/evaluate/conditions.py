"""When a condition is true of a request: a formula over attributes that are not known.

https://learn.microsoft.com/azure/role-based-access-control/conditions-format#how-a-condition-is-evaluated
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap
from leastwise.providers.conditions import ConditionError

from ..language.operations import matches
from ..language.parse import parse_attribute, parse_condition
from ..language.tree import (
    SUBOPERATION,
    ActionMatches,
    And,
    Attribute,
    Compare,
    Exists,
    Leaf,
    Node,
    Not,
    Operand,
    Or,
    SubOperationMatches,
    Values,
)
from .comparing import Given, passes

SUB = parse_attribute(SUBOPERATION)


class Facts(Protocol):
    """What is known of a request."""

    @property
    def operation(self) -> str:
        """The operation that is asked for."""
        ...

    def look(self, attribute: Attribute) -> Given | None:
        """The values of an attribute; None where they are not known."""
        ...

    def always(self, attribute: Attribute) -> bool:
        """Whether every request of this kind has an attribute."""
        ...


@dataclass(frozen=True, slots=True)
class Test:
    """An atom: what a part of a condition says of attributes that are not known.

    Args:
        node: the part; attributes that are known stand in it as values.
        variable: the attribute that it reads, as attributes are compared; the first, of two.
        others: the second.
        always: those of them that every request of this kind has.
    """

    node: Leaf
    variable: str
    others: tuple[str, ...] = ()
    always: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return str(self.node)


def condition(text: str, facts: Facts, where: str) -> Formula:
    """When the condition that a text writes is true; no text is no condition.

    Args:
        text: the condition.
        facts: what is known of the request.
        where: whose condition it is, for a text that does not parse: that is not known, and never ignored.
    """
    if not text.strip():
        return True
    try:
        node = parse_condition(text)
    except ConditionError as error:
        return Literal(Gap(f"what the condition of {where} says, which does not parse ({error})"))
    return judge(node, facts)


def judge(node: Node, facts: Facts) -> Formula:
    """When a condition is true."""
    if isinstance(node, And | Or):
        join = all_of if isinstance(node, And) else any_of
        return join(judge(one, facts) for one in node.parts)
    if isinstance(node, Not):
        return negate(judge(node.part, facts))
    if isinstance(node, ActionMatches):
        return matches(node.pattern, facts.operation)
    if isinstance(node, SubOperationMatches):
        known = facts.look(SUB)
        if known is None:
            return Literal(Test(node, SUB.key))
        return any(matches(node.pattern, str(one)) for one in known)
    if isinstance(node, Exists):
        return _exists(node, facts)
    return _compare(node, facts)


def _exists(node: Exists, facts: Facts) -> Formula:
    known = facts.look(node.attribute)
    if known is not None:
        return bool(known)
    return facts.always(node.attribute) or Literal(Test(node, node.attribute.key))


def _compare(node: Compare, facts: Facts) -> Formula:
    left, right = (_filled(side, facts) for side in (node.left, node.right))
    if isinstance(left, Values) and isinstance(right, Values):
        return passes(node, left.values, right.values)
    open_ones = [side for side in (left, right) if isinstance(side, Attribute)]
    keys = list(dict.fromkeys(one.key for one in open_ones))
    always = frozenset(one.key for one in open_ones if facts.always(one))
    return Literal(Test(replace(node, left=left, right=right), keys[0], tuple(keys[1:]), always))


def _filled(side: Operand, facts: Facts) -> Operand:
    """A side with the values of an attribute in its place, where they are known."""
    known = facts.look(side) if isinstance(side, Attribute) else None
    return side if known is None else Values(known, True)


def holds(node: Leaf, given: dict[str, Given]) -> bool:
    """Whether a part of a condition is true where all of its attributes are given, by their keys."""
    if isinstance(node, Exists):
        return bool(given[node.attribute.key])
    if isinstance(node, SubOperationMatches):
        return any(matches(node.pattern, str(one)) for one in given[SUB.key])
    assert isinstance(node, Compare)
    left, right = (side.values if isinstance(side, Values) else given[side.key] for side in (node.left, node.right))
    return passes(node, left, right)


def leaves(node: Node) -> Iterator[Leaf]:
    """The parts of a condition that are not joined of others."""
    if isinstance(node, And | Or):
        for one in node.parts:
            yield from leaves(one)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def attributes(node: Node) -> Iterator[Attribute]:
    """The attributes that a condition reads."""
    for one in leaves(node):
        if isinstance(one, Exists):
            yield one.attribute
        elif isinstance(one, SubOperationMatches):
            yield SUB
        elif isinstance(one, Compare):
            yield from (side for side in (one.left, one.right) if isinstance(side, Attribute))
