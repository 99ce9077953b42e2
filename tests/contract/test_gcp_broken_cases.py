"""Cases of suite `ask` for Google Cloud that are changed at some place: a verdict, or a CaseError in one line.

What reads a case must not fail otherwise, whatever stands where: members, names and conditions come from exports.
"""

from __future__ import annotations

from typing import Any

from asking_support import Suite, broken
from hypothesis import given

from leastwise.providers.gcp.conform.ask import run

SUITE = Suite("gcp", run)
OTHERS: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "//", "//x", "projects/", [], {}, [1], {"a": 1}, ["x"], "allUsers", "user:",
    "user:@", "principalSet://", "principal://goog/subject/", "group:staff@example.com", "roles/owner", "\0",
    "1" * 5000, "//cloudresourcemanager.googleapis.com/projects/3", "organizations/1",
]  # fmt: skip


@given(broken(SUITE.cases, OTHERS))
def test_a_broken_case_is_answered_or_refused(case: dict[str, Any]) -> None:
    SUITE.answers_or_refuses(case)
