"""What outsiders reach in generated trees of Google Cloud, held against single decisions about each of them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import gcp_accounts
from test_gcp_bulk import LAW, documents
from test_gcp_relation import read_in_part

from fakes.gcp_bulk import port_of
from leastwise.model.decision import Circumstances, State
from leastwise.model.exposure import Exposed, Inside
from leastwise.providers.gcp.compiled.outside import Zone
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.evaluate.decide import decide
from leastwise.providers.gcp.evaluate.directions import expanded, permissions_of
from leastwise.providers.gcp.evaluate.explain import STATES
from leastwise.providers.gcp.evaluate.request import Request
from leastwise.providers.gcp.language.members import Kind, Member, parse_member
from leastwise.providers.gcp.language.names import written

EXAMPLES = 150 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 10
GIVEN = Circumstances()
_Doors = Iterator[tuple[str, Member, frozenset[str]]]


def doors(port: GcpPort, asked: Request) -> _Doors:
    """Every place, member that its own bindings let in, and what the role gives."""
    estate = port.compiled.estate
    for name in estate.places:
        policy = estate.places[name].policy
        if port.compiled.arrays["place.alias"][port.compiled.place_number(name) or 0] or policy is None:
            continue
        for binding in policy.bindings:
            for member in binding.members:
                for who in expanded(asked, member):
                    yield name, who, permissions_of(asked, binding.role) or frozenset()


def by_decisions(port: GcpPort, inside: Inside) -> dict[tuple[str, str, tuple[str, ...]], dict[str, State]]:
    """What each outsider can on each place, asked one by one."""
    asked = Request(port.compiled.estate, parse_member("allUsers"), "", "")
    zone, found = Zone(asked, inside), dict[tuple[str, str, tuple[str, ...]], dict[str, State]]()
    for name, who, permissions in doors(port, asked):
        one = zone.outsider(who)
        if one is None or one.source == "inside":
            continue
        for permission in sorted(permissions)[:12]:
            told = decide(Request(port.compiled.estate, who, permission, name, below=True)).verdict
            state = STATES[told.outcome]
            if state is not State.DENIED:
                state = State.UNKNOWN if one.doubt else state
                found.setdefault((name, one.principal, one.subjects), {})[written(permission)] = state
    return found


def by_exposures(exposed: Exposed) -> dict[tuple[str, str, tuple[str, ...]], dict[str, State]]:
    found: dict[tuple[str, str, tuple[str, ...]], dict[str, State]] = {}
    for one in exposed.exposures:
        told = found.setdefault((one.resource, one.principal, one.subjects), {})
        assert not told.keys() & set(one.permissions), "a permission is told once of each outsider"
        told |= dict.fromkeys(one.permissions, one.state)
    return found


def holds(port: GcpPort, inside: Inside) -> Exposed:
    exposed = port.exposed(inside, GIVEN)
    wanted, found = by_decisions(port, inside), by_exposures(exposed)
    for key, states in wanted.items():
        told = found.get(key, {})
        everybody = found.get((key[0], "*", ()), {}) if key[1] == "allAuthenticatedUsers" else {}
        for permission, state in states.items():
            assert told.get(permission, everybody.get(permission)) is state, (key, permission)
    assert {key for key, told in found.items() if told} <= wanted.keys()
    assert {one.resource for one in exposed.exposures if one.missing and not one.permissions} <= set(
        port.compiled.places.all()
    )
    return exposed


@settings(LAW, max_examples=EXAMPLES)
@given(told=st.one_of(read_in_part(documents()), gcp_accounts.documents()), named=st.booleans())
def test_exposures_are_what_decisions_say(told: list[dict[str, Any]], named: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = port_of(told, Path(folder) / "in")
    ours = port.inside()
    inside = Inside(ours.accounts, ours.organizations, ours.domains, named)
    exposed = holds(port, inside)
    unread = {one.resource for one in exposed.unread}
    groups = {f"group:{one}" for one in port.compiled.estate.groups}
    for number, name in enumerate(port.compiled.places.all()):
        if name not in port.compiled.estate.places and not port.compiled.arrays["place.alias"][number]:
            assert name in unread
        for binding in getattr(getattr(port.compiled.estate.places.get(name), "policy", None), "bindings", ()):
            for member in binding.members:
                if member.kind is Kind.GROUP and member.text not in groups and member.domain in inside.domains:
                    assert name in unread
