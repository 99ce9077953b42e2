"""Who can on some resource, whichever: what principals are allowed on named resources is decided by condition alone.

Where a question leaves the resource open, it does not matter *which* resources a statement that allows names, as long
as nothing else tells resources apart: some resource lies in its patterns, and some lies in nobody's. So principals
whose statements have the same conditions are decided once (`Somewhere` stands for "the resource is one of those
named"), and which resources each of them means is told when it is looked at. Where a denial, guardrail or boundary
tells resources apart, it matters besides in which of its patterns the resources named lie, and in which not: the reach
of `Somewhere`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Atom, Formula, Literal, all_of, any_of, assign, literals
from leastwise.engine.patterns import RESOURCE, Pattern, TooManyStatesError, regions
from leastwise.engine.prefixes import Prefixes, beginnings_of
from leastwise.engine.solve import Outcome, Solver, Verdict, World
from leastwise.engine.sparse import Rows, rows_of
from leastwise.model.decision import Needed, Residual, State

from ..evaluate.arn import resource_pattern
from ..evaluate.decide import solver
from ..evaluate.explain import STATES, residual_of
from ..evaluate.facts import Facts
from ..evaluate.logic import Question
from ..evaluate.statements import Covers
from ..evaluate.worlds import key_worlds
from .estate import CompiledEstate
from .matching import Spread

Telling = tuple[State, Residual | None, tuple[str, ...]]
Ask = Callable[[Mapping[int, Formula]], Question]
"""The question of a group, given the formula under which each of its kinds allows."""
_Where = tuple[Needed, ...]
_MOST = 64
"""Alternatives that are listed."""
_PAIRS = 250_000
"""Patterns named times patterns of others, beyond which alternatives are not listed: quotas leave room for fewer."""


@dataclass(frozen=True, slots=True)
class Somewhere:
    """The atom "the resource is one of those named".

    Args:
        reach: what the resources named are besides: for each class of them, in which patterns of others they lie.
    """

    reach: frozenset[World]

    @property
    def variable(self) -> str:
        """The resource itself."""
        return RESOURCE


ANYWHERE = Somewhere(frozenset({frozenset()}))
"""Nobody else tells resources apart."""


def spread_solver(facts: Facts) -> Solver:
    """A solver for formulas of which the resource, any at all, is named or not."""

    def worlds(variable: str, atoms: Collection[Atom]) -> Sequence[World] | None:
        if variable != RESOURCE:
            return key_worlds(atoms, facts)
        covers = frozenset(atom for atom in atoms if isinstance(atom, Covers))
        somewhere = [atom for atom in atoms if isinstance(atom, Somewhere)]
        classes = worlds_of(covers)
        if classes is None:
            return None
        # What allows elsewhere is never a reason against: more than one atom true at once adds nothing.
        found = set(classes)
        found.update(world & covers | {atom} for atom in somewhere for world in atom.reach)
        return list(found)

    return Solver(worlds)


def worlds_of(covers: Collection[Covers], inside: Pattern | None = None) -> frozenset[World] | None:
    """In which of some patterns resources (of another pattern, if one is given) can lie together; None if too many."""
    listed = list(covers)
    given = [inside] if inside is not None else []
    try:
        found = regions([*given, *(atom.pattern for atom in listed)])
    except TooManyStatesError:
        return None
    return frozenset(
        frozenset(atom for atom, lies in zip(listed, one.matched[len(given) :], strict=True) if lies)
        for one in found
        if inside is None or one.matched[0]
    )


class Naming:
    """Which principals name which resources, each kind for itself.

    Args:
        estate: where statements and principals stand.
        spread: the statements.
    """

    def __init__(self, estate: CompiledEstate, spread: Spread) -> None:
        self._estate, self._spread = estate, spread
        self._patterns: dict[int, Pattern] = {}
        self._reaches: dict[tuple[int, frozenset[Covers]], frozenset[World] | None] = {}
        self._near: dict[frozenset[Covers], tuple[tuple[Covers, ...], Prefixes]] = {}
        self._texts: dict[int, str] = {}
        self._named: dict[int, list[int]] = {}
        self.solved: dict[tuple[object, Formula], Residual | None] = {}
        """The alternatives of formulas, by what is known of the keys."""

    def pattern(self, code: int) -> Pattern:
        """A pattern of a resource by its number."""
        found = self._patterns.get(code)
        if found is None:
            found = self._patterns[code] = resource_pattern(self._estate.texts("resource.texts")[code])
        return found

    def text(self, code: int) -> str:
        """A pattern as it is shown."""
        found = self._texts.get(code)
        if found is None:
            found = self._texts[code] = str(self.pattern(code))
        return found

    @cached_property
    def _cases(self) -> tuple[Array, Array, list[int]]:
        """The case of each statement (its kind, and what it names); one statement and the kind of each case."""
        contents = self._estate.rows("st_resource").codes(self._spread.statements)
        both = self._spread.kind * (int(contents.max(initial=0)) + 1) + contents
        _, first, case = np.unique(both, return_index=True, return_inverse=True)
        return case, self._spread.statements[first], self._spread.kind[first].tolist()

    @cached_property
    def _held(self) -> Rows:
        """The cases of each principal, ascending."""
        case, first, _ = self._cases
        documents = self._estate.arrays["st_doc"][self._spread.statements]
        principals, at = self._estate.rows("att_doc").gather(documents)
        pairs = np.unique(principals.astype(np.int64) * len(first) + case[at])
        return rows_of(pairs // len(first), pairs % len(first), self._estate.principals)

    @cached_property
    def _codes(self) -> Array:
        return self._held.codes(np.arange(self._estate.principals))

    def classes(self, members: Array) -> Iterator[Array]:
        """The members in groups that name the same under the same conditions."""
        codes = self._codes[members]
        order = np.argsort(codes, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
            yield members[places]

    def named(self, number: int) -> dict[int, set[int]]:
        """What a principal names: numbers of patterns by kind."""
        found: dict[int, set[int]] = {}
        kinds = self._cases[2]
        for case in self._held.row(number).tolist():
            found.setdefault(kinds[case], set()).update(self._of_case(case))
        return found

    def _of_case(self, case: int) -> list[int]:
        known = self._named.get(case)
        if known is None:
            known = self._estate.rows("st_resource").row(int(self._cases[1][case])).tolist()
            self._named[case] = known
        return known

    def reach(self, codes: Iterable[int], covers: frozenset[Covers]) -> frozenset[World] | None:
        """In which patterns of others the resources of some patterns can lie; None if they are too many."""
        found: set[World] = set()
        for code in codes:
            key = (code, covers)
            if key not in self._reaches:
                self._reaches[key] = self._reach(self.pattern(code), covers)
            one = self._reaches[key]
            if one is None:
                return None
            found |= one
        return frozenset(found)

    def _reach(self, pattern: Pattern, covers: frozenset[Covers]) -> frozenset[World] | None:
        if covers not in self._near:
            atoms = tuple(covers)
            self._near[covers] = (atoms, beginnings_of([atom.pattern for atom in atoms]))
        atoms, near = self._near[covers]
        begin = "" if pattern.fold else pattern.prefix
        close = [atoms[at] for at in near.may_overlap(begin).tolist() if not _apart(pattern, atoms[at].pattern)]
        return worlds_of(close, pattern) if close else frozenset({frozenset()})

    def apart(self, code: int, covers: Collection[Covers]) -> bool:
        """Whether a pattern surely takes in nothing that some others do."""
        return all(_apart(self.pattern(code), atom.pattern) for atom in covers)


def _apart(one: Pattern, other: Pattern) -> bool:
    """Whether the literal beginnings or endings of two patterns exclude each other."""
    begins = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
    if one.literal is not None:
        return not other.matches(one.literal)
    if other.literal is not None:
        return not one.matches(other.literal)
    ends = _ending(one).endswith(_ending(other)) or _ending(other).endswith(_ending(one))
    return not (begins and ends)


def _ending(pattern: Pattern) -> str:
    last = pattern.tokens[-1] if pattern.tokens else ""
    return last if isinstance(last, str) else ""


def tests_of(formula: Formula) -> frozenset[Covers]:
    """The patterns in which a formula asks whether the resource lies."""
    return frozenset(one.atom for one in literals(formula) if isinstance(one.atom, Covers))


class Deciding:
    """Decides groups of principals whose statements have the same conditions.

    Args:
        naming: what they name.
    """

    def __init__(self, naming: Naming) -> None:
        self.naming = naming
        self._solvers: dict[object, Solver] = {}
        self._verdicts: dict[tuple[object, Formula], Verdict] = {}

    def decided(
        self, members: Array, kinds: Mapping[int, Formula], ask: Ask, alike: object
    ) -> Iterator[tuple[Verdict | None, Array, Reached]]:
        """The verdict of each part of a group, and what to tell of it; None where the resources must be looked at.

        Args:
            members: the group.
            kinds: the kinds that allow them something, and under which condition; one at least.
            ask: their question.
            alike: a value that is equal for groups about whose keys the same is known.
        """
        asked = self._somewhere(ask, kinds, dict.fromkeys(kinds, ANYWHERE))
        tested = tests_of(asked.formula)
        telling = Reached(self.naming, kinds, ask, tested, alike)
        if not tested:
            yield self._verdict(asked, alike), members, telling
            return
        besides = ask(dict.fromkeys(kinds, False)).formula
        gathered: dict[tuple[Somewhere, ...] | None, list[Array]] = {}
        for part in self.naming.classes(members):
            reach = self._reach(int(part[0]), kinds, tested, besides)
            gathered.setdefault(reach, []).append(part)
        for reach, parts in gathered.items():
            found = np.concatenate(parts)
            found.sort()
            if reach is None:
                yield None, found, telling
                continue
            asked = self._somewhere(ask, kinds, dict(zip(kinds, reach, strict=True)))
            yield self._verdict(asked, alike), found, telling

    def _reach(
        self, number: int, kinds: Mapping[int, Formula], tested: frozenset[Covers], besides: Formula
    ) -> tuple[Somewhere, ...] | None:
        """What `Somewhere` stands for in each kind; None where that is not all that matters.

        What is allowed besides could decide where everything that others tell apart is named; and there must be
        resources that nobody names.
        """
        named = self.naming.named(number)
        found = []
        for kind in kinds:
            reach = self.naming.reach(named[kind], tested)
            if reach is None or (besides is not False and reach != {frozenset()}):
                return None
            found.append(Somewhere(reach))
        lettered = all(any(isinstance(token, str) for token in one.pattern.tokens) for one in tested)
        return tuple(found) if lettered else None

    def _somewhere(self, ask: Ask, kinds: Mapping[int, Formula], reach: Mapping[int, Somewhere]) -> Question:
        return ask({kind: all_of((Literal(reach[kind]), formula)) for kind, formula in kinds.items()})

    def _verdict(self, asked: Question, alike: object) -> Verdict:
        key = (alike, asked.formula)
        found = self._verdicts.get(key)
        if found is None:
            solved = self._solvers.get(alike)
            if solved is None:
                solved = self._solvers[alike] = spread_solver(asked.request.facts)
            found = self._verdicts[key] = solved.verdict(asked.formula)
        return found


class Reached:
    """Tells where the members of one group are allowed something; the conditions are solved once for all of them."""

    def __init__(
        self, naming: Naming, kinds: Mapping[int, Formula], ask: Ask, tested: frozenset[Covers], alike: object
    ) -> None:
        self.naming, self._kinds, self._ask, self._tested, self._alike = naming, kinds, ask, tested, alike
        self._known: dict[tuple[int | None, int | None], Sequence[_Where] | None] = {}

    def question(self, number: int) -> Question:
        """The question of one member, with the resources that it names."""
        named = self.naming.named(number)
        inside = {kind: self._inside(named[kind]) for kind in self._kinds}
        return self._ask({kind: all_of((inside[kind], formula)) for kind, formula in self._kinds.items()})

    def _inside(self, codes: Iterable[int]) -> Formula:
        return any_of(Literal(Covers(self.naming.pattern(code))) for code in codes)

    def told(self, verdict: Verdict, number: int) -> Telling:
        """The state, the residual condition and what was not read, of one member."""
        state = STATES[verdict.outcome]
        if verdict.outcome not in (Outcome.DEPENDS, Outcome.UNKNOWN):
            return state, (), ()
        return state, self._residual(number), tuple(sorted(verdict.gaps))

    def _residual(self, number: int) -> Residual | None:
        """Alternatives: on what besides, and on the resources named under which condition."""
        named = {kind: codes for kind, codes in self.naming.named(number).items() if kind in self._kinds}
        if sum(map(len, named.values())) * len(self._tested) > _PAIRS:
            return None
        besides = self._pieces(None, None)
        if besides is None:
            return None
        # What suffices anywhere needs no resource.
        free = [frozenset(one) for one in besides]
        found: dict[_Where, set[str]] = {}
        for kind, codes in named.items():
            # Where nobody else tells resources apart, all of a kind have the same alternatives.
            for among in [(code,) for code in codes] if self._tested else [codes]:
                pieces = self._pieces(kind, next(iter(among)))
                if pieces is None:
                    return None
                for piece in pieces:
                    if piece in found or not any(few <= set(piece) for few in free):
                        found.setdefault(piece, set()).update(map(self.naming.text, among))
                if len(besides) + len(found) > _MOST:
                    return None
        kept = list(found.items())
        if len(kept) > 1:
            kept.sort(key=lambda one: (len(one[0]), [str(needed) for needed in one[0]]))
        there = ((Needed("resource", "ArnLike", tuple(sorted(texts))), *piece) for piece, texts in kept)
        return (*besides, *there)

    def _pieces(self, kind: int | None, code: int | None) -> Sequence[_Where] | None:
        """The alternatives of one kind on one pattern, without the pattern itself; of all else, without either."""
        if code is not None and (not self._tested or self.naming.apart(code, self._tested)):
            code = None
        if (kind, code) not in self._known:
            self._known[kind, code] = self._solved(kind, code)
        return self._known[kind, code]

    def _solved(self, kind: int | None, code: int | None) -> Sequence[_Where] | None:
        inside = True if code is None else self._inside([code])
        asked = self._ask({one: all_of((inside, f)) if one == kind else False for one, f in self._kinds.items()})
        if kind is not None and code is None:
            outside: dict[Atom, bool] = dict.fromkeys(self._tested, False)
            asked = replace(asked, allow=assign(asked.allow, outside), deny=assign(asked.deny, outside))
        key = (self._alike, asked.formula)
        if key not in self.naming.solved:
            self.naming.solved[key] = _alternatives(asked)
        residual = self.naming.solved[key]
        if residual is None or code is None:
            return residual
        here = Needed("resource", "ArnLike", (self.naming.text(code),))
        return tuple(tuple(one for one in alternative if one != here) for alternative in residual)


def _alternatives(asked: Question) -> Residual | None:
    """The residual of a question; one empty alternative where it needs none."""
    solved = solver(asked)
    verdict = solved.verdict(asked.formula)
    if verdict.outcome in (Outcome.NEVER, Outcome.ALWAYS):
        return ((),) if verdict.outcome is Outcome.ALWAYS else ()
    return residual_of(verdict, solved)


class Scattered:
    """Principals for whom one verdict holds, and who are allowed it on the same resources under the same conditions."""

    def __init__(self, verdict: Verdict, members: Array, reached: Reached) -> None:
        self.verdict, self.members, self._reached = verdict, members, reached

    @property
    def question(self) -> Question:
        """The question of one of them."""
        return self._reached.question(int(self.members[0]))

    @cached_property
    def told(self) -> Telling:
        """The state, the residual condition and what was not read."""
        return self._reached.told(self.verdict, int(self.members[0]))
