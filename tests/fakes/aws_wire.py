"""How AWS speaks: which operation an HTTP request is, its parameters, and how answers and errors are written.

Operations and shapes come from the SDK's own models; answers are written by moto's serialisers.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
from moto.core.model import ServiceModel
from moto.core.serialize import get_serializer_class

_SESSION = botocore.session.Session()
_LOCK = threading.Lock()
_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")


UNSIGNED = ["sts", "sso", "sso-oidc"]
"""Services with calls that need no signature: they get a token."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call as the fake understood it. `number` counts the calls to the fake."""

    access_key: str
    account: str
    region: str
    service: str
    operation: str
    parameters: dict[str, Any]
    number: int = 0


@cache
def model(service: str) -> ServiceModel:
    """The SDK's model of a service."""
    return ServiceModel(_SESSION.get_service_data(service), service)


@cache
def _signed(services: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for service in services:
        found.setdefault(model(service).signing_name, []).append(service)
    return found


@cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], dict[str, str], str]]:
    """Method, path, query that must be there, operation; the most specific first."""
    routes = []
    for name in model(service).operation_names:
        http = model(service).operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = "".join(
            f"(?P<{_group(part)}>{'.+' if part.endswith('+}') else '[^/]+'})"
            if part.startswith("{")
            else re.escape(part)
            for part in re.split(r"(\{[^}]+\})", path)
        )
        wanted = {one.partition("=")[0]: one.partition("=")[2] for one in query.split("&") if one}
        routes.append((http["method"], re.compile(pattern.rstrip("/") + "/?"), wanted, name))
    routes.sort(key=lambda one: (-len(one[2]), one[1].pattern.count("(?P"), -len(one[1].pattern)))
    return routes


def _group(part: str) -> str:
    return "p_" + re.sub(r"\W", "_", part.strip("{}+"))


def signer(headers: Any) -> tuple[str, str, str] | None:
    """Access key, region and signing name of a signed request."""
    match = _SCOPE.search(headers.get("Authorization", ""))
    return (match[1], match[2], match[3]) if match else None


def understand(
    services: tuple[str, ...], method: str, target: str, headers: Any, body: bytes
) -> tuple[str, str, dict[str, Any]]:
    """Service, operation and parameters of a request. LookupError when it is none of the services'."""
    signed = signer(headers)
    path = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(path.query, keep_blank_values=True).items()}
    # Longer names first: s3control is signed as s3, where its paths would be keys of a bucket.
    candidates = _signed(services).get(signed[2], []) if signed else UNSIGNED
    for service in sorted(candidates, reverse=True):
        found = _operation(service, method, unquote(path.path), query, headers, body)
        if found:
            return service, *found
    raise LookupError(f"{method} {target} signed for {signed}")


def _operation(
    service: str, method: str, path: str, query: dict[str, str], headers: Any, body: bytes
) -> tuple[str, dict[str, Any]] | None:
    known = model(service)
    if known.resolved_protocol in ("json", "smithy-rpc-v2-cbor"):
        prefix, _, name = headers.get("X-Amz-Target", "").rpartition(".")
        same = prefix == known.metadata.get("targetPrefix") and name in known.operation_names
        return (name, json.loads(body or b"{}")) if same else None
    if known.resolved_protocol in ("query", "ec2"):
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        same = form.get("Version") == known.api_version and form.get("Action") in known.operation_names
        return (form["Action"], form) if same else None
    for verb, pattern, wanted, name in _routes(service):
        match = pattern.fullmatch(path.rstrip("/") or "/") if verb == method else None
        if match and all(key in query and (not value or query[key] == value) for key, value in wanted.items()):
            return name, _rest_parameters(known.operation_model(name), match.groupdict(), query, body)
    return None


def _rest_parameters(operation: Any, path: dict[str, str], query: dict[str, str], body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body) if body[:1] == b"{" else {}
    for name, shape in (operation.input_shape.members if operation.input_shape else {}).items():
        location = shape.serialization.get("location")
        wire = shape.serialization.get("name", name)
        if location == "uri":
            found[name] = path.get(_group(wire))
        elif location == "querystring" and wire in query:
            found[name] = query[wire]
        elif location is None and wire in found:
            found[name] = found[wire]
    return found


def written(service: str, operation: str, answer: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    if not answer:
        return _empty(service, operation)
    return _written(service, operation, answer)


@cache
def _empty(service: str, operation: str) -> tuple[int, dict[str, str], bytes]:
    shape = model(service).operation_model(operation).output_shape
    lists = {name: [] for name, one in (shape.members if shape else {}).items() if one.type_name == "list"}
    return _written(service, operation, lists)


def _written(service: str, operation: str, answer: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    known = model(service)
    with _LOCK:  # the models fill themselves while they are read
        told = get_serializer_class(service, known.resolved_protocol)(known.operation_model(operation)).serialize(
            answer
        )
    body = told["body"]
    data = body.encode() if isinstance(body, str) else body
    return told["status_code"], {str(k): str(v) for k, v in told["headers"].items()}, data


def error(service: str, code: str, message: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of an error as the service writes it."""
    protocol = model(service).resolved_protocol
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        return {"x-amzn-errortype": code}, json.dumps({"__type": code, "message": message}).encode()
    inner = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "s3":
        return {}, f"<Error>{inner}</Error>".encode()
    if protocol == "ec2":
        return {}, f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>r</RequestID></Response>".encode()
    text = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>r</RequestId></ErrorResponse>"
    return {}, text.encode()
