"""The vendor's own examples of answers are read as they stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes.shared import SHARED
from leastwise.providers.azure import catalog
from leastwise.providers.azure.conform.documents import Published, estate_of

SAMPLES = SHARED / "samples/azure"
PUBLISHED = Published(catalog.role, catalog.planes, catalog.every)
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="needs the shared samples")


def bodies(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SAMPLES / name).read_text())["body"]["value"]
    return found


def test_role_assignments() -> None:
    documents = [{"kind": "role_assignment", "body": one} for one in bodies("roleAssignments_listForScope.json")]
    estate = estate_of(documents, PUBLISHED)
    (one,) = estate.assignments
    assert (one.role, one.principal, one.type, one.scope.text) == (
        "0b5fe924-9a61-425c-96af-cfe6e287ca2d", "ce2ce14e-85d7-4629-bdbc-454d0519d987", "User",
        "/subscriptions/a925f2f7-5c63-4b7b-8799-25a5f97bc3b2",
    )  # fmt: skip


def test_deny_assignments() -> None:
    documents = [{"kind": "deny_assignment", "body": one} for one in bodies("denyAssignments_listForScope.json")]
    (one,) = estate_of(documents, PUBLISHED).denies
    assert (one.title, one.scope.text, one.only_here, one.protected, one.effect) == (
        "Deny assignment name", "/subscriptions/subId", False, True, "enforced",
    )  # fmt: skip
    assert [each.id for each in (*one.principals, *one.excluded)] == ["principalid1", "principalid2"]
    assert one.entries[0].actions.texts == one.entries[0].data_actions.texts == ("action",)


def test_eligible_assignments() -> None:
    name = "roleEligibilityScheduleInstances_listForScope.json"
    documents = [{"kind": "role_eligibility_schedule", "body": one} for one in bodies(name)]
    estate = estate_of(documents, PUBLISHED)
    (one,) = estate.eligible
    assert not estate.assignments
    assert (one.role, one.type, one.until) == (
        "b24988ac-6180-42a0-ab88-20f7382dd24c", "User", "2021-09-10T00:31:41.477Z",
    )  # fmt: skip
    assert one.condition.startswith("@Resource[Microsoft.Storage/")
