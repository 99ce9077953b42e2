"""Permission sets are cut only where it was read whom they are assigned to: cases as data."""

from __future__ import annotations

import pytest

from leastwise.providers.aws.shrinking.sets import _asked

LISTED = ("ListPermissionSets", "ok", "")
ASSIGNED = ("ListAccountAssignments", "ok", "111111111111, Dev")
CASES: dict[str, tuple[list[tuple[str, str, str]], bool]] = {
    "asked in an account": ([LISTED, ASSIGNED], True),
    "asked for all by our own collector": ([LISTED, ("ListAccountAssignments", "ok", "15 answers, 1 regions")], True),
    "never asked": ([LISTED], False),
    "asked for another one alone": ([("ListAccountAssignments", "ok", "111111111111, Ops")], False),
    "refused in one account": ([ASSIGNED, ("ListAccountAssignments", "denied", "222222222222, Dev")], False),
    "another one was refused": ([ASSIGNED, ("ListAccountAssignments", "denied", "222222222222, Ops")], True),
    "refused for all": ([ASSIGNED, ("ListAccountAssignments", "denied", "")], False),
    "the accounts were refused": ([ASSIGNED, ("ListAccountsForProvisionedPermissionSet", "throttled", "Dev")], False),
    "no call was tried": ([("*", "not_tried", "")], False),
}


@pytest.mark.parametrize("name", CASES)
def test_whom_it_is_assigned_to(name: str) -> None:
    calls, known = CASES[name]
    assert _asked("Dev", calls) is known
