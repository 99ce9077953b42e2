"""What every user may do, who must prove more when signing in, and who can.

The gap: leads of depots, and whoever helps them, need no second factor; and old protocols are watched, not blocked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from demo_company.clock import alive
from demo_company.entra import roles, staff
from demo_company.ids import guid

TIGHTENED, CONSENT_CLOSED = "2026-06-02", "2026-10-05"
"""When users could no longer invite guests and register apps; and when they could no longer consent to everything."""
LEFT_OUT = "depot-leads"
_GUESTS_LIMITED = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
_AZURE = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
"""The app id of Azure's own management."""
_PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004"
OFFICES = guid("named location", "Offices")
_MADE = "2024-03-18T10:00:00Z"


def authorization_policy(day: datetime) -> dict[str, Any]:
    """As Microsoft Graph gives it."""
    tight = alive(day, TIGHTENED, "")
    consent = "low" if alive(day, CONSENT_CLOSED, "") else "legacy"
    return {
        "id": "authorizationPolicy", "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "allowInvitesFrom": "adminsAndGuestInviters" if tight else "everyone",
        "allowedToSignUpEmailBasedSubscriptions": False, "allowedToUseSSPR": True,
        "allowEmailVerifiedUsersToJoinOrganization": False, "allowUserConsentForRiskyApps": None,
        "blockMsolPowerShell": True, "guestUserRoleId": _GUESTS_LIMITED,
        "defaultUserRolePermissions": {
            "allowedToCreateApps": not tight, "allowedToCreateSecurityGroups": not tight,
            "allowedToCreateTenants": False, "allowedToReadBitlockerKeysForOwnedDevice": True,
            "allowedToReadOtherUsers": True,
            "permissionGrantPoliciesAssigned": [f"ManagePermissionGrantsForSelf.microsoft-user-default-{consent}"],
        },
    }  # fmt: skip


# --- conditional access -----------------------------------------------------------------------------------------------


def locations() -> list[dict[str, Any]]:
    """As Microsoft Graph lists named locations."""
    return [
        {
            "@odata.type": "#microsoft.graph.ipNamedLocation", "id": OFFICES, "displayName": "Offices",
            "createdDateTime": _MADE, "modifiedDateTime": _MADE, "isTrusted": True,
            "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "198.51.100.0/24"}],
        }
    ]  # fmt: skip


def policies(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph lists policies of conditional access."""
    found = [
        _policy("CA01 Everybody: second factor", {"includeUsers": ["All"], "excludeGroups": [LEFT_OUT]},
                _control("mfa"), "2024-03-18"),
        _policy("CA02 Administrators: a factor that cannot be phished", {"includeRoles": [
            roles.ROLES[one] for one in (roles.GLOBAL, roles.PRIVILEGED, roles.APPLICATIONS, roles.CLOUD_APPLICATIONS,
                                         roles.ACCESS, roles.SECURITY, roles.USERS)
        ]}, _control(strength=_PHISHING_RESISTANT), roles.JUST_IN_TIME),
        _policy("CA03 Block old protocols", {"includeUsers": ["All"]}, _control("block"), "2025-11-03",
                state="enabledForReportingButNotEnforced", clients=["exchangeActiveSync", "other"]),
        _policy("CA04 Azure only from the offices", {"includeUsers": ["All"]}, _control("block"), "2026-07-06",
                apps=[_AZURE], elsewhere=True),
    ]  # fmt: skip
    return [one for one in found if alive(day, one["createdDateTime"], "")]


def _policy(
    name: str,
    users: dict[str, list[str]],
    grant: dict[str, Any],
    since: str,
    state: str = "enabled",
    clients: list[str] | None = None,
    apps: list[str] | None = None,
    elsewhere: bool = False,
) -> dict[str, Any]:
    """A policy; those who break the glass are left out of every one."""
    kinds = [f"{verb}{what}" for what in ("Users", "Groups", "Roles") for verb in ("include", "exclude")]
    whom: dict[str, Any] = {one: [] for one in kinds}
    whom |= users | {"excludeUsers": [staff.object_id(one) for one in staff.BREAK_GLASS],
                     "excludeGroups": [staff.group_id(one) for one in users.get("excludeGroups", [])]}  # fmt: skip
    return {
        "id": guid("conditional access", name), "displayName": name, "state": state,
        "createdDateTime": f"{since}T10:30:00Z", "modifiedDateTime": None, "templateId": None,
        "conditions": {
            "clientAppTypes": clients or ["all"], "signInRiskLevels": [], "userRiskLevels": [], "platforms": None,
            "applications": {"includeApplications": apps or ["All"], "excludeApplications": [],
                             "includeUserActions": [], "includeAuthenticationContextClassReferences": []},
            "users": whom,
            "locations": {"includeLocations": ["All"], "excludeLocations": [OFFICES]} if elsewhere else None,
        },
        "grantControls": grant, "sessionControls": None,
    }  # fmt: skip


def _control(control: str = "", *, strength: str = "") -> dict[str, Any]:
    told = {"id": strength, "displayName": "Phishing-resistant MFA", "policyType": "builtIn"} if strength else None
    return {
        "operator": "OR", "builtInControls": [control] if control else [], "customAuthenticationFactors": [],
        "termsOfUse": [], "authenticationStrength": told,
    }  # fmt: skip


# --- second factors ---------------------------------------------------------------------------------------------------

NO_FACTOR = ("Jorge Medina", "Pavel Dvorak", staff.GUEST, staff.DISABLED)
"""Who has registered nothing but a password."""
_KEYS = (*staff.BREAK_GLASS, "Hiro Nakagawa", "Greta Solheim", "Anil Deshpande", "Noor Haddad", "Petra Lindqvist",
         "Mirko Jansen", "Karin Olsen", "Dario Vidal")  # fmt: skip
"""Who has a key of hardware."""


def registrations(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph reports what users have registered to sign in with."""
    return [_registered(one, day) for one in staff.everyone() if staff.listed(one, day)]


def _registered(who: str, day: datetime) -> dict[str, Any]:
    able = who not in NO_FACTOR
    methods = [*(["passKeyDeviceBound"] if who in _KEYS else []),
               *(["microsoftAuthenticatorPush"] if able and who not in staff.BREAK_GLASS else [])]  # fmt: skip
    return {
        "id": staff.object_id(who), "userPrincipalName": staff.principal_name(who), "userDisplayName": who,
        "userType": "guest" if who == staff.GUEST else "member",
        "isAdmin": who in staff.BREAK_GLASS or any(one.who == who and one.kind == "user" for one in roles.held(day)),
        "isSsprRegistered": able, "isSsprEnabled": True, "isSsprCapable": able, "isMfaRegistered": able,
        "isMfaCapable": able, "isPasswordlessCapable": who in _KEYS, "methodsRegistered": methods,
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "lastUpdatedDateTime": f"{day - timedelta(days=1):%Y-%m-%d}T02:00:00Z",
    }  # fmt: skip
