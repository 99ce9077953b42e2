"""A formula with all that is needed to decide it, so that two of them can be taken together.

Keys mean the circumstances of the request: where two sides know different things of a key (the one's user has no MFA
device, the other's has), each is held to what it can be, and both are decided over all that either can be.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from leastwise.engine.formula import All, Atom, Either, Formula, Literal, Node, all_of, any_of, assign, literals, negate
from leastwise.engine.patterns import Pattern
from leastwise.engine.solve import Gap, OverBudgetError, Solver, renamed

from ..evaluate.decide import solver_of
from ..evaluate.facts import Facts, Look, Values, Within
from ..evaluate.operators import Condition, Join, Operator, condition
from ..evaluate.policy import Test
from ..evaluate.statements import Covers, Target
from ..evaluate.worlds import key_worlds
from .clauses import Clause
from .cubes import Part, Placed, cubes_of
from .whereabouts import PLACED, Told, Where, agreed

Known = tuple[Values | Look | Within, tuple[Values | None, ...] | None]
"""What is known of a key: its values or how it is looked at, and all that it can be, where that is little."""
_LIKE = Operator("StringLike", "like")
_OPEN = (Look.UNKNOWN, Look.PRESENT)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A formula about a target; `known` says of each key that it reads what is known.

    Two of them with equal parts are decided alike. `where` tells of patterns of resources where these stand; None where
    that counts for nothing.
    """

    formula: Formula
    known: tuple[tuple[str, Known], ...]
    target: Target
    where: Where | None = None

    @classmethod
    def of(cls, formula: Formula, facts: Facts, target: Target, where: Where | None = None) -> Undecided:
        """The formula of one question."""
        keys = sorted({key for x in literals(formula) for key in _reads(x.atom)})
        return cls(formula, tuple((key, (facts.look(key), facts.choices.get(key))) for key in keys), target, where)

    @classmethod
    def never(cls, target: Target) -> Undecided:
        """The formula that never holds."""
        return cls(False, (), target)

    @classmethod
    def either(cls, found: Sequence[Undecided], target: Target, others: Sequence[Formula] = ()) -> Undecided:
        """One of some formulas about one target must hold."""
        if len(found) == 1 and not others:
            return found[0]
        known, own = _joint(found)
        return cls(any_of((*own, *others)), known, target, _where(found))

    def minus(self, other: Undecided) -> Undecided:
        """Where this holds and the other does not."""
        if self.formula is False or (self.formula, self.known) == (other.formula, other.known):
            return Undecided(False, (), self.target)
        known, (first, second) = _joint((self, other))
        return Undecided(_less(first, second), known, self.target, _where((self, other)))

    def both(self, other: Undecided) -> Undecided:
        """Where both hold."""
        if self == other:
            return self
        known, formulas = _joint((self, other))
        return Undecided(all_of(formulas), known, self.target, _where((self, other)))

    def outside(self, patterns: Sequence[Pattern]) -> Undecided:
        """The same but for the resources of some patterns."""
        formula = all_of((self.formula, *(Literal(Covers(one), False) for one in patterns)))
        return replace(self, formula=formula)

    @property
    def gaps(self) -> frozenset[Gap]:
        """What was not read that takes part."""
        return frozenset(one.atom for one in literals(self.formula) if isinstance(one.atom, Gap))

    def renamed(self, how: Callable[[Gap], Gap]) -> Undecided:
        """The same with other gaps in the place of its own."""
        return replace(self, formula=renamed(self.formula, how))

    def solver(self, more: Told | None = None) -> Solver:
        """A solver that knows what the keys can be, and what `more` is known of some of them."""
        looks = {key: look for key, (look, _) in self.known}
        choices = {key: those for key, (_, those) in self.known if those is not None}
        choices |= {key: (value,) for key, value in (more or {}).items()}
        return solver_of(Facts(looks, choices=choices), self.target)

    def possible(self) -> bool:
        """Whether it can hold at all; one that is too large may."""
        if isinstance(self.formula, bool):
            return self.formula
        solved, standing = self.solver(), self._standing()
        try:
            if not standing:
                return solved.satisfiable(self.formula)
            # Of some resource whose place is open, or of one that stands where it must.
            elsewhere = assign(self.formula, dict.fromkeys(standing, False))
            if not isinstance(elsewhere, bool) and solved.satisfiable(elsewhere):
                return True
        except OverBudgetError:
            return True
        return elsewhere is True or any(True for _ in self.parts())

    def parts(self) -> Iterator[Part]:
        """What it allows: which resources, under which condition."""
        if self.formula is not False:
            yield from cubes_of(self.formula, self.target, self.solver(), self._placed() if self._open else None)

    # --- where resources stand

    @property
    def _open(self) -> frozenset[str]:
        """The keys that say where a resource stands, as far as that is open."""
        if self.where is None or self.target.pattern is None:
            return frozenset()
        return frozenset(key for key, (look, _) in self.known if key in PLACED and look in _OPEN)

    def _standing(self) -> list[Covers]:
        """The patterns that are asked for of which more is known."""
        where, open_ = self.where, self._open
        if where is None or not open_:
            return []
        covers = {one.atom for one in literals(self.formula) if isinstance(one.atom, Covers)}
        return [one for one in covers if not open_.isdisjoint(where.facts((one.pattern,)))]

    def _placed(self) -> Placed:
        """Of a clause, what else is known of the keys that it reads, and a solver that knows that."""
        solvers: dict[tuple[tuple[str, Values | None], ...], Solver] = {}

        def placed(clause: Clause) -> tuple[Hashable, Solver] | None:
            reads = {key for one in literals(clause.rest) for key in _reads(one.atom)} & self._open
            told = self.where.facts(clause.among) if reads and self.where is not None else {}
            more = tuple(sorted((key, value) for key, value in told.items() if key in reads))
            if not more:
                return None
            if more not in solvers:
                solvers[more] = self.solver(dict(more))
            return more, solvers[more]

        return placed


