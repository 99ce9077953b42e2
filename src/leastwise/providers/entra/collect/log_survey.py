"""Where the directory's logs lie: with Graph for some weeks, and where its diagnostic settings send them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime

from leastwise.providers.base import ScopeTables
from leastwise.providers.entra.language.settings import KIND, categories_of
from leastwise.providers.entra.log_names import FEED, HISTORY
from leastwise.providers.fetching import Place, Survey, Wanted
from leastwise.providers.logs.surveying import cheapest
from leastwise.providers.microsoft.log_survey import found, looked, prices, settings

from .log_access import Access
from .log_feed import DAYS as DAYS_OF_FEED
from .log_feed import TYPES
from .log_history import DAYS, LOGS


def survey(wanted: Wanted, known: Sequence[ScopeTables]) -> Survey:
    """The places that together have the logs, each with what reading it means.

    Raises:
        UsageError: there is nothing to start from.
    """
    access, notes = Access(wanted.sign_in), list[str]()
    begin, end = wanted.window(DAYS, datetime.now(UTC).date())
    try:
        some = [one for name, made in settings(known, KIND, notes) for one in found(name, made, categories_of(made))]
        needed: set[Hashable] = {(one.on, log) for one in some for log in one.logs}
        chosen = cheapest(looked(access, some, begin, end), needed, "has no log that is read", notes)
        feed = bool(access.source.address("office"))
    finally:
        access.close()
    # What Graph answers is free, and tells by its oldest record since when it is whole.
    own = [Place(HISTORY, tuple(LOGS), f"what the directory keeps for up to {DAYS} days", len(LOGS))]
    if feed:
        told = f"the unified audit log of the last {DAYS_OF_FEED} days"
        own.append(Place(FEED, ("UnifiedAuditLog",), told, len(TYPES)))
    else:
        notes.append(f"the unified audit log is not read: where it answers in this cloud is not known ({FEED})")
    return Survey((*own, *chosen), tuple(notes), prices().told, "outside of the region")
