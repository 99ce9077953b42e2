"""What benchmarks share: processes measured from outside, generated accounts, and lines that hold a figure to a limit.

Accounts come from ../shared/bench/gen_aws_account.py with the AWS managed policies that moto ships, and are kept in the
user's cache folder. Every job is a process of its own, with compiled modules as an installed program has them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "leastwise-bench"
GENERATOR = ROOT.parent / "shared" / "bench" / "gen_aws_account.py"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost: CPU time (user and system) and wall time in seconds, most memory in MiB, what it printed."""

    cpu: float
    wall: float
    mib: float
    output: str


def run(code: str, *arguments: str | Path, python: str = sys.executable) -> Cost:
    """Run Python code in a process of its own; `python` is whose interpreter."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(CACHE / "pycache"), "PYTHONPATH": str(ROOT / "src")}
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen([python, "-c", code, *map(str, arguments)], stdout=output, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"a measured process ended with {process.returncode}")
        output.seek(0)
        return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, output.read())


def managed_policies() -> Path:
    """The AWS managed policies that moto ships, one file a policy."""
    folder = CACHE / "policies"
    if not folder.exists():
        from moto.iam.aws_managed_policies import aws_managed_policies_data

        draft = CACHE / "policies.new"
        draft.mkdir(parents=True, exist_ok=True)
        for name, policy in json.loads(aws_managed_policies_data).items():
            (draft / f"{name}.json").write_text(json.dumps({"document": policy["Document"]}))
        draft.rename(folder)
    return folder


def account(principals: int) -> Path:
    """A generated account with this many principals."""
    folder = CACHE / f"principals-{principals}"
    if not folder.exists():
        draft = CACHE / f"principals-{principals}.new"
        options = ["--principals", str(principals), "--seed", "1", "--managed-policies", str(managed_policies())]
        subprocess.run([sys.executable, str(GENERATOR), *options, "--out", str(draft)], check=True)
        (draft / "ground-truth.json").unlink(missing_ok=True)
        draft.rename(folder)
    return folder


def show(what: str, value: float, limit: float, note: str) -> None:
    """One line: the figure, its limit, the ratio of both, and whether it is kept."""
    verdict = "PASS" if value <= limit else "over"
    print(f"{verdict}  {what:46} {value:8.2f}  limit {limit:8.2f}  ratio {value / limit:5.2f}  {note}")
