"""Administrative units: the depots, and the customs office, whose people only its own administrators change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from demo_company.entra import staff
from demo_company.ids import guid

DEPOTS, CUSTOMS = "Depots", "Customs office"
UNITS: dict[str, tuple[str, ...]] = {DEPOTS: ("depot-leads", "dispatch-desk"), CUSTOMS: ("customs-ops",)}
"""The groups of each: they belong to it, and so does whoever is in them, of whom that does not follow."""
RESTRICTED = (CUSTOMS,)


def unit_id(name: str) -> str:
    """The object id of a unit."""
    return guid("administrative unit", name)


def at(name: str) -> str:
    """A unit as the scope of a role."""
    return f"/administrativeUnits/{unit_id(name)}"


def units() -> list[dict[str, Any]]:
    """As Microsoft Graph lists them."""
    return [
        {
            "id": unit_id(name), "deletedDateTime": None, "displayName": name, "description": None, "visibility": None,
            "isMemberManagementRestricted": name in RESTRICTED, "membershipType": "Assigned", "membershipRule": None,
            "membershipRuleProcessingState": None,
        }
        for name in UNITS
    ]  # fmt: skip


def people(name: str, day: datetime) -> list[str]:
    """The people of a unit on a day."""
    return [*dict.fromkeys(who for group in UNITS[name] for who in staff.members(group, day))]


def members(name: str, day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph lists the members of a unit."""
    groups = [{"@odata.type": "#microsoft.graph.group", "id": staff.group_id(one), "displayName": one}
              for one in UNITS[name]]  # fmt: skip
    return groups + [
        {"@odata.type": "#microsoft.graph.user", "id": staff.object_id(one), "displayName": one,
         "userPrincipalName": staff.principal_name(one)}
        for one in people(name, day)
    ]  # fmt: skip
