"""A world with logs: the Activity Log, blobs of diagnostic settings, tables of a workspace."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import pytest

from .around import ARM, GRAPH, LOGS, STORAGE, surround
from .server import FakeAzure
from .world import SHARED, Refused, World

ACCOUNT, CUSTOMER = "bwlogs", "cccccccc-0000-4000-8000-000000000001"
WORKSPACE = f"{SHARED}/resourceGroups/data/providers/Microsoft.OperationalInsights/workspaces/bw-logs"
ADDRESS = f"loganalytics://{WORKSPACE[1:]}"
TIMED = re.compile(
    r"eventTimestamp ge '([\dT:Z-]+)' and eventTimestamp le '([\dT:Z-]+)'(?: and eventChannels eq 'Admin, Operation')?"
)
QUERIED = re.compile(
    r"(\w+) \| where TimeGenerated >= datetime\(([\dT:Z-]+)\) and TimeGenerated < datetime\(([\dT:Z-]+)\)(.*)",
    re.DOTALL,
)


def unhurried(monkeypatch: pytest.MonkeyPatch, fake: FakeAzure) -> None:
    """As `surround`, and what is tried again is tried at once."""
    surround(monkeypatch, fake)
    monkeypatch.setattr("leastwise.providers.rest.patient._FIRST", 0.001)
    monkeypatch.setattr("leastwise.providers.rest.patient._LONGEST", 0.002)
    monkeypatch.setattr("leastwise.providers.microsoft.log_tables._PER_SECOND", 100_000)
    monkeypatch.setattr("leastwise.providers.entra.collect.log_history._EVERY", 0.0)


def sign_in(fake: FakeAzure, **more: Any) -> dict[str, Any]:
    """A source that reads the fake's logs."""
    endpoints = {place: f"{fake.url}/{place}" for place in ("arm", "graph", "login", "imds", "storage", "logs")}
    return {"provider": "azure", "access_token_env": ARM, "graph_token_env": GRAPH, "storage_token_env": STORAGE,
            "logs_token_env": LOGS, "endpoints": endpoints, **more}  # fmt: skip


def event(
    number: int, time: datetime, scope: str, action: str = "Microsoft.Compute/virtualMachines/write"
) -> dict[str, Any]:
    """A record as the REST API answers it."""
    return {
        "eventDataId": f"dddddddd-0000-4000-8000-{number:012}", "eventTimestamp": time.isoformat(),
        "submissionTimestamp": time.isoformat(), "correlationId": f"dddddddd-0000-4000-9000-{number:012}",
        "operationId": f"dddddddd-0000-4000-9000-{number:012}", "level": "Informational",
        "resourceId": f"{scope}/resourceGroups/web/providers/Microsoft.Compute/virtualMachines/vm{number}",
        "category": {"value": "Administrative"}, "operationName": {"value": action}, "caller": "ann@bw.example",
        "status": {"value": "Succeeded"}, "subStatus": {"value": "OK"}, "subscriptionId": scope.rpartition("/")[2],
        "authorization": {"action": action, "scope": f"{scope}/resourceGroups/web"},
        "claims": {"http://schemas.microsoft.com/identity/claims/objectidentifier":
                   "aaaaaaaa-0000-4000-8000-000000000001"},
    }  # fmt: skip


@dataclass
class Blob:
    """A blob; `append` is an append blob."""

    data: bytes
    append: bool = True
    version: int = 1

    @property
    def etag(self) -> str:
        return f'"0x8D{self.version:04X}{len(self.data):04X}"'


@dataclass
class Content:
    """Content of the Management Activity API: when it became available, and its records."""

    id: str
    created: datetime
    records: list[dict[str, Any]]
    uri: str = ""


