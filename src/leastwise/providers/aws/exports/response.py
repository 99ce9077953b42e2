"""Reading a saved `aws … --output json` response: which call it is of, about what, and in whose account."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope

from . import recognise as kinds
from .calls import known
from .files import TWELVE, Found, folder_account, modified, name_of, parse, read_bytes
from .report import read_report

_ANY_ACCOUNT = re.compile(rb"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):")
_ORGANIZATION = re.compile(rb"\bo-[a-z0-9]{10,32}\b")
_MORE = ("NextToken", "nextToken", "NextMarker", "IsTruncated")
_ORGANIZATION_SERVICES = ("organizations", "sso-admin", "identitystore")
_ABSENT = (
    "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "ResourceNotFoundException",
    "NoSuchEntity",
    "RepositoryPolicyNotFoundException",
    "PolicyNotFoundException",
)
_DENIED = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "UnrecognizedClientException",
)
_THROTTLED = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")


def read_response(path: Path, data: bytes) -> list[Found]:
    """The response as a raw document of its account or organization. Raises InputError."""
    match = kinds.RESPONSE_NAME.fullmatch(path.name)
    if match is None:
        raise InputError(path, "not named like a saved response")
    service, operation = match["service"], match["operation"]
    subjects = "\x1f".join(unquote(part) for part in (match["subject"] or "").split("--"))
    body = parse(path, data)
    if service == "iam" and operation == "get-credential-report" and isinstance(body, dict):
        return _encoded_report(path, body)
    scope = _scope_of(path, data, service)
    name, call, detail = f"{path.parent.name}/{name_of(path)}", f"{service}.{operation}", subjects.replace("\x1f", ", ")
    if match["error"]:
        return [_failed(scope, path, body, (service, call, name), subjects)]
    document = RawDocument(scope, service, call, name, data, subjects, modified(path))
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
    if code in _ABSENT:
        document = RawDocument(scope, service, f"{call}!{code}", name, b"{}", subjects, modified(path))
        return Found(scope, [document], [Coverage(service, api, CoverageStatus.OK, subjects)])
    status = (
        CoverageStatus.DENIED
        if code in _DENIED
        else CoverageStatus.THROTTLED
        if code in _THROTTLED
        else CoverageStatus.FAILED
    )
    message = str(error.get("Message", "")) if isinstance(error, dict) else ""
    where = f" ({subjects.replace(chr(31), ', ')})" if subjects else ""
    affects = f"what {service} {api} would have told{where}"
    return Found(scope, [], [Coverage(service, api, status, f"{code}: {message}".strip(": "), affects)])


def _encoded_report(path: Path, body: dict[str, Any]) -> list[Found]:
    import base64

    try:
        return read_report(path, base64.b64decode(body["Content"], validate=True))
    except (KeyError, TypeError, ValueError):
        raise InputError(path, "Content is not a base64 text", "$.Content") from None


def _api(operation: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in operation.split("-"))


def _scope_of(path: Path, data: bytes, service: str) -> Scope:
    """The scope of a saved response: its folder's account, the caller saved beside it, or the ARNs inside."""
    if service in _ORGANIZATION_SERVICES:
        described = path.with_name("organizations-describe-organization.json")
        for place in (data, read_bytes(described) if described.exists() else b""):
            match = _ORGANIZATION.search(place)
            if match:
                return Scope("aws", "organization", match[0].decode())
    account = folder_account(path)
    caller = path.with_name("sts-get-caller-identity.json")
    if account is None and caller.exists():
        found = parse(caller, read_bytes(caller))
        account = str(found.get("Account")) if isinstance(found, dict) else ""
        if not TWELVE.fullmatch(account):
            raise InputError(caller, "names no account")
    if account is None:
        arn = _ANY_ACCOUNT.search(data)
        account = arn[1].decode() if arn else None
    if account is None:
        raise InputError(path, "cannot tell whose account this is; put it in a folder named by the account's id")
    return Scope("aws", "account", account)
