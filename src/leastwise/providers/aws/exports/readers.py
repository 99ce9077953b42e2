"""One reader a kind of export file: bytes → raw documents with their scope."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope

from . import recognise as kinds
from .details import read_details
from .files import TWELVE, Found, modified, name_of, parse
from .report import read_report
from .response import read_response

_HOLDERS = ("configurationItems", "baseConfigurationItems", "Results", "configurationItem", "ConfigurationItem")


def _config(path: Path, data: bytes) -> list[Found]:
    by_account: dict[str, Found] = {}
    for index, item in enumerate(_items(path, data)):
        place = f"item {index}"
        if not isinstance(item, dict):
            raise InputError(path, "a configuration item is an object", place)
        account = str(item.get("awsAccountId") or item.get("accountId") or "")
        if not TWELVE.fullmatch(account):
            raise InputError(path, "the configuration item has no awsAccountId", place)
        found = by_account.setdefault(
            account,
            Found(Scope("aws", "account", account), [], [Coverage("config", "configuration items", CoverageStatus.OK)]),
        )
        type = str(item.get("resourceType") or "unknown")
        service = [*type.split("::"), "unknown"][1].lower()
        try:
            body = msgspec.json.encode(item)
        except RecursionError:
            raise InputError(path, "nested too deeply", place) from None
        name, arn = f"{name_of(path)}#{index}", str(item.get("ARN") or item.get("arn") or "")
        found.documents.append(
            RawDocument(found.scope, service, f"config_item:{type}", name, body, arn, modified(path))
        )
    if not by_account:
        raise InputError(path, "holds no configuration item")
    return list(by_account.values())


def _items(path: Path, data: bytes) -> list[Any]:
    """The items of a snapshot, a history, a query, a batch, a notification, or of lines with one item each."""
    try:
        whole = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith(b"}"):
            raise InputError(path, f"not valid JSON: {error}") from None
        return [_line(path, line, number) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
    if isinstance(whole, dict):
        held = next((whole[key] for key in _HOLDERS if whole.get(key) is not None), [whole])
        whole = held if isinstance(held, list) else [held]
    if not isinstance(whole, list):
        raise InputError(path, "configuration items are objects")
    return [parse(path, item.encode()) if isinstance(item, str) else item for item in whole]


def _line(path: Path, line: bytes, number: int) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(path, f"not valid JSON: {error}", f"line {number}") from None


def _summary(path: Path, data: bytes) -> list[Found]:
    found = parse(path, data)
    if not isinstance(found, dict) or not isinstance(found.get("Id"), str):
        raise InputError(path, "an organization summary has an Id")
    scope = Scope("aws", "organization", found["Id"])
    document = RawDocument(scope, "organizations", kinds.BENCH_ORGANIZATION, name_of(path), data, time=modified(path))
    return [Found(scope, [document], [Coverage("organizations", "organization summary", CoverageStatus.OK)])]


def _policies(path: Path, data: bytes) -> list[Found]:
    try:
        accounts = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(path, f"not valid JSON: {error}") from None
    result = []
    for account, policies in accounts.items():
        if not TWELVE.fullmatch(account):
            raise InputError(path, "a key is an account id of twelve digits", account)
        scope = Scope("aws", "account", account)
        document = RawDocument(
            scope, "resource policies", kinds.RESOURCE_POLICIES, f"{name_of(path)}#{account}", bytes(policies),
            time=modified(path),
        )  # fmt: skip
        result.append(Found(scope, [document], [Coverage("resource policies", "resource policies", CoverageStatus.OK)]))
    return result


READERS: dict[str, Callable[[Path, bytes], list[Found]]] = {
    kinds.DETAILS: read_details,
    kinds.CREDENTIAL_REPORT: read_report,
    kinds.CONFIG_ITEMS: _config,
    kinds.BENCH_ORGANIZATION: _summary,
    kinds.RESOURCE_POLICIES: _policies,
    kinds.SAVED_RESPONSE: read_response,
}
