"""What is held of which log, by where files lie in a sink's bucket.

A sink writes `BUCKET/cloudaudit.googleapis.com/activity/YYYY/MM/DD/…`: the name tells the log and the day, not whose
log it is; that is the sink's to say, as the snapshot has it. A sink of an organization or folder that includes its
children writes the logs of all that lie below, so that a day with any file is held for all of them. It counts from when
it was last altered, on days of which files lie in a folder of its bucket's name; days of a dataset are called alike. A
sink that filters in a way that is not understood, or leaves something out, counts for nothing. What Cloud Logging was
asked for itself names the container, the time, and the logs that were surely there whole (`log_names`).

https://docs.cloud.google.com/logging/docs/export/storage
https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/projects.sinks
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from leastwise.model.gap import Kept
from leastwise.providers.base import Folder, ScopeTables, Told
from leastwise.providers.gcp.log_names import spans
from leastwise.providers.logs.spans import runs, whole_days

from .configs import Tree, trees

ACTIVITY, DATA_ACCESS = "activity", "data_access"
KIND = "logging:logsink"
_PLACE = re.compile(
    r"(?:^|(?P<before>.*)/)cloudaudit\.googleapis\.com/(?P<log>activity|data_access)/(?P<day>\d{4}/\d\d/\d\d)/?$"
)
_BUCKET, _DATASET = (
    "storage.googleapis.com/",
    re.compile(r"bigquery\.googleapis\.com/projects/([^/]+)/datasets/([^/]+)"),
)
_DAY = timedelta(days=1)
_TERM = re.compile(
    r'(?:(?:log_id|LOG_ID)\("|logName\s*:\s*"?|logName\s*=~\s*"?)(?:logs/)?cloudaudit\.googleapis\.com'
    r'(?:(?:/|%2[Ff])(?P<log>activity|data_access|system_event|policy))?"?\)?'
)


@dataclass(frozen=True, slots=True)
class Sink:
    """A sink that writes to a bucket (or `PROJECT.DATASET`): whose logs, whether of what lies below too, which of them,
    from when to when.
    """

    account: str
    bucket: str
    children: bool
    logs: frozenset[str]
    begin: date
    end: date


def log_of(account: str, log: str) -> str:
    """How rows name a log of a container, as the vendor does; the same is used in `logs` of estate.yaml."""
    return f"{account if '/' in account else f'projects/{account}'}/logs/cloudaudit.googleapis.com%2F{log}"


def kept(told: Sequence[Told], folders: Sequence[Folder]) -> tuple[list[Kept], dict[str, str]]:
    """What the folders hold of the log of each container, whole days, and by account why something counts for none."""
    days: dict[tuple[str, str], dict[date, bool]] = {}
    for folder in folders:
        found = _PLACE.search(folder.name.replace("\\", "/").rstrip("/"))
        if found is not None and (day := _day(found["day"])) is not None:
            held = days.setdefault((found["before"] or "", found["log"]), {})
            held[day] = held.get(day, True) and folder.whole
    known: list[Kept] = []
    unclear: dict[str, str] = {}
    listed = _listed(folders)
    scopes = [(scope, one is told[-1]) for one in told for scope in one.scopes]
    sinks = list(dict.fromkeys(sink for scope, last in scopes for sink in _sinks(scope, last)))
    for tree in {tree.top: tree for tree in trees(scope for scope, _ in scopes)}.values():
        for log in (ACTIVITY, DATA_ACCESS):
            for account, covered in _held(tree, log, sinks, days, listed, unclear).items():
                known += [Kept(log_of(account, log), account, "*", begin, end) for begin, end in runs(sorted(covered))]
    return known, unclear


def _held(
    tree: Tree,
    log: str,
    sinks: Sequence[Sink],
    days: Mapping[tuple[str, str], Mapping[date, bool]],
    listed: Mapping[tuple[str, str], Iterable[date]],
    unclear: dict[str, str],
) -> dict[str, set[date]]:
    """By container of a tree the days of which its log is held."""
    covered = {account: set(listed.get((account, log), ())) for account in tree.accounts}
    for (place, kind), told in days.items():
        if kind != log:
            continue
        writing = [one for one in sinks if log in one.logs and one.bucket in place.split("/")]
        if not writing:
            why = f"files below {place or 'a folder'} are of no bucket to which a sink that was read writes all of it"
            unclear |= dict.fromkeys(tree.accounts, why)
        for one in writing:
            written = {day for day, whole in told.items() if whole and one.begin <= day <= one.end}
            for account in _below(tree, one):
                covered.setdefault(account, set()).update(written)
    return covered


def _listed(folders: Iterable[Folder]) -> dict[tuple[str, str], list[date]]:
    """The whole days of which Cloud Logging gave everything, by account and log."""
    times: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    for one in spans({folder.name: folder.whole for folder in folders}):
        kind, _, id = one.container.partition("/")
        for log in one.logs:
            times.setdefault((id if kind == "projects" else one.container, log), []).append((one.begin, one.end))
    return {key: list(whole_days(told)) for key, told in times.items()}


def _below(tree: Tree, sink: Sink) -> Iterator[str]:
    for account in tree.accounts:
        if sink.account in (tree.path(account) if sink.children else (account,)):
            yield account


def _sinks(scope: ScopeTables, last: bool) -> Iterator[Sink]:
    """The sinks of a snapshot. One that is not the last says nothing of the days after it."""
    table = scope.tables.get("resources")
    end = date.max if last or scope.time is None else scope.time.astimezone(UTC).date() - _DAY
    for row in () if table is None else table.select(["kind", "account", "details"]).to_pylist():
        if row["kind"] != KIND:
            continue
        told: dict[str, str] = dict(row["details"] or ())
        place, logs = _written_to(told.get("destination", "")), taken(told.get("filter", ""))
        if place and logs and told.get("leaves_out") != "yes" and told.get("state") != "off":
            since = _day(told.get("since", "")[:10].replace("-", "/"))
            begin = since + _DAY if since is not None else date.min
            yield Sink(row["account"], place, told.get("children") == "yes", logs, begin, end)


def _written_to(destination: str) -> str:
    """The bucket, or `PROJECT.DATASET`, as a folder in names of files; empty for other destinations."""
    if found := _DATASET.fullmatch(destination):
        return f"{found[1]}.{found[2]}"
    return destination.removeprefix(_BUCKET) if destination.startswith(_BUCKET) else ""


def taken(filter: str) -> frozenset[str]:
    """The audit logs that a sink's filter surely lets through whole: all without one, those that terms with OR name."""
    if not filter.strip():
        return frozenset((ACTIVITY, DATA_ACCESS))
    found: set[str] = set()
    for term in re.split(r"\s+OR\s+|\n\s*OR\s*", filter.strip().strip("()").strip()):
        one = _TERM.fullmatch(term.strip().strip("()").strip()) or _TERM.fullmatch(term.strip())
        if one is None:
            return frozenset()
        found |= {one["log"]} if one["log"] else {ACTIVITY, DATA_ACCESS}
    return frozenset(found & {ACTIVITY, DATA_ACCESS})


def _day(text: str) -> date | None:
    try:
        return date(*map(int, text.split("/")))
    except ValueError:
        return None
