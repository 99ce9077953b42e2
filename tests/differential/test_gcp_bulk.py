"""Generated trees of Google Cloud: the bulk engine and the reference give the same answers, in every direction."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fakes.gcp_bulk import port_of
from leastwise.model.decision import Circumstances, State
from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.conform.documents import estate_of
from leastwise.providers.gcp.evaluate.decide import decide
from leastwise.providers.gcp.evaluate.directions import what_can, who_can
from leastwise.providers.gcp.evaluate.estate import Estate
from leastwise.providers.gcp.evaluate.explain import STATES
from leastwise.providers.gcp.evaluate.request import Request, request
from leastwise.providers.gcp.language.members import Kind, parse_member

RM = "//cloudresourcemanager.googleapis.com/"
ORG, ORG_LINE = f"{RM}organizations/1", ["organizations/1"]
PLACES = {
    ORG: ("cloudresourcemanager.googleapis.com/Organization", ORG_LINE),
    f"{RM}folders/2": ("cloudresourcemanager.googleapis.com/Folder", ["folders/2", *ORG_LINE]),
    f"{RM}projects/3": ("cloudresourcemanager.googleapis.com/Project", ["projects/3", "folders/2", *ORG_LINE]),
    f"{RM}projects/4": ("cloudresourcemanager.googleapis.com/Project", ["projects/4", *ORG_LINE]),
    "//storage.googleapis.com/orders": ("storage.googleapis.com/Bucket", ["projects/3", "folders/2", *ORG_LINE]),
    "//storage.googleapis.com/logs": ("storage.googleapis.com/Bucket", ["projects/4", *ORG_LINE]),
}
DATA = {
    ORG: {"name": "organizations/1", "displayName": "corp.example"},
    f"{RM}projects/3": {"projectId": "shop", "projectNumber": "3"},
    f"{RM}projects/4": {"projectId": "data", "projectNumber": "4"},
}
RESOURCES = [
    *PLACES,
    "//storage.googleapis.com/projects/_/buckets/orders/objects/a.csv",
    "//storage.googleapis.com/new",
]
POOL = "iam.googleapis.com/projects/3/locations/global/workloadIdentityPools/ci"
MEMBERS = [
    "user:ada@corp.example", "user:bob@corp.example", "user:eve@other.example", "group:staff@corp.example",
    "group:it@corp.example", "group:unread@corp.example", "domain:corp.example", "allUsers", "allAuthenticatedUsers",
    "serviceAccount:app@shop.iam.gserviceaccount.com", "serviceAccount:job@data.iam.gserviceaccount.com",
    f"principal://{POOL}/subject/build", f"principalSet://{POOL}/*", f"principalSet://{POOL}/attribute.team/web",
    f"principalSet:{RM}projects/3/type/ServiceAccount", "deleted:user:gone@corp.example?uid=1", "projectEditor:shop",
]  # fmt: skip
ROLES = ["roles/storage.objectViewer", "roles/storage.admin", "roles/editor", "organizations/1/roles/own", "roles/odd"]
CONDITIONS = [
    None, None, "request.time < timestamp('2030-01-01T00:00:00Z')",
    "resource.name.startsWith('projects/_/buckets/orders')",
    "resource.type == 'storage.googleapis.com/Object'", "does not parse (", "true",
]  # fmt: skip
PERMISSIONS = ["storage.objects.get", "storage.buckets.get", "storage.buckets.setIamPolicy"]
BOUNDARY = "organizations/1/locations/global/principalAccessBoundaryPolicies/p"


LAW = settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate), deadline=None, suppress_health_check=list(HealthCheck)
)
"""Not made smaller: a tree takes too long for that."""


def some(values: list[Any], most: int = 3, least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True)


@st.composite
def binding(draw: st.DrawFn) -> dict[str, Any]:
    one: dict[str, Any] = {"role": draw(st.sampled_from(ROLES)), "members": draw(some(MEMBERS, 3, 1))}
    condition = draw(st.sampled_from(CONDITIONS))
    return one if condition is None else one | {"condition": {"title": "t", "expression": condition}}


@st.composite
def deny(draw: st.DrawFn) -> dict[str, Any]:
    attached = draw(st.sampled_from([name for name in PLACES if name.startswith(RM)]))
    members = [one for one in MEMBERS if not one.startswith("project")]
    rule = {
        "deniedPrincipals": draw(some(members, 3, 1)), "exceptionPrincipals": draw(some(members, 2)),
        "deniedPermissions": draw(some(["storage.googleapis.com/objects.get", "storage.googleapis.com/*.*"], 1, 1)),
        "exceptionPermissions": draw(some(["storage.googleapis.com/buckets.get"], 1)),
    }  # fmt: skip
    name = f"policies/{attached.removeprefix('//').replace('/', '%2F')}/denypolicies/d"
    return {"kind": "deny_policy", "body": {"name": name, "rules": [{"denyRule": rule}]}}


@st.composite
def bounded(draw: st.DrawFn) -> list[dict[str, Any]]:
    listed = draw(some([name for name in PLACES if name.startswith(RM)], 2))
    rules = [{"effect": "ALLOW", "resources": listed}]
    target = draw(st.sampled_from([ORG, f"{RM}projects/3", f"//{POOL}"]))
    body = {"name": "organizations/1/locations/global/policyBindings/b", "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
            "policy": BOUNDARY, "target": {"principalSet": target}}  # fmt: skip
    condition = draw(st.sampled_from([None, "principal.subject == 'ada@corp.example'",
                                      "principal.type == 'iam.googleapis.com/ServiceAccount'"]))  # fmt: skip
    body |= {} if condition is None else {"condition": {"title": "t", "expression": condition}}
    policy = {"name": BOUNDARY, "details": {"rules": rules, "enforcementVersion": draw(st.sampled_from(["1", "3"]))}}
    kept = [{"kind": "policy_binding", "body": body}]
    return kept + ([{"kind": "principal_access_boundary", "body": policy}] if draw(st.integers(0, 3)) else [])


def group(name: str, members: list[str]) -> dict[str, Any]:
    keys = [
        {"preferredMemberKey": {"id": one.partition(":")[2]}, "type": TYPES[one.partition(":")[0]]} for one in members
    ]
    return {"kind": "group_membership", "body": {"group": {"groupKey": {"id": name}}, "memberships": keys}}


TYPES = {"user": "USER", "group": "GROUP", "serviceAccount": "SERVICE_ACCOUNT"}
IN_GROUPS = [one for one in MEMBERS if one.partition(":")[0] in TYPES]


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, (type, line) in PLACES.items():
        policy = {"version": 3, "bindings": draw(st.lists(binding(), max_size=2))}
        body = {"name": name, "asset_type": type, "ancestors": line, "iam_policy": policy}
        found.append(
            {"kind": "cloud_asset", "body": body | ({"resource": {"data": DATA[name]}} if name in DATA else {})}
        )
    own = {"name": "organizations/1/roles/own", "includedPermissions": ["storage.objects.get"]}
    found.append({"kind": "role", "body": own | {"stage": draw(st.sampled_from(["GA", "DISABLED"]))}})
    found += draw(st.lists(deny(), max_size=2, unique_by=lambda one: one["body"]["name"]))
    found += draw(bounded()) if draw(st.booleans()) else []
    found.append(group("staff@corp.example", draw(some(IN_GROUPS, 3, 1))))
    found.append(group("it@corp.example", draw(some(IN_GROUPS, 2, 1))))
    return found


def both(told: list[dict[str, Any]], folder: Path) -> tuple[Estate, GcpPort]:
    return estate_of(told, catalog.permissions_of), port_of(told, folder)


def asked(estate: Estate, who: str, permission: str, resource: str, *, strict: bool) -> Request:
    return request(estate, parse_member(who), permission, resource, strict=strict)


@settings(LAW, max_examples=40)
@given(
    told=documents(), permission=st.sampled_from(PERMISSIONS), resource=st.sampled_from(RESOURCES), strict=st.booleans()
)
def test_can_and_who_can(told: list[dict[str, Any]], permission: str, resource: str, strict: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        estate, port = both(told, Path(folder) / "in")
    circumstances = Circumstances(strict=strict)
    for who in [one for one in MEMBERS if not one.startswith("project")] + ["user:stranger@corp.example"]:
        wanted = decide(asked(estate, who, permission, resource, strict=strict)).verdict
        got = port.can(who, permission, resource, circumstances)
        assert got.state is STATES[wanted.outcome], (who, got.missing, wanted.gaps)
    reference = who_can(asked(estate, "allUsers", permission, resource, strict=strict))
    found = port.who_can(permission, resource, circumstances)
    assert {one.principal: one.state for one in found.holders} == dict(reference.states)
    assert sorted(found.missing) == sorted(reference.missing)
    for part in found.holders.alike():
        for one in part:
            told_alone = port.can(one.principal, permission, resource, circumstances)
            assert (set(one.missing), one.residual) == (set(told_alone.missing), told_alone.residual)


@settings(LAW, max_examples=5)
@given(told=documents(), who=st.sampled_from(MEMBERS[:-2]), resource=st.sampled_from(RESOURCES))
def test_what_somebody_can_and_reaches(told: list[dict[str, Any]], who: str, resource: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        estate, port = both(told, Path(folder) / "in")
    given = Circumstances()
    cubes = port.what_can(who, resource, given)
    states = {permission: one.state for one in cubes for permission in one.permissions}
    assert states == what_can(asked(estate, who, "", resource, strict=False))
    for permission in PERMISSIONS:
        reached = {one.resource: one.state for one in port.reach(who, permission, given).resources}
        for place in PLACES:
            state = port.can(who, permission, place, given).state
            assert reached.get(place, State.DENIED) is state, (permission, place)
    anywhere = port.what_can(who, None, given)
    held = {permission for one in anywhere for permission in one.permissions}
    assert held >= {one for one, state in states.items() if state is State.ALLOWED}


@settings(LAW, max_examples=40)
@given(told=documents(), permission=st.sampled_from(PERMISSIONS))
def test_anywhere_is_no_less_than_somewhere(told: list[dict[str, Any]], permission: str) -> None:
    """Whoever can on some known resource can somewhere; who-can and can say the same of it."""
    with tempfile.TemporaryDirectory() as folder:
        _, port = both(told, Path(folder) / "in")
    given, sure = Circumstances(), [State.DENIED, State.UNKNOWN, State.CONDITIONAL, State.ALLOWED]
    anywhere = {one.principal: one.state for one in port.who_can(permission, None, given).holders}
    for resource in PLACES:
        for one in port.who_can(permission, resource, given).holders:
            alone = port.can(one.principal, permission, None, given).state
            # Of any resource what conditions ask of it stays a condition.
            assert sure.index(alone) >= min(sure.index(one.state), 2), (one.principal, resource)
            if one.principal in anywhere:
                assert anywhere[one.principal] is alone, (one.principal, resource)
            else:
                sets: Mapping[str, State] = {
                    id: s for id, s in anywhere.items() if parse_member(id).kind is not Kind.USER
                }
                assert sets, (one.principal, resource)
