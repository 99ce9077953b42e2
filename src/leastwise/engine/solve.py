"""Whether a formula can hold, must hold, or depends; decided jointly over the values that each variable can have.

Variables are independent of each other, but for those that one atom reads together. The values of one variable (or of
several that atoms tie together) fall into finitely many *worlds*: which of its atoms are true together. The provider
says which worlds exist; here they are combined.

What was not read is an atom as well, a `Gap`. Its direction is where it stands: beside what allows it can only help,
under what denies it can only harm, and in both it can do either. It is taken for us and against us; what comes out
alike is sure. A document that may allow and deny is two gaps, for it may also do neither. In a difference of two
formulas equal gaps are one unknown; gaps of the same name but of two (`of`) are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum

from .formula import All, Atom, Either, Formula, Literal, Node, all_of, any_of, assign, literals, negate
from .parting import apart, tied
from .patterns import Budget, TooManyStatesError

World = frozenset[Atom]
"""The atoms of one variable that are true together; its others are false."""
Worlds = Callable[[str, Collection[Atom]], Sequence[World] | None]
"""The worlds of a variable for these atoms, or None when there are too many to list."""
Clause = frozenset[Literal]
Model = dict[str, tuple[frozenset[Atom], World]]
"""For each variable, the atoms that were asked of it and the world chosen among them."""


class Loose(tuple[World, ...]):
    """Worlds among which are all that exist, and perhaps some that do not: what they leave open may be decided."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not read: whether it stands in the way, or helps, is not known.

    Args:
        name: what it is.
        of: for whom it is asked what it says, where it may say another thing of somebody else; else empty.
        denies: whether it stands for what a document may deny, of one that may also allow.
    """

    name: str
    of: str = ""
    denies: bool = False

    @property
    def variable(self) -> str:
        """A variable of its own."""
        return f"gap:{self.denies}:{self.of}:{self.name}"


class Outcome(Enum):
    """What is known of a formula."""

    ALWAYS = "always"
    NEVER = "never"
    DEPENDS = "depends"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome; `certain` is the formula with every gap taken against us.

    `exact` is False above the budget, and where an answer that depends rests on worlds that may not exist.
    """

    outcome: Outcome
    certain: Formula
    gaps: frozenset[str] = frozenset()
    exact: bool = True


_MANY_GAPS = 16
"""Of so many gaps it is found out which matter."""
_WIDEST = 400
"""Literals of a formula of which alternatives are listed; nobody reads more."""
_DEEPEST = 200
"""Variables that are tried within one another."""
_STEPS = 20_000
"""Partial formulas that are tried in one search; those of real policies try ten."""
_LISTING = 4_000
"""The same for all searches that list the alternatives of one formula; those of real policies try a few hundred."""
_LISTINGS = 6_000
"""The same for all formulas of which one solver lists the alternatives."""
_LITERALS = 2
"""Deciding so many literals costs as much as a partial formula."""


class OverBudgetError(Exception):
    """More combinations than declared would have to be tried."""


