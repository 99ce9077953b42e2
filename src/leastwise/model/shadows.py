"""Principals that do not exist, and stand for what somebody could become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shadows:
    """Principals added to an estate before its graph is made, by id: see decision 0037.

    Args:
        administrator: of each account, whoever may do all that its guardrails let through.
        anything: for each principal, whoever may do all that its own limits let through; those of one account whose
            limits are the same have one shadow.
        member: of each group, whoever is only its member.
    """

    administrator: Mapping[str, str]
    anything: Mapping[str, str]
    member: Mapping[str, str]

    def ids(self) -> frozenset[str]:
        """All of them."""
        return frozenset((*self.administrator.values(), *self.anything.values(), *self.member.values()))
