"""Patterns with wildcards: matching one text, and what several patterns make of all texts together.

A pattern is a row of tokens: literal runs and wildcards. Dialects (ARN, action, string) are built by the providers;
what stands here knows only tokens.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any


class Wild(Enum):
    """A wildcard: how much it takes, and whether it stops at the pattern's separator."""

    ANY = "any number of characters"
    ONE = "exactly one character"
    ANY_WITHIN = "any number of characters but the separator"
    ONE_WITHIN = "exactly one character but the separator"


Token = str | Wild
SEPARATOR = ":"
_REGEX = {Wild.ANY: ".*", Wild.ONE: ".", Wild.ANY_WITHIN: f"[^{SEPARATOR}]*", Wild.ONE_WITHIN: f"[^{SEPARATOR}]"}
_LINE = {Wild.ANY_WITHIN: f"[^{SEPARATOR}\\n]*", Wild.ONE_WITHIN: f"[^{SEPARATOR}\\n]"}
_REPEATS = frozenset({Wild.ANY, Wild.ANY_WITHIN})
_INSIDE = frozenset({Wild.ANY_WITHIN, Wild.ONE_WITHIN})


@dataclass(frozen=True)
class Pattern:
    """Tokens in order; `fold` compares without case."""

    tokens: tuple[Token, ...]
    fold: bool = False

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
    def everything(self) -> bool:
        """Matches every text."""
        return self.tokens == (Wild.ANY,)

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        if self.literal is not None:
            return self.literal == text or (self.fold and self.literal.lower() == text.lower())
        return _compiled(self.tokens, self.fold).match(text) is not None

    def __str__(self) -> str:
        signs = {Wild.ANY: "*", Wild.ANY_WITHIN: "*", Wild.ONE: "?", Wild.ONE_WITHIN: "?"}
        return "".join(token if isinstance(token, str) else signs[token] for token in self.tokens)


def glob(text: str, *, fold: bool = False) -> Pattern:
    """The pattern of a text in which `*` takes any characters and `?` exactly one."""
    return Pattern(join(_split(text, Wild.ANY, Wild.ONE)), fold)


def example(pattern: Pattern) -> str:
    """A text that matches the pattern and hardly any other: what wildcards take in is a word that nobody uses."""
    return "".join(token if isinstance(token, str) else "~" if token in _REPEATS else "_" for token in pattern.tokens)


def exactly(text: str, *, fold: bool = False) -> Pattern:
    """The pattern that matches this text alone."""
    return Pattern((text,) if text else (), fold)


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
        elif not (token in _REPEATS and last is token):
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
def _compiled(tokens: tuple[Token, ...], fold: bool) -> re.Pattern[str]:
    return re.compile(_body(tokens) + r"\Z", re.DOTALL | (re.IGNORECASE if fold else 0))


def _body(tokens: tuple[Token, ...]) -> str:
    """A regular expression that never tries a place twice.

    What stands between two repeats is taken where it is first found: that leaves the most room for the rest. This holds
    as long as nothing that takes the separator goes before a repeat that stops at it.
    """
    pieces: list[tuple[str, str]] = [("", "")]
    for token in tokens:
        if isinstance(token, Wild) and token in _REPEATS:
            pieces.append((_REGEX[token], ""))
        else:
            pieces[-1] = (
                pieces[-1][0],
                pieces[-1][1] + (_REGEX[token] if isinstance(token, Wild) else re.escape(token)),
            )
    last_within = max((place for place, token in enumerate(tokens) if token is Wild.ANY_WITHIN), default=0)
    ordered = not any(token in (Wild.ANY, Wild.ONE) for token in tokens[:last_within])
    middle = "".join(f"(?>{repeat}?{rest})" if ordered else repeat + rest for repeat, rest in pieces[1:-1])
    last = "".join(pieces[-1]) if len(pieces) > 1 else ""
    return pieces[0][1] + middle + last


