"""Cases of suite `ask` for Azure that are changed at some place: a verdict, or a CaseError in one line.

What reads a case must not fail otherwise, whatever stands where: ids, patterns and conditions come from exports.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asking_support import broken, cases_of
from hypothesis import given

from leastwise.model.conformance import CaseError, CaseResult
from leastwise.providers.azure.conform.ask import run

FOLDER = Path(__file__).parents[1] / "cases" / "azure"
OTHERS: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "/", "//", "/subscriptions/", [], {}, [1], {"a": 1}, ["x"], [{}], [None], "*",
    "data:", "00000000-0000-0000-0000-000000000000", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "\0", "1" * 5000,
    "/providers/Microsoft.Management/managementGroups/corp", "@Request[a]", "(" * 300, {"properties": {}},
]  # fmt: skip


@given(broken(cases_of(FOLDER), OTHERS))
def test_a_broken_case_is_answered_or_refused(case: dict[str, Any]) -> None:
    try:
        told = run(case, FOLDER)
    except CaseError as error:
        assert "\n" not in str(error)
        assert str(error).startswith(("documents", "question"))
        return
    assert told.result in (CaseResult.PASSED, CaseResult.FAILED)
    assert told.got.split(" ")[0] in ("ALLOWED", "DENIED", "CONDITIONAL", "UNKNOWN")
