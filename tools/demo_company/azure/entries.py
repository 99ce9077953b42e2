"""Entries of Azure's logs, as diagnostic settings write them into a storage account.

https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
https://learn.microsoft.com/azure/storage/blobs/monitor-blob-storage-reference
https://learn.microsoft.com/azure/key-vault/general/logging
"""

from __future__ import annotations

import json
from typing import Any

from demo_company.azure.acts import Act
from demo_company.azure.grants import ROLE_IDS, Grant
from demo_company.azure.places import REGION
from demo_company.identity_center import TENANT
from demo_company.logs.shaped import GUID, SECOND, TIME

_SCHEMAS = "http://schemas.microsoft.com/"
_OBJECT = f"{_SCHEMAS}identity/claims/objectidentifier"
_UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
_ISSUER = f"https://sts.windows.net/{TENANT}/"


def activity(act: Act) -> list[dict[str, Any]]:
    """An operation of Resource Manager: that it began, and how it ended."""
    if act.denied:
        return [_activity(act, TIME, "Failure", "Failed.Forbidden", "Forbidden")]
    return [_activity(act, TIME, "Start", "Started.", ""), _activity(act, SECOND, "Success", "Succeeded.OK", "OK")]


def _activity(act: Act, time: str, type: str, signature: str, code: str) -> dict[str, Any]:
    call, who = act.call, act.who
    authorization: dict[str, Any] = {"scope": call.on, "action": call.operation}
    if act.by is not None:
        authorization["evidence"] = _evidence(act.by)
    claims = {"aud": "https://management.core.windows.net/", "iss": _ISSUER, "appid": who.app, _OBJECT: who.principal,
              f"{_SCHEMAS}identity/claims/tenantid": TENANT, "idtyp": "user" if who.user else "app"}  # fmt: skip
    if who.user:
        claims |= {_UPN: who.user, f"{_SCHEMAS}claims/authnmethodsreferences": "pwd,mfa", "ipaddr": who.ip}
    if who.resource:
        claims["xms_mirid"] = who.resource
    subscription = call.on.split("/")[2]
    refused = {"statusMessage": _refusal(act)} if act.denied else {}
    return {
        "time": f"{time}0Z", "resourceId": call.on.upper(), "operationName": call.operation.upper(),
        "category": "Administrative", "resultType": type, "resultSignature": signature, "durationMs": "0",
        "callerIpAddress": who.ip, "correlationId": GUID, "tenantId": TENANT,
        "identity": {"authorization": authorization, "claims": claims},
        "level": "Error" if act.denied else "Information",
        "properties": {
            "statusCode": code, "eventCategory": "Administrative", "entity": call.on, "message": call.operation,
            "hierarchy": f"{TENANT}/bw/{subscription}", **refused, **({"requestbody": call.body} if call.body else {}),
        },
    }  # fmt: skip


def _refusal(act: Act) -> str:
    """The answer that the caller was given."""
    who, call = act.who, act.call
    message = (
        f"The client '{who.user}' with object id '{who.principal}' does not have authorization to perform action "
        f"'{call.operation}' over scope '{call.on}'."
    )
    return json.dumps({"error": {"code": "AuthorizationFailed", "message": message}})


def _evidence(by: Grant) -> dict[str, str]:
    """Which assignment let it pass; ids stand there without hyphens."""
    return {
        "role": by.role, "roleAssignmentScope": by.on, "roleAssignmentId": by.name.replace("-", ""),
        "roleDefinitionId": ROLE_IDS[by.role].replace("-", ""), "principalId": by.who.id.replace("-", ""),
        "principalType": by.who.type,
    }  # fmt: skip


def blobs(act: Act) -> dict[str, Any]:
    """A request to blob storage."""
    call, who = act.call, act.who
    service, _, container = call.on.partition("/containers/")
    account = service.split("/")[8]
    path = f"/{account}/{container}/{call.key}"
    requester = {"objectId": who.principal, "appId": who.app, "tenantId": TENANT, "tokenIssuer": _ISSUER,
                 "audience": "https://storage.azure.com/"}  # fmt: skip
    decided: dict[str, Any] = {"action": call.operation, "type": "RBAC"}
    if act.denied:
        decided |= {"result": "Denied", "reason": "NoApplicablePolicy"}
    elif act.by is not None:
        decided |= {
            "result": "Granted", "reason": "Policy", "roleAssignmentId": act.by.name,
            "roleDefinitionId": ROLE_IDS[act.by.role], "principals": [{"id": act.by.who.id, "type": act.by.who.type}],
        }  # fmt: skip
    return {
        "time": f"{TIME}0Z", "resourceId": service,
        "category": "StorageRead" if call.native == "GetBlob" else "StorageWrite", "operationName": call.native,
        "operationVersion": "2024-11-04", "schemaVersion": "1.0", "statusCode": 403 if act.denied else 200,
        "statusText": "AuthorizationPermissionMismatch" if act.denied else "Success", "durationMs": 12,
        "callerIpAddress": f"{who.ip}:52110", "correlationId": GUID, "location": REGION, "protocol": "HTTPS",
        "identity": {"type": "OAuth", "requester": requester | ({"upn": who.user} if who.user else {}),
                     "authorization": [decided]},
        "properties": {"accountName": account, "serviceType": "blob", "objectKey": path,
                       "userAgentHeader": "azsdk-python-storage-blob/12.26.0"},
        "uri": f"https://{account}.blob.core.windows.net/{container}/{call.key}",
        "resourceType": "Microsoft.Storage/storageAccounts/blobServices",
    }  # fmt: skip


def vault(act: Act) -> dict[str, Any]:
    """A request to a key vault."""
    call, who = act.call, act.who
    host = f"https://{call.on.rpartition('/')[2]}.vault.azure.net/secrets/{call.key}"
    claim = {_OBJECT: who.principal, "appid": who.app} | ({_UPN: who.user} if who.user else {})
    return {
        "time": f"{TIME}0Z", "category": "AuditEvent", "operationName": call.native, "operationVersion": "7.6",
        "resultType": "Success", "resultSignature": "Forbidden" if act.denied else "OK", "resultDescription": "",
        "durationMs": "17", "callerIpAddress": who.ip, "correlationId": GUID, "identity": {"claim": claim},
        "properties": {"id": host, "requestUri": f"{host}?api-version=7.6", "clientInfo": "azsdk-net-Security.KeyVault",
                       "httpStatusCode": 403 if act.denied else 200, "isRbacAuthorized": act.by is not None},
        "resourceId": call.on.upper(),
    }  # fmt: skip
