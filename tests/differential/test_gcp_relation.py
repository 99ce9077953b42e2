"""Generated trees of Google Cloud: the rectangles of a relation say of every pair what is answered of it alone."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import gcp_estates
from test_gcp_bulk import LAW, PERMISSIONS, documents

from fakes.gcp_bulk import port_of
from leastwise.engine.relation import Relation
from leastwise.model.decision import Circumstances, State
from leastwise.providers.gcp.compiled.port import GcpPort

EXAMPLES = 300 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 25


def made(told: list[dict[str, Any]]) -> GcpPort:
    with tempfile.TemporaryDirectory() as folder:
        return port_of(told, Path(folder) / "in")


def agrees(port: GcpPort, permission: str, given: Circumstances) -> Relation:
    """Holds a relation against `can`, `reach` and `who-can`."""
    relation = port.relation(permission, given)
    seen: dict[tuple[int, int], State] = {}
    for one in relation.rectangles:
        assert one.principals and one.resources
        for principal in one.principals:
            for resource in one.resources:
                assert (principal, resource) not in seen, "a pair is in two rectangles"
                seen[principal, resource] = one.state
    assert relation.pairs == len(seen)
    assert not any(id in ("allUsers", "allAuthenticatedUsers") for id in relation.principals[: relation.inside])
    for number, id in enumerate(relation.principals):
        if not asks(port, id):
            assert not list(relation.of_principal(number)), id
            continue
        reached = {one.resource: one.state for one in port.reach(id, permission, given).resources}
        assert reached == {relation.resources[at]: seen[number, at] for (who, at) in seen if who == number}, id
        for at, resource in enumerate(relation.resources):
            found = port.can(id, permission, resource, given)
            assert found.state is seen.get((number, at), State.DENIED), (id, resource, found.missing)
    listed = {
        (holder.principal, resource)
        for resource in relation.resources
        for holder in port.who_can(permission, resource, given).holders
    }
    assert listed <= {(relation.principals[who], relation.resources[at]) for who, at in seen}
    return relation


def asks(port: GcpPort, id: str) -> bool:
    """Whether somebody stands for themselves in lists: a group that was read whole stands as its members."""
    estate = port.compiled.estate
    held = estate.groups.keys() - set(estate.partly)
    return not id.startswith(("project", "deleted:")) and id.removeprefix("group:") not in held


def tells(port: GcpPort, relation: Relation, given: Circumstances) -> None:
    """What a rectangle tells is what is told of its pairs alone."""
    for one in relation.rectangles:
        for place in (one.resources[0], one.resources[-1]):
            id, resource = relation.principals[one.principals[0]], relation.resources[place]
            alone = port.can(id, relation.permission, resource, given)
            assert one.told(place) == (alone.residual, alone.missing)


@st.composite
def read_in_part(draw: st.DrawFn, whole: st.SearchStrategy[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """An estate of which some policies, or some documents, were not read."""
    found = draw(whole)
    if not draw(st.booleans()):
        return found
    without = draw(st.sets(st.integers(0, len(found) - 1), min_size=1, max_size=3))
    if draw(st.booleans()):
        return [one for at, one in enumerate(found) if at not in without]
    told = [one["body"] if at in without else {} for at, one in enumerate(found)]
    return [
        one | {"body": {name: value for name, value in one["body"].items() if body == {} or name != "iam_policy"}}
        for one, body in zip(found, told, strict=True)
    ]


@settings(LAW, max_examples=EXAMPLES)
@given(told=read_in_part(documents()), permission=st.sampled_from(PERMISSIONS), strict=st.booleans())
def test_a_relation_says_what_every_pair_does(told: list[dict[str, Any]], permission: str, strict: bool) -> None:
    port, given = made(told), Circumstances(strict=strict)
    tells(port, agrees(port, permission, given), given)


@settings(LAW, max_examples=EXAMPLES)
@given(told=read_in_part(gcp_estates.documents()), permission=st.sampled_from(gcp_estates.PERMISSIONS))
def test_a_relation_where_tags_and_names_decide(told: list[dict[str, Any]], permission: str) -> None:
    port, given = made(told), Circumstances()
    tells(port, agrees(port, permission, given), given)
