"""Names of logs, and of principals of which logs tell no object id.

A log is called `CATEGORY:TENANT`, the category as diagnostic settings write it.
"""

from __future__ import annotations

APPLICATION, CALLER = "application:", "caller:"
"""What stands before an application's id in usage, and before an id of which it is not told what it is of."""


def log_of(category: str, tenant: str) -> str:
    """The name of a log of a tenant."""
    return f"{category}:{tenant.lower()}"
