"""The compiled estate, and the estate that `evaluate` reads: the same facts, made of arrays when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Arrays
from leastwise.providers.bulk.held import Held
from leastwise.providers.fields import FieldError

from .. import catalog
from ..evaluate.estate import GROUP, Estate, Member
from ..language.assignments import Assignment, parse_deny_assignment
from ..language.ids import ROOT, ArmId, IdError, arm_id, guid
from ..language.locks import Lock, parse_lock
from ..language.roles import Role, parse_role
from ..language.tree import Value
from ..language.vaults import AccessPolicy, Vault
from .columns import KINDS
from .given import Given

GROUP_CODE = KINDS.index(GROUP)
_ASSIGNMENTS = "/roleassignments/"


class Compiled(Held):
    """Arrays by what they hold.

    Args:
        arrays: as `compile` makes them.
    """

    def __init__(self, arrays: Arrays) -> None:
        super().__init__(arrays)
        self.places, self.ids = self.texts("place.key"), self.texts("place.id")
        self._place_lookup = self.lookup("place.key")
        self.assignments, self.offers = Given(self, "assignment"), Given(self, "offer")

    def place_number(self, key: str) -> int | None:
        """The number of a place by the key of its id, None for one that was not read."""
        return self._place_lookup.find(self.places, key)

    def place(self, number: int) -> ArmId:
        """The id of a place."""
        return arm_id(self.ids[number])

    def below(self, place: int) -> tuple[int, int]:
        """The range of places that are this one or lie in it."""
        return place, int(self.arrays["place.end"][place])

    def kind(self, member: int) -> str:
        """The kind of a principal as it was read; empty where nothing tells it."""
        return KINDS[int(self.arrays["member.type"][member])]

    @cached_property
    def homes(self) -> list[str]:
        """The tenants whose directories were read, by code; empty for none, and for one of which no id is known."""
        return self.texts("member.home.texts").all()

    def home(self, member: int) -> str:
        """The tenant whose directory told of a principal; empty where none did."""
        return self.homes[int(self.arrays["member.home"][member])]

    @cached_property
    def tenants(self) -> Mapping[str, str]:
        """The tenants of containers by key, where they were told."""
        return {key: found for key, _, _, tenant in self.facts["containers"] if (found := guid(tenant))}

    def is_group(self, member: int) -> bool:
        """Whether it is a group whose members were read."""
        return bool(self.arrays["member.read"][member]) and self.arrays["member.type"][member] == GROUP_CODE

    @cached_property
    def place_kinds(self) -> list[str]:
        """The kinds of places, by code."""
        return self.texts("place.kind.texts").all()

    @cached_property
    def attributes(self) -> list[Mapping[str, tuple[Value, ...]]]:
        """The attributes of each class of principals; those of the first were not read, or are none."""
        told = ({key: tuple(values) for key, values in one.items()} for one in self.facts["attributes"])
        return [{}, *told]

    @cached_property
    def read(self) -> frozenset[str]:
        """The keys of containers of which something was read."""
        return frozenset(self.facts["read"])

    def estate_of(self, resource: ArmId) -> Estate:
        """The estate for questions about a resource: of a container that was not read, nothing is known."""
        top = resource.top
        if top in self.read or top == ROOT:
            return self.estate
        found = self._beyond.get(top)
        if found is None:
            grants, denies = self.estate.unread_grants | {top}, self.estate.unread_denies | {top}
            found = self._beyond[top] = replace(self.estate, unread_grants=grants, unread_denies=denies)
        return found

    def with_only(self, estate: Estate, assignments: BitMap) -> Estate:
        """An estate of this one in which there are some of the assignments, by number, and no others."""
        assert isinstance(estate, _Lazy)
        return replace(estate, kept=assignments)

    @cached_property
    def _beyond(self) -> dict[str, Estate]:
        return {}

    @cached_property
    def estate(self) -> Estate:
        """What `evaluate` reads."""
        facts = self.facts
        unread = facts["unread"]
        disabled = np.flatnonzero(self.arrays["member.disabled"])
        return _Lazy(
            held=self, roles=self._roles, catalogue=catalog.role, operations=catalog.planes, every=catalog.every,
            denies=tuple(map(parse_deny_assignment, facts["denies"])), parents=facts["parents"], groups=_Groups(self),
            partly=frozenset(self.members.many(np.flatnonzero(self.arrays["member.partly"]))), kinds=_Kinds(self),
            people_told=frozenset(self.members.many(np.flatnonzero(self.arrays["member.people"]))),
            principals=_Attributes(self), homes=_Homes(self),
            tenant=lambda key: self.tenants.get(key, ""), vaults=dict(_vaults(facts)), locks=tuple(_locks(facts)),
            resources={key: {name: (one,) for name, one in told.items()} for key, told in facts["accounts"].items()},
            disabled=frozenset(self.members.many(disabled)),
            unread_grants=frozenset(unread["grants"]), unread_denies=frozenset(unread["denies"]),
        )  # fmt: skip

    @cached_property
    def _roles(self) -> dict[str, Role]:
        found = {}
        for key, body in self.facts["roles"].items():
            try:
                found[key] = parse_role(body)
            except FieldError:
                continue
        return found


def _vaults(facts: Mapping[str, Any]) -> Iterator[tuple[str, Vault]]:
    for id, told in facts["vaults"]:
        policies = None if told is None else tuple(AccessPolicy(who, _given(of)) for who, of in told)
        yield id.lower(), Vault(arm_id(id), policies)


def _given(told: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    return {kind: frozenset(told.get(kind, ())) for kind in ("secrets", "keys", "certificates", "storage")}


def _locks(facts: Mapping[str, Any]) -> Iterator[Lock]:
    for id, level in facts["locks"]:
        try:
            found = parse_lock(arm_id(id), {"properties": {"level": level}})
        except IdError:
            continue
        if found is not None:
            yield found


@dataclass(frozen=True)
class _Lazy(Estate):
    """The estate of evaluation over arrays."""

    held: Compiled = field(kw_only=True)
    kept: BitMap | None = None
    """The assignments that there are; None for all."""

    @cached_property
    def assigned(self) -> Mapping[str, tuple[Assignment, ...]]:
        """See `Estate`."""
        return _ByPlace(self.held, self.held.assignments, self.kept)

    @cached_property
    def offered(self) -> Mapping[str, tuple[Assignment, ...]]:
        """See `Estate`."""
        return _ByPlace(self.held, self.held.offers)

    @cached_property
    def above(self) -> tuple[str, ...]:
        """See `Estate`."""
        held = self.held
        code = held.place_kinds.index("management_group") if "management_group" in held.place_kinds else -1
        groups = np.flatnonzero(held.arrays["place.kind"] == code)
        rows = (held.assignments.by_place, held.offers.by_place)
        return tuple(held.places[one] for one in groups.tolist() if any(len(row.row(one)) for row in rows))

    @cached_property
    def by_id(self) -> Mapping[str, Assignment]:
        """See `Estate`."""
        return _ById(self.held)


class _ByPlace(Mapping[str, tuple[Assignment, ...]]):
    """Assignments by the key of their scope."""

    def __init__(self, held: Compiled, given: Given, kept: BitMap | None = None) -> None:
        self._held, self._given, self._kept = held, given, kept
        self._made: dict[str, tuple[Assignment, ...]] = {}

    def __getitem__(self, key: str) -> tuple[Assignment, ...]:
        if key not in self._made:
            number = self._held.place_number(key)
            row = () if number is None else self._given.by_place.row(number).tolist()
            self._made[key] = tuple(self._given.one(one) for one in row if self._kept is None or one in self._kept)
        found = self._made[key]
        if not found:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (self._held.places[one] for one in np.unique(self._given.place).tolist())

    def __len__(self) -> int:
        return len(np.unique(self._given.place))


class _ById(Mapping[str, Assignment]):
    """Assignments by their own id; those of which two things are told are left out."""

    def __init__(self, held: Compiled) -> None:
        self._given = held.assignments

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        twice: set[str] = set()
        for number, id in enumerate(self._given.ids):
            if found.setdefault(id.lower(), number) != number:
                twice.add(id.lower())
        return {id: number for id, number in found.items() if id and id not in twice}

    def __getitem__(self, id: str) -> Assignment:
        if _ASSIGNMENTS not in id:
            raise KeyError(id)  # most that is asked for is none
        return self._given.one(self._numbers[id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


class _Groups(Mapping[str, tuple[Member, ...]]):
    """Members of those groups of which they were read."""

    def __init__(self, held: Compiled) -> None:
        self._held, self._rows = held, held.rows("group.members")
        self._made: dict[str, tuple[Member, ...]] = {}

    def __getitem__(self, id: str) -> tuple[Member, ...]:
        if id not in self._made:
            number = self._held.member_number(id)
            if number is None or not self._held.arrays["member.read"][number]:
                raise KeyError(id)
            members = self._held.members.many(self._rows.row(number))
            self._made[id] = tuple(map(Member, members))
        return self._made[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held.members.many(np.flatnonzero(self._held.arrays["member.read"])))

    def __len__(self) -> int:
        return int(self._held.arrays["member.read"].sum())


class _Kinds(Mapping[str, str]):
    """Kinds of principals that were read."""

    def __init__(self, held: Compiled) -> None:
        self._held = held
        self._known: dict[str, str] = {}

    def get(self, id: str, default: Any = None) -> Any:
        """The kind of a principal, found once."""
        kind = self._known.get(id)
        if kind is None:
            number = self._held.member_number(id)
            kind = self._known[id] = "" if number is None else self._held.kind(number)
        return kind or default

    def __getitem__(self, id: str) -> str:
        kind: str = self.get(id, "")
        if not kind:
            raise KeyError(id)
        return kind

    def __iter__(self) -> Iterator[str]:
        return iter(self._held.members.many(np.flatnonzero(self._held.arrays["member.type"])))

    def __len__(self) -> int:
        return int((self._held.arrays["member.type"] > 0).sum())


class _Attributes(Mapping[str, Mapping[str, tuple[Value, ...]]]):
    """Attributes of those principals of whom they were read."""

    def __init__(self, held: Compiled) -> None:
        self._held = held

    def __getitem__(self, id: str) -> Mapping[str, tuple[Value, ...]]:
        number = self._held.member_number(id)
        code = 0 if number is None else int(self._held.arrays["member.class"][number])
        if not code:
            raise KeyError(id)
        return self._held.attributes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held.members.many(np.flatnonzero(self._held.arrays["member.class"])))

    def __len__(self) -> int:
        return int((self._held.arrays["member.class"] > 0).sum())


class _Homes(Mapping[str, str]):
    """The tenants whose directories told of principals."""

    def __init__(self, held: Compiled) -> None:
        self._held = held

    def __getitem__(self, id: str) -> str:
        number = self._held.member_number(id)
        home = "" if number is None else self._held.home(number)
        if not home:
            raise KeyError(id)
        return home

    def __iter__(self) -> Iterator[str]:
        return iter(self._held.members.many(np.flatnonzero(self._held.arrays["member.home"])))

    def __len__(self) -> int:
        return int((self._held.arrays["member.home"] > 0).sum())
