"""Where Azure's logs lie, what reading them costs, and which places together have all for the least.

The Activity Log of the last 90 days is Azure's to ask, free of charge. What is older, and logs of resources, lie where
diagnostic settings of the snapshots send them: in storage accounts and workspaces. Event hubs keep nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta

from leastwise.providers.azure.events.spelling import RESOURCE_LOGS
from leastwise.providers.azure.log_names import ACTIVITY, KIND
from leastwise.providers.azure.observing.settings import SETTINGS
from leastwise.providers.base import ScopeTables
from leastwise.providers.fetching import Place, Survey, Wanted
from leastwise.providers.logs.surveying import cheapest
from leastwise.providers.microsoft.log_survey import found, looked, prices, settings
from leastwise.providers.microsoft.settings import Setting

from .log_access import Access
from .log_activity import DAYS

_SPACES = ("/providers/microsoft.keyvault/vaults/", "/providers/microsoft.storage/storageaccounts/")
"""Of what a group of categories has some that are read."""


def survey(wanted: Wanted, known: Sequence[ScopeTables]) -> Survey:
    """The places that together have the logs, each with what reading it means.

    Raises:
        UsageError: there is nothing to start from.
    """
    access, notes = Access(wanted.sign_in), list[str]()
    today = datetime.now(UTC).date()
    begin, end = wanted.window(DAYS, today)
    kept = begin >= today - timedelta(DAYS)
    try:
        containers = access.containers(notes)
        some = [one for name, made in settings(known, SETTINGS, notes) for one in found(name, made, _logs(made))]
        # Azure itself is asked first, since it is free and surely whole.
        own = Place(
            ACTIVITY, ("Activity Log",), f"what Azure keeps of the Activity Log for {DAYS} days", len(containers)
        )
        needed: set[Hashable] = {(one.on, log) for one in some for log in one.logs if not kept or log != KIND}
        chosen = cheapest(looked(access, some, begin, end), needed, "has no log that is read", notes)
    finally:
        access.close()
    return Survey((own, *chosen), tuple(notes), prices().told, "outside of the region")


def _logs(made: Setting) -> frozenset[str]:
    logs = frozenset(RESOURCE_LOGS.keys() & made.categories) | ({KIND} if made.activity else set())
    if made.groups and any(space in made.on for space in _SPACES):
        logs |= made.groups
    return logs
