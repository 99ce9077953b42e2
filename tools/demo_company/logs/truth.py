"""The ground truth of usage: what principals did, whether a trail shows it or not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from demo_company.logs.record import Event

COLUMNS = ("principal", "permission", "resource", "logged", "calls", "denied", "first", "last")


@dataclass(slots=True)
class Row:
    """One principal, permission and resource; times in seconds since 1970. `calls` includes the denied ones."""

    calls: int = 0
    denied: int = 0
    first: int = 0
    last: int = 0


def truth(events: Iterable[Event]) -> dict[tuple[str, str, str, bool], Row]:
    """By principal, permission, resource and whether it is logged. Calls that need no permission are not in it."""
    found: dict[tuple[str, str, str, bool], Row] = {}
    for one in events:
        if not (one.counted and one.session.principal and one.call.permission):
            continue
        for permission in (one.call.permission, *one.call.also):
            row = found.setdefault((one.session.principal, permission, one.resource, one.logged), Row())
            row.first = min(row.first or one.when, one.when)
            row.last = max(row.last, one.when)
            row.calls += 1
            row.denied += one.denied
    return dict(sorted(found.items()))


def table(events: Iterable[Event]) -> str:
    """The same as CSV."""
    return csv_of(truth(events))


def csv_of(rows: Mapping[tuple[str, str, str, bool], Row]) -> str:
    """Rows of the truth as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for (principal, permission, resource, logged), row in rows.items():
        told = "yes" if logged else "no"
        writer.writerow((principal, permission, resource, told, row.calls, row.denied, iso(row.first), iso(row.last)))
    return text.getvalue()


def iso(when: int) -> str:
    """As CloudTrail writes times."""
    return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%dT%H:%M:%SZ}"
