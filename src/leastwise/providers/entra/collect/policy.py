"""The least permissions that the declared calls need, as the vendor takes them, and what a run would call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from leastwise.providers.base import PlannedCall
from leastwise.providers.collecting.planning import planned
from leastwise.providers.entra.catalog import current
from leastwise.providers.microsoft.declaration import graph_permissions, needed

from .declaration import Call, Service, asked
from .source import Source

_SCOPE = "/providers/Microsoft.aadiam"
_GRAPH = "00000003-0000-0000-c000-000000000000"
"""https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in"""


def policy_text(source: Source) -> str:
    """The application permissions of Microsoft Graph, and how an application is given them, as one JSON object.

    `requiredResourceAccess` is as a manifest has it; `commands` are those of the Azure CLI, the last of which an
    administrator runs. An id that the catalogue does not know is left out there, and named in `unknown`.
    https://learn.microsoft.com/cli/azure/ad/app/permission
    """
    services = source.declared()
    wanted = _wanted(services)
    why = {one: [service.service for service in services if one in _wanted([service])] for one in wanted}
    told = granted(wanted) | {"for": why}
    told |= _not_asked_for(services)
    actions = sorted({one for service in services for call in service.walk() for one in call.permission})
    if actions:
        # The scope is one of Azure's, though no management group has it.
        told["azure"] = {
            "actions": actions,
            "commands": [f"az role assignment create --assignee APPLICATION --role Reader --scope {_SCOPE}"],
            "assign": "by who has elevated access at the scope /; users may read them with a role of the directory too",
        }
    return json.dumps(told, indent=2)


def _not_asked_for(services: Sequence[Service]) -> dict[str, Any]:
    """Permissions that some calls need and that are not to be granted: they write, or users alone can have them."""
    calls = [call for service in services for call in service.walk()]
    writing = {one: [call.call for call in calls if one in call.writes] for call in calls for one in call.writes}
    users = {one: [call.call for call in calls if one in call.signed_in] for call in calls for one in call.signed_in}
    told = {"write_too": writing, "of_users_alone": users}
    return {"not_asked_for": told} if any(told.values()) else {}


def granted(wanted: Sequence[str]) -> dict[str, Any]:
    """Application permissions of Microsoft Graph, and how an application is given them; see `policy_text`."""
    ids = {value: id for id, value in current().app_roles.items()}
    roles = [{"id": ids[one], "type": "Role"} for one in wanted if one in ids]
    given = " ".join(f"{one['id']}=Role" for one in roles)
    told: dict[str, Any] = {
        "graph": list(wanted),
        "requiredResourceAccess": [{"resourceAppId": _GRAPH, "resourceAccess": roles}],
        "commands": [
            f"az ad app permission add --id APPLICATION --api {_GRAPH} --api-permissions {given}",
            "az ad app permission admin-consent --id APPLICATION",
        ],
    }
    unknown = [one for one in wanted if one not in ids]
    return told | ({"unknown": unknown} if unknown else {})


def _wanted(services: Sequence[Service]) -> list[str]:
    hidden = {one for service in services for call in service.walk() for one in call.empty_needs}
    return sorted({*graph_permissions(services), *hidden})


def plan(source: Source) -> list[PlannedCall]:
    """Every kind of call that collecting the source makes, once, in order."""
    return list(planned(asked(source.declared()), _needs).values())


def _needs(call: Call) -> tuple[str, ...]:
    return (*call.permission, *needed(call))
