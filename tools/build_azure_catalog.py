#!/usr/bin/env python3
"""Compile what Microsoft publishes for everyone into src/leastwise/providers/azure/data/facts.lwc.

    build_azure_catalog.py FOLDER [--date YYYY-MM-DD]

FOLDER holds `azure_builtin_roles.json` (built-in roles, iann0036/iam-dataset, MIT) and
`azure_operations_catalogue.jsonl` (operations with planes: those of the roles and of the map of REST calls of the same
dataset, and awsles/AzureServices, MIT). `--date` is the day of the roles. Names, planes, patterns and conditions are
kept, no prose. The same sources on the same day give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from leastwise.providers.azure.catalog import FILE
from leastwise.providers.azure.catalog.compile import compile_catalog
from leastwise.providers.azure.catalog.packed import Packed
from leastwise.providers.azure.language.operations import Plane
from leastwise.providers.azure.language.roles import parse_role
from leastwise.providers.packed import Source

DATA = Path(__file__).resolve().parents[1] / "src/leastwise/providers/azure/data"
DATE, SERVICES = "2026-08-22", "2023-08"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile the Azure catalogue.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--date", default=DATE)
    given = parser.parse_args()
    today = datetime.now(UTC).date().isoformat()
    folder: Path = given.folder
    roles = [parse_role(one) for one in json.loads((folder / "azure_builtin_roles.json").read_text())]
    operations: dict[str, frozenset[Plane]] = {}
    for line in (folder / "azure_operations_catalogue.jsonl").read_text().splitlines():
        one = json.loads(line)
        operations[one["action"].strip()] = frozenset(map(Plane, one["planes"]))
    sources = [
        Source("iann0036/iam-dataset", given.date, "MIT", given.date, today),
        Source("awsles/AzureServices", SERVICES, "MIT", "", today),
    ]
    raw = compile_catalog(roles, operations, sources)
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / FILE).write_bytes(raw)
    print(f"{Packed(FILE, raw).header.counts}, {len(raw)} bytes")


if __name__ == "__main__":
    main()
