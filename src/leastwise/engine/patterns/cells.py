"""What several patterns make of all texts together: the cells into which they cut them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .pattern import INSIDE, REPEATS, Pattern, Token, Wild


class TooManyStatesError(Exception):
    """The patterns have more states together than the budget allows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Texts that match the same of several patterns: which of them, and a shortest such text."""

    matched: tuple[bool, ...]
    witness: str


def regions(patterns: Sequence[Pattern], *, budget: int = 20_000) -> list[Cell]:
    """Every combination of matched and unmatched patterns that some text has, each with a shortest text.

    The subset construction over all patterns at once, built only as far as it is reached, breadth first.

    Raises:
        TooManyStatesError: more than `budget` combined states were reached.
    """
    return list(_regions(tuple(patterns), budget))


@lru_cache(maxsize=4096)
def _regions(patterns: tuple[Pattern, ...], budget: int) -> tuple[Cell, ...]:
    machines: list[Any] = [*machines_of(patterns)]
    separators = {pattern.separator for pattern in patterns}
    other = unnamed(patterns)
    start = tuple(machine.start for machine in machines)
    texts = {start: ""}
    found: dict[tuple[int, ...], str] = {}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        text = texts[state]
        found.setdefault(tuple(machine.matched(one) for machine, one in zip(machines, state, strict=True)), text)
        # Letters that no pattern waits for here lead to the same place, but for the separators.
        awaited = set().union(*(machine.awaited(one) for machine, one in zip(machines, state, strict=True)))
        for letter in (*sorted(awaited | separators), other):
            following = tuple(machine.step(one, letter) for machine, one in zip(machines, state, strict=True))
            if following not in texts:
                if len(texts) >= budget:
                    raise TooManyStatesError
                texts[following] = text + letter
                queue.append(following)
    places = [place for machine in machines for place in machine.places]
    order = sorted(range(len(places)), key=places.__getitem__)
    return tuple(Cell(_in_order(machines, matched, order), text) for matched, text in found.items())


def machines_of(patterns: Sequence[Pattern]) -> list[_Machine | Tree]:
    """Literals and beginnings, of which there may be hundreds, share one machine; each other pattern has its own."""
    trees = {fold: Tree(fold) for fold in (False, True)}
    machines: list[_Machine | Tree] = []
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


def unnamed(patterns: Iterable[Pattern]) -> str:
    """A letter that no pattern names, and that separates in none."""
    named: set[str] = set()
    for pattern in patterns:
        named.add(pattern.separator)
        for token in pattern.tokens:
            if isinstance(token, str):
                named.update(token.lower() + token.upper() if pattern.fold else token)
    return next(letter for letter in map(chr, _candidates()) if letter not in named)


def _candidates() -> Iterable[int]:
    yield from range(ord("a"), ord("z") + 1)
    yield from range(ord("0"), ord("9") + 1)
    yield from range(0x100, 0x10000)


class Tree:
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

    __slots__ = ("_awaited", "_closures", "_fold", "_known", "_separator", "_steps", "accepting", "places", "start")

    def __init__(self, place: int, pattern: Pattern) -> None:
        self.places = [place]
        self._fold, self._separator = pattern.fold, pattern.separator
        self._steps: list[Token] = [
            step for token in pattern.tokens for step in (token if isinstance(token, str) else (token,))
        ]
        count = len(self._steps)
        self.accepting = 1 << count
        # From a repeat one may go on without a letter.
        self._closures = [1 << position for position in range(count + 1)]
        for position in range(count - 1, -1, -1):
            if self._steps[position] in REPEATS:
                self._closures[position] |= self._closures[position + 1]
        self._known: dict[tuple[int, str], int] = {}
        self._awaited: dict[int, frozenset[str]] = {}
        self.start = self._closures[0]

    def behind(self, letters: int) -> int:
        """The positions after so many of the letters that every match begins with."""
        return self._closures[letters]

    def awaited(self, mask: int) -> frozenset[str]:
        """The letters that lead on from a literal position."""
        known = self._awaited.get(mask)
        if known is None:
            steps = [self._steps[position] for position in bits(mask) if position < len(self._steps)]
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
        for position in bits(mask):
            if position == len(self._steps):
                continue
            step = self._steps[position]
            if isinstance(step, str):
                if step == letter or (self._fold and step.lower() == letter.lower()):
                    moved |= self._closures[position + 1]
            elif step not in INSIDE or letter != self._separator:
                moved |= self._closures[position if step in REPEATS else position + 1]
        return moved


def bits(mask: int) -> Iterator[int]:
    """The places of the bits of a number, lowest first."""
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
    mask, rest = machine.start, beginning
    if not pattern.fold and beginning.startswith(pattern.prefix):
        mask, rest = machine.behind(len(pattern.prefix)), beginning[len(pattern.prefix) :]
    for letter in rest:
        if not mask:
            break
        mask = machine.step(mask, letter)
    return mask


def shared(texts: Iterable[str]) -> Iterator[int]:
    """How many letters each text begins with as the one before does; none for the first."""
    before = ""
    for text in texts:
        pairs = enumerate(zip(before, text, strict=False))
        yield next((place for place, (one, other) in pairs if one != other), min(len(before), len(text)))
        before = text


def after_each(pattern: Pattern, beginnings: Sequence[str], alike: Sequence[int]) -> Iterator[int]:
    """Where a pattern stands after each of several beginnings, as `after` tells; neighbours are walked together.

    Args:
        pattern: compared with all of them.
        beginnings: best in order.
        alike: how many letters of each are those of the one before, as `shared` tells.
    """
    machine = _machine(pattern)
    masks = [machine.start]
    for text, common in zip(beginnings, alike, strict=True):
        del masks[common + 1 :]
        mask = masks[-1]
        for letter in text[len(masks) - 1 :]:
            mask = machine.step(mask, letter)
            masks.append(mask)
        yield mask
