"""How a vendor writes patterns: a dialect is a value, declared by the provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from .pattern import SEPARATOR, Pattern, Token, Wild, join

_WITHIN = {Wild.ANY: Wild.ANY_WITHIN, Wild.ONE: Wild.ONE_WITHIN}


@lru_cache(maxsize=64)
def _read(many: str, one: str) -> tuple[dict[str, Wild], re.Pattern[str]]:
    """The wildcards of signs, and what splits a text at them."""
    signs = {sign: wild for sign, wild in ((many, Wild.ANY), (one, Wild.ONE)) if sign}
    return signs, re.compile(f"([{re.escape(''.join(signs))}])")


class Stand(Enum):
    """Where a sign is a wildcard; elsewhere it is a letter."""

    ANYWHERE = "anywhere"
    END = "as the last letter"
    FIRST = "as the whole first segment of several"
    WHOLE = "as the whole text"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How texts are read as patterns.

    Args:
        separator: the letter between segments.
        fold: compared without case.
        many: the sign for any number of characters; empty for none.
        one: the sign for exactly one; empty for none.
        fixed: in so many first segments wildcards stay inside; what follows is one segment that they cross. None when
            they stay inside all of them. A text that is nothing but the sign for many takes everything.
        stands: where a sign is a wildcard.
        begins: only a text that begins so has segments; in another, wildcards take everything.
        completes: a text of fewer segments than `fixed` and one more stands for everything that it begins: its last
            wildcard for many crosses segments, and segments that are not there are any.
        escape: the letter before a sign that makes it a letter; empty for none.
    """

    separator: str = SEPARATOR
    fold: bool = False
    many: str = "*"
    one: str = ""
    fixed: int | None = 0
    stands: frozenset[Stand] = frozenset({Stand.ANYWHERE})
    begins: str = ""
    completes: bool = False
    escape: str = ""

    def pattern(self, text: str) -> Pattern:
        """The pattern that a text writes."""
        return self.of(self.tokens(text))

    def below(self, text: str) -> tuple[Pattern, ...]:
        """The patterns of a text and of all that lies below it, whole segments down."""
        tokens = self.tokens(text)
        if text.endswith(self.separator):
            return (Pattern((*self.of(tokens).tokens, Wild.ANY), self.fold, self.separator),)
        own = self.of(tokens)
        return own, Pattern(join((*own.tokens, self.separator, Wild.ANY)), self.fold, self.separator)

    def tokens(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text, its wildcards not yet bound to segments; for `of`."""
        return join(self._signs(text)) if self._has_signs(text) else (text,) if text else ()

    def of(self, tokens: tuple[Token, ...]) -> Pattern:
        """The pattern of tokens; literal ones may come from elsewhere, and are no wildcards whatever they hold."""
        whole = tokens == (Wild.ANY,)
        first = tokens[0] if tokens else ""
        if (
            whole
            or self.fixed == 0
            or not ((isinstance(first, str) and first.startswith(self.begins)) or not self.begins)
        ):
            return Pattern(join(tokens), self.fold, self.separator)
        segments = self.segments(tokens)
        short = self.completes and self.fixed is not None and len(segments) <= self.fixed
        built: list[Token] = []
        for place, segment in enumerate(segments):
            built += [self.separator] if place else []
            open_end = short and place == len(segments) - 1 and segment[-1:] == [Wild.ANY]
            across = open_end or (self.fixed is not None and place >= self.fixed)
            built += segment if across else [_WITHIN.get(t, t) if isinstance(t, Wild) else t for t in segment]
        if short and built[-1:] != [Wild.ANY]:
            built += [self.separator, Wild.ANY]
        return Pattern(join(built), self.fold, self.separator)

    def segments(self, tokens: tuple[Token, ...]) -> list[list[Token]]:
        """The tokens of each segment; the one behind the fixed segments takes the rest."""
        segments: list[list[Token]] = [[]]
        for token in tokens:
            if isinstance(token, Wild):
                segments[-1].append(token)
                continue
            most = -1 if self.fixed is None else self.fixed + 1 - len(segments)
            for place, part in enumerate(token.split(self.separator, most) if most else [token]):
                if place:
                    segments.append([])
                if part:
                    segments[-1].append(part)
        return segments

    def _has_signs(self, text: str) -> bool:
        many, one, escape = self.many, self.one, self.escape
        return bool((many and many in text) or (one and one in text) or (escape and escape in text))

    def _signs(self, text: str) -> Iterator[Token]:
        signs, between = _read(self.many, self.one)
        if Stand.ANYWHERE in self.stands and not self.escape:
            for part in between.split(text):
                yield signs.get(part, part)
            return
        place = 0
        while place < len(text):
            letter = text[place]
            following = text[place + 1 : place + 2]
            if self.escape and letter == self.escape and following and following in (*signs, self.escape):
                yield following
                place += 2
                continue
            yield signs[letter] if letter in signs and self._stands(text, place) else letter
            place += 1

    def _stands(self, text: str, place: int) -> bool:
        """Whether a sign at a place is a wildcard."""
        return (
            Stand.ANYWHERE in self.stands
            or (Stand.END in self.stands and place == len(text) - 1)
            or (Stand.WHOLE in self.stands and len(text) == 1)
            or (Stand.FIRST in self.stands and place == 0 and text[1:2] == self.separator)
        )
