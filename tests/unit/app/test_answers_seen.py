"""What an answer says of the estate to one who sees some of its accounts."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from leastwise.app.answers.seen import Seeing
from leastwise.app.duties import Sight


def entry(account: str, day: int) -> Any:
    scope = SimpleNamespace(provider="aws", id=account, key=f"aws:{account}")
    manifest = SimpleNamespace(id=f"{account}-{day}", time=datetime(2026, 11, day, tzinfo=UTC)) if day else None
    return SimpleNamespace(scope=scope, manifest=manifest, stale=not day)


def test_the_age_of_what_is_out_of_sight_is_not_told() -> None:
    entries = [entry("1", 3), entry("2", 9), entry("3", 0)]
    opened: Any = SimpleNamespace(estate=SimpleNamespace(entries=entries), gaps=lambda: [])
    header = {"time": "now", "oldest": "2026-11-03T00:00:00+00:00", "snapshots": ["1-3", "2-9"], "stale": ["aws:3"]}
    for place, oldest, snapshots in (
        ("aws:2", "2026-11-09T00:00:00+00:00", ["2-9"]),
        ("aws:1", "2026-11-03T00:00:00+00:00", ["1-3"]),
        ("aws:3", None, []),
    ):
        told = Seeing(opened, Sight.of([place])).envelope({"estate": header})["estate"]
        assert (told["oldest"], told["snapshots"], told["time"]) == (oldest, snapshots, "now")
    assert Seeing(opened, Sight.of(["*"])).envelope({"estate": header})["estate"] == header
