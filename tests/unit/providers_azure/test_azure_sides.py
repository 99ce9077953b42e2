"""Which of several reasons a permission of Azure needs one of."""

from __future__ import annotations

from leastwise.model.decision import Reason
from leastwise.providers.azure.sides import sides

ASSIGNED, LIMIT = Reason("allows", "allow", "Owner, assigned"), Reason("allows", "delegation", "may assign Owner")


def test_what_may_be_delegated_gives_nothing_by_itself() -> None:
    assert list(sides("roleAssignments/write", "p", "/", [LIMIT, ASSIGNED])) == [[ASSIGNED]]
    assert list(sides("roleAssignments/write", "p", "/", [LIMIT])) == [[LIMIT]]
