"""What those outside can reach: every place whose own policy lets in somebody who is none of ours.

Whoever is let in, through groups as well, is put to the evaluator, with what is inherited, denied and bounded. What a
binding gives on a place holds of all that lies in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from pyroaring import BitMap

from leastwise.model.decision import Reason, State
from leastwise.model.exposure import Exposed, Exposure, Inside, Unread
from leastwise.providers.bulk.outsiders import Outsider

from ..evaluate.decide import decide
from ..evaluate.directions import permissions_of
from ..evaluate.explain import explain
from ..evaluate.request import Request
from ..language.members import CONVENIENCE, Kind, Member
from ..language.names import written
from .deciding import Known
from .kinds import DELETED, KINDS
from .outside import Zone
from .what import Alike, What

_SETS = frozenset({Kind.GROUP, *CONVENIENCE})
"""Members that stand for others."""


class Exposing:
    """One question; made anew for each.

    Args:
        known: the estate.
        what: of it.
        asked: the question; neither its caller, nor its permission or resource matters.
        inside: who is ours.
        services: also services that act for us.
    """

    def __init__(self, known: Known, what: What, asked: Request, inside: Inside, *, services: bool) -> None:
        self._known, self._held = known, known.held
        self._what, self._asked, self._services = what, asked, services
        self._zone = Zone(asked, inside)

    def answer(self) -> Exposed:
        """Every exposure, and what was not read."""
        outside = self._outside()
        found = list(self._exposures(outside))
        found.sort(key=lambda one: (one.resource, one.principal_kind, one.principal, one.subjects, one.permissions))
        return Exposed(tuple(found), tuple(self._unread()))

    # --- who, and where

    def _outside(self) -> dict[int, Outsider]:
        """Everybody outside, by number."""
        found: dict[int, Outsider] = {}
        for number in np.flatnonzero(self._held.arrays["member.kind_of"] != DELETED).tolist():
            who = self._held.member(number)
            one = None if who.kind in CONVENIENCE else self._zone.outsider(who)
            if one is not None and (self._services or one.source != "inside"):
                found[number] = one
        return found

    def _doors(self, outside: Iterable[int]) -> dict[int, dict[int, set[int]]]:
        """Whom outside the bindings of each document let in, themselves or through a set; by number, with the roles."""
        rows, arrays = self._held.rows("member.bindings"), self._held.arrays
        kinds, everybody = arrays["member.kind_of"], BitMap(outside)
        found: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for number in np.flatnonzero(np.diff(rows.starts)).tolist():
            if kinds[number] == DELETED:
                continue
            through = KINDS[kinds[number]] in _SETS
            for one in (self._taken_in(number) if through else BitMap([number])) & everybody:
                for binding in rows.row(number).tolist():
                    found[int(arrays["binding.document"][binding])][one].add(int(arrays["binding.role"][binding]))
        return found

    def _taken_in(self, number: int) -> BitMap:
        """Everybody in a set, groups that were not read among them."""
        whom = self._known.expanding.of(np.array([number], np.int64), self._asked)
        sets = (self._held.member_number(one.text) for part in whom.parts for one in part.sets)
        return whom.everybody | BitMap(one for one in sets if one is not None)

    def _places(self, document: int) -> list[int]:
        places = self._held.rows("document.places").row(document)
        found: list[int] = places[~self._held.arrays["place.alias"][places]].tolist()
        return found

    # --- what

    def _exposures(self, outside: dict[int, Outsider]) -> Iterator[Exposure]:
        for document, doors in self._doors(outside).items():
            for place in self._places(document):
                told = {number: self._alike(place, number, roles) for number, roles in doors.items()}
                everybody = [one for number in told if outside[number].kind == "everyone" for one in told[number]]
                for number, several in told.items():
                    if outside[number].kind == "any_account":
                        several = _without(several, everybody)
                    yield from (self._exposure(place, number, outside[number], one) for one in several)

    def _alike(self, place: int, number: int, roles: set[int]) -> list[Alike]:
        """What somebody can do of what some roles give, where a policy lets them in; those together of one answer."""
        who = self._held.member(number)
        asked = replace(self._asked, resource=self._held.places[place], who=who, below=True)
        names = [self._held.role_names[code] for code in sorted(roles)]
        held = {name: permissions_of(asked, name) for name in names}
        found = list(self._what.alike(asked, frozenset().union(*(one or () for one in held.values()))))
        unknown = tuple(f"the permissions of {name}" for name, one in held.items() if one is None)
        return [*found, *([Alike((), State.UNKNOWN, (), unknown)] if unknown else [])]

    def _exposure(self, place: int, number: int, outsider: Outsider, one: Alike) -> Exposure:
        name, held = self._held.places[place], self._held
        state = State.UNKNOWN if outsider.doubt else one.state
        missing = (*one.missing, *((outsider.doubt,) if outsider.doubt else ()))
        kind = held.texts("place.kind.texts")[int(held.arrays["place.kind"][place])]
        return Exposure(
            name, kind, held.texts("place.account")[place], outsider.principal, outsider.kind, outsider.account,
            tuple(sorted(map(written, one.permissions))), (name,), (), state, one.residual, missing,
            self._reasons(place, number, one), outsider.subjects, outsider.source,
        )  # fmt: skip

    def _reasons(self, place: int, number: int, one: Alike) -> tuple[Reason, ...]:
        """The bindings that let somebody in."""
        permission = one.permissions[0] if one.permissions else "/"
        who, resource = self._held.member(number), self._held.places[place]
        asked = replace(self._asked, who=who, resource=resource, permission=permission, below=True)
        return tuple(reason for reason in explain(decide(asked)).reasons if reason.effect == "allows")

    # --- what was not read

    def _unread(self) -> Iterator[Unread]:
        """Places of which it was not read whom they let in, or who is in a group that they let in."""
        arrays, groups = self._held.arrays, self._groups()
        documents = arrays["place.document"].tolist()
        for place in np.flatnonzero(~arrays["place.alias"]).tolist():
            name, missing = self._held.places[place], groups.get(documents[place], [])
            if not arrays["place.read"][place] or (
                documents[place] >= 0 and self._held.policy(documents[place]) is None
            ):
                missing = [f"the policy of {name}"]
            elif arrays["place.parent"][place] < 0 or arrays["place.astray"][place]:
                chain = replace(self._asked, resource=name).chain
                above = [f"what is above {chain.names[-1]}"] if chain.open else []
                missing = [*missing, *(f"the policy of {one}" for one in chain.unread), *above]
            if missing:
                kind = self._held.texts("place.kind.texts")[int(arrays["place.kind"][place])]
                yield Unread(name, kind, self._held.texts("place.account")[place], tuple(missing))

    def _groups(self) -> dict[int, list[str]]:
        """Groups of ours, by document that lets them in, whose members were not read, or not all of them."""
        rows, documents = self._held.rows("member.bindings"), self._held.arrays["binding.document"]
        found: dict[int, list[str]] = defaultdict(list)
        kinds = self._held.arrays["member.kind_of"]
        for number in np.flatnonzero((kinds == KINDS.index(Kind.GROUP)) & (np.diff(rows.starts) > 0)).tolist():
            unread = [one.text for one in self._sets_of(number) if self._zone.outsider(one) is None]
            for document in np.unique(documents[rows.row(number)]).tolist() if unread else ():
                found[document] += [f"the members of {text}" for text in unread]
        return found

    def _sets_of(self, number: int) -> Sequence[Member]:
        whom = self._known.expanding.of(np.array([number], np.int64), self._asked)
        return [one for part in whom.parts for one in part.sets if one.kind is Kind.GROUP]


def _without(several: Sequence[Alike], everybody: Sequence[Alike]) -> list[Alike]:
    """Without what everybody has alike."""
    same: dict[object, set[str]] = defaultdict(set)
    for one in everybody:
        same[one.state, one.residual, one.missing].update(one.permissions)
    found = []
    for one in several:
        kept = tuple(each for each in one.permissions if each not in same[one.state, one.residual, one.missing])
        if kept:
            found.append(replace(one, permissions=kept))
    return found
