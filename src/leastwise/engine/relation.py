"""One permission against many resources: rectangles of principals and resources among whom one answer holds.

A relation is never written out pair by pair: 70,000 roles and 100,000 principals are some thousand rectangles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pyroaring import BitMap

from leastwise.model.decision import Residual, State

Told = tuple[Residual | None, tuple[str, ...]]
"""What a CONDITIONAL or UNKNOWN answer needs: the residual condition, and what was not read."""


class Rectangle:
    """Principals, each of whom has one answer on each of some resources; both by number in their relation.

    Args:
        principals: at least one.
        resources: at least one.
        state: ALLOWED, CONDITIONAL or UNKNOWN; pairs that are in no rectangle are DENIED.
        tell: residual and gaps on one of the resources, asked for when somebody looks.
        first: id of the first resource. What is told of the others differs at most where that stands.
    """

    __slots__ = ("__dict__", "_first", "_tell", "principals", "resources", "state")

    def __init__(
        self, principals: BitMap, resources: BitMap, state: State, tell: Callable[[int], Told], first: str
    ) -> None:
        self.principals, self.resources, self.state = principals, resources, state
        self._tell, self._first = tell, first.removesuffix("/*")

    @cached_property
    def _told(self) -> Told:
        return self._tell(self.resources[0]) if self.state in (State.CONDITIONAL, State.UNKNOWN) else ((), ())

    @cached_property
    def _named(self) -> bool:
        return self._first in repr(self._told)

    def told(self, resource: int) -> Told:
        """Residual and gaps on one of the resources."""
        alike = resource == self.resources[0] or not self._named
        return self._told if alike else self._tell(resource)

    @property
    def residual(self) -> Residual | None:
        """See Decision; on the first resource."""
        return self._told[0]

    @property
    def missing(self) -> tuple[str, ...]:
        """See Decision; on the first resource."""
        return self._told[1]

    @property
    def pairs(self) -> int:
        """How many pairs it stands for."""
        return len(self.principals) * len(self.resources)

    def __repr__(self) -> str:
        return f"Rectangle({len(self.principals)} x {len(self.resources)} {self.state})"


@dataclass(frozen=True)
class Relation:
    """Who has a permission on which resource.

    Args:
        permission: the vendor's name.
        principals: ids by number; those of the estate first, then others that resources name. Of these it is told what
            the resources that name them let them do; what everybody may do stands at everybody.
        resources: ids by number, or patterns where the permission is about what lies in a resource.
        rectangles: no pair is in two of them.
        inside: how many of the principals are of the estate.
        missing: what might add others.
        open: resources that may let in somebody outside who stands in no rectangle, as one of many.
    """

    permission: str
    principals: Sequence[str]
    resources: Sequence[str]
    rectangles: tuple[Rectangle, ...]
    inside: int
    missing: tuple[str, ...] = ()
    open: BitMap = field(default_factory=BitMap)

    @property
    def pairs(self) -> int:
        """How many pairs of principal and resource are not DENIED."""
        return sum(one.pairs for one in self.rectangles)

    def of_principal(self, number: int) -> Iterator[Rectangle]:
        """The rectangles that a principal is in."""
        return (one for one in self.rectangles if number in one.principals)

    def of_resource(self, number: int) -> Iterator[Rectangle]:
        """The rectangles that a resource is in."""
        return (one for one in self.rectangles if number in one.resources)

    def state(self, principal: int, resource: int) -> State:
        """The answer for one pair."""
        found = (one for one in self.of_principal(principal) if resource in one.resources)
        first = next(found, None)
        return State.DENIED if first is None else first.state

    def reaching(self) -> BitMap:
        """The principals that have the permission on some resource, surely or not."""
        return BitMap.union(*(one.principals for one in self.rectangles)) if self.rectangles else BitMap()

    def reached(self, principals: BitMap) -> BitMap:
        """The resources on which one of some principals has the permission, surely or not."""
        found = [one.resources for one in self.rectangles if one.principals.intersect(principals)]
        return BitMap.union(*found) if found else BitMap()
