"""Fetches logs from S3 by small batches, `python -m fakes.fetching HOME URL`; tests kill it."""

from __future__ import annotations

import sys
from pathlib import Path

from leastwise.app import events
from leastwise.app.fetching import Wanted, fetch_in
from leastwise.app.wiring import Workspace


def main() -> None:
    """Prints how many events were new."""
    home, url = sys.argv[1:]
    events._FILES = 5  # type: ignore[attr-defined]
    print(fetch_in(Workspace(Path(home)), Wanted(url)).taken.new, flush=True)


if __name__ == "__main__":
    main()
