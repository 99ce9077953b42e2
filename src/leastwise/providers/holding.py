"""From when to when holds what snapshots say, by what is known of the calls between them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta

ALWAYS, NEVER = datetime.fromtimestamp(0, UTC), datetime(9999, 1, 1, tzinfo=UTC)

Span = tuple[datetime, datetime]


def holding(
    times: Sequence[datetime], said: Sequence[Hashable], altered: Sequence[Span], clean: datetime, until: datetime
) -> list[Span]:
    """For each of some snapshots the span of time in which what it said holds.

    Args:
        times: when they were taken, sorted.
        said: what they said, to be compared.
        altered: when it was altered.
        clean: from when on every such call is known, up to the first snapshot; a later time than that: none is.
        until: up to when every such call is known, from the last snapshot on.
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
    after = [max(begin, times[-1]) for begin, end in altered if end > times[-1]]
    ends.append(max(times[-1], min([until, *after])))
    return list(zip(begins, ends, strict=True))


def known_around(
    times: Sequence[datetime], held: Sequence[Sequence[Span]], late: timedelta
) -> tuple[datetime, datetime]:
    """From when to when every call about something is known, around the times of its snapshots.

    Args:
        times: of the snapshots, sorted.
        held: by log, all of which count, from when to when it is held, sorted.
        late: so long may lie between a snapshot and the end of what is held.
    """
    clean = max(next((begin for begin, end in spans if begin <= times[0] <= end + late), NEVER) for spans in held)
    until = min(
        max((end for begin, end in spans if begin - late <= times[-1] <= end), default=times[-1]) for spans in held
    )
    return clean, until + late
