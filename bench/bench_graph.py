"""Who can become whom: gates and searches over generated accounts, what people ask of them, and PMapper beside it.

Usage: ./x bench bench_graph [PRINCIPALS ...] (default: 1000 10000; 100000 are the full size, spread over 100 accounts,
fewer are in one). Measured are, in a process that has the tables in memory and has answered before (libraries and
catalogue are there), the CPU time from the tables to the gates of all rules and a search to every administrator;
then of that graph what each command asks; and the most memory of the process. Reachability is one search backwards from
a node over 1,000,000 nodes and 5,000,000 drawn edges, against `scipy.sparse.csgraph.breadth_first_order` on the same
edges in the same process; left out where scipy is not installed. LEASTWISE_BENCH_PMAPPER names a Python that has
`principalmapper`: then an account of 100 principals is given to both. PMapper is asked for the edges that it makes
without a session (IAM and STS), which is less than it would do. Exit code 0 always.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys

from measuring import CACHE, GENERATOR, account, managed_policies, run, show

ACCOUNTS = 100
GRAPH = """
import json, sys, time
from pathlib import Path
from leastwise.app.escalating import graph_of
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.conform.scenarios import of_rule, scopes_of
graph_of(PROVIDER, *of_rule({"users": {"actor": {"allows": ["*"]}}, "roles": {"one": {}}}), None)
documents = []
for file in sorted(Path(sys.argv[1], "accounts").glob("*.json")):
    documents.append({"kind": "account_authorization_details", "body": json.loads(file.read_text())})
scopes = list(scopes_of(documents, []))
alone = frozenset(one.id for one in scopes)
del documents
start = time.process_time()
graph = graph_of(PROVIDER, scopes, alone, None)
made = time.process_time()
paths, count = graph.paths("admin", most=100)
found = time.process_time()
made_of = [made - start, found - made, len(graph.gates.nodes), len(graph.gates.gates), count]
print(json.dumps(made_of), flush=True)
from datetime import UTC, datetime
from leastwise.app.choking import Choking
from leastwise.app.estate_file import EstateFile
from leastwise.app.evidence import Evidence
from leastwise.app.exposure import privileged, shares
from leastwise.app.path_search import Wanted, search
from leastwise.app.path_values import Telling
from leastwise.app.powers import Reaching
from leastwise.app.worth import Worths
moment, file, admin = datetime(2026, 1, 1, tzinfo=UTC), EstateFile(version=1), graph.targets("admin")
last = graph.numbers[paths[-1].hops[0].source]

def toxic():
    reaching = Reaching(graph, admin)
    for id in graph.identities():
        reaching.path(id)
        reaching.reached(id, graph.named)

def told():
    telling = Telling(graph, moment)
    return [telling.path(one) for one in search(graph, Wanted(admin, most=100))[0]]

asks = {
    "paths, 100 with evidence": told,
    "paths, 3 ways of one": lambda: search(graph, Wanted(admin, [last], shortest=3)),
    "blast-radius": lambda: Telling(graph, moment).blast(graph.reached(last), Worths(graph, file)),
    "exposure": lambda: shares(graph, admin),
    "privileged": lambda: privileged(graph),
    "toxic, ways of everybody": toxic,
    "choke-points, the first": lambda: Choking(graph, Evidence(graph, moment), file).points(admin, 1),
}
for name, ask in asks.items():
    begun = time.process_time()
    ask()
    print(json.dumps([name, time.process_time() - begun]), flush=True)
"""
REACH = """
import json, time
import numpy as np
from pyroaring import BitMap
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order
from leastwise.graph.gates import Gate, Gates
from leastwise.graph.network import Network
from leastwise.model.decision import State
from leastwise.model.shadows import Shadows
from leastwise.rules.escalation import EscalationRule
nodes, edges = 1_000_000, 5_000_000
draw = np.random.default_rng(1)
head, tail = draw.integers(0, nodes, edges), draw.integers(0, nodes, edges)
# Of the graph's own form: who goes through one gate by himself, edge by edge.
rule = EscalationRule("r", 1, "", "", "assume", "identity", (), "", "")
gate = Gate(0, BitMap(head.astype(np.uint32)), tail, (), State.ALLOWED, head)
network = Network(Gates([""] * nodes, (rule,), [gate], Shadows({}, {}, {})))
network.to([1])
start = time.process_time()
ways = network.to([0])
ours = time.process_time() - start
backwards = csr_array((np.ones(edges, np.int8), (tail, head)), shape=(nodes, nodes))
start = time.process_time()
order = breadth_first_order(backwards, 0, return_predecessors=True)[0]
theirs = time.process_time() - start
print(json.dumps([ours, theirs, int((ways.steps >= 0).sum()), len(order)]))
"""
PEER = """
import collections, collections.abc, json, sys, time
for name in ("Mapping", "MutableMapping", "Iterable", "Sequence", "Callable"):
    setattr(collections, name, getattr(collections.abc, name))
