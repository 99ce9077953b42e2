"""What grants at scopes have to give still, where, and by which bundles: cases as data, and a law on drawn trees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from leastwise.engine.placed import Bundle, Making, Placed, Written
from leastwise.rightsizing.offering import offered
from leastwise.rightsizing.placing import SPREAD, Left, Need, left_of

READ, WRITE, GRANT = range(3)
TREE: dict[str, str | None] = {"org": None, "p1": "org", "p2": "org", "a": "p1", "b": "p1", "c": "p2"}
HARM = ["read", "write", "escalation"]


def above(scope: str) -> tuple[str, ...]:
    at: str | None = scope
    found = []
    while at is not None:
        found.append(at)
        at = TREE.get(at, "p1")
    return tuple(found)


def grant(scope: str, *permissions: int, id: str = "g", holder: str = "me", **rest: object) -> Placed:
    return replace(Placed(id, holder, "role", "Role", scope, BitMap(permissions)), **rest)


def told(found: list[Left]) -> dict[str, dict[str, list[int]]]:
    return {one.grant.id: {scope: list(some) for scope, some in one.at.items()} for one in found}


CASES = {
    "nothing is needed": ([grant("org", READ, WRITE)], [], {"g": {}}),
    "wherever it is granted": ([grant("org", READ, WRITE)], [Need(READ)], {"g": {"org": [READ]}}),
    "moved to where all of it meets": (
        [grant("org", READ, WRITE)],
        [Need(READ, ("a",)), Need(WRITE, ("b",))],
        {"g": {"p1": [READ, WRITE]}},
    ),
    "moved to each of a few places": (
        [grant("org", READ)],
        [Need(READ, ("a", "c"))],
        {"g": {"a": [READ], "c": [READ]}},
    ),
    "on too many places it stays": (
        [grant("p1", READ)],
        [Need(READ, tuple(f"x{number}" for number in range(SPREAD + 1)))],
        {"g": {"p1": [READ]}},
    ),
    "what is kept above is told below too": (
        [grant("org", READ, WRITE)],
        [Need(READ), Need(READ, ("a",)), Need(WRITE, ("a",))],
        {"g": {"org": [READ], "a": [READ, WRITE]}},
    ),
    "all that is used below is kept above": (
        [grant("org", READ, WRITE)],
        [Need(READ), Need(READ, ("a",))],
        {"g": {"org": [READ]}},
    ),
    "the nearest does": (
        [grant("org", READ, id="far"), grant("p1", READ, WRITE, id="near")],
        [Need(READ, ("a",))],
        {"far": {}, "near": {"a": [READ]}},
    ),
    "a group does": ([grant("org", READ, id="g1"), grant("p1", READ, id="g2", holder="us")], [Need(READ, ("a",))],
                     {"g1": {}}),
    "a group under a condition does not": (
        [grant("org", READ, id="g1"), grant("p1", READ, id="g2", holder="us", condition="at night", firm=False)],
        [Need(READ, ("a",))],
        {"g1": {"a": [READ]}},
    ),
    "each of several under conditions keeps it where it is": (
        [grant("org", READ, id="g1", condition="x", firm=False), grant("p1", READ, id="g2", condition="y", firm=False)],
        [Need(READ, ("a",))],
        {"g1": {"org": [READ]}, "g2": {"p1": [READ]}},
    ),
    "what another grant hangs on stays whole": (
        [grant("p1", WRITE, id="basic"), grant("a", READ, id="all", holder="every editor", firm=False,
                                               hangs=frozenset({"basic"}))],
        [Need(READ, ("a",))],
        {"basic": {"p1": [WRITE]}},
    ),
    "what nothing is needed of hangs on nothing": (
        [grant("p1", WRITE, id="basic"), grant("a", READ, id="all", holder="every editor", firm=False,
                                               hangs=frozenset({"basic"}))],
        [],
        {"basic": {}},
    ),
    "a role that was not read is not touched, nor relied on": (
        [grant("org", id="dark", permissions=None), grant("org", READ, id="g")],
        [Need(READ, ("a",))],
        {"g": {"a": [READ]}},
    ),
    "what is kept for a reason does": (
        [grant("a", READ, id="vault", kept="an access policy"), grant("org", READ, id="g")],
        [Need(READ, ("a",))],
        {"g": {}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_grants_have_to_give(name: str) -> None:
    grants, needs, wanted = CASES[name]
    assert told(left_of("me", grants, needs, above)) == wanted


@st.composite
def drawn(draw: st.DrawFn) -> tuple[list[Placed], list[Need]]:
    scopes, permissions = st.sampled_from(sorted(TREE)), st.sets(st.sampled_from([READ, WRITE, GRANT]), min_size=1)
    grants = [
        grant(
            draw(scopes), *draw(permissions), id=f"g{number}", holder=draw(st.sampled_from(["me", "me", "us"])),
            condition=(condition := draw(st.sampled_from(["", "", "x", "y"]))), firm=not condition,
        )
        for number in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    needs = [
        Need(number, tuple(draw(st.lists(scopes, max_size=3, unique=True))))
        for number in draw(st.lists(st.sampled_from([READ, WRITE, GRANT]), unique=True))
    ]
    return grants, needs


@given(drawn())
def test_what_is_needed_is_given_as_it_was_and_nothing_is_added(case: tuple[list[Placed], list[Need]]) -> None:
    grants, needs = case
    left = left_of("me", grants, needs, above)
    after = [one for one in grants if one.holder != "me"]
    for one in left:
        for scope, permissions in one.at.items():
            assert permissions <= (one.grant.permissions or BitMap())
            assert one.grant.scope in above(scope)
            after.append(replace(one.grant, scope=scope, permissions=permissions))

    def terms(side: list[Placed], number: int, scope: str) -> set[str]:
        giving = {one.condition for one in side if number in (one.permissions or ()) and one.scope in above(scope)}
        return {""} if "" in giving else giving

    for need in needs:
        for scope in need.scopes or TREE:
            assert terms(after, need.permission, scope) == terms(grants, need.permission, scope)


def made(wanted: BitMap) -> Making:
    """Bundles of the customer's own that each hold one permission, but not what grants."""
    left = wanted & BitMap([GRANT])
    bundles = tuple(Written(f"own{one}", "Own", {}, BitMap([one])) for one in wanted - left)
    return Making(bundles, left, "no such bundle holds them" if left else "")


