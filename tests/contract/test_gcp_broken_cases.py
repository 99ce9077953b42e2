"""Cases of suite `ask` for Google Cloud that are changed at some place: a verdict, or a CaseError in one line.

What reads a case must not fail otherwise, whatever stands where: members, names and conditions come from exports.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asking_support import broken, cases_of
from hypothesis import given

from leastwise.model.conformance import CaseError, CaseResult
from leastwise.providers.gcp.conform.ask import run

FOLDER = Path(__file__).parents[1] / "cases" / "gcp"
OTHERS: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "//", "//x", "projects/", [], {}, [1], {"a": 1}, ["x"], "allUsers", "user:",
    "user:@", "principalSet://", "principal://goog/subject/", "group:staff@example.com", "roles/owner", "\0",
    "1" * 5000, "//cloudresourcemanager.googleapis.com/projects/3", "organizations/1",
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
