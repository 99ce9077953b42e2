"""Rows of the table `observability`: for each account, what its trails show, and why not the rest.

Of several rows about a permission those with its name count, else those of `*`; rows of account `*` come before all. Of
these, `yes` counts for the resources that it takes in; for all others `no` or `part` tells the reason, in which
`{resource}` stands for what was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa

from leastwise.engine.columns import arrow_schema
from leastwise.model.gap import Kept
from leastwise.model.tables.usage import OBSERVABILITY
from leastwise.providers.base import Altered, Told
from leastwise.providers.holding import ALWAYS, NEVER, Span, holding

from .. import catalog
from .facts import DataType, data_types, never, sort_of
from .selectors import DATA, MANAGEMENT, Selector
from .times import about, at_once, known_since, known_until
from .trails import Recorded, Trail, recorded

_SOURCES = {"kms.amazonaws.com": "kms:*", "rdsdata.amazonaws.com": "rds-data:*"}
"""What management selectors may leave out: the API allows these two sources."""
_GLOBAL = ("cloudfront:*", "iam:*")
"""Services without regions, of which a trail of one region may record the events (and `sts` in part)."""
_GLOBAL_REGIONS = frozenset(("us-east-1",))
"""Where their events are made: since November 2021 a trail of another region alone does not get them.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html (global service events)
"""


class Row(NamedTuple):
    """What one row says of an account, see the table."""

    region: str
    permission: str
    resource: str
    observed: str
    reason: str
    begin: datetime | None = None
    log: str = ""
    end: datetime = NEVER


def observability(told: Sequence[Told], kept: Sequence[Kept] = (), altered: Sequence[Altered] = ()) -> pa.Table:
    """The rows for the accounts that some snapshots, oldest first, tell of: what each said, for as long as it held.

    Columns read: resources (id, kind, details), scopes (id, kind, tenant), coverage (service, call, status).
    """
    facts = catalog.current()
    rows = [("*", Row("*", name, "*", "no", reason)) for name, reason in sorted(never(facts).items())]
    known: dict[tuple[tuple[Trail, ...], tuple[str, ...], bool], tuple[Row, ...]] = {}
    every = [(one, {each.account: each for each in recorded(one.scopes)}) for one in told]
    for account in sorted({account for _, held in every for account in held}):
        states = [(_read_between(one, held[account]), held, held[account]) for one, held in every if account in held]
        states.sort(key=lambda state: state[0])
        said = [one for _, _, one in states]
        spans = _holding(states, kept, altered)
        # The newest first, since its reasons are those that are told.
        for one, begin, end in reversed(_runs(said, spans)):
            if not (one.asked or one.trails):
                rows.append((account, Row("*", "*", "*", "no", f"the trails of account {account} were not read")))
                continue
            key = (one.trails, one.own, one.asked)
            made = known.get(key)
            if made is None:
                made = known[key] = tuple(_account(one, facts))
            rows += [(account, _between(row, begin, end)) for row in made]
    return _table(rows)


State = tuple[Span, Mapping[str, Recorded], Recorded]
"""When it was read, what was said of every account, and of the one that is asked about."""


def _read_between(told: Told, one: Recorded) -> Span:
    """The times of the first and the last of the snapshots that tell of an account's trails."""
    accounts = {one.account, *(trail.account for trail in one.trails)}
    times = [scope.time or told.time for scope in told.scopes if scope.kind == "account" and scope.id in accounts]
    return min(times), max(times)


def _holding(states: Sequence[State], kept: Sequence[Kept], altered: Sequence[Altered]) -> list[Span]:
    """For each state, by time, the span in which it holds; an empty one where its parts may be of different times."""
    trails = {trail.arn: trail for _, _, one in states for trail in one.trails}.values()
    times, changes = [begin for (begin, _), _, _ in states], about(trails, altered)
    since = known_since(trails, states[0][1], kept, times[0])
    until = known_until(trails, states[-1][1], kept, times[-1])
    spans = holding(times, [one for _, _, one in states], changes, since, until)
    return [
        span if at_once(between, changes, known_until(trails, held, kept, between[0])) else (between[0], between[0])
        for (between, held, _), span in zip(states, spans, strict=True)
    ]


def _runs(
    said: Sequence[Recorded], spans: Sequence[tuple[datetime, datetime]]
) -> list[tuple[Recorded, datetime, datetime]]:
    """What was said, with its span of time; spans of the same that touch are one."""
    found: list[tuple[Recorded, datetime, datetime]] = []
    for one, (begin, end) in zip(said, spans, strict=True):
        if found and found[-1][0] == one and begin <= found[-1][2]:
            found[-1] = one, found[-1][1], max(found[-1][2], end)
        else:
            found.append((one, begin, end))
    return found


