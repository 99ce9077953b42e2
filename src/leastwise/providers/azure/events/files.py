"""What the names of files tell: which log of which hour, and which hold no logs that tell of usage.

A diagnostic setting writes to a container for each category, below the resource and the hour:
`insights-logs-storageread/resourceId=/subscriptions/…/y=2026/m=11/d=22/h=08/m=00/PT1H.json`.

https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs#send-to-azure-storage
"""

from __future__ import annotations

import re

from .spelling import RESOURCE_LOGS, of_directory

_CONTAINER = re.compile(r"(?:^|[/\\])insights-(?:logs|metrics)-([A-Za-z0-9-]+)[/\\]")


def skips(name: str) -> str:
    """Why a file holds no log that tells of usage; empty if it may."""
    found = _CONTAINER.search(name)
    if found is None:
        return ""
    if "insights-logs-" in found[0] and (found[1].lower() in RESOURCE_LOGS or of_directory(found[1])):
        return ""
    return f"{found[1].lower()}, of which no table tells the permissions"
