"""One permission against every resource of an account; prints ratios to the limits.

Usage: ./x bench bench_relation [PRINCIPALS ...] (default: 10000 100000). A relation is of one action and every known
resource that it can act on, as rectangles. Asked are `sts:AssumeRole` over every role, and each of the permissions that
the known ways of escalation require (../shared/escalation/aws.jsonl), in a process that has mapped the account as
compiled; a `who-can` before makes that libraries and catalogue are there. CPU time is compared. Exit code 0 always.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from pathlib import Path

from bench_access import MAKE
from measuring import GENERATOR, ROOT, account, run, show

ESCALATION = ROOT.parent / "shared" / "escalation" / "aws.jsonl"
ASK = """
import json, sys, time
from pathlib import Path
from leastwise.engine.arrays import open_arrays
from leastwise.model.decision import Circumstances
from leastwise.providers.aws.compiled.port import AwsPort
port = AwsPort(open_arrays(Path(sys.argv[1])))
port.who_can("iam:CreateUser", None, Circumstances())
figures = []
for action in sys.argv[2].split():
    start = time.process_time()
    found = port.relation(action, Circumstances())
    spent = time.process_time() - start
    figures.append([action, spent, len(found.resources), len(found.rectangles), found.pairs])
print(json.dumps(figures))
"""
MOST_ROLE, MOST_ALL, MOST_EXPONENT = 2.0, 60.0, 1.1
"""CPU seconds at 100,000 principals."""


def main() -> int:
    """Measure and print."""
    sizes = sorted(int(one) for one in sys.argv[1:]) or [10_000, 100_000]
    if not GENERATOR.exists() or not ESCALATION.exists():
        print(f"skipped: {GENERATOR} or {ESCALATION} is not there")
        return 0
    paths = [json.loads(line) for line in ESCALATION.read_text().splitlines()]
    actions = sorted({one["permission"] for path in paths for one in path["required"]})
    before: tuple[int, float] | None = None
    with tempfile.TemporaryDirectory() as name:
        for principals in sizes:
            print(f"{principals} principals")
            file = Path(name) / f"{principals}.lwa"
            run(MAKE, account(principals), file)
            spent = {}
            for action, asked in (("sts:AssumeRole", "sts:AssumeRole"), ("all", " ".join(actions))):
                figures = json.loads(run(ASK, file, asked).output)
                spent[action] = sum(figure[1] for figure in figures)
                slowest = max(figures, key=lambda figure: figure[1])
                note = f"{slowest[0]}: {slowest[2]} resources, {slowest[3]} rectangles, {slowest[4]} pairs"
                what = "relation of sts:AssumeRole, s" if action != "all" else f"{len(figures)} permissions, s"
                show(what, spent[action], MOST_ROLE if action != "all" else MOST_ALL, note)
            if before is not None:
                exponent = math.log(spent["all"] / before[1]) / math.log(principals / before[0])
                show(f"growth exponent from {before[0]}", exponent, MOST_EXPONENT, "all permissions")
            before = (principals, spent["all"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
