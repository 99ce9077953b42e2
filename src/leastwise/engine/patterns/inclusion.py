"""Whether a pattern lies in others, or meets them: literals and beginnings by comparison, the rest by a search.

The search walks a text letter by letter: at one place of each pattern that must match, and at all places at once of
those that must not (their automata side by side in one number). Where it came by before with no more of the latter, it
need not go on; so it ends long before the automata are multiplied out. What it may cost is declared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from .beside import Beside, steps_of, takes
from .budget import Budget, TooManyStatesError
from .cells import Tree, unnamed
from .pattern import INSIDE, REPEATS, Pattern, Token, Wild, example

_PAIR = 200
"""States that comparing two patterns may take."""
_CELLS = 4_000
"""Pairs of places that walking two patterns at once may take; those of names as they occur take hundreds."""

_LIGHT, _HEAVY = 2_000, 300_000
"""What comparing sets of places costs besides the places, and how many places cost as much as a state."""


def lies_in(pattern: Pattern, other: Pattern) -> bool | None:
    """Whether every text of a pattern is one of the other; None where the search would be too long."""
    if other.everything or pattern == other:
        return True
    if pattern.literal is not None and (other.fold or not pattern.fold):
        return other.matches(pattern.literal)
    if pattern.fold and not other.fold:
        return _found_in(pattern, other)
    sides = ((pattern.prefix, other.prefix), (_reversed(pattern), _reversed(other)))
    if other.literal is not None or not all(_reaches(own, needed, fold=other.fold) for own, needed in sides):
        # Next to its literal ends stand wildcards: they take letters that the other does not have there.
        return False
    return True if other.beginning else _found_in(pattern, other)


def meets(pattern: Pattern, other: Pattern) -> bool | None:
    """Whether some text matches both; None where finding out would take too long."""
    if pattern.everything or other.everything:
        return True
    for one, two in ((pattern, other), (other, pattern)):
        if one.literal is not None and (two.fold or not one.fold):
            return two.matches(one.literal)
    fold = pattern.fold or other.fold
    if not _agree(pattern.prefix, other.prefix, fold) or not _agree(_reversed(pattern), _reversed(other), fold):
        return False
    if pattern.beginning and other.beginning and pattern.fold == other.fold:
        return True
    return _met(pattern, other)


def outside(inside: Sequence[Pattern], avoid: Sequence[Pattern], budget: Budget) -> str | None:
    """Some text that all of `inside` match and none of `avoid`, or None when there is none.

    Raises:
        TooManyStatesError: the budget does not suffice.
    """
    for guess in dict.fromkeys(example(one) for one in inside):
        if all(one.matches(guess) for one in inside) and not any(one.matches(guess) for one in avoid):
            return guess
    return _Search(inside, avoid).run(budget)


def _reversed(pattern: Pattern) -> str:
    last = pattern.tokens[-1] if pattern.tokens else ""
    return last[::-1] if isinstance(last, str) else ""


def _reaches(own: str, needed: str, *, fold: bool) -> bool:
    return own.lower().startswith(needed.lower()) if fold else own.startswith(needed)


def _agree(one: str, two: str, fold: bool) -> bool:
    """Whether one is a beginning of the other."""
    if fold:
        one, two = one.lower(), two.lower()
    return one.startswith(two) or two.startswith(one)


@lru_cache(maxsize=1 << 16)
def _found_in(pattern: Pattern, other: Pattern) -> bool | None:
    text = example(pattern)
    if pattern.matches(text) and not other.matches(text):
        return False
    if _spans(pattern, other):
        return True
    try:
        return outside([pattern], [other], Budget(_PAIR)) is None
    except TooManyStatesError:
        return None


def _spans(pattern: Pattern, other: Pattern) -> bool:
    """Whether the other takes in the pattern sign by sign; where it does not, it may still take in every text."""
    if pattern.fold and not other.fold:
        return False

    def taken(step: Token, by: Token) -> bool:
        if isinstance(step, str):
            return takes(by, step, fold=other.fold, separator=other.separator)
        return by is Wild.ANY or by is Wild.ONE or (step in INSIDE and by in INSIDE and one_separator)

    one_separator = pattern.separator == other.separator
    steps, others = steps_of(pattern), steps_of(other)
    stack, seen = [(0, 0)], {(0, 0)}
    while stack and len(seen) < _CELLS:
        place, at = stack.pop()
        if place == len(steps) and at == len(others):
            return True
        if at == len(others):
            continue
        step, by = steps[place] if place < len(steps) else None, others[at]
        repeated = by in REPEATS
        led = [(place, at + 1)] if repeated else []
        if step is not None and (repeated or step not in REPEATS) and taken(step, by):
            led.append((place + 1, at if repeated else at + 1))
        stack += [one for one in led if one not in seen]
        seen.update(led)
    return False


@lru_cache(maxsize=1 << 16)
def _met(pattern: Pattern, other: Pattern) -> bool | None:
    """Walks both patterns at once; where both may repeat, one of them goes on."""
    fold = pattern.fold or other.fold

    def alike(step: Token, by: Token) -> bool:
        if isinstance(step, str) and isinstance(by, str):
            return step == by or (fold and step.lower() == by.lower())
        if isinstance(step, str):
            return by not in INSIDE or step != other.separator
        return not isinstance(by, str) or step not in INSIDE or by != pattern.separator

    steps, others = steps_of(pattern), steps_of(other)
    stack, seen = [(0, 0)], {(0, 0)}
    while stack:
        if len(seen) > _CELLS:
            return None
        place, at = stack.pop()
        if place == len(steps) and at == len(others):
            return True
        step = steps[place] if place < len(steps) else None
        by = others[at] if at < len(others) else None
        repeats, by_repeats = step in REPEATS, by in REPEATS
        led = [(place + 1, at)] if repeats else []
        if by_repeats:
            led.append((place, at + 1))
        if step is not None and by is not None and not (repeats and by_repeats) and alike(step, by):
            led.append((place if repeats else place + 1, at if by_repeats else at + 1))
        stack += [one for one in led if one not in seen]
        seen.update(led)
    return False


class _Walked:
    """One pattern that must match, by places; a repeat is passed without a letter."""

    def __init__(self, pattern: Pattern) -> None:
        self._steps = steps_of(pattern)
        self._fold, self._separator = pattern.fold, pattern.separator
        self._reached: dict[int, tuple[int, ...]] = {}
        self._next: dict[tuple[int, str], tuple[int, ...]] = {}

    def _from(self, place: int) -> tuple[int, ...]:
        known = self._reached.get(place)
        if known is None:
            last = place
            while last < len(self._steps) and self._steps[last] in REPEATS:
                last += 1
            known = self._reached[place] = tuple(range(place, last + 1))
        return known

    def ends(self, place: int) -> bool:
        """Whether the pattern matches where the text ends here."""
        return self._from(place)[-1] == len(self._steps)

    def awaited(self, place: int) -> tuple[set[str], bool]:
        """The letters that are named here, and whether others go on too."""
        letters: set[str] = set()
        wild = False
        for one in self._from(place):
            step = self._steps[one] if one < len(self._steps) else None
            if isinstance(step, str):
                letters |= set(step.lower() + step.upper()) if self._fold else {step}
            wild |= isinstance(step, Wild)
        return letters, wild

    def step(self, place: int, letter: str) -> tuple[int, ...]:
        """The places that a letter leads to."""
        known = self._next.get((place, letter))
        if known is None:
            known = self._next[place, letter] = tuple(dict.fromkeys(self._moved(place, letter)))
        return known

    def _moved(self, place: int, letter: str) -> Iterator[int]:
        for one in self._from(place):
            step = self._steps[one] if one < len(self._steps) else None
            if step is not None and takes(step, letter, fold=self._fold, separator=self._separator):
                yield one if step in REPEATS else one + 1


_State = tuple[tuple[int, ...], tuple[tuple[int, int], ...], int]


class _Search:
    """Breadth first, so that the text found is a shortest one."""

    def __init__(self, inside: Sequence[Pattern], avoid: Sequence[Pattern]) -> None:
        self._walked = [_Walked(one) for one in inside]
        self._trees = [Tree(fold) for fold in (False, True)]
        others = []
        for place, pattern in enumerate(avoid):
            if pattern.literal is None and not pattern.beginning:
                others.append(pattern)
            else:
                self._trees[pattern.fold].add(place, pattern.prefix, beginning=pattern.literal is None)
        self._trees = [tree for tree in self._trees if tree.places]
        self._avoided = Beside(others)
        self._separators = {one.separator for one in (*inside, *others)}
        self._other = unnamed((*inside, *avoid))
        self._seen: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
        self._extra = 0
        self._begun = any(pattern.beginning and not pattern.prefix for pattern in avoid)

    def run(self, budget: Budget) -> str | None:
        """Such a text, or None. Raises TooManyStatesError."""
        start: _State = (
            (0,) * len(self._walked), tuple((0, 0) for _ in self._trees), self._avoided.start
        )  # fmt: skip
        if self._begun:
            return None
        queue = deque([("", start)])
        self._new(start)
        while queue:
            text, state = queue.popleft()
            budget.spend(1 + self._extra)
            self._extra = 0
            if self._found(state):
                return text
            for letter in self._letters(state):
                queue.extend((text + letter, following) for following in self._following(state, letter))
        return None

    def _found(self, state: _State) -> bool:
        places, nodes, mask = state
        return (
            all(one.ends(place) for one, place in zip(self._walked, places, strict=True))
            and not mask & self._avoided.accepting
            and not any(tree.matched(node) for tree, node in zip(self._trees, nodes, strict=True))
        )

    def _letters(self, state: _State) -> list[str]:
        places, nodes, mask = state
        named: set[str] = set()
        for one, place in zip(self._walked, places, strict=True):
            letters, wild = one.awaited(place)
            if not wild:
                return sorted(letters)
            named |= letters
        for tree, node in zip(self._trees, nodes, strict=True):
            named.update(tree.awaited(node))
        return [self._other, *sorted(named.union(self._avoided.awaited(mask), self._separators))]

    def _following(self, state: _State, letter: str) -> Iterator[_State]:
        places, nodes, mask = state
        moved = [one.step(place, letter) for one, place in zip(self._walked, places, strict=True)]
        if not all(moved):
            return
        led = tuple(tree.step(node, letter) for tree, node in zip(self._trees, nodes, strict=True))
        if any(begun for _, begun in led):
            return
        following = self._avoided.step(mask, letter)
        for one in product(*moved):
            if self._new((one, led, following)):
                yield one, led, following

    def _new(self, state: _State) -> bool:
        """Whether a state is worth a look: none was there before that had to avoid no more."""
        places, nodes, mask = state
        known = self._seen.setdefault((places, tuple(node for node, _ in nodes)), [])
        self._extra += len(known) * (self._avoided.places + _LIGHT) // _HEAVY
        if any(one & ~mask == 0 for one in known):
            return False
        known.append(mask)
        return True
