"""Whose access is another one than in an earlier estate.

Bindings are held against each other as numbers: whoever is let in by the same bindings on the same places, under the
same guardrails, has the same access. Of the others it is worked out what they gained and lost. What only a set lets
somebody do (`allUsers`, a domain, a principal set) is told of the set.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.comparison import Change
from leastwise.providers.bulk.changing import change_of, number_of

from ..evaluate.directions import permissions_of
from ..evaluate.membership import any_includes
from ..evaluate.request import Request
from ..language.members import CONVENIENCE, Kind, Member, parse_member
from .deciding import Known
from .denied import Denied
from .effective import Effective
from .kinds import DELETED, KINDS, NOBODY_KNOWN

_GROUP = KINDS.index(Kind.GROUP)
_MIX = 0x9E3779B97F4A7C15
"""An odd number of as many bits as sums have: products of it spread."""


class Side:
    """One of two estates that are held against each other.

    Args:
        known: the estate.
        asked: a question of it; neither caller, permission nor resource matters.
        effective: what somebody may do in it, by id.
    """

    def __init__(self, known: Known, asked: Request, effective: Callable[[str], Effective]) -> None:
        self._known, self._asked, self.effective = known, asked, effective
        self.held = known.held

    # --- what holds of everybody

    @cached_property
    def guardrails(self) -> str:
        """What can tell everybody another thing, as one text: boundaries, and who is of which set."""
        held, facts = self.held, self.held.facts
        texts = held.texts("guardrail.text")

        def written(number: int) -> str:
            return texts[number] if number >= 0 else ""

        named = ("bound", "access", "organizations", "unread")
        return json.dumps(
            [
                {name: written(text) for name, text in facts["boundaries"].items()},
                {name: facts[name] for name in named},
            ],
            sort_keys=True,
        )

    @property
    def parts(self) -> tuple[Known, Request]:
        """The estate, and a question of it."""
        return self._known, self._asked

    def takes_in(self, sets: Iterable[Member], id: str) -> bool:
        """Whether one of some sets takes in somebody, or may."""
        return any_includes(sets, replace(self._asked, who=parse_member(id))) is not False

    @cached_property
    def untold(self) -> list[object]:
        """What was not read and may tell anybody another thing where deny rules are others."""
        return [self.held.estate.unread, *(self.unread[what] for what in ("the policy of", "what is above"))]

    @cached_property
    def lies(self) -> dict[str, str]:
        """What each folder and project lies in, and whose each service account and pool is."""
        places = (self.held.place_number(name) for _, _, _, name in self.held.facts["containers"])
        parents = self.held.arrays["place.parent"]
        found: dict[str, str] = {
            self.held.places[one]: self.held.places[int(parents[one])] if parents[one] >= 0 else ""
            for one in places
            if one is not None
        }
        found.update(self.held.facts["accounts"])
        found.update(self.held.facts["pools"])
        return found

    # --- what holds of one

    @cached_property
    def traits(self) -> dict[str, int]:
        """A number for everybody who stands for themselves, by id: equal where the same bindings let them in."""
        held, sums = self.held, self._sums
        kinds, total = held.arrays["member.kind_of"], sums.copy()
        read = np.diff(held.rows("group.members").starts) > 0
        convenient = np.isin(kinds, [KINDS.index(one) for one in (*CONVENIENCE, Kind.OTHER)])
        for number in np.flatnonzero(((kinds == _GROUP) & read) | convenient).tolist():
            whom = self._known.expanding.of(np.array([number], np.int64), self._asked)
            for ends, part in ((frozenset[str](), whom), *whom.timed):
                told = np.uint64(number_of(f"{int(sums[number])} {sorted(ends)} {sorted(part.gaps)}"))
                if not sums[number]:
                    continue
                sets = (held.member_number(one.text) for one in part.sets)
                members = part.sure | BitMap(one for one in sets if one is not None)
                total[np.array(members.to_array(), np.int64)] += told
        wanted = (kinds != DELETED) & ~convenient & ~((kinds == _GROUP) & read)
        numbers = np.flatnonzero(wanted)
        return dict(zip(held.members.many(numbers), total[numbers].tolist(), strict=True))

    @cached_property
    def _sums(self) -> Array:
        """For each member the sum of numbers of bindings, each with its place, that name it."""
        arrays, rows = self.held.arrays, self.held.rows("document.places")
        documents = np.array([self._place(place) for place in rows.values.tolist()], np.uint64)
        owner = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
        lying = np.zeros(len(rows.starts) - 1, np.uint64)
        np.add.at(lying, owner, documents)
        shapes = np.stack([arrays["binding.role"], arrays["binding.condition"]], axis=1).astype(np.int64)
        distinct, codes = np.unique(shapes, axis=0, return_inverse=True)
        said = np.array([self._said(role, condition) for role, condition in distinct.tolist()], np.uint64)
        bindings = said[codes.ravel()] * np.uint64(_MIX) * (lying[arrays["binding.document"]] | np.uint64(1))
        named = self.held.rows("binding.members")
        found = np.zeros(len(self.held.members), np.uint64)
        np.add.at(found, named.values, np.repeat(bindings, np.diff(named.starts)))
        # Who is in a group matters, too, where a rule names the group.
        found[sorted(self._ruled())] += np.uint64(_MIX)
        return found

    def _ruled(self) -> set[int]:
        """Those whom deny rules name."""
        policies = (policy for several in self.held.estate.denies.values() for policy in several)
        rules = (rule for policy in policies for rule in policy.rules)
        texts = (one.text for rule in rules for one in (*rule.principals, *rule.exceptions))
        return {number for text in texts if (number := self.held.member_number(text)) is not None}

    def _place(self, place: int) -> int:
        return 0 if self.held.arrays["place.alias"][place] else number_of(self.held.places[place])

    def _said(self, role: int, condition: int) -> int:
        """A number of what a binding gives: of the role, what it holds, and the condition."""
        name = self.held.role_names[role]
        known = permissions_of(self._asked, name)
        told = "not known" if known is None else " ".join(sorted(known))
        text = self.held.texts("binding.condition.texts")[condition] if condition >= 0 else ""
        return number_of(f"{name}\n{told}\n{text}")

    # --- who somebody is

    def who(self, id: str) -> tuple[str, str, str, bool] | None:
        """Name, kind and account of somebody, and whether they are one in particular; None where nothing names them."""
        number = self.held.member_number(id)
        if number is None:
            return None
        native = self.held.word("native", number)
        kind = "everyone" if native in NOBODY_KNOWN else self.held.word("kind", number)
        return self.held.word("name", number), kind, self.held.word("account", number), native not in NOBODY_KNOWN

    @cached_property
    def unread(self) -> dict[str, list[str]]:
        """What was not read, by what it is."""
        arrays, facts = self.held.arrays, self.held.facts
        places = np.flatnonzero(~arrays["place.read"] & ~arrays["place.alias"])
        kinds, starts = arrays["member.kind_of"], self.held.rows("group.members").starts
        groups = np.flatnonzero((kinds == _GROUP) & (np.diff(starts) == 0))
        above = [id for id, _ in facts["unread"]["above"] if id not in self.held.alone]
        return {
            "the policy of": self.held.places.many(places),
            "the members of": self.held.members.many(groups),
            "what is above": above,
            "": [what for name in ("denies", "bound") for _, what in facts["unread"][name]],
        }


def changes(before: Side, now: Side) -> Iterator[Change]:
    """Whose access is another one, sorted by id."""
    moved = any(before.lies[one] != now.lies[one] for one in before.lies.keys() & now.lies.keys())
    denied = Denied.of(before.parts, now.parts)
    everybody = moved or before.guardrails != now.guardrails or (denied is not None and before.untold != now.untold)
    earlier, later = before.traits, now.traits
    ids = sorted(earlier.keys() | later.keys())
    sets = [one for one in map(parse_member, ids) if not one.single and earlier.get(one.text) != later.get(one.text)]
    for id in ids:
        whole = everybody or earlier.get(id) != later.get(id)
        among = None if whole or denied is None else denied.part(id)
        if whole or among is not None:
            # Whose change is told is told all of it, what sets that changed give them as well.
            told = among if among is not None and not any(side.takes_in(sets, id) for side in (before, now)) else None
            found = change_of(before, now, id, told)
            if found is not None:
                yield found
