"""Operations by number, each on its plane, and as sets what patterns take in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from pyroaring import BitMap

from leastwise.providers.conditions import ConditionError

from ..evaluate.conditions import leaves
from ..language.operations import DATA, Patterns, Plane, canonical, literal
from ..language.parse import parse_condition
from ..language.roles import Entry, Role
from ..language.tree import ActionMatches, Node
from .estate import Compiled


class Numbers:
    """The operations of the catalogue and of roles that were read, numbered in the order of their written names.

    An operation that is on both planes is two; that of the data plane has `data:` before it.
    """

    def __init__(self, held: Compiled) -> None:
        self._held = held
        self._sets: dict[tuple[Plane, tuple[str, ...]], BitMap] = {}
        self._roles: dict[str, tuple[BitMap, ...]] = {}

    @cached_property
    def _told(self) -> list[tuple[str, str, Plane]]:
        """Written name, canonical name and plane of each, sorted."""
        estate = self._held.estate
        names = {(canonical(one), plane): one for plane in Plane for one in estate.every(plane)}
        for role in estate.roles.values():
            for name, plane, text in literals(role):
                if plane in estate.planes(name):
                    names.setdefault((name, plane), text)
        found = []
        for (name, plane), text in names.items():
            twice = plane is Plane.DATA and (name, Plane.CONTROL) in names
            found.append((f"{DATA}{text}" if twice else text, name, plane))
        return sorted(found)

    @cached_property
    def names(self) -> list[str]:
        """Every operation as a user sees it, sorted."""
        return [name for name, _, _ in self._told]

    @cached_property
    def canonical(self) -> list[str]:
        """The name of each as it is compared, without its plane."""
        return [name for _, name, _ in self._told]

    @cached_property
    def planes(self) -> list[Plane]:
        """The plane of each."""
        return [plane for _, _, plane in self._told]

    @cached_property
    def of_plane(self) -> Mapping[Plane, BitMap]:
        """Those of each plane."""
        return {plane: BitMap([at for at, one in enumerate(self.planes) if one is plane]) for plane in Plane}

    @cached_property
    def places(self) -> Mapping[tuple[str, Plane], int]:
        """The number of an operation by its name as it is compared, and plane."""
        return {(name, plane): at for at, (_, name, plane) in enumerate(self._told)}

    @cached_property
    def published(self) -> BitMap:
        """Those of the catalogue."""
        every = {(canonical(one), plane) for plane in Plane for one in self._held.estate.every(plane)}
        return BitMap([at for key, at in self.places.items() if key in every])

    def taken(self, patterns: Patterns, plane: Plane) -> BitMap:
        """The operations of a plane that some patterns take in."""
        key = plane, patterns.texts
        if key not in self._sets:
            self._sets[key] = BitMap([at for at in self.of_plane[plane] if patterns.take(self.canonical[at])])
        return self._sets[key]

    def entry(self, entry: Entry) -> BitMap:
        """The operations of an entry, on both planes, whatever its condition."""
        found = BitMap()
        for plane in Plane:
            given, left_out = entry.of(plane)
            if given.texts:
                found |= self.taken(given, plane) - self.taken(left_out, plane)
        return found

    def role(self, key: str) -> tuple[BitMap, ...] | None:
        """The operations of each entry of a role; None where the role is not known."""
        if key not in self._roles:
            role = self._held.estate.role(key)
            if role is None:
                return None
            self._roles[key] = tuple(map(self.entry, role.entries))
        return self._roles[key]

    def asked_by(self, conditions: Iterable[str]) -> list[BitMap]:
        """The operations that each target of some conditions takes in."""
        patterns = dict.fromkeys(
            one.pattern
            for text in dict.fromkeys(conditions)
            if (node := parsed(text)) is not None
            for one in leaves(node)
            if isinstance(one, ActionMatches)
        )
        return [BitMap.union(BitMap(), *(self.taken(Patterns((one,)), plane) for plane in Plane)) for one in patterns]


def parsed(condition: str) -> Node | None:
    """A condition; None for none, and for one that does not parse."""
    if not condition.strip():
        return None
    try:
        return parse_condition(condition)
    except ConditionError:
        return None


def literals(role: Role) -> Iterable[tuple[str, Plane, str]]:
    """The operations that a role names without wildcards: as compared, plane, and as written."""
    for entry in role.entries:
        for plane in Plane:
            for text in filter(literal, entry.of(plane)[0].texts):
                yield canonical(text), plane, text.strip()
