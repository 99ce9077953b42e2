"""Small Google Cloud estates with service accounts that others may act as, drawn."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

RM = "//cloudresourcemanager.googleapis.com/"
ORG_LINE = ["organizations/1"]
LINES = {"3": ["projects/3", *ORG_LINE], "4": ["projects/4", *ORG_LINE]}
NAMES = {"3": "shop", "4": "data"}
BUCKET = "//storage.googleapis.com/orders"
IN = {"a": "3", "b": "3", "c": "3", "d": "4"}
MAILS = {name: f"{name}@{NAMES[project]}.iam.gserviceaccount.com" for name, project in IN.items()}
ACCOUNTS = {f"serviceAccount:{MAILS[name]}": f"//iam.googleapis.com/projects/{IN[name]}/serviceAccounts/{MAILS[name]}"
            for name in IN}  # fmt: skip
POOL = "iam.googleapis.com/projects/3/locations/global/workloadIdentityPools/ci"
MEMBERS = (
    *ACCOUNTS, "user:ada@corp.example", "user:eve@other.example", "group:staff@corp.example",
    "group:unread@corp.example", f"principalSet:{RM}projects/3/type/ServiceAccount", "allAuthenticatedUsers", f"principalSet://{POOL}/*",
    f"principal://{POOL}/subject/build", "serviceAccount:shop.svc.id.goog[ns/app]",
    "serviceAccount:other@far.iam.gserviceaccount.com",
    "serviceAccount:service-3@gcp-sa-pubsub.iam.gserviceaccount.com",
)  # fmt: skip
ROLES = (
    "roles/iam.serviceAccountTokenCreator", "roles/iam.workloadIdentityUser", "roles/iam.serviceAccountKeyAdmin",
    "roles/iam.serviceAccountUser", "projects/shop/roles/delegate", "roles/storage.objectViewer",
)  # fmt: skip
CONDITIONS = (
    None, None, None, None, "request.time < timestamp('2030-01-01T00:00:00Z')", "request.time.getHours() > 8",
    "resource.name.endsWith('a@shop.iam.gserviceaccount.com')",
)  # fmt: skip


@st.composite
def policy(draw: st.DrawFn, roles: tuple[str, ...], most: int = 2) -> dict[str, Any]:
    found = []
    for _ in range(draw(st.integers(0, most))):
        members = draw(st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=2, unique=True))
        one: dict[str, Any] = {"role": draw(st.sampled_from(roles)), "members": members}
        condition = draw(st.sampled_from(CONDITIONS))
        found.append(one if condition is None else one | {"condition": {"title": "t", "expression": condition}})
    return {"version": 3, "bindings": found}


def asset(name: str, kind: str, line: list[str], **rest: Any) -> dict[str, Any]:
    return {"kind": "cloud_asset", "body": {"name": name, "asset_type": kind, "ancestors": line, **rest}}


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    manager, few = "cloudresourcemanager.googleapis.com/", ROLES[:2]
    found = [asset(f"{RM}organizations/1", f"{manager}Organization", ORG_LINE, iam_policy=draw(policy(few, 1)))]
    for number, line in LINES.items():
        data = {"data": {"projectId": NAMES[number], "projectNumber": number}}
        found.append(
            asset(f"{RM}projects/{number}", f"{manager}Project", line, iam_policy=draw(policy(ROLES, 1)), resource=data)
        )
    only = {"iam_policy": draw(policy(ROLES[-1:]))}
    found.append(asset(BUCKET, "storage.googleapis.com/Bucket", LINES["3"], **only))
    for id, name in ACCOUNTS.items():
        if draw(st.integers(0, 9)):
            own = {"iam_policy": draw(policy(ROLES[:-1]))} if draw(st.integers(0, 9)) else {}
            project = IN[id.partition(":")[2][0]]
            found.append(asset(name, "iam.googleapis.com/ServiceAccount", LINES[project], **own))
    held = ["iam.serviceAccounts.implicitDelegation"]
    found.append({"kind": "role", "body": {"name": "projects/shop/roles/delegate", "includedPermissions": held}})
    inside = [{"preferredMemberKey": {"id": MAILS["b"]}, "type": "SERVICE_ACCOUNT"},
              {"preferredMemberKey": {"id": "ada@corp.example"}, "type": "USER"}]  # fmt: skip
    told = {"group": {"groupKey": {"id": "staff@corp.example"}}, "memberships": inside[: draw(st.integers(1, 2))]}
    found.append({"kind": "group_membership", "body": told})
    if draw(st.booleans()):
        verb = draw(st.sampled_from(["getAccessToken", "*"]))
        rule = {
            "deniedPrincipals": ["principalSet://goog/public:all"],
            "deniedPermissions": [f"iam.googleapis.com/serviceAccounts.{verb}"],
            "exceptionPrincipals": draw(st.sampled_from([[], ["principal://goog/subject/ada@corp.example"]])),
        }  # fmt: skip
        name = "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F3/denypolicies/d"
        found.append({"kind": "deny_policy", "body": {"name": name, "rules": [{"denyRule": rule}]}})
    return found