from pathlib import Path
from principalmapper.graphing.edge_identification import obtain_edges
from principalmapper.graphing.gathering import get_nodes_groups_and_policies, update_admin_status

class Account:
    def __init__(self, body):
        self.pages = {"get_account_authorization_details": body, "list_virtual_mfa_devices": {"VirtualMFADevices": []}}
    def get_paginator(self, name):
        self.page = self.pages[name]
        return self
    def paginate(self, **_):
        return [self.page]
    def list_access_keys(self, **_):
        return {"AccessKeyMetadata": []}
    def get_login_profile(self, **_):
        return {}
    def list_mfa_devices(self, **_):
        return {"MFADevices": []}

body = json.loads(next(Path(sys.argv[1], "accounts").glob("*.json")).read_text())
start = time.process_time()
nodes = get_nodes_groups_and_policies(Account(body))["nodes"]
update_admin_status(nodes)
edges = obtain_edges(None, ["iam", "sts"], nodes)
reached = {one.arn for one in nodes if one.is_admin}
while more := {one.source.arn for one in edges if one.destination.arn in reached} - reached:
    reached |= more
print(json.dumps([time.process_time() - start, len(nodes), len(edges), len(reached)]))
"""
PMAPPER = "LEASTWISE_BENCH_PMAPPER"
MOST_ASKED = 10.0
LIMITS = {1_000: 1.0, 10_000: 5.0, 100_000: 60.0}
MOST_MIB, MOST_EXPONENT, MOST_RATIO = 3 * 1024.0, 1.1, 2.0


def spread(principals: int) -> str:
    """The folder of generated accounts with so many principals, spread over a hundred where they are many."""
    if principals < 100_000:
        return str(account(principals))
    folder = CACHE / f"principals-{principals}-in-{ACCOUNTS}"
    if not folder.exists():
        draft = CACHE / f"{folder.name}.new"
        options = ["--principals", str(principals), "--accounts", str(ACCOUNTS), "--seed", "1"]
        options += ["--managed-policies", str(managed_policies()), "--out", str(draft)]
        subprocess.run([sys.executable, str(GENERATOR), *options], check=True)
        draft.rename(folder)
    return str(folder)


def beside_pmapper() -> None:
    """The same account of 100 principals given to PMapper, where there is one."""
    python = os.environ.get(PMAPPER)
    if not python:
        print(f"skipped: {PMAPPER} names no Python that has principalmapper")
        return
    folder = account(100)
    theirs, known, edges, reached = json.loads(run(PEER, folder, python=python).output)
    gates, search, *_, reaching = json.loads(run(GRAPH, folder).output.splitlines()[0])
    note = f"{gates + search:.2f} s, PMapper {theirs:.2f} s of {known} nodes ({edges} edges)"
    note += f"; administrators: {reaching}, PMapper {reached}"
    show("100 principals beside PMapper: ratio", (gates + search) / theirs, 1.0, note)


def main() -> int:
    """Measure and print."""
    sizes = sorted(int(one) for one in sys.argv[1:]) or list(LIMITS)[:2]
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    before: tuple[int, float] | None = None
    for principals in sizes:
        cost = run(GRAPH, spread(principals))
        made, *asked = map(json.loads, cost.output.splitlines())
        gates, search, nodes, count, reaching = made
        note = f"{nodes} nodes, {count} gates, {reaching} become administrators"
        limit = LIMITS.get(principals, principals / 100_000 * 60.0)
        show(f"{principals} principals: gates and a search, s", gates + search, limit, f"{note}; search {search:.2f} s")
        for name, seconds in asked:
            show(f"  {name}, s", seconds, MOST_ASKED, "the graph being there")
        show("most memory of the process, MiB", cost.mib, MOST_MIB, "tables included")
        if before is not None:
            exponent = math.log(gates / before[1]) / math.log(principals / before[0])
            show(f"growth exponent from {before[0]}", exponent, MOST_EXPONENT, "gates")
        before = (principals, gates)
    beside_pmapper()
    if importlib.util.find_spec("scipy") is None:
        print("skipped: reachability is held against scipy, which is not installed")
        return 0
    ours, theirs, reached, known = json.loads(run(REACH).output)
    assert reached == known
    show("1,000,000 nodes, 5,000,000 edges: ratio", ours / theirs, MOST_RATIO, f"{ours:.2f} s, scipy {theirs:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
