"""A request that makes a formula true: texts on its axes, and worlds of its conditions.

Texts and conditions are independent of each other. Alternatives are tried one by one as long as texts decide them; what
is left for a conjunction is one search for a text an axis, and one question to the solver of conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .cubes import texts_of
from .formula import All, Either, Formula, Literal, Node, all_of, assign, literals
from .patterns import Budget, Inside, Pattern, Region, outside
from .solve import Model, OverBudgetError, Solver, settled

_Sides = tuple[frozenset[Pattern], frozenset[Pattern]]
"""Patterns that a text lies in, and patterns that it does not lie in."""
_ANY: _Sides = (frozenset(), frozenset())
_DEEPEST = 200
"""Alternatives that are tried within one another."""


@dataclass(frozen=True, slots=True)
class Found:
    """Texts by axis, and worlds by variable for the conditions that matter."""

    texts: Mapping[str, str]
    model: Model


class Search:
    """Looks for requests, within one budget for all formulas.

    Args:
        solver: decides conditions.
        axes: the texts that there are on each axis.
        states: how many states of automata are looked at in all.
        steps: how many partial formulas are tried in all.
    """

    def __init__(self, solver: Solver, axes: Mapping[str, Region], states: int, steps: int) -> None:
        self._solver, self._axes = solver, axes
        self._budget, self._steps = Budget(states), steps
        self._texts: dict[tuple[str, _Sides], str | None] = {}

    def find(self, formula: Formula, depth: int = 0) -> Found | None:
        """A request under which the formula is true, or None when there is none.

        Raises:
            TooManyStatesError: the texts need more states.
            OverBudgetError: the formulas need more steps.
        """
        formula = settled(formula)
        if formula is False:
            return None
        self._steps -= 1
        if self._steps < 0 or depth > _DEEPEST:
            raise OverBudgetError
        parts: frozenset[Node] = frozenset()
        if not isinstance(formula, bool):
            parts = formula.parts if isinstance(formula, All) else frozenset({formula})
        asked, conditions, mixed = _sorted(parts)
        texts: dict[str, str] = {}
        for axis in self._axes:
            text = self._text(axis, asked.get(axis, _ANY))
            if text is None:
                return None
            texts[axis] = text
        # These texts will mostly do, whatever else is asked of them.
        model = self._solver.model(assign(formula, texts_of(formula, texts)))
        if model is not None:
            return Found(texts, model)
        if not mixed or self._solver.model(all_of(conditions)) is None:
            return None
        return self._branches(parts, min(mixed, key=_width), depth)

    def _branches(self, parts: frozenset[Node], chosen: Either, depth: int) -> Found | None:
        rest = parts - {chosen}
        refused: list[Formula] = []
        for part in sorted(chosen.parts, key=_order):
            found = self.find(all_of((*rest, *refused, part)), depth + 1)
            if found is not None:
                return found
            if isinstance(part, Literal):
                refused.append(Literal(part.atom, not part.positive))
        return None

    def _text(self, axis: str, sides: _Sides) -> str | None:
        if (axis, sides) not in self._texts:
            self._texts[axis, sides] = self._sought(self._axes[axis], sides)
        return self._texts[axis, sides]

    def _sought(self, known: Region, sides: _Sides) -> str | None:
        inside, avoid = (sorted(side, key=lambda one: (len(one.tokens), str(one))) for side in sides)
        for whole in known.include:
            found = outside([*inside, whole], [*avoid, *known.exclude], self._budget)
            if found is not None:
                return found
        return None


def _sorted(parts: frozenset[Node]) -> tuple[dict[str, _Sides], list[Node], list[Either]]:
    """Parts of a conjunction: tests of texts by axis, conditions, and alternatives that ask about texts."""
    sides: dict[str, tuple[set[Pattern], set[Pattern]]] = {}
    conditions: list[Node] = []
    mixed: list[Either] = []
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.atom, Inside):
            sides.setdefault(part.atom.axis, (set(), set()))[not part.positive].add(part.atom.pattern)
        elif isinstance(part, Either) and any(isinstance(one.atom, Inside) for one in literals(part)):
            mixed.append(part)
        else:
            conditions.append(part)
    return {axis: (frozenset(inside), frozenset(avoid)) for axis, (inside, avoid) in sides.items()}, conditions, mixed


def _width(formula: Formula) -> int:
    return sum(1 for _ in literals(formula))


def _order(formula: Formula) -> tuple[int, int, str]:
    """What shuts texts out is tried first: there is mostly a text outside."""
    negative = isinstance(formula, Literal) and not formula.positive
    return (not negative, _width(formula), str(formula) if negative else "")
