"""The least role that fetching logs needs, by source, as a custom role of Azure."""

from __future__ import annotations

import json

from leastwise.providers.azure.log_names import ACTIVITY, containers_of
from leastwise.providers.fetching import Wanted
from leastwise.providers.microsoft.log_names import OBJECTS, TABLES
from leastwise.providers.microsoft.log_policy import Needed

from .log_activity import READING
from .source import GROUPS, read_source

FINDING = ("Microsoft.Management/managementGroups/descendants/read", "Microsoft.Resources/subscriptions/read")


def log_policy(wanted: Wanted) -> str:
    """The role as `az role definition create` takes it, and in words where to assign it, as one JSON object.

    Raises:
        UsageError: what is wanted makes no sense.
    """
    source = read_source(wanted.sign_in)
    needed = Needed(source.roots or [f"{GROUPS}{source.tenant or 'ROOT-MANAGEMENT-GROUP'}"])
    if not wanted.url.startswith((OBJECTS, TABLES)):
        named = containers_of(wanted.url) if wanted.url.startswith(ACTIVITY) else []
        needed.actions.update((READING, *(() if named else FINDING)))
        needed.where.append(f"{', '.join(named or needed.scopes)}; Monitoring Reader would do as well")
        needed.where.append(
            "what the tenant itself logs needs it at the scope /, which who has elevated access can give"
        )
    needed.add(wanted)
    return json.dumps(needed.told(), indent=2)
