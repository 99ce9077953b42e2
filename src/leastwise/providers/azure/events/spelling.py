"""A record out of the forms in which it is delivered: the API's, the exports', rows of a Log Analytics workspace.

https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema (API, and how exports differ)
https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs-schema
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from leastwise.providers.logs.moments import moment
from leastwise.providers.logs.nested import Object, written
from leastwise.providers.logs.tabular import address, word
from leastwise.providers.logs.wrapped import ElsewhereError, NotUsageError, UnreadableRecordError

from .record import ACTIVITY, ADMINISTRATIVE, Record

_ACTIVITY = {
    one.lower(): one
    for one in (ADMINISTRATIVE, "ServiceHealth", "ResourceHealth", "Alert", "Autoscale", "Security", "Recommendation",
                "Policy")
}  # fmt: skip
"""Categories of the Activity Log; records of old exports have the kind of operation in their place."""
_KINDS = frozenset(("write", "delete", "action"))
RESOURCE_LOGS = {
    one.lower(): one for one in ("StorageRead", "StorageWrite", "StorageDelete", "AuditEvent")
}  # fmt: skip
"""Categories of resource logs of which tables tell the permissions."""
_DIRECTORY = re.compile(
    r"auditlogs|.*signinlogs|directorymanagement|applicationmanagement|rolemanagement|usermanagement|groupmanagement|"
    r"provisioninglogs|riskyusers|userriskevents|.*serviceprincipals|microsoftgraphactivitylogs",
    re.I,
)
DIRECTORY = "entra"
"""The provider that reads logs of the directory."""
_CLUSTER = re.compile(r"kube-.*|cluster-autoscaler|guard|cloud-controller-manager|csi-.*", re.I)
_STATUS = {
    "start": "started", "started": "started", "begin": "started", "beginrequest": "started", "accept": "accepted",
    "accepted": "accepted", "in progress": "accepted", "inprogress": "accepted", "running": "accepted",
    "success": "succeeded", "succeeded": "succeeded", "ok": "succeeded", "failure": "failed", "failed": "failed",
    "canceled": "canceled", "cancelled": "canceled", "cancel": "canceled", "unknown": "",
}  # fmt: skip
_HTTP = re.compile(r"\(HTTP Status Code: (\d{3})\)", re.I)
Value = Mapping[str, Any]


def of_directory(category: str) -> bool:
    """Whether a category is one of the directory's logs."""
    return _DIRECTORY.fullmatch(category) is not None


def is_record(value: Value) -> bool:
    """Whether an object has the fields of a record in the form of the API or of exports."""
    return ("operationName" in value or "operationname" in value) and (
        "category" in value or "resourceId" in value or "resourceUri" in value or "properties" in value
        or "authorization" in value
    )  # fmt: skip


def record_of(value: Value) -> Record:
    """The record of an object as it was delivered.

    Raises:
        NotUsageError: it is another kind of record.
        ElsewhereError: it is one of the directory's logs.
        UnreadableRecordError: it has no time, or names no operation or category.
    """
    properties = written(value.get("properties"))
    category = word(value, "category") or word(value, "eventSource") or word(properties, "eventCategory")
    if category.lower() in _KINDS:
        category = word(properties, "eventCategory") or ADMINISTRATIVE
    log = ACTIVITY if category == ADMINISTRATIVE else _log(category, value)
    operation = word(value, "operationName")
    if not operation:
        raise UnreadableRecordError("names no operation")
    stamp = word(value, "time") or word(value, "eventTimestamp")
    time = moment(stamp)
    if time is None:
        raise UnreadableRecordError(f"time {stamp[:40]!r} is no time" if stamp else "has no time")
    make = _activity if log == ACTIVITY else _resource_log
    return make(value, properties, log, time, operation)


def _log(category: str, value: Value) -> str:
    """The log of a category. Raises NotUsageError, ElsewhereError, UnreadableRecordError."""
    low = category.lower()
    named = _ACTIVITY.get(low)
    if low == "policy" and "/microsoft.aadiam" in word(value, "resourceId").lower():
        named = None
    if named == ADMINISTRATIVE:
        return ACTIVITY
    if named is not None:
        raise NotUsageError(f"{named} of the Activity Log, which is no use of a permission")
    if low in RESOURCE_LOGS:
        return RESOURCE_LOGS[low]
    if not category:
        raise UnreadableRecordError("names no category of logs")
    if low == "policy" or of_directory(category) or "/microsoft.aadiam" in word(value, "resourceId").lower():
        raise ElsewhereError(DIRECTORY)
    if _CLUSTER.fullmatch(category):
        raise NotUsageError(f"{category}, a log of a Kubernetes cluster")
    raise NotUsageError(f"{category}, of which no table tells the permissions")


