"""Answers about use: the gap, what somebody did, what nobody uses, events."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import Answered, Listed, Logged, Whole, Window


class Creep(Answered):
    """The creep index; see docs/reference/creep.md."""

    index: float
    at_most: float
    parts: dict[str, float]


class GapRow(Answered):
    """A principal's gap in numbers."""

    principal: str
    provider: str
    name: str
    kind: str
    native: str
    account: str
    granted: int | None
    used: int | None
    implied: int | None
    unused: int | None
    unobservable: int | None
    unused_share: float | None
    last_used: str | None
    creep: Creep | None
    exact: bool


class AccountCreep(Answered):
    """The creep index of an account."""

    account: str
    principals: int
    creep: float | None


class Gap(Logged):
    """Everybody's gap."""

    items: list[GapRow]
    accounts: list[AccountCreep]
    creep: float | None
    exact: bool = Field(description="Whether each was asked about exactly; else own policies were added up.")


class CreepRow(Answered):
    """The creep index of a set of principals."""

    by: str
    id: str
    provider: str
    name: str
    account: str
    members: int
    counted: int
    permissions: int | None = None
    index: float | None
    parts: dict[str, float] | None = None


class CreepBy(Logged):
    """The creep index by account, organization or group."""

    items: list[CreepRow]
    exact: bool


class TrendPoint(Answered):
    """The creep index at a time."""

    provider: str | None = None
    time: str
    index: float | None
    principals: int | None
    accounts: list[str]
    lacking: list[str]
    comparable: bool
    because: str


class Trend(Answered):
    """The creep index over time."""

    items: list[TrendPoint]
    next: str | None


class Principal(Logged):
    """What every provider says of one principal that knows it."""

    principal: str | None
    provider: str | None
    account: str | None
    missing: list[Any]
    answers: list[dict[str, Any]]


class Permission(Answered):
    """A permission that is granted, and whether it is used."""

    provider: str
    permission: str
    state: str = Field(description="USED, IMPLIED, UNUSED or UNOBSERVABLE.")
    access: str
    resources: list[str]
    sensitivity: str
    count: int
    denied: int
    first_used: str | None
    last_used: str | None
    touched: list[str]
    workloads: list[str]
    missing: str
    service_used: str | None
    action_used: str | None
    because: str
    grants: list[str]


class GrantUse(Answered):
    """A grant, and what is used of it."""

    provider: str
    layer: str
    policy: str
    statement: str
    source: str
    resources: list[str]
    need: str
    permissions: int
    used: int
    implied: int
    unused: int
    unobservable: int
    elsewhere: int
    used_permissions: list[str]
    only_by_this: list[str]
    touched: list[str]
    last_used: str | None
    missing: str


class GapOf(Principal):
    """The gap of one principal."""

    counts: dict[str, int]
    creep: Creep | None
    items: list[Permission]
    grants: list[GrantUse]
    unknown: list[Any]
    drift: list[Any]
    wanted: list[Any]


class UsageRow(Answered):
    """What was done how often."""

    provider: str
    permission: str
    how: str
    via: str
    bucket: str
    target: str
    workload: str
    count: int
    denied: int
    unknown: int
    first_used: str | None
    last_used: str | None


class Usage(Principal):
    """What a principal did."""

    items: list[UsageRow]


class IdleRow(Answered):
    """Something that nobody uses."""

    what: str
    id: str
    name: str
    kind: str
    account: str
    holder: str | None
    state: str
    last_used: str | None
    days: int | None
    because: str


class Dormant(Listed):
    """What nobody uses."""

    window: Window
    items: list[IdleRow]


class Event(Answered):
    """A stored event."""

    time: str
    principal: str
    session: str
    workload: str
    origin: str
    source_identity: str
    credential: str
    via: str
    mfa: bool | None
    source: str
    name: str
    permission: str
    resource: str
    outcome: str
    error: str
    ip: str
    agent: str
    account: str
    region: str
    kind: str
    what: str
    bucket: str
    grant_id: str
    read_only: bool | None
    data: bool | None
    log: str
    provider: str
    id: str
    owner: str | None = None


class Activity(Answered):
    """Stored events, the newest first."""

    items: list[Event]
    next: str | None
    total: int
    outside: int | None = None


class LogRow(Answered):
    """What is held of a log of an account."""

    provider: str
    account: str
    log: str
    events: int
    first: str
    last: str


class EventsStatus(Answered):
    """What the usage lake holds."""

    items: list[LogRow]
    files: dict[str, int]
    unresolved: list[dict[str, Any]]
    set_aside: list[dict[str, Any]]
    compiled: dict[str, bool]
    outside: int | None = None


class ChangeRow(Answered):
    """A change that the logs show."""

    at: str
    what: str
    verb: str
    subject: str
    subject_name: str
    object: str
    object_name: str
    account: str
    by: str
    role: str
    session: str
    origin: str
    source_identity: str
    event: str


class History(Listed):
    """What was changed about somebody or something."""

    items: list[ChangeRow]


class Query(Answered):
    """A saved query."""

    name: str
    kind: str
    asks: dict[str, Any]
    saved: str


class Queries(Answered):
    """Saved queries."""

    items: list[Query]
    next: str | None


class Recommendation(Whole):
    """The smallest grant that keeps what is used, with proof and replay; see docs/reference/rightsize.md."""

    model_config = {"extra": "allow"}
