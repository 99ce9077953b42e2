"""From when to when what a snapshot says of an account's trails holds.

It holds as far back and on as the log shows that nobody altered a trail, and where two snapshots say the same also
between them. Between two calls that altered a trail nobody knows what was recorded.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-supported-services.html (CloudTrail itself)
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from leastwise.model.gap import Kept
from leastwise.providers.base import Altered

from .selectors import MANAGEMENT
from .trails import Recorded, Trail

ALWAYS, NEVER = datetime.fromtimestamp(0, UTC), datetime(9999, 1, 1, tzinfo=UTC)
_LATE = timedelta(days=1)

Span = tuple[datetime, datetime]


def holding(
    times: Sequence[datetime], said: Sequence[Hashable], altered: Sequence[Span], clean: datetime
) -> list[Span]:
    """For each of some snapshots the span of time in which what it said holds.

    Args:
        times: when they were taken, sorted.
        said: what they said, to be compared.
        altered: when trails were altered.
        clean: from when on every such call is known, up to the first snapshot; a later time than that: none is.
    """
    before = [min(end, times[0]) for begin, end in altered if begin <= times[0]]
    begins = [min(times[0], max([clean, *before]))]
    ends = []
    for at in range(1, len(times)):
        earlier, later = times[at - 1], times[at]
        between = [(begin, end) for begin, end in altered if end > earlier and begin < later]
        if between:
            ends.append(max(earlier, min(begin for begin, _ in between)))
            begins.append(min(later, max(end for _, end in between)))
        elif said[at] == said[at - 1]:
            ends.append(later)
            begins.append(earlier)
        else:
            ends.append(earlier)
            begins.append(later)
    ends.append(min((max(begin, times[-1]) for begin, end in altered if end > times[-1]), default=NEVER))
    return list(zip(begins, ends, strict=True))


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
    for account, home in {(trail.account, trail.home) for trail in trails}:
        known = accounts.get(account)
        logs = {trail.arn for trail in known.trails if _shows_writes(trail, home)} if known else set()
        spans = sorted(
            (one.begin, one.end)
            for one in kept
            if one.account == account and one.log in logs and one.region in ("*", home) and one.begin <= time
        )
        since = max(since, _run(spans, time))
    return since


def _shows_writes(trail: Trail, region: str) -> bool:
    """Whether a trail records every management event of a region that writes; trails are altered where they live."""
    told = trail.selectors or ()
    return bool(trail.logging) and (trail.everywhere or trail.home == region) and any(
        one.category == MANAGEMENT and one.writes and not one.part for one in told
    )  # fmt: skip


def _run(spans: Sequence[Span], time: datetime) -> datetime:
    """Where the spans begin that lead up to a time without a break; NEVER when none does."""
    begin = reach = None
    for first, last in spans:
        if reach is None or begin is None or first > reach:
            begin, reach = first, last
        else:
            reach = max(reach, last)
    return begin if begin is not None and reach is not None and reach >= time - _LATE else NEVER
