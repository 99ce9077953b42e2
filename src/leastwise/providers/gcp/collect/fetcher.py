"""How Google Cloud's audit logs are fetched: what the port `providers.fetching.Fetcher` asks for."""

from __future__ import annotations

from leastwise.providers.fetching import Fallbacks, LogSource, Places, Wanted
from leastwise.providers.gcp.log_names import LOGGING, OBJECTS, TABLES

from .log_policy import log_policy
from .log_survey import survey


def _entries(wanted: Wanted) -> LogSource:
    from .log_entries import Entries

    return Entries(wanted)


def _objects(wanted: Wanted) -> LogSource:
    from .log_objects import Objects

    return Objects(wanted)


def _tables(wanted: Wanted) -> LogSource:
    from .log_tables import Tables

    return Tables(wanted)


_PLACES = Places(
    vendor="Google Cloud",
    openers={OBJECTS: _objects, TABLES: _tables, LOGGING: _entries},
    history=LOGGING,
    no_regions="Cloud Logging is asked by project, not by region (--projects)",
    no_queue="notices of Google Cloud are not followed; run again with gs://, bq:// or --lookup",
)


_NO_ATTEMPTS = ("Policy Analyzer", "when service accounts last signed in is told by `leastwise collect gcp`")
_FALLBACKS = Fallbacks(
    "no sink was found", "no place of a sink can be read", "what Cloud Logging keeps",
    "entries that are older than their log bucket keeps them", "Policy Analyzer", frozenset({"service_account"}),
)  # fmt: skip
FETCHER = _PLACES.fetcher(log_policy, survey, _NO_ATTEMPTS, _FALLBACKS)
