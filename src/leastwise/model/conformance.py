"""Results of test cases that others wrote, or recorded from the vendor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SUITES = {
    "aws.evaluate": "one request to AWS with all policies",
    "aws.whocan": "who can do what in collected AWS accounts",
    "aws.escalation": "a path from a start to a target through AWS accounts",
    "aws.escalation_account": "what single principals of one AWS account can become",
    "kubernetes.authorize": "one request to a Kubernetes API server",
    "ask": "documents of any provider and one question about them",
}
"""Every suite there is, whether or not a provider runs it yet."""


class CaseResult(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    """Nothing here can run it, so nothing is said of it."""
    ERROR = "error"
    """The case itself cannot be read."""


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What became of one case: the answers expected and given, and a note for whoever looks into it."""

    result: CaseResult
    expected: str = ""
    got: str = ""
    note: str = ""


class CaseError(ValueError):
    """A case lacks what it must have; the message names the key."""
