"""How CloudTrail's logs are fetched: what the port `providers.fetching.Fetcher` asks for."""

from __future__ import annotations

from leastwise.providers.fetching import EndlessSource, Fallbacks, Fetcher, LogSource, Wanted

from .log_attempts import attempts
from .log_policy import log_policy
from .log_trails import survey


def _source(wanted: Wanted) -> LogSource:
    if wanted.queue:
        return _queue(wanted)
    if wanted.lookup:
        from .log_history import History

        return History(wanted)
    from .log_objects import Objects

    return Objects(wanted)


def _queue(wanted: Wanted) -> EndlessSource:
    from .log_queue import QueueOfObjects

    return QueueOfObjects(wanted)


_FALLBACKS = Fallbacks(
    "no trail was found", "no trail's bucket can be read", "CloudTrail's event history", "data events",
    "Access Advisor", frozenset({"user", "role", "group"}),
)  # fmt: skip
FETCHER = Fetcher(_source, _queue, log_policy, survey, attempts, _FALLBACKS)
