"""Differences of two estates, and principals that are alike: of an account one role in a hundred has another policy.

Usage: ./x bench bench_diff [PRINCIPALS ...] (default: 10000 100000). Both estates are compiled before, as for every
question; a job maps both files and lists every change. Every job is a process of its own; what is compared is CPU time
(user and system). Exit code 0 always: a slow machine is no error.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from pathlib import Path

from bench_access import make
from measuring import GENERATOR, account, run, show

CHANGE = """
import json, shutil, sys
from pathlib import Path
source, target = Path(sys.argv[1]), Path(sys.argv[2])
added = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::added-{n}/*"}
roles = changed = 0
for path in sorted(source.rglob("*")):
    goal = target / path.relative_to(source)
    if path.is_dir():
        goal.mkdir(parents=True, exist_ok=True)
        continue
    goal.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix != ".json" or b'"RoleDetailList"' not in path.read_bytes()[:50_000_000]:
        shutil.copy(path, goal)
        continue
    body = json.loads(path.read_bytes())
    for role in body.get("RoleDetailList", []):
        roles += 1
        if roles % 100 == 1:
            changed += 1
            statement = json.loads(json.dumps(added).replace("{n}", str(changed)))
            document = {"Version": "2012-10-17", "Statement": [statement]}
            role.setdefault("RolePolicyList", []).append({"PolicyName": "added", "PolicyDocument": document})
            if changed % 2 and len(role["RolePolicyList"]) > 1:
                role["RolePolicyList"].pop(0)
    goal.write_text(json.dumps(body))
print(json.dumps([roles, changed]))
"""
DIFF = """
import json, sys, time
from pathlib import Path
from leastwise.engine.arrays import open_arrays
from leastwise.providers.aws.compiled.port import AwsPort
start = time.process_time()
before, after = (AwsPort(open_arrays(Path(one))) for one in sys.argv[1:3])
found = list(after.changes(before))
print(json.dumps([time.process_time() - start, len(found), sum(len(c.gained) + len(c.lost) for c in found)]))
"""
ALIKE = """
import json, sys, time
from pathlib import Path
from leastwise.engine.arrays import open_arrays
from leastwise.providers.aws.compiled.port import AwsPort
start = time.process_time()
found = AwsPort(open_arrays(Path(sys.argv[1]))).alike(0.9)
equal = [one for one in found.groups if one.equal]
print(json.dumps([time.process_time() - start, len(equal), len(found.groups) - len(equal)]))
"""
MOST_DIFF, MOST_ALIKE, MOST_EXPONENT = 20.0, 20.0, 1.1
"""CPU seconds at 100,000 principals, and how time may grow."""


def measure(principals: int, folder: Path) -> tuple[float, float]:
    """Compile both estates and compare them; the CPU seconds of diff and of similar."""
    changed = folder / f"changed-{principals}"
    roles, some = json.loads(run(CHANGE, account(principals), changed).output)
    _, before = make(principals, folder)
    after = folder / f"{principals}-after.lwa"
    compiled(changed, after)
    share = max(1.0, principals / 100_000)
    seconds, changes, cubes = json.loads(run(DIFF, before, after).output)
    note = f"{some} of {roles} roles changed: {changes} principals, {cubes} cubes"
    show("diff of two estates, CPU s", seconds, MOST_DIFF * share, note)
    alike, equal, near = json.loads(run(ALIKE, before).output)
    show("similar, CPU s", alike, MOST_ALIKE * share, f"{equal} groups that are equal, {near} nearly so")
    return seconds, alike


def compiled(source: Path, file: Path) -> None:
    """Compile the exports of a folder."""
    from bench_access import MAKE

    run(MAKE, source, file)


def main() -> int:
    """Measure and print."""
    sizes = sorted(int(one) for one in sys.argv[1:]) or [10_000, 100_000]
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    before: tuple[int, tuple[float, float]] | None = None
    with tempfile.TemporaryDirectory() as name:
        for principals in sizes:
            print(f"{principals} principals")
            found = measure(principals, Path(name))
            if before is not None:
                for what, now, then in zip(("diff", "similar"), found, before[1], strict=True):
                    exponent = math.log(now / then) / math.log(principals / before[0])
                    show(f"growth exponent of {what} from {before[0]}", exponent, MOST_EXPONENT, "")
            before = (principals, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
