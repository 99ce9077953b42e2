"""Changes of role assignments and roles as commands of Azure's command line.

https://learn.microsoft.com/cli/azure/role/assignment, https://learn.microsoft.com/cli/azure/role/definition
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

_VERSION = "2.0"
"""Of the language of conditions. https://learn.microsoft.com/azure/role-based-access-control/conditions-format"""


def command(verb: str, told: Mapping[str, Any]) -> str:
    """What makes one change; empty for what the command line has no words for."""
    match verb:
        case "create" | "put" if "document" in told:
            action = "create" if verb == "create" else "update"
            return _az("role", "definition", action, "--role-definition", json.dumps(_flat(told["document"])))
        case "delete":
            return _az("role", "definition", "delete", "--name", str(told["policy"]))
        case "assign":
            return _az("role", "assignment", "create", *_grant(told), *_condition(told))
        case "unassign":
            return _az("role", "assignment", "delete", *_grant(told))
        case "leave" | "join":
            way = "remove" if verb == "leave" else "add"
            return _az(
                "ad", "group", "member", way, "--group", str(told["group"]), "--member-id", str(told["principal"])
            )
    return ""


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """A role definition as the command line reads it."""
    inner = document.get("properties", document)
    [entry] = inner["permissions"]
    return {
        "Name": inner["roleName"], "IsCustom": True, "Description": inner.get("description", ""),
        "Actions": entry["actions"], "NotActions": entry["notActions"], "DataActions": entry["dataActions"],
        "NotDataActions": entry["notDataActions"], "AssignableScopes": inner["assignableScopes"],
    }  # fmt: skip


def _grant(told: Mapping[str, Any]) -> tuple[str, ...]:
    return "--role", str(told["bundle"]), "--assignee", str(told["principal"]), "--scope", str(told["on"])


def _condition(told: Mapping[str, Any]) -> tuple[str, ...]:
    text = told.get("condition")
    return ("--condition", str(text), "--condition-version", _VERSION) if text else ()


def _az(*words: str) -> str:
    return shlex.join(("az", *words))