def matching_lines(pattern: Pattern, lines: str) -> Iterator[int]:
    """Where the lines begin that match the pattern, each as a whole."""
    if any(isinstance(token, str) and "\n" in token for token in pattern.tokens):
        return iter(())
    body = _body(pattern.tokens).replace(_REGEX[Wild.ANY_WITHIN], _LINE[Wild.ANY_WITHIN])
    body = body.replace(_REGEX[Wild.ONE_WITHIN], _LINE[Wild.ONE_WITHIN])
    found = re.compile(f"^{body}$", re.MULTILINE | (re.IGNORECASE if pattern.fold else 0))
    return (one.start() for one in found.finditer(lines))


# --- what several patterns make of all texts ---------------------------------------------------------------------


class TooManyStatesError(Exception):
    """The patterns have more states together than the budget allows."""


@dataclass(frozen=True, slots=True)
class Region:
    """Texts that match the same of several patterns: which of them, and a shortest such text."""

    matched: tuple[bool, ...]
    witness: str


def regions(patterns: Sequence[Pattern], *, budget: int = 20_000) -> list[Region]:
    """Every combination of matched and unmatched patterns that some text has, each with a shortest text.

    The subset construction over all patterns at once, built only as far as it is reached, breadth first.

    Raises:
        TooManyStatesError: more than `budget` combined states were reached.
    """
    return list(_regions(tuple(patterns), budget))


@lru_cache(maxsize=4096)
def _regions(patterns: tuple[Pattern, ...], budget: int) -> tuple[Region, ...]:
    machines: list[Any] = [*_machines(patterns)]
    other = _unnamed(patterns)
    start = tuple(machine.start for machine in machines)
    texts = {start: ""}
    found: dict[tuple[int, ...], str] = {}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        text = texts[state]
        found.setdefault(tuple(machine.matched(one) for machine, one in zip(machines, state, strict=True)), text)
        # Letters that no pattern waits for here lead to the same place, but for the separator.
        awaited = set().union(*(machine.awaited(one) for machine, one in zip(machines, state, strict=True)))
        for letter in (*sorted(awaited | {SEPARATOR}), other):
            following = tuple(machine.step(one, letter) for machine, one in zip(machines, state, strict=True))
            if following not in texts:
                if len(texts) >= budget:
                    raise TooManyStatesError
                texts[following] = text + letter
                queue.append(following)
    places = [place for machine in machines for place in machine.places]
    order = sorted(range(len(places)), key=places.__getitem__)
    return tuple(Region(_in_order(machines, matched, order), text) for matched, text in found.items())


def _machines(patterns: Sequence[Pattern]) -> list[_Machine | _Tree]:
    """Literals and beginnings, of which there may be hundreds, share one machine; each other pattern has its own."""
    trees = {fold: _Tree(fold) for fold in (False, True)}
    machines: list[_Machine | _Tree] = []
    for place, pattern in enumerate(patterns):
        literal, beginning = pattern.literal, len(pattern.tokens) == 2 and pattern.tokens[1] is Wild.ANY
        if literal is not None or (beginning and pattern.prefix):
            trees[pattern.fold].add(place, pattern.prefix, beginning=literal is None)
        else:
            machines.append(_Machine(place, pattern))
    return [*(tree for tree in trees.values() if tree.places), *machines]


def _in_order(machines: Sequence[Any], matched: tuple[int, ...], order: list[int]) -> tuple[bool, ...]:
    bits = [
        bool(mask >> index & 1)
        for machine, mask in zip(machines, matched, strict=True)
        for index in range(len(machine.places))
    ]
    return tuple(bits[index] for index in order)


def _unnamed(patterns: Sequence[Pattern]) -> str:
    """A letter that no pattern names."""
    named: set[str] = {SEPARATOR}
    for pattern in patterns:
        for token in pattern.tokens:
            if isinstance(token, str):
                named.update(token.lower() + token.upper() if pattern.fold else token)
    return next(letter for letter in map(chr, _candidates()) if letter not in named)


def _candidates() -> Iterable[int]:
    yield from range(ord("a"), ord("z") + 1)
    yield from range(ord("0"), ord("9") + 1)
    yield from range(0x100, 0x10000)