class Solver:
    """Decides formulas over one set of worlds; keeps what it learnt for the next formula.

    Args:
        worlds: the worlds of a variable.
        budget: how many partial formulas are tried before giving up.
        quick: some worlds of a variable that are cheap to find, or None for those that are cheap anyway. What they make
            true can be true; only when they do not suffice are all worlds asked for.
        states: what finding worlds may cost for one question to the solver; `worlds` spends it.
    """

    def __init__(
        self, worlds: Worlds, *, budget: int = _STEPS, quick: Worlds | None = None, states: Budget | None = None
    ) -> None:
        self._source = worlds
        self._quick = quick
        self._budget = budget
        self._states = states or Budget(0)
        self._most_states = self._states.left
        self._worlds: dict[tuple[str, frozenset[Atom]], Sequence[World]] = {}
        self._cheap: dict[tuple[str, frozenset[Atom]], Sequence[World]] = {}
        self._widest: dict[str, frozenset[Atom]] = {}
        self._wide: defaultdict[str, list[frozenset[Atom]]] = defaultdict(list)
        self._too_many: defaultdict[str, list[frozenset[Atom]]] = defaultdict(list)
        self._loose = self._asked = self._listing = False
        self._left, self._listings = Budget(budget), _LISTINGS

    def verdict(self, formula: Formula, among: Formula = True) -> Verdict:
        """What is known of the formula where `among` (which has no gaps) holds, its gaps taken both ways.

        A gap that speaks for and against at once, as in a difference of two formulas, is the same unknown in both.
        """
        self._loose = False
        with self._one_question():
            return self._verdict(formula, among)

    def _verdict(self, formula: Formula, among: Formula) -> Verdict:
        found = {(x.atom, x.positive) for x in literals(formula) if isinstance(x.atom, Gap)}
        gaps = frozenset(atom.name for atom, _ in found)
        certain, possible = (with_gaps(formula, value) for value in (False, True)) if gaps else (formula, formula)
        if len(found) > len({atom for atom, _ in found}):
            possible = formula
        try:
            if not self.satisfiable(all_of((possible, among))):
                return Verdict(Outcome.NEVER, False)
            if not self.satisfiable(all_of((negate(certain), among))):
                return Verdict(Outcome.ALWAYS, True)
            if gaps and self.satisfiable(all_of((possible, negate(certain), among))):
                loose = self._loose
                atoms = sorted({atom for atom, _ in found}, key=lambda atom: atom.variable)
                return Verdict(Outcome.UNKNOWN, certain, self._mattering(formula, among, atoms), exact=not loose)
        except OverBudgetError:
            return Verdict(Outcome.UNKNOWN if gaps else Outcome.DEPENDS, certain, gaps, exact=False)
        return Verdict(Outcome.DEPENDS, certain, exact=not self._loose)

    def _mattering(self, formula: Formula, among: Formula, gaps: Sequence[Gap]) -> frozenset[str]:
        """The names of those gaps on which it depends what comes out; of very many, all."""
        names = frozenset(one.name for one in gaps)
        if not 1 < len(gaps) <= _MANY_GAPS:
            return names
        found: set[str] = set()
        for one in gaps:
            helped, harmed = (assign(formula, {one: value}) for value in (True, False))
            differ = any_of((all_of((helped, negate(harmed))), all_of((harmed, negate(helped)))))
            if one.name not in found and self.satisfiable(all_of((differ, among))):
                found.add(one.name)
        return frozenset(found) or names

    def satisfiable(self, formula: Formula) -> bool:
        """Whether some values make it true.

        Raises:
            OverBudgetError: too many combinations.
        """
        return self._search(formula) is not None

    def possible(self, formula: Formula) -> bool:
        """Whether some values may make it true: what would take too long to find out is possible."""
        try:
            return self.satisfiable(formula)
        except OverBudgetError:
            return True

    def model(self, formula: Formula) -> Model | None:
        """Worlds under which the formula is true, of those variables that it depends on; None when there are none.

        Raises:
            OverBudgetError: too many combinations.
        """
        return None if settled(formula) is False else self._search(formula)

    def _search(self, formula: Formula) -> Model | None:
        names = tied(formula)
        with self._one_question():
            for quick in (True, False) if self._quick is not None else (False,):
                if not self._listing:
                    self._left = Budget(self._budget)
                search = _Search(self, names, quick=quick)
                if search.run(formula):
                    return search.chosen
        return None

    @contextmanager
    def _one_question(self, *, listing: bool = False) -> Iterator[None]:
        """What is asked within shares the states that finding worlds may take; for a list also the steps."""
        if self._asked:
            yield
            return
        self._asked, self._listing, self._states.left = True, listing, self._most_states
        most = min(self._budget, _LISTING, self._listings)
        self._left = Budget(most)
        try:
            yield
        finally:
            if listing:
                self._listings = max(0, self._listings - most + self._left.left)
            self._asked = self._listing = False

    def worlds(self, variable: str, atoms: frozenset[Atom], *, quick: bool = False) -> Sequence[World]:
        """The worlds of a variable for these atoms; with `quick`, perhaps only some of them.

        Raises:
            OverBudgetError: there are too many.
        """
        if quick and self._quick is not None:
            some = self._some(variable, atoms)
            if some is not None:
                return some
        if all(isinstance(atom, Gap) for atom in atoms):
            return (atoms, frozenset())
        known = self._worlds.get((variable, atoms))
        if known is None:
            known = self._worlds[variable, atoms] = self._found(variable, atoms)
        self._loose = self._loose or isinstance(known, Loose)
        return known

    def _some(self, variable: str, atoms: frozenset[Atom]) -> Sequence[World] | None:
        """The worlds that are cheap to find; while alternatives are sought, what those of all atoms leave."""
        assert self._quick is not None
        if not self._listing:
            return self._quick(variable, atoms)
        known = self._cheap.get((variable, atoms))
        if known is None:
            widest = self._widest.get(variable, frozenset())
            known = _left_of(self._cheap[variable, widest], atoms) if atoms <= widest else self._quick(variable, atoms)
            if known is not None:
                self._cheap[variable, atoms] = known
        return known

    def _found(self, variable: str, atoms: frozenset[Atom]) -> Sequence[World]:
        """Worlds of these atoms: what those of more atoms leave of them, or new ones."""
        for more in self._wide[variable]:
            if atoms <= more:
                return _left_of(self._worlds[variable, more], atoms)
        # What is too much for some atoms is too much for more.
        if any(fewer <= atoms for fewer in self._too_many[variable]):
            raise OverBudgetError
        found = self._source(variable, atoms)
        if found is None:
            # Where nothing was left, it was not these atoms that took it.
            if self._states.left >= 0:
                self._too_many[variable].append(atoms)
            raise OverBudgetError
        if not isinstance(found, Loose):
            self._wide[variable].append(atoms)
        return found

    def alternatives(self, formula: Formula, *, most: int = 64) -> list[Clause] | None:
        """The formula as alternatives, each a set of literals that together suffice; None when they are too many.

        No alternative has a literal that it does not need, and none is covered by the others.
        """
        if _width(formula) > _WIDEST or not self._listings:
            return None
        try:
            with self._one_question(listing=True):
                self._all_worlds(formula)
                clauses = self._clauses(formula, most)
                if clauses is None:
                    return None
                against = negate(formula)
                needed = {self._shortened(clause, against) for clause in clauses}
                return self._uncovered(sorted(needed, key=lambda c: (len(c), str(sorted(map(repr, c))))))
        except OverBudgetError:
            return None

    def _all_worlds(self, formula: Formula) -> None:
        """Find the worlds of each variable for all of its atoms once, where they are not too many."""
        names, atoms = tied(formula), defaultdict[str, set[Atom]](set)
        for one in literals(formula):
            atoms[names.get(one.atom.variable, one.atom.variable)].add(one.atom)
        self._cheap, self._widest = {}, {}
        for variable, several in atoms.items():
            every = frozenset(several)
            with suppress(OverBudgetError):
                self.worlds(variable, every)
            some = self._quick(variable, every) if self._quick is not None else None
            if some is not None:
                self._widest[variable], self._cheap[variable, every] = every, some

    def _clauses(self, formula: Formula, most: int) -> list[Clause] | None:
        if isinstance(formula, bool):
            return [frozenset()] if formula else []
        if isinstance(formula, Literal):
            return [frozenset({formula})]
        if isinstance(formula, Either):
            gathered: list[Clause] = []
            for part in formula.parts:
                found = self._clauses(part, most)
                if found is None:
                    return None
                gathered += found
            if len(set(gathered)) > most * most:
                return None
            gathered = _absorbed(gathered)
            return gathered if len(gathered) <= most else None
        product: list[Clause] = [frozenset()]
        for part in sorted(formula.parts, key=_width):
            found = self._clauses(part, most)
            if found is None or len(product) * len(found) > most * most:
                return None
            product = _absorbed([a | b for a in product for b in found if self._together(a | b)])
            if len(product) > most:
                return None
        return product

    def spend(self, steps: int) -> None:
        """So many more steps. Raises OverBudgetError."""
        try:
            self._left.spend(steps)
        except TooManyStatesError as error:
            raise OverBudgetError from error

    def _together(self, clause: Clause) -> bool:
        return self.satisfiable(all_of(clause))

    def _shortened(self, clause: Clause, against: Formula) -> Clause:
        for literal in sorted(clause, key=lambda one: (one.positive, repr(one))):
            fewer = clause - {literal}
            if not self.satisfiable(all_of((*fewer, against))):
                clause = fewer
        return clause

    def _uncovered(self, clauses: list[Clause]) -> list[Clause]:
        kept = list(clauses)
        for clause in reversed(clauses):
            others = [other for other in kept if other != clause]
            self.spend(sum(map(len, others)) // _LITERALS)
            if others and not self.satisfiable(all_of((*clause, negate(any_of(all_of(o) for o in others))))):
                kept = others
        return kept


def _left_of(worlds: Sequence[World], atoms: frozenset[Atom]) -> tuple[World, ...]:
    """What worlds of more atoms are for some of these."""
    return tuple(dict.fromkeys(world & atoms for world in worlds))


class _Search:
    """One search for values: alternatives one by one, parts without a common variable each alone, then worlds."""

    def __init__(self, solver: Solver, names: Mapping[str, str], *, quick: bool) -> None:
        self._solver, self._names, self._quick = solver, names, quick
        self._seen: set[Formula] = set()
        self.chosen: Model = {}

    def run(self, formula: Formula, depth: int = 0) -> bool:
        if isinstance(formula, bool):
            return formula
        if formula in self._seen:
            return False
        if depth > _DEEPEST:
            raise OverBudgetError
        self._solver.spend(1)
        if self._holds(formula, depth):
            return True
        self._seen.add(formula)
        return False

    def _holds(self, formula: Node, depth: int) -> bool:
        several = [one.atom for one in literals(formula)]
        self._solver.spend(len(several) // _LITERALS)
        if isinstance(formula, Either):
            return any(self.run(part, depth + 1) for part in sorted(formula.parts, key=_width))
        if isinstance(formula, All):
            parts = apart(formula.parts, self._variable)
            if len(parts) > 1:
                return all(self.run(all_of(part), depth + 1) for part in parts)
        variable = self._next(formula)
        atoms = frozenset(atom for atom in several if self._variable(atom) == variable)
        ahead = [part for part in formula.parts if isinstance(part, Literal)] if isinstance(formula, All) else []
        wanted = frozenset(one.atom for one in ahead if one.positive) & atoms
        barred = frozenset(one.atom for one in ahead if not one.positive)
        for world in self._solver.worlds(variable, atoms, quick=self._quick):
            if not wanted <= world or not barred.isdisjoint(world):
                continue
            self._solver.spend(len(several) // _LITERALS)
            if self.run(assign(formula, {atom: atom in world for atom in atoms}), depth + 1):
                # What other branches left behind is of variables that no longer matter.
                self.chosen[variable] = atoms, world
                return True
        return False

    def _variable(self, atom: Atom) -> str:
        """The variable of an atom, or the one name of those that are decided together with it."""
        return self._names.get(atom.variable, atom.variable)

    def _next(self, formula: Formula) -> str:
        """A variable that must be decided anyway, and has few worlds."""
        ahead = formula.parts if isinstance(formula, All) else (formula,)
        singles = [self._variable(part.atom) for part in ahead if isinstance(part, Literal)]
        if singles:
            return min(singles)
        counts: dict[str, int] = {}
        for literal in literals(formula):
            variable = self._variable(literal.atom)
            counts[variable] = counts.get(variable, 0) + 1
        return min(counts, key=lambda variable: (-counts[variable], variable))


def settled(formula: Formula) -> Formula:
    """The formula with what its lone literals decide put into the rest, whatever worlds there are."""
    while isinstance(formula, All):
        units = {part for part in formula.parts if isinstance(part, Literal)}
        values = {unit.atom: unit.positive for unit in units}
        rest = [assign(part, values) for part in formula.parts if part not in units]
        following = all_of((*units, *rest))
        if following == formula:
            break
        formula = following
    return formula


def with_gaps(formula: Formula, value: bool) -> Formula:
    """The formula with every literal on a gap, negated or not, taken as the value: against us (False) or for us."""
    if isinstance(formula, Literal):
        return value if isinstance(formula.atom, Gap) else formula
    if isinstance(formula, bool):
        return formula
    build = all_of if isinstance(formula, All) else any_of
    return build(with_gaps(part, value) for part in formula.parts)


def renamed(formula: Formula, how: Callable[[Gap], Gap]) -> Formula:
    """The formula with other gaps in the place of its own."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        return Literal(how(formula.atom), formula.positive) if isinstance(formula.atom, Gap) else formula
    build = all_of if isinstance(formula, All) else any_of
    return build(renamed(part, how) for part in formula.parts)


def _absorbed(clauses: list[Clause]) -> list[Clause]:
    kept: list[Clause] = []
    for clause in sorted(set(clauses), key=len):
        if not any(other <= clause for other in kept):
            kept.append(clause)
    return kept


def _width(formula: Formula) -> int:
    return sum(1 for _ in literals(formula))
