"""From when to when what a snapshot says of an account's trails holds.

It holds as far back and on as the log shows that nobody altered a trail, and where two snapshots say the same also
between them. Between two calls that altered a trail nobody knows what was recorded, nor once the log ends.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-supported-services.html (CloudTrail itself)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from leastwise.model.gap import Kept
from leastwise.providers.base import Altered
from leastwise.providers.holding import ALWAYS, NEVER, Span

from .selectors import MANAGEMENT
from .trails import Recorded, Trail

_LATE = timedelta(days=1)


def about(trails: Iterable[Trail], altered: Sequence[Altered]) -> list[Span]:
    """When trails were altered: calls that name one of them, and those of their accounts that name none."""
    ids = {trail.arn for trail in trails}
    accounts = {trail.account for trail in trails}
    return sorted(
        (one.begin, one.end)
        for one in altered
        if one.resource in ids or (one.account in accounts and not _names_another(one.resource))
    )


def _names_another(resource: str) -> bool:
    return resource.startswith("arn:") and "*" not in resource


def known_since(
    trails: Iterable[Trail], accounts: Mapping[str, Recorded], kept: Sequence[Kept], time: datetime
) -> datetime:
    """From when on, up to a time, the logs of the accounts of some trails show every call that alters one.

    A time later than that where they do not.
    """
    since = ALWAYS
    for spans in _telling(trails, accounts, kept):
        since = max(since, next((begin for begin, end in spans if begin <= time <= end + _LATE), NEVER))
    return since


def known_until(
    trails: Iterable[Trail], accounts: Mapping[str, Recorded], kept: Sequence[Kept], time: datetime
) -> datetime:
    """Up to when, from a time on, they show every such call; less than a day is not held against them."""
    until = NEVER
    for spans in _telling(trails, accounts, kept):
        end = max((end for begin, end in spans if begin - _LATE <= time <= end), default=time)
        until = min(until, end + _LATE)
    return until


def at_once(between: Span, altered: Sequence[Span], until: datetime) -> bool:
    """Whether what was read in a span of time was so at one time: nobody altered a trail in it, as far as is known."""
    begin, end = between
    return begin == end or (until >= end and not any(last > begin and first < end for first, last in altered))


def _telling(trails: Iterable[Trail], accounts: Mapping[str, Recorded], kept: Sequence[Kept]) -> Iterator[list[Span]]:
    """For each account and region in which trails live, when the logs that show that they are altered are held."""
    for account, home in {(trail.account, trail.home) for trail in trails}:
        known = accounts.get(account)
        logs = {trail.arn for trail in known.trails if _shows_writes(trail, home)} if known else set()
        yield _runs(
            sorted(
                (one.begin, one.end)
                for one in kept
                if one.account == account and one.log in logs and one.region in ("*", home)
            )
        )


def _shows_writes(trail: Trail, region: str) -> bool:
    """Whether a trail records every management event of a region that writes; trails are altered where they live."""
    told = trail.selectors or ()
    return bool(trail.logging) and (trail.everywhere or trail.home == region) and any(
        one.category == MANAGEMENT and one.writes and not one.part for one in told
    )  # fmt: skip


def _runs(spans: Sequence[Span]) -> list[Span]:
    """Spans, by time, of which those that touch are one."""
    found: list[Span] = []
    for begin, end in spans:
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found
