"""Answers about the estate at a glance."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import Answered, Listed, Whole
from .findings import Use
from .lists import Facet


class Counted(Answered):
    """How much there is of a list."""

    total: int
    by: dict[str, list[Facet]]


class RuleCount(Answered):
    """How many findings of a rule there are."""

    rule: str
    severity: str
    count: int


class FindingCounts(Answered):
    """How many findings there are."""

    total: int
    severities: dict[str, int]
    rules: list[RuleCount] = Field(description="The rules with the most, 20 at most.")
    undecided: int = Field(description="Rows about which rules could not decide.")


class KindCount(Answered):
    """How many identities of a kind a provider has."""

    provider: str
    kind: str
    count: int


class PrivilegedCounts(Answered):
    """Who may administer, as grants tell it without following paths."""

    total: int
    by_provider: dict[str, int]
    unknown: int = Field(description="Of whom it cannot be told.")


class IdentityCounts(Answered):
    """How many identities there are."""

    total: int
    by_kind: dict[str, int]
    by_provider: dict[str, int]
    by_kind_and_provider: list[KindCount]
    people: int
    persons: int = Field(description="Persons behind these: accounts that were joined are one's.")
    machines: int
    admin: dict[str, int]
    privileged: PrivilegedCounts
    external: int
    without_mfa: int = Field(description="People of whom it is known.")


class ResourceCounts(Answered):
    """How many resources there are."""

    total: int
    by_provider: dict[str, int]
    public: dict[str, int]
    sensitivity: dict[str, int]


class Counts(Answered):
    """What the lists hold, counted."""

    identities: IdentityCounts
    resources: ResourceCounts
    totals: dict[str, int] = Field(description="Rows of each list.")
    credentials: dict[str, int] = Field(description="By kind.")
    requests: dict[str, int] = Field(description="By status.")


class Overview(Whole):
    """What there is, and what is wrong with it."""

    lists: dict[str, Counted]
    counts: Counts
    findings: FindingCounts
    usage: Use
    worked: dict[str, Any] | None = Field(
        description="What a job `analyse` worked out of this estate and these logs: `top`, `creep`, `privileged`, and "
        "`unknown` with the reason where that could not be; null where none has yet."
    )


class AccountRow(Answered):
    """A scope, or a place within one: how much is in it itself, what is wrong with it; null where that is not known."""

    provider: str
    account: str
    kind: str
    time: str | None
    stale: bool
    identities: int | None
    resources: int | None
    credentials: int | None
    findings: dict[str, int] | None = Field(description="By severity.")


class Accounts(Listed):
    """The scopes of the estate."""

    items: list[AccountRow]


class Cell(Answered):
    """A cell of the heat map."""

    provider: str
    account: str
    rule: str
    severity: str
    count: int


class ServiceCell(Answered):
    """A cell of the heat map of resources."""

    provider: str
    account: str | None = Field(None, description="Left out where the map is by provider.")
    service: str
    resources: int
    public: int = Field(description="That anyone may use, perhaps under a condition.")
    unknown: int = Field(description="Of which it cannot be told.")


class ServiceHeatmap(Whole):
    """Resources by place and service."""

    items: list[ServiceCell]


class Heatmap(Whole):
    """Findings by account, rule and severity."""

    items: list[Cell]
    next: str | None
