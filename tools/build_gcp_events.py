#!/usr/bin/env python3
"""Compile what methods need into src/leastwise/providers/gcp/data/methods.lwc.

    build_gcp_events.py FOLDER [--date YYYY-MM-DD] [--compiled YYYY-MM-DD]

FOLDER holds `gcp_method_to_permission.json` and `method_permissions.jsonl` (iann0036/iam-dataset, MIT). Where the two
differ the permissions of both may be needed. The same sources on the same day give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from leastwise.providers.gcp.events.methods import FILE, compile_methods
from leastwise.providers.packed import Source

DATA = Path(__file__).resolve().parents[1] / "src/leastwise/providers/gcp/data"
DATE = "2026-08-22"


def read(folder: Path) -> dict[str, list[str]]:
    """Permissions by method, as discovery documents name it."""
    found: dict[str, list[str]] = {}
    for line in (folder / "method_permissions.jsonl").read_text().splitlines():
        row = json.loads(line)
        found[row["method"]] = list(row["permissions"])
    told = json.loads((folder / "gcp_method_to_permission.json").read_text())["method_permissions"]
    for method, permissions in told.items():
        found[method] = list(dict.fromkeys((*permissions, *found.get(method, ()))))
    return dict(sorted(found.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile the methods of Google Cloud.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--date", default=DATE)
    parser.add_argument("--compiled", default=datetime.now(UTC).date().isoformat())
    given = parser.parse_args()
    raw = compile_methods(
        read(given.folder), [Source("iann0036/iam-dataset", given.date, "MIT", given.date, given.compiled)]
    )
    (DATA / FILE).write_bytes(raw)
    print(f"{len(raw)} bytes")


if __name__ == "__main__":
    main()
