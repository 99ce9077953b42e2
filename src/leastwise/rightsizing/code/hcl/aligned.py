"""The `=` of lines that stand together in one column, and their comments, as `terraform fmt` leaves them.

Lines stand together where each is an attribute that ends in its line; see formatCells in
https://github.com/hashicorp/hcl/blob/main/hclwrite/format.go
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .tokens import Token, tokens


@dataclass
class _Line:
    """A line in three cells: what leads, the assignment, the comment; a cell that it has not is None."""

    begin: int
    tokens: list[Token]
    lead: str = ""
    assign: str | None = None
    comment: str | None = None
    opens: bool = False


def aligned(text: str, begin: int, end: int) -> str:
    """A text with the lines between two offsets aligned."""
    found = tokens(text)
    lines = [_cells(text, one) for one in _lines(found, begin, end)]
    _align(lines, assigns=True)
    _align(lines, assigns=False)
    made: list[str] = []
    at = 0
    for line in lines:
        if line.assign is not None or line.comment is not None or line.opens:
            made += [text[at : line.begin], line.lead, line.assign or "", line.comment or ""]
            at = max(one.end for one in line.tokens)
    return "".join(made) + text[at:]


def _lines(found: Sequence[Token], begin: int, end: int) -> list[_Line]:
    lines: list[_Line] = []
    current: list[Token] = []
    for token in found:
        if token.end <= begin or token.begin >= end:
            continue
        if token.kind == "newline":
            lines.append(_Line(current[0].begin if current else token.begin, current))
            current = []
        else:
            current.append(token)
    if current:
        lines.append(_Line(current[0].begin, current))
    return lines


def _cells(text: str, line: _Line) -> _Line:
    """A line with its cells; one that holds several lines of text (a heredoc, a comment) has none and parts the
    others.
    """
    meant = [one for one in line.tokens if one.kind != "space"]
    if not meant or "\n" in text[line.begin : meant[-1].end]:
        return line
    stop = meant[-1].end
    if len(meant) > 1 and meant[-1].kind == "comment":
        line.comment = text[meant[-1].begin : stop]
        meant = meant[:-1]
    line.lead = text[line.begin : meant[-1].end]
    for number, token in enumerate(meant):
        if number and token.kind == "sign" and text[token.begin : token.end] == "=":
            lead, assign = text[line.begin : meant[number - 1].end], text[token.begin : meant[-1].end]
            if sum(_opens(text, one) for one in meant[number:]):
                # It goes on below: it stands in no column.
                line.lead, line.opens = f"{lead} {assign}", True
            else:
                line.lead, line.assign = lead, assign
            break
    return line


def _opens(text: str, token: Token) -> int:
    word = text[token.begin : token.end]
    if token.kind == "open" or (token.kind == "sign" and word in ("{", "[", "(")):
        return 1
    return -1 if token.kind == "close" or (token.kind == "sign" and word in ("]", ")")) else 0


def _align(lines: Sequence[_Line], *, assigns: bool) -> None:
    chain: list[_Line] = []
    for line in [*lines, None]:
        if line is not None and (line.assign if assigns else line.comment) is not None:
            chain.append(line)
            continue
        widths = [len(one.lead) if assigns else len(one.lead + (one.assign or "")) for one in chain]
        for one, width in zip(chain, widths, strict=True):
            blanks = " " * (max(widths) - width + 1)
            if assigns:
                one.assign = blanks + str(one.assign)
            else:
                one.comment = blanks + str(one.comment)
        chain = []
