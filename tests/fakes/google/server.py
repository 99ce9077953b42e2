"""The server: Google's APIs on loopback, each below its host's name, as in `/iam.googleapis.com/v1/roles`.

A request is understood by the public shapes and refused where it is none; every answer is held against its schema.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..loopback import Answer, Fault, Loopback, scripted
from .shapes import Method, document, faults, understood
from .world import Refused, World

TOKEN = "ya29.fake-token-canary-9f8e7d"
_PAGED = {"pageSize": 1000, "maxResults": 1000}
_COMMON = {"alt", "prettyPrint", "fields", "quotaUser", "key", "access_token", "$.xgafv"}


@dataclass(frozen=True, slots=True)
class Request:
    """A call as the fake understood it. `number` counts the calls of this method."""

    host: str
    method: str
    parameters: Mapping[str, Any]
    body: Any
    token: str
    headers: Mapping[str, str]
    number: int

    @property
    def about(self) -> str:
        """What it is asked of."""
        names = ("resource", "parent", "name", "scope", "projectId", "customer", "customerId")
        return next((str(self.parameters[one]) for one in names if one in self.parameters), "")


Scripted = Callable[[Request], Fault | None]


@dataclass
class FakeGoogle(Loopback):
    """The server. `faults` are asked first, in order; `page` is the most that a page holds; `tokens` are accepted."""

    world: World = field(default_factory=World)
    page: int = 2
    faults: list[Scripted] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    log: list[Request] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    given: list[Mapping[str, Any]] = field(default_factory=list)
    """Requests for tokens."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str = "", about: str = "") -> int:
        """How many calls of methods with that beginning about something were made."""
        return sum(1 for one in self.log if one.method.startswith(method) and about in one.about)

    def serve(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | Fault:
        """The answer to one HTTP request."""
        parts = urlsplit(target)
        host, _, path = parts.path.lstrip("/").partition("/")
        if host == "oauth2.googleapis.com" or path.endswith(":generateAccessToken") or host == "sts.googleapis.com":
            return self._token(host, path, headers, body)
        found = understood(host, verb, path)
        if found is None:
            self.strange.append(f"{verb} {target}")
            return 404, {}, b"<html>Not found</html>"
        method, placed = found
        query = {name: values[0] if len(values) == 1 else values for name, values in parse_qs(parts.query).items()}
        self._held_against(method, query)
        decoded = json.loads(body) if body else None
        token = headers.get("authorization", "").removeprefix("Bearer ")
        with self._lock:
            self._counts[method.id] += 1
            request = Request(host, method.id, {**query, **placed}, decoded, token, headers, self._counts[method.id])
            self.log.append(request)
        return self._answered(method, request)

    def _answered(self, method: Method, request: Request) -> Answer | Fault:
        fault = next((found for one in self.faults if (found := one(request))), None)
        try:
            if fault is not None and fault.refused is not None:
                raise fault.refused
            if fault is not None and (fault.drop or fault.body is not None):
                return fault
            if request.token not in self.tokens:
                raise Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.",
                              "ACCESS_TOKEN_EXPIRED")  # fmt: skip
            told = self.world.answer(method.id, _parents(method, request), request.body)
            if isinstance(told, bytes):
                return 200, {}, told[: len(told) // 2] if fault is not None and fault.cut else told
            answer = self._paged(method, request, told) if isinstance(told, list) else told
        except Refused as refused:
            return refused.http, dict(fault.headers) if fault else {}, error(refused)
        with self._lock:
            self.strange += faults(method.document, method.response, answer)
        data = json.dumps(answer).encode()
        return 200, {}, data[: len(data) // 2] if fault is not None and fault.cut else data

    def _held_against(self, method: Method, query: Mapping[str, Any]) -> None:
        """Notes parameters that the method does not have, or has with other values."""
        for name, value in query.items():
            shape = method.parameters.get(name)
            if name in _COMMON:
                continue
            if shape is None:
                self.strange.append(f"{method.id}: no parameter {name}")
            elif shape.get("enum"):
                wrong = [one for one in (value if isinstance(value, list) else [value]) if one not in shape["enum"]]
                self.strange += [f"{method.id}: {name}={one}" for one in wrong]
        self.strange += [
            f"{method.id}: without {name}" for name, shape in method.parameters.items()
            if shape.get("required") and shape.get("location") == "query" and name not in query
        ]  # fmt: skip

    def _paged(self, method: Method, request: Request, items: list[Any]) -> dict[str, Any]:
        """A page of a list; a token serves only for the question that it was given to."""
        members = document(method.document)["schemas"][method.response]["properties"]
        asked = sorted((k, str(v)) for k, v in request.parameters.items() if k not in ("pageToken", *_PAGED))
        wanted = [int(request.parameters[name]) for name in _PAGED if name in request.parameters]
        name = next(key for key, shape in members.items() if shape.get("type") == "array" and key != "unreachable")
        if "nextPageToken" not in members:
            return {name: items} if items else {}
        size, start = min([self.page, *wanted]), 0
        if "pageToken" in request.parameters:
            try:
                start, same = json.loads(base64.urlsafe_b64decode(request.parameters["pageToken"]))
            except ValueError:
                start, same = 0, None
            if same != [list(one) for one in asked]:
                raise Refused(400, "INVALID_ARGUMENT", "The page token is not of this request.")
        answer: dict[str, Any] = {name: items[start : start + size]} if items[start : start + size] else {}
        if start + size < len(items):
            told = json.dumps([start + size, asked]).encode()
            answer["nextPageToken"] = base64.urlsafe_b64encode(told).decode()
        return answer

    def _token(self, host: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        text = body.decode()
        told = json.loads(text) if text.startswith("{") else {k: v[0] for k, v in parse_qs(text).items()}
        self.given.append({"host": host, "path": path, **told})
        if path.endswith(":generateAccessToken"):
            account = path.split("/")[-1].partition(":")[0]
            token = f"{TOKEN}-{account}"
            answer = {"accessToken": token, "expireTime": "2099-01-01T00:00:00Z"}
        else:
            token = f"{TOKEN}-{len(self.given)}"
            answer = {"access_token": token, "expires_in": 3600, "token_type": "Bearer",
                      "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}  # fmt: skip
        self.tokens.add(token)
        return 200, {}, json.dumps(answer).encode()


def error(refused: Refused) -> bytes:
    """An error as Google writes it."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": refused.reason,
                "domain": "googleapis.com", "metadata": dict(refused.metadata)}]  # fmt: skip
    told = {"code": refused.http, "message": refused.message, "status": refused.status}
    return json.dumps({"error": {**told, **({"details": details} if refused.reason else {})}}).encode()


def _parents(method: Method, request: Request) -> dict[str, Any]:
    """Its parameters, with what a list is asked of under the name `parent`."""
    found = dict(request.parameters)
    if method.id == "reports.activities.list":
        found["parent"] = found["eventName"]
    elif method.id == "iam.locations.workforcePools.list":
        found.pop("location")
    return found


def on(fault: Fault, method: str = "", about: str = "", first: int | None = None) -> Scripted:
    """A fault for calls of a method (its beginning) about something; only the `first` so many of them."""
    return scripted(fault, lambda request: request.method.startswith(method) and about in request.about, first)


DENIED = Fault(Refused(403, "PERMISSION_DENIED", "The caller does not have permission"))
DISABLED = Fault(Refused(
    403, "PERMISSION_DENIED", "It has not been used in project 5 before or it is disabled. Enable it by visiting …",
    "SERVICE_DISABLED", {"service": "x.googleapis.com", "consumer": "projects/5"}))  # fmt: skip
QUOTA = Fault(Refused(
    429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Reads' and limit 'Reads per minute'",
    "RATE_LIMIT_EXCEEDED", {"quota_limit": "ReadsPerMinutePerProject", "consumer": "projects/5"}))  # fmt: skip
DAY = Fault(Refused(
    429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Reads' and limit 'Reads per day'",
    "RATE_LIMIT_EXCEEDED", {"quota_limit": "ReadsPerDayPerProject", "consumer": "projects/5"}))  # fmt: skip
EXPIRED = Fault(Refused(401, "UNAUTHENTICATED", "Request had invalid credentials", "ACCESS_TOKEN_EXPIRED"))
GONE = Fault(Refused(404, "NOT_FOUND", "Requested entity was not found"))
BROKEN = Fault(Refused(503, "UNAVAILABLE", "The service is currently unavailable"))
