"""How Azure's logs are fetched: what the port `providers.fetching.Fetcher` asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from leastwise.errors import InputError, UsageError
from leastwise.model.scope import Collected
from leastwise.providers.azure.log_names import ACTIVITY, OBJECTS, SCHEMES, TABLES
from leastwise.providers.fetching import EndlessSource, LogSource, Wanted


def source(wanted: Wanted) -> LogSource:
    """What is wanted, opened. UsageError when it makes no sense, or there is nothing to sign in with."""
    if wanted.queue:
        return follow(wanted)
    if wanted.regions:
        raise UsageError("--regions: the Activity Log is asked by subscription, not by region (--subscriptions)")
    if wanted.url.startswith(OBJECTS):
        from .log_objects import Objects

        return Objects(wanted)
    if wanted.url.startswith(TABLES):
        from .log_tables import Tables

        return Tables(wanted)
    if wanted.lookup or wanted.url.startswith(ACTIVITY):
        from .log_activity import Activity

        return Activity(wanted)
    raise UsageError(f"{wanted.url}: is no place of Azure's logs ({', '.join(SCHEMES)})")


def follow(wanted: Wanted) -> EndlessSource:
    """Nothing can be followed. UsageError."""
    raise UsageError("--queue: event hubs are not followed; run again with azblob://, loganalytics:// or --lookup")


def attempts(wanted: Wanted, principals: Mapping[str, Sequence[str]], now: datetime) -> list[Collected]:
    """Azure tells of no attempts. InputError."""
    raise InputError("Azure", "tells nothing of attempts beside its logs; sign-ins are told by the directory")
