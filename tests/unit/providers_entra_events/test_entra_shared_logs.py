"""Every record of the directory and of Microsoft 365 in the shared logs is usage, or listed with the reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fakes.shared import SHARED
from leastwise.providers.entra.events.reading import read
from leastwise.providers.entra.events.telling import told

GOLDEN = Path(__file__).parents[2] / "golden/entra_logs/reasons.json"
pytestmark = pytest.mark.skipif(not (SHARED / "logs/m365").exists(), reason="the shared records are not here")


def records(folder: str) -> list[dict[str, Any]]:
    """The records of a folder."""
    found = []
    for file in sorted((SHARED / "logs" / folder).iterdir()):
        for line in file.read_text().splitlines():
            row = json.loads(line) if line.strip() else {}
            if row:
                found.append(row.get("raw") or row.get("log") or row)
    return found


def why(record: dict[str, Any]) -> str:
    """What is to be said of a record."""
    batch = read(json.dumps(record).encode())
    said = [f"not read: {one.why}" for one in batch.bad] + [f"not usage: {one}" for one in batch.others]
    said += [f"read by {one}" for one in batch.elsewhere]
    for one in batch.records:
        mine = told(one)[0]
        used = "usage" if mine.facts else "sign-in" if mine.what == "sign_in" else mine.why
        said.append(used if mine.by.id else f"nobody's: {mine.by.why}")
        assert mine.name and (mine.by.id or mine.by.why)
    [only] = said
    return only


@pytest.mark.parametrize("folder", ["m365", "azure"])
def test_every_record_is_usage_or_listed_with_its_reason(folder: str) -> None:
    counts = Counter(map(why, records(folder)))
    assert dict(sorted(counts.items())) == json.loads(GOLDEN.read_text())[folder]


def test_what_azure_leaves_to_the_directory_is_read_there() -> None:
    from leastwise.providers.azure.events.reading import read as read_azure

    left = [one for one in records("azure") if read_azure(json.dumps(one).encode()).elsewhere]
    assert len(left) == 40
    told_of = [read(json.dumps(one).encode()) for one in left]
    # One that somebody cut out of a record has no time.
    assert Counter(len(one.records) for one in told_of) == {1: 39, 0: 1}
    assert [bad.why for one in told_of for bad in one.bad] == ["has no time"]
