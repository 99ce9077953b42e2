"""The port `Access` for Entra ID: reads questions, refuses those that make no sense, and gives neutral answers."""

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
from leastwise.errors import NotFoundError, UsageError
from leastwise.model.comparison import Change, Likenesses
from leastwise.model.decision import Circumstances, Confined, Cube, Decision, Reach, Residual, State, WhoCan
from leastwise.model.exposure import Exposed, Inside
from leastwise.providers.bulk.changing import unseen
from leastwise.providers.bulk.listing import Found
from leastwise.providers.bulk.somewhere import somewhere

from ..contained import documents_contain
from ..evaluate.decide import decide
from ..evaluate.explain import explain
from ..evaluate.request import Kind, Request
from ..language.access_policies import told_beside
from ..language.directory import GRAPH, SERVICE
from ..language.ids import TENANT
from ..language.requests import is_request
from .asked import asked_of, context_of, resource_of, subject_of
from .becoming import Becoming
from .changing import Side, changes
from .effective import Effective, Only
from .exposing import Exposing
from .granting import Granting
from .held import Compiled
from .holding import Everyone, Holding
from .likeness import Likeness
from .lines import LINES
from .moments import moments
from .reaching import Reaching
from .relating import Relating
from .shape import shape
from .view import STRANGER, Views
from .what import What
from .who import Who


