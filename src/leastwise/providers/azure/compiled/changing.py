"""Whose access is another one than in an earlier estate.

Assignments are held against each other as numbers: whom the same assignments let in, under the same deny assignments
and with the same attributes, has the same access. Of the others it is worked out what they gained and lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.comparison import Change
from leastwise.providers.bulk.changing import change_of, number_of

from .anchors import special_places
from .belonging import Belonging
from .effective import Effective
from .estate import GROUP_CODE
from .expanding import Expansion, Naming
from .what import What

_TOLD = ("denies", "vaults", "parents", "containers", "unread", "read", "accounts")
"""Facts that can tell everybody another thing."""
_ODD = 0x9E3779B97F4A7C15
"""An odd number of as many bits as sums have: products of it spread."""


class Side:
    """One of two estates that are held against each other.

    Args:
        what: the estate.
        effective: what somebody may do in it, by id.
    """

    def __init__(self, what: What, effective: Callable[[str], Effective]) -> None:
        self._what, self.effective, self.held = what, effective, what.held
        self._belonging = Belonging(what.known)

    @cached_property
    def everybody(self) -> str:
        """What can tell everybody another thing, as one text."""
        facts = {name: self.held.facts[name] for name in _TOLD}
        sums = self._sums.tolist()
        anybody = [(self.held.members[one], sums[one]) for one in self._belonging.anybody]
        gaps = [[sorted(whom.gaps), sorted(whom.foreign)] for _, whom in self._denied]
        special = np.flatnonzero(special_places(self.held))
        return json.dumps([facts, anybody, gaps, self.held.places.many(special)], sort_keys=True)

    @cached_property
    def traits(self) -> dict[str, int]:
        """A number for everybody to whom something is given, by id: equal where the same gives and denies."""
        held, sums = self.held, self._sums
        total = sums.copy()
        for number in np.flatnonzero(held.arrays["member.type"] == GROUP_CODE).tolist():
            if sums[number]:
                self._add(total, self._what.known.expanding.of([Naming(number)]), int(sums[number]))
        for content, whom in self._denied:
            self._add(total, whom, content)
        classes = held.arrays["member.class"]
        told = [number_of(json.dumps(one, sort_keys=True, default=list)) for one in held.attributes]
        total += np.array(told, np.uint64)[classes] * np.uint64(_ODD)
        homes = [number_of(f"home {one}") for one in held.homes]
        total += np.array(homes, np.uint64)[held.arrays["member.home"]]
        numbers = self._belonging.principals
        return dict(zip(held.members.many(numbers), total[numbers].tolist(), strict=True))

    def _add(self, total: Array, whom: Expansion, content: int) -> None:
        members = np.array(whom.sure.to_array(), np.int64)
        total[members] += np.uint64(number_of(f"{content} {sorted(whom.gaps)}"))

    @cached_property
    def _denied(self) -> list[tuple[int, Expansion]]:
        """Whom deny assignments name, and leave out, each with a number of which that is."""
        found = []
        for number, one in enumerate(self.held.estate.denies):
            for which, whom in enumerate(self._what.known.named(number, one)):
                found.append((number_of(f"{number} {which}"), whom))
        return found

    @cached_property
    def _sums(self) -> Array:
        """For each member the sum of numbers of assignments that name it."""
        held, given = self.held, self.held.assignments
        columns = [given.role, given.condition, given.place, given.type, given.tenant, given.here]
        distinct, codes = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        said = np.array([self._said(*row) for row in distinct.tolist()], np.uint64)
        found = np.zeros(len(held.members), np.uint64)
        if len(said):
            np.add.at(found, given.principal, said[codes.ravel()])
        return found

    def _said(self, role: int, condition: int, place: int, type: int, tenant: int, here: int) -> int:
        """A number of what an assignment gives: of the role, what it holds, the condition and the scope."""
        given, key = self.held.assignments, self.held.assignments.roles[role]
        told = given.types[type], given.tenants[tenant], given.places_of_others[here]
        text = "\n".join((self._holds(key), given.conditions[condition], self.held.places[place], *told))
        return number_of(text)

    def _holds(self, key: str) -> str:
        if key not in self._roles:
            self._roles[key] = f"{key} {self.held.estate.role(key)}"
        return self._roles[key]

    @cached_property
    def _roles(self) -> dict[str, str]:
        return {}

    def who(self, id: str) -> tuple[str, str, str, bool] | None:
        """Name, kind and account of somebody, and that they are one in particular; None where nothing names them."""
        number = self.held.member_number(id)
        if number is None:
            return None
        name, kind, account = (self.held.word(column, number) for column in ("name", "kind", "account"))
        return name, kind, account, True

    @cached_property
    def unread(self) -> dict[str, list[str]]:
        """What was not read, by what it is."""
        held, unread = self.held, self.held.facts["unread"]
        types, read = held.arrays["member.type"], held.arrays["member.read"]
        partly = held.arrays["member.partly"]
        groups = np.flatnonzero((types == GROUP_CODE) & (~read | partly))
        vaults = (str(one.id) for one in held.estate.vaults.values() if one.policies is None)
        roles = (key for key in held.assignments.roles if held.estate.role(key) is None)
        return {
            "the role assignments of": list(unread["grants"]),
            "the deny assignments of": list(unread["denies"]),
            "what lies in": [key for key, *_ in held.facts["containers"] if key not in held.read],
            "the members of group": held.members.many(groups),
            "the access policies of": list(vaults),
            "the role definition": list(roles),
        }


def changes(before: Side, now: Side) -> Iterator[Change]:
    """Whose access is another one, sorted by id."""
    everybody = before.everybody != now.everybody
    earlier, later = before.traits, now.traits
    for id in sorted(earlier.keys() | later.keys()):
        if everybody or earlier.get(id) != later.get(id):
            found = change_of(before, now, id)
            if found is not None:
                yield found
