"""What is given to somebody by name: directory roles, app roles, what owners may; on which places.

Places are numbered: 0 is the tenant, and each member stands one further than its number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.groups import combined
from leastwise.engine.sparse import Rows, rows_of

from ..catalog.tables import tables
from ..evaluate.apps import value_of
from ..language.directory import GROUP, SERVICE, USER
from ..language.ids import At, Place
from ..language.roles import OWNER, SELF
from .held import Compiled
from .numbers import Numbers

ALL = 0
"""The place of the tenant."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one grant gives.

    Args:
        layer: as attachments name it.
        policy: of a role its title, of an app role its value, of ownership what kind of object is owned.
        source: the id of the grant, or of what is owned.
        permissions: by number.
        places: by number.
        known: whether all that it gives is known.
        ends: whether it gives that for a time alone.
    """

    layer: str
    policy: str
    source: str
    permissions: BitMap
    places: tuple[int, ...]
    known: bool = True
    ends: bool = False


class Granting:
    """Tells what is given, in one tenant."""

    def __init__(self, held: Compiled, numbers: Numbers) -> None:
        self.held, self.numbers = held, numbers

    def of(self, number: int, who: int | None = None) -> Iterator[Given]:
        """What is given to somebody, or (`who`) to one who is in that group."""
        held = self.held
        whose = number if who is None else who
        group = held.object(number).kind == GROUP
        if not group or held.assignable[number]:
            for row in held.rows("member.assignments").row(number).tolist():
                yield from self._by_role(row, None if group and who is None else whose)
        for row in held.rows("by.app_role.principal").row(number).tolist():
            one = held.app_role(row)
            value = value_of(held.whole_with(one.resource), one)
            at = self.numbers.by_lower.get((value or "").lower())
            given = BitMap() if at is None else BitMap([at])
            place = int(held.arrays["app_role.resource"][row]) + 1
            yield Given("application", value or one.role, one.resource, given, (place,), value is not None)
        yield from self._by_owning(number)

    def _by_role(self, row: int, who: int | None) -> Iterator[Given]:
        """What an assignment gives; what hangs on who uses it is told of somebody alone."""
        one, held = self.held.assignment("assignment", row), self.held
        role, entries = held.whole.role(one.role), self.numbers.role(one.role)
        title, ends = (one.role if role is None else role.title), one.span.until is not None
        source, place = one.id or str(one.place), self.place(one.place)
        if entries is None:
            yield Given("allow", title, source, BitMap(), (place,), known=False, ends=ends)
            return
        gathered: dict[tuple[int, ...], BitMap] = {}
        for condition, permissions in entries:
            places = self._where(condition, who) if condition else (place,)
            if places:
                gathered[places] = gathered.get(places, BitMap()) | permissions
        for places, permissions in gathered.items():
            yield Given("allow", title, source, permissions, places, ends=ends)

    def _where(self, condition: str, who: int | None) -> tuple[int, ...]:
        if who is None or condition not in (SELF, OWNER):
            return ()
        return (who + 1,) if condition == SELF else tuple(sorted(one + 1 for one in self.owned(who)))

    def place(self, place: Place) -> int:
        """The number of a place; the tenant's for an object of some app that is no member."""
        if place.at is At.TENANT:
            return ALL
        number = self.held.member_number(place.id.strip("/").rpartition("/")[2])
        return ALL if number is None else number + 1

    def owned(self, number: int) -> list[int]:
        """What somebody owns."""
        held = self.held
        timed = held.timed_by_member.row(number)
        timed = timed[held.arrays["timed.owner"][timed]]
        return [*held.owned.row(number).tolist(), *held.arrays["timed.group"][timed].tolist()]

    def _by_owning(self, number: int) -> Iterator[Given]:
        by_kind: dict[str, list[int]] = {}
        for one in self.owned(number):
            by_kind.setdefault(self.held.object(one).kind, []).append(one + 1)
        for kind, places in by_kind.items():
            if self._owners.get(kind):
                source = self.held.members[places[0] - 1]
                yield Given("ownership", f"owner of {kind}", source, self._owners[kind], tuple(sorted(set(places))))

    @cached_property
    def _owners(self) -> dict[str, BitMap]:
        """What owners of each kind of object may."""
        actions = self.numbers.actions.items()
        return {
            kind: BitMap(at for at, action in actions if any(one.includes(action) for one in listed))
            for kind, listed in tables().owners.items()
        }

    # --- whom

    @cached_property
    def principals(self) -> Array:
        """Everybody who can act, to whom something is given, itself or through a group; ascending."""
        held = self.held
        able = [one["kind"] in (USER, SERVICE, "") and one["enabled"] is not False for one in held.shapes]
        acts = np.array(able, np.bool_)[held.arrays["member.shape"]] & ~held.nobody
        return np.flatnonzero(acts & ((self.own > 0) | (np.diff(self.around.starts) > 0)))

    @cached_property
    def own(self) -> Array:
        """A number for each member: 0 where nothing is given by name, and equal where grants give alike."""
        held, arrays = self.held, self.held.arrays
        count = len(held.members)
        names = ("role", "place", "until")
        columns = [self._codes("member.assignments", [arrays[f"assignment.{one}"] for one in names])]
        columns.append(self._codes("by.app_role.principal", [arrays["app_role.resource"], arrays["app_role.role"]]))
        columns.append(held.owned.codes(np.arange(count)) * (np.diff(held.owned.starts) > 0))
        timed = np.zeros(count, np.int64)
        owners = np.flatnonzero(arrays["timed.owner"])
        timed[arrays["timed.member"][owners]] = arrays["timed.member"][owners] + 1
        some = np.any([one > 0 for one in (*columns, timed)], axis=0) if count else np.zeros(0, np.bool_)
        # What a role gives under a condition hangs on who has it.
        apart = np.zeros(count, np.int64)
        conditional = [at for at, key in enumerate(held.roles_of("assignment")) if self._conditional(key)]
        rows = np.isin(arrays["assignment.role"], conditional)
        apart[arrays["assignment.principal"][rows]] = arrays["assignment.principal"][rows] + 1
        codes = combined([*columns, timed, apart], count) if count else np.zeros(0, np.int64)
        return np.asarray((np.unique(codes, return_inverse=True)[1] + 1) * some)

    def _conditional(self, key: str) -> bool:
        return any(condition for condition, _ in self.numbers.role(key) or ())

    def _codes(self, rows: str, columns: list[Array]) -> Array:
        held = self.held
        found = held.rows(rows)
        if not len(columns[0]):
            return np.zeros(len(held.members), np.int64)
        told = combined([one.astype(np.int64) for one in columns], len(columns[0]))
        told = np.unique(told, return_inverse=True)[1]
        values = told[found.values]
        owner = np.repeat(np.arange(len(held.members)), np.diff(found.starts))
        order = np.lexsort((values, owner))
        codes = Rows(found.starts, values[order]).codes(np.arange(len(held.members)))
        return np.asarray((codes + 1) * (np.diff(found.starts) > 0))

    @cached_property
    def around(self) -> Rows:
        """The groups through which something is given that each member is in."""
        held, arrays = self.held, self.held.arrays
        roles = np.diff(held.rows("member.assignments").starts) > 0
        apps = np.diff(held.rows("by.app_role.principal").starts) > 0
        giving = np.flatnonzero(held.of_kind(GROUP) & ((roles & held.assignable) | apps))
        inside, at = held.members_of.gather(giving)
        timed = np.flatnonzero(~arrays["timed.owner"] & np.isin(arrays["timed.group"], giving))
        members = np.append(inside, arrays["timed.member"][timed]).astype(np.int64)
        groups = np.append(giving[at], arrays["timed.group"][timed]).astype(np.int64)
        pairs = np.unique(np.stack([members, groups], axis=1), axis=0)
        pairs = pairs[~held.of_kind(GROUP)[pairs[:, 0]]]
        return rows_of(pairs[:, 0], pairs[:, 1].astype(np.int32), len(held.members))
