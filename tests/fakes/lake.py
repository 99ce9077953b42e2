"""A usage lake of a few rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import arrow_schema
from leastwise.model.tables.usage import SIGHTINGS, USAGE

BEGIN, END = datetime(2026, 7, 4, tzinfo=UTC), datetime(2026, 10, 31, 20, tzinfo=UTC)
_TRAILS = {"111111111111": "bw-root", "222222222222": "bw-prod", "333333333333": "bw-data"}
"""By account, how the demo company calls its trail's bucket."""


@dataclass(frozen=True)
class Span:
    """From when to when a log of an account is held."""

    provider: str
    account: str
    first: datetime
    last: datetime


def used(
    principal: str, permission: str, when: str, *, count: int = 5, denied: int = 0, bucket: str = ""
) -> dict[str, Any]:
    """A row of `usage`."""
    time = datetime.fromisoformat(when)
    calls = time if count else None
    return {
        "provider": "aws", "account": principal.split(":")[4], "principal": principal, "workload": "",
        "permission": permission, "bucket": bucket, "target": "", "how": "call", "via": "",
        "day": int(time.timestamp() // 86_400), "count": count, "denied": denied, "unknown": 0, "first": time,
        "last": time, "first_used": calls, "last_used": calls, "source": "t",
    }  # fmt: skip


def seen(principal: str, credential: str, when: str) -> dict[str, Any]:
    """A row of `sightings`."""
    time = datetime.fromisoformat(when)
    return {
        "provider": "aws", "account": principal.split(":")[4], "principal": principal, "workload": "",
        "credential": credential, "network": "198.51.100.0/24", "agent": "aws-cli", "mfa": None,
        "day": int(time.timestamp() // 86_400), "count": 1, "denied": 0, "first": time, "last": time, "source": "t",
    }  # fmt: skip


class Lake:
    """What `Workspace.lake` offers to those who read usage.

    Args:
        accounts: of which logs are held.
        usage: rows of `usage`.
        sightings: rows of `sightings`.
        begin, end: what the logs cover.
        lacking: folders whose names hold one of these were not taken in.

    `key` tells lakes apart that hold something else.
    """

    def __init__(
        self,
        accounts: Sequence[str],
        usage: Sequence[dict[str, Any]] = (),
        sightings: Sequence[dict[str, Any]] = (),
        begin: datetime = BEGIN,
        end: datetime = END,
        lacking: Sequence[str] = (),
    ) -> None:
        self.key = repr((accounts, usage, sightings, begin, end, lacking))
        self._usage = pa.Table.from_pylist(list(usage), schema=arrow_schema(USAGE))
        self._sightings = pa.Table.from_pylist(list(sightings), schema=arrow_schema(SIGHTINGS))
        self._spans = [Span("aws", account, begin, end) for account in accounts]
        folders = (
            f"/logs/{_TRAILS.get(one, one)}-trail-logs/AWSLogs/{one}/CloudTrail/{region}/{day:%Y/%m/%d}/"
            for one in accounts
            for region in ("eu-west-1", "us-east-1")
            for day in (begin + timedelta(days=at) for at in range((end.date() - begin.date()).days + 1))
        )
        self._folders = {name: True for name in folders if not any(part in name for part in lacking)}
        self.reads = 0

    def usage(self, *, provider: str | None = None) -> pa.Table:
        """Every row of `usage`."""
        self.reads += 1
        return self._usage

    def sightings(self, *, provider: str | None = None) -> pa.Table:
        """Every row of `sightings`."""
        return self._sightings

    def folders(self, provider: str) -> dict[str, bool]:
        """The folders that logs were taken in from, and whether all of them could be read."""
        return self._folders

    def spans(self) -> list[Span]:
        """What is held."""
        return self._spans


class Asked:
    """Answers of the command line about one home with some lake, each asked for once a process."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, ...], str] = {}

    def ask(self, lake: Lake, arguments: Sequence[str], ask: Callable[[], str], fresh: bool = False) -> Any:
        """The JSON that `ask` prints; a lake of another make, and what is to be `fresh`, is always asked."""
        if fresh or type(lake) is not Lake:
            return json.loads(ask())
        key = (lake.key, *arguments)
        if key not in self._told:
            self._told[key] = ask()
        return json.loads(self._told[key])
