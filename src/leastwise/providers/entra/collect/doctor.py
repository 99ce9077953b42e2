"""What a source needs to be collected, tried out: signing in, and each kind of call."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from leastwise.model.scope import Scope
from leastwise.providers.base import Check, Diagnosis, Unknown
from leastwise.providers.collecting.examining import examined
from leastwise.providers.microsoft.trying import Trial

from .asking import Asking
from .declaration import Service, asked, declared
from .log_doctor import examine_logs
from .source import Source, read_source
from .tenant import tenant


def examine(keys: Mapping[str, Any]) -> Diagnosis:
    """Every check, in the order in which a collection needs them, and the questions that would stay unknown.

    Raises:
        UsageError: the source's keys are wrong.
    """
    source = read_source(keys)
    return examined(
        source.declared(), declared(), partial(Asking, source), lambda asking: [tenant(source, asking)],
        partial(_tried, source),
    )  # fmt: skip


def _tried(source: Source, asking: Asking, scope: Scope) -> tuple[list[Check], list[Unknown]]:
    services = asked(source.declared(), source.per_minute)
    trial = Trial[Service](asking.ask, {"root": scope.id})
    trial.run(services)
    checks: list[Check] = []
    unknown: list[Unknown] = []
    for service in services:
        made, costs = trial.found(service, scope.key)
        checks += made
        unknown += costs
    check, lacks = examine_logs(source, asking, scope)
    return [*checks, check], [*unknown, *lacks]
