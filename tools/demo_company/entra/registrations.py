"""Registrations of the company's own apps: their credentials, what they ask for, who owns them, whom they trust."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo_company.clock import alive, parse
from demo_company.entra import apps
from demo_company.identity_center import TENANT
from demo_company.ids import DOMAIN, guid

MULTI_TENANT = ("carrier-portal",)
"""Apps that people of other tenants sign in to: the carriers."""
TRUSTED = {"svc-erp-deploy": "repo:brightwater-parcel/erp:environment:production"}
"""Workflows that sign in as an app."""
ASKS = {"hr-sync": (("RoleManagement.ReadWrite.Directory", "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"),)}
"""What an app asks for beside what it holds; nobody said yes."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A password of an app, or a certificate; `until` is the day on which somebody deleted it."""

    app: str
    since: str
    ends: str
    certificate: bool = False
    until: str = ""


STALE, EXPIRED, EXPIRING = "payroll-export", "report-mailer", "invoice-import"
CREDENTIALS = (
    Credential(STALE, "2024-03-04", "2029-03-04"),
    Credential(EXPIRED, "2025-09-29", "2026-09-29"),
    Credential(EXPIRING, "2026-05-18", "2026-11-14"),
    Credential("mail-archiver", "2025-06-23", "2027-06-23", True),
    Credential("hr-sync", "2026-01-12", "2028-01-12", True),
    Credential("bank-connector", "2026-02-16", "2028-02-16", True),
    Credential("svc-erp-monitor", "2026-03-16", "2028-03-16", True),
    Credential("bi-connector", "2026-03-23", "2028-03-23", True),
    Credential("scim-aws", "2026-06-08", "2027-06-08"),
    Credential("scim-google", "2026-06-08", "2027-06-08"),
    Credential("svc-erp-backup", "2026-07-13", "2027-07-13"),
    Credential("svc-erp-deploy", "2025-02-10", "2027-02-10", until="2026-05-11"),
    Credential("tracking-webhook", "2026-07-20", "2027-01-20"),
)
"""Where nothing stands, people sign in to the app, and it needs no secret."""


def applications(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph lists the tenant's own registrations."""
    return [_application(name, since, day) for name, since in apps.APPS.items()
            if alive(day, since, "") and apps.owner_of(name) == TENANT]  # fmt: skip


def owned(day: datetime) -> list[dict[str, Any]]:
    """The same with `$expand=owners`."""
    return [one | {"owners": apps.owners(apps.APPLICATION_OWNERS, one["displayName"], day)}
            for one in applications(day)]  # fmt: skip


def trusting(day: datetime) -> list[dict[str, Any]]:
    """The same with `$expand=federatedIdentityCredentials`."""
    return [one | {"federatedIdentityCredentials": _trusted(one["displayName"])} for one in applications(day)]


def _application(name: str, since: str, day: datetime) -> dict[str, Any]:
    held = [one for one in CREDENTIALS if one.app == name and alive(day, one.since, one.until)]
    asked = _asked(name, day)
    return {
        "id": apps.application_id(name), "appId": apps.app_id(name), "displayName": name,
        "createdDateTime": f"{since}T09:00:00Z", "publisherDomain": DOMAIN,
        "signInAudience": "AzureADMultipleOrgs" if name in MULTI_TENANT else "AzureADMyOrg",
        "servicePrincipalLockConfiguration": {
            "isEnabled": True, "allProperties": True, "credentialsWithUsageVerify": True,
            "credentialsWithUsageSign": True, "tokenEncryptionKeyId": True,
        } if name in MULTI_TENANT else None,
        "requiredResourceAccess": [
            {"resourceAppId": apps.app_id(apps.GRAPH),
             "resourceAccess": [{"id": id, "type": "Role"} for _, id in asked]}
        ] if asked else [],
        "passwordCredentials": [_password(one) for one in held if not one.certificate],
        "keyCredentials": [_certificate(one) for one in held if one.certificate],
    }  # fmt: skip


def _asked(name: str, day: datetime) -> list[tuple[str, str]]:
    """What an app asks for: what it holds of Graph, and more."""
    given = [one for one in apps.APP_ROLES if one.offered_by == apps.GRAPH and one.who == name]
    return [*((one.role, one.role_id) for one in given if alive(day, one.since, "")), *ASKS.get(name, ())]


def key_id(one: Credential) -> str:
    """The id of a credential, which sign-ins name."""
    return guid("credential", one.app, one.since)


def _dates(one: Credential) -> dict[str, Any]:
    return {
        "keyId": key_id(one), "displayName": one.app, "customKeyIdentifier": None,
        "startDateTime": f"{one.since}T09:30:00Z", "endDateTime": f"{one.ends}T09:30:00Z",
    }  # fmt: skip


def _password(one: Credential) -> dict[str, Any]:
    return {**_dates(one), "hint": None, "secretText": None}


def _certificate(one: Credential) -> dict[str, Any]:
    return {**_dates(one), "type": "AsymmetricX509Cert", "usage": "Verify", "key": None}


def _trusted(name: str) -> list[dict[str, Any]]:
    if name not in TRUSTED:
        return []
    return [
        {
            "id": guid("federated credential", name), "name": "github-production", "description": None,
            "issuer": "https://token.actions.githubusercontent.com", "subject": TRUSTED[name],
            "audiences": ["api://AzureADTokenExchange"],
        }
    ]  # fmt: skip


# --- who signs in as an app -------------------------------------------------------------------------------------------

UNUSED = {
    "fx-rates": "2026-06-12", "hr-portal": "2026-06-26", "payroll-export": "2026-10-30",
    "bank-connector": "2026-10-30",
}  # fmt: skip
"""Apps by when they were last signed in as; the others are used every working day. `hr-portal` wants people to be
assigned to it, and nobody is."""


def sign_ins(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph reports when apps were last signed in to, or signed in themselves."""
    found = []
    for one in applications(day):
        name = one["displayName"]
        last = _last(name, day)
        if last > parse(one["createdDateTime"]):
            found.append({
                "id": guid("app sign-ins", name), "appId": one["appId"],
                "lastSignInActivity": {"lastSignInDateTime": f"{last:%Y-%m-%dT%H:%M:%SZ}",
                                       "lastSignInRequestId": guid("sign-in", name, f"{last}")},
            })  # fmt: skip
    return found


def _last(name: str, day: datetime) -> datetime:
    """When an app was last signed in to before a day: as the logs have it, where they tell."""
    from demo_company.entra import uses

    before = min(parse(UNUSED.get(name, "2999-01-01")), _working(day))
    return uses.last_of_app(name, day) or before


def _working(day: datetime) -> datetime:
    """Some time of the last working day before a day."""
    found = day - timedelta(hours=8)
    while found.weekday() >= 5:
        found -= timedelta(days=1)
    return found
