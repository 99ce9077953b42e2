"""One reader a kind of export file: bytes → raw documents with their scope."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope

from . import recognise as kinds
from .files import modified, parse
from .gaps import section_gaps

_ENTITY = re.compile(rb'"Arn"\s*:\s*"arn:aws[a-z-]*:iam::(\d{12}):')
_OWNERS_WITHIN = 8 << 20
_TRUNCATED = re.compile(rb'"IsTruncated"\s*:\s*true')
_ANY_ACCOUNT = re.compile(rb"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):")
_ORGANIZATION = re.compile(rb"\bo-[a-z0-9]{10,32}\b")
_TWELVE = re.compile(r"\d{12}")
_ORGANIZATION_SERVICES = ("organizations", "sso-admin", "identitystore")
_ABSENT = (
    "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "ResourceNotFoundException",
    "NoSuchEntity",
)
_DENIED = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "UnrecognizedClientException",
)
_THROTTLED = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")
_SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@dataclass(slots=True)
class Found:
    """What one file tells of one scope."""

    scope: Scope
    documents: list[RawDocument]
    coverage: list[Coverage] = field(default_factory=list)


def _details(path: Path, data: bytes) -> list[Found]:
    owners = Counter(match[1] for match in _ENTITY.finditer(data, 0, _OWNERS_WITHIN))
    account = owners.most_common(1)[0][0].decode() if owners else _folder_account(path)
    if account is None:
        raise InputError(path, "names no account: no user, group, role or policy of an account is in it")
    scope = Scope("aws", "account", account)
    present = [name for name in _SECTIONS if f'"{name}"'.encode() in data]
    missing = [name for name in _SECTIONS if name not in present]
    document = RawDocument(scope, "iam", kinds.DETAILS, path.name, data, time=modified(path))
    coverage = section_gaps(present, missing, bool(_TRUNCATED.search(data)))
    if len(owners) > 1:
        others = ", ".join(sorted(one.decode() for one in owners if one.decode() != account))
        coverage.append(Coverage("iam", "one account an export", CoverageStatus.OK, f"holds entities of {others} too"))
    return [Found(scope, [document], coverage)]


def _report(path: Path, data: bytes) -> list[Found]:
    match = re.search(rb"arn:aws[a-z-]*:iam::(\d{12}):", data)
    if match is None:
        raise InputError(path, "names no account: the report has no row")
    scope = Scope("aws", "account", match[1].decode())
    document = RawDocument(scope, "iam", kinds.CREDENTIAL_REPORT, path.name, data, time=modified(path))
    return [Found(scope, [document], [Coverage("iam", "GetCredentialReport", CoverageStatus.OK)])]


def _config(path: Path, data: bytes) -> list[Found]:
    items: list[Any] = []
    stripped = data.lstrip()
    try:
        whole = msgspec.json.decode(stripped)
        items = whole if isinstance(whole, list) else whole.get("configurationItems", [whole])
    except msgspec.DecodeError:
        items = [_line(path, line, number) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
    by_account: dict[str, Found] = {}
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise InputError(path, "a configuration item is an object", f"item {index}")
        account = str(item.get("awsAccountId") or item.get("accountId") or "")
        if not _TWELVE.fullmatch(account):
            raise InputError(path, "the configuration item has no awsAccountId", f"item {index}")
        found = by_account.setdefault(
            account,
            Found(Scope("aws", "account", account), [], [Coverage("config", "configuration items", CoverageStatus.OK)]),
        )
        service = str(item.get("resourceType", "AWS::Unknown")).split("::")[1].lower()
        found.documents.append(
            RawDocument(
                found.scope, service, "config_item", f"{path.name}#{index}", msgspec.json.encode(item),
                str(item.get("ARN") or item.get("arn") or ""), modified(path),
            )
        )  # fmt: skip
    return list(by_account.values())


def _line(path: Path, line: bytes, number: int) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(path, f"not valid JSON: {error}", f"line {number}") from None


def _summary(path: Path, data: bytes) -> list[Found]:
    found = parse(path, data)
    if not isinstance(found, dict) or not isinstance(found.get("Id"), str):
        raise InputError(path, "an organization summary has an Id")
    scope = Scope("aws", "organization", found["Id"])
    document = RawDocument(scope, "organizations", kinds.BENCH_ORGANIZATION, path.name, data, time=modified(path))
    return [Found(scope, [document], [Coverage("organizations", "organization summary", CoverageStatus.OK)])]


def _policies(path: Path, data: bytes) -> list[Found]:
    try:
        accounts = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(path, f"not valid JSON: {error}") from None
    result = []
    for account, policies in accounts.items():
        if not _TWELVE.fullmatch(account):
            raise InputError(path, "a key is an account id of twelve digits", account)
        scope = Scope("aws", "account", account)
        document = RawDocument(
            scope, "resource policies", kinds.RESOURCE_POLICIES, f"{path.name}#{account}", bytes(policies),
            time=modified(path),
        )  # fmt: skip
        result.append(Found(scope, [document], [Coverage("resource policies", "resource policies", CoverageStatus.OK)]))
    return result


def _response(path: Path, data: bytes) -> list[Found]:
    match = kinds.RESPONSE_NAME.fullmatch(path.name)
    if match is None:
        raise InputError(path, "not named like a saved response")
    service, operation = match["service"], match["operation"]
    subjects = "\x1f".join(unquote(part) for part in (match["subject"] or "").split("--")) if match["subject"] else ""
    body = parse(path, data)
    if service == "iam" and operation == "get-credential-report" and isinstance(body, dict):
        return _encoded_report(path, body)
    scope = _scope_of(path, data, service)
    name, call, detail = f"{path.parent.name}/{path.name}", f"{service}.{operation}", subjects.replace("\x1f", ", ")
    if match["error"]:
        return [_failed(scope, path, body, (service, call, name), subjects)]
    document = RawDocument(scope, service, call, name, data, subjects, modified(path))
    return [Found(scope, [document], [Coverage(service, _api(operation), CoverageStatus.OK, detail)])]


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
    import binascii

    try:
        return _report(path, base64.b64decode(body["Content"], validate=True))
    except (KeyError, TypeError, binascii.Error):
        raise InputError(path, "Content is not a base64 text", "$.Content") from None


def _api(operation: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in operation.split("-"))


def _scope_of(path: Path, data: bytes, service: str) -> Scope:
    """The scope of a saved response: its folder's account, the caller saved beside it, or the ARNs inside."""
    if service in _ORGANIZATION_SERVICES:
        described = path.with_name("organizations-describe-organization.json")
        for place in (data, described.read_bytes() if described.exists() else b""):
            match = _ORGANIZATION.search(place)
            if match:
                return Scope("aws", "organization", match[0].decode())
    account = _folder_account(path)
    caller = path.with_name("sts-get-caller-identity.json")
    if account is None and caller.exists():
        found = parse(caller, caller.read_bytes())
        account = str(found.get("Account")) if isinstance(found, dict) else None
    if account is None:
        arn = _ANY_ACCOUNT.search(data)
        account = arn[1].decode() if arn else None
    if account is None:
        raise InputError(path, "cannot tell whose account this is; put it in a folder named by the account's id")
    return Scope("aws", "account", account)


def _folder_account(path: Path) -> str | None:
    names = [path.stem, *(parent.name for parent in path.absolute().parents)]
    return next((name for name in names if _TWELVE.fullmatch(name)), None)


READERS: dict[str, Callable[[Path, bytes], list[Found]]] = {
    kinds.DETAILS: _details,
    kinds.CREDENTIAL_REPORT: _report,
    kinds.CONFIG_ITEMS: _config,
    kinds.BENCH_ORGANIZATION: _summary,
    kinds.RESOURCE_POLICIES: _policies,
    kinds.SAVED_RESPONSE: _response,
}
