"""Cases of suite `ask` for Entra ID that are changed at some place: a verdict, or a CaseError in one line.

What reads a case must not fail otherwise, whatever stands where: ids, actions and expressions come from exports.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asking_support import broken, cases_of
from hypothesis import given

from leastwise.model.conformance import CaseError, CaseResult
from leastwise.providers.entra.conform.ask import run

FOLDER = Path(__file__).parents[1] / "cases" / "entra"
OTHERS: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "/", "//", "/administrativeUnits/", [], {}, [1], {"a": 1}, ["x"], [{}], [None],
    "GET /users/{id}", "token/exchange", "microsoft.directory/", "62e90394-69f5-4237-9190-012177145e10", "\0",
    "1" * 5000, "$SubjectIsOwner", "claims['sub'] matches '*'", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00",
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
