"""All of the demo's audit logs written into files: `python -m leastwise.demo.every_log DATA TARGET`."""

from __future__ import annotations

import sys
from pathlib import Path

from . import logs, shaped_logs


def write_every(data: Path, target: Path) -> None:
    """Write the log files of each provider below a folder, under its name; `data` holds them packed."""
    logs.write_logs(data / logs.PACKED, target / "aws")
    for provider, name in shaped_logs.PACKED.items():
        shaped_logs.write_logs(data / name, target / provider)


if __name__ == "__main__":
    write_every(*map(Path, sys.argv[1:]))
