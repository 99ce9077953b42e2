"""What an application called of Graph, and which app roles or scopes there are to choose from for each request.

What suffices for some objects only (`….OwnedBy`, `….Selected`) is chosen only where a token that had it, and nothing
wider, was let through. Costs go by tiers and by what else a permission opens: see `sensitivity.rank`.

https://learn.microsoft.com/graph/permissions-overview
"""

from __future__ import annotations

from collections.abc import Iterable

from leastwise.model.choices import Choices, Cost
from leastwise.providers.entra import catalog
from leastwise.providers.entra.events.asking import FOR_USER, Asked, narrow, of_request
from leastwise.providers.entra.language.requests import RequestError, is_request, parse_request
from leastwise.providers.entra.sensitivity import rank

APPLICATION, DELEGATED = "application", "delegated"
"""Layers of the grants of app roles, and of scopes."""


def choices(uses: Iterable[tuple[str, str]]) -> Choices:
    """What rows of usage of one principal tell: permission and bucket of each that was let through."""
    had: dict[str, set[str]] = {}
    for permission, bucket in uses:
        if is_request(bucket):
            had.setdefault(bucket, set()).add(permission)
    calls: dict[str, dict[str, frozenset[str]]] = {}
    unknown: dict[str, list[str]] = {}
    for bucket, values in sorted(had.items()):
        layer = DELEGATED if bucket.endswith(FOR_USER) else APPLICATION
        named = bucket.removesuffix(FOR_USER)
        found = _allowing(named, layer, values)
        if found:
            calls.setdefault(layer, {})[named] = found
        else:
            unknown.setdefault(layer, []).append(named)
    facts = catalog.current()
    return Choices(
        calls, _cost, lambda permission: permission in facts.breadth,
        {layer: tuple(some) for layer, some in unknown.items()},
    )  # fmt: skip


def _cost(layer: str, permission: str) -> Cost:
    return rank(permission, delegated=layer == DELEGATED)


def _allowing(request: str, layer: str, had: set[str]) -> frozenset[str]:
    """The values that allow a request; none where no page tells."""
    try:
        told: Asked = of_request(parse_request(request))
    except RequestError:
        return frozenset()
    listed = told.delegated if layer == DELEGATED else told.application
    wide = frozenset(one for one in listed or () if not narrow(one, told.request))
    fitting = frozenset(listed or ()) & had
    only = fitting if fitting and all(narrow(one, told.request) for one in fitting) else frozenset[str]()
    return wide | only or frozenset(listed or ())
