"""Trails and event data stores as a snapshot tells of them, by the accounts that they record.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from leastwise.providers.base import ScopeTables

from .selectors import Selector, selectors

KINDS = ("cloudtrail:trail", "cloudtrail:eventdatastore")


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail or an event data store.

    Args:
        home: its region.
        everywhere: it records every region.
        global_events: one of a single region records services without regions too.
        organization: it records the accounts of the organization.
        logging: whether it is writing; None where that was not read.
        since: when it last began.
        stopped: when it was stopped.
        selectors: what it lets through; None where that was not read.
        bucket: the bucket that it writes to; empty where that was not read, and of event data stores.
        prefix: what the names of its files begin with in the bucket.
    """

    arn: str
    home: str
    everywhere: bool
    global_events: bool
    organization: bool
    logging: bool | None
    since: datetime | None
    stopped: datetime | None
    selectors: tuple[Selector, ...] | None
    bucket: str = ""
    prefix: str = ""

    @property
    def account(self) -> str:
        """The account in which it lies."""
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        """Its name, as a person says it."""
        return self.arn.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One account: its trails, and whether it was asked for them."""

    account: str
    trails: tuple[Trail, ...]
    asked: bool

    @property
    def own(self) -> tuple[str, ...]:
        """The names of the trails that lie in the account itself."""
        return tuple(trail.name for trail in self.trails if trail.account == self.account)


def recorded(scopes: Sequence[ScopeTables]) -> list[Recorded]:
    """The accounts of some scopes with their trails, sorted.

    A member of an organization sees the organization's trail but not its selectors; these are told where it lives, and
    what is told there counts before what a member saw, maybe earlier.
    """
    seen: dict[str, dict[str, Any]] = {}
    listed: dict[str, list[str]] = {}
    for scope in scopes:
        for id, details in _found(scope):
            told = {key: value for key, value in details.items() if value}
            known = seen.get(id, {})
            seen[id] = known | told if scope.id == id.split(":")[4] else told | known
            listed.setdefault(scope.id, []).append(id)
    trails = {id: _trail(id, details) for id, details in seen.items()}
    members = _members(scopes)
    found = []
    for scope in scopes:
        if scope.kind != "account":
            continue
        own = dict.fromkeys(listed.get(scope.id, ()))
        above = {
            id: None
            for id, one in trails.items()
            if one.organization and members.get(scope.id) and members.get(scope.id) == members.get(id.split(":")[4])
        }
        mine = tuple(trails[id] for id in sorted({**own, **above}))
        found.append(Recorded(scope.id, mine, _asked(scope) or bool(own)))
    return sorted(found, key=lambda one: one.account)


def _found(scope: ScopeTables) -> Iterable[tuple[str, dict[str, str]]]:
    table = scope.tables.get("resources")
    if table is None:
        return
    for row in table.select(["id", "kind", "details"]).to_pylist():
        if row["kind"] in KINDS:
            yield row["id"], dict(row["details"] or ())


def _members(scopes: Sequence[ScopeTables]) -> Mapping[str, str]:
    """The organization of each account that is known to be in one."""
    found: dict[str, str] = {}
    for scope in scopes:
        table = scope.tables.get("scopes")
        for row in () if table is None else table.select(["id", "kind", "tenant"]).to_pylist():
            if row["kind"] == "account" and row["tenant"]:
                found[row["id"]] = row["tenant"]
    return found


def _asked(scope: ScopeTables) -> bool:
    """Whether the account was asked for its trails, in every region, and answered."""
    table = scope.tables.get("coverage")
    told = [] if table is None else table.select(["service", "call", "status"]).to_pylist()
    own = [one["status"] for one in told if one["service"] == "cloudtrail" and _plain(one["call"]) == "describetrails"]
    return bool(own) and all(status == "ok" for status in own)


def _plain(call: str) -> str:
    return call.replace("-", "").lower()


def _trail(id: str, details: Mapping[str, str]) -> Trail:
    told = details.get("selectors")
    read = selectors(msgspec.json.decode(told)) if told else None
    if ":eventdatastore/" in id:
        status = details.get("status")
        logging = None if status is None else status == "ENABLED"
        everywhere = _flag(details.get("multi_region")) is True
        organization = _flag(details.get("organization")) is True
        return Trail(id, id.split(":")[3], everywhere, False, organization, logging, None, None, read)
    return Trail(
        id,
        details.get("HomeRegion") or id.split(":")[3],
        _flag(details.get("IsMultiRegionTrail")) is True,
        _flag(details.get("IncludeGlobalServiceEvents")) is True,
        _flag(details.get("IsOrganizationTrail")) is True,
        _flag(details.get("logging")),
        _time(details.get("logging_since")),
        _time(details.get("logging_stopped")),
        read,
        details.get("S3BucketName") or "",
        (details.get("S3KeyPrefix") or "").strip("/"),
    )


def _flag(text: str | None) -> bool | None:
    return None if not text else text.lower() == "true"


def _time(text: str | None) -> datetime | None:
    """A time as the API or a saved answer writes it: ISO 8601, or seconds since 1970; None for what is neither."""
    if not text:
        return None
    try:
        found = datetime.fromtimestamp(float(text), UTC) if text.replace(".", "", 1).isdigit() else None
        found = found or datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
