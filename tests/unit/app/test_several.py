"""Principals named together: by groups in groups, by tags and other facts; and whom a large estate is cut down to."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from leastwise.app.likely import Foreseeing
from leastwise.app.several import _members, _tagged
from leastwise.errors import NotFoundError, UsageError

PEOPLE: list[dict[str, Any]] = [
    {"id": "g1", "name": "team", "kind": "group", "tags": [("cost", "7")], "details": []},
    {"id": "g2", "name": "below", "kind": "group", "tags": [], "details": []},
    {"id": "g3", "name": "empty", "kind": "group", "tags": [], "details": []},
    {"id": "a", "name": "anna", "kind": "human", "tags": [("cost", "7")], "details": None},
    {"id": "b", "name": "bea", "kind": "human", "tags": None, "details": [("department", "Finance")]},
]
MEMBERS = [
    {"member": "a", "group": "g1"}, {"member": "g2", "group": "g1"}, {"member": "b", "group": "g2"},
    {"member": "g1", "group": "g2"},
]  # fmt: skip


def test_who_is_in_a_group_in_a_group_is_meant_even_in_a_ring() -> None:
    assert _members("team", PEOPLE, MEMBERS) == {"a", "b"}
    assert _members("g2", PEOPLE, MEMBERS) == {"a", "b"}


@pytest.mark.parametrize("group", ["empty", "nobody", "anna"])
def test_a_group_that_nobody_is_in_is_said(group: str) -> None:
    with pytest.raises(NotFoundError, match="nobody is known to be in it"):
        _members(group, PEOPLE, MEMBERS)


def test_tags_and_other_facts_of_people_not_of_groups() -> None:
    assert _tagged("cost=7", PEOPLE) == {"a"}
    assert _tagged("department=Finance", PEOPLE) == {"b"}
    with pytest.raises(NotFoundError):
        _tagged("cost=8", PEOPLE)
    for half in ("cost", "=7"):
        with pytest.raises(UsageError):
            _tagged(half, PEOPLE)


def seen(about: tuple[str, ...], most: int) -> Foreseeing:
    """One of which the uses are given: e0 to e5 use their own number and what is below."""
    found = Foreseeing(None, about, most)  # type: ignore[arg-type]
    rows = [(who, what) for who in range(6) for what in range(who + 1)]
    found.__dict__["_alike"] = {f"e{number}": None for number in range(6)}
    found.__dict__["_rows"] = pa.table({"who": [one for one, _ in rows], "what": [one for _, one in rows]})
    return found


def test_of_many_those_most_alike_are_learned_from() -> None:
    assert seen((), 9).people == ["e0", "e1", "e2", "e3", "e4", "e5"]
    assert seen(("e5",), 3).people == ["e3", "e4", "e5"]
    assert seen(("e0",), 2).people == ["e0", "e1"]
    assert seen((), 2).people == ["e0", "e5"]
    assert "e1" in seen(("stranger", "e1"), 1).people, "who is asked about is always there"
