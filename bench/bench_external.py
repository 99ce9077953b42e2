"""Who outside can reach what, over every role and resource of an account; prints ratios to the limits.

Usage: ./x bench bench_external [PRINCIPALS ...] (default: 10000 100000). The account is compiled first; then a process
that has mapped the file answers, once without services and once with all of them, and a command prints the JSON from a
cold start. Every job is a process of its own; what is compared is CPU time (user and system). Exit code 0 always: a
slow machine is no error.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import tempfile
from pathlib import Path

from bench_access import IMPORT, MAKE
from measuring import GENERATOR, account, run, show

ASK = """
import json, sys, time
from pathlib import Path
from leastwise.engine.arrays import open_arrays
from leastwise.model.decision import Circumstances
from leastwise.providers.aws.compiled.port import AwsPort

services = sys.argv[2] == "services"
port = AwsPort(open_arrays(Path(sys.argv[1])))
start = time.process_time()
found = port.exposed(port.inside(), Circumstances(), services=services)
spent = time.process_time() - start
arrays = port.access.estate.arrays
trust = arrays["principal.trust"]
print(json.dumps({
    "cpu": spent, "exposures": len(found.exposures), "roles": int((trust >= 0).sum()),
    "trusts": len(set(trust[trust >= 0].tolist())), "documents": len(arrays["laid.doc"]),
}))
"""
COMMAND = """
import sys
from leastwise.cli.main import run
assert run(["external", "--home", sys.argv[1], "--format", "json"]) == 0
"""
MOST = {10_000: 1.0, 100_000: 10.0}
"""CPU seconds of an answer."""
MOST_EXPONENT = 1.1


def limit(principals: int) -> float:
    """The limit, in proportion between the sizes that have one."""
    return MOST.get(principals, principals / 10_000)


def ask(file: Path, mode: str) -> dict[str, float]:
    """The middle of three answers, each of a process of its own."""
    found = [json.loads(run(ASK, file, mode).output) for _ in range(3)]
    middle = statistics.median(one["cpu"] for one in found)
    return {**found[0], "cpu": middle}


def main() -> int:
    """Measure and print."""
    sizes = sorted(int(one) for one in sys.argv[1:]) or [10_000, 100_000]
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    before: tuple[int, float] | None = None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(MAKE, account(100), folder / "warm.lwa")
        for principals in sizes:
            print(f"{principals} principals")
            file = folder / f"{principals}.lwa"
            run(MAKE, account(principals), file)
            plain, every = ask(file, "plain"), ask(file, "services")
            note = f"{plain['exposures']} exposures; {plain['trusts']} trust documents of {plain['roles']} roles"
            show("external, CPU s", plain["cpu"], limit(principals), note)
            show("external with services, CPU s", every["cpu"], limit(principals), f"{every['exposures']} exposures")
            if before is not None:
                exponent = math.log(plain["cpu"] / before[1]) / math.log(principals / before[0])
                show(f"growth exponent from {before[0]}", exponent, MOST_EXPONENT, "")
            before = (principals, plain["cpu"])
            if principals == sizes[0]:
                home = folder / "home"
                run(IMPORT, account(principals), home)
                first, second = run(COMMAND, home), run(COMMAND, home)
                print(f"      as a command, JSON: CPU {second.cpu:.2f} s, wall {second.wall:.2f} s; the first, which "
                      f"compiles: {first.cpu:.2f} s")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
