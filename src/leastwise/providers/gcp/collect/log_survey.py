"""Where sinks put audit logs, what reading that costs, and which places together have all of it for the least.

What sinks that were collected, and those of the source's roots, write whole is read from the cheapest of the buckets
and datasets that have it; what none has, Cloud Logging itself is asked for.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from leastwise.errors import InputError
from leastwise.providers.base import ScopeTables
from leastwise.providers.fetching import Place, Survey, Wanted
from leastwise.providers.gcp.log_names import LOGGING, OBJECTS, TABLES, bucket_of, dataset_of
from leastwise.providers.gcp.observing.sinks import KIND, taken
from leastwise.providers.gcp.translate.sinks import sink_details
from leastwise.providers.logs.prices import prices_of
from leastwise.providers.logs.surveying import cheapest
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import cause

from .log_access import Access
from .log_entries import DAYS
from .log_objects import LISTING as LISTING_OBJECTS
from .log_objects import Bucket
from .log_standing import API
from .log_tables import LISTING as LISTING_TABLES
from .log_tables import Dataset

_VENDOR = "leastwise.providers.gcp"
_BUCKET, _DATASET = "storage.googleapis.com/", "bigquery.googleapis.com/projects/"


@dataclass(frozen=True, slots=True)
class Found:
    """A sink: its name, the container it is of, the place it writes to, which logs whole, since when."""

    name: str
    container: str
    url: str
    children: bool
    logs: frozenset[str]
    since: date | None


def survey(wanted: Wanted, known: Sequence[ScopeTables]) -> Survey:
    """The places that together have the logs of the source's containers, each with what reading it means.

    Raises:
        UsageError: there is nothing to start from.
    """
    access, notes = Access(wanted.sign_in), list[str]()
    begin, end = wanted.window(DAYS, datetime.now(UTC).date())
    try:
        above = access.containers(notes)
        tops = [one for one, parent in above.items() if not parent]
        by_url: dict[str, list[Found]] = {}
        for one in dict.fromkeys([*_of_snapshots(known), *_of_the_vendor(access, tops, notes)]):
            by_url.setdefault(one.url, []).append(one)
        looked = [(_look(access, url, some, begin, end), some) for url, some in sorted(by_url.items())]
        chosen, rest = _cheapest(looked, above, begin, notes)
    finally:
        access.close()
    if rest:
        url = LOGGING if len(rest) == len(above) else f"{LOGGING}{','.join(rest)}"
        records = "what Cloud Logging keeps of audit logs, 60,000 entries a minute"
        chosen.append(Place(url, ("entries.list",), records, len(rest)))
    return Survey(tuple(chosen), tuple(notes), prices_of(_VENDOR).told, "outside of Google Cloud")


def _of_snapshots(known: Sequence[ScopeTables]) -> Iterator[Found]:
    for scope in known:
        table = scope.tables.get("resources")
        for row in () if table is None else table.select(["id", "kind", "account", "details"]).to_pylist():
            if row["kind"] == KIND:
                container = row["account"] if "/" in row["account"] else f"projects/{row['account']}"
                yield from _found(row["id"].rpartition("/")[2], container, dict(row["details"] or ()))


def _of_the_vendor(access: Access, tops: Sequence[str], notes: list[str]) -> Iterator[Found]:
    """The sinks of the containers that the source begins at."""
    for container in tops:
        try:
            for one in access.listed(f"{API}/{container}/sinks", {"pageSize": 1000}, "sinks"):
                yield from _found(str(one.get("name") or ""), container, sink_details(one))
        except RestFailed as error:
            notes.append(f"sinks of {container} were not told: {error}")


def _found(name: str, container: str, told: Mapping[str, str]) -> Iterator[Found]:
    """The sink, if it writes to a bucket or a dataset."""
    destination = told.get("destination", "")
    if destination.startswith(_BUCKET):
        url = f"{OBJECTS}{destination.removeprefix(_BUCKET)}"
    elif destination.startswith(_DATASET):
        project, _, dataset = destination.removeprefix(_DATASET).partition("/datasets/")
        url = f"{TABLES}{project}.{dataset}"
    else:
        return
    if told.get("state") == "off":
        return
    whole = taken(told.get("filter", "")) if told.get("leaves_out") != "yes" else frozenset[str]()
    try:
        since = date.fromisoformat(told.get("since", "")[:10])
    except ValueError:
        since = None
    yield Found(name, container, url, told.get("children") == "yes", whole, since)


def _look(access: Access, url: str, sinks: Sequence[Found], begin: date, end: date) -> Place:
    """The place with its volume and cost, or with why it cannot be read."""
    logs = sorted({log for one in sinks for log in one.logs})
    records = ", ".join(f"{one} logs" for one in logs) or "nothing that is surely whole"
    place = Place(url, tuple(dict.fromkeys(one.name for one in sinks)), records)
    try:
        return _counted_objects(access, place, begin, end) if url.startswith(OBJECTS) else _counted_rows(
            access, place, begin, end)  # fmt: skip
    except RestFailed as error:
        needed = LISTING_OBJECTS if url.startswith(OBJECTS) else " and ".join(LISTING_TABLES)
        return replace(place, cause=cause(url, error, needed))
    except InputError as error:
        return replace(place, cause=error.cause)


def _counted_objects(access: Access, place: Place, begin: date, end: date) -> Place:
    name, prefix = bucket_of(place.url)
    bucket = Bucket(access, name)
    files = size = 0
    branches, _ = bucket.branches(prefix)
    for branch in branches:
        for one in bucket.objects(branch, begin, end):
            files, size = files + 1, size + one.size
    lists = len(branches) + files // 1000
    requests, transfer = prices_of(_VENDOR).of(files, lists, size)
    return replace(place, files=files, bytes=size, requests=requests, transfer=transfer)


def _counted_rows(access: Access, place: Place, begin: date, end: date) -> Place:
    """Tables by what they are told to hold; of partitioned ones, as large a part as the days are of their life."""
    dataset, notes = Dataset(access, *dataset_of(place.url)), list[str]()
    files, size, exact = 0, 0.0, True
    now = datetime.now(UTC)
    for table in dataset.tables(begin, end, notes):
        share = 1.0
        if table.day is None:
            since = table.since(now)
            days = max((min(end, now.date()) - max(begin, since)).days + 1, 0)
            share, exact = min(days / max((now.date() - since).days + 1, 1), 1.0), False
            files += days
        else:
            files += 1
        size += int(table.told.get("numBytes") or 0) * share
    return replace(place, files=files, bytes=round(size), exact=exact)


def _cheapest(
    looked: Iterable[tuple[Place, Sequence[Found]]], above: Mapping[str, str], begin: date, notes: list[str]
) -> tuple[list[Place], list[str]]:
    """The places to read, the cheapest that have something that no other has; containers of which some log is left."""
    left: set[Hashable] = {(container, log) for container in above for log in ("activity", "data_access")}
    covering: list[tuple[Place, Mapping[Hashable, bool]]] = []
    for place, sinks in looked:
        covers: dict[Hashable, bool] = {
            (container, log): one.since is None or one.since < begin
            for one in sinks for log in one.logs for container in above if _covers(one, container, above)
        }  # fmt: skip
        covering.append((place, covers))
    chosen = cheapest(covering, left, "has no audit log of these containers surely whole", notes)
    return chosen, [one for one in above if {(one, "activity"), (one, "data_access")} & left]


def _covers(sink: Found, container: str, above: Mapping[str, str]) -> bool:
    path = [container]
    while sink.children and (parent := above.get(path[-1], "")):
        path.append(parent)
    return sink.container in path
