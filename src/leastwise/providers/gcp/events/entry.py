"""One audit log entry, read out of the spellings that it is delivered in.

The API, files of a bucket and Pub/Sub write `protoPayload`; BigQuery names columns `protopayload_auditlog`, texts of
JSON in it `requestJson` and the like; others that ship logs write names with underscores, or `at_type` for `@type`.

https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
https://docs.cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog
https://docs.cloud.google.com/logging/docs/export/bigquery (names of columns)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import msgspec

from leastwise.providers.logs.moments import moment
from leastwise.providers.logs.nested import Object, items, part, text, written
from leastwise.providers.logs.wrapped import NotUsageError, UnreadableRecordError

AUDIT = "cloudaudit.googleapis.com/"
_AUDIT_LOG = "google.cloud.audit.AuditLog"
_PAYLOADS = ("protoPayload", "protopayload_auditlog", "proto_payload")
_TEXTS = {"requestJson": "request", "responseJson": "response", "metadataJson": "metadata"}
_SERVICE_DATA = "servicedata_v1_"
_FREE_FORM = ("request", "response", "metadata", "labels")
"""Parts whose names are a service's own."""
_CONTAINER = re.compile(r"(?:projects|folders|organizations|billingAccounts)/[^/]+")
_DEEPEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An audit log entry. Texts are empty and objects have no fields where it does not say.

    - `id`: names the entry: its log, its time and its `insertId`, which together tell it from every other.
    - `time`: microseconds since 1970.
    - `log`: which audit log: activity, data_access, system_event, policy; empty where the entry does not name its log.
    - `container`: the project, folder or organization in whose log it stands, as `projects/p`.
    - `type`, `labels`: of the monitored resource. `ongoing`: it ends an operation that another entry began.
    """

    id: str
    time: int
    log: str
    container: str
    service: str
    method: str
    resource: str
    type: str
    labels: Mapping[str, Any]
    authentication: Object
    authorization: list[Object]
    status: Object
    caller: Object
    request: Object
    response: Object
    metadata: Object
    service_data: Object
    ongoing: bool = False

    @property
    def project(self) -> str:
        """The id of the project that the resource is in, as the monitored resource has it, or the log's; or empty."""
        found = self.labels.get("project_id")
        return found if isinstance(found, str) and found else self.container.partition("projects/")[2]

    @property
    def region(self) -> str:
        """The region, zone or multi-region of the resource."""
        return next((one for name in ("location", "zone", "region") if (one := text(self.labels, name))), "")


def is_entry(value: Mapping[str, Any]) -> bool:
    """Whether an object has the fields of a log entry."""
    return any(name in value for name in (*_PAYLOADS, "logName", "log_name")) or (
        "insertId" in value and ("jsonPayload" in value or "textPayload" in value)
    )


def entry_of(value: Mapping[str, Any]) -> Entry:
    """The entry of an object as it was delivered.

    Raises:
        NotUsageError: it is another kind of log entry.
        UnreadableRecordError: it is no entry, or has no time.
    """
    given = _spelled(dict(value))
    name = text(given, "logName")
    container, log = container_and_log(name)
    payload = part(given, "protoPayload")
    audit = log.startswith(AUDIT) or _AUDIT_LOG in text(payload, "@type") or "methodName" in payload
    audit = audit or "authenticationInfo" in payload or "authorizationInfo" in payload
    if not audit or not payload:
        if not is_entry(given):
            raise UnreadableRecordError("is no log entry")
        raise NotUsageError(f"no audit log: {log or 'a log without a name'}")
    stamp = text(given, "timestamp") or text(given, "receiveTimestamp")
    time = moment(stamp)
    if time is None:
        raise UnreadableRecordError(f"timestamp {stamp[:40]!r} is no time" if stamp else "has no timestamp")
    operation = part(given, "operation")
    return Entry(
        id=_id(name, time, text(given, "insertId"), value),
        time=time,
        log=log.removeprefix(AUDIT) if log.startswith(AUDIT) else "",
        container=container,
        service=text(payload, "serviceName"),
        method=text(payload, "methodName"),
        resource=text(payload, "resourceName"),
        type=text(given, "resource", "type"),
        labels=part(given, "resource", "labels"),
        authentication=part(payload, "authenticationInfo"),
        authorization=items(payload, "authorizationInfo"),
        status=part(payload, "status"),
        caller=part(payload, "requestMetadata"),
        request=part(payload, "request"),
        response=part(payload, "response"),
        metadata=part(payload, "metadata"),
        service_data=part(payload, "serviceData"),
        ongoing=operation.get("last") is True and operation.get("first") is not True,
    )


@lru_cache(maxsize=1 << 14)
def container_and_log(name: str) -> tuple[str, str]:
    """The container and the log of a log's name."""
    container, _, log = name.partition("/logs/")
    return container if _CONTAINER.fullmatch(container) else "", unquote(log)


def _id(name: str, time: int, insert: str, value: Mapping[str, Any]) -> str:
    """Log, time and insertId: entries that agree in them are one. Without an insertId, a hash of the entry.

    https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry (insertId)
    """
    if insert:
        return f"{name}@{time}/{insert}"
    return f"hash:{hashlib.blake2b(msgspec.json.encode(value, order='deterministic'), digest_size=16).hexdigest()}"


def _spelled(given: Object) -> Object:
    """An entry with the names that the API gives its fields."""
    if "log_name" in given or "proto_payload" in given or "insert_id" in given:
        given = _camel(given, 0)
    payload: Object | None = next((given[name] for name in _PAYLOADS if isinstance(given.get(name), dict)), None)
    if payload is None:
        return given
    named = given.get("protoPayload") is payload
    if named and payload.keys().isdisjoint((*_TEXTS, "at_type")):
        return given
    told = {("@" + name[3:] if name.startswith("at_") and name != "at_sign_type" else name): one
            for name, one in payload.items()}  # fmt: skip
    for name, of in _TEXTS.items():
        if of not in told and isinstance(told.get(name), str):
            told[of] = written(told[name])
    for name in list(told):
        if name.startswith(_SERVICE_DATA) and isinstance(told[name], Mapping) and not told.get("serviceData"):
            told["serviceData"] = _camel(told[name], 0)
    return {**given, "protoPayload": told}


def _camel(value: Any, depth: int) -> Any:
    """Names with underscores as the API writes them, but for those that are a service's own."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [_camel(one, depth + 1) for one in value]
    if not isinstance(value, Mapping):
        return value
    found = {}
    for name, one in value.items():
        head, *rest = name.split("_") if isinstance(name, str) and name[:1] != "_" else [name]
        spelled = head + "".join(word.capitalize() for word in rest)
        keeps = name == "protopayload_auditlog" or (isinstance(name, str) and name.startswith(_SERVICE_DATA))
        found[name if keeps else spelled] = one if spelled in _FREE_FORM else _camel(one, depth + 1)
    return found
