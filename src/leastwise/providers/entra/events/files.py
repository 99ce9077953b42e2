"""Which files hold no logs that tell of usage, by their names.

A diagnostic setting of the directory writes a container for each category, below the tenant and the hour:
`insights-logs-auditlogs/tenantId=ID/y=2026/m=11/d=22/h=08/m=00/PT1H.json`.

https://learn.microsoft.com/entra/identity/monitoring-health/howto-archive-logs-to-storage-account
"""

from __future__ import annotations

import re

_CONTAINER = re.compile(r"(?:^|[/\\])insights-metrics-[a-z0-9-]+[/\\]", re.IGNORECASE)


def skips(name: str) -> str:
    """Why a file holds no log that tells of usage; empty if it may."""
    return "measures, which are no log" if _CONTAINER.search(name) else ""
