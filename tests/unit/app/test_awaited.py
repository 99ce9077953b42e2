"""Whom nobody used, and who is not to go all the same: also where nothing that it is granted can be made smaller."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import pytest

from leastwise.app.planning import _awaited
from leastwise.app.resizing import Resizing
from leastwise.model.plan import Kept, Recommendation, Why

LAST = datetime(2026, 1, 1, tzinfo=UTC)
HINDERED = "nothing is granted to it by itself that can be changed"


class Maker:
    """What stays of what a group gives somebody."""

    def __init__(self, *kept: Kept) -> None:
        self._kept = list(kept)

    def staying(self, principal: str) -> list[Kept]:
        return self._kept

    def returning(self, principal: str, last: datetime | None) -> str:
        return ""


CASES = {
    "somebody wants it kept": (Kept("a", Why.EXCEPTED, (), "for the audit"), "a is kept (excepted: for the audit)"),
    "it is granted of late": (Kept("a", Why.NEW, (), "granted in March"), "a is kept (new: granted in March)"),
    "no log would have shown a use": (Kept("a", Why.UNOBSERVABLE, (), "no log"), ""),
}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_through_groups_tells_as_well(name: str) -> None:
    kept, wanted = CASES[name]
    found = Recommendation("ana", "here", "1", HINDERED, blocked=HINDERED)
    assert _awaited(cast(Resizing, Maker(kept)), found, LAST) == wanted