class _Tree:
    """Literals and beginnings as a tree of letters; a state is a node (or none) and what was begun on the way to it."""

    __slots__ = ("_begun", "_children", "_ended", "fold", "places", "start")

    def __init__(self, fold: bool) -> None:
        self.fold = fold
        self.places: list[int] = []
        self._children: list[dict[str, int]] = [{}]
        self._ended = [0]
        self._begun = [0]
        self.start = (0, 0)

    def add(self, place: int, text: str, *, beginning: bool) -> None:
        """One more pattern, by its place among all; its texts are the one given, or all that begin with it."""
        node = 0
        for letter in text.lower() if self.fold else text:
            known = self._children[node].get(letter)
            if known is None:
                known = self._children[node][letter] = len(self._children)
                self._children.append({})
                self._ended.append(0)
                self._begun.append(0)
            node = known
        bit = 1 << len(self.places)
        self.places.append(place)
        if beginning:
            self._begun[node] |= bit
        else:
            self._ended[node] |= bit

    def step(self, state: tuple[int, int], letter: str) -> tuple[int, int]:
        """The state after one letter; node -1 is outside of the tree."""
        node, begun = state
        for one in letter.lower() if self.fold else letter:
            node = -1 if node < 0 else self._children[node].get(one, -1)
            begun |= self._begun[node] if node >= 0 else 0
        return node, begun

    def awaited(self, state: tuple[int, int]) -> Collection[str]:
        """The letters that lead on in the tree."""
        letters = self._children[state[0]].keys() if state[0] >= 0 else ()
        return [form for one in letters for form in (one, *one.upper())] if self.fold else letters

    def matched(self, state: tuple[int, int]) -> int:
        """The patterns that match where the text ends here, a bit each."""
        node, begun = state
        return begun | (self._ended[node] if node >= 0 else 0)


class _Machine:
    """The positions of one pattern as bits; a set of positions is a number."""

    __slots__ = ("_awaited", "_closures", "_fold", "_known", "_steps", "accepting", "places", "start")

    def __init__(self, place: int, pattern: Pattern) -> None:
        self.places = [place]
        self._fold = pattern.fold
        self._steps: list[Token] = [
            step for token in pattern.tokens for step in (token if isinstance(token, str) else (token,))
        ]
        count = len(self._steps)
        self.accepting = 1 << count
        # From a repeat one may go on without a letter.
        self._closures = [1 << position for position in range(count + 1)]
        for position in range(count - 1, -1, -1):
            if self._steps[position] in _REPEATS:
                self._closures[position] |= self._closures[position + 1]
        self._known: dict[tuple[int, str], int] = {}
        self._awaited: dict[int, frozenset[str]] = {}
        self.start = self._closures[0]

    def awaited(self, mask: int) -> frozenset[str]:
        """The letters that lead on from a literal position."""
        known = self._awaited.get(mask)
        if known is None:
            steps = [self._steps[position] for position in _bits(mask) if position < len(self._steps)]
            letters = [step for step in steps if isinstance(step, str)]
            if self._fold:
                letters = [form for letter in letters for form in (*letter.lower(), *letter.upper())]
            known = self._awaited[mask] = frozenset(letters)
        return known

    def step(self, mask: int, letter: str) -> int:
        """The positions after one letter."""
        if not mask:
            return 0
        known = self._known.get((mask, letter))
        if known is None:
            known = self._known[mask, letter] = self._moved(mask, letter)
        return known

    def matched(self, mask: int) -> int:
        """Whether the pattern matches where the text ends here, as one bit."""
        return 1 if mask & self.accepting else 0

    def _moved(self, mask: int, letter: str) -> int:
        moved = 0
        for position in _bits(mask):
            if position == len(self._steps):
                continue
            step = self._steps[position]
            if isinstance(step, str):
                if step == letter or (self._fold and step.lower() == letter.lower()):
                    moved |= self._closures[position + 1]
            elif step not in _INSIDE or letter != SEPARATOR:
                moved |= self._closures[position if step in _REPEATS else position + 1]
        return moved


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


@lru_cache(maxsize=16384)
def _machine(pattern: Pattern) -> _Machine:
    return _Machine(0, pattern)


def after(pattern: Pattern, beginning: str) -> int:
    """Where a pattern stands after a beginning of a text: 0 when nothing that begins so matches.

    Beginnings with equal numbers go on alike: the same continuations match.
    """
    machine = _machine(pattern)
    mask = machine.start
    for letter in beginning:
        if not mask:
            break
        mask = machine.step(mask, letter)
    return mask
