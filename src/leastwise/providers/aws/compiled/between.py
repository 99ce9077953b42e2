"""What was not read, between two subjects: where it is one unknown for both, where it may tell them apart.

A document that names whom it lets in (a resource's policy, a role's trust, a grant) may name one of the two, so it is
asked of each by itself. An access list names accounts; guardrails stand over accounts. What lies on both (a policy, a
boundary, an endpoint's policy) says the same of both but for conditions on who asks. See decision 0016.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from leastwise.engine.solve import Gap

from ..evaluate.policies import Gives, Policies
from ..evaluate.principals import Principal
from .undecided import Undecided

Clauses = Mapping[str, str]
"""By the clause about an unread document that somebody has: that for all who have it, empty where nobody else can."""


def asked_of(principal: Principal, account: str, policies: Policies, behind: Sequence[str]) -> dict[str, str]:
    """For the clauses of what was not read: of whom each says something of its own.

    Args:
        principal: who asks.
        account: of the resource; else that of the principal.
        policies: what bears on the request.
        behind: the clauses about what the resource leads to.
    """
    gaps = policies.gaps
    found = dict.fromkeys((*gaps.resource, *behind), principal.id)
    for one in gaps.giving:
        by_account = one.gives in (Gives.BY_LIST, Gives.BY_LIST_TO_ACCOUNTS)
        found[one.text] = principal.account if by_account else principal.id
    found |= dict.fromkeys(gaps.scp, principal.account) | dict.fromkeys(gaps.rcp, account)
    return found | dict.fromkeys(gaps.endpoint, "VPC endpoint")


class Pairing:
    """Formulas of two subjects, held against each other.

    Args:
        first: the clauses of the one.
        second: those of the other.
    """

    def __init__(self, first: Clauses, second: Clauses) -> None:
        self._shared = frozenset({*first.values()} & {*second.values()} - {""})
        self._names = {text: one for text, one in {**first, **second}.items() if one in self._shared}
        self.untold: dict[str, None] = {}
        """What alone could tell the two apart, where nothing else did."""

    def minus(self, first: Undecided, second: Undecided) -> Undecided:
        """Where the first holds and the second does not.

        Where only what a document says of each by itself could tell them apart, nothing is told: it is noted.
        """
        mine, other = self._told(first), self._told(second)
        if {gap for gap in mine.gaps if gap.of} == {gap for gap in other.gaps if gap.of}:
            return mine.minus(other)
        found = mine.minus(other)
        blind, second_blind = (one.renamed(_blind) for one in (mine, other))
        if blind.minus(second_blind).possible() or second_blind.minus(blind).possible():
            return found
        if found.possible():
            self.untold |= dict.fromkeys(sorted({gap.name for gap in found.gaps if gap.of}))
        return Undecided.never(mine.target)

    def apart(self, first: Undecided, second: Undecided) -> Undecided:
        """What `minus` gives; all that what a document says of each could make of it is noted."""
        found = self._told(first).minus(self._told(second))
        gaps = sorted({gap.name for gap in found.gaps if gap.of})
        if gaps and found.possible():
            self.untold |= dict.fromkeys(gaps)
        return found

    def both(self, first: Undecided, second: Undecided) -> Undecided:
        """Where both hold."""
        mine, other = self._told(first), self._told(second)
        return mine.both(other)

    def one_unknown(self, first: Undecided, second: Undecided) -> Iterator[str]:
        """The clauses about documents that are one unknown in both, unless conditions on who asks tell them apart."""
        mine, other = self._told(first), self._told(second)
        yield from sorted({gap.name for gap in mine.gaps & other.gaps if gap.of or gap.name in self._shared})

    def _told(self, one: Undecided) -> Undecided:
        """The formula with what both have, and was not read, under one name."""
        names = self._names
        return one.renamed(lambda gap: replace(gap, name=names.get(gap.name, gap.name))) if names else one


def _blind(gap: Gap) -> Gap:
    return replace(gap, of="")
