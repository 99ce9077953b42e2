"""Generated trees of Google Cloud: what everybody holds, what one holds, what bindings give and what can agree."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from holding import KNOWN, OPEN, by_cube, by_permission, held_by_each
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gcp_bulk import LAW, MEMBERS, both, documents

from leastwise.model.decision import Circumstances

SINGLES = [one for one in MEMBERS if one.startswith(("user:", "serviceAccount:", "principal:"))]


@settings(LAW, max_examples=6)
@given(told=documents(), who=st.sampled_from(SINGLES), strict=st.booleans(), build=st.sampled_from([None, "x", "web"]))
def test_what_one_holds_is_what_it_can(told: list[dict[str, Any]], who: str, strict: bool, build: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, port = both(told, Path(folder) / "in")
    context = {} if build is None else {"attribute.team": (build,)}
    circumstances = Circumstances(context, strict)
    held = port.held(who, circumstances)
    assert by_permission(port, held) == by_cube(port, who, circumstances)
    gaps = {gap for one in port.what_can(who, None, circumstances) for gap in one.missing}
    # Equal places are decided once: what a gap says of one of them it says of all.
    assert bool(gaps) <= bool(held.missing)


@settings(LAW, max_examples=10)
@given(told=documents())
def test_what_everybody_holds_is_what_each_holds(told: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, port = both(told, Path(folder) / "in")
    seen = held_by_each(port, port.everybody())
    assert set(seen) >= {one for one in SINGLES if port.compiled.member_number(one) is not None}
    assert not any(one.startswith(("group:", "domain:", "deleted:", "all")) for one in seen)


@settings(LAW, max_examples=6)
@given(told=documents(), who=st.sampled_from(SINGLES))
def test_bindings_give_all_that_is_held(told: list[dict[str, Any]], who: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, port = both(told, Path(folder) / "in")
    given_ = port.given(who)
    numbers = {number for one in given_ for number in one.permissions}
    names = port.permissions()
    held = {name for name, state in by_permission(port, port.held(who, OPEN)) if state in KNOWN}
    assert {names[number] for number in numbers} >= held
    assert all(one.layer == "allow" and one.resources == (one.source,) for one in given_)
    assert len({(one.policy, one.statement, one.permissions.serialize()) for one in given_}) <= len(given_)
