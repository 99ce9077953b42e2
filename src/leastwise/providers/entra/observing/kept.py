"""What is held of which log: spans that Graph was asked for, days of files and of tables that settings write to.

A file's path tells the log and the hour in which it was received. A setting has no filter but its categories, so that
where there are files, all of the category is. It may have been made, or switched off for a while, on any day: a day
counts where the days before and after it have files, too. No file is written of an hour without records. Of tables of a
workspace the name of a piece tells which days do (`providers.microsoft.log_tables`); whose logs lie in it, the settings
of the snapshots.

https://learn.microsoft.com/entra/identity/monitoring-health/howto-archive-logs-to-storage-account
https://learn.microsoft.com/graph/microsoft-graph-activity-logs-overview#limitations
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from leastwise.model.gap import Kept
from leastwise.providers.base import Folder, Told
from leastwise.providers.entra.events.record import AUDIT, GRAPH, SIGN_INS
from leastwise.providers.entra.language.settings import categories_of
from leastwise.providers.entra.log_names import HISTORY, log_of
from leastwise.providers.logs.spans import runs, spans
from leastwise.providers.microsoft.log_names import OF_DIRECTORY, TABLES

from .settings import tenants

_FILES = re.compile(
    r"(?:.*/)?insights-logs-(?P<category>[a-z0-9]+)/tenantId=(?P<tenant>[^/]+)"
    r"/y=(?P<year>\d{4})/m=(?P<month>\d\d)/d=(?P<day>\d\d)(?:/h=\d\d(?:/m=\d\d)?)?/?",
    re.IGNORECASE,
)
"""A folder of what a diagnostic setting writes of a day."""
_CATEGORIES = {one.lower(): one for one in (AUDIT, GRAPH, *SIGN_INS)}
_DAY = timedelta(days=1)


def kept(told: Sequence[Told], folders: Sequence[Folder]) -> tuple[list[Kept], dict[str, str]]:
    """What the folders hold of each log, and by tenant why some count for nothing."""
    whole: dict[tuple[str, str], set[date]] = {}
    broken: dict[tuple[str, str], set[date]] = {}
    for folder in folders:
        named = _FILES.fullmatch(folder.name.replace("\\", "/"))
        category = _CATEGORIES.get(named["category"].lower()) if named is not None else None
        if named is None or category is None:
            continue
        try:
            day = date(int(named["year"]), int(named["month"]), int(named["day"]))
        except ValueError:
            continue
        (whole if folder.whole else broken).setdefault((category, named["tenant"].lower()), set()).add(day)
    found: list[Kept] = []
    unclear: dict[str, str] = {}
    for (category, tenant), days in sorted(whole.items()):
        sure = days - broken.get((category, tenant), set())
        between = sorted(day for day in sure if {day - _DAY, day + _DAY} <= sure)
        if not between:
            unclear.setdefault(tenant, f"of {category} there are no three days with files that follow one another")
        found += [Kept(log_of(category, tenant), tenant, "*", begin, end) for begin, end in runs(between)]
    names = {folder.name: folder.whole for folder in folders}
    return [*found, *_asked(names), *_tables(told, names)], unclear


def _asked(folders: Mapping[str, bool]) -> Iterator[Kept]:
    """The spans of which Graph gave a log, whole as far as its oldest record tells."""
    for one in spans(HISTORY, folders):
        tenant = one.container.partition("/")[0].lower()
        for category in one.logs & set(_CATEGORIES.values()):
            yield Kept(log_of(category, tenant), tenant, "*", one.begin, one.end)


def _tables(told: Sequence[Told], folders: Mapping[str, bool]) -> Iterator[Kept]:
    """The spans of a workspace's tables, for the tenants that a setting writes there from."""
    asked = spans(TABLES, folders)
    for tenant, state in sorted(tenants(told).items()) if asked else ():
        for category, table in OF_DIRECTORY.items():
            places = {one.workspace for one in state.ever if one.workspace and category in categories_of(one)}
            for one in asked:
                if table in one.logs and f"/{one.container}".lower() in places:
                    yield Kept(log_of(category, tenant), tenant, "*", one.begin, one.end)
