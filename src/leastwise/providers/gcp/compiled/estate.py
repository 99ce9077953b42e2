"""The compiled estate, and the estate that `evaluate` reads: the same facts, made of arrays when they are looked at."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.sparse import Texts
from leastwise.providers.bulk.held import Held

from .. import catalog
from ..evaluate.estate import Estate, Membership, Organization, Place, TagValue
from ..language.members import Member, parse_member
from ..language.policies import (
    AccessBinding,
    AllowPolicy,
    Boundary,
    BoundaryBinding,
    DenyPolicy,
    PolicyError,
    is_allow_policy,
    parse_allow_policy,
    parse_boundary,
    parse_deny_policy,
)
from ..language.resources import Projects
from ..language.roles import Role


class Compiled(Held):
    """Arrays by what they hold.

    Args:
        arrays: as `compile` makes them.
        alone: accounts of which the user says that nothing stands above them.
    """

    def __init__(self, arrays: Arrays, alone: Collection[str] = ()) -> None:
        super().__init__(arrays)
        self.alone = frozenset(alone)
        self.places, self._place_lookup = self.texts("place.name"), self.lookup("place.name")
        self._parsed: dict[int, Member] = {}
        self._policies: dict[int, AllowPolicy | None] = {}

    def place_number(self, name: str) -> int | None:
        """The number of a place by its canonical full name, None for one that was not read."""
        return self._place_lookup.find(self.places, name)

    def member(self, number: int) -> Member:
        """Somebody by number."""
        found = self._parsed.get(number)
        if found is None:
            found = self._parsed[number] = parse_member(self.members[number])
        return found

    def policy(self, document: int) -> AllowPolicy | None:
        """An allow policy by the number of its document, None for one that is none."""
        if document not in self._policies:
            self._policies[document] = self._parse(document)
        return self._policies[document]

    def _parse(self, document: int) -> AllowPolicy | None:
        try:
            return parse_allow_policy(msgspec.json.decode(self._documents.bytes(document)))
        except (PolicyError, msgspec.DecodeError):
            return None

    def until(self, group: int) -> list[str]:
        """When each membership in a group ends (RFC 3339), empty for never."""
        starts = self.arrays["group.members.starts"]
        ends = self.arrays["group.until"][starts[group] : starts[group + 1]].tolist()
        return [f"{datetime.fromtimestamp(end / 1e6, UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if end else "" for end in ends]

    @cached_property
    def _documents(self) -> Texts:
        return self.texts("document.text")

    def below(self, place: int) -> tuple[int, int]:
        """The range of places that are this one or lie in it."""
        return place, int(self.arrays["place.end"][place])

    @cached_property
    def role_names(self) -> list[str]:
        """The roles that bindings give, by code."""
        return self.texts("binding.role.texts").all()

    @cached_property
    def conditions_name_resources(self) -> bool:
        """Whether the condition of a binding asks something of the resource."""
        return any("resource." in one for one in self.texts("binding.condition.texts").all())

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """The roles that were read."""
        return _Roles(self)

    @cached_property
    def permissions(self) -> list[str]:
        """Every permission that a role holds, canonical and sorted."""
        return self.texts("permission").all()

    @cached_property
    def estate(self) -> Estate:
        """What `evaluate` reads."""
        facts = self.facts
        unread: dict[str, list[str]] = {}
        for top, what in facts["unread"]["denies"]:
            unread.setdefault(top, []).append(what)
        for account, top in facts["unread"]["above"]:
            if account not in self.alone:
                unread.setdefault(top, []).append(f"the deny policies above {account}")
        denies: dict[str, list[DenyPolicy]] = {}
        for attached, name, text in facts["denies"]:
            policy = self._deny(text)
            if policy is None:
                unread.setdefault(attached, []).append(f"the rules of {name}")
            else:
                denies.setdefault(attached, []).append(policy)
        boundaries = {name: one for name, text in facts["boundaries"].items() if (one := self._boundary(text))}
        bound = [BoundaryBinding("", policy, target, _expression(told)) for policy, target, told in facts["bound"]]
        bound += [BoundaryBinding("", what, top, None) for top, what in facts["unread"]["bound"]]
        tags, values = _tags(facts)
        return _Lazy(
            places=_Places(self), edges=_Edges(self), projects=Projects(facts["numbers"]), roles=self.roles,
            catalogue=catalog.permissions_of, denies=denies, boundaries=boundaries, bound=bound, groups=_Groups(self),
            partly=facts["partly"],
            organizations={name: Organization(domain, customer, frozenset(others), whole)
                           for name, (domain, customer, others, whole) in facts["organizations"].items()},
            tags=tags, tag_values=values, accounts=facts["accounts"], pools=facts["pools"],
            access=[AccessBinding("", policy, target) for policy, target in facts["access"]], unread=unread,
        )  # fmt: skip

    def _deny(self, text: int) -> DenyPolicy | None:
        try:
            return None if text < 0 else parse_deny_policy(self._guardrail(text))
        except PolicyError:
            return None

    def _boundary(self, text: int) -> Boundary | None:
        try:
            return None if text < 0 else parse_boundary(self._guardrail(text))
        except PolicyError:
            return None

    def _guardrail(self, text: int) -> Any:
        return msgspec.json.decode(self.texts("guardrail.text").bytes(text))

    def holds(self, permission: str) -> Array:
        """The mask of the roles that were read and hold a permission."""
        found = np.zeros(len(self.facts["roles"]), np.bool_)
        lookup = self.lookup("permission").find(self.texts("permission"), permission)
        if lookup is not None:
            rows = self.rows("role.permissions")
            owner = np.repeat(np.arange(len(found)), np.diff(rows.starts))
            found[owner[rows.values == lookup]] = True
        return found


def _expression(told: str | None) -> str | None:
    """The expression of a condition; see `language.policies`."""
    return None if told is None else str(json.loads(told).get("expression", ""))


def _tags(facts: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, TagValue]]:
    """Tags by place, and their values; of a value only its names were read, or where they were not its id."""
    values: dict[str, TagValue] = {}
    tags: dict[str, list[str]] = {}
    for name, pairs in facts["tags"]:
        for key, short, ids in pairs:
            of_key, separator, value = ids.rpartition("tagValues/")
            id, key_id = f"{separator}{value}" if separator else "", (of_key if separator else ids).rstrip("/")
            own = key if key.startswith("tagValues/") else f"{key}/{short}"
            tags.setdefault(name, []).append(own)
            if key.startswith("tagKeys/"):
                bare = short.startswith("tagValues/")
                values[own] = TagValue(short if bare else "", "" if bare else short, key, "")
            elif own != key:
                values[own] = TagValue(id, short, key_id, key)
    return tags, values


class _Lazy(Estate):
    """The estate of evaluation over arrays."""

    def parent(self, name: str) -> str | None:
        """What a resource lies in; of a place that was read, as it was compiled."""
        return self.edges.get(name) or super().parent(name)

    def astray(self, name: str) -> bool:
        """Whether the project of a place was not told, whether or not its policy was."""
        return name in self._astray

    @cached_property
    def _astray(self) -> frozenset[str]:
        places = self.places
        assert isinstance(places, _Places)
        return frozenset(places.astray())

    @cached_property
    def managed(self) -> Sequence[str]:
        """The managed folders that were read."""
        places = self.places
        assert isinstance(places, _Places)
        return places.managed()


_FLAGS = ("lists", "astray", "unnumbered")


class _Places(Mapping[str, Place]):
    """Those places of which it is known what policy they have."""

    def __init__(self, held: Compiled) -> None:
        self._held = held
        self._made: dict[str, Place | None] = {}
        self._known: dict[object, bool] = {}

    def __getitem__(self, name: str) -> Place:
        if name not in self._made:
            self._made[name] = self._make(name)
        found = self._made[name]
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        """Whether it is known what policy a place has; that policy is not read for it."""
        if name not in self._known:
            self._known[name] = isinstance(name, str) and self._readable(name)
        return self._known[name]

    def _readable(self, name: str) -> bool:
        number = self._held.place_number(name)
        if number is None or not self._held.arrays["place.read"][number]:
            return False
        document = int(self._held.arrays["place.document"][number])
        return document < 0 or is_allow_policy(self._held.texts("document.text").bytes(document))

    def _make(self, name: str) -> Place | None:
        held, arrays = self._held, self._held.arrays
        number = held.place_number(name)
        if number is None or not arrays["place.read"][number]:
            return None
        document = int(arrays["place.document"][number])
        policy = held.policy(document) if document >= 0 else None
        if document >= 0 and policy is None:
            return None
        above = int(arrays["place.parent"][number])
        parent = held.places[above] if above >= 0 else None
        lists, astray, unnumbered = (bool(arrays[f"place.{word}"][number]) for word in _FLAGS)
        return Place(name, parent, policy, "", lists, astray, unnumbered)

    def astray(self) -> list[str]:
        """The names of those places of which the project was not told."""
        return list(self._held.places.many(np.flatnonzero(self._held.arrays["place.astray"])))

    def managed(self) -> list[str]:
        """The names of managed folders."""
        held = self._held
        kinds = held.texts("place.kind.texts").all()
        wanted = [code for code, kind in enumerate(kinds) if kind == "storage:managedfolder"]
        found = np.flatnonzero(np.isin(held.arrays["place.kind"], wanted))
        return [name for name in held.places.many(found) if name in self]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._held.places.all() if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Edges(Mapping[str, str]):
    """What each place lies in."""

    def __init__(self, held: Compiled) -> None:
        self._held = held

    def __getitem__(self, name: str) -> str:
        number = self._held.place_number(name)
        above = -1 if number is None else int(self._held.arrays["place.parent"][number])
        if above < 0:
            raise KeyError(name)
        return self._held.places[above]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._held.places.all() if name in self)

    def __len__(self) -> int:
        return int((self._held.arrays["place.parent"] >= 0).sum())


class _Groups(Mapping[str, Sequence[Membership]]):
    """Members of those groups of which they were read, by mail address."""

    def __init__(self, held: Compiled) -> None:
        self._held, self._rows = held, held.rows("group.members")
        self._empty: list[str] = held.facts["empty"]
        self._made: dict[str, Sequence[Membership]] = dict.fromkeys(self._empty, ())

    def __getitem__(self, address: str) -> Sequence[Membership]:
        if address not in self._made:
            number = self._held.member_number(f"group:{address}")
            if number is None or not len(self._rows.row(number)):
                raise KeyError(address)
            ends = self._held.until(number)
            members = map(self._held.member, self._rows.row(number).tolist())
            self._made[address] = [Membership(one, until) for one, until in zip(members, ends, strict=True)]
        return self._made[address]

    def __iter__(self) -> Iterator[str]:
        held = np.flatnonzero(np.diff(self._rows.starts))
        yield from (id.removeprefix("group:") for id in self._held.members.many(held))
        yield from self._empty

    def __len__(self) -> int:
        return int((np.diff(self._rows.starts) > 0).sum()) + len(self._empty)


class _Roles(Mapping[str, Role]):
    """Roles by name."""

    def __init__(self, held: Compiled) -> None:
        self._held, self._rows = held, held.rows("role.permissions")
        self._numbers = {name: number for number, (name, _, _) in enumerate(held.facts["roles"])}
        self._made: dict[str, Role] = {}

    def __getitem__(self, name: str) -> Role:
        if name not in self._made:
            number = self._numbers[name]
            _, inert, told = self._held.facts["roles"][number]
            held = frozenset(self._held.permissions[one] for one in self._rows.row(number).tolist()) if told else None
            self._made[name] = Role(name, held, inert)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)
