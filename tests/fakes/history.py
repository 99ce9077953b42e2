"""CloudTrail's event history, which moto does not have: events by region, pages of fifty, two requests a second."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .aws import Refused
from .aws_wire import Request

LIMIT = 2
"""Requests a second in an account and region; so many may come at once after a pause."""


@dataclass
class History:
    """What was called by account and region; `limited` refuses whoever asks faster than AWS allows."""

    events: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    limited: bool = False
    refused: int = 0
    _left: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, events: Iterable[dict[str, Any]], region: str = "us-east-1", account: str = "222222222222") -> None:
        """Add records; those of data events are never in the history."""
        self.events[account, region] += [one for one in events if one["eventCategory"] != "Data"]

    def answers(self) -> dict[str, Any]:
        """For `FakeAws`."""
        return {"cloudtrail.LookupEvents": self.look_up}

    def look_up(self, request: Request) -> dict[str, Any]:
        """A page, the newest first, of what was called between two times."""
        place = request.account, request.region
        with self._lock:
            now = time.monotonic()
            left, before = self._left.get(place, (float(LIMIT), now))
            left = min(float(LIMIT), left + (now - before) * LIMIT)
            allowed = left >= 1 or not self.limited
            self._left[place] = (left - 1 if allowed else left), now
            if not allowed:
                self.refused += 1
                raise Refused("ThrottlingException", "Rate exceeded", 400)
        asked = request.parameters
        begin, end = float(asked["StartTime"]), float(asked["EndTime"])
        found = [one for one in self.events[place] if begin <= _seconds(one) <= end]
        found.sort(key=_seconds, reverse=True)
        start, size = int(asked.get("NextToken") or 0), min(50, int(asked.get("MaxResults") or 50))
        answer: dict[str, Any] = {"Events": [_told(one) for one in found[start : start + size]]}
        if start + size < len(found):
            answer["NextToken"] = str(start + size)
        return answer


def _seconds(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["eventTime"]).timestamp()


def _told(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "EventId": event["eventID"], "EventName": event["eventName"], "EventSource": event["eventSource"],
        "EventTime": datetime.fromtimestamp(_seconds(event), UTC), "ReadOnly": str(event["readOnly"]).lower(),
        "Username": event["userIdentity"].get("userName", ""), "CloudTrailEvent": json.dumps(event),
    }  # fmt: skip
