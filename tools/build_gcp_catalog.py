#!/usr/bin/env python3
"""Compile what Google publishes for everyone into src/leastwise/providers/gcp/data/facts.lwc.

    build_gcp_catalog.py FOLDER [--date YYYY-MM-DD]

FOLDER holds `predefined_roles.jsonl` and `tags.json` (iann0036/iam-dataset, MIT), `service_mapping.json` (the same),
`testable_*_permissions.txt` and `service_agent_patterns.json` (NetSPI/gcpwn, BSD-3-Clause). `--date` is the day of
the roles. Names, stages and titles are kept, no prose. The same sources on the same day give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from leastwise.providers.gcp.catalog import FILE
from leastwise.providers.gcp.catalog.compile import Others, compile_catalog
from leastwise.providers.gcp.catalog.packed import LEVELS, Packed
from leastwise.providers.gcp.catalog.published import read_roles
from leastwise.providers.packed import Source

DATA = Path(__file__).resolve().parents[1] / "src/leastwise/providers/gcp/data"
DATE, OTHERS_VERSION = "2026-08-22", "2026-07"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile the Google Cloud catalogue.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--date", default=DATE)
    given = parser.parse_args()
    today = datetime.now(UTC).date().isoformat()
    folder: Path = given.folder
    roles = read_roles(folder / "predefined_roles.jsonl")
    others = Others(
        {level: (folder / f"testable_{level}_permissions.txt").read_text().split() for level in LEVELS},
        json.loads((folder / "tags.json").read_text())["iam"],
        sorted({(one["service_name"], one["pattern"]) for one in read(folder, "service_agent_patterns.json")}),
        read(folder, "service_mapping.json")["iam"],
    )
    sources = [
        Source("iann0036/iam-dataset", given.date, "MIT", given.date, today),
        Source("NetSPI/gcpwn", OTHERS_VERSION, "BSD-3-Clause", "", today),
    ]
    raw = compile_catalog(roles, others, sources)
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / FILE).write_bytes(raw)
    print(f"{Packed(FILE, raw).header.counts}, {len(raw)} bytes")


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


if __name__ == "__main__":
    main()
