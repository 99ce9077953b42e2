"""Rows of the table `observability`: what the audit logs of a tree show, for every account of it.

Admin Activity is always on, and so is data access of BigQuery; the rest is what audit configurations say, from when to
when nobody set a policy of a container. Permissions are told together by host and kind (`naming.families`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

from leastwise.engine.columns import arrow_schema
from leastwise.model.gap import Kept
from leastwise.model.tables.usage import OBSERVABILITY
from leastwise.providers.base import Altered, Told
from leastwise.providers.holding import ALWAYS, NEVER, Span, holding

from .configs import ALL, Tree, trees
from .kinds import ADMIN, READ, WRITE, kinds, never
from .sinks import ACTIVITY, DATA_ACCESS, log_of

_LATE = timedelta(days=1)
_PUBLIC = {
    "storage.googleapis.com": "//storage.googleapis.com/",
    "bigquery.googleapis.com": "//bigquery.googleapis.com/",
}


class Row(NamedTuple):
    """What one row says of an account, see the table."""

    permission: str
    observed: str
    reason: str
    log: str = ""
    begin: datetime = ALWAYS
    end: datetime = NEVER


def observability(told: Sequence[Told], kept: Sequence[Kept] = (), altered: Sequence[Altered] = ()) -> pa.Table:
    """The rows for the accounts of the trees that some snapshots, oldest first, tell of."""
    rows: list[tuple[str, Row]] = [("*", Row(name, "no", why)) for name, why in sorted(never().items())]
    states: dict[str, list[tuple[datetime, Tree]]] = {}
    for one in told:
        for scope in one.scopes:
            for tree in trees([scope]):
                states.setdefault(tree.top, []).append((scope.time or one.time, tree))
    for _, found in sorted(states.items()):
        found.sort(key=lambda state: state[0])
        newest = found[-1][1]
        made = [*_admin(newest), *_data(found, kept, altered)]
        rows += [(account, row) for account in newest.accounts for row in made]
    return _table(rows)


def _admin(tree: Tree) -> Iterator[Row]:
    """Admin Activity, and what is in no log that is known."""
    yield Row(f"* {ADMIN}", "yes", "Admin Activity", log_of(tree, ACTIVITY))
    yield Row("*", "no", "its service is not known to write audit logs")


def _data(states: Sequence[tuple[datetime, Tree]], kept: Sequence[Kept], altered: Sequence[Altered]) -> Iterator[Row]:
    """Data Access, by host and kind: the newest state first, since its reasons are those that are told."""
    said = [_said(tree) for _, tree in states]
    spans = _holding([time for time, _ in states], said, states[-1][1], kept, altered)
    for (_, tree), told, (begin, end) in reversed(list(zip(states, said, spans, strict=True))):
        data = log_of(tree, DATA_ACCESS)
        for (host, kind), why in told.items():
            pattern = f"{'*' if host == ALL else f'{host}/*'} {kind}"
            # Which of the two logs a write stands in is not documented for each: both must be held.
            log = data if kind == READ else f"{data} {log_of(tree, ACTIVITY)}"
            if why:
                yield Row(pattern, "part" if "leave out" in why or "public" in why else "no", why)
            elif host in kinds().always:
                yield Row(pattern, "yes", "Data Access of a service that always logs it", log)
            else:
                yield Row(pattern, "yes", f"Data Access ({kind})", log, begin, end)


def _said(tree: Tree) -> Mapping[tuple[str, str], str]:
    """Why uses of permissions of a host (or all others) and a kind are not all recorded; empty where they are."""
    hosts = dict.fromkeys((ALL, *tree.hosts(), *(host for host in _PUBLIC if _opened(tree, host))))
    found = {}
    for host in hosts:
        for kind in (READ, WRITE):
            opened = _opened(tree, host)
            why = f"uses of {opened} are not logged while it is public, or its access lists may be" if opened else ""
            found[host, kind] = tree.lacking(host, kind) or why
    return found


def _opened(tree: Tree, host: str) -> str:
    """A resource of a host that is public, or may be: the audit logs leave out what everybody may do.

    https://docs.cloud.google.com/logging/docs/audit#data-access (publicly available resources)
    """
    begin = _PUBLIC.get(host, "")
    return min((one for one in tree.opened if begin and one.startswith(begin)), default="")


def _holding(
    times: Sequence[datetime],
    said: Sequence[Hashable],
    tree: Tree,
    kept: Sequence[Kept],
    altered: Sequence[Altered],
) -> list[Span]:
    """For each state the span in which it holds: nobody set a container's policy, as far as Admin Activity is held."""
    changes = sorted((one.begin, one.end) for one in altered if one.account in tree.accounts)
    log = log_of(tree, ACTIVITY)
    held = sorted((one.begin, one.end) for one in kept if one.log == log and one.account == tree.top)
    clean = next((begin for begin, end in held if begin <= times[0] <= end + _LATE), NEVER)
    until = max((end for begin, end in held if begin - _LATE <= times[-1] <= end), default=times[-1]) + _LATE
    frozen = [tuple(sorted(one.items())) if isinstance(one, Mapping) else one for one in said]
    return holding(times, frozen, changes, clean, until)


def _table(rows: Sequence[tuple[str, Row]]) -> pa.Table:
    size = len(rows)
    columns: dict[str, list[object]] = {
        "provider": ["gcp"] * size, "account": [account for account, _ in rows], "region": ["*"] * size,
        "resource": ["*"] * size, "source": ["cloudaudit"] * size,
    }  # fmt: skip
    for name in Row._fields:
        columns[name] = [getattr(row, name) for _, row in rows]
    schema = arrow_schema(OBSERVABILITY)
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)
