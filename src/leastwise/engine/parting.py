"""Which variables of a formula must be decided together: those that one atom reads, and those that parts share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from .formula import Atom, Formula, Node, literals


class _Sets:
    """Variables that belong together."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def top(self, variable: str) -> str:
        """The one variable that stands for all that belong to this one."""
        above = self._above
        while above.setdefault(variable, variable) != variable:
            above[variable] = variable = above[above[variable]]
        return variable

    def join(self, one: str, others: Iterable[str]) -> None:
        """They belong together."""
        for other in others:
            self._above[self.top(other)] = self.top(one)


def tied(formula: Formula) -> dict[str, str]:
    """For variables that atoms read together, the name of their group; an atom tells the `others` that it reads."""
    sets, found = _Sets(), set()
    for literal in literals(formula):
        others: tuple[str, ...] = getattr(literal.atom, "others", ())
        if others:
            found |= {literal.atom.variable, *others}
            sets.join(literal.atom.variable, others)
    return {variable: sets.top(variable) for variable in sorted(found)}


def apart(parts: Collection[Node], named: Callable[[Atom], str]) -> list[list[Node]]:
    """The parts in groups that have no variable in common, those of fewest parts first."""
    sets = _Sets()
    first: list[tuple[str, Node]] = []
    for part in parts:
        one, *others = {named(literal.atom) for literal in literals(part)}
        first.append((one, part))
        sets.join(one, others)
    groups: dict[str, list[Node]] = {}
    for variable, part in first:
        groups.setdefault(sets.top(variable), []).append(part)
    return sorted(groups.values(), key=len)
