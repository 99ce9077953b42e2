"""What deny assignments forbid: before any role is looked at, and whatever it gives.

https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
"""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap

from ..language.assignments import DenyAssignment, Listed
from ..language.operations import Plane
from .conditions import condition
from .membership import includes
from .request import Request


@dataclass(frozen=True, slots=True)
class Denial:
    """What one deny assignment makes of a request.

    Args:
        deny: the deny assignment.
        scope: whether the resource is where it holds.
        listed: whether the principal is one of its principals.
        excluded: whether the principal is one of those that it leaves out.
        entries: positions of the entries that deny the operation, and when the condition of each is true.
        condition: when the condition of all is true.
        blocks: whether it blocks at all; one for audit does not.
    """

    deny: DenyAssignment
    scope: Formula
    listed: Formula
    excluded: Formula
    entries: tuple[tuple[int, Formula], ...]
    condition: Formula
    blocks: Formula

    @property
    def applies(self) -> Formula:
        """When it is about the request, whether it blocks or not."""
        denied = any_of(found for _, found in self.entries)
        return all_of((self.scope, self.listed, negate(self.excluded), denied, self.condition))

    @property
    def formula(self) -> Formula:
        """When it denies."""
        return all_of((self.applies, self.blocks))


@dataclass(frozen=True, slots=True)
class Deny:
    """What all deny assignments forbid, and what was not read of them."""

    denials: tuple[Denial, ...]
    unread: tuple[str, ...]

    @property
    def formula(self) -> Formula:
        """When one of them denies."""
        gaps = (Literal(Gap(one, denies=True)) for one in self.unread)
        return any_of((*(one.formula for one in self.denials), *gaps))


def deny(asked: Request, plane: Plane) -> Deny:
    """What the deny assignments at the resource's scope and above make of a request."""
    unread = tuple(f"the deny assignments of {key}" for key in asked.chain.keys if key in asked.estate.unread_denies)
    found = (one for one in asked.estate.denies if within(asked, one) is not False)
    return Deny(tuple(denial(asked, plane, one) for one in found), unread)


def within(asked: Request, one: DenyAssignment) -> Formula:
    """Whether the resource is where a deny assignment holds: in its scope, or only the scope itself."""
    return asked.resource.key == one.scope.key if one.only_here else asked.chain.within(one.scope)


def denial(asked: Request, plane: Plane, one: DenyAssignment) -> Denial:
    """What one deny assignment makes of a request."""
    entries = tuple(
        (position, condition(entry.condition, asked, f"entry {position + 1} of deny assignment {one.title}"))
        for position, entry in enumerate(one.entries)
        if entry.has(asked.operation, plane)
    )
    here = asked.estate.tenant(one.scope.top)
    return Denial(
        deny=one,
        scope=within(asked, one),
        listed=any_of(_names(asked, listed, here) for listed in one.principals),
        excluded=any_of(_names(asked, listed, here) for listed in one.excluded),
        entries=entries,
        condition=condition(one.condition, asked, f"deny assignment {one.title}"),
        blocks=_blocks(one),
    )


def meant(asked: Request, one: DenyAssignment) -> bool:
    """Whether a deny assignment may name the principal."""
    here = asked.estate.tenant(one.scope.top)
    return any(_names(asked, listed, here) is not False for listed in one.principals)


def _names(asked: Request, listed: Listed, here: str) -> Formula:
    """Whether a deny assignment in a tenant names the principal by what it lists."""
    return listed.everyone or includes(asked.estate, listed.id, listed.type, asked.who, "", here)


def _blocks(one: DenyAssignment) -> Formula:
    if one.effect in ("enforced", "audit"):
        return one.effect == "enforced"
    return Literal(Gap(f"what the effect {one.effect!r} of deny assignment {one.title} does"))
