"""What several patterns make of all texts together: the cells into which they cut them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .beside import Beside
from .budget import Budget, TooManyStatesError
from .pattern import Pattern, Wild


@dataclass(frozen=True, slots=True)
class Cell:
    """Texts that match the same of several patterns: which of them, and a shortest such text."""

    matched: tuple[bool, ...]
    witness: str


_STEPS = 20
"""Letters tried per state of a budget: patterns that name more of them everywhere have fewer states for it."""
_LIGHT = 1_024
"""Places that are walked at the cost of one letter."""


def regions(patterns: Sequence[Pattern], *, budget: int = 20_000, shared: Budget | None = None) -> list[Cell]:
    """Every combination of matched and unmatched patterns that some text has, each with a shortest text.

    The subset construction over all patterns at once, built only as far as it is reached, breadth first.

    Args:
        patterns: in the order of what a cell tells.
        budget: how many combined states may be reached, and twenty times as many letters tried.
        shared: what several calls may cost together, in the same states; what is known from before costs the same.

    Raises:
        TooManyStatesError: it takes more states.
    """
    if shared is not None:
        shared.spend(0)
    known = tuple(dict.fromkeys(patterns))
    cells, cost = _regions(known, budget)
    if shared is not None:
        shared.spend(cost)
    if cells is None:
        raise TooManyStatesError
    if len(known) == len(patterns):
        return list(cells)
    places = {pattern: place for place, pattern in enumerate(known)}
    order = [places[pattern] for pattern in patterns]
    return [Cell(tuple(cell.matched[place] for place in order), cell.witness) for cell in cells]


@lru_cache(maxsize=4096)
def _regions(patterns: tuple[Pattern, ...], budget: int) -> tuple[tuple[Cell, ...] | None, int]:
    """The cells, or None where they are too many; and what finding that out cost, in states."""
    trees, beside, places = _machines_of(patterns)
    separators = {pattern.separator for pattern in patterns}
    other = unnamed(patterns)
    start: _State = (beside.start, *(tree.start for tree in trees))
    texts = {start: ""}
    found: dict[tuple[int, ...], str] = {}
    queue = deque([start])
    left = budget * _STEPS
    weight = 1 + beside.places // _LIGHT
    while queue:
        state = queue.popleft()
        text, mask = texts[state], state[0]
        matched = (mask & beside.accepting, *(tree.matched(one) for tree, one in zip(trees, state[1:], strict=True)))
        found.setdefault(matched, text)
        # Letters that no pattern waits for here lead to the same place, but for the separators.
        awaited = separators.union(beside.awaited(mask))
        for tree, one in zip(trees, state[1:], strict=True):
            awaited.update(tree.awaited(one))
        left -= weight * (len(awaited) + 1)
        if left < 0:
            return None, budget
        for letter in (*sorted(awaited), other):
            led = (tree.step(one, letter) for tree, one in zip(trees, state[1:], strict=True))
            following: _State = (beside.step(mask, letter), *led)
            if following not in texts:
                if len(texts) >= budget:
                    return None, budget
                texts[following] = text + letter
                queue.append(following)
    cells = tuple(Cell(_in_order(trees, beside, matched, places), text) for matched, text in found.items())
    return cells, max(len(texts), budget - left // _STEPS)


_State = tuple[Any, ...]
"""The places of the patterns side by side, and the state of each tree."""


def _machines_of(patterns: Sequence[Pattern]) -> tuple[list[Tree], Beside, list[int]]:
    """Literals and beginnings, of which there may be hundreds, share a tree; all others are walked side by side.

    The places in `patterns` of those follow.
    """
    trees = {fold: Tree(fold) for fold in (False, True)}
    others: list[int] = []
    for place, pattern in enumerate(patterns):
        literal, beginning = pattern.literal, len(pattern.tokens) == 2 and pattern.tokens[1] is Wild.ANY
        if literal is not None or (beginning and pattern.prefix):
            trees[pattern.fold].add(place, pattern.prefix, beginning=literal is None)
        else:
            others.append(place)
    return [tree for tree in trees.values() if tree.places], Beside([patterns[place] for place in others]), others


def _in_order(
    trees: Sequence[Tree], beside: Beside, matched: tuple[int, ...], others: Sequence[int]
) -> tuple[bool, ...]:
    bits = {place: matched[0] & end != 0 for place, end in zip(others, beside.ends, strict=True)}
    for tree, mask in zip(trees, matched[1:], strict=True):
        bits |= {place: mask >> index & 1 == 1 for index, place in enumerate(tree.places)}
    return tuple(bits[place] for place in range(len(bits)))


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


@lru_cache(maxsize=16384)
def _alone(pattern: Pattern) -> Beside:
    return Beside([pattern])


def after(pattern: Pattern, beginning: str) -> int:
    """Where a pattern stands after a beginning of a text: 0 when nothing that begins so matches.

    Beginnings with equal numbers go on alike: the same continuations match.
    """
    machine = _alone(pattern)
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
    machine = _alone(pattern)
    masks = [machine.start]
    for text, common in zip(beginnings, alike, strict=True):
        del masks[common + 1 :]
        mask = masks[-1]
        for letter in text[len(masks) - 1 :]:
            mask = machine.step(mask, letter)
            masks.append(mask)
        yield mask
