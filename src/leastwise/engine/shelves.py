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
    """Patterns that begin alike: literals by their text, and others; a number with each, negative for exclusions."""

    literals: list[tuple[str, Pattern, int]] = field(default_factory=list)
    others: list[tuple[Pattern, int]] = field(default_factory=list)


class Shelves:
    """Regions of one axis, sorted by the first segments of their patterns.

    Args:
        regions: the regions; their numbers are their places.
        axis: the axis of their texts.
    """

    def __init__(self, regions: Sequence[Region], axis: str) -> None:
        self._axis = axis
        self._folded: dict[str, list[int]] = {}
        self._exact: dict[str, list[int]] = {}
        self._shelves: dict[str | None, _Shelf] = {}
        first = next((one for region in regions for one in (*region.include, *region.exclude)), None)
        self._separator = first.separator if first is not None else SEPARATOR
        for number, region in enumerate(regions):
            for pattern in region.include:
                self._put(pattern, number)
            for pattern in region.exclude:
                self._put(pattern, ~number)

    def _put(self, pattern: Pattern, code: int) -> None:
        shelf = self._shelves.setdefault(self._head(pattern), _Shelf())
        text = pattern.literal
        if text is None:
            shelf.others.append((pattern, code))
            return
        shelf.literals.append((text, pattern, code))
        if pattern.fold:
            self._folded.setdefault(text.lower(), []).append(code)
        else:
            self._exact.setdefault(text, []).append(code)

    def about(self, pattern: Pattern) -> dict[int, Formula]:
        """The regions that texts of the pattern may lie in, each with the formula under which they do."""
        text = pattern.literal
        if text is not None and not (pattern.fold and self._exact):
            return self._about_text(text, self._head(pattern))
        sure: set[int] = set()
        perhaps: dict[int, list[Formula]] = {}
        for code, found in self._found(pattern):
            if found is True:
                sure.add(code)
            else:
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
        codes = [*self._folded.get(text.lower(), ()), *self._exact.get(text, ())]
        for one in dict.fromkeys((head, None)):
            shelf = self._shelves.get(one)
            if shelf is not None:
                codes += [code for pattern, code in shelf.others if pattern.matches(text)]
        spared = {~code for code in codes if code < 0}
        return {code: True for code in codes if code >= 0 and code not in spared}

    def _found(self, pattern: Pattern) -> Iterator[tuple[int, Formula]]:
        for shelf in self._near(self._head(pattern)):
            for text, other, code in shelf.literals:
                if pattern.matches(text) or (other.fold and not pattern.fold):
                    found = _inside(pattern, other, self._axis)
                    if found is not False:
                        yield code, found
            for other, code in shelf.others:
                found = _inside(pattern, other, self._axis)
                if found is not False:
                    yield code, found

    def _near(self, head: str | None) -> Iterable[_Shelf]:
        if head is None:
            return self._shelves.values()
        return [shelf for one in (head, None) if (shelf := self._shelves.get(one)) is not None]

    def _head(self, pattern: Pattern) -> str | None:
        """The first segment, when the pattern spells it out."""
        head, found, _ = pattern.prefix.partition(self._separator)
        return head.lower() if found else None
