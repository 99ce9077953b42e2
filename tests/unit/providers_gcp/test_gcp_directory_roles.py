"""What administrators of a directory may do to its people."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.language.administering import administers, sets_passwords


@pytest.mark.parametrize(
    ("details", "wanted"),
    [
        ([], False),
        ([("may:USERS_RETRIEVE", "")], False),
        ([("may:USERS_RESET_PASSWORD", "")], True),
        ([("may:USERS_ALL", "")], True),
        ([("may:USERS_ALL", "03")], None),
        ([("may:USERS_ALL", "03"), ("may:USERS_UPDATE", "")], True),
        ([("may:*", "")], None),
        ([("may:*", ""), ("may:USERS_UPDATE", "")], True),
        ([("other", "")], False),
    ],
)
def test_who_sets_passwords(details: list[tuple[str, str]], wanted: bool | None) -> None:
    assert sets_passwords(details) is wanted
    assert administers(details) is any(key.startswith("may:") for key, _ in details)


def estate(*assignments: dict[str, Any]) -> dict[str, Any]:
    escalating = PROVIDER.escalating
    assert escalating is not None and escalating.estate is not None
    roles = [{"roleId": "1", "rolePrivileges": [{"privilegeName": "USERS_UPDATE"}]}]
    [one], _ = escalating.estate({
        "people": {"ann@corp.example": "no", "bob@corp.example": "no"},
        "answers": {"directory.roles.list": roles, "directory.roleAssignments.list": list(assignments)},
    })  # fmt: skip
    told = {row["id"]: row["details"] for row in one.tables["principals"].to_pylist()}
    gaps = [row["detail"] for row in one.tables["coverage"].to_pylist() if row["call"] == "roleAssignments.list"]
    return {"told": told, "gaps": gaps}


def test_the_widest_of_several_assignments_counts() -> None:
    found = estate(
        {"roleId": "1", "assignedTo": "ann@corp.example", "scopeType": "ORG_UNIT", "orgUnitId": "03"},
        {"roleId": "1", "assignedTo": "ann@corp.example", "scopeType": "CUSTOMER"},
        {"roleId": "1", "assignedTo": "bob@corp.example", "scopeType": "CUSTOMER", "condition": "api.x"},
    )
    assert found["told"]["user:ann@corp.example"] == [("may:USERS_UPDATE", "")]
    assert found["told"]["user:bob@corp.example"] == [("may:USERS_UPDATE", "*")]
    assert found["gaps"] == []


def test_whom_the_list_of_people_does_not_have_is_a_gap() -> None:
    found = estate({"roleId": "1", "assignedTo": "03oy7u29", "assigneeType": "GROUP", "scopeType": "CUSTOMER"})
    assert found["gaps"] == ["roles of the directory are assigned to groups, or to people whom it did not list"]
