"""Texts against patterns with open parts, in time that grows with their lengths only.

Patterns come out of policies; an expression with many `.*` could be made to run for years.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


class Glob:
    """A pattern that is open between its pieces; in a piece `one` (if given) stands for any one character.

    Args:
        pieces: the texts between the open parts; a single one means that nothing is open.
        least: how many characters an open part takes at least.
        one: the sign for any one character.
    """

    __slots__ = ("_first", "_last", "_least", "_middle", "_single", "_width")

    def __init__(self, pieces: Sequence[str], least: int = 0, one: str = "") -> None:
        self._single = len(pieces) == 1
        self._least, self._width = least, len(pieces[-1])
        first, *middle, last = (_searching(piece, one) for piece in (pieces if len(pieces) > 1 else [pieces[0], ""]))
        self._first, self._middle, self._last = first, middle, last

    def fits(self, text: str) -> bool:
        """Whether the whole text has this form."""
        if self._single:
            return self._first.fullmatch(text) is not None
        found = self._first.match(text)
        if found is None:
            return False
        at = found.end()
        # The leftmost place of each piece leaves the most room for those after it.
        for piece in self._middle:
            found = piece.search(text, at + self._least)
            if found is None:
                return False
            at = found.end()
        end = len(text) - self._width
        return end >= at + self._least and self._last.match(text, end) is not None


def _searching(piece: str, one: str) -> re.Pattern[str]:
    return re.compile("".join("." if sign == one else re.escape(sign) for sign in piece), re.DOTALL)
