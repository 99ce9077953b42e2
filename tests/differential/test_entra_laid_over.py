"""Changes laid over a tenant: its estate is that of one which was read after such changes were made."""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from entra_tables import TENANT, comparable, raw

from fakes.laid import apart, overlay, said, tables_of
from leastwise.app.overlay import laid_over, overlay_of_changes, undone
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.evaluate.published import published

USERS = ("user-1", "user-2")
GROUP, OTHER, UNIT = "group-1", "group-2", "unit-1"
CLIENT, RESOURCE, GRAPH, APPLICATION = "client-1", "resource-1", "graph-1", "application-1"
OWNED = {GROUP: "group", OTHER: "group", CLIENT: "servicePrincipal", APPLICATION: "application"}
READERS, ADMINS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "fe930be7-5e62-47db-91af-98c3a49a38b1"
OWN, NEW = "dddddddd-0000-4000-8000-000000000001", "dddddddd-0000-4000-8000-000000000002"
SEND = "b633e1c5-b582-4048-a93e-9f11b44c7e96"
"""The app role Mail.Send of Graph."""
ACTIONS = ("microsoft.directory/users/disable", "microsoft.directory/groups/members/update")
ROLES = (READERS, ADMINS, OWN)
PLACES = {"/": "/", f"/administrativeUnits/{UNIT}": UNIT, f"/{GROUP}": GROUP}
APP_ROLES = {("ar-1", RESOURCE): f"{RESOURCE}/Orders.Read", ("ar-2", RESOURCE): f"{RESOURCE}/Orders.Write",
             (SEND, GRAPH): "Mail.Send"}  # fmt: skip
SCOPES = {("orders.read", RESOURCE): f"{RESOURCE}/orders.read:delegated", ("mail.read", GRAPH): "Mail.Read:delegated",
          ("user.read", GRAPH): "User.Read:delegated"}  # fmt: skip
ENDS = (None, "2030-01-01T00:00:00+00:00")
Documents = list[dict[str, Any]]


def one(kind: str, **body: Any) -> dict[str, Any]:
    return {"kind": kind, "body": body}


BASE: Documents = [
    *(one("user", id=id, userPrincipalName=f"{id}@corp.example", userType="Member", accountEnabled=True)
      for id in USERS),
    one("group", id=GROUP, displayName="Staff", isAssignableToRole=True, securityEnabled=True),
    one("group", id=OTHER, displayName="Others", isAssignableToRole=False, securityEnabled=True),
    one("service_principal", id=CLIENT, appId="app-c", displayName="Client", appRoles=[], oauth2PermissionScopes=[]),
    one("service_principal", id=RESOURCE, appId="app-r", displayName="Shop",
        appRoles=[{"id": "ar-1", "value": "Orders.Read"}, {"id": "ar-2", "value": "Orders.Write"}],
        oauth2PermissionScopes=[{"id": "s-1", "value": "orders.read"}]),
    one("service_principal", id=GRAPH, appId="00000003-0000-0000-c000-000000000000", displayName="Graph"),
    one("application", id=APPLICATION, appId="app-o", displayName="Portal"),
    one("administrative_unit", id=UNIT, displayName="Unit"),
    one("administrative_unit_member", administrativeUnitId=UNIT, id="user-1"),
    one("group_member", groupId=OTHER, id="user-2", **{"@odata.type": "#microsoft.graph.user"}),
]  # fmt: skip


def role(id: str, actions: list[str], name: str = "Own") -> dict[str, Any]:
    return one("directory_role_definition", id=id, displayName=name, isBuiltIn=False, isEnabled=True, templateId=id,
               rolePermissions=[{"allowedResourceActions": actions}])  # fmt: skip


assigned = st.tuples(st.sampled_from(ROLES), st.sampled_from((*USERS, GROUP)), st.sampled_from(sorted(PLACES)))
roles_given = st.tuples(st.sampled_from(ROLES), st.sampled_from((*USERS, CLIENT)), st.sampled_from(sorted(APP_ROLES)))

owning = st.tuples(st.sampled_from((*USERS, CLIENT)), st.sampled_from(sorted(OWNED)))


@st.composite
def tenants(draw: st.DrawFn) -> Documents:
    """A tenant with roles given to people, active and eligible, and permissions given to an app."""
    found = [*BASE, role(OWN, draw(st.lists(st.sampled_from(ACTIONS), unique=True)))]
    for kind in ("directory_role_assignment", "role_eligibility_schedule"):
        for number, (key, who, scope) in enumerate(draw(st.lists(assigned, max_size=3, unique=True))):
            found.append(
                one(kind, id=f"{kind}-{number}", roleDefinitionId=key, principalId=who, directoryScopeId=scope)
            )
            end = draw(st.sampled_from(ENDS)) if "schedule" in kind else None
            found[-1]["body"] |= {"endDateTime": end} if end else {}
    for number, key in enumerate(draw(st.lists(st.sampled_from(sorted(APP_ROLES)), max_size=2, unique=True))):
        found.append(app_role(key, CLIENT, f"ar-{number}"))
    for number, (user, resource) in enumerate(
        draw(
            st.lists(
                st.sampled_from([(u, r) for u in ("", "user-1") for r in (RESOURCE, GRAPH)]), max_size=2, unique=True
            )
        )
    ):
        mine = [scope for scope, of in SCOPES if of == resource]
        scopes = draw(st.lists(st.sampled_from(mine), min_size=1, unique=True))
        found.append(consent(user, resource, scopes, f"c-{number}"))
    members = draw(st.lists(st.sampled_from((*USERS, OTHER)), max_size=2, unique=True))
    owners = draw(st.lists(owning, max_size=3, unique=True))
    return [*found, *(member(who) for who in members), *(owner(*each) for each in owners)]


