"""Who can: the bindings above a resource whose role has the permission, and whom they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, all_of
from leastwise.model.decision import State
from leastwise.providers.bulk.listing import Found, Told

from ..evaluate.allow import condition_of, role_holds
from ..evaluate.directions import covers, unlisted
from ..evaluate.explain import STATES
from ..evaluate.request import Request
from ..language.members import SINGLES
from ..language.policies import Binding
from ..language.roles import without_condition
from .deciding import Decided, Deciding, Entry, Known
from .kinds import DELETED, KINDS


class Who:
    """Answers who can; one for one estate."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._held = known.held

    def find(self, asked: Request, found: Found) -> tuple[str, ...]:
        """Everybody who can do something on a resource goes into `found`; returns what might add others."""
        for numbers, told in self.let_in(asked):
            found.add(numbers, told)
        return unlisted(asked)

    def let_in(self, asked: Request) -> Iterator[tuple[Array, Told]]:
        """Everybody who can do something on a resource, by number, in parts of whom one thing is told."""
        entries = list(self.entries(asked))
        granting = BitMap.union(BitMap(), *(one.whom.everybody for one in entries))
        spared = self.spared(asked) - granting
        numbers = np.array((granting | spared).to_array(), np.int64)
        deciding = Deciding(self.known, asked, entries)
        let_in = [one for one in deciding.decide(numbers) if STATES[one.verdict.outcome] is not State.DENIED]
        covered = self.covered(asked, let_in, spared)
        for one in let_in:
            kept = one.numbers[~np.isin(one.numbers, covered)] if len(covered) else one.numbers
            yield kept, deciding.told(one)

    def entries(self, asked: Request) -> Iterator[Entry]:
        """What bindings above the resource grant, and to whom; those that grant alike together.

        One whose condition is not met grants nothing, but whom it names is asked: something unread may let them in.
        """
        gathered: dict[Formula, list[int]] = {}
        names, roles = self._held.role_names, self._held.arrays["binding.role"]
        for binding in self.above(asked):
            if role_holds(asked, names[int(roles[binding])])[0] is not False:
                gathered.setdefault(self.formula(asked, binding), []).append(binding)
        for formula, bindings in gathered.items():
            yield self.entry(asked, formula, np.array(bindings, np.int64))

    def entry(self, asked: Request, formula: Formula, bindings: Array) -> Entry:
        """What some bindings grant under one condition."""
        members, _ = self._held.rows("binding.members").gather(bindings)
        return Entry(formula, self.known.expanding.of(np.unique(members).astype(np.int64), asked))

    def above(self, asked: Request) -> Iterator[int]:
        """The bindings on the resource and on what is above it."""
        rows, arrays = self._held.rows("document.bindings"), self._held.arrays
        for name in asked.chain.names:
            number = self._held.place_number(name)
            if number is not None and name in asked.estate.places and arrays["place.document"][number] >= 0:
                yield from rows.row(int(arrays["place.document"][number])).tolist()

    def formula(self, asked: Request, number: int) -> Formula:
        """When a binding grants to its members."""
        arrays = self._held.arrays
        name = self._held.role_names[int(arrays["binding.role"][number])]
        role, _ = role_holds(asked, name)
        if role is False or (arrays["binding.condition"][number] < 0 and without_condition(name) is None):
            return role
        policy = self._held.policy(int(arrays["binding.document"][number]))
        assert policy is not None
        binding: Binding = policy.bindings[int(arrays["binding.position"][number])]
        return all_of((role, condition_of(asked, binding, policy.version).true))

    def spared(self, asked: Request) -> BitMap:
        """Everybody whom a deny rule excepts: a set that is denied may have let them in."""
        found = BitMap()
        for policies in asked.estate.denies.values():
            for policy in policies:
                for rule in policy.rules:
                    found |= self.known.expanding.of_members(rule.exceptions, asked).everybody
        kinds = self._held.arrays["member.kind_of"]
        return BitMap([one for one in found if kinds[one] != DELETED])

    def covered(self, asked: Request, let_in: Sequence[Decided], spared: BitMap) -> Array:
        """Of those whom no binding names, who is told nothing else than a set that takes them in."""
        if not spared:
            return np.empty(0, np.int64)
        states = {int(number): STATES[one.verdict.outcome] for one in let_in for number in one.numbers.tolist()}
        sets = [
            (self._held.member(number), state, number not in spared)
            for number, state in states.items() if not self._single(number)
        ]  # fmt: skip
        found = []
        for number in spared:
            who = self._held.member(number)
            if any(states.get(number) is state and covers(asked, one, who, granted) for one, state, granted in sets):
                found.append(number)
        return np.array(found, np.int64)

    def _single(self, number: int) -> bool:
        return KINDS[self._held.arrays["member.kind_of"][number]] in SINGLES
