#!/usr/bin/env python3
"""Compile the tables by which CloudTrail events are read into src/leastwise/providers/aws/data/events.lwc.

    build_aws_events.py --map aws_event_to_action.json

Sources: our own tables (data/events/*.yaml) and iam-dataset's map of SDK methods to permissions (MIT), as a JSON file
with `event_source_exceptions` (event source → prefix) and `non_identity` (service → method → permissions), names in
lower case. Only facts are kept. The header of the file names sources, licences and dates; the same sources give the
same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from leastwise.providers.aws.catalog import bundled
from leastwise.providers.aws.catalog.facts import Source
from leastwise.providers.aws.catalog.packed import Packed
from leastwise.providers.aws.events.compile import Map, compile_events
from leastwise.providers.aws.events.tables import FILE

DATA = Path(__file__).resolve().parents[1] / "src/leastwise/providers/aws/data"
ABOUT = Source("iann0036/iam-dataset", "map.json a6e43efa656c", "MIT", "2023-01-01", "2026-11-22")


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile the tables of events.")
    parser.add_argument("--map", type=Path, required=True)
    given = parser.parse_args()
    map = msgspec.json.decode(given.map.read_bytes(), type=Map)
    raw = compile_events(DATA / "events", map, ABOUT, bundled())
    (DATA / FILE).write_bytes(raw)
    print(f"{Packed(FILE, raw).header.counts}, {len(raw)} bytes")


if __name__ == "__main__":
    main()
