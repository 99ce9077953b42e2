"""The time of a request: what a known one fills in, and the moments at which conditions on it change.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-currenttime
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np

from leastwise.engine.patterns import Pattern, Wild

from ..evaluate import scalars
from ..evaluate.facts import Instant, Look, Values, Within
from ..evaluate.policy import Test
from .access import AwsAccess, Circumstances

_CURRENT, _EPOCH = "aws:currenttime", "aws:epochtime"
_SOMETHING = Pattern((Wild.ONE, Wild.ANY))
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta.resolution


def with_moment(context: Mapping[str, Values], moment: datetime | None) -> dict[str, Values | Look | Within]:
    """The context with the time of the request in it, unless it tells the time itself.

    How AWS writes the time into a text that is compared as a text is not documented: only its moment is told.
    """
    found: dict[str, Values | Look | Within] = dict(context)
    if moment is None or any(key.lower() in (_CURRENT, _EPOCH) for key in context):
        return found
    seconds = format(_seconds(moment), "f")
    written = moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    found[_CURRENT] = Instant(_SOMETHING, written, ("date",))
    found[_EPOCH] = Instant(_SOMETHING, seconds, ("date", "number"))
    return found


def marks(
    access: AwsAccess, action: str | None, given: Circumstances, begin: datetime, end: datetime
) -> tuple[datetime, ...]:
    """The moments between two at which a test of the time may change, of statements that concern an action.

    Time goes in steps of a microsecond: a test that holds up to and at a moment changes one step behind it.
    """
    if any(key.lower() in (_CURRENT, _EPOCH) and isinstance(value, tuple) for key, value in given.context.items()):
        return ()
    found: set[datetime] = set()
    for test in (*_tests(access, action), *_of_session(given)):
        if test.key.lower() in (_CURRENT, _EPOCH):
            for second in _values(test.values):
                found.update(_around(second, begin, end))
    return tuple(sorted(moment for moment in found if begin < moment < end))


def _tests(access: AwsAccess, action: str | None) -> Iterator[Test]:
    arrays = access.estate.arrays
    starts, blob = arrays["st_condition.texts.starts"], arrays["st_condition.texts.blob"].tobytes().lower()
    words = (_CURRENT.encode(), _EPOCH.encode())
    if not any(word in blob for word in words):
        return
    timed = [code for code, (a, b) in enumerate(pairwise(starts.tolist())) if any(word in blob[a:b] for word in words)]
    if action is not None:
        concerned = np.unique(arrays["st_condition"][access.concerned(action)])
        timed = np.intersect1d(concerned, np.array(timed, concerned.dtype)).tolist()
    for code in timed:
        yield from access.estate.tests(code)


def _of_session(given: Circumstances) -> Iterator[Test]:
    for policy in given.session or ():
        for statement in policy.statements:
            yield from statement.tests


def _values(texts: Iterable[str]) -> Iterator[Decimal]:
    """The seconds that values stand for, read as dates and as numbers."""
    for text in texts:
        yield from {value for value in (scalars.moment(text), scalars.number(text)) if value is not None}


def _around(second: Decimal, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The first moment that is not before a time, and the first that is behind it, where they are in sight."""
    if not _seconds(begin) - 1 <= second <= _seconds(end) + 1:
        return
    whole, rest = divmod(second * 1_000_000, 1)
    moment = _ZERO + timedelta(microseconds=int(whole))
    if not rest:
        yield moment
    yield moment + _TICK


def _seconds(moment: datetime) -> Decimal:
    """Seconds since 1970, without those that no digit needs."""
    past = moment - _ZERO
    micro = (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds
    whole, rest = divmod(micro, 1_000_000)
    return Decimal(whole) if not rest else Decimal(micro) / 1_000_000
