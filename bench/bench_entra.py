"""Questions about access to a directory: compiling a tenant, and asking it; prints ratios to the limits.

Usage: ./x bench bench_entra [USERS ...] (default: 50000 100000 200000). Of a tenant there are for every four users a
group, with twenty memberships each, and for every ten users an app with a service principal, owners, app roles and
delegated grants; some hundreds of directory roles at the tenant, at units, at apps and through groups. Compiling is
from the tables over the reference's estate to the arrays, the median of five. Every job is a process of its own; what
is compared is CPU time (user and system). Exit code 0 always: a slow machine is no error.
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
from leastwise.engine.quiet import without_collector
from leastwise.model.decision import Circumstances
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.compile import compile_estate
from leastwise.providers.entra.compiled.estate import UNREAD, estate_of_tables
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.exports import kinds

COUNT = int(sys.argv[1])
random.seed(7)
TENANT = "99999999-0000-4000-8000-00000000feed"
def guid(kind, n):
    return f"{kind:08x}-0000-4000-8000-{n:012x}"

users, groups = [guid(2, n) for n in range(COUNT)], [guid(3, n) for n in range(COUNT // 4)]
apps, services = [guid(4, n) for n in range(COUNT // 10)], [guid(5, n) for n in range(COUNT // 10)]
units = [guid(6, n) for n in range(max(COUNT // 2000, 2))]
graph = guid(7, 1)
roles = ["62e90394-69f5-4237-9190-012177145e10", "729827e3-9c14-49f7-bb1b-9608f156bbb8",
         "fe930be7-5e62-47db-91af-98c3a49a38b1", "fdd7a751-b60b-444a-984c-02652fe8fa1c",
         "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
         "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "c4e39bd9-1100-46d3-8c65-fb160da0071f"]
values = ["df021288-bdef-4463-88db-98f22de89214", "741f803b-c850-494e-b5df-cde7c675a1ca",
          "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "18a4783c-866b-4cc7-a460-3d5e5662c884",
          "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "62a82d76-70ea-41e2-9197-370581804d09",
          "810c84a8-4a9e-49e6-bf7d-12d183f40d01"]
scopes = ["User.Read", "Mail.Read", "User.ReadWrite.All", "Group.Read.All", "Directory.AccessAsUser.All", "openid"]
GUEST = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
assignable = set(groups[::500])
def typed(id, kind):
    return {"id": id, "@odata.type": f"#microsoft.graph.{kind}"}

parts = {
    (kinds.USERS, ""): [
        {"id": one, "userPrincipalName": f"u{n}@corp.example", "userType": "Guest" if n % 50 == 0 else "Member",
         "accountEnabled": n % 97 != 0} for n, one in enumerate(users)],
    (kinds.GROUPS, ""): [
        {"id": one, "displayName": f"group {n}", "securityEnabled": True, "isAssignableToRole": one in assignable,
         "groupTypes": ["Unified"] if n % 3 == 1 else []} for n, one in enumerate(groups)],
    (kinds.SERVICE_PRINCIPALS, ""): [
        {"id": graph, "appId": "00000003-0000-0000-c000-000000000000", "displayName": "Microsoft Graph"},
        *({"id": one, "appId": guid(8, n), "displayName": f"app {n}", "accountEnabled": True,
           "appRoleAssignmentRequired": n % 5 == 0} for n, one in enumerate(services))],
    (kinds.APPLICATIONS, ""): [
        {"id": one, "appId": guid(8, n), "displayName": f"app {n}", "signInAudience": "AzureADMyOrg"}
        for n, one in enumerate(apps)],
    (kinds.ROLES, ""): [],
    (kinds.DELEGATIONS, ""): [
        {"clientId": one, "resourceId": graph, "consentType": "AllPrincipals" if n % 4 else "Principal",
         **({} if n % 4 else {"principalId": users[n]}), "scope": " ".join(random.sample(scopes, 3))}
        for n, one in enumerate(services)],
    (kinds.AUTHORIZATION_POLICY, ""): {"guestUserRoleId": GUEST, "allowInvitesFrom": "everyone"},
}
memberships = 0
for n, one in enumerate(groups):
    several = random.sample(users, 5 if one in assignable else 20)
    memberships += len(several)
    parts[kinds.MEMBERS, one] = [typed(each, "user") for each in several]
    parts[kinds.GROUP_OWNERS, one] = [typed(random.choice(users), "user")]
for one in (*apps, *services):
    kind = kinds.APPLICATION_OWNERS if one.startswith("00000004") else kinds.SERVICE_OWNERS
    parts[kind, one] = [typed(random.choice(users), "user")] if random.random() < 0.6 else []
for one in services:
    parts[kinds.APP_ROLES_OF, one] = []
parts[kinds.SERVICE_OWNERS, graph] = []
parts[kinds.APP_ROLES_OF, graph] = [
    {"principalId": one, "principalType": "ServicePrincipal", "resourceId": graph, "appRoleId": each}
    for one in services for each in random.sample(values, 2)]
parts[kinds.UNITS, ""] = [
    {"id": one, "displayName": f"unit {n}", "isMemberManagementRestricted": n % 10 == 0} for n, one in enumerate(units)]
for n, one in enumerate(units):
    parts[kinds.UNIT_MEMBERS, one] = [typed(each, "user") for each in users[n * 500:n * 500 + 300]]
given = []
def give(who, where="/"):
    given.append({"id": guid(9, len(given)), "principalId": who, "roleDefinitionId": random.choice(roles),
                  "directoryScopeId": where})
for one in random.sample(users, min(300, COUNT // 20)):
    give(one)
for one in sorted(assignable):
    give(one)
for one in units:
    for _ in range(5):
        give(random.choice(users), f"/administrativeUnits/{one}")
for one in random.sample(apps, min(200, len(apps))):
    give(random.choice(users), f"/{one}")
for one in random.sample(services, min(100, len(services))):
    give(one)
parts[kinds.ASSIGNMENTS, ""] = given

scope = Scope("entra", "tenant", TENANT)
documents = tuple(
    RawDocument(scope, kind.split(".")[0], kind, f"{kind}:{resource}",
                json.dumps(told if isinstance(told, dict) else {"value": told}).encode(), resource)
    for (kind, resource), told in parts.items())
calls = dict.fromkeys((*UNREAD.values(), *(kind for kind, _ in parts)))
coverage = tuple(Coverage(one.partition(".")[0], one.partition(".")[2], CoverageStatus.OK) for one in calls)
tables = PROVIDER.translate(Collected(scope, datetime(2026, 1, 1, tzinfo=UTC), documents, coverage))
scopes_read = [ScopeTables("tenant", TENANT, tables, True, None, "entra")]

def spent(ask):
    start = time.process_time()
    found = ask()
    return time.process_time() - start, found

def kibibytes(name):
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(name))
    return int(line.split()[1])

# The catalogue is read once, whatever the tenant.
published()
Path("/proc/self/clear_refs").write_text("5")
before = kibibytes("VmRSS")
first, arrays = spent(lambda: compile_estate(scopes_read))
grown = (kibibytes("VmHWM") - before) * 1024
made = [first, *(spent(lambda: compile_estate(scopes_read))[0] for _ in range(4))]
with without_collector():
    # Without the memberships that compiling keeps as columns.
    few = {**tables, "memberships": tables["memberships"].slice(0, 0)}
    back = statistics.median(spent(lambda: estate_of_tables(few, published()))[0] for _ in range(3))
with open(sys.argv[2], "wb") as file:
    arrays.write(file)
port, told = EntraPort(open_arrays(Path(sys.argv[2]))), Circumstances()
action = "microsoft.directory/"
plain, app, group = users[COUNT // 2], apps[3], groups[7]
questions = {
    "password": lambda: port.who_can(action + "users/password/update", plain, told),
    "administrator's password": lambda: port.who_can(action + "users/password/update", given[0]["principalId"], told),
    "credentials": lambda: port.who_can(action + "applications/credentials/update", app, told),
    "members": lambda: port.who_can(action + "groups/members/update", group, told),
    "everybody": lambda: port.who_can(action + "users/standard/read", plain, told),
    "value": lambda: port.who_can("Directory.Read.All", graph, told),
    "request": lambda: port.who_can("GET /users/{id}", plain, told),
    "for a user": lambda: port.who_can("GET /users/{id}", plain, Circumstances({"onBehalfOf": (users[8],)})),
    "password anywhere": lambda: port.who_can(action + "users/password/update", None, told),
    "credentials anywhere": lambda: port.who_can(action + "applications/credentials/update", None, told),
    "members anywhere": lambda: port.who_can(action + "groups/members/update", None, told),
    "everybody anywhere": lambda: port.who_can(action + "users/standard/read", None, told),
    "request anywhere": lambda: port.who_can("GET /users/{id}", None, told),
    "changing request anywhere": lambda: port.who_can("PATCH /users/{id}", None, told),
    "members by request anywhere": lambda: port.who_can("POST /groups/{id}/members/$ref", None, told),
    "mailboxes anywhere": lambda: port.who_can("GET /users/{id}/messages", None, told),
    "request for a user anywhere": lambda: port.who_can(
        "PATCH /users/{id}", None, Circumstances({"onBehalfOf": (users[8],)})),
}
figures = {"users": COUNT, "groups": len(groups), "memberships": memberships, "apps": len(apps),
           "unread": list(arrays.facts["unread"]),
           "compile": statistics.median(made), "estate": back, "grown": grown, "bytes": arrays.size, "asked": {}}
for name, ask in questions.items():
    first, found = spent(lambda: list(ask().holders))
    warm = statistics.median(spent(lambda: list(ask().holders))[0] for _ in range(3))
    figures["asked"][name] = [warm * 1000, len(found), first * 1000]
some = random.sample(users, 40)
figures["can"] = statistics.median(
    spent(lambda: port.can(who, action + "users/password/update", plain, told))[0] * 1000 for who in some)
figures["what"] = statistics.median(spent(lambda: port.what_can(who, plain, told))[0] * 1000 for who in some[:5])
figures["reach"] = statistics.median(
    spent(lambda: port.reach(who, action + "users/password/update", told))[0] * 1000 for who in some[:5])
print(json.dumps(figures))
"""
MOST_COMPILE, MOST_WHO, MOST_EXPONENT = 15.0, 100.0, 1.05
"""CPU seconds of compiling 200,000 users, milliseconds of a warm question, and how compiling may grow."""


