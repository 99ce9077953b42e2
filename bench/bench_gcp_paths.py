"""The graph of a tree of Google Cloud's projects: who can become whom, from the tables on; prints ratios to the limits.

Usage: ./x bench bench_gcp_paths [BINDINGS ...] (default: 10000 100000). The tree is that of bench_gcp_access: a project
for every fifty bindings. Every job is a process of its own; what is compared is CPU time (user and system). Exit code 0
always: a slow machine is no error.
"""

from __future__ import annotations

import json
import math
import sys

from bench_gcp_access import JOB as ASKED
from measuring import run, show

TREE = ASKED.partition("held = sum(")[0]
"""What makes the tables of the tree."""
JOB = (
    TREE
    + """
import resource
from leastwise.app.escalating import graph_of

held = sum(len(one["members"]) for asset in assets for one in asset["iamPolicy"]["bindings"])
scopes = [ScopeTables("organization", org, tables)]
# Files of rules, the catalogue and the parser of conditions are read once a process.
graph_of(PROVIDER, [], frozenset(), None, [])

def spent(ask):
    start = time.process_time()
    found = ask()
    return time.process_time() - start, found

seconds, graph = spent(lambda: graph_of(PROVIDER, scopes, frozenset(), datetime(2026, 1, 1, tzinfo=UTC)))
search, (paths, count) = spent(lambda: graph.paths("admin", most=20))
again, _ = spent(lambda: graph.paths("admin:p1", most=20))
print(json.dumps({
    "bindings": held, "seconds": seconds, "gates": len(graph.gates.gates), "nodes": len(graph.gates.nodes),
    "edges": sum(len(one.sources) + len(one.targets) for one in graph.gates.gates), "search": search, "again": again,
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""
)
MOST, MOST_SEARCH, MOST_MIB, MOST_EXPONENT = 60.0, 5.0, 3072.0, 1.1
"""Limits at 100,000 bindings: of the graph and a first search in seconds, of memory in MiB; of growth."""


def main(sizes: list[int]) -> None:
    """Measure each size, and how it grows from the first to the last."""
    seconds: dict[int, float] = {}
    for size in sizes:
        figures = json.loads(run(JOB, str(size)).output)
        print(f"{figures['bindings']} bindings, {figures['nodes']} nodes")
        seconds[figures["bindings"]] = figures["seconds"]
        show("graph, CPU s", figures["seconds"], MOST, f"{figures['gates']} gates, {figures['edges']} ends of edges")
        show("search for administrators, CPU s", figures["search"], MOST_SEARCH, f"again {figures['again']:.2f} s")
        show("memory, MiB", figures["mib"], MOST_MIB, "")
    if len(seconds) > 1:
        first, last = min(seconds), max(seconds)
        exponent = math.log(seconds[last] / seconds[first]) / math.log(last / first)
        show("exponent", exponent, MOST_EXPONENT, f"from {first} to {last}")


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [10_000, 100_000])
