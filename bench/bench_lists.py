"""Lists, counts, texts and the overview of many identities as the API asks them; prints ratios to the limits.

Usage: ./x bench bench_lists [PRINCIPALS] (default: 100000; 1000000 needs 4 GiB, 10 GiB of disk and some minutes for its
home, which is kept in the user's cache folder). Of single reads CPU time is compared; of users, who are threads of one
process that read one after the other without a pause, wall time: nothing else should run then. DuckDB answers the same
pages over the same Parquet files in the same run. Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from measuring import CACHE, GENERATOR, managed_policies, run, show

ACCOUNTS = 100
MAKING = (90.0, 4096.0)
"""CPU seconds and MiB for 1,000,000 identities."""
PAGE, OVERVIEW, MIXED, READY, MOST_MIB = 100.0, 300.0, 1000.0, 5.0, 3072.0

IMPORT = """
import sys
from pathlib import Path
from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
import_paths(Workspace(home_option=Path(sys.argv[2])), [Path(sys.argv[1])])
"""
MAKE = """
import sys
from pathlib import Path
from leastwise.app.estate import open_estate
from leastwise.app.listing import Listing
from leastwise.app.wiring import Workspace
listing = Listing.open(open_estate(Workspace(home_option=Path(sys.argv[1]))))
listing.prepare()
print(sum(listing.opened(what).rows for what in ("identities", "resources", "grants", "credentials", "trusts")))
"""
ASK = """
import json, random, resource, statistics, sys, threading, time
began = time.perf_counter()
from pathlib import Path
from leastwise.app.estate import open_estate
from leastwise.app.listing import Filters, Listing, overview
from leastwise.app.wiring import Workspace

estate = open_estate(Workspace(home_option=Path(sys.argv[1])))
listing = Listing.open(estate)
listing.prepare()
ready = time.perf_counter() - began
accounts = [entry.scope.id for entry in estate.estate.entries if entry.scope.kind == "account"]
draw = random.Random(1)
TEAMS = ("payments", "search", "data", "identity", "mobile", "billing", "risk", "platform", "ml", "growth", "ops")
SORTS = ("name", "-name", "created", "-created", "grants", "-grants", "-admin", "owner", "account", "id", "-id")

def filters():
    kinds = ((), ("human",), ("workload",), ("human", "group"))
    return draw.choice((
        lambda: Filters(kind=draw.choice(kinds)),
        lambda: Filters(account=draw.choice(accounts), kind=draw.choice(kinds)),
        lambda: Filters(tag=(f"team={draw.choice(TEAMS)}",)),
        lambda: Filters(unused_days=draw.choice((30, 90, 180)), external=draw.choice((None, True))),
        lambda: Filters(owner=f"{draw.choice(TEAMS)[:3]}*", kind=draw.choice(kinds)),
    ))()

def text():
    of = draw.choice(TEAMS)
    return draw.choice((of, of[:3], f"{of}-api", f"{of[:2]}{draw.randrange(1000)}", draw.choice("abcdeiknor"), "role/"))

def sight():
    return draw.choice((None, frozenset(("aws", one) for one in draw.sample(accounts, min(10, len(accounts))))))

def deep(what, asked, sort, seen):
    page = listing.page(what, asked, sort, limit=50, sight=seen)
    return lambda: listing.page(what, asked, sort, limit=50, cursor=page.next, sight=seen)

READS = {
    "page": lambda: (lambda a, s, v: lambda: listing.page("identities", a, s, limit=50, sight=v))(
        filters(), draw.choice(SORTS), sight()),
    "next page": lambda: deep("identities", filters(), draw.choice(SORTS), sight()),
    "text": lambda: (lambda a, s, v: lambda: listing.page("identities", a, s, limit=50, sight=v))(
        Filters(text=text()), draw.choice(SORTS), sight()),
    "counts": lambda: (lambda a, v: lambda: listing.facets("identities", a, sight=v))(filters(), sight()),
    "grants": lambda: (lambda a, v: lambda: listing.page("grants", Filters(account=a), "-policy", limit=50, sight=v))(
        draw.choice(accounts), sight()),
    "overview": lambda: (lambda v: lambda: overview(listing, v))(sight()),
    "search": lambda: (lambda t, v: lambda: listing.search(t, v))(text(), sight()),
}
ids = [row["id"] for row in listing.page("identities", sort="-created", limit=200).items]
READS["one"] = lambda: (lambda i: lambda: (listing.one("identities", i), listing.having("grants", "principal", i)))(
    draw.choice(ids))
MIX = ["page"] * 8 + ["next page"] * 2 + ["text"] * 2 + ["counts"] * 3 + ["grants"] * 2 + ["one"] * 2
MIX += ["overview", "search"]

def timed(read):
    start = time.perf_counter()
    read()
    return (time.perf_counter() - start) * 1000

def p95(times):
    return sorted(times)[int(len(times) * 0.95)]

def cpu(read):
    start = time.process_time()
    read()
    return (time.process_time() - start) * 1000