def _between(row: Row, begin: datetime, end: datetime) -> Row:
    if row.observed != "yes":
        return row
    return row._replace(begin=max(begin, row.begin or ALWAYS), end=end)


def _table(rows: Sequence[tuple[str, Row]]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "provider": ["aws"] * len(rows),
        "account": [account for account, _ in rows],
        "begin": [row.begin or ALWAYS for _, row in rows],
        "source": ["cloudtrail"] * len(rows),
    }
    for name in ("region", "permission", "resource", "observed", "reason", "log", "end"):
        columns[name] = [getattr(row, name) for _, row in rows]
    schema = arrow_schema(OBSERVABILITY)
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


@dataclass(frozen=True)
class _Writing:
    """The trails of an account that are written, why others do not count, and the names of its own."""

    trails: tuple[tuple[Trail, tuple[Selector, ...]], ...]
    lacking: tuple[str, ...]
    own: tuple[str, ...]

    @classmethod
    def of(cls, one: Recorded) -> _Writing:
        counting, lacking = [], []
        for trail in one.trails:
            if trail.logging is None:
                lacking.append(f"whether trail {trail.name} is written was not read")
            elif not trail.logging:
                since = f" since {trail.stopped.date()}" if trail.stopped else ""
                lacking.append(f"trail {trail.name} is stopped{since}")
            elif trail.selectors is None:
                lacking.append(f"the event selectors of trail {trail.name} were not read")
            else:
                counting.append((trail, trail.selectors))
        if not one.asked:
            lacking.append("the account's own trails were not read")
        return cls(tuple(counting), tuple(lacking) or (() if one.trails else ("the account has no trail",)), one.own)

    def off(self, what: str) -> str:
        """That something is off in the trails that are written, or why none is.

        Of an account that has trails of its own, these are named: there it is switched on.
        """
        written = [trail.name for trail, _ in self.trails]
        names = ", ".join([name for name in written if name in self.own] or written)
        told = [f"{what} are off in trail {names}"] if names else []
        return "; ".join((*told, *self.lacking))


def _account(one: Recorded, facts: catalog.Catalog) -> Iterator[Row]:
    writing = _Writing.of(one)
    management = _management(writing, facts)
    yield from management
    for type in data_types(facts):
        rows = tuple(_data(writing, type))
        for permission in type.permissions:
            yield from (row._replace(permission=permission) for row in _fitting(rows, type, permission))
        if type.either:
            below = _sure(management)
            for permission in type.either:
                yield from _both(rows, below, permission)


# --- management events ----------------------------------------------------------------------------------------------


def _management(writing: _Writing, facts: catalog.Catalog) -> tuple[Row, ...]:
    rows: list[Row] = []
    found = [(trail, one) for trail, told in writing.trails for one in told if one.category == MANAGEMENT]
    whole = [(trail, one) for trail, one in found if one.reads and one.writes and not one.part]
    if not found:
        return (Row("*", "*", "*", "no", writing.off("management events")),)
    for trail, one in whole:
        rows += _whole(trail, one)
    for source, pattern in _SOURCES.items():
        if whole and all(source in one.without for _, one in whole):
            names = ", ".join(trail.name for trail, _ in whole)
            rows.append(Row("*", pattern, "*", "no", f"events of {source} are left out in trail {names}"))
        elif any(source in one.without for _, one in whole):
            rows += [row._replace(permission=pattern) for trail, one in whole if source not in one.without
                     for row in _whole(trail, one) if row.permission == "*"]  # fmt: skip
    if any(row.observed == "yes" and row.region == "*" and row.permission == "*" for row in rows):
        return tuple(rows)
    names = ", ".join(dict.fromkeys(trail.name for trail, _ in found))
    if whole:
        regions = ", ".join(dict.fromkeys(trail.home for trail, _ in whole))
        rows.append(Row("*", "*", "*", "part", f"trail {names} records {regions} only"))
        return tuple(rows)
    return tuple(_halves(found, facts))


def _whole(trail: Trail, one: Selector) -> list[Row]:
    """What a trail shows that leaves out neither reads nor writes."""
    seen = f"trail {trail.name}"
    if trail.everywhere:
        return [Row("*", "*", "*", "yes", seen, trail.since, trail.arn)]
    rows = [Row(trail.home, "*", "*", "yes", seen, trail.since, trail.arn)]
    if trail.global_events and trail.home in _GLOBAL_REGIONS:
        rows += [Row("*", pattern, "*", "yes", seen, trail.since, trail.arn) for pattern in _GLOBAL]
    return rows


