"""How Google Cloud's audit logs are fetched: what the port `providers.fetching.Fetcher` asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from leastwise.errors import InputError, UsageError
from leastwise.model.scope import Collected
from leastwise.providers.fetching import EndlessSource, LogSource, Wanted
from leastwise.providers.gcp.log_names import LOGGING, OBJECTS, SCHEMES, TABLES


def source(wanted: Wanted) -> LogSource:
    """What is wanted, opened. UsageError when it makes no sense, or there is nothing to sign in with."""
    if wanted.queue:
        return follow(wanted)
    if wanted.regions:
        raise UsageError("--regions: Cloud Logging is asked by project, not by region (--projects)")
    if wanted.url.startswith(OBJECTS):
        from .log_objects import Objects

        return Objects(wanted)
    if wanted.url.startswith(TABLES):
        from .log_tables import Tables

        return Tables(wanted)
    if wanted.lookup or wanted.url.startswith(LOGGING):
        from .log_entries import Entries

        return Entries(wanted)
    raise UsageError(f"{wanted.url}: is no place of Google Cloud's logs ({', '.join(SCHEMES)})")


def follow(wanted: Wanted) -> EndlessSource:
    """Nothing can be followed. UsageError."""
    raise UsageError("--queue: notices of Google Cloud are not followed; run again with gs://, bq:// or --lookup")


def attempts(wanted: Wanted, principals: Mapping[str, Sequence[str]], now: datetime) -> list[Collected]:
    """Nothing is asked here: a collection does. InputError."""
    raise InputError("Policy Analyzer", "when service accounts last signed in is told by `leastwise collect gcp`")