alone = {}
for name, make in READS.items():
    times = [cpu(make()) for _ in range(100)]
    alone[name] = [statistics.median(times), p95(times), max(times)]
fresh = Listing.open(open_estate(Workspace(home_option=Path(sys.argv[1]))))
alone["overview, the first"] = [cpu(lambda: overview(fresh))] * 3

mixed, failed = [], []
lock = threading.Lock()
plans = [[READS[name]() for name in draw.choices(MIX, k=20)] for _ in range(50)]
def user(reads):
    mine = []
    for read in reads:
        try:
            mine.append(timed(read))
        except Exception as error:
            failed.append(repr(error))
    with lock:
        mixed.extend(mine)
users = [threading.Thread(target=user, args=(plan,)) for plan in plans]
start = time.perf_counter()
for one in users: one.start()
for one in users: one.join()
spent = time.perf_counter() - start

import duckdb
paths = [str(estate.workspace.home.path / one.files["identities"].path) for one in estate.estate.manifests]
base = duckdb.connect()
base.execute("set threads = 2")
base.execute(f"create view identities as select * from read_parquet({paths!r})")
WHERE = ("kind = 'human'", "kind = 'workload'", f"account = '{accounts[0]}' and kind = 'human'", "external",
         "contains(lower(id), 'api')")
def duck():
    where, by = draw.choice(WHERE), draw.choice(("name", "created desc nulls last", "grants desc", "account"))
    def read():
        base.cursor().execute(f"select count(*) from identities where {where}").to_arrow_table()
        base.cursor().execute(f"select * from identities where {where} order by {by}, id limit 50").to_arrow_table()
    return read
other = [cpu(duck()) for _ in range(12)][2:]
print(json.dumps({
    "ready": ready, "rows": listing.opened("identities").rows, "alone": alone,
    "mixed": [statistics.median(mixed), p95(mixed), max(mixed)], "reads": len(mixed), "failed": failed, "spent": spent,
    "duckdb": [statistics.median(other), p95(other)],
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""
MEMORY = """
import resource, sys
from pathlib import Path
from leastwise.app.estate import open_estate
from leastwise.app.listing import Filters, Listing, overview
from leastwise.app.wiring import Workspace
listing = Listing.open(open_estate(Workspace(home_option=Path(sys.argv[1]))))
overview(listing)
for sort in ("name", "-created", "-admin", "grants"):
    listing.page("identities", Filters(kind=("human",)), sort, limit=50)
    listing.facets("identities", Filters(kind=("human",)))
listing.search("payments")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def home_of(principals: int) -> Path:
    """A home with so many principals in a hundred accounts."""
    home = CACHE / f"lists-home-{principals}"
    if not home.exists():
        exported, draft = CACHE / "lists.new", CACHE / "lists-home.new"
        for one in (exported, draft):
            shutil.rmtree(one, ignore_errors=True)
        options = ["--principals", str(principals), "--accounts", str(ACCOUNTS), "--seed", "1"]
        options += ["--managed-policies", str(managed_policies()), "--out", str(exported)]
        subprocess.run([sys.executable, str(GENERATOR), *options], check=True)
        (exported / "ground-truth.json").unlink(missing_ok=True)
        run(IMPORT, exported, draft)
        shutil.rmtree(exported)
        draft.rename(home)
    return home


def main() -> int:
    """Measure and print."""
    principals = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    home, part = home_of(principals), principals / 1_000_000
    shutil.rmtree(home / "lists", ignore_errors=True)
    made = run(MAKE, home)
    size = sum(one.stat().st_size for one in (home / "lists").rglob("*") if one.is_file()) / 2**20
    told = run(ASK, home)
    found = json.loads(told.output)
    print(f"{principals} principals in {ACCOUNTS} accounts: {found['rows']} identities, lists of {size:.0f} MiB")
    show("lists made, CPU s", made.cpu, MAKING[0] * part, f"{made.wall:.1f} s")
    show("lists made, peak MiB", made.mib, max(500.0, MAKING[1] * part), "")
    show("process to ready, s", found["ready"], READY, "with the lists there")
    for name, (median, worst, most) in found["alone"].items():
        limit = OVERVIEW if name.startswith("overview") else PAGE
        show(f"{name}, p95 ms of CPU", worst, limit, f"median {median:.1f}, most {most:.1f}")
    median, worst, most = found["mixed"]
    rate, failed = found["reads"] / found["spent"], len(found["failed"])
    note = f"median {median:.0f}, most {most:.0f}; {rate:.0f} reads/s, {failed} failed"
    show("50 users, mixed, p95 ms", worst, MIXED, note)
    duck_median, duck_worst = found["duckdb"]
    page = found["alone"]["page"]
    note = f"p95 {page[1]:.1f} / {duck_worst:.1f} ms, median {page[0]:.1f} / {duck_median:.1f}"
    show("page / DuckDB over Parquet", page[1] / duck_worst, 1.0, note)
    show("memory after some reads, MiB", float(run(MEMORY, home).output), MOST_MIB, "lists alone")
    show("memory of all reads, MiB", found["mib"], MOST_MIB, "with DuckDB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
