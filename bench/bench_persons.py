"""Persons and open trusts of an estate over three providers: joined, tried and made steps of; ratios to the limits.

Usage: ./x bench bench_persons [IDENTITIES ...] (default: 10000 100000). A third each are people of a directory, users
of Identity Center that it provisions or roles, and people of Google Cloud by the same addresses; every thirtieth
identity is a workload's that a forge's repository opens: a role, an application, a service account of a pool. They are
imported once, untimed. Measured is, in a process of its own whose catalogues were read, CPU time (user and system):
joining all persons, making the steps of federation, and trying every trust with hostile subjects. Exit code 0 always.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import CACHE, run, show

TENANT, ACCOUNT, FORGE = "72f00000-0000-4000-8000-000000000000", "111122223333", "token.actions.githubusercontent.com"
ISSUER, POOL = f"https://sts.windows.net/{TENANT}/", "projects/100/locations/global/workloadIdentityPools/ci"
IMPORT = """
import sys
from pathlib import Path
from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
for one in sorted(Path(sys.argv[1]).iterdir()):
    import_paths(Workspace(home_option=Path(sys.argv[2])), [one])
"""
JOB = """
import json, resource, sys, time
from pathlib import Path
from leastwise.app.each import each_of
from leastwise.app.estate import open_estate
from leastwise.app.federation import Federated
from leastwise.app.people import persons_of
from leastwise.app.tried import tries
from leastwise.app.wiring import Workspace

workspace = Workspace(home_option=Path(sys.argv[1]))
estate = open_estate(workspace)
# Opening the estate compiles it, which other benchmarks measure.
federated = Federated(workspace, each_of(workspace, estate.estate, estate.file))
for one in federated.members:
    one.asking.access

def spent(ask):
    start = time.process_time()
    found = ask()
    return time.process_time() - start, found

