"""What a run would call, without a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from leastwise.providers.base import PlannedCall

from .declaration import Call, Service


def planned(services: Iterable[Service], needs: Callable[[Any], tuple[str, ...]]) -> dict[tuple[str, str], PlannedCall]:
    """Every kind of call that collecting the services makes, once, in order, by service and call.

    `needs` are the permissions of a call, in the vendor's words.
    """
    found: dict[tuple[str, str], PlannedCall] = {}
    for service in services:
        for call in service.opening:
            for one in _planned(service, call, "", needs):
                found.setdefault((one.service, one.call), one)
    return found


def _planned(
    service: Service, call: Call, above: str, needs: Callable[[Any], tuple[str, ...]]
) -> Iterator[PlannedCall]:
    owner = service.of(call)
    each = f"{above}.{call.each}" if above and call.each else above
    yield PlannedCall(owner.name, call.call, "", each, needs(call), tuple(owner.questions(call)))
    for below in (*call.instead, *call.below):
        yield from _planned(owner, below, call.call, needs)
