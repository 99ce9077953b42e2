"""What a condition says of one request: when it is true, and when it is false, as formulas over what is not known.

A condition is neither where part of it cannot be evaluated: an attribute that the service does not provide, values of
the wrong type. `&&` and `||` look past that where the other side decides. So "true" and "false" are two formulas, and
the negation of a part that cannot be evaluated is not true either.
https://cloud.google.com/iam/docs/conditions-attribute-reference#inherited-support
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap

from ..language.cel import (
    And,
    Call,
    Choice,
    Const,
    Constant,
    Index,
    ListOf,
    MapOf,
    Name,
    Node,
    Not,
    Or,
    Select,
    attribute_path,
    text_of,
)
from . import values
from .parts import applied, contains, element, elements_of, listed
from .values import EvaluationError, UnsupportedError


@dataclass(frozen=True, slots=True)
class Known:
    """An attribute that has a value; a `Node` for a map."""

    value: Constant | MapOf


@dataclass(frozen=True, slots=True)
class Absent:
    """An attribute that the request does not have."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An attribute of which it is not known whether the request has it, nor with what value."""

    variable: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """An attribute that the request has, but what it is was not read."""

    what: str


Look = Known | Absent | Unknown | Lacking


@dataclass(frozen=True, slots=True)
class Truth:
    """When something is true, and when it is false; where neither holds, it cannot be evaluated."""

    true: Formula
    false: Formula

    def negated(self) -> Truth:
        """The opposite."""
        return Truth(self.false, self.true)


YES, NO, NEITHER = Truth(True, False), Truth(False, True), Truth(False, False)


def truth(value: bool) -> Truth:
    """What is known to be true, or false."""
    return YES if value else NO


def lacking(what: str) -> Truth:
    """What may be true, false or neither, for it was not read."""
    gap = Literal(Gap(what))
    return Truth(gap, gap)


class Facts(Protocol):
    """What is known of a request."""

    def look(self, path: str) -> Look | None:
        """An attribute of the request, or None for one that there is not."""

    def api(self, name: str) -> Look:
        """An attribute that an API gives (`api.getAttribute`)."""

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        """A function of the resource or the service (`resource.matchTag`), or None for one that there is not."""


@dataclass(frozen=True, slots=True)
class Test:
    """An atom: that an expression over attributes that are not known is true, or that it is false.

    Args:
        node: the expression; all that was known stands in it.
        value: which of the two.
        variable: the attribute that it reads; the first, of several.
        others: the further ones.
    """

    node: Node
    value: bool
    variable: str
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        return text_of(self.node if self.value else Not(self.node))


class _LackingError(Exception):
    """Something was not read; the message says what."""


def judge(node: Node, facts: Facts) -> Truth:
    """When a condition is true, and when it is false."""
    return _Judge(facts, {}).truth(node)


def value_of(node: Node, facts: Facts) -> Look:
    """The value of an expression; `Absent` where it has none."""
    try:
        found = _Judge(facts, {}).reduce(node)
    except EvaluationError:
        return Absent()
    except UnsupportedError as error:
        return Lacking(f"what the function {error} gives")
    except _LackingError as error:
        return Lacking(str(error))
    if isinstance(found, Const):
        return Known(found.value)
    return Unknown(", ".join(sorted(variables(found))) or text_of(node))


def holds(test: Test, given: Mapping[str, Known | Absent]) -> bool:
    """Whether a test is passed where its attributes are known."""
    found = judge(test.node, _Given(given))
    return (found.true if test.value else found.false) is True


@dataclass(frozen=True, slots=True)
class _Given:
    """Attributes that are all known."""

    values: Mapping[str, Known | Absent]

    def look(self, path: str) -> Look | None:
        return self.values.get(path)

    def api(self, name: str) -> Look:
        return self.values.get(name, Absent())

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        return None


_MACROS = frozenset({"exists", "all", "exists_one", "filter", "map"})
_API = "getAttribute"


