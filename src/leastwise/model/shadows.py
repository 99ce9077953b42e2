"""Principals that do not exist, and stand for what somebody could become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """

    administrator: Mapping[str, str]
    anything: Mapping[str, str]
    member: Mapping[str, str]
    over: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def ids(self) -> frozenset[str]:
        """All of them."""
        told = (self.administrator, self.anything, self.member, self.over)
        return frozenset(id for one in told for id in one.values())
