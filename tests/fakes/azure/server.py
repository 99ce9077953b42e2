"""The server: Resource Manager below `/arm`, Graph below `/graph`, tokens below `/login` and `/imds`, over TLS."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from ..loopback import Answer, Fault, Loopback, scripted
from .certificate import certificate
from .directory import SHAPES as GRAPH_SHAPES
from .directory import TENANT, selected
from .shapes import SHAPES, Shape
from .world import Refused, World

SECRET = "client-secret-canary-1a2b3c"
_PAGES = {"$skiptoken", "$skipToken", "$top"}


def jwt(audience: str, number: int = 0, roles: Sequence[str] | None = None) -> str:
    """A token that says for whom it is, and which permissions it holds; not signed.

    With `roles` it is an application's own, else that of a user who may read hidden members.
    """
    held = {"scp": "Member.Read.Hidden User.Read"} if roles is None else {"roles": roles}
    claims = {"tid": TENANT, "aud": audience, "exp": 4102444800, "canary": f"token-canary-{number}", **held}
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({"alg": "none"}, claims)
    ]
    return ".".join([*parts, "c2lnbmF0dXJlLWNhbmFyeQ"])


TOKENS = {place: jwt(place) for place in ("arm", "graph", "storage", "logs", "office")}


@dataclass(frozen=True, slots=True)
class Request:
    """A call as the fake understood it."""

    place: str
    name: str
    scope: str
    path: str
    query: Mapping[str, str]
    body: Any
    token: str
    headers: Mapping[str, str] = field(default_factory=dict)


Scripted = Callable[[Request], Fault | None]


@dataclass
class FakeAzure(Loopback):
    """The server. `faults` are asked first, in order; `page` is the most that a page holds; `tokens` are accepted."""

    CONTENT_TYPE = "application/json; charset=utf-8"

    folder: Path
    world: World = field(default_factory=World)
    page: int = 2
    faults: list[Scripted] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: set(TOKENS.values()))
    unknown_versions: set[str] = field(default_factory=set)
    generous: bool = True
    """Hands out more members than `$select` asks for, so that what is not to be kept would be."""
    batches: list[int] = field(default_factory=list)
    """How many requests there were in each batch."""
    log: list[Request] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    """Requests for tokens."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.authority = certificate(self.folder)

    def guarded(self, listening: socket) -> socket:
        """The socket behind TLS, with a certificate of the fake's own authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority)
        # The handshake is the thread's of the connection: one that hangs must not hold up the others.
        return context.wrap_socket(listening, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def count(self, name: str = "", about: str = "") -> int:
        """How many calls of operations with that beginning about something were made."""
        return sum(1 for one in self.log if one.name.startswith(name) and about in one.path)

    def serve(self, verb: str, target: str, headers: Mapping[str, str], raw: bytes) -> Answer | Fault:
        """The answer to one HTTP request."""
        parts = urlsplit(target)
        place, _, path = parts.path.lstrip("/").partition("/")
        path, query = "/" + unquote(path), dict(parse_qsl(parts.query))
        if place in ("login", "imds"):
            return self._token(place, path, query, headers, raw)
        if raw and headers.get("content-type") != "application/json" and place not in ("login", "imds"):
            self.strange.append(f"{verb} {target}: a body of type {headers.get('content-type')}")
        body = json.loads(raw) if raw else None
        return self._asked(place, verb, path, query, body, headers)

    def _asked(
        self, place: str, verb: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]
    ) -> Answer | Fault:
        shapes = GRAPH_SHAPES if place == "graph" else SHAPES
        found = next(((one, match) for one in shapes if (match := one.match(place, verb, path)) is not None), None)
        if found is None:
            self.strange.append(f"{verb} {path}")
            return _error(place, Refused(404, "InvalidResourceType", f"{path} is not known"))
        shape, match = found
        token = headers.get("authorization", "").removeprefix("Bearer ")
        request = Request(place, shape.name, match.groupdict().get("scope") or "", path, query, body, token, headers)
        with self._lock:
            self.log.append(request)
        return self._answered(shape, request)

    def _answered(self, shape: Shape, request: Request) -> Answer | Fault:
        fault = next((found for one in self.faults if (found := one(request))), None)
        try:
            if fault is not None and fault.refused is not None:
                raise fault.refused
            if fault is not None and (fault.drop or fault.body is not None):
                return fault
            self._held_against(shape, request)
            if shape.page == "batch":
                return self._batch(request)
            if shape.page == "xml":
                return self.world.store(shape.name, request.path, request.query, request.headers, self.page)
            if shape.page == "feed":
                return self.world.feed(shape.name, request.path, request.query, self.page, f"{self.url}/office")
            told = self._told(shape, request)
            answer = self._paged(shape, request, told) if isinstance(told, list) else told
        except Refused as refused:
            return _error(request.place, refused)
        data = json.dumps(answer).encode()
        return 200, {}, data[: len(data) // 2] if fault is not None and fault.cut else data

    def _told(self, shape: Shape, request: Request) -> Any:
        if request.place != "graph":
            return self.world.answer(shape.name, request.scope, request.path, request.query, request.body)
        held, own = _held(request.token)
        wanted = _WANTED.get(request.path.rpartition("/")[2]) if own else None
        if wanted is not None and not set(wanted) & set(held):
            # Errors of PIM's interfaces stand as JSON in the message of another.
            said = f"Authorization failed due to missing permission scope {','.join(wanted)}."
            inner = {"errorCode": "PermissionScopeNotGranted", "message": said, "instanceAnnotations": []}
            raise Refused(403, "UnknownError", json.dumps(inner))
        sees = "Member.Read.Hidden" in held
        told = self.world.directory.answer(request.path, request.query, sees)
        return told if self.generous else selected(told, request.query)

    def _batch(self, request: Request) -> Answer | Fault:
        """Each request for itself, answered in another order. https://learn.microsoft.com/graph/json-batching"""
        asked = request.body["requests"]
        ids = [one["id"] for one in asked]
        if len(asked) > 20 or len(set(ids)) < len(ids):
            raise Refused(400, "BadRequest", "Number of batch request steps exceeds the maximum value of 20.")
        with self._lock:
            self.batches.append(len(asked))
        version, responses = request.path.rpartition("/")[0], []
        for one in asked:
            parts = urlsplit(one["url"])
            path = f"{version}/{unquote(parts.path).lstrip('/')}"
            headers = {**request.headers, **{name.lower(): told for name, told in one.get("headers", {}).items()}}
            made = self._asked("graph", one["method"], path, dict(parse_qsl(parts.query)), one.get("body"), headers)
            if isinstance(made, Fault):
                if made.drop:
                    return made
                made = made.http, made.headers, made.body or b""
            responses.append(_response(one["id"], made))
        return 200, {}, json.dumps({"responses": responses[::-1]}).encode()

    def _held_against(self, shape: Shape, request: Request) -> None:
        """Refuses tokens and versions that are not known; notes parameters that the operation does not have."""
        if request.token not in self.tokens:
            code = "ExpiredAuthenticationToken" if request.place == "arm" else "InvalidAuthenticationToken"
            raise Refused(401, code, "The access token expiry UTC time is earlier than current UTC time.")
        if request.place in ("storage", "logs", "office") and request.token != TOKENS[request.place]:
            raise Refused(401, "InvalidAuthenticationInfo", "The audience of the token is another.")
        if request.place == "storage" and not request.headers.get("x-ms-version"):
            raise Refused(400, "MissingRequiredHeader", "x-ms-version")
        version = request.query.get("api-version", "")
        if request.place == "arm" and not version:
            raise Refused(
                400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required"
            )
        if version and (version not in shape.versions or version in self.unknown_versions):
            if version not in self.unknown_versions:
                self.strange.append(f"{shape.name}: version {version}")
            raise Refused(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")
        known = {"api-version", *shape.required, *shape.optional, *_PAGES}
        self.strange += [f"{shape.name}: no parameter {name}" for name in request.query if name not in known]
        self.strange += [f"{shape.name}: without {name}" for name in shape.required if name not in request.query]

    def _paged(self, shape: Shape, request: Request, items: list[Any]) -> dict[str, Any]:
        """A page of a list, with the link or token of the next."""
        if shape.page == "skip":
            options = (request.body or {}).get("options", {})
            start = _start(options.get("$skipToken", ""))
            size = min(self.page, int(options.get("$top", 100)))
            data, end = items[start : start + size], start + size
            more = {"$skipToken": _token_of(end)} if end < len(items) else {}
            return {"totalRecords": len(items), "count": len(data), "data": data, "resultTruncated": "false", **more}
        start = _start(request.query.get("$skiptoken", ""))
        end = start + min(self.page, int(request.query.get("$top", self.page)))
        answer: dict[str, Any] = {"value": items[start:end]}
        if end < len(items):
            query = {**request.query, "$skiptoken": _token_of(end)}
            link = f"{self.url}/{request.place}{request.path}?{urlencode(query)}"
            answer["@odata.nextLink" if shape.page == "odata" else "nextLink"] = link
        return answer

    def _token(self, place: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], raw: bytes) -> Answer:
        told = {**query, **dict(parse_qsl(raw.decode())), "path": path, "headers": dict(headers)}
        with self._lock:
            self.given.append(told)
        if place == "login" and told.get("client_secret") != SECRET and "client_assertion" not in told:
            said = f"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: {told.get('client_secret')}"
            wrong = {"error": "invalid_client", "error_description": said}
            return 401, {}, json.dumps(wrong).encode()
        if place == "imds" and headers.get("metadata") != "true":
            return 400, {}, b'{"error": "bad_request_102"}'
        audience = "graph" if "graph" in told.get("scope", told.get("resource", "")) else "arm"
        token = jwt(audience, len(self.given))
        self.tokens.add(token)
        return 200, {}, json.dumps({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}).encode()