@dataclass
class LogWorld(World):
    """`events` by the key of what they are of, `blobs` by account, container and name, `tables` of rows.

    `most` is how many rows an answer of a query has at most.
    """

    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    blobs: dict[str, dict[str, dict[str, Blob]]] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    workspace: dict[str, Any] = field(default_factory=lambda: {"customerId": CUSTOMER, "retentionInDays": 60})
    plans: dict[str, dict[str, Any]] = field(default_factory=dict)
    most: int = 1000
    contents: dict[str, list[Content]] = field(default_factory=dict)
    """Content of the Management Activity API by its type; a type that is not here is not subscribed to."""

    def feed(
        self, name: str, path: str, query: Mapping[str, str], page: int, url: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        if name == "feed.subscriptions":
            states = [{"contentType": one, "status": "enabled", "webhook": None} for one in self.contents]
            return 200, {}, json.dumps([*states, {"contentType": "DLP.All", "status": "disabled"}]).encode()
        root = f"{url}{path.partition('/subscriptions/')[0].partition('/audit/')[0]}"
        if name == "feed.audit":
            found = [one for some in self.contents.values() for one in some if one.id == path.rpartition("/")[2]]
            if not found:
                raise Refused(404, "AF50000", "The content is not there.")
            return 200, {}, json.dumps(found[0].records).encode()
        type = query["contentType"]
        if type not in self.contents:
            raise Refused(400, "AF20022", "No subscription found for the specified content type")
        begin, end = (datetime.fromisoformat(f"{query[one]}Z") for one in ("startTime", "endTime"))
        if end - begin > timedelta(1) or begin < datetime.now(UTC) - timedelta(7):
            raise Refused(400, "AF20030", "Start time and end time must be less than or equal to 24 hours apart")
        found = [one for one in self.contents[type] if begin <= one.created < end]
        start = int(query.get("nextPage", "0"))
        listed = [{"contentType": type, "contentId": one.id, "contentUri": one.uri or f"{root}/audit/{one.id}",
                   "contentCreated": one.created.isoformat()} for one in found[start : start + page]]  # fmt: skip
        more = {"nextPage": str(start + page)} if start + page < len(found) else {}
        link = f"{root}/subscriptions/content?{urlencode({**query, **more})}"
        return 200, {"NextPageUri": link} if more else {}, json.dumps(listed).encode()

    def _activityLogs_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        return self._between(scope.lower(), query.get("$filter", ""))

    def _tenantActivityLogs_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        return self._between("/", query.get("$filter", ""))

    def _between(self, key: str, filter: str) -> list[dict[str, Any]]:
        told = TIMED.fullmatch(filter)
        if told is None or (key == "/") != ("eventChannels" in filter):
            raise Refused(400, "BadRequest", f"The filter is not supported: {filter}")
        begin, end = (datetime.fromisoformat(one) for one in told.groups())
        if begin < datetime.now(UTC) - timedelta(90):
            raise Refused(400, "BadRequest", "The start time cannot be more than 90 days in the past.")
        found = [
            one for one in self.events.get(key, ()) if begin <= datetime.fromisoformat(one["eventTimestamp"]) <= end
        ]
        return sorted(found, key=lambda one: str(one["eventTimestamp"]), reverse=True)

    def _workspaces_get(self, scope: str, query: Mapping[str, str], body: Any) -> dict[str, Any]:
        if scope.lower() != WORKSPACE.partition("/providers/")[0].lower():
            raise Refused(404, "ResourceNotFound", "The workspace was not found.")
        return {"id": WORKSPACE, "properties": self.workspace}

    def answer(self, name: str, scope: str, path: str, query: Mapping[str, str], body: Any) -> Any:
        if name == "tables.get":
            table = path.rpartition("/")[2]
            if table not in self.tables:
                raise Refused(404, "ResourceNotFound", "The table was not found.")
            return {"properties": {"plan": "Analytics", **self.plans.get(table, {})}}
        return super().answer(name, scope, path, query, body)

    def _query_post(self, scope: str, query: Mapping[str, str], body: Any) -> dict[str, Any]:
        told = QUERIED.fullmatch(body["query"])
        if scope != CUSTOMER or told is None:
            raise Refused(400, "BadArgumentError", "The request had some invalid properties")
        begin, end = (datetime.fromisoformat(one) for one in told.groups()[1:3])
        rows = [one for one in self.tables[told[1]] if begin <= datetime.fromisoformat(one["TimeGenerated"]) < end]
        if "summarize" in told[4]:
            hours: dict[str, int] = {}
            for one in rows:
                hour = datetime.fromisoformat(one["TimeGenerated"]).replace(minute=0, second=0, microsecond=0)
                hours[hour.isoformat()] = hours.get(hour.isoformat(), 0) + 1
            return _table(["hour", "n", "size"], [[hour, count, 1000 * count] for hour, count in sorted(hours.items())])
        names = sorted({name for one in rows for name in one})
        answer = _table(names, [[one.get(name) for name in names] for one in rows[: self.most]])
        if len(rows) > self.most:
            answer["error"] = {"code": "PartialError", "message": "There were some errors when processing your query."}
        return answer

    def store(
        self, name: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], page: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        account, _, rest = path.strip("/").partition("/")
        if account not in self.blobs:
            raise Refused(404, "ResourceNotFound", "There is no such account.")
        containers = self.blobs[account]
        if name == "containers.list":
            found = [f"<Container><Name>{one}</Name></Container>" for one in sorted(containers)
                     if one.startswith(query.get("prefix", ""))]  # fmt: skip
            return _xml("Containers", found, query, page)
        container, _, key = rest.partition("/")
        if container not in containers:
            raise Refused(404, "ContainerNotFound", "The specified container does not exist.")
        if name == "blobs.list":
            return _xml("Blobs", _listed(containers[container], query), query, page)
        if key not in containers[container]:
            raise Refused(404, "BlobNotFound", "The specified blob does not exist.")
        blob = containers[container][key]
        if headers.get("if-match", blob.etag) != blob.etag:
            raise Refused(
                412, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met."
            )
        told = re.fullmatch(r"bytes=0-(\d+)", headers.get("x-ms-range", ""))
        return (206, {}, blob.data[: int(told[1]) + 1]) if told else (200, {}, blob.data)


def _table(names: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    columns = [{"name": name, "type": "string"} for name in names]
    return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]}


def _listed(blobs: Mapping[str, Blob], query: Mapping[str, str]) -> list[str]:
    """Blobs and prefixes in the order of their names, as XML."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    found: dict[str, str] = {}
    for name in sorted(one for one in blobs if one.startswith(prefix)):
        cut = name.find(delimiter, len(prefix)) if delimiter else -1
        if cut >= 0:
            folder = name[: cut + 1]
            found[folder] = f"<BlobPrefix><Name>{escape(folder)}</Name></BlobPrefix>"
            continue
        one = blobs[name]
        kind = "AppendBlob" if one.append else "BlockBlob"
        found[name] = (
            f"<Blob><Name>{escape(name)}</Name><Properties><Content-Length>{len(one.data)}</Content-Length>"
            f"<Etag>{one.etag.strip(chr(34))}</Etag><BlobType>{kind}</BlobType></Properties></Blob>"
        )
    return list(found.values())


def _xml(kind: str, items: list[str], query: Mapping[str, str], page: int) -> tuple[int, Mapping[str, str], bytes]:
    start = int(query.get("marker") or 0)
    end = start + page
    more = f"<NextMarker>{end}</NextMarker>" if end < len(items) else "<NextMarker/>"
    listed = f"<{kind}>{''.join(items[start:end])}</{kind}>{more}"
    body = f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Prefix/>{listed}'
    return 200, {}, f"\ufeff{body}</EnumerationResults>".encode()