OFFERS = [Bundle("reader", "Reader", BitMap([READ])), Bundle("granter", "Granter", BitMap([READ, GRANT])),
          Bundle("more", "More", BitMap([READ, 3]))]  # fmt: skip
CHOSEN = {
    "one of just that": ([READ], True, ["reader"], None),
    "one made for it": ([READ, WRITE], True, [], [READ, WRITE]),
    "what none can hold stays in one that is there": ([WRITE, GRANT], True, ["granter"], [WRITE]),
    "the fewest with the least excess": ([READ, GRANT], False, ["granter"], None),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_bundles_for_what_is_needed(name: str) -> None:
    wanted, making, bundles, written = CHOSEN[name]
    found = offered(BitMap(wanted), grant("org", READ, WRITE, GRANT), OFFERS, HARM, made if making else None)
    assert [one.id for one in found.bundles] == bundles
    making = found.making
    assert (None if making is None else [number for one in making.bundles for number in one.permissions]) == written
    assert not found.lacking


def test_what_no_bundle_within_the_grant_gives_is_lacking() -> None:
    found = offered(BitMap([READ, WRITE]), grant("org", READ, WRITE), OFFERS, HARM, None)
    assert list(found.lacking) == [WRITE]


def test_what_nothing_smaller_gives_is_made_further_up() -> None:
    def making(wanted: BitMap) -> Making:
        return replace(made(wanted), beyond=(Written("up", "Up", {}, wanted & BitMap([GRANT])),))

    whole = grant("org", READ, WRITE, GRANT)
    own = [Bundle("role", "Role", BitMap([READ, WRITE, GRANT]))]
    for offers, bundles, ids in ((own, [], ["own1", "up"]), ([*own, *OFFERS], ["granter"], ["own1"])):
        found = offered(BitMap([WRITE, GRANT]), whole, offers, HARM, making)
        assert [one.id for one in found.bundles] == bundles
        assert found.making is not None
        assert [one.id for one in found.making.bundles] == ids
