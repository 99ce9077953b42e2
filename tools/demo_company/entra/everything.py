"""The directory of one day, as pages of Microsoft Graph.

organization.json                         GET /organization
users.json                                GET /users?$select=…,signInActivity
groups.json, members--GROUP.json          GET /groups, /groups/GROUP/members
service-principals.json                   GET /servicePrincipals?$expand=appRoleAssignedTo
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from demo_company.azure.things import identities
from demo_company.entra import apps, staff
from demo_company.identity_center import TENANT
from demo_company.ids import DOMAIN

_CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"


def files(day: datetime) -> dict[str, bytes]:
    """File name to bytes."""
    company = {
        "id": TENANT, "displayName": "Brightwater Parcel", "tenantType": "AAD",
        "verifiedDomains": [{"name": DOMAIN, "type": "Managed", "isDefault": True, "isInitial": False}],
    }  # fmt: skip
    managed = {one.name: (one.principal, one.client) for one in identities(day)}
    found = {
        "organization": _page("organization", [company]),
        "users": _page("users", staff.users(day)),
        "groups": _page("groups", staff.groups()),
        "service-principals": _page("servicePrincipals", apps.service_principals(day, managed)),
    }
    for name in staff.group_names():
        group = staff.group_id(name)
        found[f"members--{group}"] = _page(f"groups('{group}')/members", staff.memberships(name, day))
    return {f"{name}.json": content for name, content in found.items()}


def _page(context: str, held: list[Any]) -> bytes:
    page = {"@odata.context": _CONTEXT + context, "value": held}
    return (json.dumps(page, indent=1, ensure_ascii=False) + "\n").encode()
