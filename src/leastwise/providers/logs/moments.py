"""Times as records write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?\s*(Z|UTC|[+-]\d\d:?\d\d)?")
_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(written: str) -> int | None:
    """A time as microseconds since 1970, None for what is none. Without a zone it is UTC; what is finer is cut off."""
    if written[19:20] == "." and written[-1:] == "Z" and (minute := _minute(written[:17])) is not None:
        seconds, fraction = written[17:19], written[20:-1]
        if fraction and seconds < "60" and (seconds + fraction).isdecimal() and written.isascii():
            return minute + int(seconds + fraction[:6].ljust(6, "0"))
    found = _TIME.fullmatch(written.strip())
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    try:
        time = datetime.fromisoformat(f"{day}T{clock}{'' if zone in (None, 'Z', 'UTC') else zone}")
        whole = (time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError):
        return None
    return (whole.days * 86_400 + whole.seconds) * 1_000_000 + int((fraction or "").ljust(6, "0"))


@lru_cache(maxsize=1 << 14)
def _minute(written: str) -> int | None:
    """The begin of a minute (`2026-11-21T08:05:`) as microseconds since 1970, None for what is none."""
    if _MINUTE.fullmatch(written) is None:
        return None
    try:
        whole = datetime.fromisoformat(f"{written}00+00:00") - _EPOCH
    except ValueError:
        return None
    return (whole.days * 86_400 + whole.seconds) * 1_000_000
