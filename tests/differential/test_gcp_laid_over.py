"""Changes laid over an estate of Google Cloud: it answers as one that was read after such changes were made."""

from __future__ import annotations

import copy
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from test_gcp_bulk import IN_GROUPS, LAW, MEMBERS, ORG, PLACES, RM, deny, documents, group, some

from fakes.gcp_bulk import as_read, collected_of
from fakes.laid import apart, overlay, said, tables_of
from leastwise.app.overlay import laid_over, overlay_of_changes, undone
from leastwise.providers.base import ScopeTables
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.compiled.compile import compile_estate
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.language.members import parse_member

IDS = {f"{RM}projects/3": "shop", f"{RM}projects/4": "data"}
GIVEN = ["roles/storage.objectViewer", "roles/storage.objectAdmin", "roles/browser", "organizations/1/roles/own"]
CONDITION = {"title": "t", "expression": "resource.type == 'storage.googleapis.com/Object'"}
OWN = "organizations/1/roles/own"
Documents = list[dict[str, Any]]


def scopes_of(told: Documents) -> list[ScopeTables]:
    with tempfile.TemporaryDirectory() as folder:
        collected = collected_of(told, Path(folder) / "in")
    return [
        ScopeTables(one.scope.kind, one.scope.id, tables_of(PROVIDER.translate(one)), True, one.time, "gcp")
        for one in collected
    ]


def port(scopes: Sequence[ScopeTables]) -> GcpPort:
    return GcpPort(as_read(compile_estate(scopes)), ["organizations/1"])


def on(name: str) -> str:
    return IDS.get(name, name.removeprefix(RM))


def policies(told: Documents) -> dict[str, list[dict[str, Any]]]:
    """The bindings of each place, to be changed."""
    return {one["body"]["name"]: one["body"]["iam_policy"]["bindings"] for one in told if one["kind"] == "cloud_asset"}


def has(bindings: list[dict[str, Any]], role: str, who: str, condition: object) -> bool:
    return any(one["role"] == role and who in one["members"] and one.get("condition") == condition for one in bindings)


def gives(bindings: list[dict[str, Any]], role: str, who: str, condition: object) -> None:
    bindings.append({"role": role, "members": [who]} | ({"condition": condition} if condition else {}))


def takes(bindings: list[dict[str, Any]], role: str, who: str, condition: object) -> None:
    for one in bindings:
        if one["role"] == role and one.get("condition") == condition:
            one["members"] = [each for each in one["members"] if each != who]
    bindings[:] = [one for one in bindings if one["members"]]


@st.composite
def granted(draw: st.DrawFn, told: Documents) -> tuple[dict[str, Any], Documents] | None:
    """A change of a grant that stands, or of one more, and the documents after it."""
    later = copy.deepcopy(told)
    bindings = policies(later)
    verb = draw(st.sampled_from(["assign", "unassign", "replace", "move"]))
    stands = [(name, one["role"], who, one.get("condition")) for name, several in bindings.items() for one in several
              for who in one["members"]]  # fmt: skip
    there = [one["members"] for several in bindings.values() for one in several]
    if verb == "assign":
        name, role = draw(st.sampled_from(sorted(PLACES))), draw(st.sampled_from(GIVEN))
        who, condition = (
            draw(st.sampled_from(sorted({who for several in there for who in several} or {""}))),
            draw(st.sampled_from([None, CONDITION])),
        )
        if not who or has(bindings[name], role, who, condition) or deleted(later, role):
            return None
        gives(bindings[name], role, who, condition)
        return {"assign": {"bundle": role, "principal": who, "on": on(name), "condition": condition}}, later
    if not stands:
        return None
    name, role, who, condition = draw(st.sampled_from(stands))
    takes(bindings[name], role, who, condition)
    named = {"bundle": role, "principal": who, "condition": condition}
    if verb == "unassign":
        return {"unassign": {**named, "on": on(name)}}, later
    other = draw(st.sampled_from(GIVEN))
    place = draw(st.sampled_from(sorted(PLACES)))
    target = (name, other) if verb == "replace" else (place, role)
    if target == (name, role) or has(bindings[target[0]], target[1], who, condition) or target[1] == "roles/odd":
        return None
    gives(bindings[target[0]], target[1], who, condition)
    if verb == "replace":
        return {"replace": {**named, "on": on(name), "by": other}}, later
    return {"move": {**named, "from": on(name), "to": on(place)}}, later


def deleted(told: Documents, role: str) -> bool:
    return any(one["kind"] == "role" and one["body"]["name"] == role and one["body"].get("deleted") for one in told)


