"""What reading the logs costs that diagnostic settings send to storage accounts and workspaces, and whether one may."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from leastwise.errors import InputError, UsageError
from leastwise.providers.base import ScopeTables
from leastwise.providers.fetching import Place
from leastwise.providers.logs.prices import Prices, prices_of
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import cause

from .log_access import Access
from .log_names import OBJECTS, TABLES, store_of, workspace_of
from .log_objects import CONTAINERS, READING, Account
from .log_tables import TABLE, WORKSPACE, workspace
from .settings import Setting, setting_of


def prices() -> Prices:
    """What storage accounts cost."""
    return prices_of("leastwise.providers.microsoft")


@dataclass(frozen=True, slots=True)
class Found:
    """A setting: its name, the place it writes to, and which logs of what (a key)."""

    name: str
    url: str
    on: str
    logs: frozenset[str]


def settings(known: Sequence[ScopeTables], kind: str, notes: list[str]) -> Iterator[tuple[str, Setting]]:
    """The diagnostic settings that snapshots tell of, with their names; `notes` are told of those that keep nothing."""
    hubs = 0
    for scope in known:
        table = scope.tables.get("resources")
        for row in () if table is None else table.select(["id", "kind", "details"]).to_pylist():
            if row["kind"] == kind:
                details = dict(row["details"] or ())
                made = setting_of(details)
                hubs += "eventHubAuthorizationRuleId" in details and not made.destinations
                yield row["id"].rpartition("/")[2], made
    if hubs:
        notes.append(f"{hubs} diagnostic settings send logs to event hubs alone, where they are not kept")


def found(name: str, made: Setting, logs: frozenset[str]) -> Iterator[Found]:
    """The places to which a setting writes these logs."""
    if logs and made.storage:
        yield Found(name, f"{OBJECTS}{made.storage}", made.on, logs)
    if logs and made.workspace:
        yield Found(name, f"{TABLES}{made.workspace.strip('/')}", made.on, logs)


def looked(
    access: Access, some: Iterable[Found], begin: date, end: date
) -> list[tuple[Place, Mapping[Hashable, bool]]]:
    """The places of settings, each with its volume and cost or with why it cannot be read, and which logs it has."""
    by_url: dict[str, list[Found]] = {}
    for one in dict.fromkeys(some):
        by_url.setdefault(one.url, []).append(one)
    return [
        (_look(access, url, each, begin, end), {(one.on, log): True for one in each for log in one.logs})
        for url, each in sorted(by_url.items())
    ]


def _look(access: Access, url: str, some: Sequence[Found], begin: date, end: date) -> Place:
    logs = sorted({log for one in some for log in one.logs})
    of = len({one.on for one in some})
    place = Place(url, tuple(dict.fromkeys(one.name for one in some)), f"{', '.join(logs)} of {of} resources")
    try:
        if url.startswith(OBJECTS):
            return _counted(access, place, begin, end)
        there = workspace(access, workspace_of(url), datetime.now(UTC))
        return replace(place, files=len(there.tables), exact=False)
    except RestFailed as error:
        needed = f"{CONTAINERS} and {READING}" if url.startswith(OBJECTS) else f"{WORKSPACE} and {TABLE}"
        return replace(place, cause=cause(url, error, needed))
    except InputError as error:
        return replace(place, cause=error.cause)
    except UsageError:
        return replace(place, cause="the setting names no workspace or storage account")


def _counted(access: Access, place: Place, begin: date, end: date) -> Place:
    account = Account(access, store_of(place.url)[0])
    files = size = lists = 0
    for container in account.containers()[0]:
        for branch in account.branches(container, ""):
            lists += 1
            for one in account.blobs(branch, begin, end):
                files, size = files + 1, size + one.size
    requests, transfer = prices().of(files, lists + files // 5000, size)
    return replace(place, files=files, bytes=size, requests=requests, transfer=transfer)
