"""Where something stands in a text, and what cannot be read there."""

from __future__ import annotations

DEEPEST = 100
"""So many brackets or blocks deep anything is read: no code of people nests as far, and Python's stack ends."""


class Malformed(Exception):
    """A text that does not follow its syntax: at which offset, and why."""

    def __init__(self, offset: int, cause: str) -> None:
        super().__init__(cause)
        self.offset, self.cause = offset, cause


class Refused(Exception):
    """A change of code that is not made, with the reason as one short clause."""


def line_of(text: str, offset: int) -> int:
    """The line of an offset, counted from 1."""
    return text.count("\n", 0, offset) + 1


def place_of(text: str, offset: int) -> str:
    """`line 3, column 7` of an offset."""
    begin = text.rfind("\n", 0, offset) + 1
    return f"line {line_of(text, offset)}, column {offset - begin + 1}"


def indent_of(text: str, offset: int) -> str:
    """The blanks that the line of an offset begins with."""
    begin = text.rfind("\n", 0, offset) + 1
    end = begin
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[begin:end]


def line_end_of(text: str) -> str:
    """How lines of a text end: as its first line does."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
