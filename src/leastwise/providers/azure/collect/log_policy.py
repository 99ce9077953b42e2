"""The least role that fetching logs needs, by source, as a custom role of Azure."""

from __future__ import annotations

import json

from leastwise.providers.azure.log_names import ACTIVITY, OBJECTS, TABLES, containers_of, store_of, workspace_of
from leastwise.providers.fetching import Wanted

from .log_activity import READING as READING_ACTIVITY
from .log_objects import CONTAINERS
from .log_objects import READING as READING_BLOBS
from .log_tables import KNOWN, QUERY, TABLE, WORKSPACE
from .source import GROUPS, read_source

FINDING = ("Microsoft.Management/managementGroups/descendants/read", "Microsoft.Resources/subscriptions/read")
_QUERIES = (QUERY, *(f"{QUERY.removesuffix('/read')}/{table}/read" for table in KNOWN))


def log_policy(wanted: Wanted) -> str:
    """The role as `az role definition create` takes it, and in words where to assign it, as one JSON object.

    Raises:
        UsageError: what is wanted makes no sense.
    """
    source = read_source(wanted.sign_in)
    actions, data, where = set[str](), set[str](), list[str]()
    scopes = source.roots or [f"{GROUPS}{source.tenant or 'ROOT-MANAGEMENT-GROUP'}"]
    if wanted.url.startswith(OBJECTS):
        account, container, _ = store_of(wanted.url)
        place = f"container {container} of storage account {account}" if container else f"storage account {account}"
        where.append(f"{place}; Storage Blob Data Reader would do as well")
    elif wanted.url.startswith(TABLES):
        id = workspace_of(wanted.url)
        scopes = [id.text]
        where.append(f"workspace {id.text.rpartition('/')[2]}; Log Analytics Reader would do as well")
    else:
        named = containers_of(wanted.url) if wanted.url.startswith(ACTIVITY) else []
        actions.update((READING_ACTIVITY, *(() if named else FINDING)))
        where.append(f"{', '.join(named or scopes)}; Monitoring Reader would do as well")
        where.append("what the tenant itself logs needs it at the scope /, which who has elevated access can give")
    if wanted.auto or wanted.url.startswith(OBJECTS):
        actions.add(CONTAINERS)
        data.add(READING_BLOBS)
    if wanted.auto or wanted.url.startswith(TABLES):
        actions.update((WORKSPACE, TABLE, *_QUERIES))
    if wanted.auto:
        where.append("storage accounts and workspaces that diagnostic settings write to, where they lie elsewhere")
    role = {
        "Name": "Leastwise log reader", "IsCustom": True, "Description": "Reads audit logs for Leastwise",
        "Actions": sorted(actions, key=str.lower), "NotActions": [],
        "DataActions": sorted(data), "NotDataActions": [], "AssignableScopes": scopes,
    }  # fmt: skip
    return json.dumps({"role": role, "assign": where}, indent=2)
