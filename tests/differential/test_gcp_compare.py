"""Two principals of a generated tree held against each other: every known place is told as single formulas say."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import gcp_estates
from test_gcp_bulk import LAW, MEMBERS, documents
from test_gcp_relation import read_in_part

from fakes.gcp_bulk import port_of
from leastwise.engine.formula import All, Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap
from leastwise.model.decision import Circumstances, Cube, State
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.evaluate.decide import decide
from leastwise.providers.gcp.evaluate.directions import held_permissions
from leastwise.providers.gcp.evaluate.explain import STATES
from leastwise.providers.gcp.evaluate.request import Request
from leastwise.providers.gcp.evaluate.worlds import solver
from leastwise.providers.gcp.language.members import parse_member
from leastwise.providers.gcp.language.names import canonical

EXAMPLES = 60 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 6
GIVEN = Circumstances()
WHO = [one for one in MEMBERS if not one.startswith(("project", "deleted", "group"))]
PERMISSIONS = (
    "storage.objects.get", "storage.buckets.setIamPolicy", "resourcemanager.projects.get", "secretmanager.secrets.get",
)  # fmt: skip


def request(port: GcpPort, who: str, permission: str, place: str) -> Request:
    return Request(
        port.compiled.estate, parse_member(who), canonical(permission) if permission else "", place, below=True
    )


def own(formula: Formula, who: str) -> Formula:
    """The formula with gaps that are told of this one alone."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        atom = formula.atom
        return (
            replace(formula, atom=Gap(f"{atom.name} of {who}", denies=atom.denies))
            if isinstance(atom, Gap)
            else formula
        )
    return (all_of if isinstance(formula, All) else any_of)(own(part, who) for part in formula.parts)


def told(port: GcpPort, cubes: Iterable[Cube], permission: str, place: str) -> State:
    """What cubes say of a permission on a place: at most one does."""
    above = port.compiled.estate.chain(place).names
    found = [
        one.state
        for one in cubes
        if permission in one.permissions and set(one.resources) & set(above) and not set(one.exceptions) & set(above)
    ]
    assert len(found) <= 1, (permission, place)
    return found[0] if found else State.DENIED


def solved(formula: Formula) -> State:
    return STATES[solver().verdict(formula).outcome]


def agrees(port: GcpPort, first: str, second: str) -> None:
    one, other = port.effective(first, GIVEN), port.effective(second, GIVEN)
    cubes, only, both = one.cubes(), one.minus(other), one.both(other)
    names = port.permissions()
    assert {names[number] for number in one.permissions} == {each for cube in cubes for each in cube.permissions}
    apart = False
    for number, place in enumerate(port.compiled.places.all()):
        if port.compiled.arrays["place.alias"][number]:
            continue
        held = [held_permissions(request(port, who, "", place)) for who in (first, second)]
        for permission in PERMISSIONS:
            mine, others = (decide(request(port, who, permission, place)).formula for who in (first, second))
            wanted, joined = solved(all_of((mine, negate(others)))), solved(all_of((mine, others)))
            if mine != others:
                wanted = solved(all_of((own(mine, first), negate(own(others, second)))))
                joined = solved(all_of((own(mine, first), own(others, second))))
                apart = True
            where = canonical(permission) in held[0], canonical(permission) in held[0] | held[1]
            for known, sides, state in ((where[0], cubes, solved(mine)), (where[1], only, wanted),
                                        (where[1], both, joined)):  # fmt: skip
                # What no role that is known gives is told, if at all, without the names of permissions.
                state = state if known or state is not State.UNKNOWN else State.DENIED
                assert told(port, sides, permission, place) is state, (permission, place)
    assert apart or first != second or not only
    assert one.minus(one) == ()
    assert one.unread(one) == ()


@settings(LAW, max_examples=EXAMPLES)
@given(told=read_in_part(documents()), pair=st.lists(st.sampled_from(WHO), min_size=2, max_size=2))
def test_differences_are_exact(told: list[dict[str, Any]], pair: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = port_of(told, Path(folder) / "in")
    agrees(port, *pair)


@settings(LAW, max_examples=EXAMPLES)
@given(
    told=read_in_part(gcp_estates.documents()),
    pair=st.lists(st.sampled_from(gcp_estates.CALLERS), min_size=2, max_size=2),
)
def test_differences_under_tags_and_names_are_exact(told: list[dict[str, Any]], pair: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = port_of(told, Path(folder) / "in")
    agrees(port, *pair)
