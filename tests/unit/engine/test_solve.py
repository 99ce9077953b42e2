"""The solver against every combination of worlds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import pytest
from formula_support import ATOMS, Fact, formulas, truth
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.formula import Atom, Formula, Literal, all_of, any_of, literals, negate
from leastwise.engine.patterns import Budget, TooManyStatesError
from leastwise.engine.solve import Gap, Loose, Outcome, OverBudgetError, Solver, World, renamed

X1, X2, Y1, Y2, Z1 = ATOMS
POSSIBLE: dict[str, list[World]] = {
    # x is one of two numbers or neither, y at least one of them, z free.
    "x": [frozenset(), frozenset({X1}), frozenset({X2})],
    "y": [frozenset({Y1}), frozenset({Y2}), frozenset({Y1, Y2})],
    "z": [frozenset(), frozenset({Z1})],
}
GAPS: list[Atom] = [Gap("p"), Gap("q")]


def worlds(variable: str, atoms: Collection[Atom]) -> Sequence[World]:
    return list(dict.fromkeys(world & frozenset(atoms) for world in POSSIBLE[variable]))


EVERYTHING = [frozenset().union(*parts) for parts in product(*POSSIBLE.values())]
FORMULAS = formulas(ATOMS)
# As the evaluator makes them: a gap counts for us where it stands plainly; nothing negates it.
GAPPED = st.recursive(
    st.one_of(st.builds(Literal, st.sampled_from(ATOMS), st.booleans()), st.builds(Literal, st.sampled_from(GAPS))),
    lambda parts: st.one_of(
        st.builds(all_of, st.lists(parts, max_size=3)), st.builds(any_of, st.lists(parts, max_size=3))
    ),
    max_leaves=8,
)


def expected(values: set[bool]) -> Outcome:
    if values == {True}:
        return Outcome.ALWAYS
    return Outcome.NEVER if values == {False} else Outcome.DEPENDS


@given(FORMULAS)
def test_the_verdict_is_that_of_the_truth_table(formula: Formula) -> None:
    values = {truth(formula, world) for world in EVERYTHING}
    verdict = Solver(worlds).verdict(formula)
    assert verdict.exact
    assert verdict.outcome is expected(values)
    if verdict.outcome is Outcome.DEPENDS:
        assert verdict.certain == formula


@given(FORMULAS)
def test_one_solver_answers_alike_again_and_again(formula: Formula) -> None:
    solver = Solver(worlds)
    first = solver.verdict(formula)
    solver.verdict(negate(formula))
    assert solver.verdict(formula) == first


@given(FORMULAS)
def test_alternatives_say_together_what_the_formula_says(formula: Formula) -> None:
    found = Solver(worlds).alternatives(formula)
    assert found is not None
    for world in EVERYTHING:
        assert any(truth(all_of(clause), world) for clause in found) == truth(formula, world)


@given(FORMULAS)
def test_no_alternative_says_more_than_it_must_and_none_is_left_over(formula: Formula) -> None:
    found = Solver(worlds).alternatives(formula)
    assert found is not None
    for clause in found:
        assert any(truth(all_of(clause), world) for world in EVERYTHING)
        for literal in clause:
            weaker = all_of(clause - {literal})
            assert any(truth(weaker, world) and not truth(formula, world) for world in EVERYTHING)
        others = [all_of(other) for other in found if other is not clause]
        assert any(truth(all_of(clause), world) and not truth(any_of(others), world) for world in EVERYTHING)


@given(GAPPED)
def test_a_gap_makes_unknown_exactly_what_it_can_change(formula: Formula) -> None:
    against = {truth(formula, world) for world in EVERYTHING}
    helped = {truth(formula, world | frozenset(GAPS)) for world in EVERYTHING}
    turned = any(truth(formula, world) != truth(formula, world | frozenset(GAPS)) for world in EVERYTHING)
    verdict = Solver(worlds).verdict(formula)
    if turned:
        assert verdict.outcome is Outcome.UNKNOWN
        assert verdict.gaps
    else:
        assert verdict.outcome is expected(against) is expected(helped)
        assert not verdict.gaps


@given(GAPPED)
def test_the_gaps_that_are_named_are_those_on_which_it_depends(formula: Formula) -> None:
    verdict = Solver(worlds).verdict(formula)
    if verdict.outcome is not Outcome.UNKNOWN:
        return
    given = [world | frozenset(some) for world in EVERYTHING for some in ((), GAPS[:1], GAPS[1:], GAPS)]
    depends = {
        str(one.name)
        for one in GAPS
        if isinstance(one, Gap)
        and any(truth(formula, known | {one}) != truth(formula, known - {one}) for known in given)
    }
    assert verdict.gaps == depends


def test_a_gap_that_another_one_decides_alone_is_not_named() -> None:
    both = any_of((all_of((Literal(P), Literal(X1))), all_of((Literal(P), Literal(Gap("q")), Literal(X2))), Literal(P)))
    assert Solver(worlds).verdict(both).gaps == {"p"}


@given(GAPPED)
def test_what_is_certain_holds_though_every_gap_is_against_us(formula: Formula) -> None:
    verdict = Solver(worlds).verdict(formula)
    for world in EVERYTHING:
        if truth(verdict.certain, world):
            assert truth(formula, world)
            assert truth(formula, world | frozenset(GAPS))


P, P_DENIES = Gap("p"), Gap("p", denies=True)


def test_equal_gaps_are_one_unknown_and_those_of_two_are_not() -> None:
    one, other = Literal(Gap("p", "ann")), Literal(Gap("p", "bob"))
    solver = Solver(worlds)
    same = all_of((any_of((one, Literal(X1))), negate(any_of((one, Literal(X2))))))
    alike = any_of((one, Literal(Y1)))
    assert solver.verdict(all_of((alike, negate(alike)))).outcome is Outcome.NEVER
    assert solver.verdict(same).outcome is Outcome.UNKNOWN
    apart = solver.verdict(all_of((one, negate(other))))
    assert (apart.outcome, apart.gaps) == (Outcome.UNKNOWN, frozenset({"p"}))


@pytest.mark.parametrize("allowed", [True, False])
def test_a_document_that_may_allow_and_deny_may_do_neither(allowed: bool) -> None:
    """Of two with one unread document, the one that something else allows too may do more."""

    def asked(own: Formula) -> Formula:
        return all_of((any_of((own, Literal(P))), Literal(P_DENIES)))

    verdict = Solver(worlds).verdict(all_of((asked(allowed), negate(asked(not allowed)))))
    assert verdict.outcome is (Outcome.UNKNOWN if allowed else Outcome.NEVER)


def test_gaps_are_given_other_names_everywhere() -> None:
    formula = any_of((all_of((Literal(P), Literal(X1))), negate(Literal(P_DENIES)), Literal(Y1)))
    found = renamed(formula, lambda gap: Gap("q", "ann", gap.denies))
    assert {x.atom for x in literals(found) if isinstance(x.atom, Gap)} == {Gap("q", "ann"), Gap("q", "ann", True)}
    assert renamed(found, lambda gap: Gap("p", "", gap.denies)) == formula
    assert renamed(True, lambda gap: gap) is True


def test_the_same_formula_is_never_where_no_world_has_both() -> None:
    assert Solver(worlds).verdict(all_of((Literal(X1), Literal(X2)))).outcome is Outcome.NEVER
    assert Solver(worlds).verdict(any_of((Literal(Y1), Literal(Y2)))).outcome is Outcome.ALWAYS


def test_of_two_ways_to_say_it_the_positive_one_is_taken() -> None:
    one_of_two = Solver(lambda variable, atoms: [frozenset({X1}), frozenset({X2})])
    assert one_of_two.alternatives(all_of((Literal(X1), Literal(X2, False)))) == [frozenset({Literal(X1)})]
    assert one_of_two.alternatives(all_of((Literal(X1, False), Literal(X2)))) == [frozenset({Literal(X2)})]


def test_worlds_that_are_too_many_leave_the_verdict_inexact() -> None:
    solver = Solver(lambda variable, atoms: None)
    verdict = solver.verdict(Literal(X1))
    assert (verdict.outcome, verdict.exact) == (Outcome.DEPENDS, False)
    gapped = solver.verdict(all_of((Literal(X1), Literal(Gap("p")))))
    assert (gapped.outcome, gapped.exact, gapped.gaps) == (Outcome.UNKNOWN, False, frozenset({"p"}))
    assert solver.alternatives(all_of((Literal(X1), Literal(Y1)))) is None


def test_the_budget_ends_a_search() -> None:
    facts = [Fact(f"v{number}", 1) for number in range(12)]
    odd: Formula = False
    for fact in facts:
        one = Literal(fact)
        odd = any_of((all_of((odd, negate(one))), all_of((negate(odd), one))))
    solver = Solver(lambda variable, atoms: (frozenset(atoms), frozenset()), budget=3)
    with pytest.raises(OverBudgetError):
        solver.satisfiable(all_of((odd, Literal(facts[0], False), Literal(facts[1], False), Literal(facts[2], False))))


def test_more_alternatives_than_asked_for_are_not_listed() -> None:
    facts = [Fact(f"v{number}", 1) for number in range(6)]
    solver = Solver(lambda variable, atoms: (frozenset(atoms), frozenset()))
    either = any_of(Literal(fact) for fact in facts)
    found = solver.alternatives(either, most=6)
    assert found is not None and len(found) == 6
    assert solver.alternatives(either, most=5) is None


@given(FORMULAS, st.data())
def test_a_quick_look_changes_no_verdict(formula: Formula, data: st.DataObject) -> None:
    some = {
        variable: data.draw(st.one_of(st.none(), st.lists(st.sampled_from(found), unique=True)))
        for variable, found in POSSIBLE.items()
    }

    def quick(variable: str, atoms: Collection[Atom]) -> Sequence[World] | None:
        held = some[variable]
        return None if held is None else list(dict.fromkeys(world & frozenset(atoms) for world in held))

    assert Solver(worlds, quick=quick).verdict(formula) == Solver(worlds).verdict(formula)


def test_a_quick_look_that_suffices_asks_for_no_more() -> None:
    def refuse(variable: str, atoms: Collection[Atom]) -> None:
        raise AssertionError(variable)

    solver = Solver(refuse, quick=lambda variable, atoms: [frozenset({X1})])
    assert solver.satisfiable(Literal(X1))
    with pytest.raises(AssertionError, match="x"):
        solver.satisfiable(Literal(X2))


def test_what_a_quick_look_did_not_find_is_searched_with_a_budget_of_its_own() -> None:
    asked = []

    def counted(variable: str, atoms: Collection[Atom]) -> Sequence[World]:
        asked.append(variable)
        return worlds(variable, atoms)

    formula = all_of((Literal(X2), Literal(Y2)))
    solver = Solver(counted, budget=4, quick=lambda variable, atoms: [frozenset()])
    assert solver.satisfiable(formula)
    assert sorted(asked) == ["x", "y"]


@dataclass(frozen=True)
class Equal:
    """Reads two variables at once."""

    variable: str = "x"
    others: tuple[str, ...] = ("y",)


SAME = Equal()
TIED = [
    frozenset(({SAME} if x == y else set()) | ({X1} if x == 1 else set()) | ({Y1} if y == 1 else set()))
    for x, y in product((1, 2, 3), repeat=2)
]


def tied(variable: str, atoms: Collection[Atom]) -> Sequence[World]:
    known = TIED if SAME in atoms else POSSIBLE[variable]
    return list(dict.fromkeys(world & frozenset(atoms) for world in known))


@given(formulas([X1, Y1, SAME]))
def test_variables_that_an_atom_reads_together_are_decided_together(formula: Formula) -> None:
    if SAME not in {one.atom for one in literals(formula)}:
        return
    assert Solver(tied).verdict(formula).outcome is expected({truth(formula, world) for world in TIED})


def test_worlds_that_may_not_exist_leave_what_depends_inexact_and_nothing_else() -> None:
    solved = Solver(lambda variable, atoms: Loose(tied(variable, atoms)))
    depends = solved.verdict(all_of((Literal(SAME), Literal(X1))))
    assert (depends.outcome, depends.exact) == (Outcome.DEPENDS, False)
    never = solved.verdict(all_of((Literal(SAME), Literal(X1), Literal(Y1, False))))
    assert (never.outcome, never.exact) == (Outcome.NEVER, True)


# --- what it costs


class Counted:
    """The source of worlds, with how often which atoms were asked for; None for more of a variable than `most`."""

    def __init__(self, most: int = 9) -> None:
        self.asked: list[frozenset[Atom]] = []
        self._most = most

    def __call__(self, variable: str, atoms: Collection[Atom]) -> Sequence[World] | None:
        self.asked.append(frozenset(atoms))
        return worlds(variable, atoms) if len(atoms) <= self._most else None


@given(FORMULAS)
def test_for_alternatives_each_variable_is_looked_at_once(formula: Formula) -> None:
    source = Counted()
    assert Solver(source).alternatives(formula) is not None
    assert len(source.asked) == len({one.atom.variable for one in literals(formula)})


@given(st.lists(FORMULAS, min_size=1, max_size=4), FORMULAS)
def test_what_was_learnt_before_changes_no_answer(before: list[Formula], formula: Formula) -> None:
    solver = Solver(worlds)
    for one in before:
        solver.verdict(one)
        solver.alternatives(one)
    assert solver.verdict(formula) == Solver(worlds).verdict(formula)
    assert solver.alternatives(formula) == Solver(worlds).alternatives(formula)


def test_what_was_too_much_is_not_tried_again() -> None:
    source = Counted(most=1)
    solver = Solver(source)
    several = any_of((Literal(X1), all_of((Literal(X2), Literal(Z1)))))
    assert solver.verdict(several) == Solver(source).verdict(several)
    assert not solver.verdict(several).exact
    tried = source.asked.count(frozenset({X1, X2}))
    assert solver.possible(several)
    assert solver.alternatives(several) is None
    assert source.asked.count(frozenset({X1, X2})) == tried
    # A part of it is not too much.
    assert solver.verdict(Literal(X1)).exact


def test_worlds_that_are_not_sure_tell_nothing_of_fewer_atoms() -> None:
    def loosely(variable: str, atoms: Collection[Atom]) -> Sequence[World]:
        found = worlds(variable, atoms)
        return Loose(found) if len(atoms) > 1 else found

    solver = Solver(loosely)
    assert not solver.verdict(any_of((Literal(X1), Literal(X2)))).exact
    assert solver.verdict(Literal(X1)).exact


def test_states_are_given_anew_to_each_question() -> None:
    states = Budget(5)

    def costly(variable: str, atoms: Collection[Atom]) -> Sequence[World] | None:
        try:
            states.spend(4)
        except TooManyStatesError:
            return None
        return worlds(variable, atoms)

    solver = Solver(costly, states=states)
    both = all_of((Literal(X1), Literal(Y1)))
    assert not solver.verdict(both).exact
    # That nothing was left for it says nothing of the second variable.
    assert solver.verdict(Literal(Y1)).exact
    assert solver.verdict(both).exact


def test_what_would_take_too_long_is_possible() -> None:
    solver = Solver(lambda variable, atoms: None)
    assert solver.possible(Literal(X1))
    assert not solver.possible(False)
    with pytest.raises(OverBudgetError):
        solver.satisfiable(Literal(X1))


@pytest.mark.parametrize("size", [30, 60])
def test_listing_alternatives_ends(size: int) -> None:
    facts = [Fact(f"v{number}", 1) for number in range(size)]
    pairs = [any_of((Literal(one), Literal(two))) for one, two in pairwise(facts)]
    counted = 0

    def free(variable: str, atoms: Collection[Atom]) -> Sequence[World]:
        nonlocal counted
        counted += 1
        return frozenset(), frozenset(atoms)

    Solver(free).alternatives(all_of(pairs), most=1_000)
    assert counted <= 2 * size
