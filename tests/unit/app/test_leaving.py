"""Which groups somebody may be taken out of, and when nothing that is needed comes from one: cases as data."""

from __future__ import annotations

from typing import Any, cast

import pyarrow as pa
import pytest
from pyroaring import BitMap

from leastwise.app.estate import OpenEstate
from leastwise.app.leaving import Leaving, idle
from leastwise.engine.placed import Placed
from leastwise.model.plan import Change
from leastwise.providers.base import Changing, ScopeTables
from leastwise.rightsizing.placing import Need

CHANGING = Changing(members={("user", "group"): "member"})
GRANT = Placed("g1", "staff", "role", "Role", "/p", BitMap([1, 2]))


class Estate:
    """An estate of which grants alone are asked."""

    def __init__(self, grants: list[tuple[str, str, str]]) -> None:
        self._grants = grants

    def view(self, name: str, columns: tuple[str, ...]) -> pa.Table:
        assert (name, columns) == ("grants", ("provider", "principal", "state"))
        return pa.table({key: [row[at] for row in self._grants] for at, key in enumerate(columns)})


def leaving(
    grants: list[tuple[str, str, str]] = [],  # noqa: B006
    memberships: list[tuple[str, str, str]] = [("ana", "staff", "member")],  # noqa: B006
    tags: list[tuple[str, str]] | None = None,
    details: list[tuple[str, str]] | None = None,
) -> Leaving:
    pairs = pa.map_(pa.string(), pa.string())
    tables = {
        "memberships": pa.table({k: [m[at] for m in memberships] for at, k in enumerate(("member", "group", "kind"))}),
        "principals": pa.table({
            "id": ["ana", "staff"], "name": ["ana", "Staff"], "tags": pa.array([None, tags], pairs),
            "details": pa.array([None, details], pairs),
        }),
    }  # fmt: skip
    scope = ScopeTables("tenant", "t", tables, True, None, "here")
    standing = [("here", "staff", "standing"), *grants]
    return Leaving(cast(OpenEstate, Estate(standing)), [scope], {"here": CHANGING}, "here")


CASES: dict[str, tuple[dict[str, Any], Placed, list[str]]] = {
    "it gives something here alone": ({}, GRANT, ["staff"]),
    "a rule says who is in it": ({"tags": [("dynamic", "yes")]}, GRANT, []),
    "more than access belongs to it": ({"details": [("unified", "yes")]}, GRANT, []),
    "another directory says who is in it": ({"details": [("synced", "yes")]}, GRANT, []),
    "another provider grants it something": ({"grants": [("there", "staff", "standing")]}, GRANT, []),
    "it has something on request": ({"grants": [("here", "staff", "eligible")]}, GRANT, []),
    "it is in another group": ({"memberships": [("ana", "staff", "member"), ("staff", "all", "member")]}, GRANT, []),
    "a membership that privileged access gives": ({"memberships": [("ana", "staff", "privileged_group")]}, GRANT, []),
    "somebody else's": ({"memberships": [("ben", "staff", "member")]}, GRANT, []),
    "what it gives was not read": ({}, Placed("g1", "staff", "role", "Role", "/p", None), []),
    "it has it for a time": ({}, Placed("g1", "staff", "role", "Role", "/p", BitMap([1]), told={"until": "x"}), []),
    "who is in it hangs on a grant": (
        {}, Placed("g1", "staff", "role", "Role", "/p", BitMap([1]), hangs=frozenset({"g0"})), [],
    ),
    "it gives nothing": ({}, Placed("g2", "other", "role", "Role", "/p", BitMap([1])), []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_which_groups_may_be_left(name: str) -> None:
    told, grant, wanted = CASES[name]
    assert leaving(**told).of("ana", [grant]) == wanted


def test_leaving_is_of_the_provider_whose_group_it_is_and_taken_back_by_joining() -> None:
    change = leaving().change("ana", "staff")
    named = {"principal": "ana", "group": "staff", "provider": "here"}
    assert (change.verb, change.told, change.inverse) == ("leave", named, (Change("join", named),))
    assert len(change.before) == 64


NEEDS: dict[str, tuple[list[Need], bool]] = {
    "nothing": ([], True),
    "what it does not give": ([Need(3), Need(4, ("/p/x",))], True),
    "what it gives, wherever that is": ([Need(1)], False),
    "what it gives, below its scope": ([Need(2, ("/p/x",))], False),
    "what it gives, elsewhere": ([Need(2, ("/q",))], True),
}


@pytest.mark.parametrize("name", NEEDS)
def test_nothing_needed_comes_from_it(name: str) -> None:
    needs, wanted = NEEDS[name]
    above = {"/p/x": ("/p/x", "/p"), "/q": ("/q",)}
    assert idle("staff", [GRANT], needs, lambda scope: above[scope]) is wanted
