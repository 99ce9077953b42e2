"""What is held of which log: spans that were asked for, and days of files that diagnostic settings wrote.

A file's path tells the log and the hour in which it was received. Days of files count where a setting of a snapshot
writes that category to a storage account, and the path names no other account. No file is written of an hour without
records: a day counts with any file, and a day without one where the container was listed and holds older files of that
resource. Of the Activity Log only days with files count, without the first of each run, since the setting may have been
made on it.

https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs (logs in a storage account)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain

from leastwise.model.gap import Kept
from leastwise.providers.azure.language.ids import ROOT, IdError, arm_id
from leastwise.providers.azure.log_names import ACTIVITY, FILES, KIND, key_of, log_of
from leastwise.providers.base import Folder, Told
from leastwise.providers.logs.spans import Span, runs, spans, whole_days
from leastwise.providers.microsoft.log_names import LISTED, OBJECTS, TABLES
from leastwise.providers.microsoft.settings import Setting

from .kinds import Logged, kinds
from .settings import State, states

_CONTAINER, _ACTIVITY = "insights-logs-", "insights-activity-logs"
_DAY = timedelta(days=1)
_Place = tuple[str, str, str]
"""Key of the resource, container, and what stands before it in the names of files."""


@dataclass(slots=True)
class _Days:
    """The days of which files were taken in, and those of which something could not be read."""

    days: set[date] = field(default_factory=set)
    broken: set[date] = field(default_factory=set)


def kept(told: Sequence[Told], folders: Sequence[Folder]) -> tuple[list[Kept], dict[str, str]]:
    """What the folders hold of the log of each account and resource, and by account why some count for none."""
    known = [*chain.from_iterable(states(told))]
    found = list(_asked(folders))
    unclear: dict[str, str] = {}
    files = _files(folders)
    listed = _listed(folders)
    stores = {one.storage for state in known for some in state.settings.values() for one in some if one.storage}
    for (key, container, before), held in sorted(files.items()):
        named = stores & set(before.lower().split("/"))
        account = _account(key)
        if container == _ACTIVITY:
            log, ok = log_of(KIND, key), _writes(known, key, named)
            days = _later(held.days - held.broken)
        else:
            logged, category = _category(key, container)
            if logged is None:
                continue
            log, ok = log_of(category, key), _writes(known, key, named, logged, category)
            days = sorted((held.days | listed.get((key, container, before), set())) - held.broken)
        if not ok:
            unclear.setdefault(account, f"files below {before or container} are of no diagnostic setting that was read")
            continue
        found += [Kept(log, account, "*", begin, end) for begin, end in runs(days)]
    found += _tables(known, folders)
    return found, unclear


def _asked(folders: Iterable[Folder]) -> Iterator[Kept]:
    """The spans of which Azure itself gave the Activity Log."""
    for one in spans(ACTIVITY, {folder.name: folder.whole for folder in folders}):
        if KIND in one.logs:
            key = key_of(one.container)
            yield Kept(log_of(KIND, key), _account(key), "*", one.begin, one.end)


def _tables(known: Sequence[State], folders: Iterable[Folder]) -> Iterator[Kept]:
    """The spans of tables of workspaces, for everything of which a setting writes to that table."""
    asked: dict[tuple[str, str], list[Span]] = {}
    for one in spans(TABLES, {folder.name: folder.whole for folder in folders}):
        for table in one.logs:
            asked.setdefault((f"/{one.container}".lower(), table), []).append(one)
    for key, setting in dict.fromkeys(_settings(known)):
        names = [(log_of(KIND, key), "AzureActivity")] if setting.activity else []
        names += [
            (log_of(category, key), logged.table(setting.tables))
            for logged in kinds().resources for category in logged.categories
            if _is(logged, key) and setting.takes(category, logged.groups)
        ]  # fmt: skip
        for log, table in names:
            for one in asked.get((setting.workspace, table), ()):
                yield Kept(log, _account(key), "*", one.begin, one.end)


def _settings(known: Iterable[State]) -> Iterator[tuple[str, Setting]]:
    return ((key, one) for state in known for key, some in state.settings.items() for one in some if one.workspace)


def _files(folders: Iterable[Folder]) -> dict[_Place, _Days]:
    found: dict[_Place, _Days] = {}
    for folder in folders:
        told = FILES.fullmatch(folder.name.replace("\\", "/"))
        if told is None:
            continue
        try:
            day = date(int(told["year"]), int(told["month"]), int(told["day"]))
            key = arm_id(told["on"]).key
        except (ValueError, IdError):
            continue
        held = found.setdefault((key, told["container"].lower(), told["before"] or ""), _Days())
        (held.days if folder.whole else held.broken).add(day)
    return found


def _listed(folders: Iterable[Folder]) -> dict[_Place, set[date]]:
    """The days in which nothing lay in a listed container but the files that are there."""
    times: dict[_Place, list[tuple[datetime, datetime]]] = {}
    for one in spans(OBJECTS, {folder.name: folder.whole for folder in folders}):
        place, _, on = one.container.partition("/resourceId=")
        before, _, container = place.rpartition("/")
        if one.logs == {LISTED} and on.startswith("/"):
            key = (on.lower(), container.lower(), f"{OBJECTS}{before}")
            times.setdefault(key, []).append((one.begin, one.end))
    return {key: set(whole_days(some)) for key, some in times.items()}


def _writes(
    known: Iterable[State], key: str, named: set[str], logged: Logged | None = None, category: str = ""
) -> bool:
    """Whether a setting writes the Activity Log, or a category, of something to a storage account.

    To one of those that the path names, where it names any.
    """
    return any(
        one.storage and (not named or one.storage in named)
        and (one.activity if logged is None else one.takes(category, logged.groups))
        for state in known for one in state.settings.get(key, ())
    )  # fmt: skip


def _category(key: str, container: str) -> tuple[Logged | None, str]:
    """What is known of the category of a container's files of a resource, and how settings write it."""
    for logged in kinds().resources:
        for category in logged.categories:
            if _is(logged, key) and container == f"{_CONTAINER}{category.lower()}":
                return logged, category
    return None, ""


def _is(logged: Logged, key: str) -> bool:
    """Whether a key is of a resource of a type."""
    _, found, below = key.rpartition("/providers/")
    parts = below.split("/")
    return bool(found) and "/".join([parts[0], *parts[1::2]]) == logged.type


def _later(days: set[date]) -> list[date]:
    """The days before which the day before is one too."""
    return sorted(day for day in days if day - _DAY in days)


def _account(key: str) -> str:
    """The account of what has a key."""
    try:
        top = arm_id(key).top
    except IdError:
        return ROOT
    return top.rpartition("/")[2] or ROOT


__all__ = ["kept"]
