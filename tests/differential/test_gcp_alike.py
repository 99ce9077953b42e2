"""Generated trees: who is told to have equal access has, whoever else holds the same is told, and shares are right."""

from __future__ import annotations

import os
import sys
import tempfile
from itertools import combinations
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import gcp_estates
from test_gcp_bulk import LAW, documents

from fakes.gcp_bulk import port_of
from leastwise.model.comparison import Alike, Likenesses
from leastwise.model.decision import Circumstances, State

EXAMPLES = 80 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 6
OPEN = Circumstances()
Pairs = frozenset[tuple[str, str]]


def holdings(port: Any) -> dict[str, Pairs]:
    """What each of whom all was read holds by its bundles: permission and place, none below one that says so."""
    everybody, names = port.everybody(), port.permissions()
    found: dict[str, Pairs] = {}
    for group in everybody.groups:
        if group.unread:
            continue
        parts = [part for number in group.bundles for part in everybody.bundles[number]]
        pairs = {(names[one], place) for part in parts for one in part.permissions for place in part.resources}
        above = {place: port.above(place)[1:] for _, place in pairs}
        kept = frozenset(
            (name, place) for name, place in pairs if not any((name, one) in pairs for one in above[place])
        )
        found |= dict.fromkeys(group.principals, kept)
    return {id: pairs for id, pairs in found.items() if pairs}


def differ(port: Any, one: str, other: str) -> set[State]:
    """The states of all that tells two apart."""
    first, second = (port.effective(id, OPEN) for id in (one, other))
    return {cube.state for cube in (*first.minus(second), *second.minus(first))}


def jaccard(one: Pairs, other: Pairs) -> float:
    return len(one & other) / len(one | other)


def check(port: Any, threshold: float) -> None:
    found, held = port.alike(threshold), holdings(port)
    equal = [{twin.principal for twin in one.twins} for one in found.groups if one.equal]
    near = [one for one in found.groups if not one.equal]
    assert all(len(one.twins) > 1 for one in found.groups)
    assert sum(map(len, equal)) == len(set[str]().union(*equal)), "one is in two equal groups"
    for ids in equal:
        first, *others = sorted(ids)
        assert all(not differ(port, first, other) for other in others), ids
    for one, other in combinations(sorted(held), 2):
        if held[one] == held[other] and not any({one, other} <= ids for ids in equal):
            together = [group for group in near if {one, other} <= {twin.principal for twin in group.twins}]
            assert together, (one, other)
            assert (
                State.ALLOWED in (states := differ(port, one, other))
                or State.CONDITIONAL in states
                or (not together[0].decided and told(found, "not decided"))
            ), (one, other)
    for group in found.groups:
        shares(group, held, threshold)


def told(found: Likenesses, words: str) -> bool:
    return any(words in one for one in found.missing)


def shares(group: Alike, held: dict[str, Pairs], threshold: float) -> None:
    """What all of a group have, what each has besides, and how near they are to one of them."""
    own = {twin.principal: held[twin.principal] for twin in group.twins}
    common = frozenset.intersection(*own.values())
    assert set(group.permissions) == {name for name, _ in common}
    assert set(group.on) == {place for _, place in common}
    assert group.count == len(group.permissions)
    nearest = {min(jaccard(one, other) for other in own.values()) for one in own.values()}
    assert any(abs(group.similarity - one) < 1e-9 for one in nearest)
    assert group.similarity >= (1.0 if group.equal else threshold)
    for twin in group.twins:
        more = own[twin.principal] - common
        assert (set(twin.more), set(twin.more_on)) == ({name for name, _ in more}, {place for _, place in more})
        assert abs(twin.shared - len(common) / len(own[twin.principal])) < 1e-9


@settings(LAW, max_examples=EXAMPLES)
@given(drawn=documents(), threshold=st.sampled_from([0.5, 0.8, 1.0]))
def test_alike_is_what_single_answers_say(drawn: list[dict[str, Any]], threshold: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(port_of(drawn, Path(folder) / "in"), threshold)


@settings(LAW, max_examples=EXAMPLES)
@given(drawn=gcp_estates.documents(), threshold=st.sampled_from([0.5, 0.9]))
def test_alike_under_tags_and_boundaries(drawn: list[dict[str, Any]], threshold: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(port_of(drawn, Path(folder) / "in"), threshold)
