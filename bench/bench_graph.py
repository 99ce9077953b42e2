"""Who can become whom: gates and a search over generated accounts, and reachability held against scipy.

Usage: ./x bench bench_graph [PRINCIPALS ...] (default: 1000 10000 100000; 100,000 are spread over 100 accounts, fewer
are in one). Measured are, in a process that has the tables in memory and has answered before (libraries, catalogue and
rule files are there), the CPU time from the tables to the gates of all rules and a search to every administrator, and
the most memory of the process. Reachability is one search backwards from a node over 1,000,000 nodes and 5,000,000
drawn edges, against `scipy.sparse.csgraph.breadth_first_order` on the same edges in the same process; left out where
scipy is not installed. Exit code 0 always.
"""

from __future__ import annotations

import importlib.util
import json
import math
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
print(json.dumps([made - start, found - made, len(graph.gates.nodes), len(graph.gates.gates), count]))
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


def main() -> int:
    """Measure and print."""
    sizes = sorted(int(one) for one in sys.argv[1:]) or list(LIMITS)
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    before: tuple[int, float] | None = None
    for principals in sizes:
        cost = run(GRAPH, spread(principals))
        gates, search, nodes, count, reaching = json.loads(cost.output)
        note = f"{nodes} nodes, {count} gates, {reaching} become administrators"
        limit = LIMITS.get(principals, principals / 100_000 * 60.0)
        show(f"{principals} principals: gates and a search, s", gates + search, limit, f"{note}; search {search:.2f} s")
        show("most memory of the process, MiB", cost.mib, MOST_MIB, "tables included")
        if before is not None:
            exponent = math.log(gates / before[1]) / math.log(principals / before[0])
            show(f"growth exponent from {before[0]}", exponent, MOST_EXPONENT, "gates")
        before = (principals, gates)
    if importlib.util.find_spec("scipy") is None:
        print("skipped: reachability is held against scipy, which is not installed")
        return 0
    ours, theirs, reached, known = json.loads(run(REACH).output)
    assert reached == known
    show("1,000,000 nodes, 5,000,000 edges: ratio", ours / theirs, MOST_RATIO, f"{ours:.2f} s, scipy {theirs:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
