"""What a provider of an identity pool makes of a token: the identity of the pool, its attributes, or nobody.

https://cloud.google.com/iam/docs/workload-identity-federation#mapping, …#conditions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from leastwise.engine.formula import Formula
from leastwise.model.decision import State
from leastwise.providers.conditions import ConditionError

from ..language.cel import And, Call, Const, Constant, MapOf, Node, attribute_path, parse_condition
from .conditions import Absent, Known, Lacking, Look, Truth, Unknown, judge, value_of
from .explain import STATES
from .worlds import solver

SUBJECT, GROUPS = "google.subject", "google.groups"
_ARN = "assertion.arn"
DEFAULT_OF_AWS: Mapping[str, str] = {
    SUBJECT: _ARN,
    "attribute.account": "assertion.account",
    "attribute.aws_role": (
        f"{_ARN}.contains('assumed-role') ? {_ARN}.extract('{{account_arn}}assumed-role/') + 'assumed-role/' + "
        f"{_ARN}.extract('assumed-role/{{role_name}}/') : {_ARN}"
    ),
}
"""https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds#mappings-and-conditions"""


@dataclass(frozen=True, slots=True)
class Mapped:
    """An identity of a pool.

    Args:
        values: its attributes by name, `google.subject` among them; those that are absent are not.
        state: whether it gets in.
        missing: for UNKNOWN, what was not read.
    """

    values: Mapping[str, Look]
    state: State
    missing: tuple[str, ...] = ()

    def known(self, name: str) -> tuple[str, ...] | None:
        """The values of an attribute; None where they are not known."""
        found = self.values.get(name, Absent())
        if isinstance(found, Known):
            several = found.value if isinstance(found.value, tuple) else (found.value,)
            return tuple(str(one) for one in several)
        return () if isinstance(found, Absent) else None


@dataclass(frozen=True, slots=True)
class _Facts:
    """A token, and what was made of it so far."""

    claims: Mapping[str, tuple[str, ...]]
    whole: bool
    mapped: Mapping[str, Look] = field(default_factory=dict)

    def look(self, path: str) -> Look | None:
        """See `conditions.Facts`."""
        if path in self.mapped:
            return self.mapped[path]
        if path == "assertion":
            return Known(
                MapOf(tuple((Const(name), Const(_value(name, values))) for name, values in self.claims.items()))
            )
        head, dot, claim = path.partition(".")
        if head == "assertion" and dot:
            if claim in self.claims:
                return Known(_value(claim, self.claims[claim]))
            return Absent() if self.whole else Unknown(path)
        return Absent() if head in ("google", "attribute") and dot else None

    def api(self, name: str) -> Look:
        """See `conditions.Facts`."""
        return Absent()

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        """See `conditions.Facts`."""
        return None


_LISTS = frozenset({"groups", "roles", "amr", "wids"})
"""Claims that are lists, though they may have one value."""


def _value(name: str, values: tuple[str, ...]) -> Constant:
    return values[0] if len(values) == 1 and name not in _LISTS else tuple(values)


def mapped(
    mapping: Mapping[str, str], condition: str, claims: Mapping[str, tuple[str, ...]], *, whole: bool
) -> Mapped | None:
    """The identity that the claims of a token become; None where the token is refused."""
    facts = _Facts(claims, whole)
    values: dict[str, Look] = {}
    for name, expression in mapping.items():
        try:
            found = value_of(parse_condition(expression), facts)
        except ConditionError as error:
            found = Lacking(f"what the mapping {expression!r} means ({error})")
        if not isinstance(found, Absent):
            values[name] = found
    subject = values.get(SUBJECT)
    if subject is None or (isinstance(subject, Known) and (not isinstance(subject.value, str) or not subject.value)):
        return None
    state, missing = _passes(condition, _Facts(claims, whole, values))
    return None if state is State.DENIED else Mapped(values, state, missing)


def _passes(condition: str, facts: _Facts) -> tuple[State, tuple[str, ...]]:
    if not condition:
        return State.ALLOWED, ()
    try:
        formula: Formula = judge(parse_condition(condition), facts).true
    except ConditionError as error:
        return State.UNKNOWN, (f"what the condition {condition!r} means ({error})",)
    if isinstance(formula, bool):
        return (State.ALLOWED if formula else State.DENIED), ()
    verdict = solver().verdict(formula)
    return STATES[verdict.outcome], tuple(sorted(verdict.gaps))


def plain_claims(condition: str) -> Mapping[str, str]:
    """The values that a condition asks of claims by `assertion.x == 'y'`, as a hint of whom it means."""
    try:
        return dict(_equal(parse_condition(condition)))
    except ConditionError:
        return {}


def _equal(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, And):
        yield from _equal(node.left)
        yield from _equal(node.right)
    elif isinstance(node, Call) and node.function == "==" and node.target is None and len(node.args) == 2:
        for one, other in (node.args, node.args[::-1]):
            head, dot, claim = (attribute_path(one) or "").partition(".")
            if head == "assertion" and dot and isinstance(other, Const) and isinstance(other.value, str):
                yield claim, other.value


def claim_of(expression: str) -> str:
    """The claim that an expression of a mapping passes on unchanged; empty for any other."""
    head, dot, claim = expression.strip().partition(".")
    return claim if head == "assertion" and dot and claim.replace("_", "").isalnum() else ""
