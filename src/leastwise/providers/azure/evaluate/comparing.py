"""What a comparison of a condition says of values that are all known.

An attribute that is not there is a value that equals no other: no relation holds with it, so `Not…` holds. But
"at least one value on the left" is then not met, whatever it would have to be.
https://learn.microsoft.com/azure/role-based-access-control/conditions-format#cross-product-comparison-operators
"""

from __future__ import annotations

from ..language.ids import guid, named
from ..language.parse import parse_stamp, typed
from ..language.tree import Compare, Family, Moment, Operator, Relation, Value, like

Given = tuple[Value, ...]
"""The values of an attribute; none where the request has no such attribute."""
_ABSENT = (None,)


def passes(test: Compare, left: Given, right: Given) -> bool:
    """Whether a comparison holds between the values of its two sides."""
    first: tuple[Value | None, ...] = left or _ABSENT
    second: tuple[Value | None, ...] = right or _ABSENT
    operator, quantifier = test.operator, test.quantifier
    if quantifier is None:
        return any(relates(one, operator, two) for one in first for two in second) is not operator.negated
    if not left and not quantifier.all_left:
        return False
    inner = all if quantifier.all_right else any
    outer = all if quantifier.all_left else any
    return outer(inner(relates(one, operator, two) is not operator.negated for two in second) for one in first)


def relates(left: Value | None, operator: Operator, right: Value | None) -> bool:
    """Whether the relation of an operator holds between two values, before it is negated."""
    one, two = (of_family(value, operator.family) for value in (left, right))
    if one is None or two is None:
        return False
    if operator.family is Family.STRING:
        return _text(str(one), operator, str(two))
    if operator.relation is Relation.EQUALS:
        return one == two
    return _ordered(_number(one), operator.relation, _number(two))


def _text(one: str, operator: Operator, two: str) -> bool:
    if operator.relation is Relation.LIKE:
        return like(two, fold=operator.fold).matches(one)
    if operator.fold:
        one, two = one.lower(), two.lower()
    return one.startswith(two) if operator.relation is Relation.STARTS else one == two


def _ordered(one: int, relation: Relation, two: int) -> bool:
    if relation is Relation.LESS:
        return one < two
    if relation is Relation.LESS_EQUALS:
        return one <= two
    return one > two if relation is Relation.GREATER else one >= two


def _number(value: Value) -> int:
    return value.ticks if isinstance(value, Moment) else int(value)


def of_family(value: Value | None, family: Family) -> Value | None:
    """A value as one of the kind that is compared; None for what is none of it."""
    if value is None or isinstance(value, Moment):
        return value if family is Family.DATETIME else None
    if isinstance(value, str):
        if family is Family.DATETIME:
            return parse_stamp(value)
        # A role definition may be named by its whole id.
        return guid(named(value)) if family is Family.GUID else typed(value, family)
    if family is Family.STRING:
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value if family is (Family.BOOL if isinstance(value, bool) else Family.NUMERIC) else None
