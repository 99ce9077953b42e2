"""In which log a use of a permission stands.

- `* audit`: actions of which pages say that they are recorded, each as an activity that is known to be it.
- `* graph`: permissions of Graph that a known request needs. Every request has a record, by whichever tool it came.
- `* read`: actions that only read: the audit log tells changes.

https://learn.microsoft.com/entra/identity/monitoring-health/concept-audit-logs
https://learn.microsoft.com/graph/microsoft-graph-activity-logs-overview
"""

from __future__ import annotations

from functools import lru_cache

from leastwise.providers.entra import catalog
from leastwise.providers.entra.events.activities import shown
from leastwise.providers.entra.language.actions import ActionError, is_action, parse_action

AUDITED, ASKED, READS = "* audit", "* graph", "* read"


def family(permission: str) -> str:
    """What a permission is told together with; empty where no page that was read tells of its uses."""
    return _family(catalog.current(), permission)


@lru_cache(maxsize=1 << 14)
def _family(facts: catalog.Catalog, permission: str) -> str:
    if permission in facts.breadth:
        return ASKED
    try:
        action = parse_action(permission) if is_action(permission) else None
    except ActionError:
        return ""
    if action is None:
        return ""
    if action.reads:
        return READS
    return AUDITED if shown(str(action)) else ""
