"""A formula about many resources, cut into regions: where, but not where, and what must hold there besides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leastwise.engine.formula import All, Atom, Either, Formula, Literal, Node, all_of, any_of, literals
from leastwise.engine.patterns import Pattern

from ..evaluate.operators import Condition
from ..evaluate.statements import Covers
from .overlap import apart, inside, narrowest

_MOST_WIDE, _MOST_CUT = 512, 12
"""Into so many regions a formula is cut by patterns that it asks for, and each of these by those that it excludes."""
_MOST_TRIED = 4_096


@dataclass(frozen=True, slots=True)
class Clause:
    """One alternative of a formula.

    Args:
        among: patterns all of which take the resource in; none for any resource.
        without: patterns none of which may.
        rest: what must hold besides; it may still test the resource where cutting further would make too many regions.
    """

    among: tuple[Pattern, ...]
    without: tuple[Pattern, ...]
    rest: Formula

    @property
    def region(self) -> Formula:
        """The resource's part as a formula."""
        inside_all = [Literal(Covers(one)) for one in self.among]
        return all_of((*inside_all, *(Literal(Covers(one), False) for one in self.without)))


_Cut = dict[tuple[Pattern, ...], Formula]
"""What must hold besides, by the patterns that all take the resource in."""


def clauses(formula: Formula, target: Pattern) -> list[Clause]:
    """The alternatives of a formula about the resources of a pattern: it holds where one of them does."""
    start: tuple[Pattern, ...] = () if target.everything else (target,)
    found = []
    for among, rest in _cut(formula, {start: True}).items():
        found += [_settled(among, one) for one in _without(_decided(rest, among))]
    return [one for one in found if one.rest is not False]


def _cut(formula: Formula, within: _Cut) -> _Cut:
    """The formula in each of some regions, cut further where it asks for a region."""
    if isinstance(formula, Literal) and isinstance(formula.atom, Covers) and formula.positive:
        return _united((narrowest((*among, formula.atom.pattern)), rest) for among, rest in within.items())
    if isinstance(formula, All):
        asking = sorted((part for part in formula.parts if _asks(part)), key=_order)
        plain = all_of(part for part in formula.parts if not _asks(part))
        for part in asking:
            within = _cut(part, within)
        return {among: all_of((rest, plain)) for among, rest in within.items()}
    if isinstance(formula, Either) and _asks(formula):
        asking = sorted((part for part in formula.parts if _asks(part)), key=_order)
        plain = any_of(part for part in formula.parts if not _asks(part))
        if len(within) * len(asking) <= _MOST_TRIED:
            cuts = [_cut(part, within) for part in (plain, *asking) if part is not False]
            if sum(map(len, cuts)) <= max(_MOST_WIDE, len(within)):
                return _united((among, rest) for cut in cuts for among, rest in cut.items())
    return {among: all_of((rest, formula)) for among, rest in within.items()}


def _united(found: Iterable[tuple[tuple[Pattern, ...] | None, Formula]]) -> _Cut:
    gathered: dict[tuple[Pattern, ...], list[Formula]] = {}
    for among, rest in found:
        if among is not None and rest is not False:
            gathered.setdefault(among, []).append(rest)
    return {among: any_of(rests) for among, rests in gathered.items()}


def _without(formula: Formula) -> list[Formula]:
    """The formula as alternatives: what excludes resources under a condition only does not stay mixed with it."""
    parts = formula.parts if isinstance(formula, All) else () if isinstance(formula, bool) else (formula,)
    mixed = sorted((part for part in parts if isinstance(part, Either) and _tests(part)), key=_order)
    found = [all_of(part for part in parts if part not in mixed)] if parts else [formula]
    for part in mixed:
        tested = [one for one in part.parts if _tests(one)]
        plain = any_of(one for one in part.parts if not _tests(one))
        ways = [one for one in (plain, *sorted(tested, key=_order)) if one is not False]
        found = (
            [all_of((one, way)) for one in found for way in ways]
            if len(found) * len(ways) <= _MOST_CUT
            else [all_of((one, part)) for one in found]
        )
    return found


def _asks(formula: Formula) -> bool:
    """Whether a formula wants the resource to lie in some pattern."""
    return any(isinstance(one.atom, Covers) and one.positive for one in literals(formula))


def _tests(formula: Formula) -> bool:
    """Whether a formula reads the resource."""
    return any(isinstance(one.atom, Covers) for one in literals(formula))


def _order(part: Formula) -> tuple[int, str]:
    """An order that is the same in every process; what reads few patterns goes first."""
    return sum(isinstance(one.atom, Covers) for one in literals(part)), shown(part)


def shown(formula: Formula) -> str:
    """A text that is equal for equal formulas, in every process."""
    if isinstance(formula, bool):
        return str(formula)
    if isinstance(formula, Literal):
        return f"{'' if formula.positive else 'not '}{_named(formula.atom)}"
    word = "all" if isinstance(formula, All) else "any"
    return f"{word}({', '.join(sorted(map(shown, formula.parts)))})"


def _named(atom: Atom) -> str:
    if isinstance(atom, Covers):
        return str(atom.pattern)
    if isinstance(atom, Condition):
        return f"{atom.shown} {atom.quantifier} {atom.if_exists}"
    return repr(atom)


def _settled(among: tuple[Pattern, ...], rest: Formula) -> Clause:
    """The clause, with the tests of the resource that its own region decides taken as decided."""
    rest = _decided(rest, among)
    parts: Sequence[Node] = ()
    if not isinstance(rest, bool):
        parts = tuple(rest.parts) if isinstance(rest, All) else (rest,)
    without: set[Pattern] = set()
    kept: list[Node] = []
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.atom, Covers) and not part.positive:
            without.add(part.atom.pattern)
        else:
            kept.append(part)
    return Clause(among, tuple(sorted(without, key=str)), all_of(kept) if parts else rest)


def _decided(formula: Formula, among: tuple[Pattern, ...]) -> Formula:
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        if isinstance(formula.atom, Covers):
            pattern = formula.atom.pattern
            if any(inside(one, pattern) for one in among):
                return formula.positive
            if any(apart(one, pattern) for one in among):
                return not formula.positive
        return formula
    build = all_of if isinstance(formula, All) else any_of
    return build(_decided(part, among) for part in formula.parts)
