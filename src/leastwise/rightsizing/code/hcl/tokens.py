"""A text as tokens that lie side by side: joined they are the text, whatever it is."""

from __future__ import annotations

import re
from typing import NamedTuple

_CODE = re.compile(
    r"""
      (?P<newline>\r?\n)
    | (?P<space>[ \t\ufeff]+)
    | (?P<comment>(?:\#|//)[^\r\n]*(?:\r(?!\n)[^\r\n]*)*|/\*.*?\*/)
    | (?P<unended>/\*.*)
    | (?P<heredoc><<-?[^\W\d][\w-]*\r?\n)
    | (?P<word>[^\W\d][\w-]*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<quote>")
    | (?P<close>~?\})
    | (?P<sign>&&|\|\||==|!=|<=|>=|=>|\.\.\.|::|[\[\](){<>=+\-*/%!?:,.])
    | (?P<bad>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(
    r"""
      (?P<chunk>(?:[^"\\$%\r\n]|\\[^\r\n]|\$\$\{|%%\{|[$%](?!\{))+)
    | (?P<open>[$%]\{~?)
    | (?P<unquote>")
    | (?P<bad>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LINE = re.compile(
    r"(?P<chunk>(?:[^$%\n]|\$\$\{|%%\{|[$%](?!\{))*\n|(?:[^$%\n]|\$\$\{|%%\{|[$%](?!\{))+)|(?P<open>[$%]\{~?)",
)
_TAG = re.compile(r"[ \t]*([^\W\d][\w-]*)[ \t]*(?=\r?\n|\Z)")


class Token(NamedTuple):
    """A piece of the text.

    Kinds: `newline`, `space`, `comment`, `word`, `number`, `sign`, `quote` and `unquote` with `chunk` (literal text),
    `open` and `close` (of a template) between them, `heredoc` and `ended` likewise, `close` also of a brace;
    `unended` (a comment) and `bad` are of no valid text.
    """

    kind: str
    begin: int
    end: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text, all of it, in time that grows with its length."""
    found: list[Token] = []
    # What encloses: "{" a brace, "$" a template, '"' a quoted string, else the tag of a heredoc.
    within: list[str] = []
    at, end = 0, len(text)
    while at < end:
        mode = within[-1] if within else "{"
        token = _code(text, at, within) if mode in "{$" else _literal(text, at, within)
        found.append(token)
        at = token.end
    return found


def _code(text: str, at: int, within: list[str]) -> Token:
    match = _CODE.match(text, at)
    assert match is not None
    kind = str(match.lastgroup)
    if kind == "quote":
        within.append('"')
    elif kind == "heredoc":
        within.append("<" + match[0].lstrip("<-").rstrip())
    elif match[0] == "{":
        within.append("{")
    elif kind == "close" and within:
        within.pop()
    return Token(kind, at, match.end())


def _literal(text: str, at: int, within: list[str]) -> Token:
    mode = within[-1]
    if mode != '"' and text[at - 1] == "\n":
        tag = _TAG.match(text, at)
        if tag and tag[1] == mode[1:]:
            within.pop()
            return Token("ended", at, tag.end())
    match = (_QUOTED if mode == '"' else _LINE).match(text, at)
    assert match is not None
    kind = str(match.lastgroup)
    if kind == "open":
        within.append("$")
    elif kind == "unquote":
        within.pop()
    return Token(kind, at, match.end())
