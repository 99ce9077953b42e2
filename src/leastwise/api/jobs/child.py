"""The process of one job: `python -m leastwise.api.jobs.child`.

The first line of its input says what to do (no argument: a database's URL may hold a password), and the input stays
open: where it ends, the server is gone, and the job stops as by Ctrl-C. Each line of its output is JSON: how far it
is, and last what came of it, or why it failed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from leastwise.app.job_kinds import KINDS
from leastwise.app.wiring import Workspace, disconnect
from leastwise.errors import LeastwiseError

_EVERY = 0.5
"""Seconds between two lines of progress."""


def main() -> int:
    """Does the job; 0 where it is done, 1 where it failed."""
    # What libraries print must not end up among the lines that the server reads.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    told = json.loads(sys.stdin.readline())
    threading.Thread(target=_watch, daemon=True).start()
    try:
        made = _work(told, out)
    except KeyboardInterrupt:
        return 130
    except LeastwiseError as error:
        out.write(json.dumps({"error": str(error)}) + "\n")
        return 1
    finally:
        disconnect()
    out.write(json.dumps({"result": made}, default=str) + "\n")
    return 0


def _work(told: dict[str, Any], out: Any) -> Any:
    last = 0.0

    def report(text: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY or (total and done == total):
            last = now
            out.write(json.dumps({"told": text, "done": int(done), "total": int(total)}) + "\n")

    workspace = Workspace(Path(told["home"]), told["database"])
    return KINDS[told["kind"]].work(workspace, told["asked"], report)


def _watch() -> None:
    """Stops this process and those that it began, as Ctrl-C does, when its server is gone."""
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
