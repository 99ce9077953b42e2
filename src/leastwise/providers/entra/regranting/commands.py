"""Changes of directory roles, app roles and owners as requests to Graph by Azure's command line.

https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignments,
https://learn.microsoft.com/graph/api/rbacapplication-post-roledefinitions,
https://learn.microsoft.com/graph/api/group-delete-owners (and -post-, and those of applications, service principals)

What is deleted is named by an id of its own, and a custom role that was made gets one, which the command finds first.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from .. import catalog
from ..language.directory import APPLICATION, GROUP, SERVICE
from ..language.ids import TENANT
from ..translate.apps import DELEGATED
from ..translate.owners import OWNER_OF

_GRAPH = "https://graph.microsoft.com/v1.0"
_DIRECTORY = f"{_GRAPH}/roleManagement/directory"
_OWNERS = {GROUP: "groups", APPLICATION: "applications", SERVICE: "servicePrincipals"}
"""Where owners are listed that are references to objects; owners of devices are registered by the devices."""
_ASSIGNMENTS, _DEFINITIONS = f"{_DIRECTORY}/roleAssignments", f"{_DIRECTORY}/roleDefinitions"


def command(verb: str, told: Mapping[str, Any]) -> str:
    """What makes one change of a role, of an assignment of one, or of an owner; empty where there is no such command.

    Below the tenant a scope is written by its kind. That is read from the assignment that stands there until the last
    change; where somebody owns what it is at there may be none, and what can be owned is written by its id alone.
    """
    match verb:
        case "create" if "document" in told:
            body = {key: value for key, value in told["document"].items() if key not in ("id", "isBuiltIn")}
            return _post(_DEFINITIONS, body)
        case "delete":
            return f'az rest --method delete --url "{_DEFINITIONS}/$({_definition(str(told["policy"]))})"'
        case "assign" | "unassign" if _owned(told):
            return _owning(verb, told)
        case "assign" if _directory(told):
            return _assign(told)
        case "unassign" if _directory(told):
            return f'az rest --method delete --url "{_ASSIGNMENTS}/$({_assignment(told)})"'
        case "assign" | "unassign" if _app_role(told):
            return _permitting(verb, told)
        case "leave" | "join":
            way = "remove" if verb == "leave" else "add"
            words = ("--group", str(told["group"]), "--member-id", str(told["principal"]))
            return shlex.join(("az", "ad", "group", "member", way, *words))
    return ""


def _owned(told: Mapping[str, Any]) -> str:
    """Where what is owned is listed; empty where it is not about owners."""
    bundle = str(told.get("bundle", ""))
    return _OWNERS.get(bundle.removeprefix(OWNER_OF), "") if bundle.startswith(OWNER_OF) else ""


def _owning(verb: str, told: Mapping[str, Any]) -> str:
    owners = f"{_GRAPH}/{_owned(told)}/{told['on']}/owners"
    if verb == "assign":
        return _post(f"{owners}/$ref", {"@odata.id": f"{_GRAPH}/directoryObjects/{told['principal']}"})
    return shlex.join(("az", "rest", "--method", "delete", "--url", f"{owners}/{told['principal']}/$ref"))


def _directory(told: Mapping[str, Any]) -> bool:
    """Whether it is a role of the directory: those are named by ids alone, app roles by values."""
    bundle = str(told.get("bundle", ""))
    return len(bundle) == 36 and bundle.count("-") == 4


def _app_role(told: Mapping[str, Any]) -> str:
    """The value of an app role; empty where it is about something else."""
    value = str(told.get("bundle", "")).rpartition("/")[2]
    return "" if _owned(told) or value.endswith(DELEGATED) or "eligible" in told else value


def _permitting(verb: str, told: Mapping[str, Any]) -> str:
    """Gives or takes an app role, which is named by an id there, of a service principal.

    https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto (and -delete-)
    """
    resource = f"{_GRAPH}/servicePrincipals/{told['on']}"
    query = f"appRoles[?value=='{_app_role(told)}'].id | [0]"
    role = f"role=$({_get(f'{resource}?$select=appRoles', query)})"
    given = f"{resource}/appRoleAssignedTo"
    if verb == "assign":
        text = json.dumps({"principalId": told["principal"], "resourceId": told["on"], "appRoleId": "$role"})
        return f"{role} && az rest --method post --url {shlex.quote(given)} --body {json.dumps(text)}"
    mine = f"value[?principalId=='{told['principal']}' && appRoleId=='$role'].id | [0]"
    listed = f'az rest --method get --url {shlex.quote(f"{given}?$top=999")} --query "{mine}" --output tsv'
    return f'{role} && az rest --method delete --url "{given}/$({listed})"'


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
        found.append(f"scope=${{scope:-/{told['on']}}}")
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
