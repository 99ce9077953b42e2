"""What a call touched: ids of Resource Manager in lower case, and the bucket that usage counts them under.

Exports write ids in capitals, the API as they were given: only without regard to case are they one. Names of blobs keep
theirs. What is made anew for each use (deployments, assignments, jobs, requests) counts under what it lies in, a
version under its secret.

https://learn.microsoft.com/azure/storage/blobs/monitor-blob-storage-reference (objectKey)
https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from leastwise.providers.azure.language.ids import ROOT

from .record import Record

_ANEW = frozenset((
    "deployments", "operations", "roleassignments", "roleassignmentschedulerequests",
    "roleeligibilityschedulerequests", "jobs", "supporttickets", "runs", "pipelineruns", "builds", "executions",
))  # fmt: skip
"""Types of which one is made for each use."""
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_SUBSCRIPTION, GROUPS = "/subscriptions/", "/providers/microsoft.management/managementgroups/"
_SERVICES = {
    "blobservices": ("containers", "blobs"), "queueservices": ("queues", "messages"),
    "tableservices": ("tables", "entities"), "fileservices": ("shares", "files"),
}  # fmt: skip
_SERVICE = {"blob": "blobservices", "queue": "queueservices", "table": "tableservices", "file": "fileservices"}
_VAULT = re.compile(r"/(secrets|keys|certificates)/([^/]+)")


@dataclass(frozen=True, slots=True)
class Touched:
    """An id, the bucket it counts under, the account that holds it; each empty where the log does not tell."""

    name: str = ""
    bucket: str = ""
    target: str = ""


def touched(record: Record) -> Touched:
    """What a call touched."""
    base = of_id(record.resource)
    if record.activity:
        return base
    return _in_vault(record, base) if record.log == "AuditEvent" else _in_storage(record, base)


@lru_cache(maxsize=1 << 14)
def of_id(text: str) -> Touched:
    """What an id of Resource Manager names."""
    name = text.strip().lower()
    if name[:1] != "/" or "//" in name:
        return Touched()
    name = name.rstrip("/") or ROOT
    return Touched(name, _bucket(name), account_of(name))


def _bucket(name: str) -> str:
    """The id without what is made anew for each use: types and names follow one another below a provider."""
    segments = name.split("/")
    if "providers" not in segments:
        return name
    for at in range(segments.index("providers") + 2, len(segments) - 1, 2):
        if segments[at] in _ANEW:
            return "/".join(segments[: at + 1])
    last = segments[-1]
    return "/".join(segments[:-1]) if len(last) == 36 and _GUID.fullmatch(last) else name


def account_of(key: str) -> str:
    """The account of an id in lower case: its subscription, its management group's name, or the tenant's `/`."""
    for prefix in (_SUBSCRIPTION, GROUPS):
        if key.startswith(prefix):
            return key[len(prefix) :].partition("/")[0]
    return ROOT if key[:1] == "/" else ""


def account(record: Record, place: Touched) -> str:
    """The account in whose log a record stands."""
    return place.target or record.subscription.lower()


def service_of(record: Record) -> str:
    """The service of a storage account that a record is of, as `blob`; or empty."""
    told = record.properties.get("serviceType")
    if isinstance(told, str) and told.lower() in _SERVICE:
        return told.lower()
    return _service(record.resource)


@lru_cache(maxsize=1 << 14)
def _service(resource: str) -> str:
    low = resource.lower()
    return next((name for name, segment in _SERVICE.items() if f"/{segment}" in low), "")


def _in_storage(record: Record, base: Touched) -> Touched:
    """A container, queue, table or share, and what lies in it; `objectKey` is `/account/container/path`."""
    segment = _SERVICE.get(service_of(record), "")
    if not base.name or not segment:
        return base
    service = base.name if f"/{segment}" in base.name else f"{base.name}/{segment}/default"
    key = str(record.properties.get("objectKey") or "").strip('"')
    _, _, below = key.lstrip("/").partition("/")
    if not below:
        below = unquote(urlsplit(record.uri).path.lstrip("/")) if record.uri else ""
    holder, _, rest = below.partition("/")
    if not holder:
        return Touched(service, service, base.target)
    outer, inner = _SERVICES[segment]
    bucket = f"{service}/{outer}/{holder.lower()}"
    return Touched(f"{bucket}/{inner}/{rest}" if rest else bucket, bucket, base.target)


def _in_vault(record: Record, base: Touched) -> Touched:
    """A secret, key or certificate of a vault, which the object's id or the request's address names."""
    for told in (record.properties.get("id"), record.uri):
        found = _VAULT.search(urlsplit(told).path) if isinstance(told, str) else None
        if found is not None and base.name and f"/{found[1]}/" not in base.name:
            name = f"{base.name}/{found[1]}/{found[2].lower()}"
            return Touched(name, name, base.target)
    return base
