"""CloudTrail logs into the usage lake, against unpacking and parsing the same files alone; prints ratios to limits.

The ingest is the whole command `leastwise events`: start, files found, unpacked, read, each event once, stored events
and counts on the disk, exit. Unpacking and parsing is done by isal and simdjson where they are installed, else by zlib
and msgspec's typed decoding (slower, so that the ratio is kinder; the line says so). DuckDB reads the same files
with its own sniffing, on one thread, where it is installed. What was counted is compared with the generator's truth:
calls, denials, first call and last use of every identity and permission. Whether compiled code reads the files is
told; on a tenth of the events the way without it is run as well.

Usage: ./x bench bench_events [EVENTS]. Every job is a process of its own; what is compared is its CPU time (user and
system), the median of three. Exit code 0 always, but for counts that are wrong: a slow machine is no error.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import CACHE, GENERATOR, ROOT, Cost, run, show

RUNS = 3
LEAST_RATE, LEAST_SHARE, LEAST_OVER_DUCKDB, LEAST_TWICE, MOST_MIB, MOST_EXPONENT = 150_000, 0.36, 3.0, 1.8, 300, 1.05
TRAILS = ROOT.parent / "shared" / "bench" / "gen_cloudtrail.py"

INGEST = """
import os, sys
if len(sys.argv) > 4:
    os.environ["LEASTWISE_PURE"] = "1"
from leastwise.cli.main import main
if __name__ == "__main__":
    sys.argv = ["leastwise", "events", sys.argv[1], "--home", sys.argv[2], "--jobs", sys.argv[3]]
    main()
"""
COMPILED = """
from leastwise.providers.aws.events.rows import native
print("no" if native() is None else "yes")
"""
PARSE = """
import sys
from pathlib import Path
try:
    from isal import igzip as gzip
    import simdjson
    parser = simdjson.Parser()
    parse = lambda data: parser.parse(data)
except ImportError:
    import gzip
    from leastwise.providers.aws.events.reading import _file
    parse = _file.decode
for path in sorted(Path(sys.argv[1]).rglob("*.json.gz")):
    parse(gzip.decompress(path.read_bytes()))
"""
DUCKDB = """
import sys, duckdb
duckdb.execute("SET threads = 1")
print(duckdb.execute(
    "SELECT count(*) FROM "
    "(SELECT unnest(Records, recursive := true) FROM read_json(?, maximum_object_size = 100000000))",
    [sys.argv[1] + "/**/*.json.gz"]).fetchone())
"""
COUNTED = """
import json, sys
from pathlib import Path
from leastwise.app.wiring import Workspace
form = lambda time: time and time.strftime("%Y-%m-%dT%H:%M:%SZ")
found = {}
for row in Workspace(Path(sys.argv[1])).lake.usage().to_pylist():
    # The truth has calls that no policy decides, and nothing that a call needs besides its own permission.
    if row["how"] == "implied" or (row["how"] == "possible" and row["permission"] != "sts:GetCallerIdentity"):
        continue
    held = found.setdefault((row["principal"], row["permission"]), [0, 0, "9", ""])
    held[0] += row["count"] + row["denied"]
    held[1] += row["denied"]
    held[2] = min(held[2], form(row["first"]))
    held[3] = max(held[3], form(row["last_used"]) or "")
print(json.dumps([[*key, *held] for key, held in found.items()]))
"""


def trail(events: int) -> Path:
    """A generated trail of so many events, kept in the cache."""
    organization, folder = CACHE / "events-organization", CACHE / f"trail-{events}"
    if not organization.exists():
        subprocess.run([sys.executable, GENERATOR, "--principals", "1000", "--out", organization], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    if not folder.exists():
        draft = folder.with_suffix(".new")
        subprocess.run([sys.executable, TRAILS, "--account", organization, "--events", str(events), "--out", draft],
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        draft.rename(folder)
    return folder


def ingested(folder: Path, jobs: int = 1, *pure: str) -> Cost:
    with tempfile.TemporaryDirectory() as home:
        return run(INGEST, folder, Path(home) / "home", str(jobs), *pure)


def wrong(folder: Path) -> int:
    """How many pairs of identity and permission were not counted as the generator says."""
    with tempfile.TemporaryDirectory() as home:
        run(INGEST, folder, Path(home) / "home", "1")
        found = {(one[0], one[1]): one[2:] for one in json.loads(run(COUNTED, Path(home) / "home").output)}
    wanted = {}
    with gzip.open(folder / "ground-truth.tsv.gz", "rt") as file:
        for line in file:
            principal, permission, calls, denied, first, last = line.rstrip("\n").split("\t")
            wanted[principal, permission] = [int(calls), int(denied), first, last]
    return sum(found.get(pair) != wanted.get(pair) for pair in found.keys() | wanted.keys())


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    folder, small = trail(events), trail(max(events // 10, 1))
    duckdb = importlib.util.find_spec("duckdb") is not None
    costs: dict[str, list[Cost]] = {"ingest": [], "two": [], "parse": [], "small": [], "pure": [], "duckdb": []}
    for _ in range(RUNS):  # in turns: the machine's pace changes
        costs["ingest"].append(ingested(folder))
        costs["two"].append(ingested(folder, 2))
        costs["parse"].append(run(PARSE, folder))
        costs["small"].append(ingested(small))
        costs["pure"].append(ingested(small, 1, "pure"))
        if duckdb:
            costs["duckdb"].append(run(DUCKDB, folder))
    cpu = {name: statistics.median(one.cpu for one in some) for name, some in costs.items() if some}
    how = "isal and simdjson" if importlib.util.find_spec("simdjson") else "zlib and msgspec"
    exponent = math.log(cpu["ingest"] / cpu["small"]) / math.log(10)
    rate, share = events / cpu["ingest"], cpu["parse"] / cpu["ingest"]
    mib, small_mib = (max(one.mib for one in costs[name]) for name in ("ingest", "small"))
    show("µs of CPU an event", 1e6 / rate, 1e6 / LEAST_RATE, f"{rate:,.0f} events a second a core, {events:,} events")
    alone = f"by {how}: {events / cpu['parse']:,.0f} a second"
    show("times unpacking and parsing alone", 1 / share, 1 / LEAST_SHARE, alone)
    there = run(COMPILED).output.strip()
    print(f"compiled code: {there}; a tenth takes {cpu['small']:.1f} s, {cpu['pure']:.1f} s by Python alone")
    show("memory, MiB", mib, MOST_MIB, f"of a tenth of the events {small_mib:.0f} MiB")
    one, two = (statistics.median(one.wall for one in costs[name]) for name in ("ingest", "two"))
    show(
        "of one process's time, two",
        two / one,
        1 / LEAST_TWICE,
        f"{one / two:.2f} times as fast: {one:.1f} s, {two:.1f} s",
    )
    show("growth, exponent", exponent, MOST_EXPONENT, "of CPU time, from a tenth of the events")
    if duckdb:
        times = cpu["duckdb"] / cpu["ingest"]
        show("of DuckDB's time", 1 / times, 1 / LEAST_OVER_DUCKDB, f"{times:.1f} times as fast")
    else:
        print("DuckDB is not installed: not compared")
    faults = wrong(small)
    print(f"pairs of identity and permission counted otherwise than generated: {faults}")
    if faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
