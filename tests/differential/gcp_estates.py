"""Small Google Cloud estates, drawn: an organization, a folder, a project, a bucket, a secret, and policies."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

MANAGER = "//cloudresourcemanager.googleapis.com/"
ORGANIZATION, FOLDER, PROJECT = f"{MANAGER}organizations/1", f"{MANAGER}folders/2", f"{MANAGER}projects/3"
BUCKET = "//storage.googleapis.com/orders"
OBJECT = "//storage.googleapis.com/projects/_/buckets/orders/objects/a.csv"
SECRET = "//secretmanager.googleapis.com/projects/3/secrets/s"
ANCESTORS = ["projects/3", "folders/2", "organizations/1"]
POOL = "iam.googleapis.com/locations/global/workforcePools/staff"
CALLERS = (
    "user:ada@example.com", "user:eve@gmail.com", "serviceAccount:app@shop.iam.gserviceaccount.com",
    f"principal://{POOL}/subject/raha", "serviceAccount:shop.svc.id.goog[ns/sa]", "allUsers",
)  # fmt: skip
MEMBERS = (
    *CALLERS, "allAuthenticatedUsers", "group:staff@example.com", "group:it@example.com", "domain:example.com",
    f"principalSet://{POOL}/*", f"principalSet://{POOL}/group/ops", f"principalSet://{POOL}/attribute.team/x",
    "principalSet://cloudresourcemanager.googleapis.com/projects/3/type/ServiceAccount",
    "principalSet://cloudresourcemanager.googleapis.com/organizations/1/type/ServiceAccount",
    "projectOwner:shop", "projectViewer:shop", "deleted:user:ada@example.com?uid=1",
)  # fmt: skip
ROLES = (
    "roles/storage.objectViewer", "roles/storage.admin", "roles/viewer", "roles/owner", "roles/secretmanager.admin",
    "projects/shop/roles/mine", "projects/shop/roles/off", "roles/storage.objectViewer_withcond_0a1b",
)  # fmt: skip
CONDITIONS = (
    "resource.name.startsWith('projects/_/buckets/orders')", "resource.type != 'storage.googleapis.com/Bucket'",
    "request.time < timestamp('2026-01-01T00:00:00Z')", "resource.matchTag('1/env','prod')",
    "!resource.hasTagKey('1/env')", "request.path == '/'", "resource.name == 'projects/3/secrets/s'",
    "request.time.getHours('Europe/Berlin') > 8 || resource.name.endsWith('.csv')",
)  # fmt: skip
PERMISSIONS = (
    "storage.objects.get", "storage.objects.list", "resourcemanager.projects.get", "secretmanager.secrets.get",
    "compute.instances.get",
)  # fmt: skip
DENIED = (
    "principal://goog/subject/ada@example.com", "principalSet://goog/group/staff@example.com",
    "principalSet://goog/public:all", "principalSet://goog/cloudIdentityCustomerId/C01",
    "principal://iam.googleapis.com/projects/-/serviceAccounts/app@shop.iam.gserviceaccount.com",
    "principalSet://cloudresourcemanager.googleapis.com/folders/2/type/ServiceAccount", f"principalSet://{POOL}/*",
)  # fmt: skip
GROUPS = (
    "storage.googleapis.com/objects.get", "storage.googleapis.com/*.*", "secretmanager.googleapis.com/*.get",
    "cloudresourcemanager.googleapis.com/projects.*",
)  # fmt: skip
BOUNDARY = "organizations/1/locations/global/principalAccessBoundaryPolicies/p"


def one_of(items: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(items)


bindings = st.fixed_dictionaries(
    {"role": one_of(ROLES), "members": st.lists(one_of(MEMBERS), min_size=1, max_size=2, unique=True)},
    optional={"condition": one_of(CONDITIONS).map(lambda text: {"title": "c", "expression": text})},
)
policies = st.lists(bindings, max_size=2).map(lambda found: {"version": 3, "bindings": found})
rules = st.fixed_dictionaries(
    {
        "deniedPrincipals": st.lists(one_of(DENIED), min_size=1, max_size=2),
        "deniedPermissions": st.lists(one_of(GROUPS), min_size=1, max_size=2),
    },
    optional={
        "exceptionPrincipals": st.lists(one_of(DENIED), max_size=1),
        "denialCondition": st.sampled_from(["resource.matchTag('1/env','prod')", "!resource.hasTagKey('1/env')"]).map(
            lambda text: {"expression": text}
        ),
    },
)  # fmt: skip


def some(items: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(one_of(items), max_size=2, unique=True)


def role(name: str, *permissions: str) -> dict[str, Any]:
    return {"kind": "role", "body": {"name": name, "includedPermissions": list(permissions)}}


def asset(name: str, kind: str, **rest: Any) -> dict[str, Any]:
    return {"kind": "cloud_asset", "body": {"name": name, "asset_type": kind, **rest}}


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The documents of an estate; those that could be missing stand first, as `optional` tells."""
    found = [
        asset(
            ORGANIZATION,
            "cloudresourcemanager.googleapis.com/Organization",
            iam_policy=draw(policies),
            ancestors=["organizations/1"],
            resource={"data": {"displayName": "example.com", "directoryCustomerId": "C01"}},
        ),
        asset(FOLDER, "cloudresourcemanager.googleapis.com/Folder", iam_policy=draw(policies), ancestors=ANCESTORS[1:]),
        asset(
            PROJECT,
            "cloudresourcemanager.googleapis.com/Project",
            iam_policy=draw(policies),
            ancestors=ANCESTORS,
            resource={"data": {"projectId": "shop", "projectNumber": "3"}},
        ),
        asset(BUCKET, "storage.googleapis.com/Bucket", iam_policy=draw(policies), ancestors=ANCESTORS),
        asset(SECRET, "secretmanager.googleapis.com/Secret", iam_policy=draw(policies), ancestors=ANCESTORS),
        group("staff@example.com", draw(some(("ada@example.com", "it@example.com")))),
        group("it@example.com", draw(some(("eve@gmail.com", "staff@example.com")))),
        role("projects/shop/roles/mine", draw(one_of(PERMISSIONS))),
        {
            "kind": "role",
            "body": {"name": "projects/shop/roles/off", "stage": "DISABLED", "includedPermissions": list(PERMISSIONS)},
        },
        asset(
            f"{MANAGER}tagKeys/10",
            "cloudresourcemanager.googleapis.com/TagKey",
            resource={"data": {"name": "tagKeys/10", "parent": "organizations/1", "shortName": "env"}},
        ),
        asset(
            f"{MANAGER}tagValues/20",
            "cloudresourcemanager.googleapis.com/TagValue",
            resource={"data": {"name": "tagValues/20", "parent": "tagKeys/10", "shortName": "prod"}},
        ),
        {
            "kind": "principal_access_boundary",
            "body": {
                "name": BOUNDARY,
                "details": {
                    "rules": [{"resources": [draw(one_of((ORGANIZATION, PROJECT, f"{MANAGER}organizations/9")))]}],
                    "enforcementVersion": draw(one_of(("1", "3", "4"))),
                },
            },
        },
    ]  # fmt: skip
    if draw(st.booleans()):
        target = draw(one_of((ORGANIZATION, FOLDER, PROJECT, "//iam.googleapis.com/locations/global/workspace/C01")))
        found.append({"kind": "policy_binding", "body": {"policy": BOUNDARY, "target": {"principalSet": target}}})
    if draw(st.booleans()):
        parent = draw(one_of((ORGANIZATION, PROJECT, "//storage.googleapis.com/projects/_/buckets/orders")))
        found.append(
            asset(
                f"{MANAGER}tagBindings/1",
                "cloudresourcemanager.googleapis.com/TagBinding",
                resource={"data": {"parent": parent, "tagValue": "tagValues/20"}},
            )
        )
    for place in draw(st.lists(one_of(("organizations/1", "folders/2", "projects/3")), max_size=2, unique=True)):
        name = f"policies/cloudresourcemanager.googleapis.com%2F{place.replace('/', '%2F')}/denypolicies/d"
        body = {"name": name, "rules": [{"denyRule": one} for one in draw(st.lists(rules, min_size=1, max_size=2))]}
        found.append({"kind": "deny_policy", "body": body})
    return found


def group(mail: str, members: list[str]) -> dict[str, Any]:
    listed = [
        {"preferredMemberKey": {"id": one}, "type": "USER" if one in ("ada@example.com", "eve@gmail.com") else "GROUP"}
        for one in members
    ]
    return {"kind": "group_membership", "body": {"group": {"groupKey": {"id": mail}}, "memberships": listed}}


questions = st.fixed_dictionaries(
    {
        "ask": st.just("can"),
        "principal": one_of(CALLERS),
        "permission": one_of(PERMISSIONS),
        "resource": one_of((OBJECT, BUCKET, PROJECT, SECRET)),
    }
)
contexts = st.fixed_dictionaries(
    {
        "request.time": one_of(("2025-06-01T10:00:00Z", "2026-06-01T03:00:00Z")),
        "google.groups": st.sampled_from([[], ["ops"]]),
        "attribute.team": one_of(("x", "y")),
    }
)