@dataclass(frozen=True, slots=True)
class _Judge:
    facts: Facts
    bound: Mapping[str, Node]

    def truth(self, node: Node) -> Truth:
        if isinstance(node, Not):
            return self.truth(node.part).negated()
        if isinstance(node, And | Or):
            left, right = self.truth(node.left), self.truth(node.right)
            if isinstance(node, And):
                return Truth(all_of((left.true, right.true)), any_of((left.false, right.false)))
            return Truth(any_of((left.true, right.true)), all_of((left.false, right.false)))
        if isinstance(node, Choice):
            return self._choice(node)
        try:
            return self._leaf(node)
        except EvaluationError:
            return NEITHER
        except UnsupportedError as error:
            return lacking(f"what the function {error} gives")
        except _LackingError as error:
            return lacking(str(error))

    def _choice(self, node: Choice) -> Truth:
        test, then, other = (self.truth(part) for part in (node.test, node.then, node.other))
        return Truth(
            any_of((all_of((test.true, then.true)), all_of((test.false, other.true)))),
            any_of((all_of((test.true, then.false)), all_of((test.false, other.false)))),
        )

    def _leaf(self, node: Node) -> Truth:
        if isinstance(node, Call):
            found = self._told(node)
            if found is not None:
                return found
            if node.function == "!=" and node.target is None:
                return self.truth(replace(node, function="==")).negated()
        reduced = self.reduce(node)
        if isinstance(reduced, Const):
            return truth(reduced.value) if isinstance(reduced.value, bool) else NEITHER
        names = sorted(variables(reduced))
        if not names:
            return NEITHER
        yes, no = (Literal(Test(reduced, value, names[0], tuple(names[1:]))) for value in (True, False))
        return Truth(yes, no)

    def _told(self, node: Call) -> Truth | None:
        """What the facts or the elements of a list tell; None for a test of values."""
        if node.function == "has" and node.target is None and len(node.args) == 1:
            return self._has(node.args[0])
        owner = attribute_path(node.target) if node.target is not None else None
        if owner in ("resource", "compute"):
            found = self.facts.asked(owner, node.function, tuple(self._constants(node.args)))
            if found is None:
                raise UnsupportedError(f"{owner}.{node.function}")
            return found
        if node.function in ("exists", "all", "exists_one") and node.target is not None and len(node.args) == 2:
            return self._over(node)
        return None

    def _constants(self, nodes: Collection[Node]) -> list[Constant]:
        found = [self.reduce(one) for one in nodes]
        if not all(isinstance(one, Const) for one in found):
            raise UnsupportedError("of arguments that are not known")
        return [one.value for one in found if isinstance(one, Const)]

    def _has(self, node: Node) -> Truth:
        if not isinstance(node, Select):
            raise EvaluationError("has of what is no field")
        path = attribute_path(node)
        looked = self.facts.look(path) if path is not None else None
        if looked is None:
            target = self.reduce(node.target)
            if not isinstance(target, MapOf):
                raise EvaluationError("has of what has no fields")
            return truth(any(key == Const(node.field) for key, _ in target.items))
        if isinstance(looked, Unknown):
            test = Call("has", None, (node,))
            yes, no = (Literal(Test(test, value, looked.variable)) for value in (True, False))
            return Truth(yes, no)
        return truth(not isinstance(looked, Absent))

    def _over(self, node: Call) -> Truth:
        """`exists`, `all` and `exists_one` over the elements of a list."""
        assert node.target is not None
        elements = elements_of(self.reduce(node.target))
        if elements is None or not isinstance(node.args[0], Name):
            raise UnsupportedError(node.function)
        name = node.args[0].name
        each = [_Judge(self.facts, {**self.bound, name: one}).truth(node.args[1]) for one in elements]
        if node.function == "exists":
            return Truth(any_of(one.true for one in each), all_of(one.false for one in each))
        if node.function == "all":
            return Truth(all_of(one.true for one in each), any_of(one.false for one in each))
        decided = [one.true for one in each if isinstance(one.true, bool) and isinstance(one.false, bool)]
        if len(decided) < len(each):
            raise UnsupportedError(node.function)
        return truth(sum(1 for one in decided if one is True) == 1)

    def reduce(self, node: Node) -> Node:
        """The node with all that is known put in; a `Const` where that is everything.

        Raises:
            EvaluationError: it has no value.
            UnsupportedError, _LackingError: its value cannot be told.
        """
        if isinstance(node, Const):
            return node
        if isinstance(node, Name | Select):
            return self._attribute(node)
        if isinstance(node, ListOf):
            return listed([self.reduce(one) for one in node.items])
        if isinstance(node, MapOf):
            return MapOf(tuple((self.reduce(key), self.reduce(value)) for key, value in node.items))
        if isinstance(node, Index):
            return element(self.reduce(node.target), self.reduce(node.key))
        if isinstance(node, Call):
            return self._call(node)
        return self._decided(node)

    def _decided(self, node: Node) -> Node:
        """A part that is true or false, as a value."""
        if isinstance(node, Choice):
            test = self.truth(node.test)
            if isinstance(test.true, bool) and isinstance(test.false, bool):
                if not test.true and not test.false:
                    raise EvaluationError("a choice that cannot be made")
                return self.reduce(node.then if test.true else node.other)
        found = self.truth(node)
        if isinstance(found.true, bool) and isinstance(found.false, bool):
            if not found.true and not found.false:
                raise EvaluationError("is neither true nor false")
            return Const(found.true)
        raise UnsupportedError("that compares what is true with a value")

    def _attribute(self, node: Name | Select) -> Node:
        path = attribute_path(node)
        if isinstance(node, Name) and node.name in self.bound:
            return self.bound[node.name]
        looked = self.facts.look(path) if path is not None else None
        if looked is not None:
            return _value(looked, node)
        if isinstance(node, Select):
            return element(self.reduce(node.target), Const(node.field))
        # Attributes are added as time goes by; one that is not known here may have any value.
        raise _LackingError(f"what {path} is")

    def _call(self, node: Call) -> Node:
        if node.target is not None and attribute_path(node.target) == "api" and node.function == _API:
            return self._api(node)
        if node.function in _MACROS and node.target is not None:
            return self._macro(node)
        if node.target is None and node.function in ("==", "!=", "has"):
            return self._equality(node)
        if self._told_by_facts(node):
            return self._decided(node)
        target = self.reduce(node.target) if node.target is not None else None
        args = tuple(self.reduce(one) for one in node.args)
        if all(isinstance(one, Const) for one in (*args, *([target] if target is not None else []))):
            known = tuple(one.value for one in args if isinstance(one, Const))
            return Const(applied(node.function, target.value if isinstance(target, Const) else None, known, node))
        if node.function == "in" and node.target is None:
            return contains(args[0], args[1])
        return Call(node.function, target, args)

    def _told_by_facts(self, node: Call) -> bool:
        return node.target is not None and attribute_path(node.target) in ("resource", "compute")

    def _equality(self, node: Call) -> Node:
        if node.function == "has":
            return self._decided_leaf(node)
        left, right = (self.reduce(one) for one in node.args)
        if isinstance(left, Const) and isinstance(right, Const):
            same = values.equal(left.value, right.value)
            return Const(same if node.function == "==" else not same)
        return Call(node.function, None, (left, right))

    def _decided_leaf(self, node: Call) -> Node:
        found = self.truth(node)
        if isinstance(found.true, bool):
            return Const(found.true)
        raise UnsupportedError("that compares what is true with a value")

    def _api(self, node: Call) -> Node:
        """An attribute of an API, or its default where the request has none.

        https://cloud.google.com/iam/docs/conditions-attribute-reference#api
        """
        if len(node.args) != 2:
            raise EvaluationError("getAttribute takes a name and a default")
        name, default = (self.reduce(one) for one in node.args)
        if not isinstance(name, Const) or not isinstance(name.value, str):
            raise EvaluationError("getAttribute takes a name")
        looked = self.facts.api(name.value)
        return default if isinstance(looked, Absent) else _value(looked, Call(_API, Name("api"), (name, default)))

    def _macro(self, node: Call) -> Node:
        if node.function not in ("filter", "map"):
            return self._decided_leaf(node)
        assert node.target is not None
        elements = elements_of(self.reduce(node.target))
        if elements is None or len(node.args) != 2 or not isinstance(node.args[0], Name):
            raise UnsupportedError(node.function)
        judges = [(one, _Judge(self.facts, {**self.bound, node.args[0].name: one})) for one in elements]
        if node.function == "map":
            return listed([each.reduce(node.args[1]) for _, each in judges])
        kept = [(one, each.truth(node.args[1])) for one, each in judges]
        if not all(isinstance(found.true, bool) for _, found in kept):
            raise UnsupportedError(node.function)
        return listed([one for one, found in kept if found.true is True])


def _value(looked: Look, node: Node) -> Node:
    if isinstance(looked, Known):
        return looked.value if isinstance(looked.value, MapOf) else Const(looked.value)
    if isinstance(looked, Unknown):
        return node
    if isinstance(looked, Lacking):
        raise _LackingError(looked.what)
    raise EvaluationError("the request has no such attribute")


def variables(node: Node) -> set[str]:
    """The attributes that an expression reads."""
    path = attribute_path(node)
    if path is not None:
        return {path}
    if isinstance(node, Call):
        if node.function == _API and node.target == Name("api"):
            name = node.args[0]
            return {str(name.value)} if isinstance(name, Const) else set()
        parts = (*((node.target,) if node.target is not None else ()), *node.args)
        return set().union(*map(variables, parts))
    if isinstance(node, ListOf):
        return set().union(*map(variables, node.items))
    if isinstance(node, Index | Select):
        return variables(node.target) | (variables(node.key) if isinstance(node, Index) else set())
    return set()