def owner(who: str, of: str) -> dict[str, Any]:
    kind = "servicePrincipal" if who == CLIENT else "user"
    return one("owner", resourceId=of, resourceType=OWNED[of], id=who, **{"@odata.type": f"#microsoft.graph.{kind}"})


def app_role(key: tuple[str, str], who: str, id: str) -> dict[str, Any]:
    return one("app_role_assignment", id=id, principalId=who, principalType="ServicePrincipal", resourceId=key[1],
               appRoleId=key[0])  # fmt: skip


def consent(user: str, resource: str, scopes: list[str], id: str) -> dict[str, Any]:
    return one("oauth2_permission_grant", id=id, clientId=CLIENT, resourceId=resource, principalId=user or None,
               consentType="Principal" if user else "AllPrincipals", scope=" ".join(sorted(scopes)))  # fmt: skip


def member(who: str) -> dict[str, Any]:
    kind = "group" if who.startswith("group") else "user"
    return one("group_member", groupId=GROUP, id=who, **{"@odata.type": f"#microsoft.graph.{kind}"})


def of(told: Documents, kind: str) -> list[dict[str, Any]]:
    return [each["body"] for each in told if each["kind"] == kind]


@st.composite
def roles_changed(draw: st.DrawFn, told: Documents) -> tuple[dict[str, Any], Documents] | None:
    """A change of a role assignment, active or eligible, and the documents after it."""
    eligible = draw(st.booleans())
    kind = "role_eligibility_schedule" if eligible else "directory_role_assignment"
    verb = draw(st.sampled_from(["assign", "unassign", "replace", "move"]))
    marks = {"eligible": True} if eligible else {}
    later = copy.deepcopy(told)
    standing = of(later, kind)
    keys = [(each["roleDefinitionId"], each["principalId"], each["directoryScopeId"]) for each in standing]
    key, who, scope = draw(assigned)
    if verb == "assign":
        if (key, who, scope) in keys:
            return None
        later.append(one(kind, id="", roleDefinitionId=key, principalId=who, directoryScopeId=scope))
        return {"assign": {"bundle": key, "principal": who, "on": scope, **marks}}, later
    if not standing:
        return None
    at = draw(st.sampled_from(range(len(standing))))
    before, body = keys[at], standing[at]
    named = {"bundle": before[0], "principal": before[1], **marks}
    if verb == "unassign":
        return {"unassign": {**named, "on": before[2]}}, [each for each in later if each["body"] is not body]
    wanted = (key, before[1], before[2]) if verb == "replace" else (before[0], before[1], scope)
    if wanted in keys:
        return None
    body.update(id="", roleDefinitionId=wanted[0], directoryScopeId=wanted[2])
    if verb == "replace":
        return {"replace": {**named, "on": before[2], "by": key}}, later
    return {"move": {**named, "from": before[2], "to": scope}}, later


@st.composite
def apps_changed(draw: st.DrawFn, told: Documents) -> tuple[dict[str, Any], Documents] | None:
    """A change of an app role or of a consent, and the documents after it."""
    later = copy.deepcopy(told)
    if draw(st.booleans()):
        key = draw(st.sampled_from(sorted(APP_ROLES)))
        mine = [each for each in of(later, "app_role_assignment") if (each["appRoleId"], each["resourceId"]) == key]
        named = {"bundle": APP_ROLES[key], "principal": CLIENT, "on": key[1]}
        if mine:
            return {"unassign": named}, [each for each in later if each["body"] is not mine[0]]
        return {"assign": named}, [*later, app_role(key, CLIENT, "")]
    (scope, resource), user = draw(st.sampled_from(sorted(SCOPES))), draw(st.sampled_from(["", "user-1"]))
    behalf = {"for": f"{user}@corp.example"} if user else {}
    change = {"bundle": SCOPES[scope, resource], "principal": "Client", "on": resource, **behalf}
    mine = [each for each in of(later, "oauth2_permission_grant")
            if (each["principalId"] or "", each["resourceId"]) == (user, resource)]  # fmt: skip
    if not mine:
        return {"assign": change}, [*later, consent(user, resource, [scope], "")]
    has = mine[0]["scope"].split()
    left = [each for each in has if each != scope] if scope in has else [*has, scope]
    verb = "unassign" if scope in has else "assign"
    if not left:
        return {verb: change}, [each for each in later if each["body"] is not mine[0]]
    mine[0]["scope"] = " ".join(sorted(left))
    return {verb: change}, later


