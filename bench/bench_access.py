"""Questions about access: making the compiled form of an account, and asking it; prints ratios to the limits.

Usage: ./x bench bench_access [PRINCIPALS ...] (default: 10000 100000; 1000000 needs 4 GiB and some minutes). Making it
is from the exported JSON to the arrays: reading, documents parsed, tables, compiled. Questions are asked in a process
that has mapped the file. Every job is a process of its own; what is compared is CPU time (user and system), for the
command the wall time. Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from measuring import GENERATOR, Cost, account, run, show

MAKE = """
import gc, sys, time
from pathlib import Path
import leastwise.providers.aws.translate
from leastwise.engine.columns import reused_memory
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.compiled.compile import compile_estate
from leastwise.providers.aws.compiled.scopes import needed
from leastwise.providers.base import ScopeTables
gc.disable()  # as the import does it
start = time.process_time()
with reused_memory():
    collected = PROVIDER.read_exports([Path(sys.argv[1])])
    scopes = []
    while collected:
        one = collected.pop(0)
        scopes.append(needed(ScopeTables(one.scope.kind, one.scope.id, PROVIDER.translate(one))))
        del one
    arrays = compile_estate(scopes)
print(time.process_time() - start)
with open(sys.argv[2], "wb") as file:
    arrays.write(file)
"""
ASK = """
import json, random, statistics, sys, time
from pathlib import Path
from leastwise.engine.arrays import open_arrays
from leastwise.model.decision import Circumstances
from leastwise.providers.aws.compiled.access import Circumstances as Given
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.compiled.who import WhoCan

def spent(ask):
    start = time.process_time()
    found = ask()
    return (time.process_time() - start) * 1000, found

opened = time.process_time()
port = AwsPort(open_arrays(Path(sys.argv[1])))
estate = port.access.estate
first, _ = spent(lambda: port.who_can("iam:CreateUser", None, Circumstances(strict=True)))
figures = {"first": (time.process_time() - opened) * 1000, "asked": {}}
ids, starts = estate.texts("thing.id").all(), estate.arrays["laid.starts"]
object = next(id for i, id in enumerate(ids) if id.startswith("arn:aws:s3:::") and starts[i + 1] > starts[i]) + "/key"
for action, resource in (("iam:CreateUser", None), ("s3:GetObject", object)):
    for strict in (True, False):
        given = Circumstances(strict=strict)
        spent(lambda: port.who_can(action, resource, given))
        times = [spent(lambda: WhoCan(port.access, action, resource, Given(strict=strict)).answer()) for _ in range(9)]
        answers = [spent(lambda: port.who_can(action, resource, given)) for _ in range(5)]
        seen = [spent(lambda: list(found.holders))[0] for _, found in answers]
        figures["asked"][f"{action} {'strict' if strict else 'open'}"] = [
            statistics.median(t for t, _ in times), statistics.median(t for t, _ in answers), statistics.median(seen),
            len(answers[0][1].holders), len(times[0][1].groups),
        ]
figures["anywhere"] = {}
for action in ("s3:GetObject", "iam:PassRole", "lambda:InvokeFunction", "kms:Decrypt"):
    given = Circumstances()
    listed = [spent(lambda: len(list(port.who_can(action, None, given).holders))) for _ in range(2)][1]
    times = [spent(lambda: WhoCan(port.access, action, None, Given()).answer()) for _ in range(3)]
    figures["anywhere"][action] = [statistics.median(t for t, _ in times), *listed, len(times[0][1].groups)]
random.seed(1)
some = [estate.principal_ids[n] for n in random.sample(range(estate.principals), 100)]
port.what_can(some[0], None, Circumstances())
what = sorted(spent(lambda: port.what_can(one, None, Circumstances()))[0] for one in some)
figures["what"] = [statistics.median(what), what[94]]
buckets = [id for id in ids if id.startswith("arn:aws:s3:::")][:40]
questions = [(one, random.choice(buckets) + "/key") for one in some for _ in range(5)]
for turn in range(2):  # the second time everything has been seen
    can = sorted(spent(lambda: port.can(one, "s3:GetObject", place, Circumstances()))[0] for one, place in questions)
    figures["can" if turn else "can anew"] = [statistics.median(can), can[int(len(can) * 0.95)]]
print(json.dumps(figures))
"""
IMPORT = """
import sys
from pathlib import Path
from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
import_paths(Workspace(home_option=Path(sys.argv[2])), [Path(sys.argv[1])])
"""
COMMAND = """
import sys
from leastwise.cli.main import run
code = run(["who-can", "iam:CreateUser", "--home", sys.argv[1], "--format", "json"])
assert code == 0, code
with open(sys.argv[2], "w") as file:
    print(*(name for name in ("pyarrow", "scipy", "duckdb") if name in sys.modules), file=file)