def _halves(found: Sequence[tuple[Trail, Selector]], facts: catalog.Catalog) -> Iterator[Row]:
    """Where no trail records reads and writes alike: permission by permission."""
    names = ", ".join(dict.fromkeys(trail.name for trail, _ in found))
    plain = [(trail, one) for trail, one in found if not one.part and trail.everywhere]
    reads = next((trail for trail, one in plain if one.reads), None)
    writes = next((trail for trail, one in plain if one.writes), None)
    left_out = {_SOURCES[name] for _, one in plain for name in one.without if name in _SOURCES}
    parts = sorted({one.part or "in one region" for _, one in found if one.part} | {"reads or writes"})
    yield Row("*", "*", "*", "part", f"trail {names} records management events only in part: {', '.join(parts)}")
    for name, sort in _sorts(facts):
        if f"{name.partition(':')[0]}:*" in left_out:
            continue
        trail = reads if sort == "read" else writes if sort == "write" else None
        if sort == "either" and reads and writes:
            both = " ".join(dict.fromkeys((reads.arn, writes.arn)))
            yield Row("*", name, "*", "yes", f"trails {reads.name} and {writes.name}", _later(reads, writes), both)
        elif trail is not None:
            yield Row("*", name, "*", "yes", f"trail {trail.name}", trail.since, trail.arn)
        elif sort != "either" and (reads or writes):
            yield Row("*", name, "*", "no", f"{sort} management events are off in trail {names}")


@cache
def _sorts(facts: catalog.Catalog) -> tuple[tuple[str, str], ...]:
    names = [
        f"{prefix}:{name}" for prefix in facts.prefixes if (one := facts.service(prefix)) for name in one.action_names
    ]
    known = ((name, facts.action(name)) for name in names)
    return tuple((name, sort_of(action)) for name, action in known if action is not None)


def _later(one: Trail, other: Trail) -> datetime | None:
    times = [trail.since for trail in (one, other) if trail.since]
    return max(times) if times else None


# --- data events ----------------------------------------------------------------------------------------------------


def _data(writing: _Writing, type: DataType) -> Iterator[Row]:
    """What of a type is recorded; the last row is the reason for the rest."""
    part = ""
    for trail, told in writing.trails:
        chosen = [one for one in told if one.category == DATA and one.type == type.type]
        halves = {(one.reads, one.writes) for one in chosen if one.arns is None and not one.part}
        both = {(True, False), (False, True)} <= halves
        for one in chosen:
            if one.part or not trail.everywhere or not ((one.reads and one.writes) or both):
                why = one.part or ("only reads or only writes" if trail.everywhere else f"only in {trail.home}")
                part = f"{type.told} of {{resource}} are recorded in trail {trail.name} {why}"
                continue
            for resource in ("*",) if one.arns is None else one.arns:
                for pattern in _taken_in(resource, type, exact=one.exact):
                    yield Row("*", "", pattern, "yes", f"trail {trail.name}", trail.since, trail.arn)
    yield (
        Row("*", "", "*", "part", part)
        if part
        else Row("*", "", "*", "no", writing.off(f"{type.told} of {{resource}}"))
    )


def _taken_in(resource: str, type: DataType, *, exact: bool) -> Iterator[str]:
    """The patterns of resources that a selector's ARN takes in."""
    if resource == "*":
        yield "*"
        return
    if not exact:
        yield f"{resource}*"
        return
    yield resource
    yield from (f"{resource}{end}" for end in type.below if end != "prefix")


def _fitting(rows: Sequence[Row], type: DataType, permission: str) -> Iterator[Row]:
    """The rows for one permission: one about the container is recorded only where all that lies in it is."""
    for row in rows:
        if permission not in type.holds or row.observed != "yes" or row.resource == "*":
            yield row
        elif row.resource.endswith("/*") and row.resource.count("/") == 1:
            yield row._replace(resource=row.resource.removesuffix("/*"))


def _sure(management: Sequence[Row]) -> Row | None:
    """The row that says that every management event is recorded, or None."""
    return next((row for row in management if row[:4] == ("*", "*", "*", "yes")), None)


def _both(rows: Sequence[Row], management: Row | None, permission: str) -> Iterator[Row]:
    """The rows of a permission whose use is one or the other: both must be recorded."""
    *seen, rest = rows
    if management is not None:
        for row in seen:
            times = [one.begin for one in (row, management) if one.begin]
            logs = " ".join(dict.fromkeys((*row.log.split(" "), *management.log.split(" "))))
            yield row._replace(permission=permission, begin=max(times) if times else None, log=logs)
    reason = f"its use may be a data event: {rest.reason}"
    yield rest._replace(permission=permission, reason=reason)