def _response(id: str, made: Answer) -> dict[str, Any]:
    """A part of a batch's answer; what is no JSON is written in Base64."""
    status, headers, data = made
    try:
        body: Any = json.loads(data)
    except ValueError:
        body = base64.b64encode(data).decode()
    return {"id": id, "status": status, "headers": {"Content-Type": "application/json", **headers}, "body": body}


_WANTED: Mapping[str, Sequence[str]] = {
    **{f"role{one}ScheduleRequests": (f"Role{one}Schedule.ReadWrite.Directory", "RoleManagement.ReadWrite.Directory")
       for one in ("Assignment", "Eligibility")},
    "steps": (), "stages": (),
}  # fmt: skip
"""What an application must hold for what reading permissions do not do, by the last word of the address."""


def _held(token: str) -> tuple[Sequence[str], bool]:
    """The permissions that a token holds, and whether they are an application's own."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return (), False
    return claims.get("roles") or claims.get("scp", "").split(), "roles" in claims


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except ValueError:
        raise Refused(400, "InvalidSkipToken", "The skip token is not of this request.") from None


def _token_of(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def _error(place: str, refused: Refused) -> Answer:
    """An error as Resource Manager or Graph writes it, or the blob service."""
    if place == "storage":
        body = f"<?xml version='1.0'?><Error><Code>{refused.code}</Code><Message>{refused.message}</Message></Error>"
        return refused.http, {**refused.headers, "x-ms-error-code": refused.code}, body.encode()
    told: dict[str, Any] = {"code": refused.code, "message": refused.message}
    if place == "graph":
        told["innerError"] = {"date": "2026-11-22T00:00:00", "request-id": "r"}
    return refused.http, dict(refused.headers), json.dumps({"error": told}).encode()


def on(fault: Fault, name: str = "", about: str = "", first: int | None = None) -> Scripted:
    """A fault for calls of an operation (its beginning) about something; only the `first` so many of them."""
    return scripted(fault, lambda request: request.name.startswith(name) and about in request.path, first)


DENIED = Fault(Refused(403, "AuthorizationFailed", "The client does not have authorization to perform action"))
OFTEN = Fault(Refused(429, "TooManyRequests", "Too many requests.", {"Retry-After": "1"}))
EXPIRED = Fault(Refused(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier."))
UNLICENSED = Fault(Refused(400, "AadPremiumLicenseRequired", "The tenant needs to have Microsoft Entra ID P2 license."))
UNREGISTERED = Fault(Refused(409, "MissingSubscriptionRegistration", "The subscription is not registered."))
BROKEN = Fault(Refused(503, "ServiceUnavailable", "The service is temporarily unavailable."))
UNLICENSED_READER = Fault(Refused(
    403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
))  # fmt: skip
NO_INTUNE = Fault(Refused(400, "BadRequest", "Request not applicable to target tenant."))
REFUSED = Fault(Refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."))
DELETED = Fault(
    Refused(
        404,
        "Request_ResourceNotFound",
        "Resource 'x' does not exist.",
    )
)
GONE = Fault(Refused(404, "ResourceNotFound", "The resource was not found."))
