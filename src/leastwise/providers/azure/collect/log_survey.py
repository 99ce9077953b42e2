"""Where Azure's logs lie, what reading them costs, and which places together have all for the least.

The Activity Log of the last 90 days is Azure's to ask, free of charge. What is older, and logs of resources, lie where
diagnostic settings of the snapshots send them: in storage accounts and workspaces. Event hubs keep nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources

import msgspec
import yaml

from leastwise.errors import InputError, UsageError
from leastwise.providers.azure.log_names import ACTIVITY, KIND, OBJECTS, TABLES, store_of, workspace_of
from leastwise.providers.azure.observing.settings import SETTINGS, Setting, setting_of
from leastwise.providers.base import ScopeTables
from leastwise.providers.fetching import Place, Survey, Wanted
from leastwise.providers.logs.surveying import cheapest
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import refused

from .log_access import Access
from .log_activity import DAYS
from .log_objects import CONTAINERS, READ, READING, Account
from .log_tables import TABLE, WORKSPACE, workspace

_SPACES = ("/providers/microsoft.keyvault/vaults/", "/providers/microsoft.storage/storageaccounts/")
"""Of what a group of categories has some that are read."""


class Prices(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """US dollars, as `data/prices.yaml` has them."""

    region: str
    date: str
    get_per_10000: float
    list_per_10000: float
    transfer_per_gib: float


@cache
def prices() -> Prices:
    """The prices."""
    file = resources.files("leastwise.providers.azure") / "data" / "prices.yaml"
    return msgspec.convert(yaml.safe_load(file.read_text("utf-8")), Prices)


@dataclass(frozen=True, slots=True)
class Found:
    """A setting: its name, the place it writes to, and which logs of what (a key)."""

    name: str
    url: str
    on: str
    logs: frozenset[str]


def survey(wanted: Wanted, known: Sequence[ScopeTables]) -> Survey:
    """The places that together have the logs, each with what reading it means.

    Raises:
        UsageError: there is nothing to start from.
    """
    access, notes = Access(wanted.sign_in), list[str]()
    now = datetime.now(UTC)
    end = wanted.end or now.date()
    begin = wanted.begin or end - timedelta(DAYS)
    kept = begin >= now.date() - timedelta(DAYS)
    try:
        containers = access.containers(notes)
        by_url: dict[str, list[Found]] = {}
        for one in dict.fromkeys(_of_snapshots(known, notes)):
            by_url.setdefault(one.url, []).append(one)
        # Azure itself is asked first, since it is free and surely whole.
        own = Place(
            ACTIVITY, ("Activity Log",), f"what Azure keeps of the Activity Log for {DAYS} days", len(containers)
        )
        needed: set[Hashable] = {(one.on, log) for some in by_url.values() for one in some for log in one.logs}
        needed -= {need for need in needed if kept and isinstance(need, tuple) and need[1] == KIND}
        looked = [(_look(access, url, some, begin, end), _covers(some)) for url, some in sorted(by_url.items())]
        chosen = cheapest(looked, needed, "has no log that is read", notes)
    finally:
        access.close()
    told = f"list prices of {prices().region}, {prices().date}"
    return Survey((own, *chosen), tuple(notes), told, "outside of the region")


def _covers(some: Sequence[Found]) -> Mapping[Hashable, bool]:
    return {(one.on, log): True for one in some for log in one.logs}


def _of_snapshots(known: Sequence[ScopeTables], notes: list[str]) -> Iterator[Found]:
    hubs = 0
    for scope in known:
        table = scope.tables.get("resources")
        for row in () if table is None else table.select(["id", "kind", "details"]).to_pylist():
            if row["kind"] != SETTINGS:
                continue
            details = dict(row["details"] or ())
            made = setting_of(details)
            hubs += "eventHubAuthorizationRuleId" in details and not made.destinations
            yield from _found(row["id"].rpartition("/")[2], made)
    if hubs:
        notes.append(f"{hubs} diagnostic settings send logs to event hubs alone, where they are not kept")


def _found(name: str, made: Setting) -> Iterator[Found]:
    logs = frozenset(READ & made.categories) | ({KIND} if made.activity else set())
    if made.groups and any(space in made.on for space in _SPACES):
        logs |= made.groups
    if not logs:
        return
    if made.storage:
        yield Found(name, f"{OBJECTS}{made.storage}", made.on, logs)
    if made.workspace:
        yield Found(name, f"{TABLES}{made.workspace.strip('/')}", made.on, logs)


def _look(access: Access, url: str, some: Sequence[Found], begin: date, end: date) -> Place:
    """The place with its volume and cost, or with why it cannot be read."""
    logs = sorted({log for one in some for log in one.logs})
    place = Place(url, tuple(dict.fromkeys(one.name for one in some)), f"{', '.join(logs)} of {len(some)} resources")
    try:
        if url.startswith(OBJECTS):
            return _counted(access, place, begin, end)
        found = workspace(access, workspace_of(url).key, datetime.now(UTC))
        return replace(place, files=len(found.tables), exact=False)
    except RestFailed as error:
        needed = f"{CONTAINERS} and {READING}" if url.startswith(OBJECTS) else f"{WORKSPACE} and {TABLE}"
        return replace(place, cause="is not there" if error.http == 404 else refused(url, error, needed).cause)
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
    cost = files * prices().get_per_10000 / 10000 + (lists + files // 5000) * prices().list_per_10000 / 10000
    return replace(place, files=files, bytes=size, requests=cost, transfer=size / (1 << 30) * prices().transfer_per_gib)
