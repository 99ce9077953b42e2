"""What regions say of all the texts of one pattern; regions of thousands of patterns by what these begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .formula import All, Formula, Literal, all_of, any_of, negate
from .patterns import SEPARATOR, Inside, Pattern, Region, lies_in, meets


def region_for(region: Region, pattern: Pattern, axis: str) -> Formula:
    """Whether a text that lies in the pattern lies in the region: decided, or a formula over the text."""
    if pattern.literal is not None and not pattern.fold:
        return region.matches(pattern.literal)
    taken: list[Formula] = []
    for one in region.include:
        found = _inside(pattern, one, axis)
        if found is True:
            taken = [True]
            break
        taken.append(found)
    spared = any_of(_inside(pattern, one, axis) for one in region.exclude)
    return all_of((any_of(taken), negate(spared)))


def condition_within(formula: Formula, pattern: Pattern, axis: str) -> Formula:
    """A formula, for texts of an axis that lie in the pattern."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        atom = formula.atom
        if not isinstance(atom, Inside) or atom.axis != axis:
            return formula
        found = _inside(pattern, atom.pattern, axis)
        return found if formula.positive else negate(found)
    build = all_of if isinstance(formula, All) else any_of
    return build(condition_within(part, pattern, axis) for part in formula.parts)


def _inside(pattern: Pattern, other: Pattern, axis: str) -> Formula:
    """Whether a text of one pattern lies in another; what is too long to find out stays a question."""
    if lies_in(pattern, other):
        return True
    return False if meets(pattern, other) is False else Literal(Inside(other, axis))


@dataclass(slots=True)
class _Shelf:
    """Patterns of one region that begin alike: literals by their text, also in lower case where that is all, others."""

    folded: set[str] = field(default_factory=set)
    exact: set[str] = field(default_factory=set)
    literals: list[tuple[str, Pattern]] = field(default_factory=list)
    others: list[Pattern] = field(default_factory=list)

    def add(self, pattern: Pattern) -> None:
        """Put a pattern in."""
        text = pattern.literal
        if text is None:
            self.others.append(pattern)
            return
        self.literals.append((text, pattern))
        if pattern.fold:
            self.folded.add(text.lower())
        else:
            self.exact.add(text)

    @property
    def cased(self) -> bool:
        """Whether one of its patterns is compared with case."""
        return bool(self.exact) or any(not one.fold and not one.everything for one in self.others)

    def takes(self, text: str, lower: str) -> bool:
        """Whether one of its patterns takes in a text."""
        return lower in self.folded or text in self.exact or any(one.matches(text) for one in self.others)

    def about(self, pattern: Pattern, axis: str) -> Iterator[Formula]:
        """Whether a text of a pattern lies in one of its own, for each of these where it may."""
        for text, other in self.literals:
            if pattern.matches(text) or (other.fold and not pattern.fold):
                yield _inside(pattern, other, axis)
        for other in self.others:
            yield _inside(pattern, other, axis)


class Shelved:
    """One region, sorted by the first segments of its patterns; the same for every comparison that it takes part in.

    Args:
        region: the region.
        separator: what ends a first segment.
    """

    def __init__(self, region: Region, separator: str) -> None:
        self.include = _sorted(region.include, separator)
        self.exclude = _sorted(region.exclude, separator)
        sides = [*self.include.values(), *self.exclude.values()]
        self.cased = any(one.cased for one in sides)
        """Whether case decides of some text that it is compared with."""


def separator_of(regions: Iterable[Region]) -> str:
    """What separates segments in the patterns of some regions."""
    found = (one.separator for region in regions for one in (*region.include, *region.exclude))
    return next(found, SEPARATOR)


def _sorted(patterns: Iterable[Pattern], separator: str) -> dict[str | None, _Shelf]:
    found: dict[str | None, _Shelf] = {}
    for one in patterns:
        found.setdefault(_head(one, separator), _Shelf()).add(one)
    return found


def _head(pattern: Pattern, separator: str) -> str | None:
    """The first segment, when the pattern spells it out."""
    head, found, _ = pattern.prefix.partition(separator)
    return head.lower() if found else None


class Shelves:
    """Regions of one axis, by the first segments of their patterns.

    Args:
        regions: the regions; their numbers are their places.
        separator: the one that they were sorted by.
        axis: the axis of their texts.
    """

    def __init__(self, regions: Sequence[Shelved], separator: str, axis: str) -> None:
        self._axis, self._separator = axis, separator
        self._shelves: dict[str | None, list[tuple[int, _Shelf]]] = {}
        for number, region in enumerate(regions):
            # A number for each region, negative for its exclusions.
            for code, side in ((number, region.include), (~number, region.exclude)):
                for head, shelf in side.items():
                    self._shelves.setdefault(head, []).append((code, shelf))
        self._cased = any(one.cased for one in regions)

    def about(self, pattern: Pattern) -> dict[int, Formula]:
        """The regions that texts of the pattern may lie in, each with the formula under which they do."""
        text = pattern.literal
        if text is not None and not (pattern.fold and self._cased):
            return self._about_text(text, _head(pattern, self._separator))
        sure: set[int] = set()
        perhaps: dict[int, list[Formula]] = {}
        for code, found in self._found(pattern):
            if found is True:
                sure.add(code)
            elif found is not False:
                perhaps.setdefault(code, []).append(found)
        answer: dict[int, Formula] = {}
        for number in {code for code in (*sure, *perhaps) if code >= 0}:
            if ~number in sure:
                continue
            taken = number in sure or any_of(perhaps[number])
            formula = all_of((taken, negate(any_of(perhaps.get(~number, ())))))
            if formula is not False:
                answer[number] = formula
        return answer

    def _about_text(self, text: str, head: str | None) -> dict[int, Formula]:
        lower = text.lower()
        near = (one for key in dict.fromkeys((head, None)) for one in self._shelves.get(key, ()))
        codes = sorted({code for code, shelf in near if shelf.takes(text, lower)})
        spared = {~code for code in codes if code < 0}
        return {code: True for code in codes if code >= 0 and code not in spared}

    def _found(self, pattern: Pattern) -> Iterator[tuple[int, Formula]]:
        head = _head(pattern, self._separator)
        keys: Iterable[str | None] = self._shelves if head is None else (head, None)
        for key in keys:
            for code, shelf in self._shelves.get(key, ()):
                yield from ((code, found) for found in shelf.about(pattern, self._axis))