joining, persons = spent(lambda: persons_of(estate))
doors, _ = spent(lambda: federated.doors)
steps, gates = spent(federated.gates)
trying, found = spent(lambda: list(tries(federated)))
print(json.dumps({
    "joining": joining, "persons": len(persons), "joined": sum(len(one.accounts) > 1 for one in persons),
    "steps": doors + steps, "doors": len(federated.doors), "gates": len(gates.gates),
    "trying": trying, "tries": len(found), "entered": sum(bool(one.entered) for one in found),
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""
JOINING, STEPS, TRYING, MIB, EXPONENT = 20.0, 30.0, 60.0, 3072.0, 1.1
"""Limits at 100,000 identities: seconds of a processor, MiB; of growth."""


def guid(number: int, kind: int) -> str:
    """An object id."""
    return f"{kind:08d}-0000-4000-8000-{number:012d}"


def subject(number: int) -> str:
    """The workload of a repository: nine of ten are named by their branch, the tenth lets in any of the owner."""
    return f"repo:acme/r{number}:ref:refs/heads/main" if number % 10 else "repo:acme/*"


def directory(people: int, workloads: int) -> Iterator[tuple[str, Any]]:
    """The tenant: its people, and applications with a federated credential each."""
    folder = f"tenant-{TENANT}"
    users = [
        {"id": guid(one, 1), "userPrincipalName": f"u{one}@corp.example", "mail": f"u{one}@corp.example",
         "displayName": f"User {one}", "userType": "Member", "accountEnabled": one % 50 > 0}
        for one in range(people)
    ]  # fmt: skip
    applications = [
        {"id": guid(one, 2), "appId": guid(one, 3), "displayName": f"app {one}"} for one in range(workloads)
    ]
    services = [
        {"id": guid(one, 4), "appId": guid(one, 3), "displayName": f"app {one}", "servicePrincipalType": "Application",
         "accountEnabled": True}
        for one in range(workloads)
    ]  # fmt: skip
    for one, application in enumerate(applications):
        application["federatedIdentityCredentials"] = [{
            "id": guid(one, 5), "name": "ci", "issuer": f"https://{FORGE}", "subject": subject(one).replace("*", "x"),
            "audiences": ["api://AzureADTokenExchange"],
        }]  # fmt: skip
    for name, held in (("users", users), ("applications", applications), ("servicePrincipals", services)):
        yield f"{folder}/{name}.json", {"value": held}


def cloud(people: int, workloads: int) -> Iterator[tuple[str, Any]]:
    """The account: users of Identity Center that the directory provisioned, and roles that the forge opens."""
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{FORGE}"
    roles = []
    for one in range(workloads):
        operator = "StringLike" if "*" in subject(one) else "StringEquals"
        condition: dict[str, Any] = {"StringEquals": {f"{FORGE}:aud": "sts.amazonaws.com"}}
        condition[operator] = condition.get(operator, {}) | {f"{FORGE}:sub": subject(one)}
        trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
                 "Condition": condition}  # fmt: skip
        roles.append({
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/r{one}", "Path": "/", "RoleName": f"r{one}",
            "RoleId": f"AROA{one:017d}", "InstanceProfileList": [], "RolePolicyList": [], "AttachedManagedPolicies": [],
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        })  # fmt: skip
    details = {"UserDetailList": [], "RoleDetailList": roles, "GroupDetailList": [], "Policies": []}
    users = [
        {"UserName": f"u{one}@corp.example", "UserId": guid(one, 6), "IdentityStoreId": "d-1234567890",
         "Emails": [{"Value": f"u{one}@corp.example", "Primary": True}],
         "ExternalIds": [{"Issuer": ISSUER, "Id": guid(one, 1)}]}
        for one in range(people)
    ]  # fmt: skip
    yield f"{ACCOUNT}/account-authorization-details.json", details
    yield f"{ACCOUNT}/identitystore-list-users--d-1234567890.json", {"Users": users}


def google(people: int, workloads: int) -> Iterator[tuple[str, Any]]:
    """The organization: people of its directory, service accounts that a pool's identities may become."""
    manager, above = "//cloudresourcemanager.googleapis.com/", ["projects/100", "organizations/1"]
    kind = "cloudresourcemanager.googleapis.com/"
    assets: list[dict[str, Any]] = [
        {"name": f"{manager}organizations/1", "assetType": f"{kind}Organization", "ancestors": above[1:],
         "resource": {"data": {"name": "organizations/1", "displayName": "corp.example",
                               "directoryCustomerId": "C0corp"}}},
        {"name": f"{manager}projects/100", "assetType": f"{kind}Project", "ancestors": above,
         "resource": {"data": {"projectId": "build", "projectNumber": "100"}}},
    ]  # fmt: skip
    for one in range(workloads):
        member = f"principalSet://iam.googleapis.com/{POOL}/attribute.repository/acme/r{one}"
        assets.append({
            "name": f"//iam.googleapis.com/projects/build/serviceAccounts/{10**20 + one}", "ancestors": above,
            "assetType": "iam.googleapis.com/ServiceAccount",
            "resource": {"data": {"email": f"s{one}@build.iam.gserviceaccount.com", "uniqueId": str(10**20 + one)}},
            "iamPolicy": {"bindings": [{"role": "roles/iam.workloadIdentityUser", "members": [member]}]},
        })  # fmt: skip
    provider = {
        "name": f"{POOL}/providers/forge", "state": "ACTIVE", "oidc": {"issuerUri": f"https://{FORGE}"},
        "attributeMapping": {"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"},
        "attributeCondition": "assertion.repository_owner == 'acme'",
    }  # fmt: skip
    users = [{"primaryEmail": f"u{one}@corp.example", "id": str(one), "customerId": "C0corp", "isAdmin": False}
             for one in range(people)]  # fmt: skip
    yield "google/assets.jsonl", assets
    yield "google/pools.json", {"workloadIdentityPools": [{"name": POOL, "state": "ACTIVE"}]}
    yield "google/providers.json", {"workloadIdentityPoolProviders": [provider]}
    yield "google/users.json", {"kind": "admin#directory#users", "users": users}


def home(identities: int) -> Path:
    """The home into which so many identities were imported; made once."""
    folder = CACHE / f"persons-{identities}"
    if folder.exists():
        return folder
    draft = CACHE / f"{folder.name}.new"
    shutil.rmtree(draft, ignore_errors=True)
    workloads = identities // 30
    people = identities // 3 - workloads
    for make in (directory, cloud, google):
        for name, body in make(people, workloads):
            path = draft / "files" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = name.endswith(".jsonl")
            path.write_text("".join(json.dumps(one) + "\n" for one in body) if lines else json.dumps(body))
    run(IMPORT, draft / "files", draft / "home")
    (draft / "home" / "estate.yaml").write_text(f"version: 1\naccounts: {{'{ACCOUNT}': {{organization: none}}}}\n")
    shutil.rmtree(draft / "files")
    draft.rename(folder)
    return folder


def main() -> int:
    """Measure each size, and how it grows from the first to the last."""
    sizes = sorted(int(one) for one in sys.argv[1:]) or [10_000, 100_000]
    seconds: dict[int, dict[str, float]] = {}
    for size in sizes:
        found = json.loads(run(JOB, home(size) / "home").output)
        seconds[size] = {name: found[name] for name in ("joining", "steps", "trying")}
        print(f"{size} identities, {found['persons']} persons, {found['doors']} trusts")
        share = size / 100_000
        show("persons joined, CPU s", found["joining"], JOINING * share, f"{found['joined']} with several accounts")
        show("steps of federation, CPU s", found["steps"], STEPS * share, f"{found['gates']} gates")
        show(
            "trusts tried, CPU s", found["trying"], TRYING * share, f"{found['tries']} tries, {found['entered']} got in"
        )
        show("memory, MiB", found["mib"], MIB, "")
    if len(seconds) > 1:
        first, last = min(seconds), max(seconds)
        for name in seconds[first]:
            exponent = math.log(seconds[last][name] / seconds[first][name]) / math.log(last / first)
            show(f"exponent, {name}", exponent, EXPONENT, f"from {first} to {last}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
