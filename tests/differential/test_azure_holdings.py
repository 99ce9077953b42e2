"""Drawn estates of Azure: what everybody holds, what one holds, what assignments give, and what can agree."""

from __future__ import annotations

from azure_estates import GROUPS, PEOPLE
from holding import KNOWN, OPEN, by_cube, by_permission, held_by_each
from hypothesis import given, settings
from hypothesis import strategies as st
from test_azure_bulk import LAW, NAMES, Documents, circumstances, documents

from fakes.azure_bulk import port_of
from leastwise.model.decision import Circumstances


@settings(LAW, max_examples=6)
@given(documents(), st.sampled_from(PEOPLE), circumstances)
def test_what_one_holds_is_what_it_can(told: Documents, who: str, given_: Circumstances) -> None:
    port = port_of(told, NAMES)
    held = port.held(who, given_)
    assert by_permission(port, held) == by_cube(port, who, given_)
    gaps = {gap for one in port.what_can(who, None, given_) for gap in one.missing}
    assert gaps <= set(held.missing)


@settings(LAW, max_examples=12)
@given(documents())
def test_what_everybody_holds_is_what_each_holds(told: Documents) -> None:
    port = port_of(told, NAMES)
    seen = held_by_each(port, port.everybody())
    given_ = [one["body"]["properties"] for one in told if one["kind"] == "role_assignment"]
    # Of whom no directory tells, an assignment's type says that it is a group.
    groups = {one.get("principalId") for one in given_ if str(one.get("principalType")).lower() == "foreigngroup"}
    named = {one.get("principalId") for one in given_}
    assert set(seen) >= (named - groups) & set(PEOPLE)
    assert not set(seen) & {one for one in GROUPS if port.compiled.is_group(port.compiled.member_number(one) or 0)}


@settings(LAW, max_examples=6)
@given(documents(), st.sampled_from(PEOPLE))
def test_assignments_give_all_that_is_held(told: Documents, who: str) -> None:
    port = port_of(told, NAMES)
    given_ = port.given(who)
    names = port.permissions()
    held = {key for key in by_permission(port, port.held(who, OPEN)) if key[1] in KNOWN}
    if all(not one.missing for one in port.what_can(who, None, OPEN)):
        assert {names[number] for one in given_ for number in one.permissions} >= {name for name, _ in held}
    for one in given_:
        assert one.layer == "allow"
        assert one.resources[0] in port.above(one.resources[0])
        assert one.resources[0] in one.statement
