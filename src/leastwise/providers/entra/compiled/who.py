"""Who can: of those who are given the same, and are of one standing, the reference is asked of the first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.groups import Groups
from leastwise.engine.solve import Verdict
from leastwise.model.decision import Residual, State
from leastwise.providers.bulk.grouping import among
from leastwise.providers.bulk.listing import Found, Told

from ..evaluate.decide import access, solver
from ..evaluate.everyone import by_default
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import Kind, Request
from ..language.directory import USER
from .lines import LINES, UNTOLD
from .marking import Marking, Marks
from .view import Views

_SHOWN = 3
"""So many of what was not read are named one by one."""


class Who:
    """Answers who can, in one tenant."""

    def __init__(self, views: Views) -> None:
        self.views, self.held = views, views.held
        self.marking = Marking(views)
        self._solver = solver()
        self._verdicts: dict[Formula, Verdict] = {}

    def find(self, asked: Request, found: Found) -> tuple[str, ...]:
        """Everybody who can do something on an object goes into `found`; returns what might add others."""
        for numbers, told in self.let_in(asked):
            found.add(numbers, told)
        return self.unread(asked)

    def let_in(self, asked: Request) -> Iterator[tuple[Array, Told]]:
        """Everybody who can, by number, in parts of whom one thing is told."""
        for numbers, formula in self.formulas(asked):
            if self.state(formula) is not State.DENIED:
                yield numbers, self.told(formula)

    def formulas(self, asked: Request) -> Iterator[tuple[Array, Formula]]:
        """When each of those who may be let in has access; those alike together, and lines for everybody."""
        marks = self.marks(asked)
        alone = marks.alone
        for members in self.classes(marks, alone):
            yield members, self.formula(asked, int(members[0]))
        for number in alone:
            yield np.array([number], np.int64), self.formula(asked, number)
        yield from self.everybody(asked)

    def marks(self, asked: Request) -> Marks:
        """What may give what is asked."""
        return self.marking.of(asked, wide=self.wide(asked) is not False)

    def classes(self, marks: Marks, alone: BitMap) -> Iterator[Array]:
        """Those with the same marks and of one standing together, but for some."""
        numbers = np.array((BitMap.union(BitMap(), *marks.marked) - alone).to_array(), np.int64)
        groups = Groups(len(numbers))
        for one in marks.marked:
            groups.mark(among(numbers, one))
        standing = self.held.arrays["member.standing"][numbers].astype(np.int64)
        for _, members in groups.parts(np.arange(len(numbers)), [standing]):
            yield numbers[members]

    def everybody(self, asked: Request) -> Iterator[tuple[Array, Formula]]:
        """The lines of all users of one kind, if they have it by being users."""
        if asked.kind is not Kind.ACTION or asked.user:
            return
        for id in self.lines:
            number = self.held.member_number(id)
            assert number is not None
            seen = self.marking.seen(asked.by(id))
            if by_default(seen) is not False:
                yield np.array([number], np.int64), access(seen)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines that stand for somebody."""
        return tuple(one for one in LINES if one != UNTOLD or self._untold)

    @property
    def _untold(self) -> bool:
        """Whether there are users of whom it is not known whether they are guests."""
        told = {code for code, one in enumerate(self.held.shapes) if one["kind"] == USER and one["guest"] is None}
        return bool(np.isin(self.held.arrays["member.shape"][~self.held.nobody], list(told)).any())

    def standing_in(self, lines: BitMap) -> BitMap:
        """The users for whom some lines stand, by number."""
        told = [number for one in self.lines if (number := self.held.member_number(one)) is not None]
        return BitMap.union(BitMap(), *(self._by_line[number] for number in told if number in lines))

    @cached_property
    def _by_line(self) -> dict[int, BitMap]:
        """For whom each line stands: its users who can sign in."""
        shapes, found = self.held.arrays["member.shape"], {}
        for id in self.lines:
            one, number = LINES[id], self.held.member_number(id)
            told = [(each["kind"], each["guest"], each["enabled"] is not False) for each in self.held.shapes]
            codes = [code for code, each in enumerate(told) if each == (USER, one.guest, True)]
            if number is not None:
                found[number] = BitMap(np.flatnonzero(np.isin(shapes, codes) & ~self.held.nobody))
        return found

    # --- what comes of it

    def formula(self, asked: Request, number: int) -> Formula:
        """When one has access, by number."""
        return access(self.marking.seen(asked.by(self.held.members[number])))

    def wide(self, asked: Request) -> Formula:
        """When an app has access that nothing names."""
        return access(self.marking.stranger(asked)) if asked.kind is not Kind.EXCHANGE else False

    def unread(self, asked: Request) -> tuple[str, ...]:
        """What was not read and may let in others."""
        if asked.kind is Kind.EXCHANGE:
            return tuple(dict.fromkeys((*self.held.whole.unread, *self._untold_credentials(asked))))
        gaps = self.verdict(self.wide(asked)).gaps
        return tuple(dict.fromkeys((*self.held.whole.unread, *sorted(gaps))))

    def _untold_credentials(self, asked: Request) -> Iterator[str]:
        """The federated credentials that were not read, of an application or of all."""
        held, number = self.held, self.held.member_number(asked.resource)
        numbers = np.flatnonzero(held.arrays["trusted.untold"])
        if not asked.tenant:
            numbers = numbers[numbers == (-1 if number is None else number)]
        for one in numbers[:_SHOWN].tolist():
            yield f"the federated credentials of {self.views.of().title(held.members[one])}"
        if len(numbers) > _SHOWN:
            yield f"the federated credentials of {len(numbers) - _SHOWN} more applications"

    def verdict(self, formula: Formula) -> Verdict:
        """The verdict on a formula; each is solved once."""
        if formula not in self._verdicts:
            self._verdicts[formula] = self._solver.verdict(formula)
        return self._verdicts[formula]

    def state(self, formula: Formula) -> State:
        """The state that a formula comes to."""
        return STATES[self.verdict(formula).outcome]

    def told(self, formula: Formula) -> Told:
        """What those are told of whom a formula says when they have access."""
        verdict = self.verdict(formula)
        return Told(STATES[verdict.outcome], tuple(sorted(verdict.gaps)), lambda: self.residual(verdict))

    def residual(self, verdict: Verdict) -> Residual | None:
        """The residual condition of a verdict."""
        found = self._solver.alternatives(verdict.certain)
        return None if found is None else residual_of(found)
