"""Where the resources of a pattern stand, as far as it can only mean some of one account or one region.

A general set leaves open which resource is meant. Where a statement names one that is known (`arn:aws:s3:::data`), what
that holds, or those of one account, neither its account is open nor the region that its ARN names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from leastwise.engine.patterns import Pattern, Wild

from ..evaluate.arn import parse_arn, spans
from ..evaluate.facts import Values
from .context import of_account
from .estate import CompiledEstate
from .places import Guardrails, holder

Told = Mapping[str, Values | None]
"""The values of keys; None for a key that is absent."""
PLACED = frozenset(
    {"aws:resourceaccount", "s3:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "aws:requestedregion"}
)
"""The keys that say where a resource stands, in lower case.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resource-properties
"""
_FIELDS = 5
"""Separators before the last field of an ARN."""


class Where(Protocol):
    """Tells where the resources of patterns stand."""

    def facts(self, among: Sequence[Pattern]) -> Told:
        """What is known of the keys in `PLACED` of every resource that lies in all of some patterns."""
        ...


class Whereabouts:
    """As one estate knows it, and ARNs tell; what was looked up is kept.

    Args:
        estate: its resources.
        guardrails: where its accounts stand.
    """

    def __init__(self, estate: CompiledEstate, guardrails: Guardrails) -> None:
        self._estate, self._guardrails = estate, guardrails
        self._known: dict[Pattern, Told] = {}

    def facts(self, among: Sequence[Pattern]) -> Told:
        """What is known of the keys in `PLACED` of every resource that lies in all of some patterns."""
        found: dict[str, Values | None] = {}
        for pattern in among:
            known = self._known.get(pattern)
            if known is None:
                known = self._known[pattern] = self._facts(pattern)
            found |= known
        return found

    def _facts(self, pattern: Pattern) -> Told:
        text = str(pattern)
        arn = parse_arn(text) if _fielded(pattern) else None
        if arn is None:
            return {}
        account = arn.account
        if not account:
            # Buckets: only the estate knows whose they are.
            thing = holder(self._estate, text)
            account = "" if thing is None else self._estate.word("thing.account", thing) or ""
        found: dict[str, Values | None] = {}
        if account and not spans(account):
            known = of_account(self._guardrails, account)
            found |= {key: value if isinstance(value, tuple) else None for key, value in known.items()}
            if arn.service.startswith("s3"):
                found["s3:resourceaccount"] = (account,)
        if arn.region and not spans(arn.region):
            found["aws:requestedregion"] = (arn.region,)
        return found


@dataclass(frozen=True)
class Agreed:
    """What is told alike by two."""

    one: Where
    other: Where

    def facts(self, among: Sequence[Pattern]) -> Told:
        """What is known of the keys in `PLACED` of every resource that lies in all of some patterns."""
        theirs = self.other.facts(among)
        told = self.one.facts(among).items()
        return {key: value for key, value in told if key in theirs and theirs[key] == value}


def agreed(one: Where | None, other: Where | None) -> Where | None:
    """What both tell."""
    if one is None or other is None:
        return None
    return one if one == other else Agreed(one, other)


def _fielded(pattern: Pattern) -> bool:
    """Whether the fields of an ARN stand in a pattern where its text has them: no sign before the last may hold `:`."""
    separators = 0
    for token in pattern.tokens:
        if isinstance(token, str):
            separators += token.count(":")
        elif separators < _FIELDS and token in (Wild.ANY, Wild.ONE):
            return False
    return separators >= _FIELDS and not pattern.fold
