"""What the names of files tell: which log of which day, and which hold no audit logs.

A sink writes to a bucket below the log's name and the day, a file an hour: `cloudaudit.googleapis.com/activity/
2026/11/21/08:00:00_08:59:59_S0.json`, also with shards and addenda (`A0`).

https://docs.cloud.google.com/logging/docs/export/storage#gcs-organization
"""

from __future__ import annotations

import re

_PLACE = re.compile(
    r"(?P<log>[A-Za-z0-9._%-]+(?:[/\\][A-Za-z0-9._%-]+)*?)[/\\](?P<day>\d{4}[/\\]\d\d[/\\]\d\d)[/\\]"
    r"(?P<hour>\d\d[:_]\d\d[:_]\d\d)_\d\d[:_]\d\d[:_]\d\d_[SA]\d+(?:[_A]\w+)?\.json(?:\.gz)?$"
)
_AUDIT = "cloudaudit.googleapis.com"


def skips(name: str) -> str:
    """Why a file holds no audit logs; empty if it may."""
    found = _PLACE.search(name)
    return "" if found is None or _AUDIT in found["log"] else "no audit log"


def order(name: str) -> str:
    """A key by which names sort as the times that they tell; those that tell none come last, by name."""
    found = _PLACE.search(name)
    if found is None:
        return f"1{name}"
    return f"0{found['day'].replace(chr(92), '/')}/{found['hour'].replace('_', ':')}"


def called(id: str) -> tuple[str, ...]:
    """The other names by which records of changes call what has an id: none, since they name it as policies do."""
    return ()
