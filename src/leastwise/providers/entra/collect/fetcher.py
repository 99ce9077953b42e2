"""How the directory's logs are fetched: what the port `providers.fetching.Fetcher` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.providers.entra.log_names import FEED, HISTORY
from leastwise.providers.fetching import Fallbacks, LogSource, Places, Wanted
from leastwise.providers.microsoft.log_places import stored

from .log_policy import log_policy
from .log_survey import survey

if TYPE_CHECKING:
    from leastwise.providers.microsoft.log_access import Opened


def _history(wanted: Wanted) -> LogSource:
    from .log_history import History

    return History(wanted)


def _feed(wanted: Wanted) -> LogSource:
    from .log_feed import Feed

    return Feed(wanted)


def _opened() -> Opened:
    from .log_access import Access

    return Access


_PLACES = Places(
    vendor="the directory",
    openers={HISTORY: _history, FEED: _feed, **stored(_opened)},
    history=HISTORY,
    no_regions="a directory has none",
    no_queue=f"event hubs are not followed; run again with azblob://, loganalytics://, {FEED} or --lookup",
)


_NO_ATTEMPTS = ("the directory", "tells last sign-ins when it is collected (leastwise collect entra)")
_FALLBACKS = Fallbacks(
    "no diagnostic setting was found", "no place of a diagnostic setting can be read", "what Graph tells of the logs",
    "requests to Graph, and what is older than 30 days", "the directory", frozenset(),
)  # fmt: skip
FETCHER = _PLACES.fetcher(log_policy, survey, _NO_ATTEMPTS, _FALLBACKS)
