"""The port `Access` for Azure: reads questions, refuses those that make no sense, and gives neutral answers."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

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
from leastwise.providers.bulk.somewhere import somewhere

from ..contained import documents_contain
from ..evaluate.decide import decide
from ..evaluate.explain import STATES, explain, written_operation
from ..evaluate.request import NOW, Request
from ..language.ids import ROOT, ArmId, arm_id
from .anywhere import Anywhere, Point
from .asked import context_of, permission_of, resource_of, subject_of
from .becoming import Becoming
from .changing import Side, changes
from .deciding import STRANGER, Known
from .effective import Effective
from .estate import Compiled
from .exposing import Exposing
from .folding import Folded
from .holding import Holding
from .likeness import Likeness
from .moments import moments
from .numbers import Numbers
from .reaching import Reaching
from .relating import Relating
from .shape import shape
from .what import What
from .who import Who, planes_of

_ANY = arm_id(ROOT)
"""Stands for the resource where any is meant."""
_FEW = 20
"""So many scopes are looked at for one at which an answer can be explained."""


class AzurePort:
    """Questions as they are asked, on one compiled estate."""

    def __init__(self, arrays: Arrays, alone: Collection[str] = ()) -> None:
        self.compiled = Compiled(arrays)

    # --- the parts, each made when it is first needed

    @cached_property
    def known(self) -> Known:
        """What is found out about principals."""
        return Known(self.compiled)

    @cached_property
    def numbers(self) -> Numbers:
        """Operations by number."""
        return Numbers(self.compiled)

    @cached_property
    def folding(self) -> Folded:
        """Operations as patterns."""
        return Folded(self.numbers)

    @cached_property
    def who(self) -> Who:
        """Answers who can on a resource."""
        return Who(self.known)

    @cached_property
    def anywhere(self) -> Anywhere:
        """Answers questions without a resource."""
        return Anywhere(self.who)

    @cached_property
    def relating(self) -> Relating:
        """Answers about many resources."""
        return Relating(self.who, self.anywhere)

    @cached_property
    def what(self) -> What:
        """Answers what somebody can do."""
        return What(self.anywhere, self.numbers)

    @cached_property
    def holding(self) -> Holding:
        """Answers what principals hold."""
        return Holding(self.what)

    # --- questions

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a principal may do an operation on a resource. Raises UsageError, NotFoundError."""
        place = resource_of(resource)
        asked = self.asked(permission, place, given, subject_of(self.compiled, subject))
        return explain(decide(asked)) if place is not None else self._somewhere(asked)

    def who_can(
        self, permission: str, resource: str | None, given: Circumstances, *, transitive: bool = False
    ) -> WhoCan:
        """Everybody who may do an operation on a resource. Raises UsageError."""
        place = resource_of(resource)
        asked, found = self.asked(permission, place, given), Found(self.compiled)
        missing = self.who.find(asked, found) if place is not None else self.anywhere.find(asked, found)
        if transitive:
            becoming = Becoming(self.who, self.anywhere, asked)
            missing = tuple(dict.fromkeys((*missing, *becoming.find(found, somewhere=place is None))))
        return WhoCan(found.listed(), missing)

    def asked(self, permission: str, place: ArmId | None, given: Circumstances, who: str = STRANGER) -> Request:
        """The question as `evaluate` has it; where any resource is meant it is the root. Raises UsageError."""
        name, plane = permission_of(self.compiled, self.numbers, permission)
        return replace(self.of(who, place, given), operation=name, plane=plane)

    def of(self, who: str, place: ArmId | None, given: Circumstances) -> Request:
        """A question about all operations, of both planes. Raises UsageError."""
        resource = place or _ANY
        estate = self.compiled.estate_of(resource)
        return Request(estate, who, "", None, resource, context_of(given), given.strict)

    def _somewhere(self, asked: Request) -> Decision:
        """Whether a principal may do an operation on any resource that there is, or may be."""
        number = self.compiled.member_number(asked.who)
        best: tuple[Point, State] | None = None
        for point in self.anywhere.points(asked):
            state = STATES[self.anywhere.deciding(point).of(number).outcome]
            if best is None or RANK[state] < RANK[best[1]]:
                best = point, state
        missing = self.anywhere.unread(asked)
        if best is None or best[1] is State.DENIED:
            name = written_operation(asked.estate, asked.operation, asked.plane)
            text = f"{asked.who} {name}: on no resource is it given, and not denied"
            reason = Reason("blocks", "allow", text)
            return Decision(State.UNKNOWN if missing else State.DENIED, (reason,), (), missing=missing)
        return self._explained(asked, *best)

    def _explained(self, asked: Request, point: Point, state: State) -> Decision:
        """The decision at a scope where an assignment reaches somebody, or on what lies there."""
        mine = np.intersect1d(point.assignments, self.what.assignments(asked))
        places = np.unique(self.compiled.assignments.place[mine])
        for place in places[:_FEW].tolist():
            scope = self.compiled.place(place)
            at = replace(asked, resource=scope, estate=self.compiled.estate_of(scope))
            for there in (at, self.anywhere.at(asked, place)):
                found = explain(decide(there))
                if found.state is state:
                    return found
        return replace(explain(decide(replace(point.asked, who=asked.who))), state=state)

    def what_can(self, subject: str, resource: str | None, given: Circumstances) -> tuple[Cube, ...]:
        """Everything that a principal may do (on a resource). Raises UsageError, NotFoundError.

        What may be given by roles that were not read is a cube without permissions.
        """
        place = resource_of(resource)
        asked = self.of(subject_of(self.compiled, subject), place, given)
        return self.what.on(asked) if place is not None else self.what.anywhere(asked)

    def reach(self, subject: str, permission: str, given: Circumstances) -> Reach:
        """On which known resources a principal may do an operation. Raises UsageError, NotFoundError."""
        asked = self.asked(permission, None, given, subject_of(self.compiled, subject))
        found = Reaching(self.what, self.anywhere).of(asked)
        return Reach(tuple(found), self._somewhere(asked), self.anywhere.unread(asked))

    def objection(self, permission: str, resource: str | None) -> str:
        """Empty: any operation can be asked of any resource. Raises UsageError where one is malformed."""
        permission_of(self.compiled, self.numbers, permission)
        resource_of(resource)
        return ""

    def owner(self, permission: str, resource: str | None) -> str | None:
        """The subscription that holds a resource, or the management group. Raises UsageError."""
        place = resource_of(resource)
        if place is None or place.top == ROOT:
            return None
        number = self.compiled.place_number(place.top)
        return None if number is None else self.compiled.ids[number].rpartition("/")[2]

    def above(self, resource: str) -> tuple[str, ...]:
        """The ids of what a resource lies in, itself first. Raises UsageError."""
        place = resource_of(resource)
        if place is None:
            return ()
        # A log writes ids in other letters than lists do.
        chain = [str(place), *self.compiled.estate.chain(place).keys[1:]]
        numbers = (self.compiled.place_number(one.lower()) for one in chain)
        return tuple(
            one if number is None else self.compiled.ids[number] for one, number in zip(chain, numbers, strict=True)
        )

    def confined(self, residual: Residual | None) -> Confined | None:
        """None: no condition of Azure asks of which subscription or tenant somebody is."""
        return None

    def inside(self) -> Inside:
        """The subscriptions, management groups and tenants that the estate holds."""
        told = self.compiled.facts["containers"]
        accounts = frozenset(self.compiled.ids[self.compiled.place_number(key) or 0] for key, *_ in told if key != ROOT)
        tenants = frozenset(tenant for *_, tenant in told if tenant)
        return Inside(frozenset(one.rpartition("/")[2] for one in accounts), tenants, frozenset())

    def permissions(self) -> Sequence[str]:
        """Every operation of the catalogue, and of roles that were read, in the order of their numbers."""
        return self.numbers.names

    def folded(self, permissions: Iterable[str]) -> tuple[str, ...]:
        """Some operations as patterns of roles, with `data:` before those of the data plane, sorted."""
        return self.folding.of(permissions)

    def acts_as(self, subject: str) -> tuple[str, ...]:
        """Nobody: everybody has assignments of their own. Raises UsageError, NotFoundError."""
        subject_of(self.compiled, subject)
        return ()

    # --- what principals hold

    def held(self, subject: str, given: Circumstances) -> Holdings:
        """What a principal holds. Raises UsageError, also for a group, NotFoundError."""
        return self.holding.of(self.of(subject_of(self.compiled, subject), None, given))

    def everybody(self) -> Everybody:
        """What every principal holds to whom something is given; groups are no principals."""
        return self.holding.everybody(self.of(STRANGER, None, Circumstances()))

    def given(self, subject: str) -> tuple[GivenBy, ...]:
        """What each assignment gives a principal, itself or through a group. Raises UsageError, NotFoundError."""
        return tuple(self.holding.given(self.of(subject_of(self.compiled, subject), None, Circumstances())))

    def effective(self, subject: str, given: Circumstances) -> Effective:
        """Everything that a principal may do, as a value. Raises UsageError, NotFoundError."""
        return Effective(self.what, self.of(subject_of(self.compiled, subject), None, given))

    def changes(self, before: AzurePort) -> Iterator[Change]:
        """Whose access is another one here than in an earlier estate, sorted by id; groups are no principals."""
        return changes(before.side, self.side)

    def unseen(self, before: AzurePort) -> tuple[str, ...]:
        """What neither estate has read, and `changes` takes to be unchanged; and what only one has."""
        return unseen(before.side, self.side)

    @cached_property
    def side(self) -> Side:
        """The estate as one of two that are held against each other."""
        return Side(self.what, lambda id: Effective(self.what, self.of(id, None, Circumstances())))

    def moments(
        self, permission: str | None, given: Circumstances, begin: datetime, end: datetime
    ) -> tuple[datetime, ...]:
        """The moments at which conditions on the time, and ends of assignments, change answers. Raises UsageError."""
        if NOW.key in context_of(replace(given, moment=None)):
            return ()
        counted = np.arange(len(self.compiled.assignments.place))
        if permission is not None:
            asked = self.asked(permission, None, given)
            generic = self.anywhere.at(asked, 0)
            counted = np.unique(
                np.concatenate([self.anywhere.granting(generic, one).numbers for one in planes_of(asked)])
            )
        return moments(self.compiled, counted, begin, end)

    def alike(self, threshold: float, *, kinds: Collection[str] = (), account: str = "") -> Likenesses:
        """Groups of principals who hold alike on the same scopes, the largest first; groups are no principals."""
        any_question = self.of(STRANGER, None, Circumstances())
        with without_collector():
            everyone = self.holding.everyone(any_question)
            effective = self.side.effective
            found = Likeness(self.what, self.holding.belonging, everyone, effective, kinds, account)
            return found.likenesses(threshold, self.anywhere.unread(any_question))

    def exposed(self, inside: Inside, given: Circumstances, *, services: bool = False) -> Exposed:
        """What those outside can reach: scopes and vaults that name them, identities that trust them, open storage.

        Raises UsageError.
        """
        return Exposing(self.what, self.of(STRANGER, None, given), inside, services=services).answer()

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """An operation against every known resource that it can be about, and what holds these. Raises UsageError."""
        asked = self.asked(permission, None, given)
        about = Reaching(self.what, self.anywhere).about(asked)
        return self.relating.relation(asked, permission, about)

    def shape(self, permission: str, given: Circumstances) -> Hashable | None:
        """Equal for operations whose relations are; None where that cannot be told. Raises UsageError."""
        asked = self.asked(permission, None, given)
        return shape(self.compiled, asked, Reaching(self.what, self.anywhere).about(asked))

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """An operation on anything that can be named, as a relation with one resource. Raises UsageError."""
        with without_collector():
            found = Found(self.compiled)
            missing = self.anywhere.find(self.asked(permission, None, given), found)
            return somewhere(permission, found, self.relating.order, missing)

    def contains(self, inner: Sequence[Mapping[str, Any]], outer: Sequence[Mapping[str, Any]]) -> Containment:
        """Whether everything that role definitions, or assignments, give together is given by others.

        Raises UsageError.
        """
        return documents_contain(self.compiled.estate, inner, outer)
