"""The compiled tenant: what each array says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.sparse import Rows
from leastwise.providers.bulk.held import Held

from ..evaluate.estate import Estate
from ..evaluate.published import published
from ..language.access_policies import AccessPolicy
from ..language.actions import parse_action
from ..language.assignments import ALWAYS, Assignment, Span
from ..language.directory import APPLICATION, GROUP, Object, Unit
from ..language.grants import AppRole, Delegation, Trusted
from ..language.ids import At, Place
from ..language.policy import Policy
from ..language.roles import Entry, Role
from .instants import micros
from .lines import LINES, OUTSIDE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER_ENDS, _NO_BEGIN = np.iinfo(np.int64).max, np.iinfo(np.int64).min


class Compiled(Held):
    """Arrays by what they hold.

    Args:
        arrays: as `arranging` makes them.
    """

    def __init__(self, arrays: Arrays) -> None:
        super().__init__(arrays)
        self._objects: dict[int, Object] = {}

    # --- objects

    def object(self, number: int) -> Object:
        """An object; of one that was not read, what others tell of its kind."""
        if number not in self._objects:
            shape = self.shapes[int(self.arrays["member.shape"][number])]
            id, name, app = self.members[number], self.word("title", number), self.word("app", number)
            scopes = None if shape["scopes"] is None else frozenset(shape["scopes"])
            told = {key: value for key, value in shape.items() if key not in ("known", "scopes")}
            self._objects[number] = Object(id=id, name=name, app=app, scopes=scopes, **told)
        return self._objects[number]

    def known(self, number: int) -> bool:
        """Whether an object was read, and not only named."""
        found: bool = self.shapes[int(self.arrays["member.shape"][number])]["known"]
        return found

    @cached_property
    def shapes(self) -> list[dict[str, Any]]:
        """What is known of objects, by code."""
        return [json.loads(one) for one in self.words("shape")]

    @cached_property
    def kind_codes(self) -> tuple[list[str], Array]:
        """The kinds that there are, and of each member the place of its kind among these."""
        kinds = [str(one["kind"]) for one in self.shapes]
        listed = sorted(set(kinds))
        codes = np.array([listed.index(one) for one in kinds], np.int8)
        return listed, codes[self.arrays["member.shape"]]

    def of_kind(self, *kinds: str) -> Array:
        """The mask of all members of some kinds."""
        listed, codes = self.kind_codes
        return np.isin(codes, [listed.index(one) for one in kinds if one in listed])

    @cached_property
    def nobody(self) -> Array:
        """The mask of those that are no objects: lines, and whom federated credentials let in."""
        words = self.words("native")
        return np.isin(self.arrays["member.native"], [words.index(one) for one in (*LINES, OUTSIDE) if one in words])

    @cached_property
    def apps(self) -> Mapping[str, list[int]]:
        """Applications and service principals by app id."""
        words, found = self.words("app"), dict[str, list[int]]()
        codes = self.arrays["member.app"]
        empty = words.index("") if "" in words else -1
        for number in np.flatnonzero((codes != empty) & ~self.nobody).tolist():
            found.setdefault(words[int(codes[number])], []).append(number)
        return found

    @cached_property
    def applications(self) -> Mapping[str, int]:
        """Applications by app id."""
        mask = self.of_kind(APPLICATION)
        return {app: one for app, several in self.apps.items() for one in several if mask[one] and self.known(one)}

    # --- rows

    @cached_property
    def groups(self) -> Rows:
        """The groups that somebody is always in."""
        return self.rows("group.around")

    @cached_property
    def members_of(self) -> Rows:
        """Who is always in a group."""
        return self.rows("group.inside")

    @cached_property
    def owned(self) -> Rows:
        """What somebody always owns."""
        return self.rows("object.around")

    @cached_property
    def owners_of(self) -> Rows:
        """Who always owns something."""
        return self.rows("object.inside")

    @cached_property
    def units_of(self) -> Rows:
        """The units that an object is in."""
        return self.rows("unit.around")

    @cached_property
    def timed_by_member(self) -> Rows:
        """Memberships and ownerships with times, by who has them."""
        return self.rows("member.timed")

    @cached_property
    def timed_by_group(self) -> Rows:
        """The same by the group."""
        return self.rows("group.timed")

    def holding(self, name: str, now: datetime | None, numbers: Array) -> Array:
        """The mask of those of some rows with times that hold at a time."""
        if now is None:
            return np.ones(len(numbers), np.bool_)
        at = micros(now)
        return np.asarray((self.arrays[f"{name}.since"][numbers] <= at) & (at < self.arrays[f"{name}.until"][numbers]))

    def span(self, name: str, number: int) -> Span:
        """While a row holds."""
        since, until = int(self.arrays[f"{name}.since"][number]), int(self.arrays[f"{name}.until"][number])
        if since == _NO_BEGIN and until == _NEVER_ENDS:
            return ALWAYS
        return Span(None if since == _NO_BEGIN else moment(since), None if until == _NEVER_ENDS else moment(until))

    # --- assignments

    def assignment(self, name: str, number: int) -> Assignment:
        """One assignment, or (`offer`) eligible one."""
        arrays = self.arrays
        return Assignment(
            self.texts(f"{name}.id")[number],
            self.roles_of(name)[int(arrays[f"{name}.role"][number])],
            self.members[int(arrays[f"{name}.principal"][number])],
            self.places_of(name)[int(arrays[f"{name}.place"][number])],
            self.span(name, number),
            bool(arrays[f"{name}.activated"][number]),
        )

    def roles_of(self, name: str) -> list[str]:
        """The roles of assignments, by code."""
        return self._coded(f"{name}.role")

    def places_of(self, name: str) -> list[Place]:
        """The places of assignments, by code."""
        if name not in self._places:
            self._places[name] = [Place(At[at], id) for at, _, id in (
                one.partition("\x1f") for one in self._coded(f"{name}.place"))]  # fmt: skip
        return self._places[name]

    def _coded(self, name: str) -> list[str]:
        if name not in self._texts:
            self._texts[name] = self.texts(f"{name}.texts").all()
        return self._texts[name]

    @cached_property
    def _places(self) -> dict[str, list[Place]]:
        return {}

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        return {}

    # --- apps

    def app_role(self, number: int) -> AppRole:
        """One app role that was granted."""
        principal, resource = (int(self.arrays[f"app_role.{name}"][number]) for name in ("principal", "resource"))
        role = self._coded("app_role.role")[int(self.arrays["app_role.role"][number])]
        return AppRole(self.members[principal], self.object(principal).kind, self.members[resource], role)

    def delegation(self, number: int) -> Delegation:
        """One delegated grant."""
        client, resource, user = (
            int(self.arrays[f"delegation.{one}"][number]) for one in ("client", "resource", "user")
        )
        scopes = self.scopes[int(self.arrays["delegation.scopes"][number])]
        return Delegation(self.members[client], self.members[resource], self.members[user] if user >= 0 else "", scopes)

    @cached_property
    def scopes(self) -> list[frozenset[str]]:
        """The sets of scopes that were granted, by code."""
        return [frozenset(one.split()) for one in self._coded("delegation.scopes")]

    def credential(self, number: int) -> Trusted:
        """One federated credential."""
        issuer, subject, expression, audiences = json.loads(self.texts("trusted.told")[number])
        application = self.members[int(self.arrays["trusted.application"][number])]
        return Trusted(application, issuer, subject, expression, tuple(audiences))

    # --- what is known of the tenant as a whole

    @cached_property
    def whole(self) -> Estate:
        """The tenant without any lists: its role definitions, units, policy, and what was not read."""
        facts, policy = self.facts, self.facts["policy"]
        return Estate(
            published=published(),
            roles={one.key: one for one in map(_role, facts["roles"])},
            units={id: Unit(id, name, restricted) for id, name, restricted in facts["units"]},
            policy=None if policy is None else Policy(
                policy[0], policy[1], frozenset(policy[2]), None if policy[3] is None else tuple(policy[3])
            ),
            all_groups=facts["all_groups"],
            people_told=frozenset(facts["people_told"]),
            unread=tuple(facts["unread"]),
            access_policies=tuple(
                AccessPolicy(name, tuple(asks), frozenset(users), frozenset(services), frozenset(without), others)
                for name, asks, users, services, without, others in facts["access_policies"]
            ),
        )  # fmt: skip

    def whole_with(self, id: str) -> Estate:
        """The tenant with one of its objects, and no lists."""
        number = self.member_number(id)
        known = number is not None and self.known(number)
        return replace(self.whole, objects={id: self.object(number)} if number is not None and known else {})

    @cached_property
    def bound(self) -> Array:
        """The mask of those who have an assignment, or an eligible one."""
        rows = (self.rows(f"member.{name}s").starts for name in ("assignment", "offer"))
        return np.asarray(np.logical_or(*(np.diff(one) > 0 for one in rows)))

    @cached_property
    def assignable(self) -> Array:
        """The mask of groups to which directory roles can be assigned."""
        told = [one["assignable"] for one in self.shapes]
        codes = self.arrays["member.shape"]
        yes, untold = (np.array([one is wanted for one in told], np.bool_)[codes] for wanted in (True, None))
        return np.asarray(yes | (untold & self.bound)) & self.of_kind(GROUP)

    @cached_property
    def perhaps_assignable(self) -> Array:
        """The mask of groups that may be role-assignable for all that is known; see `Estate`."""
        none = self.whole.all_groups
        told = np.array(
            [one["assignable"] is None and not one["subtypes"] and (one["known"] or not none) for one in self.shapes],
            np.bool_,
        )
        return np.asarray(told[self.arrays["member.shape"]] & ~self.bound & self.of_kind(GROUP))

    @cached_property
    def unread_groups(self) -> Array:
        """The mask of groups of whose members nothing was read."""
        return self.of_kind(GROUP) & ~self.arrays["group.read"]

    @cached_property
    def undescribed(self) -> Array:
        """The mask of whom nothing describes: they may be groups, unless all groups are known."""
        return self.of_kind("") & ~self.nobody & (not self.whole.all_groups)

    @cached_property
    def loose(self) -> Mapping[str, list[int]]:
        """What is given to groups and ids that nobody knows the members of, and so perhaps to anybody."""
        anybody = (self.unread_groups & self.assignable) | self.undescribed
        given = {name: anybody[self.arrays[f"{name}.principal"]] for name in ("assignment", "offer")}
        given["app_role"] = (self.unread_groups | self.undescribed)[self.arrays["app_role.principal"]]
        return {name: np.flatnonzero(mask).tolist() for name, mask in given.items()}

    @cached_property
    def unread_assignable(self) -> list[str]:
        """The role-assignable groups of whose members nothing was read."""
        return self.members.many(np.flatnonzero(self.assignable & self.unread_groups))

    @cached_property
    def unread_perhaps(self) -> list[str]:
        """The groups that may be role-assignable of whose members nothing was read."""
        return self.members.many(np.flatnonzero(self.perhaps_assignable & self.unread_groups))

    @cached_property
    def unread_units(self) -> frozenset[str]:
        """The units of whose members nothing was read."""
        named = {one.id for one in self.places_of("assignment") if one.at is At.UNIT}
        read = set(self.members.many(np.flatnonzero(self.arrays["unit.read"])))
        return frozenset({*self.whole.units, *named} - read)

    def owners(self, number: int, now: datetime | None) -> BitMap:
        """Who owns an object at a time."""
        return self._with_timed(self.owners_of, number, now, owner=True)

    def inside(self, number: int, now: datetime | None) -> BitMap:
        """Who is known to be in a group at a time."""
        return self._with_timed(self.members_of, number, now, owner=False)

    def _with_timed(self, rows: Rows, number: int, now: datetime | None, *, owner: bool) -> BitMap:
        timed = self.timed_by_group.row(number)
        timed = timed[(self.arrays["timed.owner"][timed] == owner) & self.holding("timed", now, timed)]
        return BitMap(rows.row(number)) | BitMap(self.arrays["timed.member"][timed])


def moment(micros: int) -> datetime:
    """A moment of microseconds."""
    return _EPOCH + timedelta(microseconds=micros)


def _role(told: Sequence[object]) -> Role:
    key, title, entries, inherits, custom, enabled, template, whole = told
    made = (
        Entry(tuple(map(parse_action, actions)), tuple(map(parse_action, left_out)), condition)
        for actions, left_out, condition in entries  # type: ignore[attr-defined]
    )
    return Role(key, title, tuple(made), tuple(inherits), custom, enabled, template, whole)  # type: ignore[arg-type]