@st.composite
def others_changed(draw: st.DrawFn, told: Documents) -> tuple[dict[str, Any], Documents] | None:
    """A change of a custom role or of who is in a group, and the documents after it."""
    later = copy.deepcopy(told)
    what = draw(st.sampled_from(["put", "create", "delete", "join", "leave"]))
    actions = draw(st.lists(st.sampled_from(ACTIONS), unique=True))
    document = {"displayName": "Other", "isEnabled": True, "rolePermissions": [{"allowedResourceActions": actions}]}
    roles = {each["id"]: each for each in of(later, "directory_role_definition")}
    given_ids = {each["roleDefinitionId"] for kind in ("directory_role_assignment", "role_eligibility_schedule")
                 for each in of(later, kind)}  # fmt: skip
    if what == "create":
        made = role(NEW, actions, "Other")
        return None if NEW in roles else ({"create": {"policy": NEW, "document": made["body"]}}, [*later, made])
    if what == "put":
        if OWN not in roles:
            return None
        roles[OWN].update(document)
        return {"put": {"policy": OWN, "document": document}}, later
    if what == "delete":
        if OWN not in roles or OWN in given_ids:
            return None
        return {"delete": {"policy": OWN}}, [each for each in later if each["body"] is not roles[OWN]]
    inside = [each for each in of(later, "group_member") if each["groupId"] == GROUP]
    who = draw(st.sampled_from((*USERS, OTHER)))
    mine = [each for each in inside if each["id"] == who]
    if bool(mine) != (what == "leave"):
        return None
    after = [each for each in later if each["body"] not in mine] if mine else [*later, member(who)]
    return {what: {"principal": who, "group": "Staff"}}, after


@st.composite
def owners_changed(draw: st.DrawFn, told: Documents) -> tuple[dict[str, Any], Documents]:
    """An owner more or fewer, and the documents after it."""
    who, of = draw(owning)
    mine = [
        each
        for each in told
        if each["kind"] == "owner" and (each["body"]["id"], each["body"]["resourceId"]) == (who, of)
    ]
    named = {"bundle": f"owner/{OWNED[of]}", "principal": who, "on": of}
    if mine:
        return {"unassign": named}, [each for each in copy.deepcopy(told) if each not in mine]
    return {"assign": named}, [*copy.deepcopy(told), owner(who, of)]


@st.composite
def changed(draw: st.DrawFn) -> tuple[Documents, list[dict[str, Any]], Documents]:
    """A tenant, one to four changes of it, and it after them."""
    told = draw(tenants())
    changes, later = [], told
    for _ in range(draw(st.integers(1, 4))):
        found = draw(st.one_of(roles_changed(later), apps_changed(later), owners_changed(later), others_changed(later)))
        if found is not None:
            changes.append(found[0])
            later = found[1]
    return told, changes, later


def scope_of(told: Documents) -> ScopeTables:
    # The members of every group were asked for, also where there is none.
    made = tables_of(PROVIDER.translate(raw(told)))
    return ScopeTables("tenant", TENANT, made, True, None, "entra")


def estate(scope: ScopeTables) -> dict[str, Any]:
    found = comparable(estate_of_tables(scope.tables, published()))
    found["roles"] = {key: each for key, each in found["roles"].items() if each.custom}
    return found


def nameless(estate: dict[str, Any]) -> dict[str, Any]:
    """An estate in which what was made in thought has no other id."""
    from dataclasses import replace

    return {**estate, **{name: {replace(each, id="") for each in estate[name]} for name in ("assignments", "eligible")}}


@settings(max_examples=40, deadline=None)
@given(changed())
def test_laying_over_is_reading_what_was_changed(drawn: tuple[Documents, list[dict[str, Any]], Documents]) -> None:
    told, changes, later = drawn
    if not changes:
        return
    assert PROVIDER.answering is not None
    before, now = scope_of(told), scope_of(later)
    laid, made = undone(overlay(*changes), [before], PROVIDER.answering.changing)
    one_, other = nameless(estate(laid[0])), nameless(estate(now))
    assert {name for name in one_ if one_[name] != other[name]} <= {"groups", "enrolments", "kinds"}, changes
    assert _members(one_) == _members(other)
    back = [step for each in reversed(made) for step in each.inverse]
    again = laid_over(overlay_of_changes("back", [step.values() for step in back]), laid, PROVIDER.answering.changing)
    stood, restored = said([before]), said(again)
    difference = apart(stood, restored, "attachments", "memberships")
    assert not difference, "\n".join((*difference, str(changes)))
    assert restored["policies"] >= stood["policies"]
    assert estate(again[0]) == estate(before)


def _members(estate: dict[str, Any]) -> set[tuple[str, str]]:
    """Who is in which group: of one that nobody is told to be in, a list may be all that says that it was read."""
    told = {(each.id, group) for group, several in estate["groups"].items() for each in several}
    return told | {(each.principal, each.group) for each in estate["enrolments"] if not each.owner}
