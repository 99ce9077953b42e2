"""Changes laid over an estate of Azure: it answers as one that was read after such changes were made."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from azure_estates import MANAGEMENT, PEOPLE, RESOURCES, ROLES, SCOPES, SUB, entries
from test_azure_bulk import LAW, NAMES, documents

from fakes.azure_bulk import scopes_of
from fakes.laid import apart, overlay, said, tables_of
from leastwise.app.overlay import laid_over, overlay_of_changes, undone
from leastwise.engine.arrays import Arrays
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.compiled.compile import compile_estate
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.base import ScopeTables

Documents = list[dict[str, Any]]
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
PRIVATE = {"expression": "@Environment[isPrivateLink] BoolEquals true", "version": "2.0"}
LISTED = [one for one in (*RESOURCES, *SCOPES) if "/resourceGroups/" in one]
"""What is known whether or not something lies on it."""
NEW = "eeeeeeee-0000-4000-8000-00000000000e"


def tables(told: Documents) -> list[ScopeTables]:
    return [replace(one, tables=tables_of(one.tables)) for one in scopes_of(told, NAMES)]


def port(scopes: Sequence[ScopeTables]) -> AzurePort:
    made = compile_estate(scopes)
    return AzurePort(Arrays({name: made[name] for name in made.names()}, json.loads(json.dumps(made.facts))))


def on(scope: str) -> str:
    return scope.rpartition("/")[2] if scope.startswith(MANAGEMENT) or scope.count("/") == 2 else scope


def key(body: dict[str, Any]) -> tuple[Any, ...]:
    told = body["properties"]
    role = told["roleDefinitionId"].rpartition("/")[2]
    return role, told["principalId"], told["scope"].lower(), told.get("condition")


def assignments(told: Documents) -> list[dict[str, Any]]:
    return [one["body"] for one in told if one["kind"] == "role_assignment"]


def named(body: dict[str, Any]) -> dict[str, Any]:
    told = body["properties"]
    condition = {"condition": {"expression": told["condition"]}} if told.get("condition") else {"condition": None}
    role = told["roleDefinitionId"].rpartition("/")[2]
    return {"bundle": role, "principal": told["principalId"], **condition}


@st.composite
def granted(draw: st.DrawFn, told: Documents) -> tuple[dict[str, Any], Documents] | None:
    """A change of an assignment that stands, or of one more, and the documents after it."""
    later = copy.deepcopy(told)
    standing = assignments(later)
    keys = [key(one) for one in standing]
    verb = draw(st.sampled_from(["assign", "unassign", "replace", "move"]))
    if verb == "assign":
        who = draw(st.sampled_from(sorted({one["properties"]["principalId"] for one in standing}) or PEOPLE))
        role, scope = draw(st.sampled_from((*ROLES, READER))), draw(st.sampled_from(SCOPES))
        condition = draw(st.sampled_from([None, PRIVATE]))
        types = [one["properties"].get("principalType") for one in standing if one["properties"]["principalId"] == who]
        if not types or types[0] not in ("User", "Group", "ServicePrincipal") or len(set(types)) > 1:
            return None
        properties = {"roleDefinitionId": f"/providers/x/roleDefinitions/{role}", "principalId": who, "scope": scope,
                      "principalType": types[0]}  # fmt: skip
        if condition:
            properties |= {"condition": condition["expression"], "conditionVersion": "2.0"}
        body = {"id": f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/new",
                "properties": properties}  # fmt: skip
        if key(body) in keys:
            return None
        later.append({"kind": "role_assignment", "body": body})
        return {"assign": {"bundle": role, "principal": who, "on": on(scope), "condition": condition}}, later
    alone = [one for one in standing if keys.count(key(one)) == 1 and _kept(one)]
    if not alone:
        return None
    one = draw(st.sampled_from(alone))
    before = named(one)
    place = on(one["properties"]["scope"])
    if verb == "unassign":
        return {"unassign": {**before, "on": place}}, [each for each in later if each["body"] is not one]
    one["id"] = ""
    if verb == "replace":
        role = draw(st.sampled_from((*ROLES, READER)))
        change = {"replace": {**before, "on": place, "by": role}}
        one["properties"]["roleDefinitionId"] = f"/x/{role}"
    else:
        scope = draw(st.sampled_from(SCOPES))
        change = {"move": {**before, "from": place, "to": on(scope)}}
        one["properties"]["scope"] = scope
    return None if key(one) in keys else (change, later)


def _kept(body: dict[str, Any]) -> bool:
    """Whether an assignment says of its principal and its end what can be told again."""
    told = body["properties"]
    return told.get("principalType") in ("User", "Group", "ServicePrincipal") and "conditionVersion" not in told


@st.composite
def defined(draw: st.DrawFn, told: Documents) -> tuple[dict[str, Any], Documents] | None:
    """A change of a custom role, and the documents after it."""
    later = copy.deepcopy(told)
    roles = {one["body"]["name"]: one for one in later if one["kind"] == "role_definition"}
    verb = draw(st.sampled_from(["put", "create", "delete"]))
    permissions = draw(entries(True))
    if verb == "create":
        if NEW in roles:
            return None
        body = {"name": NEW, "properties": {"roleName": "New", "type": "CustomRole", "permissions": permissions,
                                            "assignableScopes": [SUB]}}  # fmt: skip
        later.append({"kind": "role_definition", "body": body})
        return {"create": {"policy": NEW, "document": body}}, later
    name = draw(st.sampled_from(sorted(roles)))
    if verb == "delete":
        held = any(one["properties"]["roleDefinitionId"].endswith(name) for one in assignments(later))
        named_elsewhere = name in json.dumps([one for one in later if one["kind"] != "role_definition"])
        if held or named_elsewhere:
            return None
        return {"delete": {"policy": name}}, [one for one in later if one is not roles[name]]
    roles[name]["body"]["properties"]["permissions"] = permissions
    return {"put": {"policy": name, "document": {"permissions": permissions}}}, later


@st.composite
def changed(draw: st.DrawFn) -> tuple[Documents, list[dict[str, Any]], Documents]:
    """An estate, one to three changes of it, and it after them."""
    told = [*draw(documents()), *({"kind": "resource", "body": {"id": one}} for one in LISTED)]
    changes, later = [], told
    for _ in range(draw(st.integers(1, 3))):
        found = draw(st.one_of(granted(later), granted(later), defined(later)))
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
    before, now = tables(told), tables(later)
    laid, made = undone(overlay(*changes), before, PROVIDER.answering.changing)
    one, other = port(laid), port(now)
    assert not [each for each in other.changes(one) if each.lost or each.gained]
    # That somebody was given something at the root is all that tells that it was read; laid over, that is still known.
    lines = [line for line in other.unseen(one) if not line.startswith("what lies in /: ")]
    assert not [line for line in lines if "in one of both only" in line]
    back = [step for each in reversed(made) for step in each.inverse]
    again = laid_over(overlay_of_changes("back", [step.values() for step in back]), laid, PROVIDER.answering.changing)
    stood, restored = said(before), said(again)
    difference = apart(stood, restored, "attachments")
    assert not difference, "\n".join((*difference, str(changes)))
    assert restored["policies"] >= stood["policies"]
    assert not [each for each in port(again).changes(port(before)) if each.lost or each.gained]
