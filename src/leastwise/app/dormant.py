"""Dormant principals and credentials, empty groups, bundles that reach nobody: tables of the estate and the lake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from leastwise.errors import UsageError

from .aliases import named_rows
from .asking import held_of
from .estate import OpenEstate
from .excess import last_seen
from .gap import window_of
from .reaching import Reaching

if TYPE_CHECKING:
    from leastwise.usage.aliases import Named
    from leastwise.usage.dormant import Idle, Seen

_IDENTITY = (
    "provider",
    "id",
    "name",
    "account",
    "native",
    "kind",
    "created",
    "last_used",
    "last_used_known",
    "protected",
)
_CREDENTIAL = (
    "provider", "id", "account", "kind", "principal", "principal_name", "principal_kind", "active", "created",
    "last_used", "last_used_known", "protected",
)  # fmt: skip


def idle_values(
    estate: OpenEstate, window: str | None, accounts: Sequence[str], whats: Sequence[str]
) -> dict[str, Any]:
    """What nobody uses, as the JSON interface has it. Raises UsageError."""
    from leastwise.usage.dormant import WHATS

    unknown = sorted(set(whats) - set(WHATS))
    if unknown:
        raise UsageError(f"--what: {unknown[0]!r} is none of {', '.join(WHATS)}")
    seen = _seen(estate, window)
    found = [
        one
        for one in _idle(estate, seen)
        if (not accounts or one.account in accounts) and (not whats or one.what in whats)
    ]
    order = {what: place for place, what in enumerate(WHATS)}
    found.sort(key=lambda one: (order[one.what], one.state == "UNOBSERVABLE", -(one.days or 0), one.id))
    return {
        "estate": estate.header(),
        "window": {
            "begin": seen.window.begin.isoformat(),
            "end": seen.window.end.isoformat(),
            "days": seen.window.days,
        },
        "items": [_values(one) for one in found],
        "next": None,
        "total": len(found),
        "coverage": estate.coverage() | {"unasked": _wordless(estate)},
    }


def idle_of(estate: OpenEstate, window: str | None) -> list[Idle]:
    """What nobody uses, in no order. Raises UsageError."""
    return _idle(estate, _seen(estate, window))


def _values(one: Idle) -> dict[str, Any]:
    last = None if one.last_used is None else one.last_used.isoformat()
    return {
        "what": one.what, "id": one.id, "name": one.name, "kind": one.kind, "account": one.account,
        "holder": one.holder, "state": str(one.state), "last_used": last, "days": one.days, "because": one.because,
    }  # fmt: skip


def _idle(estate: OpenEstate, seen: Seen) -> list[Idle]:
    from leastwise.usage.dormant import empty_groups, idle_credentials, idle_principals, loose_bundles

    reaching = Reaching(estate)
    nouns = reaching.nouns
    return [
        *idle_principals(estate.view("identities", _IDENTITY), seen, nouns),
        *idle_credentials(estate.view("credentials_view", _CREDENTIAL), seen, nouns),
        *empty_groups(reaching.principals, reaching.members, nouns, reaching.told),
        *loose_bundles(reaching.bundles, reaching.attached, nouns, reaching.told),
    ]


def _wordless(estate: OpenEstate) -> list[str]:
    """The providers that do not tell what can be out of use."""
    known = Reaching(estate).nouns
    return [name for name in held_of(estate.estate) if name not in known]


def _seen(estate: OpenEstate, window: str | None) -> Seen:
    from leastwise.usage.dormant import Seen, Unnamed

    asked = window_of(window, estate.clock.astimezone(UTC))
    read = {one.scope.id: one.time.astimezone(UTC) for one in estate.estate.manifests}
    # What lies in a scope was read with it, unless it is a scope itself.
    for row in estate.facts("scopes", ("id",)).to_pylist():
        read.setdefault(row["id"], read[row["scope"]])
    last: dict[str, datetime] = {}
    unnamed: dict[str, Unnamed] = {}
    for named in _called(estate):
        for id, time in last_seen(named.table, "principal", asked.end).items():
            last[id] = max(time, last.get(id, time))
        times = last_seen(named.doubtful, "principal", asked.end)
        for one in named.doubts:
            before = unnamed.get(one.name)
            if one.name in times and (before is None or before.last < times[one.name]):
                unnamed[one.name] = Unnamed(one.name, one.meant.maybe, one.meant.why, times[one.name])
    return Seen(last, asked, read, tuple(unnamed.values()))


def _called(estate: OpenEstate) -> Iterator[Named]:
    """What the lake has of everybody: uses of permissions, and calls that need none, as signing in.

    What was only denied may have been anybody's.
    """
    import pyarrow.compute as pc

    lake = estate.workspace.lake
    yield from named_rows(estate.workspace, estate.estate, lake.usage())
    seen = lake.sightings()
    yield from named_rows(estate.workspace, estate.estate, seen.filter(pc.greater(seen["count"], seen["denied"])))
