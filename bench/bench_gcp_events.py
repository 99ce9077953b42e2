"""Audit logs of Google Cloud into the usage lake, against parsing the same files alone; prints ratios to limits.

The entries are generated in the shapes and mix of a busy organization (`gcp_entries`). Reading is what the provider
does: entries taken apart, told, laid into columns. The ingest is the whole command `leastwise events`. Parsing alone
is each line decoded by msgspec.

Usage: ./x bench bench_gcp_events [ENTRIES]. Every job is a process of its own; what is compared is its CPU time (user
and system), the median of three. Exit code 0 always, but for counts that are wrong: a slow machine is no error.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import gcp_entries
from measuring import CACHE, Cost, run, show

RUNS = 3
MOST_US, MOST_OVER_PARSE, LEAST_TWICE, MOST_MIB = 60.0, 14.0, 1.6, 350

INGEST = """
import sys
from leastwise.cli.main import main
if __name__ == "__main__":
    sys.argv = ["leastwise", "events", sys.argv[1], "--provider", "gcp", "--home", sys.argv[2], "--jobs", sys.argv[3]]
    main()
"""
READ = """
import sys
from pathlib import Path
from leastwise.engine.columns import reused_memory
from leastwise.engine.quiet import without_collector
from leastwise.providers.gcp.events.drawing import Drawing
rows = 0
with without_collector(), reused_memory():
    drawing = Drawing()
    for path in sorted(Path(sys.argv[1]).rglob("*.json")):
        drawing.read(path.read_bytes())
        if drawing.events >= 65536:
            rows += drawing.drawn()["events"].num_rows
    rows += drawing.drawn()["events"].num_rows
print(rows)
"""
PARSE = """
import sys
from pathlib import Path
import msgspec
decode = msgspec.json.Decoder().decode
for path in sorted(Path(sys.argv[1]).rglob("*.json")):
    for line in path.read_bytes().splitlines():
        decode(line)
"""
COUNTED = """
import sys
from pathlib import Path
from leastwise.app.wiring import Workspace
print(Workspace(Path(sys.argv[1])).lake.events().num_rows)
"""


def bucket(entries: int) -> Path:
    """Files of so many entries, kept in the cache."""
    folder = CACHE / f"gcp-entries-{entries}"
    if not folder.exists():
        draft = folder.with_suffix(".new")
        gcp_entries.write(draft, entries)
        draft.rename(folder)
    return folder


def ingested(folder: Path, jobs: int) -> tuple[Cost, int]:
    """What the command costs, and how many events the lake has then."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        cost = run(INGEST, folder, home, str(jobs))
        return cost, int(run(COUNTED, home).output)


def main() -> None:
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    folder = bucket(entries)
    costs: dict[str, list[Cost]] = {"ingest": [], "two": [], "read": [], "parse": []}
    wrong = 0
    for _ in range(RUNS):  # in turns: the machine's pace changes
        for name, jobs in (("ingest", 1), ("two", 2)):
            cost, count = ingested(folder, jobs)
            costs[name].append(cost)
            wrong += count != entries
        costs["read"].append(run(READ, folder))
        costs["parse"].append(run(PARSE, folder))
        wrong += int(costs["read"][-1].output) != entries
    cpu = {name: statistics.median(one.cpu for one in some) for name, some in costs.items()}
    each = {name: 1e6 * seconds / entries for name, seconds in cpu.items()}
    show("µs of CPU an entry, ingest", each["ingest"], MOST_US, f"{entries:,} entries, the whole command")
    alone = f"{each['read']:.1f} µs an entry with start, {each['parse']:.1f} to parse"
    show("times parsing alone, reading", cpu["read"] / cpu["parse"], MOST_OVER_PARSE, alone)
    show("memory, MiB", max(one.mib for one in costs["ingest"]), MOST_MIB, "of the command with one process")
    one, two = (statistics.median(one.wall for one in costs[name]) for name in ("ingest", "two"))
    told = f"{one / two:.2f} times as fast: {one:.1f} s, {two:.1f} s"
    show("of one process's time, two", two / one, 1 / LEAST_TWICE, told)
    print(f"runs with another number of events than were generated: {wrong}")
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
