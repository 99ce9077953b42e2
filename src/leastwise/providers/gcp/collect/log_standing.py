"""What Cloud Logging surely has of a container's audit logs, and from when on.

Admin Activity and System Event logs lie in the bucket `_Required` for 400 days, which nobody can alter. Data Access
and Policy Denied logs lie where a sink of the container (`_Default`) puts them, as long as that bucket keeps them. Who
lacks `logging.privateLogEntries.list` is given a list without Data Access logs, and no error.

https://docs.cloud.google.com/logging/docs/audit#audit_log_storage_and_routing
https://docs.cloud.google.com/logging/docs/routing/overview
https://docs.cloud.google.com/logging/docs/access-control (private logs)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from leastwise.providers.gcp.log_names import DATA_ACCESS
from leastwise.providers.gcp.observing.sinks import taken
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.session import Ask

from .log_access import Access

REQUIRED = timedelta(days=400)
LISTING, PRIVATE = "logging.logEntries.list", "logging.privateLogEntries.list"
SCOPES = ("logging.read",)
API = "https://logging.googleapis.com/v2"
MARGIN = timedelta(hours=1)
"""So much of the oldest time is let go, as a run takes time."""
_MANAGER = "https://cloudresourcemanager.googleapis.com/v3"
_LOGGING = "logging.googleapis.com/"
_NOT = re.compile(r'NOT\s+(?:LOG_ID|log_id)\("([^"]+)"\)')


@dataclass(frozen=True, slots=True)
class Standing:
    """From when on Data Access logs of a container are surely there; None: not surely at all, `why` says the cause.

    `intercepts`: a sink of it keeps logs of what lies below from their own buckets.
    """

    data_since: datetime | None = None
    why: str = ""
    intercepts: bool = False


def standing(access: Access, container: str, now: datetime) -> Standing:
    """What is surely there of a container; what cannot be asked is not sure."""
    try:
        sinks = list(access.listed(f"{API}/{container}/sinks", {"pageSize": 1000}, "sinks"))
    except RestFailed as error:
        return Standing(why=f"its sinks cannot be read (logging.sinks.list): {error}")
    intercepts = any(one.get("interceptChildren") is True and one.get("disabled") is not True for one in sinks)
    try:
        if not _private(access, container):
            return Standing(None, f"{PRIVATE} is not held, without which Data Access logs are left out", intercepts)
    except RestFailed as error:
        return Standing(None, f"whether {PRIVATE} is held cannot be asked: {error}", intercepts)
    keeping = [one for one in sinks if _keeps(one)]
    if not keeping:
        return Standing(None, "no sink surely puts Data Access logs whole into a log bucket", intercepts)
    since, why = None, ""
    for one in keeping:
        try:
            found = _since(access, one, now)
        except RestFailed as error:
            why = f"how long they are kept cannot be read (logging.buckets.get): {error}"
            continue
        since = found if since is None else min(since, found)
    return Standing(since, "" if since else why, intercepts)


def within(told: Mapping[str, Standing], above: Mapping[str, str]) -> dict[str, Standing]:
    """What is surely there of containers, where a sink of what they lie in may have kept their logs from them.

    https://docs.cloud.google.com/logging/docs/export/aggregated_sinks (sinks that intercept)
    """
    found = {}
    for container, state in told.items():
        path = [container]
        while (parent := above.get(path[-1], "")) and parent not in path:
            path.append(parent)
        keeping = next((one for one in path[1:] if one in told and told[one].intercepts), "")
        why = f"a sink of {keeping} keeps logs of what lies below from their own buckets"
        found[container] = Standing(None, why, state.intercepts) if keeping else state
    return found


def _private(access: Access, container: str) -> bool:
    """Whether Data Access logs may be read. RestFailed when it cannot be asked."""
    if container.startswith("billingAccounts/"):
        url = f"https://cloudbilling.googleapis.com/v1/{container}:testIamPermissions"
    else:
        url = f"{_MANAGER}/{container}:testIamPermissions"
    told = access.ask(Ask("POST", url, body={"permissions": [PRIVATE]}), ("cloud-platform",))
    return PRIVATE in (told.get("permissions") or ())


def _keeps(sink: Mapping[str, Any]) -> bool:
    """Whether a sink surely puts the whole Data Access log into a bucket of Cloud Logging."""
    if sink.get("disabled") is True or not str(sink.get("destination", "")).startswith(_LOGGING):
        return False
    if any(one.get("disabled") is not True for one in sink.get("exclusions") or () if isinstance(one, dict)):
        return False
    filter = str(sink.get("filter") or "").strip()
    left_out = [_NOT.fullmatch(term.strip()) for term in re.split(r"\s+AND\s+", filter)]
    if all(left_out):
        return all(found is not None and not found[1].endswith(f"/{DATA_ACCESS}") for found in left_out)
    return DATA_ACCESS in taken(filter)


def _since(access: Access, sink: Mapping[str, Any], now: datetime) -> datetime:
    """From when on everything is there: as long as the bucket keeps it, as the sink and the bucket stood since then."""
    told = access.ask(Ask("GET", f"{API}/{str(sink['destination']).removeprefix(_LOGGING)}"), SCOPES)
    days = told.get("retentionDays")
    kept = now - timedelta(days if isinstance(days, int) and days > 0 else 30) + MARGIN
    return max(kept, *(_time(one.get("updateTime") or one.get("createTime")) for one in (sink, told)))


def _time(written: object) -> datetime:
    """A time as the API writes it; what has none has always been so."""
    try:
        return datetime.fromisoformat(str(written)).astimezone(UTC) if written else datetime.min.replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
