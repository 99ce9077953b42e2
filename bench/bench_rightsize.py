"""A recommendation with proof and replay for every principal of an account; prints ratios to the limits.

The account and its CloudTrail logs are the generators', imported and taken in before. Measured is the CPU time (user
and system) of a whole process that recommends, proves and replays for everybody; no generated trail says what it
records, so that what no log shows is cut too. That nothing recorded breaks and that every proof holds is printed, and
a fault ends with code 1; a slow machine is no error.

Usage: ./x bench bench_rightsize [PRINCIPALS [EVENTS]] (default: 10000 400000).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import CACHE, GENERATOR, ROOT, account, run, show

MOST_CPU, MOST_MIB = 60.0, 3_072.0
TRAILS = ROOT.parent / "shared" / "bench" / "gen_cloudtrail.py"
COMMAND = """
import sys
from leastwise.cli.main import main
if __name__ == "__main__":
    sys.argv = ["leastwise", *sys.argv[1:]]
    main()
"""
EVERYONE = """
import json, sys
from pathlib import Path
from leastwise.app.each import open_each
from leastwise.app.gap import GapOf
from leastwise.app.rightsizing import Rightsizing, Wish
from leastwise.app.wiring import Workspace
here = Workspace(home_option=Path(sys.argv[1]))
[asking] = [one for one in open_each(here, None, None) if one.provider == "aws"]
found = dict.fromkeys(("principals", "ready", "broken", "refuted", "calls"), 0)
for one in Rightsizing(GapOf.opened(here, asking, "90d"), Wish(0, False, False)).everyone():
    found["principals"] += 1
    found["ready"] += one.ready
    found["broken"] += one.replay is not None and bool(one.replay.broken)
    found["refuted"] += one.proof is not None and not one.proof.holds
    found["calls"] += 0 if one.replay is None else one.replay.calls
print(json.dumps(found))
"""


def trails(folder: Path, principals: int, events: int) -> Path:
    """Generated logs of an account."""
    made = CACHE / f"trails-{principals}-{events}"
    if not made.exists():
        draft = made.with_suffix(".new")
        options = ["--account", str(folder), "--events", str(events), "--days", "120", "--out", str(draft)]
        subprocess.run([sys.executable, str(TRAILS), *options], check=True, stdout=subprocess.DEVNULL)
        draft.rename(made)
    return made


def main() -> int:
    """Measure and print."""
    principals, events = (int(sys.argv[at]) if len(sys.argv) > at else most for at, most in ((1, 10_000), (2, 400_000)))
    if not GENERATOR.exists():
        print(f"skipped: {GENERATOR} is not there")
        return 0
    folder = account(principals)
    logs = trails(folder, principals, events)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        run(COMMAND, "import", folder / "accounts", "--taken", "2026-05-01T00:00:00Z", "--home", home)
        run(COMMAND, "events", logs, "--home", home)
        run(COMMAND, "who-can", "s3:GetObject", "--home", home, "--format", "json")  # compiles the estate
        cost = run(EVERYONE, home)
    told = json.loads(cost.output)
    print(f"{told['principals']} principals, {told['calls']} calls replayed: {told['ready']} ready")
    print(f"{told['broken']} would break a call, {told['refuted']} are not proved")
    scaled = cost.cpu * 10_000 / told["principals"]
    show("recommendations, CPU s for 10,000", scaled, MOST_CPU, f"{1000 * cost.cpu / told['principals']:.1f} ms each")
    show("peak MiB", cost.mib, MOST_MIB, "")
    return 1 if told["broken"] or told["refuted"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
