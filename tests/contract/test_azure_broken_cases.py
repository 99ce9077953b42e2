"""Cases of suite `ask` for Azure that are changed at some place: a verdict, or a CaseError in one line.

What reads a case must not fail otherwise, whatever stands where: ids, patterns and conditions come from exports.
"""

from __future__ import annotations

from typing import Any

from asking_support import Suite, broken
from hypothesis import given

from leastwise.providers.azure.conform.ask import run

SUITE = Suite("azure", run)
OTHERS: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "/", "//", "/subscriptions/", [], {}, [1], {"a": 1}, ["x"], [{}], [None], "*",
    "data:", "00000000-0000-0000-0000-000000000000", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "\0", "1" * 5000,
    "/providers/Microsoft.Management/managementGroups/corp", "@Request[a]", "(" * 300, {"properties": {}},
]  # fmt: skip


@given(broken(SUITE.cases, OTHERS))
def test_a_broken_case_is_answered_or_refused(case: dict[str, Any]) -> None:
    SUITE.answers_or_refuses(case)
