"""How Azure's logs are fetched: what the port `providers.fetching.Fetcher` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.providers.azure.log_names import ACTIVITY
from leastwise.providers.fetching import Fallbacks, LogSource, Places, Wanted
from leastwise.providers.microsoft.log_places import stored

from .log_policy import log_policy
from .log_survey import survey

if TYPE_CHECKING:
    from leastwise.providers.microsoft.log_access import Opened


def _activity(wanted: Wanted) -> LogSource:
    from .log_activity import Activity

    return Activity(wanted)


def _opened() -> Opened:
    from .log_access import Access

    return Access


_PLACES = Places(
    vendor="Azure",
    openers={ACTIVITY: _activity, **stored(_opened)},
    history=ACTIVITY,
    no_regions="the Activity Log is asked by subscription, not by region (--subscriptions)",
    no_queue="event hubs are not followed; run again with azblob://, loganalytics:// or --lookup",
)


_NO_ATTEMPTS = ("Azure", "tells nothing of attempts beside its logs; sign-ins are told by the directory")
_FALLBACKS = Fallbacks(
    "no diagnostic setting was found", "no place of a diagnostic setting can be read", "the Activity Log",
    "what is only read, data actions, and what is older than 90 days", "Azure", frozenset(),
)  # fmt: skip
FETCHER = _PLACES.fetcher(log_policy, survey, _NO_ATTEMPTS, _FALLBACKS)
