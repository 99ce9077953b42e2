"""Reading a saved `aws … --output json` response: which call it is of, about what, and in whose account."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.aws.outcome import ABSENT, status_of

from . import recognise as kinds
from .calls import known
from .files import Found, folder_region, members, modified, name_of, parse
from .owner import owner
from .report import read_report

_MORE = ("NextToken", "nextToken", "NextMarker", "IsTruncated")


def read_response(path: Path, data: bytes) -> list[Found]:
    """The response as a raw document of its account or organization. Raises InputError."""
    match = kinds.RESPONSE_NAME.fullmatch(path.name)
    if match is None:
        raise InputError(path, "not named like a saved response")
    service, operation = match["service"], match["operation"]
    subjects = "\x1f".join(unquote(part) for part in (match["subject"] or "").split("--"))
    body = parse(path, data)
    if isinstance(body, dict):
        members(path, data)
    if service == "iam" and operation == "get-credential-report" and isinstance(body, dict):
        return _encoded_report(path, body)
    scope = owner(path, service, f"{service}.{operation}", None if match["error"] else body)
    name, call, detail = f"{path.parent.name}/{name_of(path)}", f"{service}.{operation}", subjects.replace("\x1f", ", ")
    if match["error"]:
        return [_failed(scope, path, body, (service, call, name), subjects)]
    document = RawDocument(scope, service, call, name, data, subjects, modified(path), _region(path, subjects))
    return [Found(scope, [document], [_coverage(service, operation, detail, body)])]


def _coverage(service: str, operation: str, detail: str, body: object) -> Coverage:
    api = _api(operation)
    if not known(service, operation):
        return Coverage(service, api, CoverageStatus.UNSUPPORTED, "a call that Leastwise does not read", "its content")
    if isinstance(body, dict) and any(body.get(key) for key in _MORE):
        cause = "the response stops in the middle (it holds a token for the next page)"
        return Coverage(service, api, CoverageStatus.FAILED, f"{cause} {detail}".strip(), "what the next pages hold")
    return Coverage(service, api, CoverageStatus.OK, detail)


def _failed(scope: Scope, path: Path, body: object, names: tuple[str, str, str], subjects: str) -> Found:
    """A saved failed call: the vendor's word that something is absent is a fact, anything else a gap."""
    service, call, name = names
    error = body.get("Error") if isinstance(body, dict) else None
    code = str(error.get("Code")) if isinstance(error, dict) else "unknown"
    api = _api(call.partition(".")[2])
    if code in ABSENT:
        region = _region(path, subjects)
        document = RawDocument(scope, service, f"{call}!{code}", name, b"{}", subjects, modified(path), region)
        return Found(scope, [document], [Coverage(service, api, CoverageStatus.OK, subjects)])
    message = str(error.get("Message", "")) if isinstance(error, dict) else ""
    where = f" ({subjects.replace(chr(31), ', ')})" if subjects else ""
    affects = f"what {service} {api} would have told{where}"
    return Found(scope, [], [Coverage(service, api, status_of(code), f"{code}: {message}".strip(": "), affects)])


def _region(path: Path, subjects: str) -> str:
    """Where it was asked: the region in the ARN that it was asked about, else that of its folder."""
    parts = subjects.partition("\x1f")[0].split(":", 5)
    return (parts[3] if len(parts) == 6 and parts[0] == "arn" else "") or folder_region(path)


def _encoded_report(path: Path, body: dict[str, Any]) -> list[Found]:
    import base64

    try:
        return read_report(path, base64.b64decode(body["Content"], validate=True))
    except (KeyError, TypeError, ValueError):
        raise InputError(path, "Content is not a base64 text", "$.Content") from None


def _api(operation: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in operation.split("-"))
