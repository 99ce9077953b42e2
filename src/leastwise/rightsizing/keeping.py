"""Which of the granted permissions stay, where, and why: one reason for each, none of them silent."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import Any, TypeVar

from pyroaring import BitMap

from leastwise.model.gap import Item, Use, Window
from leastwise.model.plan import SHOWN, Clock, Dropped, Kept, Why
from leastwise.usage.outline import Outline, Permissions, Quiet
from leastwise.usage.uses import POSSIBLE

_T = TypeVar("_T")
_NAME = attrgetter("permission")
_DAY = timedelta(days=1)
_AGAIN = 1.25
"""A pause that is at most so many times as long as one before it is taken for the same rhythm."""
_EVER = datetime.min.replace(tzinfo=UTC)
MANY = 16
"""From so many places on a permission keeps all that it is granted on: logs name no more of one call."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What keeps a permission that was not used in the window.

    Args:
        schedules: what runs as the principal by the clock.
        logs: when the logs of its account begin; None where it is not known.
        young: since when it has what a grant gives, by permission, of grants that are younger than the age guard.
        excepted: by permission why somebody wants it kept.
        added: by permission why it is to stay though it was not used.
        eventless: permissions that are no operation, so that no log shows them by themselves.
        blind: by permission the resources of its grants where a use might not have been recorded, each with why.
        level: of a permission its service and access level, where all of these are to stay together; None: each alone.
        seasons: look for rhythms.
        unobservable: keep what cannot be observed.
    """

    schedules: tuple[Clock, ...] = ()
    logs: datetime | None = None
    young: Mapping[str, datetime] = field(default_factory=dict)
    excepted: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    eventless: frozenset[str] = frozenset()
    blind: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    level: Callable[[str], str] | None = None
    seasons: bool = True
    unobservable: bool = True


@dataclass(slots=True)
class _Place:
    """What was done with one permission on one bucket: calls in the window, the days of calls before it."""

    calls: int = 0
    last: datetime | None = None
    before: set[int] = field(default_factory=set)
    earlier: int = 0
    latest: datetime | None = None


def chosen(gap: Outline, rows: Iterable[Mapping[str, Any]], guards: Guards) -> tuple[list[Kept], list[Dropped]]:
    """What stays of what is granted, and what goes, each sorted by permission.

    Args:
        gap: of the principal, in the window.
        rows: its rows of `usage`, of any time up to the window's end.
        guards: see `Guards`.
    """
    places = _places(rows, gap.window)
    quiet = _Quietly(gap.of, guards)
    looked = gap.of.numbered(iter({*places, *guards.excepted, *guards.young, *guards.added}))
    items = list(gap.items)
    for one in gap.quiet:
        # Of most nothing is to be said.
        items += [one.item(gap.of.names[number]) for number in one.numbers & looked]
        quiet.add(one, one.numbers - looked)
    kept, dropped = quiet.kept, quiet.dropped()
    for item in items:
        name = item.permission
        found = list(_kept(item, places.get(name, {}), gap.window, guards))
        kept += found
        if not found:
            why = Why.EVENTLESS if name in guards.eventless else Why.UNUSED
            insort(dropped, Dropped(name, why, item.sensitivity, item.done.last), key=_NAME)
    kept.sort(key=_NAME)
    return (kept, dropped) if guards.level is None else _levelled(kept, dropped, guards.level)


class _Quietly:
    """What stays and what goes of permissions of which nothing is to be said but what all that are told alike share."""

    def __init__(self, of: Permissions, guards: Guards) -> None:
        self._of, self._guards = of, guards
        self._eventless = _eventless(of, guards.eventless)
        self._gone = BitMap()
        self.kept: list[Kept] = []

    def add(self, one: Quiet, numbers: BitMap) -> None:
        """Some of those that are told alike."""
        if one.state is Use.UNOBSERVABLE and self._guards.unobservable:
            made = _staying(self._of, one.missing)
            self.kept += map(made.__getitem__, numbers - self._eventless)
            numbers = numbers & self._eventless
        self._gone |= numbers

    def dropped(self) -> list[Dropped]:
        """What goes, by name."""
        found = list(map(_going(self._of, self._guards.eventless).__getitem__, self._gone))
        if not self._of.ordered:
            found.sort(key=_NAME)
        return found


class _Table(dict[int, _T]):
    """One value for each permission, made when it is first asked for: of most principals the same is said."""

    def __init__(self, made: Callable[[int], _T]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, number: int) -> _T:
        found = self[number] = self._made(number)
        return found


@lru_cache(maxsize=8)
def _eventless(of: Permissions, eventless: frozenset[str]) -> BitMap:
    return of.numbered(iter(eventless))


@lru_cache(maxsize=8)
def _going(of: Permissions, eventless: frozenset[str]) -> _Table[Dropped]:
    without = _eventless(of, eventless)

    def made(number: int) -> Dropped:
        return Dropped(of.names[number], Why.EVENTLESS if number in without else Why.UNUSED, of.sensitivity[number])

    return _Table(made)


@lru_cache(maxsize=256)
def _staying(of: Permissions, missing: str) -> _Table[Kept]:
    return _Table(lambda number: Kept(of.names[number], Why.UNOBSERVABLE, (), missing))


def _stays(name: str, state: Use, guards: Guards) -> bool:
    """Whether the verdict alone lets a permission stay."""
    if state is Use.UNOBSERVABLE:
        return guards.unobservable and name not in guards.eventless
    return state in _STATES


def _levelled(
    kept: list[Kept], dropped: list[Dropped], level: Callable[[str], str]
) -> tuple[list[Kept], list[Dropped]]:
    """What stays beside others of its service and access level."""
    first: dict[str, str] = {}
    for one in kept:
        if one.why in SHOWN:
            first.setdefault(level(one.permission), one.permission)
    stay = {one.permission: name for one in dropped if (name := first.get(level(one.permission))) is not None}
    more = [Kept(one, Why.LEVEL, (), f"as {name}, which is used") for one, name in stay.items()]
    return sorted([*kept, *more], key=_NAME), [one for one in dropped if one.permission not in stay]


def _places(rows: Iterable[Mapping[str, Any]], window: Window) -> dict[str, dict[str, _Place]]:
    """By permission and bucket what was done; an empty bucket where the log told none."""
    found: dict[str, dict[str, _Place]] = {}
    for row in rows:
        used = row["last_used"]
        # A call of which the log does not tell whether it was authorised may have been, as one of several may.
        doubt = row["how"] == POSSIBLE or (used is None and row["unknown"])
        calls = row["count"] or (row["unknown"] if doubt else 0)
        if not calls:
            continue
        at = used or row["last"]
        place = found.setdefault(row["permission"], {}).setdefault(row["bucket"], _Place())
        if at >= window.begin:
            place.calls += calls
            place.last = max(filter(None, (place.last, at)))
        else:
            place.before.add(row["day"])
            place.earlier += calls
            place.latest = max(filter(None, (place.latest, at)))
    return found


_STATES = {Use.USED: Why.USED, Use.IMPLIED: Why.IMPLIED}


def _kept(item: Item, places: Mapping[str, _Place], window: Window, guards: Guards) -> Iterable[Kept]:
    """Why one permission stays; nothing if it goes. A seasonal use may stand beside others, on other resources."""
    name = item.permission
    now = {bucket: one for bucket, one in places.items() if one.calls}
    seasonal = dict(_seasonal(places, window, guards)) if guards.seasons else {}
    why, detail = _why(item, now, guards)
    if why is None:
        yield from (_seasonal_kept(name, bucket, places[bucket], detail) for bucket, detail in seasonal.items())
        return
    if why not in (Why.USED, Why.IMPLIED, Why.POSSIBLE) or "" in now or len(now) + len(seasonal) >= MANY:
        yield Kept(name, why, (), detail, sum(one.calls for one in now.values()), item.done.last)
        return
    calls = sum(one.calls for one in now.values())
    yield Kept(name, why, tuple(sorted(now)), detail, calls, max(filter(None, (one.last for one in now.values()))))
    blind = guards.blind.get(name, {}) if guards.unobservable else {}
    yield from (Kept(name, Why.UNOBSERVABLE, (resource,), missing) for resource, missing in blind.items())
    yield from (_seasonal_kept(name, bucket, places[bucket], words) for bucket, words in seasonal.items())


def _why(item: Item, now: Mapping[str, _Place], guards: Guards) -> tuple[Why | None, str]:
    """The first reason that holds for a permission as a whole; None where only its uses before the window may."""
    name = item.permission
    if item.state in _STATES and now:
        return _STATES[item.state], ""
    if now:
        return Why.POSSIBLE, item.missing
    if name in guards.excepted:
        return Why.EXCEPTED, guards.excepted[name]
    if name in guards.added:
        return Why.ADDED, guards.added[name]
    if item.done.denied:
        return Why.WANTED, f"{item.done.denied} calls of it were denied in the window"
    if name in guards.young:
        return Why.NEW, f"granted on {guards.young[name].date()}"
    if not _stays(name, item.state, guards):
        return None, ""
    return _STATES.get(item.state, Why.UNOBSERVABLE), item.missing


def _seasonal_kept(name: str, bucket: str, place: _Place, detail: str) -> Kept:
    return Kept(name, Why.SEASONAL, (bucket,) if bucket else (), detail, place.earlier, place.latest)


def _seasonal(places: Mapping[str, _Place], window: Window, guards: Guards) -> Iterable[tuple[str, str]]:
    """The buckets that were used before the window only, and may be again, each with why."""
    for bucket, place in sorted(places.items()):
        if place.calls or place.latest is None:
            continue
        detail = _season(place, window, guards)
        if detail:
            yield bucket, detail


def returning(
    rows: Iterable[Mapping[str, Any]], window: Window, schedules: Sequence[Clock], last: datetime | None
) -> str:
    """Why somebody whom nobody used in the window may be used again, by a schedule or a rhythm; empty where none tells.

    Args:
        rows: of `usage`, of any time up to the window's end.
        window: in which it was not used.
        schedules: what runs as it by the clock.
        last: its last use that any source tells.
    """
    guards = Guards(tuple(schedules), logs=_EVER)
    found = [one for some in _places(rows, window).values() for one in some.values() if not one.calls]
    # Before a first use, or where logs do not reach back to the last, the schedules alone may tell.
    found.append(_Place(latest=last or window.begin - _DAY))
    return next(filter(None, (_season(one, window, guards) for one in found)), "")


def _season(place: _Place, window: Window, guards: Guards) -> str:
    """Why uses before the window may come again; empty where nothing says so."""
    assert place.latest is not None
    on, pause = place.latest.astimezone(UTC), window.end - place.latest
    for one in guards.schedules:
        due = one.due(on + _DAY, window.end)
        if not due:
            since = "was not due since" if due is False else "it is not known whether it was due since"
            return f"last used on {on.date()}; {one.name} runs by {one.expression}, and {since}"
    days = sorted(place.before)
    longest = max((later - earlier for earlier, later in pairwise(days)), default=0)
    if longest * _DAY * _AGAIN >= pause:
        return f"last used on {on.date()}, after an earlier pause of {longest} days"
    if guards.logs is None or on - guards.logs < pause:
        since = (
            "it is not known when the logs begin" if guards.logs is None else f"the logs begin on {guards.logs.date()}"
        )
        return f"last used on {on.date()}; {since}, too late to rule out that it comes every {pause.days} days"
    return ""
