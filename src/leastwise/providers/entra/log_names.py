"""Names of logs, addresses of places that they are fetched from, and of principals of which logs tell no object id.

A log is called `CATEGORY:TENANT`, the category as diagnostic settings write it.

- `auditlogs://`: what Graph answers of the audit log and of sign-ins; behind it categories with commas between, none:
  all of them. Pieces are spans of time: `auditlogs://TENANT/directoryAudits/AuditLogs/BEGIN_END/events.jsonl`.
- `activityfeed://`: the unified audit log of Microsoft 365 as its Management Activity API gives it, behind it content
  types; pieces are called as its content is.
- `azblob://`, `loganalytics://`: see `providers.microsoft.log_names`.
"""

from __future__ import annotations

from collections.abc import Collection

from leastwise.errors import UsageError

APPLICATION, CALLER = "application:", "caller:"
"""What stands before an application's id in usage, and before an id of which it is not told what it is of."""
HISTORY, FEED = "auditlogs://", "activityfeed://"


def log_of(category: str, tenant: str) -> str:
    """The name of a log of a tenant."""
    return f"{category}:{tenant.lower()}"


def chosen(url: str, scheme: str, known: Collection[str]) -> list[str]:
    """What a URL names behind its scheme, as it is spelled in `known`; all of it where it names none.

    Raises:
        UsageError: it names something else.
    """
    by_name = {one.lower(): one for one in known}
    named = [one.strip().lower() for one in url.removeprefix(scheme).strip("/").split(",") if one.strip()]
    wrong = [one for one in named if one not in by_name]
    if wrong:
        raise UsageError(f"{url}: {', '.join(wrong)} not known; one of {', '.join(known)}")
    return [by_name[one] for one in dict.fromkeys(named)] or list(known)
