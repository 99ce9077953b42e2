"""Objects in classes: those of one class are told apart, for a permission, by who owns them and who they are alone."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.groups import parted

from ..catalog.tables import tables
from ..evaluate.graph import directory_question
from ..evaluate.request import Kind, Request
from ..evaluate.scoping import IN_UNITS, about, creates
from ..language.actions import Action
from ..language.directory import SERVICE, UNIT, USER
from ..language.ids import TENANT, At
from .protecting import Protecting
from .view import Views

_PARTS = ("known", "kind", "assignable", "subtypes")
"""What of an object decides about what is done to it."""


@dataclass(frozen=True, slots=True)
class Class:
    """Objects, by number; none of them is the tenant itself.

    Args:
        objects: of it.
        alike: equal for classes that only assignments at an object itself tell apart; None where more may do so.
        places: the codes of the places of assignments that its object is.
    """

    objects: Array
    alike: Hashable = None
    places: frozenset[int] = frozenset()


class Placing:
    """Puts the objects of one tenant into classes."""

    def __init__(self, views: Views) -> None:
        self.views, self._held = views, views.held
        self._protecting = Protecting(views)

    def about(self, asked: Request) -> Array:
        """The objects that a permission can be about, by number, ascending; the tenant itself is beside them."""
        held = self._held
        if asked.kind is Kind.VALUE:
            return self._offering(asked)
        if asked.kind is Kind.EXCHANGE:
            return np.unique(held.arrays["trusted.application"]).astype(np.int64)
        action = action_of(asked)
        if action is None:
            return self._elsewhere(asked)
        if creates(action):
            return np.flatnonzero(held.of_kind(UNIT)) if about(action) in IN_UNITS else np.empty(0, np.int64)
        kind = about(action)
        return np.flatnonzero(held.of_kind(kind, "") & ~held.nobody) if kind else np.empty(0, np.int64)

    def _elsewhere(self, asked: Request) -> Array:
        """What a request to a system with roles of its own is about: a user's own data are known to be the user's."""
        own = asked.user and asked.kind is Kind.REQUEST and asked.graph.segments[0] == "users"
        number = self._held.member_number(asked.user) if own else None
        return np.array([] if number is None else [number], np.int64)

    def _offering(self, asked: Request) -> Array:
        """The service principals that offer a value, and those of which something was granted."""
        held, low = self._held, asked.permission.lower()
        estate = self.views.of()
        granted = np.unique(np.append(held.arrays["app_role.resource"], held.arrays["delegation.resource"]))
        found = set(granted.tolist())
        for code, shape in enumerate(held.shapes):
            values = [*(shape["app_roles"] or {}).values(), *(shape["scopes"] or ())]
            if any(one.lower() == low for one in values):
                found |= set(np.flatnonzero(held.arrays["member.shape"] == code).tolist())
        graph = np.flatnonzero(held.of_kind(SERVICE) & ~held.nobody).tolist()
        known = (one for one in graph if estate.is_graph(held.members[one])) if low in self._graph else ()
        return np.array(sorted(found | set(known)), np.int64)

    @cached_property
    def _graph(self) -> frozenset[str]:
        published = self._held.whole.published
        return frozenset(one.lower() for one in (*published.app_roles.values(), *published.scopes))

    def classes(self, asked: Request, objects: Array) -> Iterator[Class]:
        """The classes of some objects as a permission sees them."""
        if asked.kind in (Kind.VALUE, Kind.EXCHANGE):
            yield from (Class(np.array([one], np.int64)) for one in objects.tolist())
            return
        action = action_of(asked)
        if action is None or not len(objects):
            yield from (Class(np.array([one], np.int64)) for one in objects.tolist())
            return
        columns = [self.shapes[self._held.arrays["member.shape"][objects]], self._held.units_of.codes(objects)]
        if asked.user:
            columns.append(self.mine(asked.user, objects))
        if self.guards(asked):
            columns.append(self.guarding(asked)[objects])
        if of_credentials(action):
            columns.append(self.locked[objects])
        alone, at = self._alone(action, objects), self.at(creates(action))
        for some in parted([*columns, alone], len(objects)):
            told = None if asked.user or of_members(action) else tuple(int(one[some[0]]) for one in columns)
            yield Class(objects[some], told, at.get(int(objects[some[0]]), frozenset()))

    def guards(self, asked: Request) -> bool:
        """Whether what protects users decides about a question."""
        action = action_of(asked)
        if action is None or about(action) != USER:
            return False
        return asked.kind is Kind.REQUEST or any(action in one.actions for one in tables().upon)

    def largest(self, asked: Request) -> Sequence[Class]:
        """The classes of all objects that an action can be about, the largest first; kept for actions of a kind."""
        action = asked.action
        key = (
            *(about(action), creates(action), self.guards(asked), of_credentials(action)),
            of_members(action),
        )
        if key not in self._largest:
            classes = self.classes(asked, self.about(asked))
            self._largest[key] = sorted(classes, key=lambda one: -len(one.objects))
        return self._largest[key]

    @cached_property
    def _largest(self) -> dict[object, Sequence[Class]]:
        return {}

    @cached_property
    def shapes(self) -> Array:
        """For each shape a number of what of it decides about what is done to an object."""
        texts = [json.dumps([one[name] for name in _PARTS], sort_keys=True) for one in self._held.shapes]
        return np.unique(texts, return_inverse=True)[1].astype(np.int64)

    def _alone(self, action: Action, objects: Array) -> Array:
        """Zero, and a number of its own for each object that is a place itself, or tells its members alone."""
        held, found = self._held, np.zeros(len(objects), np.int64)
        numbers = list(self.at(creates(action)))
        if of_members(action):
            told = [one["subtypes"].get("hidden") is True for one in held.shapes]
            numbers += np.flatnonzero(np.array(told, np.bool_)[held.arrays["member.shape"]]).tolist()
        mask = np.isin(objects, np.array(numbers, np.int64))
        found[mask] = objects[mask] + 1
        return found

    def at(self, created: bool) -> Mapping[int, frozenset[int]]:
        """The codes of the places of assignments that objects are; what is created in a unit is so at the unit."""
        if created not in self._placed:
            kinds = (At.OBJECT, At.APP, At.UNIT) if created else (At.OBJECT, At.APP)
            found: dict[int, frozenset[int]] = {}
            for code, one in enumerate(self._held.places_of("assignment")):
                for id in {one.id, one.id.strip("/"), one.id.rpartition("/")[2]} if one.at in kinds else ():
                    number = self._held.member_number(id)
                    if number is not None:
                        found[number] = found.get(number, frozenset()) | {code}
            self._placed[created] = found
        return self._placed[created]

    @cached_property
    def _placed(self) -> dict[bool, Mapping[int, frozenset[int]]]:
        return {}

    def mine(self, who: str, objects: Array) -> Array:
        """Zero, and a number of its own for each object that somebody owns, is in, or is."""
        own = [number for one in self.views.parts_of(who) for number in self._near(one.number)]
        return np.where(np.isin(objects, np.array(own, np.int64)), objects + 1, 0)

    def _near(self, number: int) -> Iterator[int]:
        held = self._held
        yield number
        timed = held.arrays["timed.group"][held.timed_by_member.row(number)]
        for some in (held.owned.row(number), held.groups.row(number), timed):
            yield from some.tolist()

    @property
    def protected(self) -> Array:
        """For each member a number of what protects it: the roles that it has, and that groups may give it some."""
        return self._protecting.every

    def guarding(self, asked: Request) -> Array:
        """The same as far as it decides about a question."""
        return self._protecting.upon(action_of(asked), asked.now)

    @cached_property
    def locked(self) -> Array:
        """For each member whether the credentials of its application are locked."""
        held = self._held
        found = np.zeros(len(held.members), np.int64)
        words = held.words("app")
        for number in np.flatnonzero(held.of_kind(SERVICE) & ~held.nobody).tolist():
            application = held.applications.get(words[int(held.arrays["member.app"][number])])
            locked = False if application is None else held.object(application).locked
            # Where some are locked, what is missing names the service principal.
            found[number] = number + 2 if locked is None else int(locked)
        return found


def action_of(asked: Request) -> Action | None:
    """The action of the directory that a question comes to; None where it comes to none."""
    if asked.kind is Kind.ACTION:
        return asked.action
    doing = None
    if asked.kind is Kind.REQUEST and not asked.graph.mine:
        doing = directory_question(replace(asked, resource=TENANT))
    return None if doing is None else doing.action


def of_credentials(action: Action) -> bool:
    """Whether an action is about credentials of service principals, which applications may lock."""
    return action.base == "serviceprincipals" and action.properties == ("credentials",)


def of_members(action: Action) -> bool:
    """Whether an action reads members of groups, which some groups tell their members alone."""
    return action.base == "groups" and action.properties == ("members",) and action.reads
