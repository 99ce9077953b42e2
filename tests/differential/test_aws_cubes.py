"""A formula told as cubes is the formula: of every resource that its patterns tell apart, in drawn circumstances.

So are the differences of two formulas and what both have in common, which obey the laws of sets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import ROLES, USERS, Estate, estates

from leastwise.engine.formula import Atom, Formula, Literal, assign, literals
from leastwise.engine.parting import tied
from leastwise.engine.patterns import RESOURCE, example, regions
from leastwise.engine.solve import Gap, OverBudgetError
from leastwise.model.decision import State
from leastwise.providers.aws.compiled.access import Circumstances
from leastwise.providers.aws.compiled.cubes import Part
from leastwise.providers.aws.compiled.effective import Effective, Standing
from leastwise.providers.aws.compiled.undecided import Undecided
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.evaluate.arn import request_pattern, resource_pattern
from leastwise.providers.aws.evaluate.explain import _needed
from leastwise.providers.aws.evaluate.statements import Covers, Target

PRINCIPALS = sorted({**USERS, **ROLES})
SAMPLES = 12
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Estates are large: making a failing one smaller takes minutes."""
checked = {"samples": 0, "true": 0}


def texts_of(formula: Formula, target: Target) -> list[str]:
    """A resource for each region that the patterns of a formula make."""
    if target.pattern is None:
        return [target.text]
    patterns = list({x.atom.pattern for x in literals(formula) if isinstance(x.atom, Covers)})
    found = {region.witness for region in regions([target.pattern, *patterns]) if region.matched[0]}
    return sorted(found | {example(one) for one in patterns if target.pattern.matches(example(one))})


def circumstances(one: Undecided, random: Random) -> Iterator[dict[Atom, bool]]:
    """Some truths of every atom that can be together."""
    solver = one.solver()
    atoms: dict[str, set[Atom]] = {}
    names = tied(one.formula)
    for literal in literals(one.formula):
        atoms.setdefault(names.get(literal.atom.variable, literal.atom.variable), set()).add(literal.atom)
    atoms.pop(RESOURCE, None)
    for _ in range(SAMPLES):
        found: dict[Atom, bool] = {}
        for variable, those in sorted(atoms.items()):
            worlds = solver.worlds(variable, frozenset(those))
            world = random.choice(sorted(worlds, key=repr))
            found |= {atom: atom in world for atom in those}
        yield found


def holds(formula: Formula, text: str, truths: dict[Atom, bool]) -> bool:
    covers = {x.atom: x.atom.pattern.matches(text) for x in literals(formula) if isinstance(x.atom, Covers)}
    found = assign(formula, {**truths, **covers})
    assert isinstance(found, bool)
    return found


def takes(part: Part, text: str) -> bool:
    return (
        any(request_pattern(one).matches(text) for one in part.resources)
        and all(request_pattern(one).matches(text) for one in part.within)
        and not any(request_pattern(one).matches(text) for one in part.exceptions)
    )


def granted(parts: Sequence[Part], one: Undecided, text: str, truths: dict[Atom, bool]) -> tuple[bool, bool]:
    """Whether parts surely and possibly allow."""
    told = {_needed(Literal(atom, sign)): value is sign for atom, value in truths.items() for sign in (True, False)}
    sure = maybe = False
    for part in (part for part in parts if takes(part, text)):
        maybe = maybe or part.state is State.UNKNOWN
        alternatives = part.residual if part.residual is not None else ()
        met = any(
            all(
                told[needed]
                if needed in told
                else any(request_pattern(value).matches(text) for value in needed.values) is not needed.negated
                for needed in clause
            )
            for clause in alternatives
        )
        sure = sure or part.state is State.ALLOWED or met
    return sure, maybe or sure


def check(one: Undecided, random: Random) -> None:
    """The parts of a formula are the formula."""
    parts = list(one.parts())
    if any(part.residual is None for part in parts):
        return
    gaps = {x.atom for x in literals(one.formula) if isinstance(x.atom, Gap)}
    for truths in circumstances(one, random):
        for text in texts_of(one.formula, one.target):
            pinned = {} if one.where is None else one.where.facts((resource_pattern(text),))
            if any(atom.variable in pinned for atom in truths):
                # Where a known resource stands is no circumstance: drawn truths may say what cannot be.
                continue
            closed = holds(one.formula, text, {**truths, **dict.fromkeys(gaps, False)})
            sure, maybe = granted(parts, one, text, {**truths, **dict.fromkeys(gaps, False)})
            checked["samples"] += 1
            checked["true"] += closed
            if not gaps:
                assert sure is closed, (text, truths, parts)
            else:
                assert maybe or not holds(one.formula, text, truths), (text, truths, parts)
                assert not sure or holds(one.formula, text, truths), (text, truths, parts)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(estates(), st.sampled_from(PRINCIPALS), st.sampled_from([None, "arn:aws:s3:::d*"]), st.integers(0, 2**32))
def test_cubes_are_the_formula(estate: Estate, principal: str, resource: str | None, seed: int) -> None:
    access, random = access_to(collected(estate.documents())), Random(seed)
    found = Effective(access, [Standing.of(access, principal)], resource, Circumstances())
    for group in range(0, len(found.groups), max(1, len(found.groups) // 12)):
        try:
            check(found.undecided(group), random)
        except OverBudgetError:
            continue


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(estates(), st.lists(st.sampled_from(PRINCIPALS), min_size=2, max_size=2, unique=True), st.integers(0, 2**32))
def test_differences_and_what_is_common_are_those_of_the_formulas(estate: Estate, chosen: list[str], seed: int) -> None:
    access, random = access_to(collected(estate.documents())), Random(seed)
    sets = [Effective(access, [Standing.of(access, one)], None, Circumstances()) for one in chosen]
    for number in range(0, len(sets[0].groups), max(1, len(sets[0].groups) // 8)):
        action = sets[0].groups[number][0]
        other = int(sets[1].group_of[action])
        if other < 0:
            continue
        first, second = sets[0].undecided(number), sets[1].undecided(other)
        less, common = first.minus(second), first.both(second)
        for combined in (less, common):
            try:
                check(combined, random)
            except OverBudgetError:
                continue
        if all(one.solver().verdict(one.formula).exact for one in (less, common)):
            assert not less.both(common).possible(), "what is common is no difference"
            assert not first.minus(Undecided.either([less, common], first.target)).possible(), "both are the whole"
            assert not less.minus(first).possible(), "a difference adds nothing"


def test_enough_was_checked() -> None:
    assert checked["samples"] > 5_000
    assert checked["true"] > 500