"""
MAKING = {10_000: (1.0, 150.0), 100_000: (8.0, 600.0), 1_000_000: (90.0, 4096.0)}
"""CPU seconds and MiB."""
ASKING = {
    10_000: {"iam:CreateUser strict": 10, "s3:GetObject strict": 30, "iam:CreateUser open": 150,
             "s3:GetObject open": 150},
    1_000_000: {"iam:CreateUser strict": 500, "s3:GetObject strict": 500, "iam:CreateUser open": 2000,
                "s3:GetObject open": 2000},
}  # fmt: skip
"""Milliseconds of a warm who-can."""
ANYWHERE = {10_000: (100.0, 300.0), 100_000: (1000.0, 3000.0), 1_000_000: (10_000.0, 30_000.0)}
"""Milliseconds of a who-can without a resource: decided, and every holder listed with its residual."""
MOST_FIRST, MOST_WHAT, MOST_CAN, MOST_COMMAND, MOST_EXPONENT = 3000.0, 20.0, 1.0, 1.5, 1.05


def limit(table: dict[int, Any], principals: int) -> Any:
    """The limit of the next size that has one."""
    return table[min((size for size in table if size >= principals), default=max(table))]


def make(principals: int, folder: Path) -> tuple[float, Path]:
    """Compile an account; its CPU time without the start of the interpreter, and the file."""
    file = folder / f"{principals}.lwa"
    costs = [run(MAKE, account(principals), file) for _ in range(3 if principals < 1_000_000 else 1)]
    seconds = statistics.median(float(cost.output) for cost in costs)
    most_seconds, most_mib = limit(MAKING, principals)
    show("decode and compile, s", seconds, most_seconds, f"{file.stat().st_size / 2**20:.1f} MiB compiled")
    show("decode and compile, peak MiB", max(cost.mib for cost in costs), most_mib, "with Python and its libraries")
    return seconds, file


def ask(principals: int, file: Path) -> None:
    """Ask a compiled account."""
    figures = json.loads(run(ASK, file).output)
    show("first who-can after opening, ms", figures["first"], MOST_FIRST, "")
    most = limit(ASKING, principals)
    for name, (decided, listed, seen, holders, groups) in figures["asked"].items():
        note = f"{holders} holders in {groups} groups; decided: {decided:.1f} ms; each looked at: {seen:.1f} ms more"
        show(f"who-can {name}, listed, ms", listed, most[name], note)
    for name, (decided, listed, holders, groups) in figures["anywhere"].items():
        most_decided, most_listed = limit(ANYWHERE, principals)
        show(f"who-can {name} anywhere, decided, ms", decided, most_decided, f"{holders} holders in {groups} groups")
        show(f"who-can {name} anywhere, listed, ms", listed, most_listed, "")
    show("what-can, median of 100 principals, ms", figures["what"][0], MOST_WHAT, f"p95 {figures['what'][1]:.1f}")
    show("can, median of 500, ms", figures["can"][0], MOST_CAN, f"p95 {figures['can'][1]:.2f}")
    show("can, the same asked first, ms", figures["can anew"][0], MOST_CAN, f"p95 {figures['can anew'][1]:.2f}")


def command(principals: int, folder: Path) -> None:
    """The command from a cold start, with the compiled file there."""
    home, seen = folder / "home", folder / "seen"
    run(IMPORT, account(principals), home)
    first = run(COMMAND, home, seen)
    costs: list[Cost] = [run(COMMAND, home, seen) for _ in range(5)]
    wall = statistics.median(cost.wall for cost in costs)
    show("who-can as a command, wall s", wall, MOST_COMMAND, f"the first, which compiles: {first.wall:.2f} s")
    print(f"      loaded of pyarrow, scipy, duckdb: {seen.read_text().strip() or 'none'}")


def main() -> int:
    """Measure and print."""
    sizes = sorted(int(one) for one in sys.argv[1:]) or [10_000, 100_000]
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    before: tuple[int, float] | None = None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(MAKE, account(100), folder / "warm.lwa")  # compiles the modules
        for principals in sizes:
            print(f"{principals} principals")
            seconds, file = make(principals, folder)
            if before is not None:
                exponent = math.log(seconds / before[1]) / math.log(principals / before[0])
                show(f"growth exponent from {before[0]}", exponent, MOST_EXPONENT, "")
            before = (principals, seconds)
            ask(principals, file)
            if principals == sizes[0]:
                command(principals, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
