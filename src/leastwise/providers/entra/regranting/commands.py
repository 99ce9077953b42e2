"""Changes of directory roles and app roles as requests to Graph by Azure's command line.

https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignments,
https://learn.microsoft.com/graph/api/rbacapplication-post-roledefinitions

What is deleted is named by an id of its own, and a custom role that was made gets one, which the command finds first.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from .. import catalog
from ..language.ids import TENANT

_DIRECTORY = "https://graph.microsoft.com/v1.0/roleManagement/directory"
_ASSIGNMENTS, _DEFINITIONS = f"{_DIRECTORY}/roleAssignments", f"{_DIRECTORY}/roleDefinitions"


def command(verb: str, told: Mapping[str, Any]) -> str:
    """What makes one change of a role, or of an assignment of one; empty for app roles, which are named by ids there.

    Below the tenant a scope is written by its kind. That is read from the assignment that stands there until the last
    change.
    """
    match verb:
        case "create" if "document" in told:
            body = {key: value for key, value in told["document"].items() if key not in ("id", "isBuiltIn")}
            return _post(_DEFINITIONS, body)
        case "delete":
            return f'az rest --method delete --url "{_DEFINITIONS}/$({_definition(str(told["policy"]))})"'
        case "assign" if _directory(told):
            return _assign(told)
        case "unassign" if _directory(told):
            return f'az rest --method delete --url "{_ASSIGNMENTS}/$({_assignment(told)})"'
    return ""


def _directory(told: Mapping[str, Any]) -> bool:
    """Whether it is a role of the directory: those are named by ids alone, app roles by values."""
    bundle = str(told.get("bundle", ""))
    return len(bundle) == 36 and bundle.count("-") == 4


def _assign(told: Mapping[str, Any]) -> str:
    body = {"principalId": told["principal"], "roleDefinitionId": told["bundle"], "directoryScopeId": told["on"]}
    found = []
    if not _built_in(told["bundle"]):
        body["roleDefinitionId"] = "$role"
        found.append(f"role=$({_definition(told['bundle'])})")
    if told["on"] != TENANT:
        body["directoryScopeId"] = "$scope"
        url = f"{_ASSIGNMENTS}?$filter=principalId eq '{told['principal']}'"
        found.append(f"scope=$({_get(url, f'value[?{_at(told)}].directoryScopeId | [0]')})")
    if not found:
        return _post(_ASSIGNMENTS, body)
    text = json.dumps(json.dumps(body))
    return " && ".join((*found, f"az rest --method post --url {_ASSIGNMENTS} --body {text}"))


def _assignment(told: Mapping[str, Any]) -> str:
    """What finds the id of an assignment."""
    wanted = f"principalId eq '{told['principal']}'"
    if not _built_in(told["bundle"]):
        url = f"{_ASSIGNMENTS}?$filter={wanted}&$expand=roleDefinition"
        is_role = f"(roleDefinitionId=='{told['bundle']}' || roleDefinition.templateId=='{told['bundle']}')"
        return _get(url, f"value[?{is_role} && {_at(told)}].id | [0]")
    wanted += f" and roleDefinitionId eq '{told['bundle']}'"
    if told["on"] == TENANT:
        return _get(f"{_ASSIGNMENTS}?$filter={wanted} and directoryScopeId eq '{TENANT}'", "value[0].id")
    return _get(f"{_ASSIGNMENTS}?$filter={wanted}", f"value[?{_at(told)}].id | [0]")


def _definition(role: str) -> str:
    """What finds the id of a custom role by its own id, or by that which it was made with."""
    query = f"value[?id=='{role}' || templateId=='{role}'].id | [0]"
    return _get(f"{_DEFINITIONS}?$filter=isBuiltIn eq false", query)


def _at(told: Mapping[str, Any]) -> str:
    """Whether an assignment is at the scope, in the language of the command line's queries."""
    if told["on"] == TENANT:
        return f"directoryScopeId=='{TENANT}'"
    return f"ends_with(directoryScopeId, '/{told['on']}')"


def _built_in(role: str) -> bool:
    return catalog.current().role(role) is not None


def _post(url: str, body: Mapping[str, Any]) -> str:
    return shlex.join(("az", "rest", "--method", "post", "--url", url, "--body", json.dumps(body)))


def _get(url: str, query: str) -> str:
    return shlex.join(("az", "rest", "--method", "get", "--url", url, "--query", query, "--output", "tsv"))
