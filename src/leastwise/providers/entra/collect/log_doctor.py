"""Whether Graph tells the directory's logs: they tell usage, though no collection reads them."""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus, Scope
from leastwise.providers.base import Check, Unknown
from leastwise.providers.microsoft.trying import want
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently

from .asking import Asking
from .log_history import LOGS, READING, oldest_of
from .source import Source

CHECK = "logs"
QUESTION = "which permissions are used (leastwise events --lookup --provider entra)"
_TRIES = 2


def examine_logs(source: Source, asking: Asking, scope: Scope) -> tuple[Check, list[Unknown]]:
    """A check of each log by its oldest record, and what stays unknown of those that are refused."""
    refused: dict[str, RestFailed] = {}
    for category, log in LOGS.items():
        ask = oldest_of(source.address("graph"), log)
        try:
            patiently(lambda ask=ask: asking.made("graph", ask), _TRIES)  # type: ignore[misc]
        except RestFailed as error:
            refused[category] = error
    if not refused:
        return Check(CHECK, "ok", f"{len(LOGS)} logs answered"), []
    told = "; ".join(f"{category}: {error.status.value}: {error}" for category, error in refused.items())
    first = next(iter(refused.values()))
    needs = READING if first.status is CoverageStatus.DENIED else (str(first),)
    return Check(CHECK, "missing", told), [Unknown(QUESTION, want(first), needs, (scope.key,))]
