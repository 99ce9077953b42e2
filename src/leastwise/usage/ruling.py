"""What rows of `observability`, compared with what is kept of their logs, say of uses of one permission.

A `yes` row counts for resources that lie in its pattern (the text, or a beginning and `*`) in those spans of time in
which it holds and its log was taken in. The spans of all rows together must cover the window.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple, Protocol

from leastwise.model.gap import Window
from leastwise.model.naming import Naming, Places

from .keeping import EVERYWHERE, Logs, Spans, clipped, missing, together


class Row(NamedTuple):
    """One row, without its account."""

    region: str
    permission: str
    resource: str
    observed: str
    reason: str
    log: str
    begin: datetime | None
    end: datetime


class Shown(NamedTuple):
    """A row of which the log was compared with what is kept of it.

    Args:
        spans: the parts of the window in which it shows uses; none of a row that is not `yes`.
        short: why these are not the whole window, of a `yes` row; else why uses are not recorded.
    """

    region: str
    permission: str
    resource: str
    spans: Spans
    short: str
    yes: bool


class Rule(Protocol):
    """What the rows about one permission say of a window."""

    @property
    def decided(self) -> bool | None:
        """Whether a use would have been recorded, whatever the resource; None where the resource decides."""
        ...

    def unseen(self, resources: Sequence[str]) -> str:
        """Why a use on one of some resources might not be known; empty when each would be."""
        ...


class _Remembering(ABC):
    """Remembers what was said of resources: many permissions are asked of the same."""

    @cached_property
    def _unseen(self) -> dict[tuple[str, ...], str]:
        return {}

    def unseen(self, resources: Sequence[str]) -> str:
        """Why a use on one of some resources might not be known; empty when each would be."""
        key = tuple(resources)
        found = self._unseen.get(key)
        if found is None:
            found = self._unseen[key] = self._lacking(key or (EVERYWHERE,))
        return found

    @abstractmethod
    def _lacking(self, resources: Sequence[str]) -> str: ...


class AccountRule(_Remembering):
    """What the rows of one account say."""

    def __init__(self, rows: Sequence[Shown], window: Window, naming: Naming) -> None:
        self._window, self._naming = window, naming
        self._seen = [row for row in rows if row.yes]
        rest = [row.short for row in rows if not row.yes]
        self._reason = rest[0] if rest else ""

    @cached_property
    def decided(self) -> bool | None:
        """Whether a use would have been recorded, whatever the resource; None where the resource decides."""
        if not any(row.spans for row in self._seen):
            return False
        whole = [span for row in self._seen if row.region == row.resource == EVERYWHERE for span in row.spans]
        return True if together(whole, self._window) else None

    def _lacking(self, resources: Sequence[str]) -> str:
        short = ""
        for resource in resources:
            shown = [row for row in self._seen if _shows(row, resource, self._naming)]
            if not shown:
                return self._told(resource)
            if not together([span for row in shown for span in row.spans], self._window):
                short = short or _most(shown, self._window)
        return short

    def _told(self, resource: str) -> str:
        if not self._reason:
            return "no log is known that records it"
        name = self._naming.name(resource)
        return self._reason.replace("{resource}", name or ("some resources" if self._seen else "all resources"))


class EstateRule(_Remembering):
    """What the rows of all accounts say, each of the resources that it holds.

    Args:
        rules: by account.
        places: in which accounts the resources of a pattern may lie.
    """

    def __init__(self, rules: Mapping[str, AccountRule], places: Places) -> None:
        self._rules, self._places = rules, places

    @cached_property
    def decided(self) -> bool | None:
        """False where no account shows any use; else None, for a resource may lie in an account without rows."""
        return None if any(rule.decided is not False for rule in self._rules.values()) else False

    def _lacking(self, resources: Sequence[str]) -> str:
        lacking: dict[str, str] = {}
        for resource in resources:
            places = self._places(resource)
            if places is None and not self._rules:
                return "no log is known that records it"
            for account in self._rules if places is None else places:
                if account in lacking:
                    continue
                rule = self._rules.get(account)
                why = f"what the logs of account {account} record was not read" if rule is None else ""
                why = why if rule is None else rule.unseen([resource])
                if why:
                    lacking[account] = why
        if not lacking:
            return ""
        why = next(iter(lacking.values()))
        more = sum(one != why for one in lacking.values())
        return f"{why}; likewise in {more} more accounts" if more else why


def _most(shown: Sequence[Shown], window: Window) -> str:
    """Why the row that shows most of a window does not show all of it."""
    lengths = [sum(((end - begin) for begin, end in row.spans), timedelta()) for row in shown]
    best = max(range(len(shown)), key=lambda at: (lengths[at], -at))
    # Each row may be whole where it holds, and rows of several times leave a part between them.
    spans = clipped([span for row in shown for span in row.spans], window)
    return shown[best].short or missing(spans, window, "what logs are known to record")


def _shows(row: Shown, resource: str, naming: Naming) -> bool:
    if row.region not in (EVERYWHERE, naming.region(resource)):
        return False
    if row.resource == EVERYWHERE or row.resource == resource:
        return True
    if not row.resource.endswith("*"):
        return False
    begin = resource[: min((resource.find(sign) for sign in "*?" if sign in resource), default=len(resource))]
    return begin.startswith(row.resource[:-1])


def joined(row: Row, account: str, logs: Logs, window: Window) -> list[Shown]:
    """A row as what is kept of its log lets it show uses, in each region of which something is kept."""
    if row.observed != "yes":
        return [Shown(row.region, row.permission, row.resource, (), row.reason, yes=False)]

    def shown(region: str, spans: Spans, short: str) -> Shown:
        return Shown(region, row.permission, row.resource, spans, short, yes=True)

    kept = logs.of(account, row.log)
    if not kept:
        unclear = logs.unclear(account)
        why = f"{row.reason} records it, but its log of this account was not taken in"
        return [shown(row.region, (), f"{why}: {unclear}" if unclear else why)]
    regions: dict[str, list[tuple[datetime, datetime]]] = {}
    for one in kept:
        regions.setdefault(one.region, []).append((one.begin, one.end))
    found = []
    for region, spans in regions.items():
        if EVERYWHERE not in (region, row.region) and region != row.region:
            continue
        where = row.region if region == EVERYWHERE else region
        found.append(shown(where, *_within(row, clipped(spans, window), window)))
    if not any(one.region == row.region for one in found):
        places = ", ".join(sorted(set(regions)))
        found.append(shown(row.region, (), f"the log of {row.reason} was taken in of {places} only"))
    return found


def _within(row: Row, spans: Spans, window: Window) -> tuple[Spans, str]:
    """The parts of some spans in which a row holds, and why they are not the whole window."""
    begin, end = row.begin or window.begin, row.end
    held = tuple((max(one, begin), min(other, end)) for one, other in spans if one <= end and other >= begin)
    short = missing(spans, window, f"those parts of the log of {row.reason} that were taken in")
    if not short and begin > window.begin:
        short = f"{row.reason} is known to record it since {begin.date()}, the window begins on {window.begin.date()}"
    elif not short and end < window.end:
        short = f"{row.reason} is known to record it until {end.date()}, the window ends on {window.end.date()}"
    return held, short
