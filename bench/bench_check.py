"""Entitlement unit tests: 200 assertions on a generated account; prints ratios to the limits.

Usage: ./x bench bench_check [PRINCIPALS ...] (default: 10000 100000). The account is imported and compiled before;
measured is the CPU time (user and system) of a process that opens the compiled estate, reads the file of assertions
and checks it. A quarter of the assertions each are `can`, `cannot`, `only` and `nobody`, about 25 resources and three
permissions, so that some ask the same. Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import math
import random
import sys
import tempfile
from pathlib import Path

from measuring import GENERATOR, account, run, show

IMPORT = """
import sys
from pathlib import Path
from leastwise.app.asking import open_access
from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
workspace = Workspace(home_option=Path(sys.argv[2]))
import_paths(workspace, [Path(sys.argv[1])])
estate = open_access(workspace).access.access.estate
ids, starts = estate.texts("thing.id").all(), estate.arrays["laid.starts"]
buckets = [id for i, id in enumerate(ids) if id.startswith("arn:aws:s3:::") and starts[i + 1] > starts[i]]
some = [estate.principal_ids[n] for n in range(0, estate.principals, max(1, estate.principals // 200))]
import json
print(json.dumps([buckets[:25], some]))
"""
CHECK = """
import json, resource, sys, time
from pathlib import Path
from leastwise.app.asking import open_access
from leastwise.app.assertions import read_assertions
from leastwise.app.checking import check_all
from leastwise.app.wiring import Workspace
start = time.process_time()
workspace = Workspace(home_option=Path(sys.argv[1]))
assertions = read_assertions(Path(sys.argv[2]))
asking = open_access(workspace)
opened = time.process_time() - start
checked, _ = check_all(workspace, asking, assertions)
counts = {}
for one in checked:
    counts[one.result] = counts.get(one.result, 0) + 1
print(json.dumps([time.process_time() - start, opened, counts]))
"""
ASSERTIONS, MOST, MOST_EXPONENT = 200, 10.0, 1.1


def assertions(buckets: list[str], principals: list[str]) -> str:
    """A file of assertions as JSON, the same for the same account."""
    drawn = random.Random(1)
    found = []
    for number in range(ASSERTIONS):
        permission = drawn.choice(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
        asked = {"permission": permission, "resource": f"{drawn.choice(buckets)}/key", "allow_conditional": True}
        whom = [drawn.choice(principals) for _ in range(3)]
        form = ("can", "cannot", "only", "nobody")[number % 4]
        said = {"only": [*whom, "kind human"], "nobody": drawn.choice(["outside the zone", "public", "kind device"])}
        found.append({form: said.get(form, whom), **asked})
    return json.dumps({"version": 1, "assertions": found}, indent=1)


def main() -> int:
    """Measure and print."""
    sizes = sorted(int(one) for one in sys.argv[1:]) or [10_000, 100_000]
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    before: tuple[int, float] | None = None
    with tempfile.TemporaryDirectory() as name:
        for principals in sizes:
            home, file = Path(name) / f"home-{principals}", Path(name) / "check.json"
            print(f"{principals} principals")
            buckets, some = json.loads(run(IMPORT, account(principals), home).output)
            file.write_text(assertions(buckets, some))
            run(CHECK, home, file)
            cost = run(CHECK, home, file)
            seconds, opened, counts = json.loads(cost.output)
            said = ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
            note = f"{said}; opened in {opened:.2f} s, wall {cost.wall:.1f} s, {cost.mib:.0f} MiB"
            show(f"check with {ASSERTIONS} assertions, s", seconds, MOST, note)
            if before is not None:
                exponent = math.log(seconds / before[1]) / math.log(principals / before[0])
                show(f"growth exponent from {before[0]}", exponent, MOST_EXPONENT, "")
            before = (principals, seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
