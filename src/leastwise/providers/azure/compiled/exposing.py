"""What those outside can reach: every scope at which a role is given to somebody who is none of ours, and open doors.

Whoever is named, through groups as well, is put to the evaluator, with what is inherited and denied. What is given at a
scope holds of all that lies in it. Identities that trust issuers outside and storage see `opened`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.model.decision import Reason, State
from leastwise.model.exposure import Exposed, Exposure, Inside, Unread
from leastwise.providers.bulk.outsiders import Outsider

from ..evaluate.decide import decide
from ..evaluate.explain import explain
from ..evaluate.request import Request
from ..language.operations import Plane
from .deciding import Known
from .expanding import Naming
from .opened import Opened, account_of, kind_of
from .outside import Zone
from .what import Alike, What

_VAULT = "microsoft.keyvault/vaults/"
_SHOWN = 3


@dataclass(slots=True)
class _Door:
    """Whom one scope lets in.

    Args:
        roles: the roles that are given to each outsider, by number of the outsider; none for what a vault gives.
        groups: what was not read of who is in groups.
        undecided: those of whom it is not known whether they are outside.
    """

    roles: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    groups: set[str] = field(default_factory=set)
    undecided: BitMap = field(default_factory=BitMap)


class Exposing:
    """One question; made anew for each.

    Args:
        what: of the estate.
        asked: the question; neither its caller, nor its operation or resource matters.
        inside: who is ours.
        services: also services that act for us.
    """

    def __init__(self, what: What, asked: Request, inside: Inside, *, services: bool) -> None:
        self._what, self._asked, self._services = what, asked, services
        self._known: Known = what.known
        self._held = what.held
        self._zone = Zone(what.held, inside)
        self._kept: dict[object, list[Alike]] = {}
        self._names: dict[bytes, tuple[str, ...]] = {}
        self._outsiders: dict[int, Outsider | None] = {}

    def answer(self) -> Exposed:
        """Every exposure, and what was not read."""
        doors, opened = self._doors(), Opened(self._held, self._zone)
        found = [one for place, door in sorted(doors.items()) for one in self._exposures(place, door)]
        found += opened.exposures()
        found.sort(key=lambda one: (one.resource, one.principal_kind, one.principal, one.subjects, one.permissions))
        return Exposed(tuple(found), tuple(self._unread(doors, opened)))

    # --- who, and where

    def _doors(self) -> dict[int, _Door]:
        """The scopes that let in outsiders, or somebody who may be one, by number of the place."""
        given = self._held.assignments
        found: dict[int, _Door] = defaultdict(_Door)
        for number in np.unique(given.principal).tolist():
            rows = given.by_member.row(number).astype(np.int64)
            whom = self._known.whom(rows)
            places = {int(given.place[row]): set[str]() for row in rows.tolist()}
            for row in rows.tolist():
                places[int(given.place[row])].add(given.roles[int(given.role[row])])
            self._enter(found, places, number, whom.sure, whom.gaps)
        for key, vault in self._held.estate.vaults.items():
            place = self._held.place_number(key)
            for policy in (vault.policies or ()) if place is not None else ():
                who = self._held.member_number(policy.principal)
                if who is not None and place is not None:
                    whom = self._known.expanding.of([Naming(who)])
                    self._enter(found, {place: set()}, who, whom.sure, whom.gaps)
        return found

    def _enter(
        self, found: dict[int, _Door], places: dict[int, set[str]], named: int, whom: BitMap, gaps: Iterable[str]
    ) -> None:
        """Take in what is given to one principal at some places, with the roles, and whom it stands for."""
        strange = [one for one in whom if self._zone.strangers[one]]
        outside = [one for one in strange if self._outsider(one) is not None]
        wanted = [one for one in outside if self._wanted(one)]
        undecided = BitMap(one for one in strange if self._outsider(one) is None and self._zone.undecided(one))
        # Of whom it is not known who they are it is not known either who is in them: one of the two is told.
        groups = () if named in outside or named in undecided else gaps
        if not (wanted or undecided or groups):
            return
        for place, roles in places.items():
            door = found[place]
            door.groups.update(groups)
            door.undecided |= undecided
            for one in wanted:
                door.roles[one] |= roles

    def _outsider(self, number: int) -> Outsider | None:
        if number not in self._outsiders:
            self._outsiders[number] = self._zone.outsider(number)
        return self._outsiders[number]

    def _wanted(self, number: int) -> bool:
        one = self._outsider(number)
        return one is not None and (self._services or one.source != "inside")

    # --- what

    def _exposures(self, place: int, door: _Door) -> Iterator[Exposure]:
        for number, roles in sorted(door.roles.items()):
            outsider = self._outsider(number)
            assert outsider is not None
            for one in self._alike(place, number, roles):
                yield self._exposure(place, number, outsider, one)

    def _alike(self, place: int, number: int, roles: set[str]) -> Iterator[Alike]:
        """What somebody can do of what some roles, or a vault, give at a place; those together of one answer."""
        asked = replace(self._what.anywhere_of.at(self._asked, place), who=self._held.members[number])
        told = {key: self._what.numbers.role(key) for key in sorted(roles)}
        given = BitMap.union(BitMap(), *(entry for one in told.values() for entry in one or ()))
        if self._held.places[place] in asked.estate.vaults:
            given |= self._vaulted
        for one in self._all(place, asked, number):
            kept = one.permissions & given
            if kept:
                yield replace(one, permissions=kept)
        unknown = tuple(f"the role definition {key}" for key, one in told.items() if one is None)
        if unknown:
            yield Alike(BitMap(), State.UNKNOWN, (), unknown)

    def _all(self, place: int, asked: Request, number: int) -> list[Alike]:
        """Everything that somebody can do at a place; of those whom the same reaches it is asked once."""
        if self._held.places[place] in asked.estate.vaults:
            return list(self._what.alike(asked))
        denies = asked.estate.denies
        marks = [number in whom.sure for at, one in enumerate(denies) for whom in self._known.named(at, one)]
        arrays = self._held.arrays
        key = (
            place, self._what.assignments(asked).tobytes(), self._what.sure(number).tobytes(), tuple(marks),
            *(int(arrays[f"member.{told}"][number]) for told in ("class", "type", "home")),
        )  # fmt: skip
        if key not in self._kept:
            self._kept[key] = list(self._what.alike(asked))
        return self._kept[key]

    @cached_property
    def _vaulted(self) -> BitMap:
        """The operations about which access policies of vaults decide."""
        numbers = self._what.numbers
        data = numbers.of_plane[Plane.DATA]
        return BitMap([one for one in data if numbers.canonical[one].startswith(_VAULT)])

    def _exposure(self, place: int, number: int, outsider: Outsider, one: Alike) -> Exposure:
        held, id = self._held, self._held.ids[place]
        state = State.UNKNOWN if outsider.doubt else one.state
        missing = (*one.missing, *((outsider.doubt,) if outsider.doubt else ()))
        return Exposure(
            id, kind_of(held, place), account_of(held, place), outsider.principal, outsider.kind, outsider.account,
            self._written(one.permissions), (id,), (), state, one.residual, missing,
            self._reasons(place, number, one), outsider.subjects, outsider.source,
        )  # fmt: skip

    def _written(self, permissions: BitMap) -> tuple[str, ...]:
        key = permissions.serialize()
        if key not in self._names:
            self._names[key] = tuple(self._what.numbers.names[one] for one in permissions)
        return self._names[key]

    def _reasons(self, place: int, number: int, one: Alike) -> tuple[Reason, ...]:
        """The assignments that let somebody in."""
        if not one.permissions:
            return ()
        at = replace(self._what.anywhere_of.at(self._asked, place), who=self._held.members[number])
        found = explain(decide(self._what.about(at, one.permissions[0])))
        return tuple(reason for reason in found.reasons if reason.effect == "allows")

    # --- what was not read

    def _unread(self, doors: dict[int, _Door], opened: Opened) -> Iterator[Unread]:
        """Scopes of which it was not read whom they let in, or who is in a group, or whether somebody is outside."""
        missing: dict[int, list[str]] = defaultdict(list)
        for place, door in doors.items():
            missing[place] += sorted(door.groups)
            missing[place] += self._unknown(door.undecided)
        held = self._held
        for key in self._containers():
            place = held.place_number(key) or 0
            grants = held.estate_of(held.place(place)).unread_grants
            if key in grants:
                missing[place].append(f"the role assignments of {held.ids[place]}")
        for place, told in opened.unread():
            missing[place].append(told)
        for place, several in sorted(missing.items()):
            lacking = tuple(dict.fromkeys(several))
            if lacking:
                yield Unread(held.ids[place], kind_of(held, place), account_of(held, place), lacking)

    def _containers(self) -> list[str]:
        """The keys of everything that may have role assignments of which nothing was read."""
        told = [key for key, *_ in self._held.facts["containers"] if self._held.place_number(key) is not None]
        return [*told, *(one for one in sorted(self._held.estate.unread_grants) if one not in told)]

    def _unknown(self, undecided: BitMap) -> list[str]:
        """Of whom it is not known whether they are outside, the first by name."""
        names = self._held.members.many(np.array(undecided.to_array(), np.int64)[:_SHOWN])
        found = [f"whether {one} is of another tenant" for one in names]
        more = len(undecided) - len(found)
        return [*found, *([f"whether {more} others are of another tenant"] if more else [])]
