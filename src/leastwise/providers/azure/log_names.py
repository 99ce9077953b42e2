"""Names of logs, addresses of places that logs are fetched from, and the names of their pieces.

By the name of a piece the lake tells what it holds (docs/decisions/0031-azure-logs.md).

- `activity://subscriptions/ID`, `activity://managementGroups/NAME`, `activity://tenant`: the Activity Log as Azure
  itself keeps it; several with commas between. Pieces are spans of time.
- `azblob://` and `loganalytics://`: see `providers.microsoft.log_names`.
"""

from __future__ import annotations

import re

from leastwise.errors import UsageError

from .language.ids import ROOT
from .tree import MANAGEMENT_GROUPS, SUBSCRIPTIONS

ACTIVITY, KIND = "activity://", "activity"
APPLICATION, CALLER = "application:", "caller:"
"""What stands before an application's id in usage, and before a caller of which it is not told what the id is of."""
TENANT, GROUP = "tenant", "managementGroups/"
FILES = re.compile(
    r"(?:^|(?P<before>.*)/)(?P<container>insights-activity-logs|insights-logs-[a-z0-9-]+)/resourceId=(?P<on>/.+?)"
    r"/y=(?P<year>\d{4})/m=(?P<month>\d\d)/d=(?P<day>\d\d)(?:/h=\d\d(?:/m=\d\d)?)?/?",
    re.IGNORECASE,
)
"""A folder of what a diagnostic setting writes of a day."""
_CONTAINER = re.compile(r"subscriptions/[0-9a-fA-F-]{36}|managementGroups/[-\w().]{1,90}")


def log_of(kind: str, key: str) -> str:
    """The name of a log: of the Activity Log (`KIND`) or a category, of what has this key."""
    return f"{kind}:{key.replace(' ', '%20')}"


def activity_of(account: str, kind: str) -> str:
    """The name of the Activity Log of an account: of a subscription, a management group, or the tenant (by kind)."""
    prefix = {"subscription": SUBSCRIPTIONS, "management_group": MANAGEMENT_GROUPS}.get(kind)
    return log_of(KIND, ROOT if prefix is None else f"{prefix}{account}".lower())


def container_of(key: str) -> str:
    """How pieces of the Activity Log call what has the id or key of a subscription, a management group, or `/`."""
    if key == ROOT:
        return TENANT
    name = key.rpartition("/")[2]
    return f"subscriptions/{name}" if key.lower().startswith(SUBSCRIPTIONS) else f"{GROUP}{name}"


def key_of(container: str) -> str:
    """The key of what pieces of the Activity Log call so."""
    if container == TENANT:
        return ROOT
    if container.startswith(GROUP):
        return f"{MANAGEMENT_GROUPS}{container.removeprefix(GROUP)}".lower()
    return f"/{container}".lower()


def containers_of(url: str) -> list[str]:
    """The containers of `activity://subscriptions/ID` and the like, several with commas between; none: all.

    Raises:
        UsageError: it is none.
    """
    if url.rstrip("/") == ACTIVITY.rstrip("/"):
        return []
    several = [one.strip("/") for one in url.removeprefix(ACTIVITY).split(",")]
    for one in several:
        if one != TENANT and not re.fullmatch(
            r"(?:subscriptions/[0-9a-fA-F-]{36}|managementGroups/[-\w().]{1,90})", one
        ):
            kinds = f"{ACTIVITY}subscriptions/ID, {ACTIVITY}managementGroups/NAME or {ACTIVITY}{TENANT}"
            raise UsageError(f"{url}: is no {kinds}")
    return list(dict.fromkeys(one if one == TENANT or one.startswith(GROUP) else one.lower() for one in several))
