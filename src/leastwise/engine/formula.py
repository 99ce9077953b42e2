"""Formulas over conditions that are not decided yet: and, or, not, with constants folded away.

A formula is True, False, or one of the frozen nodes below in negation normal form. What an atom means is the
provider's; here it is only known which variable it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Atom(Protocol):
    """A test of one variable, equal to itself by value and hashable."""

    @property
    def variable(self) -> str:
        """The name of what it reads."""


@dataclass(frozen=True, slots=True)
class Literal:
    """An atom, or its negation."""

    atom: Atom
    positive: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: frozenset[Node]


@dataclass(frozen=True, slots=True)
class Either:
    """True when one part is."""

    parts: frozenset[Node]


Node = Literal | All | Either
Formula = bool | Node


def all_of(parts: Iterable[Formula]) -> Formula:
    """The conjunction: constants folded, nested conjunctions flattened, contradictions False."""
    return _joined(parts, All, True)


def any_of(parts: Iterable[Formula]) -> Formula:
    """The disjunction: constants folded, nested disjunctions flattened, tautologies True."""
    return _joined(parts, Either, False)


def _joined(parts: Iterable[Formula], kind: type[All | Either], neutral: bool) -> Formula:
    """Parts joined: the constant `neutral` changes nothing, the other one decides, and so does a pair of opposites.

    A part that another one decides by itself is absorbed: `a or (a and b)` is `a`.
    """
    kept: set[Node] = set()
    for part in parts:
        if isinstance(part, bool):
            if part is not neutral:
                return part
        elif isinstance(part, kind):
            kept.update(part.parts)
        else:
            kept.add(part)
    if len(kept) <= 1:
        return next(iter(kept), neutral)
    if any(isinstance(p, Literal) and Literal(p.atom, not p.positive) in kept for p in kept):
        return not neutral
    other = Either if kind is All else All
    absorbed = [p for p in kept if isinstance(p, other) and not p.parts.isdisjoint(kept)]
    if absorbed:
        kept.difference_update(absorbed)
        if len(kept) == 1:
            return kept.pop()
    return kind(frozenset(kept))


def negate(formula: Formula) -> Formula:
    """The negation, pushed down to the atoms."""
    if isinstance(formula, bool):
        return not formula
    if isinstance(formula, Literal):
        return Literal(formula.atom, not formula.positive)
    if isinstance(formula, All):
        return any_of(negate(part) for part in formula.parts)
    return all_of(negate(part) for part in formula.parts)


def assign(formula: Formula, values: Mapping[Atom, bool]) -> Formula:
    """The formula with some atoms decided."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        value = values.get(formula.atom)
        return formula if value is None else value == formula.positive
    build = all_of if isinstance(formula, All) else any_of
    return build(assign(part, values) for part in formula.parts)


def literals(formula: Formula) -> Iterator[Literal]:
    """Every literal, as often as it stands there."""
    if isinstance(formula, Literal):
        yield formula
    elif not isinstance(formula, bool):
        for part in formula.parts:
            yield from literals(part)
