"""Principals that do not exist, and stand for what somebody could become."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .decision import State

POLICIES, INLINE, MEMBERS, DEFINITION = "#policies", "#inline", "#members", "#definition"
"""Ends of the ids of powers: to add to the policies of an identity, to put others in the place of its own, to add to
the members of a group, to rewrite what a bundle gives to whoever holds it somewhere."""


@dataclass(frozen=True, slots=True)
class Ties:
    """What a provider tells of an estate besides its tables, so that escalation rules can ask of it.

    Args:
        pairs: things and whom they lead to, by the provider's word for their kind (link `told`).
        beside: by a word of the provider's, what stands beside things and targets, as the container that holds a role;
            under `resource` the resource that an identity is.
        several: by a word of the provider's, of each thing what a need is about one by one, ids or values: all count.
        so: by a word of the provider's, how far something is so of things, targets or accounts: DENIED where it is not.
        otherwise: the same of those that `so` does not name.
        acting: by a word of the provider's, of identities that others may act through, who acts so and is nobody else.
        kinds: of what is no resource in the tables, as those of resources.
        unsaid: things that run as somebody of whom it was not read who that is: the account whose identities each may
            run as, and the id that it names, or none.
        unlisted: accounts of which nobody listed the things: the places in each that are known, and whom things there
            may run as.
    """

    pairs: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    several: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    so: Mapping[str, Mapping[str, State]] = field(default_factory=dict)
    otherwise: Mapping[str, State] = field(default_factory=dict)
    acting: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    unsaid: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unlisted: Mapping[str, tuple[Sequence[str], Sequence[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that changes a fact.

    Args:
        permission: what it needs.
        given: values of condition keys that it carries.
        open: condition keys that it can carry with any value.
    """

    permission: str
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: tuple[str, ...] = ()


THING, IDENTITY, SESSION = "thing", "identity", "session"
"""What a fact is of: something that permissions are about, whoever acts, or the session of whoever acts."""


@dataclass(frozen=True)
class Change:
    """A fact that somebody can write, so that conditions on it hold or fail: a tag.

    Args:
        text: what is done, as people are told it.
        of: see above.
        given: values of condition keys in requests after it; () for a key that they do not carry.
        open: condition keys that can have any value in requests after it.
        writes: what it takes, each of several, by the kind of resource or the vendor's noun of the principal that the
            fact is of; of some calls any one. Of a session, what begins one.
        matters: whether a permission can be decided by it.
        whom: of whom a permission can be decided by it; None: of anybody.
        unasked: why it is not asked what it opens, and only told where somebody can make it; else empty.
    """

    text: str
    of: str
    given: Mapping[str, tuple[str, ...]]
    open: tuple[str, ...]
    writes: Sequence[Mapping[str, Sequence[Call]]]
    matters: Callable[[str], bool]
    whom: Callable[[str], Collection[str] | None] = lambda _: None
    unasked: str = ""


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
        others: whom else rules can lead to, by id: as people are told them.
        ties: see there.
        rewritten: as `anything`, for those whose limits are others once their own policies are put in another's place.
        unbounded: the same where no boundary limits them any more.
        full: of each principal to whom everything is granted, the policy that does.
        limits: for each principal what limits it whatever group it joins; none where nothing does.
        members: of each group and limits that are some, whoever is only its member within these limits.
        rewriting: of each bundle where it is held, by whom one is once it gives everything, who holds it there.
        above: of those with limits or bundles, who has more.
        joining: of each group, by whom one is then, who can be made a member.
        versions: of each power to put another version of a policy in force for somebody: the policy, who that is, and
            whoever he is then. The id of such a power ends with `#`, the name of the policy, `@` and the version.
        offered: what can be activated: who may, and the shadow of whoever has done it; with what that asks for.
        writes: by a word of the provider's, who somebody is who can write that of himself.
        leads: whom somebody is besides, as the provider says, and how surely.
        perhaps: whom somebody may be besides, and what was not read that would say so.
        changes: facts that somebody can write.
        missing: what was not read of what the provider adds or tells itself, and might lead further.
    """

    administrator: Mapping[str, str]
    anything: Mapping[str, str]
    member: Mapping[str, str]
    over: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    ties: Ties = field(default_factory=Ties)
    rewritten: Mapping[str, str] = field(default_factory=dict)
    unbounded: Mapping[str, str] = field(default_factory=dict)
    full: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[tuple[str, str], str] = field(default_factory=dict)
    joining: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    rewriting: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    above: Mapping[str, str] = field(default_factory=dict)
    offered: Mapping[tuple[str, str], str] = field(default_factory=dict)
    versions: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    writes: Mapping[str, str] = field(default_factory=dict)
    leads: Mapping[tuple[str, str], State] = field(default_factory=dict)
    perhaps: Mapping[tuple[str, str], str] = field(default_factory=dict)
    changes: Sequence[Change] = ()
    missing: tuple[str, ...] = ()

    def ids(self) -> frozenset[str]:
        """All of them."""
        told = (self.administrator, self.anything, self.member, self.over, self.rewritten, self.members, self.unbounded)
        versions = (shadow for _, _, shadow in self.versions.values())
        return frozenset((*(id for one in told for id in one.values()), *self.others, *versions))

    @cached_property
    def joiners(self) -> frozenset[str]:
        """Those who are only members of a group, or hold another version of a policy: real people by then."""
        versions = (shadow for _, _, shadow in self.versions.values())
        return frozenset((*self.member.values(), *self.members.values(), *versions))

    def joints(self) -> Iterator[Joint]:
        """What a power and an identity give together."""
        above = self.above
        for principal, shadow in self.anything.items():
            own = self.rewritten.get(principal, shadow)
            yield Joint(f"{principal}{POLICIES}", (principal,), shadow, above.get(shadow, ""))
            yield Joint(f"{principal}{INLINE}", (principal,), own, above.get(own, ""))
        for power, (_, principal, shadow) in self.versions.items():
            yield Joint(power, (principal,), shadow, above.get(shadow, ""))
        for end, told in ((MEMBERS, self.joining), (DEFINITION, self.rewriting)):
            for thing, several in told.items():
                for shadow, principals in several.items():
                    yield Joint(f"{thing}{end}", principals, shadow, above.get(shadow, ""))
