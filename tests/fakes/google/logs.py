"""Audit logs in the fake: what Cloud Logging keeps, objects of a sink's bucket, tables of a sink's dataset."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leastwise.providers.checksum import Crc32c

from .world import Refused, World

DEFAULT = {
    "name": "_Default", "destination": "logging.googleapis.com/projects/x/locations/global/buckets/_Default",
    "filter": 'NOT LOG_ID("cloudaudit.googleapis.com/activity") AND NOT LOG_ID("externalaudit.googleapis.com/x")',
}  # fmt: skip
_TIMES = re.compile(r'timestamp(>=|<)"([^"]+)"')
_LOG_IDS = re.compile(r'log_id\("([^"]+)"\)')
_COLUMN = re.compile(r"[^a-zA-Z0-9_]")


def entry(
    number: int,
    time: str,
    project: str = "bw-alpha",
    log: str = "activity",
    method: str = "storage.buckets.create",
    **more: Any,
) -> dict[str, Any]:
    """An audit log entry of a project, as the API writes it."""
    return {
        "insertId": f"e{number}", "timestamp": time, "receiveTimestamp": time, "severity": "NOTICE",
        "logName": f"projects/{project}/logs/cloudaudit.googleapis.com%2F{log}",
        "resource": {"type": "gcs_bucket", "labels": {"project_id": project, "bucket_name": "press", "location": "eu"}},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "storage.googleapis.com",
            "methodName": method, "resourceName": "projects/_/buckets/press",
            "authenticationInfo": {"principalEmail": "ann@brightwater.example"},
            "authorizationInfo": [{"permission": method, "granted": True, "resource": "projects/_/buckets/press"}],
            "requestMetadata": {"callerIp": "203.0.113.7"}, "status": {},
        },
        **more,
    }  # fmt: skip


@dataclass
class LogWorld(World):
    """The world with logs. `entries` are by container, `stored` by bucket and name, `tables` by `PROJECT.DATASET`."""

    entries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sinks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    retention: dict[str, Any] = field(default_factory=lambda: {"retentionDays": 30})
    stored: dict[str, dict[str, bytes]] = field(default_factory=dict)
    generations: dict[tuple[str, str], int] = field(default_factory=dict)
    corrupt: set[str] = field(default_factory=set)
    tables: dict[str, dict[str, Table]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    page: int = 1000

    def answer(self, method: str, parameters: Mapping[str, Any], body: Any) -> Any:
        """Also bytes, for an object's own."""
        match method:
            case "logging.entries.list":
                return self._entries(body)
            case "storage.objects.list":
                return self._listed(parameters)
            case "storage.objects.get":
                return self._object(str(parameters["bucket"]), str(parameters["object"]), parameters)
            case "bigquery.tables.list" | "bigquery.tables.get" | "bigquery.tabledata.list":
                return self._of_dataset(method, parameters)
        if method.startswith("logging.") and method.endswith("sinks.list"):
            return self.sinks.get(str(parameters["parent"]), [DEFAULT])
        if method.startswith("logging.") and method.endswith("buckets.get"):
            return {"name": parameters["name"], **self.retention}
        return super().answer(method, parameters, body)

    def _entries(self, body: Mapping[str, Any]) -> dict[str, Any]:
        (container,) = body["resourceNames"]
        if container in self.denied:
            raise Refused(403, "PERMISSION_DENIED", f"Permission 'logging.logEntries.list' denied on {container}")
        tests = [(sign, _moment(time)) for sign, time in _TIMES.findall(body["filter"])]
        logs = {one.replace("/", "%2F") for one in _LOG_IDS.findall(body["filter"])}
        private = self.held is None or "logging.privateLogEntries.list" in self.held
        found = [
            one for one in sorted(self.entries.get(container, ()), key=lambda one: (one["timestamp"], one["insertId"]))
            if one["logName"].rpartition("/logs/")[2] in logs
            and all(_moment(one["timestamp"]) >= time if sign == ">=" else _moment(one["timestamp"]) < time
                    for sign, time in tests)
            and (private or "data_access" not in one["logName"])
        ]  # fmt: skip
        assert body["orderBy"] == "timestamp asc"
        return self._cut(found, "entries", min(self.page, body["pageSize"]), body)

    def _cut(self, found: list[Any], name: str, size: int, asked: Mapping[str, Any], to: str = "nextPageToken") -> Any:
        """A page; a token serves only for the question that it was given to."""
        about = sorted((key, str(value)) for key, value in asked.items() if key not in ("pageToken", "pageSize"))
        start = 0
        if token := asked.get("pageToken"):
            start, same = json.loads(base64.urlsafe_b64decode(token))
            if same != [list(one) for one in about]:
                raise Refused(400, "INVALID_ARGUMENT", "The page token is not of this request.")
        answer = {name: found[start : start + size]} if found[start : start + size] else {}
        if start + size < len(found):
            answer[to] = base64.urlsafe_b64encode(json.dumps([start + size, about]).encode()).decode()
        return answer

    def put(self, bucket: str, name: str, data: bytes) -> None:
        """An object, or another one in its place."""
        self.stored.setdefault(bucket, {})[name] = data
        self.generations[bucket, name] = self.generations.get((bucket, name), 1000) + 1

    def _listed(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        bucket = str(parameters["bucket"])
        if bucket not in self.stored:
            raise Refused(404, "notFound", "The specified bucket does not exist.")
        if bucket in self.denied:
            raise Refused(403, "forbidden", "does not have storage.objects.list access")
        prefix, delimiter = str(parameters.get("prefix", "")), parameters.get("delimiter")
        first, last = str(parameters.get("startOffset", "")), str(parameters.get("endOffset", "\U0010ffff"))
        items: list[Any] = []
        folders: dict[str, None] = {}
        for name in sorted(self.stored[bucket]):
            if not name.startswith(prefix) or not first <= name < last:
                continue
            rest, sign, _ = name.removeprefix(prefix).partition("/")
            if delimiter and sign:
                folders[f"{prefix}{rest}/"] = None
            else:
                items.append(self._told(bucket, name))
        size = min(self.page, int(parameters.get("maxResults", 1000)))
        answer: dict[str, Any] = self._cut(items, "items", size, parameters)
        return {**answer, **({"prefixes": list(folders)} if folders else {})}

    def _told(self, bucket: str, name: str) -> dict[str, Any]:
        data, checksum = self.stored[bucket][name], Crc32c()
        checksum.update(data)
        return {
            "name": name, "bucket": bucket, "size": str(len(data)), "generation": str(self.generations[bucket, name]),
            "crc32c": base64.b64encode(checksum.value.to_bytes(4, "big")).decode(),
        }  # fmt: skip

    def _object(self, bucket: str, name: str, parameters: Mapping[str, Any]) -> Any:  # type: ignore[override]
        if name not in self.stored.get(bucket, {}):
            raise Refused(404, "notFound", f"No such object: {bucket}/{name}")
        if name in self.denied:
            raise Refused(403, "forbidden", "does not have storage.objects.get access")
        wanted = parameters.get("ifGenerationMatch")
        if wanted and int(wanted) != self.generations[bucket, name]:
            raise Refused(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
        if parameters.get("alt") != "media":
            return self._told(bucket, name)
        data = self.stored[bucket][name]
        return data[:-1] + bytes([data[-1] ^ 1]) if name in self.corrupt else data

    def _of_dataset(self, method: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        of = f"{parameters['projectId']}.{parameters['datasetId']}"
        if of not in self.tables:
            raise Refused(404, "notFound", f"Not found: Dataset {of}")
        if of in self.denied:
            raise Refused(403, "accessDenied", f"Access Denied: Dataset {of}")
        size = min(self.page, int(parameters.get("maxResults", 1000)))
        if method == "bigquery.tables.list":
            rows = [{"tableReference": _named(of, id), "type": one.type} for id, one in self.tables[of].items()]
            return dict(self._cut(rows, "tables", size, parameters))
        id, _, day = str(parameters["tableId"]).partition("$")
        if id not in self.tables[of]:
            raise Refused(404, "notFound", f"Not found: Table {of}.{id}")
        table = self.tables[of][id]
        if method == "bigquery.tables.get":
            return table.told(of, id)
        found = [one for one in table.entries if not day or one["timestamp"][:10].replace("-", "") == day]
        if day and not found:
            raise Refused(404, "notFound", f"Not found: Table {of}.{id}${day}")
        chosen = [one for one in table.fields if one["name"] in str(parameters["selectedFields"]).split(",")]
        rows = [cells(one, chosen) for one in found]
        return {"totalRows": str(len(rows)), **self._cut(rows, "rows", size, parameters, "pageToken")}


@dataclass
class Table:
    """A table of a sink."""

    entries: list[dict[str, Any]]
    partitioned: bool = False
    type: str = "TABLE"
    created: str = "2026-10-01T00:00:00Z"
    modified: int = 1
    fields: list[dict[str, Any]] = field(default_factory=lambda: SCHEMA)

    def told(self, of: str, id: str) -> dict[str, Any]:
        """What tables.get says."""
        parts = {"timePartitioning": {"type": "DAY", "field": "timestamp"}} if self.partitioned else {}
        return {
            "tableReference": _named(of, id), "type": self.type, "schema": {"fields": self.fields}, **parts,
            "numRows": str(len(self.entries)), "numBytes": str(1000 * len(self.entries)),
            "lastModifiedTime": str(self.modified), "creationTime": str(_moment(self.created) // 1000),
        }  # fmt: skip


def cells(value: Mapping[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    """A record as tabledata.list gives it, of an entry as the API of Logging writes it."""
    return {"f": [{"v": _cell(_taken(value, one["name"]), one)} for one in fields]}


def _taken(value: Mapping[str, Any], name: str) -> Any:
    """A column of an entry: BigQuery's names for what others call otherwise."""
    match name:
        case "protopayload_auditlog":
            return value.get("protoPayload")
        case "requestJson" | "responseJson" | "metadataJson":
            told = value.get(name.removesuffix("Json"))
            return None if told is None else json.dumps(told)
        case "servicedata_v1_iam":
            return value.get("serviceData")
    return next((one for key, one in value.items() if _COLUMN.sub("_", key) == name), None)


def _cell(value: Any, shape: Mapping[str, Any]) -> Any:
    if value is None:
        return [] if shape.get("mode") == "REPEATED" else None
    if shape.get("mode") == "REPEATED":
        return [{"v": _cell(one, {**shape, "mode": "NULLABLE"})} for one in value]
    match shape["type"]:
        case "RECORD":
            return cells(value, shape["fields"])
        case "TIMESTAMP":
            return str(_moment(value))
        case "BOOLEAN":
            return "true" if value else "false"
    return str(value)


def _moment(time: str) -> int:
    """Microseconds since 1970."""
    return round(datetime.fromisoformat(time).timestamp() * 1_000_000)


def _named(of: str, id: str) -> dict[str, str]:
    project, _, dataset = of.partition(".")
    return {"projectId": project, "datasetId": dataset, "tableId": id}


def _texts(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "type": "STRING", "mode": "NULLABLE"} for name in names]


def _part(name: str, *fields: dict[str, Any], many: bool = False) -> dict[str, Any]:
    return {"name": name, "type": "RECORD", "mode": "REPEATED" if many else "NULLABLE", "fields": list(fields)}


def _of(name: str, type: str) -> dict[str, Any]:
    return {"name": name, "type": type, "mode": "NULLABLE"}


SCHEMA = [
    *_texts("logName"),
    _part("resource", *_texts("type"), _part("labels", *_texts("project_id", "bucket_name", "location", "zone",
                                                             "email_id", "role_name"))),
    _part(
        "protopayload_auditlog", *_texts("serviceName", "methodName", "resourceName"),
        _of("numResponseItems", "INTEGER"), _part("status", _of("code", "INTEGER"), *_texts("message")),
        _part("authenticationInfo", *_texts("principalEmail", "principalSubject", "serviceAccountKeyName"),
              _part("serviceAccountDelegationInfo", *_texts("principalSubject"),
                    _part("firstPartyPrincipal", *_texts("principalEmail")), many=True)),
        _part("authorizationInfo", *_texts("resource", "permission"), _of("granted", "BOOLEAN"),
              _part("resourceAttributes", *_texts("service", "name", "type")), many=True),
        _part("requestMetadata", *_texts("callerIp", "callerSuppliedUserAgent")),
        _part("servicedata_v1_iam", _part("policyDelta", _part("bindingDeltas", *_texts("action", "role", "member"),
                                                               many=True))),
        *_texts("requestJson", "responseJson", "metadataJson"),
    ),
    *_texts("textPayload"), _of("timestamp", "TIMESTAMP"), _of("receiveTimestamp", "TIMESTAMP"),
    *_texts("severity", "insertId"),
    _part("operation", *_texts("id", "producer"), _of("first", "BOOLEAN"), _of("last", "BOOLEAN")),
]  # fmt: skip
"""Columns of a sink's table.

https://docs.cloud.google.com/logging/docs/export/bigquery
"""
