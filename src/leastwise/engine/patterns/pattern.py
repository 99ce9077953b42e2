"""Patterns with wildcards: a row of tokens, literal runs and wildcards, and whether a text matches.

How a vendor writes them is a `Dialect`; what stands here knows only tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache


class Wild(Enum):
    """A wildcard: how much it takes, and whether it stops at the pattern's separator."""

    ANY = "any number of characters"
    ONE = "exactly one character"
    ANY_WITHIN = "any number of characters but the separator"
    ONE_WITHIN = "exactly one character but the separator"

    # Members are alone of their kind; the hash of their names, which Enum takes, is slow.
    __hash__ = object.__hash__


Token = str | Wild
SEPARATOR = ":"
"""What separates segments where nothing else is said."""
REPEATS = frozenset({Wild.ANY, Wild.ANY_WITHIN})
INSIDE = frozenset({Wild.ANY_WITHIN, Wild.ONE_WITHIN})


@dataclass(frozen=True)
class Pattern:
    """Tokens in order; `fold` compares without case; `separator` is the one letter at which wildcards within stop."""

    tokens: tuple[Token, ...]
    fold: bool = False
    separator: str = SEPARATOR

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.tokens, self.fold, self.separator))

    @cached_property
    def literal(self) -> str | None:
        """The one text that it matches, when it has no wildcard."""
        if any(isinstance(token, Wild) for token in self.tokens):
            return None
        return "".join(str(token) for token in self.tokens)

    @cached_property
    def prefix(self) -> str:
        """The literal text that every match starts with."""
        first = self.tokens[0] if self.tokens else ""
        return first if isinstance(first, str) else ""

    @cached_property
    def beginning(self) -> bool:
        """Matches every text that begins with its prefix, and no other."""
        return len(self.tokens) - bool(self.prefix) == 1 and self.tokens[-1] is Wild.ANY

    @cached_property
    def everything(self) -> bool:
        """Matches every text."""
        return self.tokens == (Wild.ANY,)

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        if self.literal is not None:
            return self.literal == text or (self.fold and self.literal.lower() == text.lower())
        return _compiled(self.tokens, self.fold, self.separator).match(text) is not None

    def __str__(self) -> str:
        signs = {Wild.ANY: "*", Wild.ANY_WITHIN: "*", Wild.ONE: "?", Wild.ONE_WITHIN: "?"}
        return "".join(token if isinstance(token, str) else signs[token] for token in self.tokens)


def glob(text: str, *, fold: bool = False, separator: str = SEPARATOR) -> Pattern:
    """The pattern of a text in which `*` takes any characters and `?` exactly one."""
    return Pattern(join(_split(text, Wild.ANY, Wild.ONE)), fold, separator)


def example(pattern: Pattern) -> str:
    """A text that matches the pattern and hardly any other: what wildcards take in is a word that nobody uses."""
    return "".join(token if isinstance(token, str) else "~" if token in REPEATS else "_" for token in pattern.tokens)


def exactly(text: str, *, fold: bool = False, separator: str = SEPARATOR) -> Pattern:
    """The pattern that matches this text alone."""
    return Pattern((text,) if text else (), fold, separator)


def tokens_within(text: str) -> Iterable[Token]:
    """The tokens of a text whose wildcards stop at the separator."""
    return _split(text, Wild.ANY_WITHIN, Wild.ONE_WITHIN)


def tokens_across(text: str) -> Iterable[Token]:
    """The tokens of a text whose wildcards take the separator too."""
    return _split(text, Wild.ANY, Wild.ONE)


def join(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Tokens with neighbouring literals joined and neighbouring repeats of one kind made one."""
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1] if joined else None
        if isinstance(token, str):
            if isinstance(last, str):
                joined[-1] = last + token
            elif token:
                joined.append(token)
        elif not (token in REPEATS and last is token):
            joined.append(token)
    return tuple(joined)


def _split(text: str, many: Wild, one: Wild) -> Iterable[Token]:
    for part in re.split(r"([*?])", text):
        if part == "*":
            yield many
        elif part == "?":
            yield one
        elif part:
            yield part


@lru_cache(maxsize=65536)
def _compiled(tokens: tuple[Token, ...], fold: bool, separator: str) -> re.Pattern[str]:
    return re.compile(_body(tokens, re.escape(separator)) + r"\Z", re.DOTALL | (re.IGNORECASE if fold else 0))


def _body(tokens: tuple[Token, ...], barred: str, line: str = "") -> str:
    """A regular expression that never tries a place twice.

    What stands between two repeats is taken where it is first found: that leaves the most room for the rest. This holds
    as long as nothing that takes the separator goes before a repeat that stops at it.

    Args:
        tokens: the tokens of a pattern.
        barred: what wildcards within stop at, as it stands in a class of letters.
        line: what they stop at besides.
    """
    within = f"[^{barred}{line}]"
    signs = {Wild.ANY: ".*", Wild.ONE: ".", Wild.ANY_WITHIN: f"{within}*", Wild.ONE_WITHIN: within}
    pieces: list[tuple[str, str]] = [("", "")]
    for token in tokens:
        if isinstance(token, Wild) and token in REPEATS:
            pieces.append((signs[token], ""))
        else:
            last = signs[token] if isinstance(token, Wild) else re.escape(token)
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + last)
    last_within = max((place for place, token in enumerate(tokens) if token is Wild.ANY_WITHIN), default=0)
    ordered = not any(token in (Wild.ANY, Wild.ONE) for token in tokens[:last_within])
    middle = "".join(f"(?>{repeat}?{rest})" if ordered else repeat + rest for repeat, rest in pieces[1:-1])
    ending = "".join(pieces[-1]) if len(pieces) > 1 else ""
    return pieces[0][1] + middle + ending


def matching_lines(pattern: Pattern, lines: str) -> Iterator[int]:
    """Where the lines begin that match the pattern, each as a whole."""
    if any(isinstance(token, str) and "\n" in token for token in pattern.tokens):
        return iter(())
    body = _body(pattern.tokens, re.escape(pattern.separator), r"\n")
    found = re.compile(f"^{body}$", re.MULTILINE | (re.IGNORECASE if pattern.fold else 0))
    return (one.start() for one in found.finditer(lines))
