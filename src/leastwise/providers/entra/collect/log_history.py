"""The audit log and sign-ins as Graph answers them: log by log, span by span, for as long as the directory keeps them.

It keeps them for seven days, with a premium licence for thirty, from when on it had that. What is deleted is deleted by
age: of the time after the oldest record all is there, and of the time before it there is nothing to ask for.

https://learn.microsoft.com/graph/api/directoryaudit-list
https://learn.microsoft.com/graph/api/signin-list (in version 1.0 only interactive ones, hence beta for the others)
https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention
https://learn.microsoft.com/graph/throttling-limits#identity-and-access-reports-service-limits
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from leastwise.model.scope import CoverageStatus
from leastwise.providers.entra.events.record import AUDIT, NON_INTERACTIVE, OF_IDENTITIES, OF_SERVICES, SIGN_IN
from leastwise.providers.entra.log_names import HISTORY, chosen
from leastwise.providers.fetching import Wanted
from leastwise.providers.logs.spans import Asked, stamp
from leastwise.providers.microsoft.log_access import GRAPH_LINK
from leastwise.providers.microsoft.log_names import UNSURE
from leastwise.providers.microsoft.log_spans import Kind, Part, Spanned, records, time_of
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.session import Ask

from .log_access import Access

DAYS = 30
"""So long a directory with a licence keeps them."""
READING = ("AuditLog.Read.All", "Directory.Read.All")
"""The pages want both: https://learn.microsoft.com/graph/known-issues (licence checks of activity reports)."""
_EVERY = 2.0
"""Seconds between two requests: five in ten seconds are answered."""
_BAD = 400
_PAGE = 999
_ACTIVITY, _CREATED = "activityDateTime", "createdDateTime"


class Log(NamedTuple):
    """A log: the address of its list, the field with the time of a record, which events of the list it has."""

    path: str
    time: str
    events: str = ""

    @property
    def name(self) -> str:
        """How pieces call its list."""
        last = self.path.rpartition("/")[2]
        return f"{last}-{self.events}" if self.events else last


_SIGN_INS = "beta/auditLogs/signIns"
LOGS = {
    AUDIT: Log("v1.0/auditLogs/directoryAudits", _ACTIVITY),
    SIGN_IN: Log("v1.0/auditLogs/signIns", _CREATED),
    NON_INTERACTIVE: Log(_SIGN_INS, _CREATED, "nonInteractiveUser"),
    OF_SERVICES: Log(_SIGN_INS, _CREATED, "servicePrincipal"),
    OF_IDENTITIES: Log(_SIGN_INS, _CREATED, "managedIdentity"),
}
"""By category, as diagnostic settings write it."""
_NEEDED = " and ".join(READING)


class _UntoldError(Exception):
    """Which record is the oldest was not told; the text says why."""


class History(Spanned):
    """The directory's logs by Graph; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted, now: datetime | None = None) -> None:
        self._categories = chosen(wanted.url, HISTORY, LOGS)
        self._whose = Access(wanted.sign_in)
        kind = Kind(HISTORY, "graph", _NEEDED, GRAPH_LINK, DAYS, "the directory keeps its logs", _EVERY)
        super().__init__(kind, wanted, wanted.url or HISTORY, self._whose, now)

    def containers(self) -> Sequence[str]:
        """The lists of the logs that are asked for. UsageError when it cannot be told which directory this is."""
        return [f"{self._whose.tenant}/{LOGS[one].name}" for one in self._categories]

    def asked(self, span: Asked) -> Ask:
        """The first page of a span."""
        log = LOGS[_category(span.container)]
        return asked_of(self._access.source.address("graph"), log, span.begin, span.end)

    def parts(self, container: str, begin: datetime, complete: datetime) -> Sequence[Part]:
        """All of a log since its oldest record; not surely, where it is not told which that is. RestFailed."""
        category = _category(container)
        try:
            oldest = self._oldest(LOGS[category])
        except _UntoldError as why:
            self.notes.append(f"{category} is not surely whole: which record is the oldest was not told ({why})")
            return [(begin, complete, (f"{UNSURE}_{category}",))]
        # Of an empty log nobody knows since when it is kept.
        return [(complete if oldest is None else max(begin, oldest), complete, (category,))]

    def _oldest(self, log: Log) -> datetime | None:
        """When the oldest record of a log was made; None where there is none. _UntoldError, RestFailed."""
        address = self._access.source.address("graph")
        try:
            times = self._times(oldest_of(address, log), log)
            # An order that is ignored would make the newest the oldest.
            if times and self._times(oldest_of(address, log, min(times) - timedelta(seconds=1)), log):
                raise _UntoldError("there are older ones")
        except RestFailed as error:
            if error.http != _BAD or error.status is not CoverageStatus.FAILED:
                raise
            raise _UntoldError(str(error)) from None
        return min(times, default=None)

    def _times(self, ask: Ask, log: Log) -> list[datetime]:
        return [found for one in records(self.page(ask)) if (found := time_of(one.get(log.time))) is not None]

    def time(self, container: str) -> str:
        """The field of a record that has its time."""
        return LOGS[_category(container)].time

    def record(self, one: Mapping[str, Any], container: str) -> Mapping[str, Any]:
        """A record with the directory that it is of, which Graph does not tell."""
        return {"tenantId": container.partition("/")[0], **one}


def asked_of(address: str, log: Log, begin: datetime, end: datetime) -> Ask:
    """The first page of a time of a log, the newest first."""
    within = f"{log.time} ge {stamp(begin)} and {log.time} le {stamp(end)}"
    return Ask("GET", f"{address}/{log.path}", {"$filter": _filter(log, within), "$top": _PAGE, **_newest_first(log)})


def oldest_of(address: str, log: Log, before: datetime | None = None) -> Ask:
    """The oldest record of a log, or any that is older than a time."""
    only = _filter(log, f"{log.time} le {stamp(before)}" if before else "")
    order = {} if before else {"$orderby": f"{log.time} asc"}
    return Ask("GET", f"{address}/{log.path}", {**({"$filter": only} if only else {}), "$top": 1, **order})


def _filter(log: Log, within: str) -> str:
    events = f"signInEventTypes/any(t: t eq '{log.events}')" if log.events else ""
    return " and ".join(filter(None, (within, events)))


def _newest_first(log: Log) -> dict[str, str]:
    """Sign-ins come so anyway, and their page names no order."""
    return {"$orderby": f"{log.time} desc"} if log.time == _ACTIVITY else {}


def _category(container: str) -> str:
    """The category whose list pieces call so."""
    name = container.partition("/")[2]
    return next(category for category, log in LOGS.items() if log.name == name)
