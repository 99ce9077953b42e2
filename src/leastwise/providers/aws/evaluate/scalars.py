"""Numbers, dates, addresses and flags of condition values; a value that is none gives None and matches nothing.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html: numbers are
integers or decimals, dates have a form of the W3C's profile of ISO 8601 (https://www.w3.org/TR/NOTE-datetime) or are
seconds since 1970. The page does not say what becomes of numbers and dates that are written otherwise (`doubtful`).
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*\Z")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?)?)?\Z", re.IGNORECASE
)
_ISO = re.compile(r"[+-]?\d{4}[\dTWZ:.,+-]*\Z", re.IGNORECASE)
"""What has only the signs of ISO 8601."""
_LEAST = ("0", "1", "1", "0", "0", "0")
MILLISECONDS = 100_000_000_000
"""A count of seconds this large lies beyond the year 5000: it was given in milliseconds."""

MOST_DIGITS = 400
"""Of a number, before and behind the point together; none that a request carries comes near."""


@lru_cache(maxsize=4096)
def number(text: str) -> Decimal | None:
    """A decimal number."""
    if len(text) > MOST_DIGITS or _NUMBER.match(text) is None:
        return None
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if abs(value.adjusted()) <= MOST_DIGITS else None


@lru_cache(maxsize=4096)
def moment(text: str) -> Decimal | None:
    """Seconds since 1970 of a W3C ISO 8601 date or of a Unix time."""
    stated = _DATE.match(text.strip())
    if stated is None or (stated[2] is None and len(text.strip()) != 4):
        value = number(text)
        if value is None:
            return None
        return value / 1000 if abs(value) >= MILLISECONDS else value
    year, month, day, hour, minute, second, fraction, zone = stated.groups()
    moved = "+00:00" if zone in (None, "Z", "z") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    text = f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{moved}"
    try:
        whole = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Decimal(int(whole.timestamp())) + Decimal(fraction or 0)


@lru_cache(maxsize=4096)
def doubtful(kind: str, text: str) -> bool:
    """Whether a text may be read as a number or a date, though it has no form that the page names, or is too large.

    Such are exponents; and for dates basic and week forms, hour 24 and second 60, times without a zone. What has other
    signs than numbers and dates is none, nor is a day that no calendar has.

    Args:
        kind: number or date.
        text: the value.
    """
    written = text.strip()
    if _NUMBER.match(written) is not None:
        return "e" in written.lower() or number(written) is None
    if kind == "number" or _ISO.match(written) is None:
        return False
    stated = _DATE.match(written)
    if stated is None:
        return True
    return _is_of_calendar(stated) if moment(written) is None else stated[4] is not None and stated[8] is None


def _is_of_calendar(stated: re.Match[str]) -> bool:
    """Whether a date that cannot be read as one of the W3C's profile is one of ISO 8601 all the same."""
    fields = zip(stated.groups()[:6], _LEAST, strict=True)
    year, month, day, hour, minute, second = (int(one or least) for one, least in fields)
    try:
        # Year 0 is a leap year, as 2000 is.
        date(year or 2000, month, day)
    except ValueError:
        return False
    return hour <= 24 and minute < 60 and second <= 60


@lru_cache(maxsize=4096)
def flag(text: str) -> bool | None:
    """True or false, in any case."""
    return {"true": True, "false": False}.get(text.strip().lower())


@lru_cache(maxsize=4096)
def network(text: str) -> IPv4Network | IPv6Network | None:
    """A range of addresses in CIDR notation; a lone address is a range of one."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def address(text: str) -> IPv4Address | IPv6Address | None:
    """An address."""
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def binary(text: str) -> bytes | None:
    """The bytes of a base64 text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
