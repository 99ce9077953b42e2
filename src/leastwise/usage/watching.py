"""Whether a log would have shown a use: rows of `observability` and what is kept of those logs, asked by permission.

Of several rows about a permission those of account `*` come first, then those with its name, those of its families
(`Naming`), those of `*`. A `yes` row counts for resources that lie in its pattern (the text, or a beginning and `*`)
in those spans of time in which it holds and its log was taken in. The spans of all rows together must cover the window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa
from pyroaring import BitMap

from leastwise.model.gap import Kept, Window
from leastwise.model.naming import Naming

_EVERYWHERE = "*"
_COLUMNS = ("account", "region", "permission", "resource", "observed", "reason", "log", "begin", "end")

Spans = tuple[tuple[datetime, datetime], ...]


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


class Logs:
    """What is kept of logs.

    Args:
        kept: from when to when each log of each account was taken in whole.
        unclear: by account, why something that was taken in counts for no log.
    """

    def __init__(self, kept: Iterable[Kept], unclear: Mapping[str, str] | None = None) -> None:
        self._kept: dict[str, dict[str, list[Kept]]] = {}
        for one in sorted(kept, key=lambda each: each.begin):
            self._kept.setdefault(one.account, {}).setdefault(one.log, []).append(one)
        self._unclear = unclear or {}

    def of(self, account: str, log: str) -> Sequence[Kept]:
        """What is kept of one log of an account, by time; of several, with blanks between them, what is of each."""
        held = self._kept.get(account, {})
        first, *more = [held.get(one, ()) for one in log.split(" ")]
        for one in more:
            first = [both for left in first for right in one if (both := _common(left, right)) is not None]
        return first

    def unclear(self, account: str) -> str:
        """Why something that was taken in of an account counts for no log; empty where all does."""
        return self._unclear.get(account, "")

    def lacking(self, account: str, window: Window) -> str:
        """Why no log of an account covers a window; empty when one does, in one region at least."""
        told = [self._one(some, account, window) for some in self._kept.get(account, {}).values()]
        if "" in told:
            return ""
        return told[0] if told else self.unclear(account) or f"no logs of account {account} have been read"

    @staticmethod
    def _one(kept: Sequence[Kept], account: str, window: Window) -> str:
        spans = clipped([(one.begin, one.end) for one in kept], window)
        return missing(spans, window, f"the logs of account {account} that were taken in")


def _common(one: Kept, other: Kept) -> Kept | None:
    """Where and when two things are kept."""
    if _EVERYWHERE not in (one.region, other.region) and one.region != other.region:
        return None
    begin, end = max(one.begin, other.begin), min(one.end, other.end)
    region = other.region if one.region == _EVERYWHERE else one.region
    return Kept(f"{one.log} {other.log}", one.account, region, begin, end) if begin < end else None


def clipped(spans: Iterable[tuple[datetime, datetime]], window: Window) -> Spans:
    """What of some spans lies in a window, put together; what begins or ends within its slack counts as all of it."""
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        begin = window.begin if begin <= window.begin + window.slack else begin
        end = window.end if end >= window.end - window.slack else end
        if begin > window.end or end < window.begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return tuple(found)


def missing(spans: Spans, window: Window, what: str) -> str:
    """In words the first part of a window that some spans, by time, do not cover; empty when they cover it."""
    if not spans:
        return f"{what} do not reach into the window"
    if spans[0][0] > window.begin:
        return f"{what} begin on {spans[0][0].date()}, the window on {window.begin.date()}"
    if len(spans) > 1:
        return f"{what} lack what lies between {spans[0][1].date()} and {spans[1][0].date()}"
    if spans[0][1] < window.end:
        return f"{what} end on {spans[0][1].date()}, the window on {window.end.date()}"
    return ""


def together(spans: Iterable[tuple[datetime, datetime]], window: Window) -> bool:
    """Whether some spans together cover a window."""
    at = window.begin
    for begin, end in sorted(spans):
        if begin > at:
            return False
        at = max(at, end)
    return at >= window.end


class Rule:
    """What the rows about one permission say of a window."""

    def __init__(self, rows: Sequence[Shown], window: Window, naming: Naming) -> None:
        self._window, self._naming = window, naming
        self._seen = [row for row in rows if row.yes]
        rest = [row.short for row in rows if not row.yes]
        self._reason = rest[0] if rest else ""
        self._unseen: dict[tuple[str, ...], str] = {}

    @cached_property
    def decided(self) -> bool | None:
        """Whether a use would have been recorded, whatever the resource; None where the resource decides."""
        if not any(row.spans for row in self._seen):
            return False
        whole = [span for row in self._seen if row.region == row.resource == _EVERYWHERE for span in row.spans]
        return True if together(whole, self._window) else None

    def unseen(self, resources: Sequence[str]) -> str:
        """Why a use on one of some resources might not be known; empty when each would be."""
        key = tuple(resources)
        found = self._unseen.get(key)
        if found is None:
            found = self._unseen[key] = self._lacking(key or (_EVERYWHERE,))
        return found

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


def _most(shown: Sequence[Shown], window: Window) -> str:
    """Why the row that shows most of a window does not show all of it."""
    lengths = [sum(((end - begin) for begin, end in row.spans), timedelta()) for row in shown]
    best = max(range(len(shown)), key=lambda at: (lengths[at], -at))
    # Each row may be whole where it holds, and rows of several times leave a part between them.
    spans = clipped([span for row in shown for span in row.spans], window)
    return shown[best].short or missing(spans, window, "what logs are known to record")


def _shows(row: Shown, resource: str, naming: Naming) -> bool:
    if row.region not in (_EVERYWHERE, naming.region(resource)):
        return False
    if row.resource == _EVERYWHERE or row.resource == resource:
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
        if _EVERYWHERE not in (region, row.region) and region != row.region:
            continue
        where = row.region if region == _EVERYWHERE else region
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


class Watch:
    """What the logs of one account show.

    Args:
        names: every permission of the provider, by number.
        rows: those of the account and those of all accounts (`common`).
        window: what is asked about.
        naming: how the provider writes permissions and patterns.
    """

    def __init__(
        self,
        names: Sequence[str],
        rows: Iterable[Shown],
        common: Iterable[Shown],
        window: Window,
        naming: Naming,
    ) -> None:
        self._names, self._window, self._naming = names, window, naming
        texts: dict[str, list[Shown]] = {}
        for row in rows:
            texts.setdefault(row.permission, []).append(row)
        first: dict[str, list[Shown]] = {}
        for row in common:
            first.setdefault(row.permission, []).append(row)
        self._rows, self._first = texts, first
        self._rules: dict[int, Rule] = {}
        self._by_pattern: dict[str, Rule] = {}
        self._alike: dict[tuple[Shown, ...], Rule] = {}

    def rule(self, number: int) -> Rule:
        """What the rows about a permission say; permissions of which they say the same have the same rule."""
        known = self._rules.get(number)
        if known is None:
            known = self._rules[number] = self._rule(self._names[number])
        return known

    def _rule(self, name: str) -> Rule:
        held = self._first if name in self._first else self._rows
        pattern = next((one for one in (name, *self._naming.families(name), _EVERYWHERE) if one in held), "")
        known = self._by_pattern.get(pattern)
        if known is None:
            rows = tuple(row._replace(permission="") for row in held.get(pattern, ()))
            known = self._alike.get(rows)
            if known is None:
                known = self._alike[rows] = Rule(rows, self._window, self._naming)
            self._by_pattern[pattern] = known
        return known

    def never(self, number: int) -> bool:
        """Whether no log ever shows a permission, whatever is switched on."""
        return self._names[number] in self._first

    @cached_property
    def nevers(self) -> BitMap:
        """Every such permission."""
        return BitMap(number for number, name in enumerate(self._names) if name in self._first)

    @cached_property
    def by_rule(self) -> list[tuple[Rule, BitMap]]:
        """Every rule with its permissions."""
        found: dict[int, tuple[Rule, BitMap]] = {}
        for number in range(len(self._names)):
            rule = self.rule(number)
            found.setdefault(id(rule), (rule, BitMap()))[1].add(number)
        return list(found.values())


class Watching:
    """The logs of every account.

    Args:
        names: every permission of the provider, by number.
        table: rows of `observability`.
        logs: what is kept of the logs.
        window: what is asked about.
        naming: how the provider writes permissions and patterns.
    """

    def __init__(self, names: Sequence[str], table: pa.Table, logs: Logs, window: Window, naming: Naming) -> None:
        self._names, self.logs, self._window, self.naming = names, logs, window, naming
        rows: dict[str, list[Row]] = {}
        for one in table.select(list(_COLUMNS)).to_pylist():
            begin = one["begin"]
            begin = None if begin is None or begin <= window.begin else begin.astimezone(UTC)
            end = min(one["end"], window.end).astimezone(UTC)
            told = (one[name] for name in ("region", "permission", "resource", "observed", "reason", "log"))
            rows.setdefault(one["account"], []).append(Row._make((*told, begin, end)))
        self._common = [shown for row in rows.pop(_EVERYWHERE, []) for shown in joined(row, "", logs, window)]
        self._rows = rows
        self._known: dict[tuple[Shown, ...], Watch] = {}
        self._of: dict[str, Watch] = {}

    def of(self, account: str) -> Watch:
        """The watch over an account; accounts of which the rows are the same have the same."""
        known = self._of.get(account)
        if known is None:
            key = tuple(self._joined(account))
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = Watch(self._names, key, self._common, self._window, self.naming)
            self._of[account] = known
        return known

    def _joined(self, account: str) -> Iterable[Shown]:
        rows = self._rows.get(account)
        if not rows:
            yield Shown("*", "*", "*", (), f"what the logs of account {account} record was not read", yes=False)
        same: dict[Row, list[Shown]] = {}
        for row in rows or ():
            # What does not depend on permission and resource is worked out once: an account has thousands of rows.
            key = row._replace(permission="", resource="")
            if key not in same:
                same[key] = joined(row, account, self.logs, self._window)
            for one in same[key]:
                yield one._replace(permission=row.permission, resource=row.resource)
