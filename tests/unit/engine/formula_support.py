"""Formulas over a handful of facts, and what they mean by a truth table."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from leastwise.engine.formula import All, Atom, Formula, Literal, all_of, any_of, negate


@dataclass(frozen=True)
class Fact:
    """A test of one variable: one number of several."""

    variable: str
    number: int


ATOMS: list[Atom] = [Fact("x", 1), Fact("x", 2), Fact("y", 1), Fact("y", 2), Fact("z", 1)]


def formulas(atoms: list[Atom]) -> st.SearchStrategy[Formula]:
    leaves = st.one_of(st.builds(Literal, st.sampled_from(atoms), st.booleans()), st.booleans())
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.builds(all_of, st.lists(parts, max_size=3)), st.builds(any_of, st.lists(parts, max_size=3)),
            st.builds(negate, parts),
        ),
        max_leaves=10,
    )  # fmt: skip


FORMULAS = formulas(ATOMS)


def truth(formula: Formula, world: frozenset[Atom]) -> bool:
    """Whether the formula holds when exactly these atoms do."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        return (formula.atom in world) == formula.positive
    parts = (truth(part, world) for part in formula.parts)
    return all(parts) if isinstance(formula, All) else any(parts)