def main(sizes: list[int]) -> None:
    """Measure each size, and how compiling grows from the first to the last."""
    import tempfile

    seconds: dict[int, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            figures = json.loads(run(JOB, str(size), f"{folder}/compiled").output)
        seconds[size] = figures["compile"]
        told = f"{figures['groups']} groups, {figures['memberships']} memberships, {figures['apps']} apps"
        print(f"{size} users, {told}, {figures['bytes'] / 2**20:.0f} MiB of arrays")
        parts = f"of these the estate {figures['estate']:.1f}; {figures['grown'] / 2**20:.0f} MiB more at the most"
        show("compile, CPU s", figures["compile"], MOST_COMPILE, ", ".join((parts, *figures["unread"])))
        for name, (warm, count, first) in figures["asked"].items():
            show(f"who-can {name}, ms", warm, MOST_WHO, f"{count} principals; first {first:.1f} ms")
        for name in ("can", "what", "reach"):
            show(f"{name}, ms", figures[name], MOST_WHO, "median of some users")
    if len(seconds) > 1:
        first, last = min(seconds), max(seconds)
        exponent = math.log(seconds[last] / seconds[first]) / math.log(last / first)
        show("exponent of compiling", exponent, MOST_EXPONENT, f"from {first} to {last}")


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [50_000, 100_000, 200_000])
