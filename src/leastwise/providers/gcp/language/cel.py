"""Condition expressions as a syntax tree: the Common Expression Language, parsed by a library, in our own few nodes.

What the nodes mean is told in `evaluate`; here is only what an expression says, and how it is written again.
https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from leastwise.providers.conditions import ConditionError, remembered

if TYPE_CHECKING:
    from celpy.celparser import CELParser


@dataclass(frozen=True, slots=True)
class UInt:
    """An unsigned number, which CEL keeps apart from others."""

    value: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment, in nanoseconds since 1970 in UTC."""

    nanos: int


@dataclass(frozen=True, slots=True)
class Span:
    """A duration in nanoseconds."""

    nanos: int


Constant = str | int | float | bool | bytes | None | UInt | Stamp | Span | tuple["Constant", ...]


@dataclass(frozen=True, slots=True)
class Const:
    """A value."""

    value: Constant

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class Name:
    """A variable: `request`, or one that a macro binds."""

    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """A field: `request.time`."""

    target: Node
    field: str


@dataclass(frozen=True, slots=True)
class Index:
    """An element of a list or map."""

    target: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or with a target a method; operators other than those below are functions by their sign."""

    function: str
    target: Node | None
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`!a`."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """`a && b`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Or:
    """`a || b`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choice:
    """`a ? b : c`."""

    test: Node
    then: Node
    other: Node


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list literal."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map literal."""

    items: tuple[tuple[Node, Node], ...]


Node = Const | Name | Select | Index | Call | Not | And | Or | Choice | ListOf | MapOf

_LONGEST = 20_000
"""Letters of an expression; the vendor's own limit on a whole policy is not far above."""
_SIGNS = {
    "relation_lt": "<", "relation_le": "<=", "relation_gt": ">", "relation_ge": ">=", "relation_eq": "==",
    "relation_ne": "!=", "relation_in": "in", "addition_add": "+", "addition_sub": "-", "multiplication_mul": "*",
    "multiplication_div": "/", "multiplication_mod": "%",
}  # fmt: skip
_DIGITS = 25
"""Letters that a number of 64 bits needs at most, and some zeros."""
OPERATORS = frozenset(_SIGNS.values())
_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
    "`": "`", "?": "?",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|.)", re.DOTALL)


@remembered
def parse_condition(text: str) -> Node:
    """The tree of an expression.

    Raises:
        ConditionError: it does not parse.
    """
    from celpy.celparser import CELParseError

    if len(text) > _LONGEST:
        raise ConditionError(f"is longer than {_LONGEST} letters")
    if not text.strip():
        raise ConditionError("is empty")
    try:
        return _node(_parser().parse(text))
    except CELParseError as error:
        place = f" at line {error.line}, column {error.column}" if error.line is not None else ""
        raise ConditionError(f"does not parse{place}") from None
    except RecursionError:
        raise ConditionError("is nested too deeply") from None


@cache
def _parser() -> CELParser:
    from celpy.celparser import CELParser

    return CELParser()


def _node(tree: Any) -> Node:
    kind, children = str(tree.data), list(tree.children)
    if kind in _SIGNS:
        # The operator is a node around its left side; the right side stands beside it.
        raise AssertionError(kind)
    if kind in ("relation", "addition", "multiplication") and len(children) == 2:
        return Call(_SIGNS[str(children[0].data)], None, (_node(children[0].children[0]), _node(children[1])))
    if kind == "expr" and len(children) == 3:
        return Choice(*map(_node, children))
    if kind in ("conditionalor", "conditionaland") and len(children) == 2:
        left, right = map(_node, children)
        return Or(left, right) if kind == "conditionalor" else And(left, right)
    if kind == "unary" and len(children) == 2:
        part = _node(children[1])
        if children[0].data == "unary_not":
            return Not(part)
        number = isinstance(part, Const) and isinstance(part.value, int | float) and not isinstance(part.value, bool)
        return Const(-part.value) if number else Call("neg", None, (part,))  # type: ignore[union-attr, operator]
    if kind == "literal":
        return Const(_literal(str(children[0]), children[0].type))
    return _named(kind, children)


def _named(kind: str, children: list[Any]) -> Node:
    """The node of what names or gathers something."""
    if kind in ("ident", "dot_ident"):
        return Name(str(children[0]))
    if kind in ("ident_arg", "dot_ident_arg"):
        return Call(str(children[0]), None, _list(children[1:]))
    if kind == "member_dot":
        return Select(_node(children[0]), str(children[1]))
    if kind == "member_dot_arg":
        return Call(str(children[1]), _node(children[0]), _list(children[2:]))
    if kind == "member_index":
        return Index(_node(children[0]), _node(children[1]))
    if kind == "list_lit":
        return ListOf(_list(children))
    if kind == "map_lit":
        inits = list(children[0].children) if children else []
        return MapOf(tuple((_node(key), _node(value)) for key, value in zip(inits[::2], inits[1::2], strict=True)))
    if len(children) == 1 and kind != "member_object":
        return _node(children[0])
    raise ConditionError(f"has a construct that conditions do not have ({kind})")


