"""Several patterns walked at once: the places of all of them side by side in one number, a bit each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from .pattern import INSIDE, REPEATS, Pattern, Token


class Beside:
    """The automata of patterns next to each other; a state is the set of places where they can stand.

    Args:
        patterns: in any number; what is compared without case or has another separator stays so.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._rows: list[tuple[Token | None, bool, str]] = []
        self.start = self.accepting = self._skips = 0
        self._longest = 0
        self.ends: list[int] = []
        """The place of each pattern where it has matched, as a bit."""
        for pattern in patterns:
            self._add(pattern)
        self.places = len(self._rows)
        self._moves: dict[str, tuple[int, int]] = {}
        self._named: dict[str, int] | None = None
        self.start = self._passed(self.start)

    def _add(self, pattern: Pattern) -> None:
        self.start |= 1 << len(self._rows)
        run = 0
        for step in steps_of(pattern):
            run = run + 1 if step in REPEATS else 0
            self._longest = max(self._longest, run)
            self._skips |= (1 << len(self._rows)) if run else 0
            self._rows.append((step, pattern.fold, pattern.separator))
        self.ends.append(1 << len(self._rows))
        self.accepting |= self.ends[-1]
        self._rows.append((None, False, ""))

    def _passed(self, mask: int) -> int:
        """From a repeat one may go on without a letter, and from the repeat behind it."""
        for _ in range(self._longest):
            mask |= (mask & self._skips) << 1
        return mask

    def behind(self, letters: int) -> int:
        """The places after so many of the letters that every match of the first pattern begins with."""
        return self._passed(1 << letters)

    def step(self, mask: int, letter: str) -> int:
        """The places after one letter."""
        if not mask:
            return 0
        known = self._moves.get(letter)
        if known is None:
            known = self._moves[letter] = self._moved(letter)
        on, stay = known
        return self._passed((mask & on) << 1 | mask & stay)

    def _moved(self, letter: str) -> tuple[int, int]:
        on = stay = 0
        for row, (step, fold, separator) in enumerate(self._rows):
            if step is not None and takes(step, letter, fold=fold, separator=separator):
                on, stay = (on, stay | 1 << row) if step in REPEATS else (on | 1 << row, stay)
        return on, stay

    def awaited(self, mask: int) -> list[str]:
        """The letters that are named at these places."""
        if self._named is None:
            self._named = {}
            for row, (step, fold, _) in enumerate(self._rows):
                for form in ((*step.lower(), *step.upper()) if fold else step) if isinstance(step, str) else ():
                    self._named[form] = self._named.get(form, 0) | 1 << row
        return [letter for letter, rows in self._named.items() if mask & rows]


def takes(step: Token, letter: str, *, fold: bool, separator: str) -> bool:
    """Whether a letter or wildcard of a pattern takes in a letter."""
    if isinstance(step, str):
        return step == letter or (fold and step.lower() == letter.lower())
    return step not in INSIDE or letter != separator


@lru_cache(maxsize=4096)
def steps_of(pattern: Pattern) -> tuple[Token, ...]:
    """The wildcards and single letters of a pattern."""
    return tuple(step for token in pattern.tokens for step in (token if isinstance(token, str) else (token,)))
