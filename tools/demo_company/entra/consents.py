"""What was consented to: by an administrator for everybody, or by one person for herself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo_company.clock import alive
from demo_company.entra import apps, staff
from demo_company.ids import guid

_SIGN_IN = "openid profile User.Read"
VENDOR = "sortwise-portal"
RISKY_ON = "2026-09-17"
"""When somebody let the vendor's app into her mail and files, for as long as it likes: users could then."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Scopes of an app (`of`) that another may use: on behalf of everybody, or of one person."""

    client: str
    scopes: str
    of: str = apps.GRAPH
    who: str = ""
    since: str = ""


CONSENTS = (
    *(Consent(one, _SIGN_IN) for one in ("intranet", "wiki", "hr-portal", "time-tracking", "helpdesk", "printing")),
    Consent("expense-app", _SIGN_IN, since="2024-06-03"),
    Consent("e-signature", f"{_SIGN_IN} Files.Read", since="2025-06-02"),
    Consent("room-booking", f"{_SIGN_IN} Calendars.Read.Shared"),
    Consent("returns-portal", _SIGN_IN, since="2026-10-22"),
    Consent("erp-portal-login", _SIGN_IN),
    Consent("erp-portal-login", "Payments.Submit", apps.PAYMENTS, since="2024-05-06"),
    Consent("carrier-portal", _SIGN_IN, since="2025-09-02"),
    Consent(VENDOR, _SIGN_IN),
    Consent(VENDOR, "Files.ReadWrite.All Mail.ReadWrite offline_access", who="Aoife Brennan", since=RISKY_ON),
    Consent("bi-connector", "User.Read offline_access", who="Leila Farouk", since="2025-02-17"),
)


def grants(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph lists delegated grants."""
    return [
        {
            "id": guid("delegated grant", one.client, one.of, one.who), "clientId": apps.principal_id(one.client),
            "consentType": "Principal" if one.who else "AllPrincipals",
            "principalId": staff.object_id(one.who) if one.who else None,
            "resourceId": apps.principal_id(one.of), "scope": one.scopes,
        }
        for one in CONSENTS if alive(day, one.since, "")
    ]  # fmt: skip
