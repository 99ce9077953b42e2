"""Questions about access to Google Cloud: compiling a tree of projects, and asking it; prints ratios to the limits.

Usage: ./x bench bench_gcp_access [BINDINGS ...] (default: 25000 50000 100000). A tree of one project for every fifty
bindings (a member with a role on a resource), below folders of one organization; groups, conditions, deny rules and a
boundary. Compiling is from the tables to the arrays. Every job is a process of its own; what is compared is CPU time
(user and system). Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import math
import sys

from measuring import run, show

JOB = """
import json, random, statistics, sys, time
from datetime import UTC, datetime
from leastwise.model.decision import Circumstances
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.engine.arrays import open_arrays
from leastwise.providers.base import ScopeTables
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.compiled.compile import compile_estate
from leastwise.providers.gcp.compiled.port import GcpPort

COUNT = int(sys.argv[1])
random.seed(7)
projects, RM = max(COUNT // 50, 1), "//cloudresourcemanager.googleapis.com/"
roles = ["roles/storage.objectViewer", "roles/storage.admin", "roles/viewer", "roles/compute.viewer",
         "roles/bigquery.dataViewer", "roles/iam.serviceAccountUser", "roles/logging.viewer", "roles/pubsub.publisher"]
users = [f"user:u{n}@corp.example" for n in range(max(COUNT // 10, 10))]
groups = [f"group:g{n}@corp.example" for n in range(max(COUNT // 200, 2))]

def kind(name):
    return f"cloudresourcemanager.googleapis.com/{name}"

def policy(place, count):
    bindings, left = [], count
    while left > 0:
        some = min(left, random.choice((1, 2, 5)))
        members = random.sample(users, some - some // 4) + random.sample(groups, some // 4)
        if place.startswith("projects/"):
            members[0] = f"serviceAccount:app{random.randrange(3)}@{place[9:]}.iam.gserviceaccount.com"
        one = {"role": random.choice(roles), "members": members}
        if random.random() < 0.05:
            until = f"20{random.randrange(27, 32)}-01-01T00:00:00Z"
            one["condition"] = {"title": "t", "expression": f"request.time < timestamp('{until}')"}
        bindings.append(one)
        left -= some
    return {"version": 3, "bindings": bindings}

def asset(name, type, ancestors, count, **data):
    return {"name": name, "assetType": type, "ancestors": ancestors, "resource": {"data": data},
            "iamPolicy": policy(data.get("place", ""), count)}

org, folders = "organizations/1", max(projects // 40, 1)
assets = [asset(RM + org, kind("Organization"), [org], 5, displayName="corp.example")]
assets += [asset(f"{RM}folders/{n}", kind("Folder"), [f"folders/{n}", org], 2) for n in range(1, folders + 1)]
for n in range(projects):
    number, line = 10_000 + n, [f"projects/{10_000 + n}", f"folders/{n % folders + 1}", org]
    told = {"projectId": f"p{n}", "projectNumber": str(number), "place": f"projects/p{n}"}
    assets.append(asset(f"{RM}projects/{number}", kind("Project"), line, 30, **told))
    assets += [asset(f"//storage.googleapis.com/p{n}-{k}", "storage.googleapis.com/Bucket", line, 5) for k in range(4)]
deny = {"name": "policies/cloudresourcemanager.googleapis.com%2Ffolders%2F1/denypolicies/d", "rules": [{"denyRule": {
    "deniedPrincipals": ["principalSet://goog/public:all"],
    "exceptionPrincipals": ["principalSet://goog/group/g1@corp.example"],
    "deniedPermissions": ["storage.googleapis.com/objects.get"]}}]}
boundary = {
    "name": f"{org}/locations/global/principalAccessBoundaryPolicies/b",
    "details": {"rules": [{"effect": "ALLOW", "resources": [RM + org]}], "enforcementVersion": "1"},
}
bound = {
    "name": f"{org}/locations/global/policyBindings/b", "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
    "policy": boundary["name"], "target": {"principalSet": RM + org},
}
members = [
    {"name": f"groups/{g}/memberships/{k}", "preferredMemberKey": {"id": random.choice(users)[5:]}, "type": "USER"}
    for g in range(len(groups)) for k in range(20)
]
told = [{"name": f"groups/{g}", "groupKey": {"id": name[6:]}} for g, name in enumerate(groups)]
scope = Scope("gcp", "organization", org)
parts = {"cloudasset.assets.list:IAM_POLICY+RESOURCE": assets, "iam.policies.listPolicies": [deny],
         "iam.principalAccessBoundaryPolicies.list": [boundary], "iam.policyBindings.list": [bound],
         "cloudidentity.groups.list": told, "cloudidentity.groups.memberships.list": members}
documents = tuple(
    RawDocument(scope, name.split(".")[0], name, name, json.dumps(objects).encode()) for name, objects in parts.items()
)
tables = PROVIDER.translate(Collected(scope, datetime(2026, 1, 1, tzinfo=UTC), documents))
held = sum(len(one["members"]) for asset in assets for one in asset["iamPolicy"]["bindings"])

def spent(ask):
    start = time.process_time()
    found = ask()
    return time.process_time() - start, found

made = [spent(lambda: compile_estate([ScopeTables("organization", org, tables)])) for _ in range(7)]
arrays = made[0][1]
with open(sys.argv[2], "wb") as file:
    arrays.write(file)
from pathlib import Path
port = GcpPort(open_arrays(Path(sys.argv[2])))
given = Circumstances()
bucket = "//storage.googleapis.com/p7-1"
questions = {
    "bucket": lambda: port.who_can("storage.objects.get", bucket, given),
    "project": lambda: port.who_can("compute.instances.list", RM + "projects/10003", given),
    "organization": lambda: port.who_can("storage.objects.get", RM + org, given),
    "anywhere": lambda: port.who_can("storage.objects.get", None, given),
}
figures = {"bindings": held, "compile": min(seconds for seconds, _ in made), "bytes": arrays.size, "asked": {}}
for name, ask in questions.items():
    first, found = spent(lambda: list(ask().holders))
    warm = statistics.median(spent(lambda: list(ask().holders))[0] for _ in range(5))
    figures["asked"][name] = [warm * 1000, len(found), first * 1000]
who = [spent(lambda: port.can(one, "storage.objects.get", bucket, given))[0] * 1000 for one in random.sample(users, 40)]
cold = GcpPort(open_arrays(Path(sys.argv[2])))
seconds, relation = spent(lambda: cold.relation("storage.objects.get", given))
again, _ = spent(lambda: cold.relation("storage.objects.get", given))
figures["relation"] = [seconds, again, len(relation.rectangles), relation.pairs]
figures["can"] = statistics.median(who)
figures["held"] = statistics.median(spent(lambda: port.held(one, given))[0] * 1000 for one in random.sample(users, 40))

import numpy as np
import pyarrow as pa
from leastwise.engine.columns import arrow_schema
from leastwise.engine.quiet import without_collector
from leastwise.model.gap import Kept, Window
from leastwise.model.tables.usage import USAGE
from leastwise.providers.base import Told
from leastwise.usage.attempts import Attempts
from leastwise.usage.everyone import Everyone
from leastwise.usage.gap import Facts
from leastwise.usage.keeping import Logs
from leastwise.usage.uses import Uses
from leastwise.usage.watching import Watching

port, observing = GcpPort(open_arrays(Path(sys.argv[2]))), PROVIDER.observing
names, end = port.permissions(), datetime(2026, 1, 1, tzinfo=UTC)
ids = [port.compiled.members[n] for n in range(len(port.compiled.members))]
drawn, rows = np.random.default_rng(20260101), 20 * len(ids)
day = drawn.integers(20370, 20453, rows)
stamp = pa.array(day * 86_400_000_000, pa.timestamp("us", tz="UTC"))
coded = lambda values: pa.DictionaryArray.from_arrays(
    pa.array(drawn.integers(0, len(values), rows), pa.int32()), pa.array(values)
)
columns = {name: pa.repeat(pa.scalar(""), rows) for name in arrow_schema(USAGE).names}
number = pa.array(np.zeros(rows, np.int32))
columns |= {"principal": coded(ids), "permission": coded(names), "how": pa.repeat(pa.scalar("call"), rows)}
columns |= {"day": pa.array(day, pa.int32()), "count": pa.array(np.ones(rows, np.int32))}
columns |= {"denied": number, "unknown": number} | dict.fromkeys(("first", "last", "first_used", "last_used"), stamp)
usage, told = pa.table(columns), Told(end, [ScopeTables("organization", org, tables, time=end)])

def gap():
    accounts = tables["scopes"]["id"].to_pylist()
    logs = [f"{org}/logs/cloudaudit.googleapis.com%2F{log}" for log in ("activity", "data_access")]
    kept = [Kept(log, one, "*", datetime(2025, 1, 1, tzinfo=UTC), end) for one in accounts for log in logs]
    window = Window(datetime(2025, 10, 3, tzinfo=UTC), end)
    table = observing.observability([told], kept, [])
    places = observing.places(told)
    with without_collector():
        watching = Watching(names, table, Logs(kept), window, observing.naming(), places)
        words = observing.sensitivity()
        levels = [words.get(name, "write") for name in names]
        facts = Facts(names, levels, Uses(usage, window), watching, {}, Attempts.none(window))
        return list(Everyone(port.everybody(), facts).summaries())

seconds, found = spent(gap)
figures["gap"] = [seconds, len(found), sum(one.exact for one in found), sum(one.unused > 0 for one in found)]
print(json.dumps(figures))
"""
MOST_COMPILE, MOST_WHO, MOST_EXPONENT, MOST_GAP, MOST_RELATION = 5.0, 100.0, 1.05, 20.0, 5.0
"""CPU seconds of compiling 100,000 bindings, milliseconds of a warm who-can, how both may grow, and CPU seconds of the
gap of everybody from rows of usage, twenty a principal, with what the logs of each project would show, and of a
relation.
"""


def main(sizes: list[int]) -> None:
    """Measure each size, and how compiling grows from the first to the last."""
    import tempfile

    seconds: dict[int, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            figures = json.loads(run(JOB, str(size), f"{folder}/compiled").output)
        print(f"{figures['bindings']} bindings, {figures['bytes'] / 2**20:.1f} MiB compiled")
        seconds[figures["bindings"]] = figures["compile"]
        show("compile, s", figures["compile"], MOST_COMPILE, "")
        for name, (median, holders, first) in figures["asked"].items():
            show(f"who-can {name}, listed, ms", median, MOST_WHO, f"{holders} holders; at first {first:.1f} ms")
        cold, again, rectangles, pairs = figures["relation"]
        told = f"{rectangles} rectangles, {pairs} pairs; again {again:.2f} s"
        show("relation, s", cold, MOST_RELATION, told)
        show("can, ms", figures["can"], MOST_WHO, "median of 40 users")
        show("what one holds, ms", figures["held"], MOST_WHO, "median of 40 users")
        taken, principals, exact, unused = figures["gap"]
        told = f"{principals} principals, {exact} exact, {unused} with unused permissions"
        show("gap of everybody, CPU s", taken, MOST_GAP, told)
    if len(seconds) > 1:
        first, last = min(seconds), max(seconds)
        exponent = math.log(seconds[last] / seconds[first]) / math.log(last / first)
        show("exponent of compiling", exponent, MOST_EXPONENT, f"from {first} to {last}")


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [25_000, 50_000, 100_000])
