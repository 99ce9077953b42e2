"""What outsiders reach in drawn estates of Azure, held against single decisions about each of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from azure_estates import GROUPS, PEOPLE
from test_azure_bulk import EXAMPLES, FAR, LAW, both, documents

from fakes.azure_bulk import TENANT
from leastwise.model.decision import Circumstances, State
from leastwise.model.exposure import Inside
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.azure.evaluate.decide import decide
from leastwise.providers.azure.evaluate.estate import Estate
from leastwise.providers.azure.evaluate.explain import STATES
from leastwise.providers.azure.language.roles import Role

GIVEN = Circumstances()
ADDRESSES = ("{}_partner.example#EXT#@corp.example", "{}_sister.example#EXT#@corp.example", "{}@corp.example")
States = dict[tuple[str, str], dict[str, State]]


@st.composite
def estates(draw: st.DrawFn) -> list[dict[str, Any]]:
    """An estate in which some people are guests, of strangers or of ourselves, or of whom nothing was read."""
    found = [one for one in draw(documents()) if one["kind"] not in ("user", "registration_assignment")]
    for who in draw(st.lists(st.sampled_from(PEOPLE), unique=True)):
        name = draw(st.sampled_from(ADDRESSES)).format(who[-1])
        type = "Guest" if "#" in name else "Member"
        found.append({"kind": "user", "body": {"id": who, "userPrincipalName": name, "userType": type}})
    return found


def outside(told: list[dict[str, Any]]) -> set[str]:
    users = (one["body"] for one in told if one["kind"] == "user")
    return {FAR} | {one["id"] for one in users if "partner.example" in one["userPrincipalName"]}


def by_decisions(port: AzurePort, estate: Estate, wanted: set[str], told: States) -> States:
    """What each outsider can at each scope of some of what a role gives and of all that is `told`, asked one by one."""
    numbers = {name: number for number, name in enumerate(port.numbers.names)}
    found: States = {}
    given_ = port.compiled.assignments
    for one in map(given_.one, range(len(given_.place))):
        place = port.compiled.place_number(one.scope.key) or 0
        for who in wanted & set(estate.expanded(one.principal, one.type)):
            at = port.anywhere.at(port.of(who, None, GIVEN), place)
            role = estate.role(one.role)
            asked = {numbers[name] for name in told.get((one.scope.key, who), ())}
            for operation in sorted({*sorted(given_by(port, role))[:12], *asked}):
                state = STATES[decide(port.what.about(at, operation)).verdict.outcome]
                if state is not State.DENIED:
                    found.setdefault((one.scope.key, who), {})[port.numbers.names[operation]] = state
    return found


def given_by(port: AzurePort, role: Role | None) -> set[int]:
    return {one for entry in (role.entries if role is not None else ()) for one in port.numbers.entry(entry)}


@settings(LAW, max_examples=EXAMPLES // 2)
@given(estates())
def test_exposures_are_what_decisions_say(told: list[dict[str, Any]]) -> None:
    estate, port = both(told)
    exposed = port.exposed(Inside(frozenset(), frozenset({TENANT}), frozenset({"sister.example"})), GIVEN)
    found: States = {}
    for one in exposed.exposures:
        mine = found.setdefault((one.resource.lower(), one.principal), {})
        assert not mine.keys() & set(one.permissions), "a permission is told once of each outsider"
        mine |= dict.fromkeys(one.permissions, one.state)
    wanted = by_decisions(port, estate, outside(told), found)
    # Whom a directory that was read as a whole does not tell of is listed with a doubt.
    lost = {*PEOPLE, *GROUPS} - {one["body"]["id"] for one in told if one["kind"] == "user"}
    assert {who for _, who in found} <= outside(told) | lost
    for key, states in wanted.items():
        assert {name: found.get(key, {}).get(name) for name in states} == states, key
    for key, states in found.items():
        if key[1] not in lost:
            assert states == {name: wanted.get(key, {}).get(name) for name in states}, key
    missing = {one.resource.lower(): " ".join(one.missing) for one in exposed.unread}
    known = {one["body"]["id"] for one in told if one["kind"] == "user"}
    read = {one["body"]["groupId"] for one in told if one["kind"] == "group_member"}
    given_all = [port.compiled.assignments.one(number) for number in range(len(port.compiled.assignments.place))]
    strange = {one.principal for one in given_all if one.type == "ForeignGroup"}
    for given_ in given_all:
        if given_.principal in PEOPLE and given_.principal not in known | strange:
            assert f"whether {given_.principal} is of another tenant" in missing[given_.scope.key]
        if given_.principal in GROUPS and given_.principal not in read:
            assert given_.principal in missing[given_.scope.key]
