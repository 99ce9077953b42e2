"""What is kept of logs, from when to when, and whether that covers a window of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from leastwise.model.gap import Kept, Window

EVERYWHERE = "*"

Spans = tuple[tuple[datetime, datetime], ...]


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
    if EVERYWHERE not in (one.region, other.region) and one.region != other.region:
        return None
    begin, end = max(one.begin, other.begin), min(one.end, other.end)
    region = other.region if one.region == EVERYWHERE else one.region
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
