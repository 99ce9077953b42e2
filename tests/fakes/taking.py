"""Takes logs in by small batches, `python -m fakes.taking HOME LOGS [LIMIT]`; tests kill it or fill the disk."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from leastwise.app import events, log_reading
from leastwise.app.wiring import Workspace
from leastwise.errors import StorageFullError


def main() -> None:
    """Exit code 3 when the disk is full; the batches that were written count."""
    home, logs, *limit = sys.argv[1:]
    log_reading._BATCH = 2_000 if limit else 200
    workspace = Workspace(Path(home))
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit[0]), int(limit[0])))
    print("begun", flush=True)
    try:
        done = events.take_in(workspace, [Path(logs)])
    except StorageFullError as error:
        print(error)
        sys.exit(3)
    print(done.new, flush=True)


if __name__ == "__main__":
    main()
