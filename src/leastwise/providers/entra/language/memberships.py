"""Rules of dynamic membership: which attributes of an object decide whether it is in a group or unit.

A rule is no question about access: who is in the group is what its list of members says. It tells who could steer that.
https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 3072
"""So many characters a rule may have."""
_DEEPEST = 100
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:`.|[^"`])*"|'(?:''|[^'])*')
        |(?P<mark>[()\[\],])
        |(?P<word>[-\u2013]?[A-Za-z_$0-9][A-Za-z0-9_.:+$\-\u2013]*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_DIRECT = re.compile(r"""\s*direct\s+reports\s+for\s+["']([^"']+)["']\s*""", re.IGNORECASE)
_COMPARING = frozenset(
    f"{no}{one}"
    for one in ("eq", "startswith", "endswith", "contains", "match", "in")
    for no in ("", "not")
    if (no, one) != ("not", "eq")
) | {"ne", "le", "ge"}
_QUANTIFIERS = frozenset({"any", "all"})
_KINDS = frozenset({"user", "device"})
_ITEM = re.compile(r"_|[A-Za-z]+\.[A-Za-z]+")
"""What stands for one value of a collection: `_`, or a property of the objects in it."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_ESCAPED = re.compile(r"`(.)", re.DOTALL)
_OTHER = "\0"
"""What is no text: a number, a time, true or false."""
_CONSTANTS = frozenset({"true", "false", "null", "$true", "$false", "$null"})


class RuleError(ValueError):
    """A rule does not parse; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One expression of a rule.

    Args:
        kind: of the objects that it is about: user or device.
        attribute: as it is written, without the kind before it.
        operator: in lower case, without its hyphen; of a collection `any` or `all` stands before it.
        values: the texts that it compares with, None for null; none at all where that is no text or null.
    """

    kind: str
    attribute: str
    operator: str
    values: tuple[str | None, ...] = ()

    @property
    def reads(self) -> str:
        """The attribute that decides (`user.department`), in lower case."""
        return f"{self.kind}.{self.attribute}".lower()


@dataclass(frozen=True, slots=True)
class MembershipRule:
    """What a rule asks: its expressions, in the order in which they stand; and how they are joined.

    Args:
        comparisons: one at least.
        form: the whole, fully parenthesised, with a number for each expression.
    """

    comparisons: tuple[Comparison, ...]
    form: str

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that decide (`user.department`), each once, in lower case."""
        return tuple(dict.fromkeys(one.reads for one in self.comparisons))


def parse_membership_rule(text: str) -> MembershipRule:
    """A rule. Raises RuleError."""
    if len(text) > LONGEST:
        raise RuleError(f"is longer than {LONGEST} characters")
    if _DIRECT.fullmatch(text):
        return MembershipRule((Comparison("user", "manager", "eq"),), "0")
    parser = _Parser(list(_tokens(text)))
    form = parser.whole()
    kinds = {one.kind for one in parser.found}
    if len(kinds) > 1:
        raise RuleError("is about users and devices")
    return MembershipRule(tuple(parser.found), form)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    at: int
    quoted: bool = False

    @property
    def operator(self) -> str:
        """The word as operators are compared: without hyphen or dash, and in lower case."""
        return "" if self.quoted else self.text.lstrip("-\u2013").lower()


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise RuleError(f"cannot be read from character {at + 1} on")
        kind = found.lastgroup or ""
        yield _Token(found[kind], found.start(kind), kind == "text")
        at = found.end()


class _Parser:
    """Reads tokens by precedence: not, and, or; an expression is property, operator, value."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0
        self.found: list[Comparison] = []

    def whole(self) -> str:
        """All of it. Raises RuleError."""
        form = self._either()
        if self._next is not None:
            raise RuleError(f"{self._next.text!r} at character {self._next.at + 1} is not expected")
        return form

    @property
    def _next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, wanted: str) -> _Token:
        token = self._next
        if token is None:
            raise RuleError(f"ends where {wanted} is expected")
        self._at += 1
        return token

    def _is(self, *words: str) -> bool:
        """Whether the next token is one of some operators; then it is passed."""
        if self._next is None or self._next.operator not in words:
            return False
        self._at += 1
        return True

    def _mark(self, mark: str) -> bool:
        if self._next is None or self._next.quoted or self._next.text != mark:
            return False
        self._at += 1
        return True

    def _close(self, mark: str) -> None:
        if not self._mark(mark):
            token = self._next
            where = "at the end" if token is None else f"before {token.text!r} at character {token.at + 1}"
            raise RuleError(f"{mark!r} is missing {where}")

    def _either(self) -> str:
        form = self._both()
        while self._is("or"):
            form = f"({form} or {self._both()})"
        return form

    def _both(self) -> str:
        form = self._negated()
        while self._is("and"):
            form = f"({form} and {self._negated()})"
        return form

    def _negated(self) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RuleError(f"is nested more than {_DEEPEST} times")
        try:
            if self._is("not"):
                return f"not {self._negated()}"
            if self._mark("("):
                form = self._either()
                self._close(")")
                return form
            return self._expression()
        finally:
            self._depth -= 1

    # --- expressions

    def _expression(self) -> str:
        token = self._take("an attribute")
        kind, _, attribute = token.text.partition(".")
        if token.quoted or kind.lower() not in _KINDS or not attribute.strip("._-"):
            raise RuleError(f"{token.text!r} at character {token.at + 1} is no attribute of a user or device")
        if self._is("any"):
            return self._collection(kind, attribute, "any")
        if self._is("all"):
            return self._collection(kind, attribute, "all")
        operator, values = self._compared()
        return self._keep(kind, attribute, operator, values)

    def _collection(self, kind: str, attribute: str, word: str) -> str:
        """What is asked of one or all values; without parentheses a single expression follows."""
        self._asked_of_one(in_parentheses=False)
        return self._keep(kind, attribute, word)

    def _asked_of_one(self, *, in_parentheses: bool) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RuleError(f"is nested more than {_DEEPEST} times")
        while True:
            while self._is("not"):
                pass
            if self._mark("("):
                self._asked_of_one(in_parentheses=True)
                self._close(")")
            else:
                token = self._take("what is asked of a value")
                if token.quoted or not _ITEM.fullmatch(token.text):
                    raise RuleError(f"{token.text!r} at character {token.at + 1} stands for no value of a collection")
                self._compared()
            if not in_parentheses or not self._is("and", "or"):
                break
        self._depth -= 1

    def _keep(self, kind: str, attribute: str, operator: str, values: tuple[str | None, ...] = ()) -> str:
        self.found.append(Comparison(kind.lower(), attribute, operator, values))
        return str(len(self.found) - 1)

    def _compared(self) -> tuple[str, tuple[str | None, ...]]:
        """An operator, with the values after it where all of them are texts or null."""
        token = self._take("an operator")
        if token.operator not in _COMPARING:
            raise RuleError(f"{token.text!r} at character {token.at + 1} is no operator")
        values = [_plain(one) for one in self._value(several=token.operator in ("in", "notin"))]
        return token.operator, () if _OTHER in values else tuple(values)

    def _value(self, *, several: bool) -> list[_Token]:
        found = []
        if several:
            self._close("[")
            while not self._mark("]"):
                found.append(self._one())
                if not self._mark(","):
                    self._close("]")
                    break
            return found
        found.append(self._one())
        while self._is("plus", "minus"):
            self._take("a span of time")
        return found

    def _one(self) -> _Token:
        token = self._take("a value")
        word = token.text.lower()
        known = token.quoted or word in _CONSTANTS or word == "system.now"
        if not known and not _NUMBER.fullmatch(word) and not _TIME.fullmatch(word):
            raise RuleError(f"{token.text!r} at character {token.at + 1} is no value: texts stand in quotes")
        return token


def _plain(token: _Token) -> str | None:
    """What a value is: a text without its quotes, None for null."""
    if not token.quoted:
        return None if token.text.lower().lstrip("$") == "null" else _OTHER
    inner = token.text[1:-1]
    return inner.replace("''", "'") if token.text[0] == "'" else _ESCAPED.sub(r"\1", inner)
