"""The port `Access` for Google Cloud: reads questions, refuses those that make no sense, and gives neutral answers."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from leastwise.engine.arrays import Arrays
from leastwise.engine.containment import Containment
from leastwise.engine.holdings import Everybody, GivenBy, Holdings
from leastwise.engine.quiet import without_collector
from leastwise.engine.relation import Relation
from leastwise.model.comparison import Change, Likenesses
from leastwise.model.decision import (
    RANK,
    Circumstances,
    Confined,
    Cube,
    Decision,
    Reach,
    Reason,
    Residual,
    State,
    WhoCan,
)
from leastwise.model.exposure import Exposed, Inside
from leastwise.providers.bulk.changing import unseen
from leastwise.providers.bulk.listing import Found

from ..containment import policies_contain
from ..evaluate.decide import decide
from ..evaluate.explain import STATES, explain
from ..evaluate.request import Request
from ..language.members import Kind, Member
from ..language.names import written
from .anywhere import Anywhere, Point
from .asked import context_of, permission_of, resource_of, subject_of
from .becoming import Becoming
from .changing import Side, changes
from .deciding import Deciding, Known
from .effective import Effective
from .estate import Compiled
from .exposing import Exposing
from .holding import Holding
from .kinds import NOBODY_KNOWN
from .likeness import Likeness
from .moments import moments
from .numbers import Numbers
from .reaching import Reaching
from .relating import Relating
from .shape import shape
from .somewhere import somewhere
from .what import What
from .who import Who

_NOBODY = Member(Kind.EVERYONE, text="allUsers")


class GcpPort:
    """Questions as they are asked, on one compiled estate."""

    def __init__(self, arrays: Arrays, alone: Collection[str] = ()) -> None:
        self.compiled = Compiled(arrays, alone)

    @cached_property
    def _who(self) -> Who:
        return Who(Known(self.compiled))

    @cached_property
    def _anywhere(self) -> Anywhere:
        return Anywhere(self._who)

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a principal has a permission on a resource. Raises UsageError, NotFoundError."""
        asked = self._asked(permission, resource, given, subject_of(self.compiled, subject))
        return explain(decide(asked)) if asked.resource else self._somewhere(asked)

    def who_can(
        self, permission: str, resource: str | None, given: Circumstances, *, transitive: bool = False
    ) -> WhoCan:
        """Everybody who has a permission on a resource. Raises UsageError."""
        asked, found = self._asked(permission, resource, given, _NOBODY), Found(self.compiled, NOBODY_KNOWN)
        missing = self._who.find(asked, found) if asked.resource else self._anywhere.find(asked, found)
        if transitive:
            missing = tuple(dict.fromkeys((*missing, *Becoming(self._who, asked).find(found))))
        return WhoCan(found.listed(), missing)

    def _asked(self, permission: str, resource: str | None, given: Circumstances, who: Member) -> Request:
        """The question; its resource is empty where any is meant."""
        name, place = permission_of(self.compiled, permission), resource_of(self.compiled, resource)
        return Request(self.compiled.estate, who, name, place or "", context_of(given), given.strict)

    def _somewhere(self, asked: Request) -> Decision:
        """Whether a principal has a permission on any resource that there is, or may be."""
        best: tuple[Point, State] | None = None
        for point in self._anywhere.points(asked):
            deciding = Deciding(self._who.known, point.asked, point.entries, somewhere=True)
            state = STATES[deciding.of(asked.who).outcome]
            if best is None or RANK[state] < RANK[best[1]]:
                best = point, state
        missing = self._anywhere.unread()
        if best is None or best[1] is State.DENIED:
            text = f"{asked.who.text} {written(asked.permission)}: on no resource is it granted, and not denied"
            reason = Reason("blocks", "allow", text)
            return Decision(State.UNKNOWN if missing else State.DENIED, (reason,), (), missing=missing)
        return self._explained(asked, *best)

    def _explained(self, asked: Request, point: Point, state: State) -> Decision:
        """The decision where a binding reaches somebody."""
        for place in self._anywhere.places_of(point, asked.who):
            found = explain(decide(replace(point.asked, resource=place, who=asked.who)))
            if found.state is state:
                return found
        return replace(explain(decide(replace(point.asked, who=asked.who))), state=state)

    def objection(self, permission: str, resource: str | None) -> str:
        """Empty: any permission can be asked of any resource. Raises UsageError where one is malformed."""
        permission_of(self.compiled, permission)
        resource_of(self.compiled, resource)
        return ""

    def owner(self, permission: str, resource: str | None) -> str | None:
        """The account that holds a resource, where it is known. Raises UsageError."""
        name = resource_of(self.compiled, resource)
        for each in self.compiled.estate.chain(name).names if name else ():
            number = self.compiled.place_number(each)
            if number is not None:
                return self.compiled.texts("place.account")[number] or None
        return None

    def above(self, resource: str) -> tuple[str, ...]:
        """The full names of what a resource lies in. Raises UsageError."""
        name = resource_of(self.compiled, resource)
        return self.compiled.estate.chain(name).names if name else ()

    def confined(self, residual: Residual | None) -> Confined | None:
        """None: no condition of Google Cloud asks of which project or organization somebody is."""
        return None

    def inside(self) -> Inside:
        """The projects, folders and organizations that the estate holds, and the domains of their people."""
        facts = self.compiled.facts
        organizations = frozenset(id for id, kind, _, _ in facts["containers"] if kind == "organization")
        accounts = frozenset(id for id, _, _, _ in facts["containers"]) - organizations
        primary = (one for domain, _, others, _ in facts["organizations"].values() for one in (domain, *others) if one)
        customers = {customer for _, customer, _, _ in facts["organizations"].values() if customer}
        return Inside(accounts, organizations | customers, frozenset((*facts["domains"], *primary)))

    def permissions(self) -> Sequence[str]:
        """Every permission of the catalogue, and of roles that were read, in the order of their numbers."""
        return self.numbers.names

    @cached_property
    def numbers(self) -> Numbers:
        """Permissions by number."""
        return Numbers(self.compiled)

    def folded(self, permissions: Iterable[str]) -> tuple[str, ...]:
        """Some permissions, sorted: roles and rules of Google Cloud name permissions one by one."""
        return tuple(sorted(set(permissions)))

    def acts_as(self, subject: str) -> tuple[str, ...]:
        """Nobody: everybody has bindings of their own. Raises UsageError, NotFoundError."""
        subject_of(self.compiled, subject)
        return ()

    def what_can(self, subject: str, resource: str | None, given: Circumstances) -> tuple[Cube, ...]:
        """Everything that a principal may do (on a resource). Raises UsageError, NotFoundError.

        What roles give of which it is not known what they hold is a cube without permissions.
        """
        asked = self._of(subject, resource, given)
        return self._what.on(asked) if asked.resource else self._what.anywhere(asked)

    def _of(self, subject: str, resource: str | None, given: Circumstances) -> Request:
        """A question about all permissions."""
        who, place = subject_of(self.compiled, subject), resource_of(self.compiled, resource)
        return Request(self.compiled.estate, who, "", place or "", context_of(given), given.strict)

    @cached_property
    def _what(self) -> What:
        return What(self._who)

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """A permission against every known resource of its service, and every container. Raises UsageError."""
        return self._relating.relation(self._asked(permission, None, given, _NOBODY))

    def shape(self, permission: str, given: Circumstances) -> Hashable | None:
        """Equal for permissions whose relations are; None where that cannot be told. Raises UsageError."""
        return shape(self._who, self._anywhere, self._asked(permission, None, given, _NOBODY))

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """A permission on anything that can be named, as a relation with one resource. Raises UsageError."""
        return somewhere(self._who, self._anywhere, self._asked(permission, None, given, _NOBODY))

    @cached_property
    def _relating(self) -> Relating:
        return Relating(self._who, self._anywhere)

    def reach(self, subject: str, permission: str, given: Circumstances) -> Reach:
        """On which known resources a principal has a permission. Raises UsageError, NotFoundError."""
        asked = self._asked(permission, None, given, subject_of(self.compiled, subject))
        found = Reaching(self._what, self._anywhere).of(asked)
        return Reach(tuple(found), self._somewhere(asked), self._anywhere.unread())

    def contains(self, inner: Sequence[Mapping[str, Any]], outer: Sequence[Mapping[str, Any]]) -> Containment:
        """Whether everything that allow policies grant is granted by others on the same place. Raises UsageError."""
        return policies_contain(self.compiled.estate, inner, outer)

    def exposed(self, inside: Inside, given: Circumstances, *, services: bool = False) -> Exposed:
        """What those outside can reach. Raises UsageError."""
        asked = Request(self.compiled.estate, _NOBODY, "", "", context_of(given), given.strict)
        return Exposing(self._who.known, self._what, asked, inside, services=services).answer()

    def moments(
        self, permission: str | None, given: Circumstances, begin: datetime, end: datetime
    ) -> tuple[datetime, ...]:
        """The moments at which conditions on the time, and ends of memberships, change answers. Raises UsageError."""
        if "request.time" in given.context:
            return ()
        granting = None
        if permission is not None:
            granting = self._anywhere.granting(self._asked(permission, None, given, _NOBODY))
        return moments(self.compiled, granting, begin, end)

    def effective(self, subject: str, given: Circumstances) -> Effective:
        """Everything that a principal may do, as a value. Raises UsageError, NotFoundError."""
        return Effective(self._what, self._of(subject, None, given), self._anywhere.unread(), self.permissions())

    def held(self, subject: str, given: Circumstances) -> Holdings:
        """What a principal holds. Raises UsageError, also for a group or set, NotFoundError."""
        return self.holding.of(self._of(subject, None, given), self._anywhere.unread())

    @cached_property
    def holding(self) -> Holding:
        """Answers what principals hold."""
        return Holding(self._who.known, self.numbers)

    def everybody(self) -> Everybody:
        """What every principal holds; groups and sets are no principals."""
        return self.holding.everybody()

    def given(self, subject: str) -> tuple[GivenBy, ...]:
        """What each binding gives a principal, itself or through a group or set. Raises UsageError, NotFoundError."""
        return tuple(self.holding.given(self._of(subject, None, Circumstances())))

    def about(self, subject: str) -> Request:
        """A question of a principal about nothing in particular. Raises UsageError, NotFoundError."""
        return self._of(subject, None, Circumstances())

    def changes(self, before: GcpPort) -> Iterator[Change]:
        """Whose access is another one here than in an earlier estate, sorted by id."""
        return changes(before.side, self.side)

    def unseen(self, before: GcpPort) -> tuple[str, ...]:
        """What neither estate has read, and `changes` takes to be unchanged; and what only one has."""
        return unseen(before.side, self.side)

    @cached_property
    def side(self) -> Side:
        """The estate as one of two that are held against each other."""
        given = Circumstances()
        asked = Request(self.compiled.estate, _NOBODY, "", "", context_of(given))
        return Side(self._who.known, asked, lambda id: self.effective(id, given))

    def alike(self, threshold: float, *, kinds: Collection[str] = (), account: str = "") -> Likenesses:
        """Groups of principals who hold alike on the same places, the largest first; groups and sets are none."""
        given = Circumstances()
        with without_collector():
            everyone = self.holding.everyone()
            found = Likeness(
                self.compiled, self.numbers, everyone, lambda id: self.effective(id, given), kinds, account
            )
            return found.likenesses(threshold, self._anywhere.unread())
