"""Findings, causes and the best actions."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import Answered, Listed, Span, Whole, Window


class MutedBy(Answered):
    """A mute."""

    reason: str
    by: str
    until: str | None


class FindingRow(Answered):
    """A finding."""

    key: str
    rule: str
    severity: str
    provider: str
    account: str
    subject: str
    resource: str
    title: str
    message: str
    remediation: str
    owner: str | None
    evidence: dict[str, Any]
    change: str = Field(description="new or gone, where `since` is asked; else empty.")
    plan: str | None = Field(description="The saved plan that closes it.")
    fix: str
    muted: MutedBy | None


class Use(Answered):
    """What findings say of use."""

    window: Window | None
    logs: dict[str, Span]
    unasked: list[str]


class Undecided(Answered):
    """A rule that could not decide some rows."""

    rule: str
    title: str
    rows: int
    missing: list[str]


class Findings(Listed):
    """Findings, worst first."""

    usage: Use
    items: list[FindingRow]
    unknown: list[Undecided]


class Toxic(Listed):
    """Combinations that are worse than their parts."""

    items: list[FindingRow]
    unknown: list[Undecided]
    missing: list[str]


class RankedFinding(FindingRow):
    """A finding of a cause."""

    rank: dict[str, Any]
    about: list[str]


class CauseRow(Answered):
    """Findings that one change mends."""

    cause: str
    id: str
    target: str
    score: float
    severity: str
    findings: int
    about: list[str]
    owners: list[str]
    rules: list[str]
    remediation: str
    items: list[RankedFinding]


class Causes(Listed):
    """Causes of findings, the heaviest first."""

    usage: Use
    items: list[CauseRow]
    unknown: list[Undecided]


class Cut(Answered):
    """What an action takes away."""

    principals: int
    counted: int
    permissions: int
    sensitive: int


class ActionFinding(Answered):
    """A finding that an action mends."""

    key: str
    rule: str
    rank: dict[str, Any]


class Action(Answered):
    """One thing to do."""

    do: str
    cuts: str
    score: float
    severity: str
    cause: str
    id: str
    target: str
    owners: list[str]
    about: list[str]
    cut: Cut | None
    creep: dict[str, float] | None
    findings: list[ActionFinding]


class Top(Whole):
    """The best actions."""

    usage: Use
    items: list[Action]
    next: str | None