def _where(found: Sequence[Undecided]) -> Where | None:
    """Where resources stand, as all of those formulas know it that say anything of it."""
    told = [one.where for one in found if not isinstance(one.formula, bool)]
    return reduce(agreed, told) if told else None


def _joint(found: Sequence[Undecided]) -> tuple[tuple[tuple[str, Known], ...], list[Formula]]:
    """What is known of the keys of several formulas together, and each formula held to what its own side knows."""
    known: dict[str, set[Known]] = {}
    for one in found:
        for key, what in one.known:
            known.setdefault(key, set()).add(what)
    differ = {key for key, those in known.items() if len(those) > 1}
    joint = {key: next(iter(those)) if key not in differ else (Look.UNKNOWN, None) for key, those in known.items()}
    return tuple(sorted(joint.items(), key=lambda one: one[0])), [_held(one, differ) for one in found]


def _reads(atom: Atom) -> frozenset[str]:
    if isinstance(atom, Join):
        return atom.reads
    return frozenset({atom.variable}) if isinstance(atom, Condition) else frozenset()


def _held(one: Undecided, keys: set[str]) -> Formula:
    """A formula that fails where a key is none of what it can be."""
    formula = one.formula
    asserted: list[Formula] = []
    compared = {key for x in literals(formula) if isinstance(x.atom, Join) for key in x.atom.keys}
    for key, (look, choices) in one.known:
        if key not in keys or (choices is None and look is Look.UNKNOWN):
            continue
        if key in compared:
            asserted.append(_can_be(key, look, choices))
        atoms = {x.atom for x in literals(formula) if isinstance(x.atom, Condition) and x.atom.variable == key}
        if not atoms:
            continue
        worlds = key_worlds(atoms, Facts({key: look}, choices={key: choices} if choices is not None else {}))
        if worlds is None:
            continue
        fixed: dict[Atom, bool] = {
            atom: value for atom in atoms for value in (True, False) if all((atom in w) is value for w in worlds)
        }
        formula = assign(formula, fixed)
        left = atoms - fixed.keys()
        if left and choices is not None:
            cases = [all_of(Literal(atom, atom in world) for atom in left) for world in worlds]
            formula = all_of((formula, any_of(cases)))
    return all_of((formula, *asserted))


def _can_be(key: str, look: Values | Look | Within, choices: tuple[Values | None, ...] | None) -> Formula:
    """That a key is what one side knows that it can be."""
    if choices is not None:
        return any_of(_is(key, "Null", "true") if one is None else _is(key, "StringEquals", *one) for one in choices)
    if isinstance(look, Within):
        shown = ("StringLike", key, (str(look.pattern),))
        return Literal(Condition(key, _LIKE, "", False, (look.pattern,), shown))
    return _is(key, "Null", "false")


def _is(key: str, operator: str, *values: str) -> Formula:
    return condition(Test(operator, key, values), Facts(), variables=False)


def _less(first: Formula, second: Formula) -> Formula:
    """The first without the second; what both have in common is taken out before."""
    if first == second or first is False or second is True:
        return False
    if second is False:
        return first
    mine, others = _conjuncts(first), _conjuncts(second)
    common = mine & others
    positive, negative = all_of(mine - common), all_of(others - common)
    if isinstance(positive, Either) and isinstance(negative, Either):
        positive = any_of(positive.parts - negative.parts)
    elif isinstance(negative, Either) and not isinstance(positive, bool) and positive in negative.parts:
        return False
    return all_of((*common, positive, negate(negative)))


def _conjuncts(formula: Formula) -> frozenset[Node]:
    if isinstance(formula, bool):
        return frozenset()
    return formula.parts if isinstance(formula, All) else frozenset({formula})
