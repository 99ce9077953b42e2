"""What somebody can do: the operations of the roles that reach them, those together that everything treats alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.solve import Solver
from leastwise.engine.sparse import Rows, rows_of
from leastwise.model.decision import Cube, Residual, State

from ..evaluate.allow import Grant, grant, reaching, unread
from ..evaluate.conditions import attributes
from ..evaluate.decide import decide
from ..evaluate.deny import meant, within
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import Request, always
from ..evaluate.systems import other_systems
from ..evaluate.vaults import vault_of
from ..evaluate.worlds import solver
from ..language.operations import Plane
from ..language.tree import Attribute
from ..language.vaults import needs
from .anchors import Anchors
from .anywhere import Anywhere
from .numbers import Numbers, literals, parsed

_SPECIAL = (
    "microsoft.keyvault/vaults/", "microsoft.containerservice/managedclusters/",
    "microsoft.documentdb/databaseaccounts/", "microsoft.storage/storageaccounts/blobservices/containers/blobs/",
)  # fmt: skip
"""Beginnings of data operations of which vaults and other systems than roles decide, each by itself."""
_Same = tuple[State, Residual | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Alike:
    """Operations, by number, on one place of which one answer holds."""

    permissions: BitMap
    state: State
    residual: Residual | None
    missing: tuple[str, ...]


class What:
    """Answers what somebody can do, in one estate."""

    def __init__(self, anywhere: Anywhere, numbers: Numbers) -> None:
        self.anywhere_of, self.numbers = anywhere, numbers
        self.known, self.held = anywhere.known, anywhere.held
        self._kept: dict[str, BitMap] = {}

    def on(self, asked: Request) -> tuple[Cube, ...]:
        """Everything that the caller can do on the resource of a question."""
        cubes = [self._cube(one, (str(asked.resource),)) for one in self.alike(asked)]
        lacking = self.lacking(asked)
        return (*cubes, *([Cube((), (str(asked.resource),), (), State.UNKNOWN, (), lacking)] if lacking else []))

    def anywhere(self, asked: Request) -> tuple[Cube, ...]:
        """Everything that the caller can do, by the scopes at which it is given; it holds of all that lies in these."""
        given, unknown = self.by_place(asked)
        ids = self.held.ids
        cubes = [self._cube(one, sorted(ids[place] for place in places)) for one, places in given]
        told = ((lacking, sorted(ids[place] for place in places)) for lacking, places in unknown.items())
        cubes += [Cube((), tuple(places), (), State.UNKNOWN, (), lacking) for lacking, places in told]
        return tuple(sorted(cubes, key=lambda one: (one.resources, one.permissions, str(one.state))))

    def by_place(self, asked: Request) -> tuple[list[tuple[Alike, list[int]]], dict[tuple[str, ...], list[int]]]:
        """What the caller can do, with the places at which it is given; and where what was not read may give more."""
        gathered: dict[tuple[bytes, _Same], tuple[Alike, list[int]]] = {}
        unknown: dict[tuple[str, ...], list[int]] = {}
        known: dict[object, tuple[list[Alike], tuple[str, ...]]] = {}
        anchors = Anchors(self.anywhere_of, asked, self.assignments(asked))
        for place in self.places(asked):
            anchor = anchors.of(place)
            if anchor not in known:
                here = self.anywhere_of.at(asked, place)
                known[anchor] = list(self.alike(here)), self.lacking(here)
            found, lacking = known[anchor]
            for one in found:
                key = one.permissions.serialize(), (one.state, one.residual, one.missing)
                gathered.setdefault(key, (one, []))[1].append(place)
            if lacking:
                unknown.setdefault(lacking, []).append(place)
        return list(gathered.values()), unknown

    def lacking(self, asked: Request) -> tuple[str, ...]:
        """What was not read and may give the caller more than is known."""
        return (*self.roles_lacking(asked), *unread(asked))

    def roles_lacking(self, asked: Request) -> tuple[str, ...]:
        """The role definitions that were not read of assignments that may be the caller's."""
        roles = {f"the role definition {one.assignment.role}" for one in self._mine(asked) if one.role is None}
        return tuple(sorted(roles))

    # --- where

    def places(self, asked: Request) -> list[int]:
        """The places at which something is given to the caller, or may be; and the vaults that name them."""
        found = self.held.assignments.place[self.assignments(asked)]
        vaults = (self.held.place_number(key) for key in asked.estate.vaults)
        return sorted({*found.tolist(), *(one for one in vaults if one is not None)})

    def assignments(self, asked: Request) -> Array:
        """The assignments that name the caller, or a group that may have them in it."""
        number = self.held.member_number(asked.who)
        sure = np.empty(0, np.int64) if number is None else self.sure(number)
        maybe, _ = self.held.assignments.by_member.gather(np.array(self.groups[0], np.int64))
        return np.union1d(sure, maybe)

    def sure(self, number: int) -> Array:
        """The assignments that name somebody, by number, or a group that has them in it for certain."""
        named = {number, *(int(one) for one in self.groups[1].row(number))}
        found, _ = self.held.assignments.by_member.gather(np.array(sorted(named), np.int64))
        return np.unique(found)

    @cached_property
    def groups(self) -> tuple[list[int], Rows]:
        """The principals of assignments that may have anybody in them; for each member the others that have it."""
        held, given = self.held, self.held.assignments
        plain = self.known.plain
        named = np.unique(given.principal[~plain]).tolist()
        anybody: list[int] = []
        who, where = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for number in named:
            whom = self.known.whom(given.by_member.row(number).astype(np.int64))
            if whom.gaps:
                anybody.append(number)
            found = np.array(whom.sure.to_array(), np.int64)
            who.append(found)
            where.append(np.full(len(found), number, np.int64))
        return anybody, rows_of(np.concatenate(who), np.concatenate(where), len(held.members))

    # --- what

    def alike(self, asked: Request) -> Iterator[Alike]:
        """The operations that are not denied, by answer."""
        gathered: dict[_Same, BitMap] = {}
        solved = solver()
        for some in self.classes(asked):
            same = _answer(self.about(asked, some[0]), solved)
            if same[0] is not State.DENIED:
                gathered.setdefault(same, BitMap()).update(some)
        for same, held in gathered.items():
            yield Alike(held, *same)

    def classes(self, asked: Request) -> Iterator[BitMap]:
        """Sets of operations of which everything says the same; those that nothing gives are left out."""
        for plane in (asked.plane,) if asked.plane is not None else tuple(Plane):
            yield from self._classes(replace(asked, plane=plane), plane)

    def about(self, asked: Request, number: int) -> Request:
        """The question about one operation."""
        return replace(asked, operation=self.numbers.canonical[number], plane=self.numbers.planes[number])

    def _mine(self, asked: Request) -> Iterator[Grant]:
        """The assignments that may be the caller's, on the resource."""
        for one in reaching(asked):
            made = grant(asked, Plane.CONTROL, one)
            if made.member is not False:
                yield made

    def _classes(self, asked: Request, plane: Plane) -> Iterator[BitMap]:
        """Sets of operations of a plane of which everything says the same; those that nothing gives are left out."""
        numbers = self.numbers
        mine = list(self._mine(asked))
        roles = {one.assignment.role: one.role for one in mine if one.role is not None}
        entries = [entry for role in roles.values() for entry in role.entries]
        denies = [one for one in asked.estate.denies if within(asked, one) is not False and meant(asked, one)]
        denied = [entry for one in denies for entry in one.entries]
        texts = [one.assignment.condition for one in mine] + [one.condition for one in denies]
        texts += [entry.condition for entry in (*entries, *denied)]
        own = {key for role in roles.values() for key in ((name, of) for name, of, _ in literals(role))}
        universe = numbers.published | BitMap([numbers.places[one] for one in own if one in numbers.places])
        universe &= numbers.of_plane[plane]
        told = list(map(numbers.entry, (*entries, *denied)))
        if not (unread(asked) or any(one.role is None for one in mine)):
            kept = BitMap.union(BitMap(), *told[: len(entries)]) | self._special(plane)
            universe &= kept
        yield from self.parted(asked, universe, [*told, *numbers.asked_by(texts)], texts)

    def _special(self, plane: Plane) -> BitMap:
        return self._alone if plane is Plane.DATA else BitMap()

    @cached_property
    def _alone(self) -> BitMap:
        """The data operations that may be decided by other systems than roles."""
        return BitMap.union(BitMap(), *self._systems)

    @cached_property
    def _systems(self) -> list[BitMap]:
        """The same, those of one service together."""
        data = self.numbers.of_plane[Plane.DATA]
        return [BitMap([one for one in data if self.numbers.canonical[one].startswith(of)]) for of in _SPECIAL]

    def parted(
        self, asked: Request, universe: BitMap, sets: Iterable[BitMap], texts: Iterable[str]
    ) -> Iterator[BitMap]:
        """A set cut into those that lie in the same of some sets, and of which requests always have the same."""
        read = dict.fromkeys(one for text in texts if (node := parsed(text)) is not None for one in attributes(node))
        cuts = [*sets, *(self._always(attribute) for attribute in read), *self._elsewhere(asked, universe)]
        parts = [universe] if universe else []
        for cut in cuts:
            parts = [one for part in parts for one in (part & cut, part - cut) if one]
        yield from parts

    def _always(self, attribute: Attribute) -> BitMap:
        """The operations of which requests always have an attribute, whatever else they ask."""
        found = self._kept.get(attribute.key)
        if found is None:
            found = BitMap([at for at, one in enumerate(self.numbers.canonical) if always(one, attribute)])
            self._kept[attribute.key] = found
        return found

    def _elsewhere(self, asked: Request, universe: BitMap) -> Iterator[BitMap]:
        """Operations of which other systems than roles say the same on a resource; that they do, the service tells."""
        for several in self._systems:
            if not (some := several & universe):
                continue
            told = self.about(asked, some[0])
            vault = vault_of(told, Plane.DATA)
            if vault is None and not any(other_systems(told, Plane.DATA)):
                continue
            yield some
            if vault is not None and vault.policies:
                yield from self._needing(some)

    def _needing(self, some: BitMap) -> Iterator[BitMap]:
        """Those that need one permission of an access policy; one by one where no page tells which."""
        found: dict[object, BitMap] = {}
        for one in some:
            operation = self.numbers.canonical[one]
            found.setdefault(needs(operation) or operation, BitMap()).add(one)
        yield from found.values()

    def _cube(self, one: Alike, places: Iterable[str]) -> Cube:
        permissions = tuple(self.numbers.names[number] for number in one.permissions)
        return Cube(permissions, tuple(places), (), one.state, one.residual, one.missing)


def _answer(asked: Request, solved: Solver) -> _Same:
    verdict = decide(asked).verdict
    state = STATES[verdict.outcome]
    undecided = state in (State.CONDITIONAL, State.UNKNOWN)
    found = solved.alternatives(verdict.certain) if undecided else []
    return state, None if found is None else residual_of(found), tuple(sorted(verdict.gaps))
