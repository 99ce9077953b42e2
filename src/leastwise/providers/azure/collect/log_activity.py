"""The Activity Log as Azure itself keeps it: container by container, span by span, for 90 days.

https://learn.microsoft.com/rest/api/monitor/activity-logs/list
https://learn.microsoft.com/rest/api/monitor/tenant-activity-logs/list
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log (retention, management groups)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leastwise.providers.azure.language.ids import ROOT
from leastwise.providers.azure.log_names import ACTIVITY, KIND, TENANT, containers_of, key_of
from leastwise.providers.azure.tree import SUBSCRIPTIONS
from leastwise.providers.fetching import Wanted
from leastwise.providers.logs.spans import Asked, stamp
from leastwise.providers.microsoft.log_access import ARM_LINK
from leastwise.providers.microsoft.log_spans import Kind, Part, Spanned
from leastwise.providers.rest.session import Ask

from .log_access import Access

READING = "Microsoft.Insights/eventtypes/values/read"
DAYS = 90
"""So long Azure keeps it."""
_VERSION, _ABOVE = "2015-04-01", "2017-03-01-preview"
_PATH = "/providers/Microsoft.Insights/eventtypes/management/values"
_LONG = 120
_KIND = Kind(ACTIVITY, "arm", READING, ARM_LINK, DAYS, "Azure keeps the Activity Log")


class Activity(Spanned):
    """The Activity Log of subscriptions, management groups and the tenant; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted, now: datetime | None = None) -> None:
        self._named = containers_of(wanted.url) if wanted.url else []
        self._whose = Access(wanted.sign_in)
        name = wanted.url if 0 < len(wanted.url) <= _LONG else ACTIVITY
        super().__init__(_KIND, wanted, name, self._whose, now)

    def containers(self) -> Sequence[str]:
        """Those that are named, else the tenant, its management groups and subscriptions."""
        return self._named or self._whose.containers(self.notes)

    def parts(self, container: str, begin: datetime, complete: datetime) -> Sequence[Part]:
        """The Activity Log, all the time."""
        return [(begin, complete, (KIND,))]

    def time(self, container: str) -> str:
        """The field of a record that has its time."""
        return "eventTimestamp"

    def asked(self, span: Asked) -> Ask:
        """The first page of a span."""
        return asked_of(self._access.source.address("arm"), span)


def asked_of(address: str, span: Asked) -> Ask:
    """The first page of a span, as the pages above ask for it: the reference of the tenant's names channels too."""
    key = key_of(span.container)
    filter = f"eventTimestamp ge '{stamp(span.begin)}' and eventTimestamp le '{stamp(span.end)}'"
    if key == ROOT:
        filter += " and eventChannels eq 'Admin, Operation'"
    above = "" if span.container == TENANT else key
    version = _VERSION if key == ROOT or key.startswith(SUBSCRIPTIONS) else _ABOVE
    return Ask("GET", f"{address}{above}{_PATH}", {"api-version": version, "$filter": filter})
