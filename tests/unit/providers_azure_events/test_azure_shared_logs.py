"""Every Azure record of the shared logs is usage with principal and permission, or listed with the reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fakes.shared import SHARED as _SHARED
from leastwise.providers.azure.events.principals import who
from leastwise.providers.azure.events.reading import read
from leastwise.providers.azure.events.resources import touched
from leastwise.providers.azure.events.telling import told

SHARED = _SHARED / "logs/azure"
GOLDEN = Path(__file__).parents[2] / "golden/azure_logs/reasons.json"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the shared records are not here")


def records() -> list[tuple[str, dict[str, Any]]]:
    """The records, each with its place."""
    found = []
    for file in sorted(SHARED.glob("*.jsonl")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            row = json.loads(line)
            found.append((f"{file.name}:{number}", row.get("raw") or row["log"]))
    return found


def why(record: dict[str, Any]) -> str:
    """What is to be said of a record: `usage`, or why it is none."""
    batch = read(json.dumps(record).encode())
    said = [f"not read: {one.why}" for one in batch.bad] + [f"not usage: {one}" for one in batch.others]
    said += [f"read by {one}" for one in batch.elsewhere]
    for one in batch.records:
        by, tells = who(one), told(one, touched(one))
        said.append("usage" if by.id and not tells.why else f"nobody's: {by.why}" if not by.id else tells.why)
    [only] = said
    return only


def counted(stamp: dict[str, str], claims: dict[str, str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for _, record in records():
        said = why(record)
        if stamp and said == "not read: has no time":
            said = why(record := record | stamp)
        if claims and said == "nobody's: the record names no caller" and record.get("category") == "Administrative":
            said = why(record | {"identity": {"claims": claims}})
        counts[said] += 1
    return dict(sorted(counts.items()))


def test_every_record_is_usage_or_listed_with_its_reason() -> None:
    wanted = json.loads(GOLDEN.read_text())
    assert counted({}, {}) == wanted["as they are"]
    # Some have no time, which the lake cannot do without; most were written for tests of rules, and name no caller.
    stamp, claims = {"time": "2026-11-01T00:00:00Z"}, {"oid": "d9da5048-2737-4770-bd64-00000000000a"}
    assert counted(stamp, {}) == wanted["with a time"]
    assert counted(stamp, claims) == wanted["with a time and a caller"]


def test_every_operation_of_the_activity_log_resolves() -> None:
    seen = Counter[str]()
    for place, record in records():
        for one in read(json.dumps(record | {"time": "2026-11-01T00:00:00Z"}).encode()).records:
            tells = told(one, touched(one))
            assert tells.permission and not tells.why, place
            seen[one.log] += 1
    assert seen["activity"] > 80 and seen["StorageRead"] >= 4 and seen["AuditEvent"] == 2, seen
