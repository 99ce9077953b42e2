"""Principals that do not exist, and stand for what somebody could become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .decision import State


@dataclass(frozen=True, slots=True)
class Ties:
    """What a provider tells of an estate besides its tables, so that escalation rules can ask of it.

    Args:
        pairs: things and whom they lead to, by the provider's word for their kind (link `told`).
        beside: by a word of the provider's, what stands beside things and targets: the resource that an identity is, the
            container that holds a role.
        so: by a word of the provider's, how far something is so of things, targets or accounts: DENIED where it is not.
        otherwise: the same of those that `so` does not name.
        acting: of identities that others may act through, who acts so and is nobody else.
        kinds: of what is no resource in the tables, as those of resources.
    """

    pairs: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    so: Mapping[str, Mapping[str, State]] = field(default_factory=dict)
    otherwise: Mapping[str, State] = field(default_factory=dict)
    acting: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
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
    """

    administrator: Mapping[str, str]
    anything: Mapping[str, str]
    member: Mapping[str, str]
    over: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    ties: Ties = field(default_factory=Ties)

    def ids(self) -> frozenset[str]:
        """All of them."""
        told = (self.administrator, self.anything, self.member, self.over)
        return frozenset((*(id for one in told for id in one.values()), *self.others))
