"""Findings: a rule, a subject, and the evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """How much harm the finding allows, from `info` to `critical`."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of one subject in one estate.

    `evidence` holds the facts that made the rule match; `owner` who may repair it. The key is stable over time: it
    depends on rule, provider, subject and resource only.
    """

    rule: str
    severity: Severity
    provider: str
    account: str
    subject: str
    resource: str
    title: str
    message: str
    remediation: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    owner: str = ""

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits, equal for the same rule, provider, subject and resource at any time."""
        text = "\x1f".join((self.rule, self.provider, self.subject, self.resource))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Mute:
    """A decision not to see a finding for a while: who, why, until when (None: no end)."""

    key: str
    reason: str
    by: str
    created: datetime
    until: datetime | None
