"""What is made of an expression whose parts are known: lists, their elements, values of operators and functions."""

from __future__ import annotations

from ..language.cel import OPERATORS, Call, Const, Constant, Index, ListOf, MapOf, Node
from . import values
from .conversions import function
from .values import EvaluationError


def listed(items: list[Node]) -> Node:
    """A list of these: a constant where all are."""
    known = [one.value for one in items if isinstance(one, Const)]
    return Const(tuple(known)) if len(known) == len(items) else ListOf(tuple(items))


def elements_of(node: Node) -> list[Node] | None:
    """The elements of a list, or the keys of a map; None for what is neither, or not known."""
    if isinstance(node, Const) and isinstance(node.value, tuple):
        return [Const(one) for one in node.value]
    if isinstance(node, ListOf):
        return list(node.items)
    return [key for key, _ in node.items] if isinstance(node, MapOf) else None


def element(target: Node, key: Node) -> Node:
    """What lies in a list or a map at a place. Raises EvaluationError where nothing does."""
    if isinstance(target, MapOf) and isinstance(key, Const):
        for name, value in target.items:
            if name == key:
                return value
        raise EvaluationError("there is no such key")
    if isinstance(target, Const) and isinstance(key, Const):
        items, place = target.value, key.value
        if isinstance(items, tuple) and type(place) is int and 0 <= place < len(items):
            return Const(items[place])
        raise EvaluationError("there is no such element")
    return Index(target, key)


def contains(item: Node, whole: Node) -> Node:
    """Whether a list or a map has something in it."""
    if isinstance(whole, MapOf):
        keys = [key for key, _ in whole.items]
        if isinstance(item, Const) and all(isinstance(one, Const) for one in keys):
            return Const(item in keys)
    return Call("in", None, (item, whole))


def applied(name: str, target: Constant, args: tuple[Constant, ...], node: Call) -> Constant:
    """The value of an operator or function of values. Raises EvaluationError, UnsupportedError."""
    if node.target is not None:
        return values.method(name, target, args)
    if name == "in":
        return values.contained(*args)
    if name in OPERATORS:
        by_order = name in ("<", "<=", ">", ">=")
        return values.compare(name, *args) if by_order else values.arithmetic(name, *args)
    if name == "neg":
        return values.arithmetic("-", 0, args[0])
    return function(name, args)
