"""Entries of the directory's logs, as diagnostic settings write them into a storage account, and of the unified log.

https://learn.microsoft.com/entra/identity/monitoring-health/concept-activity-log-schemas
https://learn.microsoft.com/graph/api/resources/signin
https://learn.microsoft.com/graph/api/resources/directoryaudit
https://learn.microsoft.com/azure/azure-monitor/reference/tables/microsoftgraphactivitylogs
https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from demo_company.entra import apps, staff
from demo_company.identity_center import TENANT
from demo_company.ids import DOMAIN, number
from demo_company.logs.shaped import GUID, TIME

Entry = dict[str, Any]
OFFICE, RUNNER, CLOUD, HOME = "198.51.100.40", "198.51.100.140", "192.0.2.80", "192.0.2.150"
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"
AZURE_API = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
"""The app id of Azure's own management."""
PORTAL = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
"""The app id of the vendor's own portal."""
NAMES = {PORTAL: "Azure Portal", AZURE_API: "Windows Azure Service Management API"}


def _wrapped(category: str, operation: str, ip: str, properties: Entry, **more: Any) -> Entry:
    return {
        "time": f"{TIME}0Z", "resourceId": f"/tenants/{TENANT}/providers/Microsoft.aadiam",
        "operationName": operation, "operationVersion": "1.0", "category": category, "tenantId": TENANT,
        "resultSignature": "None", "durationMs": 0, "callerIpAddress": ip, "correlationId": GUID, "level": 4,
        **more, "properties": properties,
    }  # fmt: skip


# --- sign-ins ---------------------------------------------------------------------------------------------------------


def sign_in(who: str, app: str, *, ip: str, code: int, factors: bool, silent: bool) -> Entry:
    """A person's sign-in to an app, by name or by the id of one of the vendor's; `silent` where a token was renewed."""
    known = app in NAMES
    api = NAMES[AZURE_API] if known else apps.GRAPH if silent else app
    guest = who == staff.GUEST
    properties = {
        "id": GUID, "createdDateTime": f"{TIME}0+00:00", "userDisplayName": who, "userId": staff.object_id(who),
        "userPrincipalName": staff.principal_name(who), "appId": app if known else apps.app_id(app),
        "appDisplayName": NAMES.get(app, app), "ipAddress": ip, "clientAppUsed": "Browser", "userAgent": BROWSER,
        "isInteractive": not silent, "status": {"errorCode": code}, "riskState": "none", "correlationId": GUID,
        "conditionalAccessStatus": "failure" if code == 53003 else "success" if code == 0 else "notApplied",
        "authenticationRequirement": "multiFactorAuthentication" if factors else "singleFactorAuthentication",
        "resourceDisplayName": api, "resourceId": AZURE_API if known else apps.app_id(api),
        "resourceServicePrincipalId": "" if known else apps.principal_id(api), "resourceTenantId": TENANT,
        "userType": "Guest" if guest else "Member",
        "homeTenantId": apps.SORTWISE_TENANT if guest else TENANT,
        "crossTenantAccessType": "b2bCollaboration" if guest else "none",
        "signInEventTypes": ["nonInteractiveUser" if silent else "interactiveUser"],
    }  # fmt: skip
    log = "NonInteractiveUserSignInLogs" if silent else "SignInLogs"
    return _wrapped(log, "Sign-in activity", ip, properties, resultType=str(code), identity=who)


def service_sign_in(app: str, *, ip: str, code: int, key: str) -> Entry:
    """The sign-in of an app itself, with one of its credentials."""
    properties = {
        "id": GUID, "createdDateTime": f"{TIME}0+00:00", "appId": apps.app_id(app), "appDisplayName": app,
        "servicePrincipalId": apps.principal_id(app), "servicePrincipalName": app, "ipAddress": ip,
        "status": {"errorCode": code}, "conditionalAccessStatus": "notApplied", "correlationId": GUID,
        "resourceDisplayName": apps.GRAPH, "resourceId": apps.app_id(apps.GRAPH), "resourceTenantId": TENANT,
        "resourceServicePrincipalId": apps.principal_id(apps.GRAPH), "servicePrincipalCredentialKeyId": key,
        "signInEventTypes": ["servicePrincipal"], "crossTenantAccessType": "none",
    }  # fmt: skip
    return _wrapped("ServicePrincipalSignInLogs", "Sign-in activity", ip, properties, resultType=str(code))