def _list(children: list[Any]) -> tuple[Node, ...]:
    return tuple(map(_node, children[0].children)) if children else ()


def _literal(text: str, kind: str) -> Constant:
    if kind in ("BOOL_LIT", "NULL_LIT"):
        return {"true": True, "false": False, "null": None}[text]
    if kind in ("INT_LIT", "UINT_LIT"):
        return _integer(text.rstrip("uU"), signed=kind == "INT_LIT")
    if kind == "FLOAT_LIT":
        return float(text)
    if kind in ("STRING_LIT", "MLSTRING_LIT"):
        return _text(text)
    return _text(text[1:], octets=True).encode(errors="surrogateescape")


def _integer(text: str, *, signed: bool) -> Constant:
    """A number of 64 bits. The sign of the lowest one is read later, so its magnitude is one."""
    number = int(text, 0 if "x" in text.lower() else 10) if len(text) <= _DIGITS else _DIGITS**_DIGITS
    if not (-(2**63) <= number <= 2**63 if signed else 0 <= number < 2**64):
        raise ConditionError("has a number of more than 64 bits")
    return number if signed else UInt(number)


def _text(text: str, *, octets: bool = False) -> str:
    """What a quoted text says, its escapes read; those of octets as what Python writes for an octet of no text."""
    raw = text[0] in "rR"
    bare = text[1:] if raw else text
    width = 3 if len(bare) >= 6 and bare[:3] in ('"""', "'''") else 1
    inner = bare[width:-width]
    return inner if raw else _ESCAPE.sub(lambda found: _unescaped(found[1], octets), inner)


def _unescaped(sign: str, octets: bool) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    octal = len(sign) == 3 and sign.isdigit()
    if len(sign) == 1 or (octets and sign[0] in "uU"):
        raise ConditionError(f"has an escape that there is not (\\{sign[0]})")
    number = int(sign, 8) if octal else int(sign[1:], 16)
    if octets:
        return chr(number) if number < 128 else chr(0xDC00 + number)
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise ConditionError(f"has a character that there is not (\\{sign})")
    return chr(number)


def attribute_path(node: Node) -> str | None:
    """`request.auth.access_levels` of a chain of fields, None of anything else."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Select):
        above = attribute_path(node.target)
        return None if above is None else f"{above}.{node.field}"
    return None


def text_of(node: Node) -> str:
    """The expression as text; parsed again it is the same tree."""
    if isinstance(node, Const):
        return text_of_constant(node.value)
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Select):
        return f"{_inner(node.target)}.{node.field}"
    if isinstance(node, Index):
        return f"{_inner(node.target)}[{text_of(node.key)}]"
    if isinstance(node, Not):
        return f"!{_inner(node.part)}"
    if isinstance(node, And | Or):
        sign = "&&" if isinstance(node, And) else "||"
        return f"{_inner(node.left)} {sign} {_inner(node.right)}"
    if isinstance(node, Choice):
        return f"{_inner(node.test)} ? {_inner(node.then)} : {_inner(node.other)}"
    if isinstance(node, ListOf):
        return f"[{', '.join(map(text_of, node.items))}]"
    if isinstance(node, MapOf):
        return f"{{{', '.join(f'{text_of(key)}: {text_of(value)}' for key, value in node.items)}}}"
    return _text_of_call(node)


def _text_of_call(node: Call) -> str:
    if node.function in OPERATORS and node.target is None:
        return f"{_inner(node.args[0])} {node.function} {_inner(node.args[1])}"
    if node.function == "neg":
        return f"-{_inner(node.args[0])}"
    args = ", ".join(map(text_of, node.args))
    return f"{node.function}({args})" if node.target is None else f"{_inner(node.target)}.{node.function}({args})"


def _inner(node: Node) -> str:
    """A part as text, in parentheses where it is more than one word."""
    simple = not isinstance(node, And | Or | Not | Choice) and not (
        isinstance(node, Call) and node.target is None and (node.function in OPERATORS or node.function == "neg")
    )
    negative = isinstance(node, Const) and isinstance(node.value, int | float) and node.value < 0
    return text_of(node) if simple and not negative else f"({text_of(node)})"


def text_of_constant(value: Constant) -> str:
    """A value as an expression writes it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, UInt):
        return f"{value.value}u"
    if isinstance(value, Stamp):
        return f'timestamp("{moment(value)}")'
    if isinstance(value, Span):
        return f'duration("{seconds(value)}s")'
    if isinstance(value, bytes):
        return f"b{json.dumps(value.decode('utf-8', 'replace'), ensure_ascii=False)}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(text_of_constant, value))}]"
    return repr(value)


def moment(stamp: Stamp) -> str:
    """A moment in RFC 3339, in UTC."""
    from datetime import UTC, datetime, timedelta

    whole, rest = divmod(stamp.nanos, 10**9)
    shown = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{shown}{f'.{rest:09d}'.rstrip('0') if rest else ''}Z"


def seconds(span: Span) -> str:
    """A duration as a number of seconds."""
    sign = "-" if span.nanos < 0 else ""
    whole, rest = divmod(abs(span.nanos), 10**9)
    return f"{sign}{whole}{f'.{rest:09d}'.rstrip('0') if rest else ''}"
