"""Every Google Cloud record of the shared logs is usage with principal and permission, or listed with the reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fakes.shared import SHARED
from leastwise.providers.gcp.events.entry import Entry
from leastwise.providers.gcp.events.principals import who
from leastwise.providers.gcp.events.reading import read
from leastwise.providers.gcp.events.telling import told
from leastwise.providers.gcp.observing.kinds import ADMIN, kind_of
from leastwise.providers.logs.wrapped import Batch

GOLDEN = Path(__file__).parents[2] / "golden/gcp_logs/reasons.json"
pytestmark = pytest.mark.skipif(not (SHARED / "logs/gcp").exists(), reason="the shared records are not here")


def records() -> list[tuple[str, bytes]]:
    """The records, each with its place."""
    found = []
    for file in sorted((SHARED / "logs/gcp").glob("*.jsonl")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            found.append((f"{file.name}:{number}", json.dumps(json.loads(line)["raw"]).encode()))
    for folder in ("audit_log_professional_services", "cloudevents_audit"):
        for file in sorted((SHARED / "samples/gcp" / folder).rglob("*")):
            if file.is_file():
                found.append((file.name, file.read_bytes()))
    return found


def why(batch: Batch[Entry]) -> list[str]:
    """What is to be said of a record: `usage`, or why it is none."""
    said = [f"not read: {one.why.partition(':')[0]}" for one in batch.bad if not one.why.startswith("no JSON")]
    said += [one for one, count in batch.others.items() for _ in range(count)]
    for entry in batch.records:
        by, tells = who(entry), told(entry)
        if by.id and not tells.why:
            said.append("usage")
        elif not by.id:
            said.append(
                f"nobody's: {by.why.partition('(')[0].strip()}"
                if not by.why.startswith("'")
                else "nobody's: no identity"
            )
        else:
            said.append(f"no permission: {tells.why}")
    return said or ["not read: no JSON in it"]


def counted(stamped: bool) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for _, raw in records():
        batch = read(raw)
        if stamped and any("timestamp" in one.why for one in batch.bad):
            value: dict[str, Any] = json.loads(raw)
            batch = read(json.dumps(value | {"timestamp": "2026-11-01T00:00:00Z"}).encode())
        counts.update(why(batch))
    return dict(sorted(counts.items()))


def test_every_record_is_usage_or_listed_with_its_reason() -> None:
    wanted = json.loads(GOLDEN.read_text())
    assert counted(stamped=False) == wanted["as they are"]
    # Many of the records of rule tests have no time, which the lake cannot do without. With one they tell as others do.
    assert counted(stamped=True) == wanted["with a time"]


def test_each_permission_that_an_entry_names_is_told() -> None:
    for place, raw in records():
        for entry in read(raw).records:
            named = [one["permission"] for one in entry.authorization if one.get("permission")]
            tells = told(entry)
            if named and entry.log != "system_event":
                assert tells.permission and not tells.why, place
                assert len(set(named)) == 1 or tells.facts, place


def test_entries_stand_in_the_log_that_the_table_of_pages_says() -> None:
    """The records of others against `data/audit.yaml`: what is ADMIN_WRITE stands in Admin Activity, all else not."""
    compared = Counter[str]()
    otherwise = []
    for place, raw in records():
        for entry in read(raw).records:
            kinds = {kind_of(str(one.get("permission"))) for one in entry.authorization} - {""}
            if kinds and entry.log in ("activity", "data_access"):
                compared[entry.log] += 1
                if (ADMIN in kinds) is not (entry.log == "activity"):
                    otherwise.append(place)
    assert compared["activity"] > 10 and compared["data_access"] > 3, compared
    # A record that was written for a rule's test: `dns.managedZones.get` in the log of Admin Activity.
    assert otherwise == ["panther_tests.jsonl:19"]
