"""When temporary credentials were issued: never after the request, and not long before it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-tokenissuetime
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from . import scalars
from .facts import Facts, Instant

ISSUED = "aws:tokenissuetime"
_NOW = "aws:currenttime"
_LONGEST = 36 * 3600
"""Seconds that temporary credentials live at most.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html (129,600 seconds)
"""


def span_of(facts: Facts) -> tuple[Decimal, Decimal] | None:
    """The seconds since 1970 between which credentials in force were issued; None where the time is not known."""
    looked = facts.look(_NOW)
    texts = (looked.value,) if isinstance(looked, Instant) else looked if isinstance(looked, tuple) else ()
    now = scalars.moment(texts[0]) if len(texts) == 1 else None
    return None if now is None else (now - _LONGEST, now)


def issued_within(values: Sequence[tuple[str, ...]], span: tuple[Decimal, Decimal]) -> list[tuple[str, ...]]:
    """Those of some values that are times within a span, and its ends."""
    begin, end = span
    found = []
    for one in values:
        moment = scalars.moment(one[0]) if len(one) == 1 else None
        if moment is not None and begin <= moment <= end:
            found.append(one)
    return [*found, (_written(begin),), (_written(end),)]


def _written(seconds: Decimal) -> str:
    text = format(seconds, "f")
    return text if "." in text else f"{text}.0"
