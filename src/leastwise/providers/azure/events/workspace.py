"""Rows of the tables of a Log Analytics workspace, as the records that exports have.

https://learn.microsoft.com/azure/azure-monitor/reference/tables/azureactivity
https://learn.microsoft.com/azure/azure-monitor/reference/tables/storagebloblogs
https://learn.microsoft.com/azure/azure-monitor/reference/tables/azkvauditlogs
https://learn.microsoft.com/azure/azure-monitor/reference/tables/azurediagnostics
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leastwise.providers.logs.nested import Object
from leastwise.providers.logs.tabular import first

Row = Mapping[str, Any]
_CLAIM = "identity_claim_"
_SCHEMAS = {
    "http_schemas_microsoft_com_identity_claims_": "http://schemas.microsoft.com/identity/claims/",
    "http_schemas_xmlsoap_org_ws_2005_05_identity_claims_": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/",
}
_TYPED = re.compile(r"_[sgdbt]$")
"""Columns of AzureDiagnostics end in their type."""
_SERVICES = {"blob": "blobServices", "queue": "queueServices", "table": "tableServices", "file": "fileServices"}


def is_row(value: Row) -> bool:
    """Whether an object is a row of one of these tables."""
    return "TimeGenerated" in value and ("OperationNameValue" in value or "OperationName" in value)


def record_form(row: Row) -> Object:
    """A row in the form of an exported record."""
    if "OperationNameValue" in row or row.get("Type") == "AzureActivity":
        return _activity(row)
    category = str(first(row, "Category") or "")
    if category.startswith("Storage"):
        return _storage(row)
    if row.get("Type") == "AZKVAuditLogs" or category == "AuditEvent":
        return _vault(row)
    return _common(row) | {"properties": {}}


def _common(row: Row) -> Object:
    return {
        "time": row["TimeGenerated"], "resourceId": first(row, "_ResourceId", "ResourceId"),
        "operationName": row.get("OperationName"), "category": first(row, "Category", "Type"),
        "callerIpAddress": first(row, "CallerIpAddress", "CallerIPAddress"),
        "correlationId": first(row, "CorrelationId", "CorrelationId_g", "correlationId_s"),
    }  # fmt: skip


def _activity(row: Row) -> Object:
    return _common(row) | {
        "operationName": first(row, "OperationNameValue", "OperationName"),
        "category": first(row, "CategoryValue", "Category"),
        "resultType": first(row, "ActivityStatusValue", "ActivityStatus"),
        "resultSignature": first(row, "ActivitySubstatusValue", "ActivitySubstatus"),
        "caller": row.get("Caller"),
        "subscriptionId": first(row, "SubscriptionId", "_SubscriptionId"),
        "identity": {
            "authorization": first(row, "Authorization_d", "Authorization"),
            "claims": first(row, "Claims_d", "Claims"),
        },
        "httpRequest": row.get("HTTPRequest"),
        "properties": first(row, "Properties_d", "Properties"),
    }


def _storage(row: Row) -> Object:
    service, resource = str(row.get("ServiceType") or "").lower(), str(first(row, "_ResourceId", "ResourceId") or "")
    if resource and "services/" not in resource.lower() and service in _SERVICES:
        resource = f"{resource}/{_SERVICES[service]}/default"
    requester = {
        "objectId": row.get("RequesterObjectId"), "appId": row.get("RequesterAppId"),
        "tenantId": row.get("RequesterTenantId"), "upn": row.get("RequesterUpn"),
    }  # fmt: skip
    names = {"AccountName": "accountName", "ObjectKey": "objectKey", "ServiceType": "serviceType",
             "UserAgentHeader": "userAgentHeader", "OperationCount": "operationCount",
             "MetricResponseType": "metricResponseType"}  # fmt: skip
    return _common(row) | {
        "resourceId": resource,
        "statusCode": row.get("StatusCode"),
        "statusText": row.get("StatusText"),
        "location": row.get("Location"),
        "uri": row.get("Uri"),
        "identity": {
            "type": row.get("AuthenticationType"),
            "requester": {name: value for name, value in requester.items() if value},
            "authorization": row.get("AuthorizationDetails"),
        },
        "properties": {of: row[name] for name, of in names.items() if row.get(name) not in (None, "")},
    }


def _vault(row: Row) -> Object:
    claims = {
        _claim(_TYPED.sub("", name[len(_CLAIM) :])): value
        for name, value in row.items()
        if name.startswith(_CLAIM) and value
    }
    names = {"id": ("Id", "id_s"), "requestUri": ("RequestUri", "requestUri_s"),
             "clientInfo": ("ClientInfo", "clientInfo_s"), "httpStatusCode": ("HttpStatusCode", "httpStatusCode_d"),
             "isAddressAuthorized": ("IsAddressAuthorized", "isAddressAuthorized_b")}  # fmt: skip
    properties = {of: found for of, given in names.items() if (found := first(row, *given)) is not None}
    if isinstance(code := properties.get("httpStatusCode"), float):
        properties["httpStatusCode"] = int(code)
    return _common(row) | {
        "category": "AuditEvent",
        "resultType": row.get("ResultType"),
        "resultSignature": row.get("ResultSignature"),
        "identity": row.get("Identity") or {"claim": claims},
        "properties": properties,
    }


def _claim(name: str) -> str:
    for short, whole in _SCHEMAS.items():
        if name.startswith(short):
            return whole + name[len(short) :]
    return name
