"""What the provider offers of collection; what it needs is imported when it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leastwise.model.scope import Collected
from leastwise.providers.base import Collector, CollectRun, Diagnosis, PlannedCall


def _collect(keys: Mapping[str, Any], run: CollectRun) -> Iterator[Collected]:
    from .collector import collect

    return collect(keys, run)


def _plan(keys: Mapping[str, Any]) -> list[PlannedCall]:
    from .policy import plan
    from .source import read_source

    return plan(read_source(keys))


def _policy(keys: Mapping[str, Any]) -> str:
    from .policy import policy_text
    from .source import read_source

    return policy_text(read_source(keys))


def _doctor(keys: Mapping[str, Any]) -> Diagnosis:
    from .doctor import examine

    return examine(keys)


COLLECTOR = Collector(_collect, _plan, _policy, _doctor)
