"""Changes of directory roles and app roles as requests to Graph by Azure's command line.

https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignments,
https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto

What is deleted is named by an id of its own, which the command finds first.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from ..language.ids import TENANT

_GRAPH = "https://graph.microsoft.com/v1.0"
_ROLES = f"{_GRAPH}/roleManagement/directory/roleAssignments"


def command(verb: str, told: Mapping[str, Any]) -> str:
    """What makes one change of a role in the whole tenant.

    Empty for all others: units and apps are written by their kind there, and app roles by ids.
    """
    bundle = str(told.get("bundle", ""))
    if verb not in ("assign", "unassign") or told["on"] != TENANT:
        return ""
    scope = TENANT
    if verb == "assign":
        body = {"principalId": told["principal"], "roleDefinitionId": bundle, "directoryScopeId": scope}
        return shlex.join(("az", "rest", "--method", "post", "--url", _ROLES, "--body", json.dumps(body)))
    wanted = (
        f"principalId eq '{told['principal']}' and roleDefinitionId eq '{bundle}' and directoryScopeId eq '{scope}'"
    )
    url = f"{_ROLES}?$filter={wanted}"
    find = shlex.join(("az", "rest", "--method", "get", "--url", url, "--query", "value[0].id", "--output", "tsv"))
    return f'az rest --method delete --url "{_ROLES}/$({find})"'
