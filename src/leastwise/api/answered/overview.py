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


class Overview(Whole):
    """What there is, and what is wrong with it."""

    lists: dict[str, Counted]
    findings: FindingCounts
    usage: Use
    worked: dict[str, Any] | None = Field(
        description="What a job `analyse` worked out of this estate and these logs: `top`, `creep`, `privileged`, and "
        "`unknown` with the reason where that could not be; null where none has yet."
    )


class AccountRow(Answered):
    """A scope: how much is in it, and what is wrong with it; null where it was never read."""

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


class Heatmap(Whole):
    """Findings by account, rule and severity."""

    items: list[Cell]
    next: str | None