@st.composite
def defined(draw: st.DrawFn, told: Documents) -> tuple[dict[str, Any], Documents] | None:
    """A change of the custom role, of a deny policy or of who is in a group, and the documents after it."""
    later = copy.deepcopy(told)
    what = draw(st.sampled_from(["put", "delete", "deny", "undeny", "join", "leave"]))
    (own,) = [one["body"] for one in later if one["kind"] == "role"]
    if what in ("put", "delete") and own.get("deleted"):
        return None
    if what == "put":
        document = {"includedPermissions": draw(some(["storage.objects.get", "storage.buckets.get"])), "stage": "GA"}
        own.clear()
        own.update(document, name=OWN)
        return {"put": {"policy": OWN, "document": document}}, later
    if what == "delete":
        own["deleted"] = True
        return {"delete": {"policy": OWN}}, later
    if what in ("deny", "undeny"):
        return draw(denied(later, what == "deny"))
    (staff,) = [one for one in later if one["kind"] == "group_membership"
                and one["body"]["group"]["groupKey"]["id"] == "staff@corp.example"]  # fmt: skip
    inside = [one["preferredMemberKey"]["id"] for one in staff["body"]["memberships"]]
    fit = [one for one in IN_GROUPS if (one.partition(":")[2] in inside) == (what == "leave")]
    named = {who for several in policies(told).values() for one in several for who in one["members"]}
    # Only who is named somewhere is in the estate.
    fit = [one for one in fit if what == "leave" or one in named]
    if not fit or (what == "leave" and len(inside) == 1):
        return None
    who = draw(st.sampled_from(fit))
    members = [one for one in IN_GROUPS if one.partition(":")[2] in inside and one != who]
    staff.update(group("staff@corp.example", members + ([who] if what == "join" else [])))
    return {what: {"principal": who, "group": "group:staff@corp.example"}}, later


@st.composite
def denied(draw: st.DrawFn, told: Documents, more: bool) -> tuple[dict[str, Any], Documents] | None:
    standing = [one for one in told if one["kind"] == "deny_policy"]
    if not more:
        if not standing:
            return None
        gone = draw(st.sampled_from(standing))
        place = gone["body"]["name"].removeprefix("policies/").partition("/denypolicies/")[0].replace("%2F", "/")
        change = {"remove": {"on": on(f"//{place}"), "layer": "deny", "policy": "d"}}
        return change, [one for one in told if one is not gone]
    new = draw(deny())
    place = new["body"]["name"].removeprefix("policies/").partition("/denypolicies/")[0].replace("%2F", "/")
    document = {"rules": new["body"]["rules"]}
    change = {"put": {"on": on(f"//{place}"), "layer": "deny", "policy": "d", "document": document}}
    return change, [one for one in told if one["body"].get("name") != new["body"]["name"]] + [new]


@st.composite
def changed(draw: st.DrawFn) -> tuple[Documents, list[dict[str, Any]], Documents]:
    """An estate, one to three changes of it, and it after them."""
    told = draw(documents())
    changes, later = [], told
    for _ in range(draw(st.integers(1, 3))):
        found = draw(st.one_of(granted(later), defined(later)))
        if found is not None:
            changes.append(found[0])
            later = found[1]
    return told, changes, later


@settings(LAW, max_examples=25)
@given(changed())
def test_laying_over_is_reading_what_was_changed(drawn: tuple[Documents, list[dict[str, Any]], Documents]) -> None:
    told, changes, later = drawn
    if not changes:
        return
    assert PROVIDER.answering is not None
    before, now = scopes_of(told), scopes_of(later)
    laid, made = undone(overlay(*changes), before, PROVIDER.answering.changing)
    one, other = port(laid), port(now)
    known = {*one.compiled.members.all()} & {*other.compiled.members.all()}
    assert not [each for each in other.changes(one) if each.principal in known]
    # Whoever is named no more is still known here, and has nothing.
    assert not [each for each in other.changes(one) if each.lost or each.gained]
    # A group that nothing names any more is none whose members are missing.
    lines = [line for line in other.unseen(one) if not line.startswith("the members of group:unread@")]
    assert not [line for line in lines if "in one of both only" in line]
    back = [step for each in reversed(made) for step in each.inverse]
    again = laid_over(overlay_of_changes("back", [step.values() for step in back]), laid, PROVIDER.answering.changing)
    stood, restored = said(before), said(again)
    difference = apart(stood, restored, "attachments", "memberships")
    assert not difference, "\n".join((*difference, str(changes)))
    # A deny policy of the same name as one that stood has no other title.
    assert not {one for one in stood["policies"] - restored["policies"] if '"deny_policy"' not in one}
    assert not [each for each in port(again).changes(port(before)) if each.lost or each.gained]


def test_members_have_one_spelling() -> None:
    assert {parse_member(one).text for one in MEMBERS if one.startswith(("user:", "group:"))} <= set(MEMBERS)
    assert on(ORG) == "organizations/1"
