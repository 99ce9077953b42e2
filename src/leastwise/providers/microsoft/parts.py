"""A part of a directory, collected anew and put beside what else its last snapshot told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from leastwise.model.scope import Collected, Coverage, CoverageStatus

from .declaration import Service

_OWN = ("collection", "only")
One = TypeVar("One", bound=Service)


def leading_to(services: Iterable[One], name: str) -> tuple[One, ...]:
    """Of linked services that of this name, and of others the calls that list what it is asked of."""
    found = []
    for service in services:
        calls = service.calls if service.service == name else [
            _leading(call, name) for call in service.calls if _leads(call, name)
        ]  # fmt: skip
        if calls:
            found.append(msgspec.structs.replace(service, calls=calls))
    return tuple(found)


def _leads(call: Any, name: str) -> bool:
    return any(one.service == name for one in call.walk())


def _leading(call: Any, name: str) -> Any:
    if call.service == name:
        return call
    return msgspec.structs.replace(call, then=[_leading(one, name) for one in call.then if _leads(one, name)])


def put_beside(earlier: Collected | None, found: Collected, asked: Sequence[Service], part: str) -> Collected:
    """What was collected of `part`, and of the last snapshot all that is of another kind than what was asked for.

    Kinds are replaced as a whole, never merged. Without a snapshot it is the part alone, and the coverage says so.
    """
    if earlier is None:
        gap = Coverage(
            *_OWN, CoverageStatus.NOT_TRIED, f"only {part} was asked for", "everything else of the directory"
        )
        return replace(found, coverage=(*found.coverage, gap))
    calls = [(service.of(call), call) for service in asked for call in service.walk()]
    kinds = {service.kind(call) for service, call in calls}
    names = {(service.name, call.call) for service, call in calls}
    kept = [one for one in earlier.documents if one.kind.partition("!")[0] not in kinds]
    told = [one for one in earlier.coverage if (one.service, one.call) not in (*names, _OWN)]
    if not kept and not told:
        return found
    times = [one.time for one in kept if one.time is not None]
    oldest = min(times, default=earlier.time)
    carried = Coverage(
        *_OWN, CoverageStatus.OK, f"only {part} was asked for; the rest is as of {oldest.isoformat()} or later"
    )
    return replace(found, documents=(*kept, *found.documents), coverage=(*told, *found.coverage, carried))
