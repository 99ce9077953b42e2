"""Two generated estates, the later one changed a little: who gained or lost is told, and nobody else did."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from test_gcp_bulk import IN_GROUPS, LAW, binding, deny, documents, group, some
from test_gcp_compare import PERMISSIONS, request, solved, told

from fakes.gcp_bulk import port_of
from leastwise.engine.formula import all_of, negate
from leastwise.model.decision import State
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.evaluate.decide import decide
from leastwise.providers.gcp.evaluate.directions import held_permissions
from leastwise.providers.gcp.evaluate.membership import includes
from leastwise.providers.gcp.language.members import Kind, parse_member
from leastwise.providers.gcp.language.names import canonical

EXAMPLES = 60 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 6


@st.composite
def later(draw: st.DrawFn, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same estate, after one or two changes: of policies, a group, a custom role, a deny rule, or what was read."""
    found = list(before)
    for what in draw(some(["policy", "group", "role", "deny", "place"], 2, 1)):
        at = draw(st.sampled_from([n for n, one in enumerate(found) if one["kind"] == "cloud_asset"]))
        body = found[at]["body"]
        if what == "policy":
            policy = {"version": 3, "bindings": draw(st.lists(binding(), max_size=2))}
            found[at] = {"kind": "cloud_asset", "body": body | {"iam_policy": policy}}
        elif what == "group":
            found = [one for one in found if one["kind"] != "group_membership"]
            found += [group(name, draw(some(IN_GROUPS, 2, 1))) for name in ("staff@corp.example", "it@corp.example")]
        elif what == "role":
            own = {"name": "organizations/1/roles/own", "includedPermissions": ["storage.buckets.get"], "stage": "GA"}
            found = [one for one in found if one["kind"] != "role"] + [{"kind": "role", "body": own}]
        elif what == "deny":
            found = [one for one in found if one["kind"] != "deny_policy"] + draw(st.lists(deny(), max_size=1))
        elif body["name"].startswith("//storage"):
            found = [one for one in found if one["body"] is not body]
    return found


def asks(port: GcpPort, id: str) -> bool:
    listed, groups = parse_member(id), port.compiled.estate.groups
    return not id.startswith(("project", "deleted:")) and listed.kind is not Kind.OTHER and listed.id not in groups


@settings(LAW, max_examples=EXAMPLES)
@given(told_before=documents(), rules=st.lists(deny(), max_size=2, unique_by=lambda one: one["body"]["name"]))
def test_changed_deny_rules_concern_whom_they_name(
    told_before: list[dict[str, Any]], rules: list[dict[str, Any]]
) -> None:
    told_now = [one for one in told_before if one["kind"] != "deny_policy"] + rules
    with tempfile.TemporaryDirectory() as folder:
        before, now = port_of(told_before, Path(folder) / "a"), port_of(told_now, Path(folder) / "b")
    changes = {one.principal: one for one in now.changes(before)}
    for id in now.compiled.members.all():
        if asks(now, id) and now.compiled.member_number(id) is not None:
            agrees(before, now, id, changes)


@settings(LAW, max_examples=EXAMPLES)
@given(data=st.data(), told_before=documents())
def test_changes_are_what_single_formulas_say(data: st.DataObject, told_before: list[dict[str, Any]]) -> None:
    told_now = data.draw(later(told_before))
    with tempfile.TemporaryDirectory() as folder:
        before, now = port_of(told_before, Path(folder) / "a"), port_of(told_now, Path(folder) / "b")
    changes = {one.principal: one for one in now.changes(before)}
    assert list(changes) == sorted(changes)
    everybody = {*before.compiled.members.all(), *now.compiled.members.all()}
    some_ids = data.draw(some(sorted(everybody), 5, 2))
    for id in sorted(everybody):
        if not asks(now, id) or not asks(before, id):
            continue
        one, looked = changes.get(id), id in some_ids
        known = [before.compiled.member_number(id) is not None, now.compiled.member_number(id) is not None]
        if one is not None:
            assert one.presence == {(True, True): "both", (False, True): "new", (True, False): "removed"}[tuple(known)]
        elif not all(known):
            raise AssertionError(f"{id} came or went")
        if looked:
            agrees(before, now, id, changes)
    assert now.unseen(now) == tuple(line for line in now.unseen(now) if "before nor now" in line)
    assert not list(now.changes(now))


def agrees(before: GcpPort, now: GcpPort, id: str, changes: dict[str, Any]) -> None:
    """What one gained and lost on every place that both estates hold."""
    one = changes.get(id)
    places = [name for name in now.compiled.places.all() if before.compiled.place_number(name) is not None]
    for place in places:
        read = place in now.compiled.estate.places and place in before.compiled.estate.places
        held = [held_permissions(request(port, id, "", place)) for port in (before, now)]
        for permission in PERMISSIONS:
            if canonical(permission) not in held[0] | held[1]:
                continue
            earlier, later = (decide(request(port, id, permission, place)).formula for port in (before, now))
            for first, second, cubes in (
                (later, earlier, one.gained if one else ()), (earlier, later, one.lost if one else ()),
            ):  # fmt: skip
                wanted = solved(all_of((first, negate(second))))
                if one is not None:
                    assert told(now, cubes, permission, place) is wanted, (id, permission, place)
                else:
                    assert wanted is State.DENIED or not read or of_a_set(now, id, changes), (id, permission, place)


def of_a_set(port: GcpPort, id: str, changes: dict[str, Any]) -> bool:
    """Whether a set that takes somebody in stands among those whose access changed."""
    asked = request(port, id, "storage.objects.get", "//storage.googleapis.com/orders")
    sets = (parse_member(one) for one in changes)
    return any(not one.single and includes(one, asked) is not False for one in sets)
