"""The algebra of formulas against truth tables."""

from __future__ import annotations

from itertools import product

from formula_support import ATOMS, FORMULAS, Fact, truth
from hypothesis import given

from leastwise.engine.formula import All, Either, Formula, Literal, all_of, any_of, assign, literals, negate

A, B, C = (Literal(atom) for atom in ATOMS[:3])
NOT_A = Literal(ATOMS[0], False)
WORLDS = [frozenset(a for a, on in zip(ATOMS, bits, strict=True) if on) for bits in product((0, 1), repeat=len(ATOMS))]


def test_constants_are_folded() -> None:
    assert all_of(()) is True
    assert any_of(()) is False
    assert all_of((A, False)) is False
    assert all_of((A, True)) == A
    assert any_of((A, True)) is True
    assert any_of((A, False)) == A


def test_contradictions_and_tautologies_are_seen() -> None:
    assert all_of((A, B, NOT_A)) is False
    assert any_of((A, B, NOT_A)) is True


def test_nested_parts_are_flattened_and_repeated_ones_counted_once() -> None:
    assert all_of((A, all_of((B, C)))) == All(frozenset({A, B, C}))
    assert any_of((A, any_of((B, A)))) == Either(frozenset({A, B}))
    assert all_of((A, A)) == A


def test_what_another_part_decides_by_itself_is_absorbed() -> None:
    assert any_of((A, all_of((A, B)))) == A
    assert all_of((A, any_of((A, B)))) == A
    assert any_of((A, all_of((A, B)), C)) == Either(frozenset({A, C}))


def test_an_atom_is_known_by_its_value() -> None:
    assert Literal(Fact("x", 1)) == Literal(Fact("x", 1))
    assert all_of((Literal(Fact("x", 1)), Literal(Fact("x", 1), False))) is False


@given(FORMULAS)
def test_a_negation_is_true_exactly_where_the_formula_is_not(formula: Formula) -> None:
    turned = negate(formula)
    for world in WORLDS:
        assert truth(turned, world) != truth(formula, world)
    assert negate(turned) == formula or all(truth(negate(turned), w) == truth(formula, w) for w in WORLDS)


@given(FORMULAS, FORMULAS)
def test_both_and_either_mean_what_they_say(one: Formula, other: Formula) -> None:
    for world in WORLDS:
        assert truth(all_of((one, other)), world) == (truth(one, world) and truth(other, world))
        assert truth(any_of((one, other)), world) == (truth(one, world) or truth(other, world))


@given(FORMULAS)
def test_deciding_atoms_one_after_the_other_ends_in_the_truth(formula: Formula) -> None:
    for world in WORLDS:
        left = formula
        for atom in ATOMS:
            left = assign(left, {atom: atom in world})
        assert left is truth(formula, world)


@given(FORMULAS)
def test_every_literal_is_named(formula: Formula) -> None:
    named = {literal.atom for literal in literals(formula)}
    rest = [atom for atom in ATOMS if atom not in named]
    assert assign(formula, dict.fromkeys(rest, True)) == formula
    if not named:
        assert isinstance(formula, bool)
