"""Conditions of role assignments and role definitions, from text to tree.

What is not documented is refused with its place rather than guessed. Keywords and operators are read without case, as
built-in roles write them. https://learn.microsoft.com/azure/role-based-access-control/conditions-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from leastwise.providers.conditions import ConditionError, remembered

from .ids import guid
from .tree import (
    SOURCES,
    ActionMatches,
    And,
    Attribute,
    Compare,
    Exists,
    Family,
    Moment,
    Node,
    Not,
    Operand,
    Operator,
    Or,
    Quantifier,
    Relation,
    SubOperationMatches,
    Value,
    Values,
)

_DEEPEST = 100
"""Parentheses and negations within one another; the vendor's limit of 4 KB leaves nobody a use for more."""
_TOKENS = re.compile(
    r"""(?P<blank>\s+)
    |@(?P<source>\w+)\[(?P<name>[^\]]*)\]
    |'(?P<text>[^']*)'
    |(?P<sign>&&|\|\||[!(){},])
    |(?P<word>[\w.:\-]+)""",
    re.VERBOSE,
)
_STAMP = re.compile(r"(?P<local>.*)(?P<sign>[+-])(?P<hours>[01][0-9]|2[0-3]):(?P<minutes>[0-5][0-9])")
_MOMENT = re.compile(r"(?P<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,7}))?Z", re.ASCII)
_TICKS = 10_000_000
_SIGNS = {"&&": "and", "||": "or", "!": "not"}
_ORDERED = (Relation.LESS, Relation.LESS_EQUALS, Relation.GREATER, Relation.GREATER_EQUALS)


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the text; `kind` is text, attribute, word, sign, or end."""

    kind: str
    text: str
    place: int
    source: str = ""

    @property
    def word(self) -> str:
        """What it says as a keyword or sign."""
        return _SIGNS.get(self.text, self.text.lower()) if self.kind in ("word", "sign") else ""


@remembered
def parse_condition(text: str) -> Node:
    """The tree of a condition. Raises ConditionError."""
    reader = _Reader(list(_tokens(text)))
    found = reader.expression(0)
    reader.end()
    return found


def parse_attribute(text: str) -> Attribute:
    """An attribute as conditions write it (`@Request[…]`). Raises ConditionError."""
    tokens = list(_tokens(text))
    if len(tokens) != 2 or tokens[0].kind != "attribute":
        raise ConditionError(f"{text!r} is no attribute (as @Request[…])")
    return _attribute(tokens[0])


def parse_moment(text: str) -> Moment | None:
    """A time as conditions write it (`2022-06-01T23:38:32.8883645Z`), or None."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found["second"])
    except ValueError:
        return None
    seconds = at.toordinal() * 86400 + at.hour * 3600 + at.minute * 60 + at.second
    return Moment(seconds * _TICKS + int((found["part"] or "0").ljust(7, "0")), text)


def parse_stamp(text: str) -> Moment | None:
    """A time as a question or an answer of Azure gives it: RFC 3339, so that it may have an offset; or None.

    https://www.rfc-editor.org/rfc/rfc3339#section-5.6
    """
    found = _STAMP.fullmatch(text)
    if found is None:
        return parse_moment(text)
    at = parse_moment(f"{found['local']}Z")
    if at is None:
        return None
    minutes = int(f"{found['sign']}{int(found['hours']) * 60 + int(found['minutes'])}")
    return Moment(at.ticks - minutes * 60 * _TICKS, text)


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        found = _TOKENS.match(text, place)
        if found is None:
            what = "a text that is not closed" if text[place] == "'" else f"{text[place]!r}"
            raise ConditionError(f"letter {place + 1}: {what}")
        if found["source"] is not None:
            yield _Token("attribute", found["name"], place, found["source"])
        elif found["text"] is not None:
            yield _Token("text", found["text"], place)
        elif found["blank"] is None:
            yield _Token("sign" if found["sign"] else "word", found[0], place)
        place = found.end()
    yield _Token("end", "", len(text))


def _attribute(token: _Token) -> Attribute:
    source = next((one for one in SOURCES if one.lower() == token.source.lower()), None)
    if source is None:
        _fail(token, f"@{token.source} is no source of attributes ({', '.join(SOURCES)})")
    if not token.text.strip():
        _fail(token, f"@{token.source}[] names no attribute")
    return Attribute(source, token.text.strip())


def _fail(token: _Token, what: str) -> NoReturn:
    raise ConditionError(f"letter {token.place + 1}: {what}")


def _said(token: _Token) -> str:
    return "the end" if token.kind == "end" else repr(token.text)


