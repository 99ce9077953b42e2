"""Questions about access to Azure: compiling a tenant, and asking it; prints ratios to the limits.

Usage: ./x bench bench_azure [ASSIGNMENTS ...] (default: 25000 50000 100000). A tenant of one subscription for every two
hundred role assignments, below management groups; resource groups and resources, conditions, deny assignments, and half
as many memberships of groups, some of them in each other. Compiling is from the tables to the arrays. Every job is a
process of its own; what is compared is CPU time (user and system). Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import math
import sys

from measuring import run, show

JOB = """
import json, random, statistics, sys, time
from datetime import UTC, datetime
from pathlib import Path
from leastwise.engine.arrays import open_arrays
from leastwise.model.decision import Circumstances
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.compiled.compile import compile_estate
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER as DIRECTORY

COUNT = int(sys.argv[1])
random.seed(7)
MG, AUTH = "/providers/Microsoft.Management/managementGroups/", "/providers/Microsoft.Authorization/"
TENANT = "99999999-0000-4000-8000-00000000feed"
def guid(kind, n):
    return f"{kind:08x}-0000-4000-8000-{n:012x}"

subscriptions = [f"/subscriptions/{guid(1, n)}" for n in range(max(COUNT // 200, 1))]
users = [guid(2, n) for n in range(max(COUNT // 5, 10))]
groups = [guid(3, n) for n in range(max(COUNT // 100, 3))]
roles = ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c",
         "acdd72a7-3385-48ef-bd42-f606fba81ae7", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
         "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "4633458b-17de-408a-b874-0445c86b69e6",
         "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "17d1049b-9a84-46fb-8f53-869881c3d3ab"]
condition = (
    "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR "
    "(@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'orders'))"
)
levels = [f"{MG}level{n}" for n in range(max(len(subscriptions) // 25, 1))]
entities = [{"id": f"{MG}{TENANT}", "name": TENANT, "properties": {"tenantId": TENANT, "parent": None}}]
entities += [{"id": one, "properties": {"tenantId": TENANT, "parent": {"id": f"{MG}{TENANT}"}}} for one in levels]
entities += [
    {"id": one, "properties": {"tenantId": TENANT, "parent": {"id": levels[n % len(levels)]}}}
    for n, one in enumerate(subscriptions)
]
assignments, resources, denies = [], [], []
def assign(scope):
    group = random.random() < 0.25
    body = {"roleDefinitionId": f"{AUTH}roleDefinitions/{random.choice(roles)}", "scope": scope,
            "principalId": random.choice(groups if group else users), "principalType": "Group" if group else "User"}
    if random.random() < 0.05:
        body |= {"condition": condition, "conditionVersion": "2.0"}
    assignments.append({"id": f"{scope}{AUTH}roleAssignments/{guid(4, len(assignments))}", "properties": body})

for scope in (f"{MG}{TENANT}", *levels):
    assign(scope)
for n, one in enumerate(subscriptions):
    held = [f"{one}/resourceGroups/rg{k}" for k in range(10)]
    inner = [
        f"{group}/providers/Microsoft.{kind}"
        for group in held
        for kind in ("Storage/storageAccounts/data", "KeyVault/vaults/keys", "Compute/virtualMachines/vm1")
    ]
    resources += [{"id": each, "location": "eu", "properties": {"enableRbacAuthorization": True}} for each in inner]
    for _ in range(40):
        assign(one)
    for _ in range(100):
        assign(random.choice(held))
    for _ in range(COUNT // len(subscriptions) - 140):
        assign(random.choice(inner))
    if n % 10 == 0:
        everyone = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
        denies.append({"id": f"{held[0]}{AUTH}denyAssignments/{guid(5, n)}", "properties": {
            "denyAssignmentName": f"lock {n}", "scope": held[0], "permissions": [{"actions": ["*/write", "*/delete"]}],
            "principals": [everyone], "excludePrincipals": [{"id": random.choice(groups), "type": "Group"}]}})
members = [
    {"groupId": random.choice(groups), "id": random.choice(users), "@odata.type": "#microsoft.graph.user"}
    for _ in range(COUNT // 2)
]
members += [
    {"groupId": one, "id": random.choice(groups), "@odata.type": "#microsoft.graph.group"} for one in groups[::10]
]
people = [{"id": one, "userPrincipalName": f"u{n}@corp.example"} for n, one in enumerate(users)]

def tables(provider, scope, parts):
    documents = tuple(
        RawDocument(scope, kind.split(".")[0], kind, kind, json.dumps(told).encode()) for kind, told in parts.items()
    )
    read = provider.translate(Collected(scope, datetime(2026, 1, 1, tzinfo=UTC), documents))
    return ScopeTables(scope.kind, scope.id, read, True, None, scope.provider)

scopes = [
    tables(PROVIDER, Scope("azure", "management_group", TENANT), {
        "management.managementGroups.list": entities, "authorization.roleAssignments.list": assignments,
        "authorization.denyAssignments.list": denies, "resources.resources.get": resources}),
    tables(DIRECTORY, Scope("entra", "tenant", TENANT), {
        "graph.users.list": people, "graph.groups.list": [{"id": one, "securityEnabled": True} for one in groups],
        "graph.groups.members.list": members}),
]

def spent(ask):
    start = time.process_time()
    found = ask()
    return time.process_time() - start, found

made = [spent(lambda: compile_estate(scopes)) for _ in range(5)]
arrays = made[0][1]
with open(sys.argv[2], "wb") as file:
    arrays.write(file)
port, given = AzurePort(open_arrays(Path(sys.argv[2]))), Circumstances()
one = subscriptions[7 % len(subscriptions)]
vm, account = (f"{one}/resourceGroups/rg1/providers/Microsoft.{kind}" for kind in
               ("Compute/virtualMachines/vm1", "Storage/storageAccounts/data"))
read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
start = "Microsoft.Compute/virtualMachines/"
questions = {
    "machine": lambda: port.who_can(start + "write", vm, given),
    "blobs": lambda: port.who_can(read, account, given),
    "subscription": lambda: port.who_can(start + "read", one, given),
    "anywhere": lambda: port.who_can(start + "write", None, given),
    "blobs anywhere": lambda: port.who_can(read, None, given),
}
figures = {"assignments": len(assignments), "compile": min(seconds for seconds, _ in made), "bytes": arrays.size,
           "asked": {}, "subscriptions": len(subscriptions), "memberships": len(members)}
for name, ask in questions.items():
    first, found = spent(lambda: list(ask().holders))
    warm = statistics.median(spent(lambda: list(ask().holders))[0] for _ in range(5))
    figures["asked"][name] = [warm * 1000, len(found), first * 1000]
some = random.sample(users, min(40, len(users)))
figures["can"] = statistics.median(spent(lambda: port.can(who, read, account, given))[0] * 1000 for who in some)
few = some[:10]
figures["what"] = statistics.median(spent(lambda: port.what_can(who, account, given))[0] * 1000 for who in few)
figures["reach"] = statistics.median(spent(lambda: port.reach(who, start + "write", given))[0] * 1000 for who in few)
print(json.dumps(figures))
"""
MOST_COMPILE, MOST_WHO, MOST_EXPONENT = 5.0, 100.0, 1.05
"""CPU seconds of compiling 100,000 assignments, milliseconds of a warm question, and how compiling may grow."""


def main(sizes: list[int]) -> None:
    """Measure each size, and how compiling grows from the first to the last."""
    import tempfile

    seconds: dict[int, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            figures = json.loads(run(JOB, str(size), f"{folder}/compiled").output)
        seconds[figures["assignments"]] = figures["compile"]
        told = f"{figures['subscriptions']} subscriptions, {figures['memberships']} memberships"
        print(f"{figures['assignments']} assignments, {told}, {figures['bytes'] / 2**20:.0f} MiB of arrays")
        show("compile, CPU s", figures["compile"], MOST_COMPILE, "")
        for name, (warm, count, first) in figures["asked"].items():
            show(f"who-can {name}, ms", warm, MOST_WHO, f"{count} principals; first {first:.1f} ms")
        for name in ("can", "what", "reach"):
            show(f"{name}, ms", figures[name], MOST_WHO, "median of some users")
    if len(seconds) > 1:
        first, last = min(seconds), max(seconds)
        exponent = math.log(seconds[last] / seconds[first]) / math.log(last / first)
        show("exponent of compiling", exponent, MOST_EXPONENT, f"from {first} to {last}")


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [25_000, 50_000, 100_000])
