"""Principals that do not exist, and stand for what somebody could become."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

POLICIES, INLINE, MEMBERS = "#policies", "#inline", "#members"
"""Ends of the ids of powers: to add to the policies of an identity, to put others in the place of its own, to add to
the members of a group."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Who has a power and is one of some identities, by steps of any kind, is another one.

    Args:
        power: id of it.
        identities: who can make use of it.
        gives: whom they are then.
        above: who can do all that this one can, and more; none where that is nobody.
    """

    power: str
    identities: Collection[str]
    gives: str
    above: str = ""


@dataclass(frozen=True)
class Shadows:
    """Principals added to an estate before its graph is made, by id: see decision 0037.

    Args:
        administrator: of each account (or what else is named so after `admin:`), whoever may do all that its guardrails
            let through.
        anything: for each principal, whoever may do all that its own limits let through; those of one account whose
            limits are the same have one shadow.
        member: of each group, whoever is only its member.
        over: of each resource that others lie under (a project, a management group), whoever may do all at it and below
            that its guardrails let through; where it is an account, that is its administrator.
        places: the resource that an account is, where permissions are about it.
        rewritten: as `anything`, for those whose limits are others once their own policies are put in another's place.
        full: of each principal to whom everything is granted, the policy that does.
        limits: for each principal what limits it whatever group it joins; none where nothing does.
        members: of each group and limits that are some, whoever is only its member within these limits.
        above: of those with limits, who has none.
        joining: of each group, by whom one is then, who can be made a member.
    """

    administrator: Mapping[str, str]
    anything: Mapping[str, str]
    member: Mapping[str, str]
    over: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    rewritten: Mapping[str, str] = field(default_factory=dict)
    full: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[tuple[str, str], str] = field(default_factory=dict)
    joining: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    above: Mapping[str, str] = field(default_factory=dict)

    def ids(self) -> frozenset[str]:
        """All of them."""
        told = (self.administrator, self.anything, self.member, self.over, self.rewritten, self.members)
        return frozenset(id for one in told for id in one.values())

    @cached_property
    def joiners(self) -> frozenset[str]:
        """Those who are only members of a group: real people, once they have joined."""
        return frozenset((*self.member.values(), *self.members.values()))

    def joints(self) -> Iterator[Joint]:
        """What a power and an identity give together."""
        above = self.above
        for principal, shadow in self.anything.items():
            own = self.rewritten.get(principal, shadow)
            yield Joint(f"{principal}{POLICIES}", (principal,), shadow, above.get(shadow, ""))
            yield Joint(f"{principal}{INLINE}", (principal,), own, above.get(own, ""))
        for group, several in self.joining.items():
            for shadow, principals in several.items():
                yield Joint(f"{group}{MEMBERS}", principals, shadow, above.get(shadow, ""))