class _Reader:
    """Reads one condition from its pieces, from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._at = tokens, 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _expect(self, sign: str) -> None:
        token = self._take()
        if token.text != sign or token.kind != "sign":
            _fail(token, f"{_said(token)} where {sign!r} is expected")

    def end(self) -> None:
        """Nothing may follow."""
        if self._next.kind != "end":
            _fail(self._next, f"{_said(self._next)} after the end of the condition")

    def expression(self, depth: int) -> Node:
        """Parts joined by AND, or by OR; both together need parentheses."""
        parts, joined = [self._part(depth)], ""
        while self._next.word in ("and", "or"):
            token = self._take()
            if joined not in ("", token.word):
                _fail(token, "AND and OR stand beside each other without parentheses")
            joined = token.word
            parts.append(self._part(depth))
        if len(parts) == 1:
            return parts[0]
        return And(tuple(parts)) if joined == "and" else Or(tuple(parts))

    def _part(self, depth: int) -> Node:
        if depth > _DEEPEST:
            _fail(self._next, "is nested too deeply")
        token = self._next
        if token.word == "not":
            self._take()
            return Not(self._part(depth + 1))
        if token.word == "(":
            self._take()
            found = self.expression(depth + 1)
            self._expect(")")
            return found
        if token.word == "exists":
            self._take()
            asked = self._take()
            if asked.kind != "attribute":
                _fail(asked, f"Exists asks for an attribute, not for {_said(asked)}")
            return Exists(_attribute(asked))
        if token.word in ("actionmatches", "suboperationmatches"):
            self._take()
            return (ActionMatches if token.word == "actionmatches" else SubOperationMatches)(self._pattern())
        return self._comparison()

    def _pattern(self) -> str:
        self._expect("{")
        token = self._take()
        if token.kind != "text" or not token.text.strip():
            _fail(token, f"{_said(token)} where a pattern is expected")
        self._expect("}")
        return token.text

    def _comparison(self) -> Compare:
        left = self._side()
        token = self._take()
        quantifier, operator = _operator(token)
        right = self._side()
        for side, first in ((left, "left"), (right, "right")):
            if isinstance(side, _Raw) and side.many and quantifier is None and len(side.tokens) != 1:
                _fail(token, f"{operator} compares one value, and there are several on the {first}")
        return Compare(_typed(left, operator), operator, _typed(right, operator), quantifier)

    def _side(self) -> Attribute | _Raw:
        token = self._take()
        if token.kind == "attribute":
            return _attribute(token)
        if token.text == "{" and token.kind == "sign":
            return self._several()
        if token.kind in ("text", "word"):
            return _Raw((token,), False)
        _fail(token, f"{_said(token)} where an attribute or a value is expected")

    def _several(self) -> _Raw:
        found: list[_Token] = []
        while True:
            token = self._take()
            if token.kind not in ("text", "word"):
                _fail(token, f"{_said(token)} where a value is expected")
            found.append(token)
            token = self._take()
            if token.text == "}" and token.kind == "sign":
                return _Raw(tuple(found), True)
            if token.text != ",":
                _fail(token, f"{_said(token)} where ',' or '}}' is expected")


@dataclass(frozen=True, slots=True)
class _Raw:
    """Values before it is known of which kind they are."""

    tokens: tuple[_Token, ...]
    many: bool


def _operators() -> dict[str, Operator]:
    """Every operator by its name in lower case."""
    made: list[Operator] = []
    for negated in (False, True):
        made += (Operator(family, Relation.EQUALS, negated) for family in Family)
        for relation in (Relation.EQUALS, Relation.STARTS, Relation.LIKE):
            made += (Operator(Family.STRING, relation, negated, fold) for fold in (False, True))
    made += (Operator(family, one) for family in (Family.NUMERIC, Family.DATETIME) for one in _ORDERED)
    return {str(one).lower(): one for one in made}


_OPERATORS = _operators()
_QUANTIFIERS = {one.value.lower(): one for one in Quantifier}


def _operator(token: _Token) -> tuple[Quantifier | None, Operator]:
    if token.kind != "word":
        _fail(token, f"{_said(token)} where an operator is expected")
    before, colon, name = token.text.lower().rpartition(":")
    operator, quantifier = _OPERATORS.get(name), _QUANTIFIERS.get(before)
    if operator is None or (colon and quantifier is None):
        _fail(token, f"{token.text!r} is no operator")
    return quantifier, operator


def _typed(side: Attribute | _Raw, operator: Operator) -> Operand:
    if isinstance(side, Attribute):
        return side
    return Values(tuple(_value(token, operator) for token in side.tokens), side.many)


def _value(token: _Token, operator: Operator) -> Value:
    """A value of the kind that an operator compares."""
    # Other values than texts may stand without quotes.
    quoted = token.kind == "text" or operator.family is not Family.STRING
    found = typed(token.text, operator.family) if quoted else None
    if found is None:
        _fail(token, f"{_said(token)} is no value for {operator}")
    return found


def typed(text: str, family: Family) -> Value | None:
    """A text as a value of a kind, or None where it is none."""
    if family is Family.STRING:
        return text
    if family is Family.NUMERIC:
        return int(text) if re.fullmatch(r"-?[0-9]{1,19}", text) else None
    if family is Family.DATETIME:
        return parse_moment(text)
    if family is Family.BOOL:
        return {"true": True, "false": False}.get(text.lower())
    return guid(text)
