"""What each grant of a principal is worth: needed, covered by others, unused, or not to be told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import pytest
from pyroaring import BitMap

from leastwise.engine.holdings import GivenBy
from leastwise.model.decision import State
from leastwise.model.gap import Done, GrantUse, Item, Need, Use
from leastwise.usage.granting import needs

NAMES = {"get": 0, "put": 1, "delete": 2, "restore": 3}
NEVER = frozenset({3})
LAST = datetime(2026, 10, 31, tzinfo=UTC)


def item(permission: str, state: Use, *touched: str, missing: str = "") -> Item:
    used = state in (Use.USED, Use.IMPLIED)
    done = Done(count=2 if used else 0, last=LAST if used else None, touched=touched)
    return Item(permission, state, State.ALLOWED, ("*",), "write", done, missing)


def grant(name: str, permissions: str, *resources: str) -> GivenBy:
    return GivenBy("allow", name, "1", "file", BitMap(NAMES[one] for one in permissions.split()), resources)


def told(items: list[Item], *given: GivenBy, above: dict[str, Collection[str]] | None = None) -> list[GrantUse]:
    return needs(items, NAMES, given, lambda name: (above or {}).get(name, ()), NEVER.__contains__)


@pytest.mark.parametrize(
    ("items", "given", "expected"),
    [
        pytest.param([item("get", Use.USED, "a/1")], [grant("g", "get", "a/*")], ["NEEDED"], id="only one gives it"),
        pytest.param(
            [item("get", Use.USED, "a/1")], [grant("g", "get", "a/*"), grant("h", "get", "*")], ["COVERED", "COVERED"],
            id="two give it, each would do"),
        pytest.param(
            [item("get", Use.USED, "a/1")], [grant("g", "get", "a/*"), grant("h", "get", "b/*")], ["NEEDED", "UNUSED"],
            id="the other one does not reach it"),
        pytest.param(
            [item("get", Use.USED, "a/1", "b/1")], [grant("g", "get", "a/*"), grant("h", "get", "b/*")],
            ["NEEDED", "NEEDED"], id="each gives a part"),
        pytest.param(
            [item("get", Use.USED, "a/1"), item("put", Use.USED, "a/1")],
            [grant("g", "get put", "a/*"), grant("h", "get", "a/*")], ["NEEDED", "COVERED"], id="one gives more of it"),
        pytest.param(
            [item("get", Use.USED)], [grant("g", "get", "a/*"), grant("h", "get", "b/*")], ["NEEDED", "NEEDED"],
            id="on what is not told"),
        pytest.param(
            [item("get", Use.USED)], [grant("g", "get", "a/*"), grant("h", "get", "*")], ["COVERED", "NEEDED"],
            id="on what is not told: one reaches all"),
        pytest.param(
            [item("get", Use.USED, "home/ann/1")],
            [grant("g", "get", "home/${aws:username}/*"), grant("h", "get", "home/*")],
            ["COVERED", "NEEDED"], id="a variable may reach it, and is no cover"),
        pytest.param(
            [item("get", Use.USED, "a/*")], [grant("g", "get", "a/1"), grant("h", "get", "a/*")], ["COVERED", "NEEDED"],
            id="a bucket: of a narrower pattern it is not sure"),
        pytest.param([item("put", Use.IMPLIED, "a/1")], [grant("g", "put", "a/*")], ["NEEDED"], id="implied"),
        pytest.param([item("get", Use.UNUSED)], [grant("g", "get", "*")], ["UNUSED"], id="nothing used"),
        pytest.param(
            [item("get", Use.UNUSED), item("put", Use.UNOBSERVABLE, missing="off")], [grant("g", "get put", "*")],
            ["UNOBSERVABLE"], id="something may have been used"),
        pytest.param(
            [item("get", Use.UNUSED), item("restore", Use.UNOBSERVABLE, missing="no operation")],
            [grant("g", "get restore", "*")], ["UNUSED"], id="what no log ever shows needs another call"),
        pytest.param([], [grant("g", "", "*")], ["UNUSED"], id="gives nothing"),
    ],
)  # fmt: skip
def test_verdicts(items: list[Item], given: list[GivenBy], expected: list[str]) -> None:
    assert [str(one.need) for one in told(items, *given)] == expected


def test_where_resources_lie_in_one_another() -> None:
    above = {"/s/rg/site": ("/s/rg/site", "/s/rg", "/s", "/")}
    found = told(
        [item("get", Use.USED, "/s/rg/site")],
        grant("owner", "get put", "/s"), grant("near", "get", "/s/r"), grant("group", "get", "/s/rg"),
        above=above,
    )  # fmt: skip
    assert [one.need for one in found] == [Need.COVERED, Need.UNUSED, Need.COVERED]
    assert [one.elsewhere for one in found] == [0, 1, 0]


def test_what_was_used_of_it_is_told() -> None:
    items = [
        item("get", Use.USED, "a/1", "b/1"), item("put", Use.UNUSED),
        item("delete", Use.UNOBSERVABLE, missing="data events are off"),
    ]  # fmt: skip
    (one,) = told(items, grant("g", "get put delete", "a/*"))
    assert (one.used, one.only, one.touched, one.last) == (("get",), ("get",), ("a/1",), LAST)
    assert one.counts == {Use.USED: 1, Use.IMPLIED: 0, Use.UNUSED: 1, Use.UNOBSERVABLE: 1}
    assert one.missing == "data events are off"


def test_a_grant_that_may_reach_further_is_not_called_unused() -> None:
    """The tree above `/s` was not read: the grant at `/top` may reach what lies there."""
    items, above = [item("get", Use.USED, "/s/site"), item("put", Use.UNUSED)], {"/s/site": ("/s/site", "/s")}
    given = [grant("here", "get", "/s"), grant("top", "get put", "/top"), grant("idle", "put", "/top")]
    found = needs(items, NAMES, given, lambda name: above.get(name, ()), NEVER.__contains__, ["what is above /s"])
    assert [one.need for one in found] == [Need.NEEDED, Need.UNOBSERVABLE, Need.UNUSED]
    assert "what is above /s" in found[1].missing and found[1].elsewhere == 1
    known = needs(items, NAMES, given, lambda name: above.get(name, ()), NEVER.__contains__)
    assert [one.need for one in known] == [Need.NEEDED, Need.UNUSED, Need.UNUSED]
