"""Records written by hand, and the cases that hold them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from leastwise.providers.aws.events.reading import read
from leastwise.providers.aws.events.record import Record

ROOT = Path(__file__).resolve().parents[4]
CASES = ROOT / "tests/cases/aws_events"
LOGS = ROOT.parent / "shared/logs/aws"


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text().splitlines() if line]


def record(**fields: Any) -> Record:
    """A record of AWS's fields; source, name and time have a default."""
    given = {"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "eventTime": "2026-01-31T07:15:00Z"} | fields
    return msgspec.json.decode(msgspec.json.encode(given), type=Record)


@cache
def corpus() -> list[tuple[str, Record]]:
    """The records of the shared logs that are records of CloudTrail, each with its file's name."""
    found = []
    for path in sorted(LOGS.glob("*.jsonl")):
        raws = [msgspec.json.encode(json.loads(line)["raw"]) for line in path.read_bytes().splitlines()]
        found += [(path.stem, one) for raw in raws for one in read(raw).records]
    return found


scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
"""Any value of JSON."""
