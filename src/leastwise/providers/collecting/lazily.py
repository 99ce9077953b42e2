"""The port of collecting, of which everything is imported only when it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from leastwise.model.scope import Collected
from leastwise.providers.base import Collector, CollectRun, Diagnosis, PlannedCall


def collector_of(package: str) -> Collector:
    """What a package offers that has `collector.collect`, `policy.plan` and `.policy_text`, `doctor.examine`, and
    `source.read_source`.
    """

    def found(module: str, name: str) -> Any:
        return getattr(import_module(f"{package}.{module}"), name)

    def collect(keys: Mapping[str, Any], run: CollectRun) -> Iterator[Collected]:
        scopes: Iterator[Collected] = found("collector", "collect")(keys, run)
        return scopes

    def plan(keys: Mapping[str, Any]) -> list[PlannedCall]:
        calls: list[PlannedCall] = found("policy", "plan")(found("source", "read_source")(keys))
        return calls

    def policy(keys: Mapping[str, Any]) -> str:
        return str(found("policy", "policy_text")(found("source", "read_source")(keys)))

    def doctor(keys: Mapping[str, Any]) -> Diagnosis:
        diagnosis: Diagnosis = found("doctor", "examine")(keys)
        return diagnosis

    return Collector(collect, plan, policy, doctor)
