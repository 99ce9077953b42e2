"""The port through which everybody asks a provider about access."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from leastwise.model.comparison import Change, Likenesses
from leastwise.model.decision import Circumstances, Confined, Cube, Decision, Reach, Residual, WhoCan
from leastwise.model.exposure import Exposed, Inside

from .containment import Containment
from .holdings import Everybody, GivenBy, Holdings
from .relation import Relation

if TYPE_CHECKING:
    from pyroaring import BitMap


class EffectiveSet(Protocol):
    """Everything that a subject may do, as a value; two of one provider can be taken together.

    A condition key means the same circumstance in both. What was not read makes a difference UNKNOWN where it may say
    another thing of each; where they are alike otherwise, `unread` tells it once.
    """

    @property
    def permissions(self) -> BitMap:
        """The numbers of the permissions that are not denied everywhere and always."""
        ...

    def cubes(self) -> tuple[Cube, ...]:
        """What is allowed, in an order that depends on nothing else."""
        ...

    def minus(self, other: Self) -> tuple[Cube, ...]:
        """What this subject may do and the other may not."""
        ...

    def both(self, other: Self) -> tuple[Cube, ...]:
        """What both may do."""
        ...

    def unread(self, other: Self) -> tuple[str, ...]:
        """What was not read and may tell the two apart, though no difference tells it; a clause for each."""
        ...


class Access(Protocol):
    """Answers from one estate of one provider. The answers to one question in every direction agree.

    Every question raises UsageError when it cannot be asked, NotFoundError when it names a principal that is known not
    to exist.
    """

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a subject has a permission on a resource; without one, or with a pattern, on any that it means."""
        ...

    def who_can(
        self, permission: str, resource: str | None, given: Circumstances, *, transitive: bool = False
    ) -> WhoCan:
        """Every principal that has a permission on a resource, those outside the estate included.

        With `transitive` also those that can become one of them.
        """
        ...

    def objection(self, permission: str, resource: str | None) -> str:
        """Why a permission cannot be asked of a resource of that kind; empty if it can."""
        ...

    def what_can(self, subject: str, resource: str | None, given: Circumstances) -> tuple[Cube, ...]:
        """Everything that a subject may do (on a resource)."""
        ...

    def inside(self) -> Inside:
        """The accounts and organizations that the estate holds or names as ours."""
        ...

    def exposed(self, inside: Inside, given: Circumstances, *, services: bool = False) -> Exposed:
        """What those outside can reach: every resource and role that lets somebody in who is none of ours.

        Args:
            inside: our accounts and organizations; whoever is in none of them is outside.
            given: the circumstances.
            services: all services of the vendor; else those that a policy names without saying for whom they act.
        """
        ...

    def moments(
        self, permission: str | None, given: Circumstances, begin: datetime, end: datetime
    ) -> tuple[datetime, ...]:
        """The moments between two (both left out), ascending, at which conditions on the time of the request change.

        Between two neighbours every answer about the permission (None: about any) is the same.
        """
        ...

    def owner(self, permission: str, resource: str | None) -> str | None:
        """The account that holds a resource; None where none is named, several are meant, or it is not known."""
        ...

    def confined(self, residual: Residual | None) -> Confined | None:
        """Of which accounts or organizations somebody must be to meet a condition; None where of no certain one."""
        ...

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """A permission against every known resource that it is about, as rectangles; none for one without resources."""
        ...

    def reach(self, subject: str, permission: str, given: Circumstances) -> Reach:
        """On which known resources a subject has a permission: the relation, read from its side."""
        ...

    def contains(self, inner: Sequence[Mapping[str, Any]], outer: Sequence[Mapping[str, Any]]) -> Containment:
        """Whether everything that the policies of `inner` allow together is allowed by those of `outer` together.

        Policies are in the vendor's form. The answer is a proof, a request that is a counter-example, or not proven.
        """
        ...

    def effective(self, subject: str, given: Circumstances) -> EffectiveSet:
        """Everything that a subject may do, as a value."""
        ...

    def permissions(self) -> Sequence[str]:
        """Every permission that is known, in the order of the numbers that `held` and `everybody` give them."""
        ...

    def held(self, subject: str, given: Circumstances) -> Holdings:
        """What a subject holds: everything of `effective`, but for what everybody may do whatever is granted."""
        ...

    def everybody(self) -> Everybody:
        """What every principal that has policies of its own holds by them, in groups of those that hold alike."""
        ...

    def given(self, subject: str) -> tuple[GivenBy, ...]:
        """What each statement of a subject's own policies gives, whatever limits it."""
        ...

    def above(self, resource: str) -> tuple[str, ...]:
        """What holds a resource, as `held` and `everybody` name it: what is given there is given on it too."""
        ...

    def acts_as(self, subject: str) -> tuple[str, ...]:
        """The principals that a subject without policies of its own acts as; none for all others."""
        ...

    def folded(self, permissions: Iterable[str]) -> tuple[str, ...]:
        """Some permissions as patterns that take in exactly these of all that are known, sorted."""
        ...

    def changes(self, before: Self) -> Iterator[Change]:
        """Whose access is another one here than in an earlier estate, sorted by id."""
        ...

    def unseen(self, before: Self) -> tuple[str, ...]:
        """What neither this estate nor the earlier one has read; `changes` takes it to be unchanged."""
        ...

    def alike(self, threshold: float, *, kinds: Collection[str] = (), account: str = "") -> Likenesses:
        """Groups of principals whose access is equal, or nearly so, the largest first.

        `threshold`: how many of the permissions of both two principals share at least (Jaccard, 0 to 1), on the same
        resources where the provider tells these. `kinds` and `account` leave all others out.
        """
        ...


class Relates(Protocol):
    """What the graph of who can become whom is made from."""

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """See `Access`."""
        ...

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """See `Access`."""
        ...

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """A permission on anything that can be named, known or not, as a relation with one resource, `*`.

        Principals of the estate have the numbers that they have in every relation.
        """
        ...


@runtime_checkable
class Narrows(Relates, Protocol):
    """Relations that can be asked of some principals alone, which costs less than to ask of everybody."""

    def only(self, principals: Collection[str]) -> Relates:
        """The same relations, of some principals of the estate: of others they need not tell anything."""
        ...