def _activity(value: Value, properties: Value, log: str, time: int, operation: str) -> Record:
    identity = written(value.get("identity"))
    authorization = written(identity.get("authorization") or value.get("authorization"))
    inner = written(properties["eventProperties"]) if "eventProperties" in properties else properties
    code = _code(word(value, "resultSignature") or word(value, "subStatus")) or _code(word(inner, "statusCode"))
    status = word(value, "resultType") or word(value, "status")
    if not status and code:
        # Some tools keep the properties alone: the code of a call that is over.
        status = "failed" if http(code) >= 400 else "succeeded"
    return Record(
        log=log,
        time=time,
        operation=operation,
        resource=word(value, "resourceId") or word(value, "resourceUri") or word(properties, "entity"),
        action=word(authorization, "action"),
        subscription=word(value, "subscriptionId"),
        claims=written(identity.get("claims") or value.get("claims")),
        caller=word(value, "caller"),
        evidence=written(authorization.get("evidence")) or _role(authorization),
        status=_status(status),
        code=code,
        correlation=word(value, "correlationId"),
        ip=word(value, "callerIpAddress") or word(written(value.get("httpRequest")), "clientIpAddress"),
        properties=inner,
    )


def _role(authorization: Value) -> Object:
    """Some answers of the API tell the role beside the action, without an assignment."""
    role = authorization.get("role")
    return {"role": role} if isinstance(role, str) and role else {}


def _resource_log(value: Value, properties: Value, log: str, time: int, operation: str) -> Record:
    identity = written(value.get("identity"))
    code = value.get("statusCode") or properties.get("httpStatusCode") or value.get("httpStatusCode")
    code = code if code not in (None, "") else value.get("resultSignature")
    requester = written(identity.get("requester"))
    checks = identity.get("authorization")
    text = word(value, "statusText") or word(properties, "metricResponseType") or word(value, "resultType")
    return Record(
        log=log,
        time=time,
        operation=operation,
        resource=word(value, "resourceId") or word(properties, "entity"),
        claims=written(identity.get("claim") or identity.get("claims")) or requester,
        identity=identity,
        checks=tuple(one for one in checks if isinstance(one, dict)) if isinstance(checks, list) else (),
        status=text,
        code=str(code) if code is not None and not isinstance(code, dict | list) else "",
        correlation=word(value, "correlationId"),
        ip=address(word(value, "callerIpAddress")),
        agent=word(properties, "userAgentHeader") or word(properties, "clientInfo"),
        region=word(value, "location").replace(" ", "").lower(),
        properties=properties,
        uri=word(value, "uri") or word(properties, "requestUri"),
    )


def http(code: str) -> int:
    """The HTTP status of a code, 0 where it is none."""
    if code.isascii() and code.isdigit() and len(code) == 3:
        return int(code)
    return _NAMES.get(code.lower().replace(" ", ""), 0)


_NAMES = {
    "ok": 200, "created": 201, "accepted": 202, "nocontent": 204, "badrequest": 400, "unauthorized": 401,
    "forbidden": 403, "notfound": 404, "methodnotallowed": 405, "requesttimeout": 408, "conflict": 409, "gone": 410,
    "preconditionfailed": 412, "toomanyrequests": 429, "internalservererror": 500, "badgateway": 502,
    "serviceunavailable": 503, "gatewaytimeout": 504,
}  # fmt: skip


@lru_cache(maxsize=1 << 10)
def _code(sub: str) -> str:
    """The number in `Forbidden (HTTP Status Code: 403)`, `Failed.Forbidden`, `Created`, `200`; or empty."""
    found = _HTTP.search(sub)
    if found is not None:
        return found[1]
    code = http(sub.rpartition(".")[2].strip())
    return str(code) if code else ""


@lru_cache(maxsize=1 << 10)
def _status(word: str) -> str:
    low = word.strip().lower()
    return _STATUS.get(low, low)