class EntraPort:
    """Questions as they are asked, on one compiled tenant."""

    def __init__(self, arrays: Arrays, alone: Collection[str] = ()) -> None:
        self.compiled = Compiled(arrays)

    # --- the parts, each made when it is first needed

    @cached_property
    def views(self) -> Views:
        """Views of the tenant. Raises UsageError where there are several tenants."""
        several = self.compiled.facts.get("several")
        if several:
            raise UsageError(
                f"the estate has several tenants of Entra ID ({', '.join(several)}): name one by its id, or something "
                "in it, or ask one --snapshot"
            )
        return Views(self.compiled)

    @cached_property
    def who(self) -> Who:
        """Answers who can."""
        return Who(self.views)

    @cached_property
    def relating(self) -> Relating:
        """Answers about many objects."""
        return Relating(self.who)

    @cached_property
    def granting(self) -> Granting:
        """Tells what is given to whom."""
        return Granting(self.compiled, self.what.numbers)

    @cached_property
    def holding(self) -> Holding:
        """Answers what principals hold."""
        return Holding(self.granting)

    @cached_property
    def side(self) -> Side:
        """The tenant as one of two that are held against each other."""

        def effective(id: str, only: Only | None = None) -> Effective:
            return self.what.effective(self.anything(id, TENANT, Circumstances()), only)

        return Side(self.granting, self.relating.placing, effective)

    @cached_property
    def what(self) -> What:
        """Answers what somebody can do."""
        return What(self.relating)

    # --- questions

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a principal has a permission on an object. Raises UsageError, NotFoundError."""
        asked, place = self.asked(subject_of(self.compiled, subject), permission, resource, given)
        whole = place is None and asked.kind is not Kind.VALUE
        found = Reaching(self.relating).best(asked) if whole else explain(decide(self.who.marking.seen(asked)))
        return found if found.state is State.DENIED else replace(found, beside=self._beside(asked))

    def _beside(self, asked: Request) -> tuple[str, ...]:
        """What conditional access may ask of whoever signs in for a request."""
        who = asked.user or asked.who
        service = self.compiled.whole_with(who).kind(who) == SERVICE
        return told_beside(self.compiled.whole.access_policies, who, service=service)

    def who_can(
        self, permission: str, resource: str | None, given: Circumstances, *, transitive: bool = False
    ) -> WhoCan:
        """Everybody who has a permission on an object. Raises UsageError, NotFoundError."""
        asked, place = self.asked(STRANGER, permission, resource, given)
        found = Found(self.compiled, frozenset(LINES))
        one = place is not None or asked.kind is Kind.VALUE
        missing = self.who.find(asked, found) if one else self.relating.find(asked, found)
        if transitive:
            missing = tuple(dict.fromkeys((*missing, *Becoming(self.who, asked).find(found))))
        return WhoCan(found.listed(), missing)

    def asked(
        self, who: str, permission: str, resource: str | None, given: Circumstances
    ) -> tuple[Request, str | None]:
        """The question as `evaluate` has it, and its object; the tenant stands where any is meant.

        Raises UsageError, NotFoundError.
        """
        place = resource_of(self.compiled, resource)
        asked = asked_of(self.compiled, self.views.of(), who, permission, place or TENANT, given)
        return asked, place if asked.tenant else asked.resource

    def what_can(self, subject: str, resource: str | None, given: Circumstances) -> tuple[Cube, ...]:
        """Everything that a principal may do (on an object). Raises UsageError, NotFoundError.

        What may be given by roles that were not read is a cube without permissions.
        """
        who, place = subject_of(self.compiled, subject), resource_of(self.compiled, resource)
        asked = self.anything(who, place or TENANT, given)
        return self.what.on(asked) if place is not None else self.what.anywhere(asked)

    def anything(self, who: str, place: str, given: Circumstances) -> Request:
        """A question about all permissions. Raises UsageError, NotFoundError."""
        return asked_of(self.compiled, self.views.of(), who, "anything", place, given)

    def reach(self, subject: str, permission: str, given: Circumstances) -> Reach:
        """On which known objects a principal has a permission. Raises UsageError, NotFoundError."""
        asked, _ = self.asked(subject_of(self.compiled, subject), permission, None, given)
        found = Reaching(self.relating)
        return Reach(tuple(found.of(asked)), found.best(asked), self.who.unread(asked))

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """A permission against the tenant and every known object that it can be about. Raises UsageError."""
        asked, _ = self.asked(STRANGER, permission, None, given)
        return self.relating.relation(replace(asked, resource=TENANT), permission)

    def shape(self, permission: str, given: Circumstances) -> Hashable | None:
        """Equal for permissions whose relations are; None where that cannot be told. Raises UsageError."""
        asked, _ = self.asked(STRANGER, permission, None, given)
        asked = replace(asked, resource=TENANT)
        return shape(self.compiled, asked, self.relating.placing.about(asked))

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """A permission on anything that can be named, as a relation with one resource. Raises UsageError."""
        with without_collector():
            asked, _ = self.asked(STRANGER, permission, None, given)
            found = Found(self.compiled, frozenset(LINES))
            find = self.who.find if asked.kind is Kind.VALUE else self.relating.find
            return somewhere(permission, found, self.relating.order, find(asked, found))

    def objection(self, permission: str, resource: str | None) -> str:
        """Empty: any permission can be asked of any object. Raises UsageError where one is malformed."""
        self.asked(STRANGER, permission, resource, Circumstances())
        return ""

    def owner(self, permission: str, resource: str | None) -> str | None:
        """The tenant that holds an object. Raises UsageError, NotFoundError."""
        return None if resource_of(self.compiled, resource) is None else self.compiled.facts["tenant"] or None

    def above(self, resource: str) -> tuple[str, ...]:
        """An object and the tenant that it lies in; units hold some permissions alone. Raises UsageError.

        A request to Graph lies in Graph, and what logs name that is gone lay in the tenant.
        """
        held = self.compiled
        if is_request(resource):
            return (*(held.members[one] for one in held.apps.get(GRAPH, ())), TENANT)
        try:
            place = resource_of(held, resource)
        except NotFoundError:
            return (resource, TENANT)
        return () if place is None else (place,) if place == TENANT else (place, TENANT)

    def confined(self, residual: Residual | None) -> Confined | None:
        """None: no condition of Entra ID asks of which tenant somebody is."""
        return None

    def inside(self) -> Inside:
        """The tenant that the estate holds."""
        tenant = self.compiled.facts["tenant"]
        return Inside(frozenset({tenant}), frozenset({tenant})) if tenant else Inside()

    # --- what principals hold

    def effective(self, subject: str, given: Circumstances) -> Effective:
        """Everything that a principal may do, as a value. Raises UsageError, NotFoundError."""
        return self.what.effective(self.anything(subject_of(self.compiled, subject), TENANT, given))

    def permissions(self) -> Sequence[str]:
        """Every action and value that is known, in the order of their numbers."""
        return self.what.numbers.names

    def folded(self, permissions: Iterable[str]) -> tuple[str, ...]:
        """The permissions, sorted: in the directory none has a wildcard."""
        return tuple(sorted(set(permissions)))

    def acts_as(self, subject: str) -> tuple[str, ...]:
        """Nobody: everybody has grants of their own. Raises UsageError, NotFoundError."""
        subject_of(self.compiled, subject)
        return ()

    def held(self, subject: str, given: Circumstances) -> Holdings:
        """What a principal holds by grants. Raises UsageError, also for a group, NotFoundError."""
        self.anything(who := subject_of(self.compiled, subject), TENANT, given)
        return self.holding.of(who)

    def everybody(self) -> Everybody:
        """What every principal holds to whom something is given; groups are no principals. Raises UsageError."""
        return Everyone(self.granting).all()

    def given(self, subject: str) -> tuple[GivenBy, ...]:
        """What each grant gives a principal, itself or through a group. Raises UsageError, NotFoundError."""
        return tuple(self.holding.given(subject_of(self.compiled, subject)))

    def changes(self, before: EntraPort) -> Iterator[Change]:
        """Whose access is another one here than in an earlier estate, sorted by id; all users of a kind as one."""
        return changes(before.side, self.side)

    def unseen(self, before: EntraPort) -> tuple[str, ...]:
        """What neither estate has read, and `changes` takes to be unchanged; and what only one has."""
        return unseen(before.side, self.side)

    def moments(
        self, permission: str | None, given: Circumstances, begin: datetime, end: datetime
    ) -> tuple[datetime, ...]:
        """The moments at which assignments and memberships begin or end. Raises UsageError, NotFoundError."""
        if permission is not None:
            self.asked(STRANGER, permission, None, given)
        return () if context_of(self.compiled, replace(given, moment=None))[2] else moments(self.compiled, begin, end)

    def alike(self, threshold: float, *, kinds: Collection[str] = (), account: str = "") -> Likenesses:
        """Groups of principals who hold alike on the same objects, the largest first; groups are no principals."""
        with without_collector():
            found = Likeness(self.granting, Everyone(self.granting), self.side.effective, kinds, account)
            return found.likenesses(threshold, self.compiled.whole.unread)

    def exposed(self, inside: Inside, given: Circumstances, *, services: bool = False) -> Exposed:
        """What those outside hold: guests, apps of other tenants, and whom federated credentials let in.

        Raises UsageError.
        """
        self.anything(STRANGER, TENANT, given)
        return Exposing(self.who, self.holding, inside, given, services=services).answer()

    def contains(self, inner: Sequence[Mapping[str, Any]], outer: Sequence[Mapping[str, Any]]) -> Containment:
        """Whether everything that definitions of directory roles give together is given by others.

        Raises UsageError.
        """
        return documents_contain(self.compiled.whole, inner, outer)
