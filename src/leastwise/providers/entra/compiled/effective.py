"""Everything that somebody may do in a tenant, as a value; see `bulk.effective`.

Places are the tenant and those of its objects to which somebody may do something else than to any object of the kind:
their own, those at which they have a role, those in units, those that are protected. What an action is not about is
told of an object as of the tenant; values of app roles are told of the service principals that offer them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.groups import parted
from leastwise.providers.bulk import effective
from leastwise.providers.bulk.effective import Answer, Pair, Part

from ..evaluate.decide import access
from ..evaluate.directions import permissions, unknown_roles
from ..evaluate.estate import Estate
from ..evaluate.request import Request
from ..evaluate.scoping import IN_UNITS, about, creates
from ..language.actions import is_action, parse_action
from ..language.directory import APPLICATION, DEVICE, GROUP, SERVICE, UNIT, USER
from ..language.ids import TENANT, At, Place
from .numbers import Numbers
from .relating import Relating

_KINDS = (USER, GROUP, DEVICE, UNIT, APPLICATION, SERVICE, "")
_Formulas = Mapping[str, Formula]
"""When somebody has permissions, by name; they never have others."""


@dataclass(frozen=True)
class Only:
    """What is looked at where all else is known to be the same: all of some objects, and of the others some actions.

    Args:
        objects: by number, ascending.
        names: of the actions.
    """

    objects: Array
    names: Collection[str]


class Effective(effective.Effective):
    """What a principal may do.

    Args:
        relating: the tenant.
        numbers: its permissions.
        asked: the question; its permission and object do not matter.
        only: what is looked at; None for all.
    """

    def __init__(self, relating: Relating, numbers: Numbers, asked: Request, only: Only | None = None) -> None:
        super().__init__(asked.who, relating.held.whole.unread, numbers.names)
        self._relating, self._asked, self._held, self._only = relating, asked, relating.held, only
        self._made: dict[str, _Formulas] = {}
        self._lists: dict[str | None, list[str]] = {}

    def shares(self, other: Effective) -> None:
        """Take what is so of the tenant from another estate, where the same comes of it but for some permissions."""
        found = dict(other.at(TENANT))
        if self._only is not None and self._only.names:
            seen = self._relating.who.marking.seen(replace(self._asked, resource=TENANT))
            names = self._listed(seen, None, self._only.names)
            found |= {one: access(replace(seen, permission=one)) for one in names}
        self._made[TENANT] = {name: one for name, one in sorted(found.items()) if one is not False}

    # --- where something lies

    @cached_property
    def points(self) -> Sequence[str]:
        """See `bulk.effective`."""
        numbers = [one for some in self._classes if self._differs(some) for one in some.tolist()]
        return [TENANT, *self._held.members.many(np.array(sorted(numbers), np.int64))]

    def _differs(self, some: Array) -> bool:
        """Whether objects of a class are told of otherwise than the tenant."""
        here, above = self.at(self._held.members[int(some[0])]), self.at(TENANT)
        return here != above

    @cached_property
    def _classes(self) -> list[Array]:
        """Objects of which the same comes."""
        placing, held = self._relating.placing, self._held
        found = []
        among = np.flatnonzero(~held.nobody)
        if self._only is not None and not self._only.names:
            among = self._only.objects[~held.nobody[self._only.objects]]
        for kind in _KINDS:
            objects = among[held.of_kind(kind)[among]]
            columns = [placing.shapes[held.arrays["member.shape"][objects]], self._own(objects)]
            if kind in IN_UNITS and self._by_units:
                columns.append(held.units_of.codes(objects))
            if kind == USER and self._given:
                columns.append(placing.protected[objects])
            if kind == SERVICE:
                columns.append(placing.locked[objects])
            if self._only is not None:
                columns.append(np.isin(objects, self._only.objects))
            found += [objects[some] for some in parted(columns, len(objects))]
        return found

    def _own(self, objects: Array) -> Array:
        """A number of its own for each object that somebody is something to, or has a role at; else zero."""
        held, number = self._held, self._held.member_number(self._asked.who)
        own = set() if number is None else {number}
        for part in self._relating.who.views.parts_of(self._asked.who):
            own |= part.owned | set(held.arrays["timed.group"][held.timed_by_member.row(part.number)].tolist())
            own |= part.groups
        named = [one.id for one in self._places] + [one.resource for one in self._seen.app_roles]
        for id in named:
            own |= {one for text in (id, id.strip("/"), id.rpartition("/")[2]) if (one := held.member_number(text))}
        return np.where(np.isin(objects, list(own)), objects + 1, 0)

    @cached_property
    def _seen(self) -> Estate:
        return self._relating.who.views.of(self._asked.who)

    @property
    def _given(self) -> bool:
        return bool(self._seen.assignments)

    @cached_property
    def _places(self) -> list[Place]:
        """The places at which somebody has a role, but for the tenant."""
        return [one.place for one in self._seen.assignments if one.place.at is not At.TENANT]

    @property
    def _by_units(self) -> bool:
        """Whether it matters in which units an object is."""
        held = self._held
        at_unit = any(one.at is At.UNIT for one in self._places)
        restricted = any(one.restricted is not False for one in held.whole.units.values()) or held.unread_units
        return at_unit or bool(restricted)

    def knows(self, place: str) -> bool:
        """See `bulk.effective`."""
        return place == TENANT or self._held.member_number(place) is not None

    def chain(self, place: str) -> tuple[str, ...]:
        """See `bulk.effective`."""
        return (TENANT,) if place == TENANT else (place, TENANT)

    def may_hold(self, place: str, one: str) -> bool:
        """See `bulk.effective`."""
        return one in (place, TENANT)

    def leaf(self, other: Effective, place: str) -> bool:
        """See `bulk.effective`: objects are told one by one."""
        return False

    # --- what is so there

    def at(self, place: str) -> _Formulas:
        """When the principal has which permissions on an object, or in the tenant, by name; sorted."""
        if place not in self._made:
            seen = self._relating.who.marking.seen(replace(self._asked, resource=place))
            known = self._held.member_number(place)
            of = None if place == TENANT else "" if known is None else self._held.object(known).kind
            above = {} if of is None else self.at(TENANT)
            found = {name: above.get(name, False) for name in above}
            partly = self._only is not None and of is not None and known not in self._only.objects
            names = self._only.names if self._only is not None and partly else None
            for name in self._listed(seen, of, names):
                found[name] = access(replace(seen, permission=name))
            told = {name: one for name, one in found.items() if one is not False}
            self._made[place] = dict(sorted(told.items()))
        return self._made[place]

    def _listed(self, seen: Request, kind: str | None, among: Collection[str] | None) -> list[str]:
        """The permissions (all, or among some) that are told of an object of a kind."""
        if among is not None:
            return [one for one in self._listed(seen, kind, None) if one in among]
        if kind == SERVICE:
            # Values hang on which one it is.
            return [one for one in permissions(seen) if _applies(one, kind)]
        if kind not in self._lists:
            whole = self._relating.who.marking.seen(replace(self._asked, resource=TENANT))
            self._lists[kind] = [one for one in permissions(whole) if _applies(one, kind)]
        return self._lists[kind]

    def _here(self, other: Effective, place: str) -> _Formulas:
        """The same of a place that perhaps only the other knows."""
        return self.at(self.lies(other, place))

    def pairs(self, other: Effective, place: str, among: Part | None) -> Iterator[Pair]:
        """See `bulk.effective`."""
        mine, others = self._here(other, place), other._here(self, place)
        gathered: dict[tuple[Formula, Formula], list[str]] = {}
        for name in sorted({*mine, *others} if among is None else ({*mine, *others} & among.permissions)):
            gathered.setdefault((mine.get(name, False), others.get(name, False)), []).append(name)
        for (first, second), names in gathered.items():
            yield first, second, names

    def differences(self, other: Effective, permission: str, place: str) -> tuple[Formula, Formula]:
        """See `bulk.effective`."""
        mine, others = self._here(other, place), other._here(self, place)
        return mine.get(permission, False), others.get(permission, False)

    def lacking(self, other: Effective, place: str) -> tuple[str, ...]:
        """See `bulk.effective`."""
        if place != TENANT:
            return ()
        return tuple(unknown_roles(replace(self._asked, estate=self._seen)))

    def answer(self, formula: Formula) -> Answer:
        """See `bulk.effective`."""
        told = self._relating.who.told(formula)
        return Answer(told.state, told.residual, told.missing)


@lru_cache(maxsize=8192)
def _applies(name: str, kind: str | None) -> bool:
    """Whether a permission is told of objects of a kind by themselves; None stands for the tenant, as any object."""
    if not is_action(name):
        return kind == SERVICE
    if kind is None:
        return True
    action = parse_action(name)
    if creates(action):
        return kind == UNIT and about(action) in IN_UNITS
    # What nothing describes may be anything.
    return about(action) == kind if kind else bool(about(action))