# --- requests to Graph ------------------------------------------------------------------------------------------------


def request(app: str, method: str, path: str, *, values: Sequence[str], who: str = "", ip: str = CLOUD) -> Entry:
    """A request of an app with what its token has: app roles, or scopes where it is made for somebody."""
    claims: Entry = {"roles": "" if who else " ".join(values), "scopes": " ".join(values) if who else ""}
    claims |= {"userId": staff.object_id(who), "UserPrincipalObjectID": staff.object_id(who)} if who else {}
    properties = {
        "timeGenerated": f"{TIME}0Z", "requestId": GUID, "operationId": GUID, "clientRequestId": GUID,
        "apiVersion": "v1.0", "requestMethod": method, "responseStatusCode": 200, "tenantId": TENANT,
        "requestUri": f"https://graph.microsoft.com/v1.0{path}", "appId": apps.app_id(app),
        "servicePrincipalId": apps.principal_id(app), "identityProvider": f"https://sts.windows.net/{TENANT}/",
        "C_Idtyp": "user" if who else "app", "wids": "", "clientAuthMethod": 0 if who else 2, "ipAddress": ip,
        "userAgent": "kiota-python/1.9", "durationMs": 40, "responseSizeBytes": 900 + number(4000, app, path),
        **claims,
    }  # fmt: skip
    return _wrapped("MicrosoftGraphActivityLogs", "Microsoft Graph Activity", ip, properties, location="West Europe")


# --- activities -------------------------------------------------------------------------------------------------------


def person(who: str, ip: str = OFFICE) -> Entry:
    """A person as the audit log names who began something."""
    found = {"id": staff.object_id(who), "displayName": None, "userPrincipalName": staff.principal_name(who)}
    return {"user": {**found, "ipAddress": ip, "roles": []}}


def program(name: str, id: str = "") -> Entry:
    """An app, or a service of the vendor's without an id."""
    return {"app": {"appId": None, "displayName": name, "servicePrincipalId": id or None, "servicePrincipalName": None}}


def target(type: str, id: str, name: str, **changed: str) -> Entry:
    """An object that an activity is about, with what its properties became; dots in names stand as `__`."""
    upn = name if type == "User" else None
    properties = [
        {"displayName": key.replace("__", "."), "oldValue": None, "newValue": json.dumps(value)}
        for key, value in changed.items()
    ]
    return {"id": id, "displayName": None if upn else name, "type": type, "userPrincipalName": upn,
            "modifiedProperties": properties}  # fmt: skip


def activity(
    name: str, by: Entry, targets: Sequence[Entry], *, category: str, service: str = "Core Directory",
    reason: str = "", failed: bool = False, details: dict[str, str] | None = None,
) -> Entry:  # fmt: skip
    """An activity of the audit log."""
    properties = {
        "id": f"Directory_{GUID}", "category": category, "correlationId": GUID, "resultReason": reason,
        "result": "failure" if failed else "success", "activityDisplayName": name,
        "activityDateTime": f"{TIME}0+00:00", "loggedByService": service, "initiatedBy": by,
        "operationType": name.partition(" ")[0], "targetResources": list(targets),
        "additionalDetails": [{"key": key, "value": value} for key, value in (details or {}).items()],
    }  # fmt: skip
    return _wrapped("AuditLogs", name, by.get("user", {}).get("ipAddress", ""), properties)


# --- the unified audit log --------------------------------------------------------------------------------------------


def unified(who: str, operation: str, workload: str, type: int, on: str, *, app: str, ip: str) -> Entry:
    """A record of the unified audit log: what an app did for somebody."""
    return {
        "CreationTime": TIME, "Id": GUID, "Operation": operation, "OrganizationId": TENANT,
        "RecordType": type, "ResultStatus": "Succeeded", "UserKey": staff.object_id(who), "UserType": 0, "Version": 1,
        "Workload": workload, "UserId": staff.principal_name(who), "ClientIP": ip, "ObjectId": on,
        "ApplicationId": apps.app_id(app), "ClientAppId": apps.app_id(app),
    }  # fmt: skip


def site(who: str) -> str:
    """The address of somebody's files."""
    name = staff.mail(who).replace("@", "_").replace(".", "_")
    return f"https://my.{DOMAIN}/personal/{name}/Documents/"
