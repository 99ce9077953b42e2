"""Rows of the table `observability`: what the audit logs of each container show of the resources that it holds.

Admin Activity is always on, and so is data access of BigQuery; the rest is what audit configurations say, from when to
when nobody set a policy of the container or one above it. Permissions are told together by host and type
(`naming.families`). Each row stands twice: of the container's own log, and of the log that is named by the top of its
tree, as `logs` of estate.yaml may state it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import pyarrow as pa

from leastwise.model.gap import Kept
from leastwise.providers.base import Altered, Told
from leastwise.providers.holding import ALWAYS, NEVER, Span, holding, known_around
from leastwise.providers.logs.observed import EVERYWHERE, Row, table_of

from .configs import ALL, Tree, trees
from .kinds import ADMIN, DATA, host_of, kinds, never
from .sinks import ACTIVITY, DATA_ACCESS, log_of

_LATE = timedelta(days=1)
_PUBLIC = tuple(map(host_of, ("storage", "bigquery")))

_State = tuple[datetime, Tree]
_Said = Mapping[tuple[str, str], str]


def observability(told: Sequence[Told], kept: Sequence[Kept] = (), altered: Sequence[Altered] = ()) -> pa.Table:
    """The rows for the accounts of the trees that some snapshots, oldest first, tell of."""
    rows: list[tuple[str, Row]] = [("*", Row(name, EVERYWHERE, "no", why)) for name, why in sorted(never().items())]
    found = _told(told)
    hosts = sorted({host for states in found for _, tree in states for host in tree.hosts()} | set(_PUBLIC))
    held = _held(kept)
    done: set[str] = set()
    # An account that was read alone and within its organization is told by the larger tree, which knows what is above.
    for states in sorted(found, key=lambda states: -len(states[-1][1].accounts)):
        newest = states[-1][1]
        for account in newest.accounts:
            if account not in done:
                made = [*_admin(newest, account), *_data(states, account, hosts, held, altered)]
                rows += [(account, row) for row in made]
        done.update(newest.accounts)
    return table_of("gcp", "cloudaudit", rows)


def _told(told: Sequence[Told]) -> list[list[_State]]:
    """The states of each tree, oldest first."""
    states: dict[str, list[_State]] = {}
    for one in told:
        for scope in one.scopes:
            for tree in trees([scope]):
                states.setdefault(tree.top, []).append((scope.time or one.time, tree))
    return [sorted(found, key=lambda state: state[0]) for _, found in sorted(states.items())]


def _admin(tree: Tree, account: str) -> Iterator[Row]:
    """Admin Activity, and what is in no log that is known."""
    yield from _both(tree, account, f"* {ADMIN}", "Admin Activity", (ACTIVITY,))
    yield Row("*", EVERYWHERE, "no", "no page of its service that was read says that its uses are logged")


def _both(
    tree: Tree, account: str, pattern: str, reason: str, logs: Sequence[str], span: Span = (ALWAYS, NEVER)
) -> Iterator[Row]:
    """A row of the container's own logs, and one of those that are named by the top."""
    for one in dict.fromkeys((account, tree.top)):
        yield Row(pattern, EVERYWHERE, "yes", reason, " ".join(log_of(one, log) for log in logs), *span)


def _data(
    states: Sequence[_State],
    account: str,
    hosts: Sequence[str],
    kept: Mapping[tuple[str, str], list[Span]],
    altered: Sequence[Altered],
) -> Iterator[Row]:
    """Data Access, by host and type: the newest state first, since its reasons are those that are told."""
    tree = states[-1][1]
    said = [_said(one, account, hosts) for _, one in states]
    spans = _holding([time for time, _ in states], said, tree.path(account), kept, altered)
    for told, span in reversed(list(zip(said, spans, strict=True))):
        for (host, kind), why in told.items():
            pattern = f"{'*' if host == ALL else f'{host}/*'} {kind}"
            if why:
                yield Row(pattern, EVERYWHERE, "part" if "leave out" in why or "public" in why else "no", why)
                continue
            always = host in kinds().always
            reason = "Data Access of a service that always logs it" if always else f"Data Access ({kind})"
            # A call that writes as well has its one entry in Admin Activity: both must be held.
            within = (ALWAYS, NEVER) if always else span
            yield from _both(tree, account, pattern, reason, (DATA_ACCESS, ACTIVITY), within)


def _said(tree: Tree, account: str, hosts: Sequence[str]) -> _Said:
    """Why uses of permissions of a host (or all others) and a type are not all recorded; empty where they are."""
    found = {}
    for host in (ALL, *hosts):
        opened = min(tree.opened.get(account, ()), default="") if host in _PUBLIC else ""
        opened = _of_host(tree, account, host) if opened else ""
        why = f"uses of {opened} are not logged while it is public, or its access lists may be" if opened else ""
        for kind in DATA:
            found[host, kind] = tree.lacking(account, host, kind) or why
    return found


def _of_host(tree: Tree, account: str, host: str) -> str:
    """A resource of a host that is public, or may be: the audit logs leave out what everybody may do.

    https://docs.cloud.google.com/logging/docs/audit#data-access (publicly available resources)
    """
    return min((one for one in tree.opened[account] if one.startswith(f"//{host}/")), default="")


def _holding(
    times: Sequence[datetime],
    said: Sequence[_Said],
    path: Sequence[str],
    kept: Mapping[tuple[str, str], list[Span]],
    altered: Sequence[Altered],
) -> list[Span]:
    """For each state the span in which it holds: nobody set a policy of the containers, as far as that is held."""
    changes = sorted((one.begin, one.end) for one in altered if one.account in path)
    held = [kept.get((one, log_of(one, ACTIVITY)), []) for one in path]
    clean, until = known_around(times, held, _LATE)
    return holding(times, [tuple(one.items()) for one in said], changes, clean, until)


def _held(kept: Sequence[Kept]) -> dict[tuple[str, str], list[Span]]:
    """From when to when the Admin Activity of each account is held, also as a part of that of its top."""
    found: dict[tuple[str, str], list[Span]] = {}
    for one in sorted(kept, key=lambda each: each.begin):
        if one.log.endswith(ACTIVITY):
            found.setdefault((one.account, log_of(one.account, ACTIVITY)), []).append((one.begin, one.end))
    return found
