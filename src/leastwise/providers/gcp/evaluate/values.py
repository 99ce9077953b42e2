"""What operators and functions of conditions do to values that are known.

The functions are those of the language's definition and of the vendor's page; a value of a wrong type, or none, is an
error, which a condition treats as neither true nor false.
https://github.com/google/cel-spec/blob/master/doc/langdef.md
https://cloud.google.com/iam/docs/conditions-attribute-reference
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..language.cel import Constant, Span, Stamp, UInt

SECOND = 10**9
_INT = range(-(2**63), 2**63)
_STAMPS = range(-62135596800 * SECOND, 253402300800 * SECOND)
"""Moments of the years 1 to 9999."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(?:([Zz])|([+-])(\d{2}):(\d{2}))", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DURATION = re.compile(r"([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+|0)", re.ASCII)
_PIECE = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)", re.ASCII)
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}
_OFFSET = re.compile(r"([+-]?)(\d{2}):(\d{2})", re.ASCII)


class EvaluationError(Exception):
    """A value of a wrong type, or none: the part of the condition is neither true nor false."""


class UnsupportedError(Exception):
    """A function that is not known here: what it gives cannot be told."""


def equal(left: Constant, right: Constant) -> bool:
    """`==`: numbers of different types are compared by value, other values of different types differ."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    one, other = _number(left), _number(right)
    if one is not None and other is not None:
        return one == other
    return type(left) is type(right) and left == right


def _number(value: Constant) -> int | float | None:
    if isinstance(value, bool):
        return None
    return value.value if isinstance(value, UInt) else value if isinstance(value, int | float) else None


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def compare(sign: str, left: Constant, right: Constant) -> bool:
    """`<`, `<=`, `>`, `>=`. Raises EvaluationError."""
    test = _COMPARISONS[sign]
    one, other = _number(left), _number(right)
    if one is not None and other is not None:
        return test(one, other)
    if isinstance(left, str) and isinstance(right, str):
        return test(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))
    if isinstance(left, Stamp | Span) and type(left) is type(right):
        return test(left.nanos, right.nanos)
    if isinstance(left, bool | bytes) and type(left) is type(right):
        return test(left, right)
    raise EvaluationError(f"{sign} of values that cannot be compared")


def contained(item: Constant, whole: Constant) -> bool:
    """`in`. Raises EvaluationError."""
    if not isinstance(whole, tuple):
        raise EvaluationError("in of what is no list")
    return any(equal(item, one) for one in whole)


def arithmetic(sign: str, left: Constant, right: Constant) -> Constant:
    """`+`, `-`, `*`, `/`, `%`. Raises EvaluationError."""
    if sign in "+-" and isinstance(left, Stamp | Span) and isinstance(right, Stamp | Span):
        return _of_time(sign, left, right)
    if sign == "+":
        for kind in (str, bytes, tuple):
            if isinstance(left, kind) and isinstance(right, kind):
                return left + right  # type: ignore[operator]
    if isinstance(left, UInt) and isinstance(right, UInt):
        found = _whole(sign, left.value, right.value)
        if not 0 <= found < 2**64:
            raise EvaluationError("beyond unsigned numbers")
        return UInt(found)
    if type(left) is int and type(right) is int:
        return checked(_whole(sign, left, right))
    if type(left) is float and type(right) is float and sign != "%":
        return _broken(sign, left, right)
    raise EvaluationError(f"{sign} of values of these types")


def _whole(sign: str, left: int, right: int) -> int:
    if sign in "/%" and right == 0:
        raise EvaluationError("divided by zero")
    if sign == "/":
        found = abs(left) // abs(right)
        return found if (left < 0) is (right < 0) else -found
    if sign == "%":
        found = abs(left) % abs(right)
        return -found if left < 0 else found
    return left + right if sign == "+" else left - right if sign == "-" else left * right


def _broken(sign: str, left: float, right: float) -> float:
    if sign == "/" and right == 0:
        return float("nan") if left == 0 or left != left else float("inf") * (1 if left > 0 else -1)
    by_sign: Mapping[str, Callable[[float, float], float]] = {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    }  # fmt: skip
    return by_sign[sign](left, right)


def _of_time(sign: str, left: Stamp | Span, right: Stamp | Span) -> Constant:
    if isinstance(right, Stamp) and isinstance(left, Span if sign == "-" else Stamp):
        raise EvaluationError(f"{sign} of these moments and durations")
    nanos = left.nanos + right.nanos if sign == "+" else left.nanos - right.nanos
    both = isinstance(left, Stamp) and isinstance(right, Stamp)
    either = isinstance(left, Stamp) or isinstance(right, Stamp)
    return stamp(nanos) if either and not both else Span(nanos)


def checked(number: int) -> int:
    """A number that fits into 64 bits. Raises EvaluationError."""
    if number not in _INT:
        raise EvaluationError("beyond whole numbers")
    return number


def stamp(nanos: int) -> Stamp:
    """A moment of the years 1 to 9999. Raises EvaluationError."""
    if nanos not in _STAMPS:
        raise EvaluationError("beyond moments")
    return Stamp(nanos)


def parse_stamp(text: str) -> Stamp:
    """A moment written as RFC 3339 has it. Raises EvaluationError."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise EvaluationError("is no moment")
    day, clock, fraction, _, sign, hours, minutes = found.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{clock}+00:00")
    except ValueError:
        raise EvaluationError("is no moment") from None
    offset = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
    whole = (at - _EPOCH) - (-offset if sign == "-" else offset)
    return stamp((whole.days * 86400 + whole.seconds) * SECOND + int((fraction or "0").ljust(9, "0")))


def parse_date(text: str) -> Stamp:
    """The beginning of a day in UTC. Raises EvaluationError."""
    if not _DATE.fullmatch(text):
        raise EvaluationError("is no date")
    return parse_stamp(f"{text}T00:00:00Z")


def parse_span(text: str) -> Span:
    """A duration. Raises EvaluationError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise EvaluationError("is no duration")
    total = 0
    for number, unit in _PIECE.findall(found[2]):
        whole, _, rest = number.partition(".")
        total += int(whole or "0") * _UNITS[unit] + int(rest or "0") * _UNITS[unit] // 10 ** len(rest)
    return Span(-total if found[1] == "-" else total)


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """A time zone by its name or offset from UTC. Raises EvaluationError."""
    found = _OFFSET.fullmatch(name)
    if found is not None:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-offset if found[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EvaluationError("is no time zone") from None


CLOCK: Mapping[str, Callable[[datetime, int], int]] = {
    "getFullYear": lambda at, _: at.year,
    "getMonth": lambda at, _: at.month - 1,
    "getDate": lambda at, _: at.day,
    "getDayOfMonth": lambda at, _: at.day - 1,
    "getDayOfWeek": lambda at, _: (at.weekday() + 1) % 7,
    "getDayOfYear": lambda at, _: at.timetuple().tm_yday - 1,
    "getHours": lambda at, _: at.hour,
    "getMinutes": lambda at, _: at.minute,
    "getSeconds": lambda at, _: at.second,
    "getMilliseconds": lambda _, nanos: nanos % SECOND // 10**6,
}
"""What is asked of a moment, by function; given the moment in a zone (without fractions) and its nanoseconds."""


def clock(function: str, at: Stamp, name: str) -> int:
    """A part of a moment in a time zone. Raises EvaluationError."""
    try:
        local = (_EPOCH + timedelta(seconds=at.nanos // SECOND)).astimezone(zone(name))
    except OverflowError:
        raise EvaluationError("beyond moments") from None
    return CLOCK[function](local, at.nanos)


_TEMPLATE = re.compile(r"(.*?)\{[A-Za-z0-9_]+\}(.*)", re.DOTALL)


def extract(text: str, template: str) -> str:
    """What stands where a template has its identifier: between its prefix and the first suffix that follows.

    https://cloud.google.com/iam/docs/conditions-attribute-reference#extract

    Raises:
        EvaluationError: the template has no identifier, or two.
    """
    found = _TEMPLATE.fullmatch(template)
    if found is None or "{" in found[1] or "{" in found[2]:
        raise EvaluationError("is no template")
    before, after = found.groups()
    at = text.find(before)
    if at < 0:
        return ""
    begin = at + len(before)
    end = text.find(after, begin) if after else len(text)
    return text[begin:end] if end >= 0 else ""


def method(function: str, target: Constant, args: tuple[Constant, ...]) -> Constant:
    """A function called on a value. Raises EvaluationError, UnsupportedError."""
    if function in CLOCK:
        return _of_moment(function, target, args)
    if function == "size" and not args:
        return size(target)
    if function == "hasOnly":
        if not isinstance(target, tuple) or len(args) != 1 or not isinstance(args[0], tuple):
            raise EvaluationError("hasOnly of what is no list")
        return all(contained(one, args[0]) for one in target)
    if isinstance(target, str) and function in _OF_TEXT:
        if not all(isinstance(one, str) for one in args) or len(args) != _OF_TEXT[function][0]:
            raise EvaluationError(f"{function} of values of these types")
        return _OF_TEXT[function][1](target, *args)
    if function in _OF_TEXT:
        raise EvaluationError(f"{function} of what is no text")
    raise UnsupportedError(function)


def _of_moment(function: str, target: Constant, args: tuple[Constant, ...]) -> Constant:
    if isinstance(target, Span) and not args and function in _IN_UNITS:
        unit, most = _IN_UNITS[function]
        whole = abs(target.nanos) // unit
        return (-whole if target.nanos < 0 else whole) if most is None else whole % most
    name = args[0] if args else "UTC"
    if not isinstance(target, Stamp) or not isinstance(name, str) or len(args) > 1:
        raise EvaluationError(f"{function} of what is no moment")
    return clock(function, target, name)


_IN_UNITS = {
    "getHours": (3600 * SECOND, None), "getMinutes": (60 * SECOND, None), "getSeconds": (SECOND, None),
    "getMilliseconds": (10**6, 1000),
}  # fmt: skip
"""What a duration is in, of which unit; milliseconds are those of the last second."""


def _matches(text: str, pattern: str) -> bool:
    import re2  # type: ignore[import-untyped]

    quiet = re2.Options()
    quiet.log_errors = False
    try:
        return re2.search(pattern, text, quiet) is not None
    except re2.error:
        raise EvaluationError("is no regular expression") from None


def _lower(text: str) -> str:
    return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)


def _upper(text: str) -> str:
    return "".join(chr(ord(one) - 32) if "a" <= one <= "z" else one for one in text)


_OF_TEXT: Mapping[str, tuple[int, Callable[..., Constant]]] = {
    "startsWith": (1, str.startswith),
    "endsWith": (1, str.endswith),
    "contains": (1, lambda text, part: part in text),
    "matches": (1, _matches),
    "extract": (1, extract),
    "lowerAscii": (0, _lower),
    "upperAscii": (0, _upper),
}


def size(value: Constant) -> int:
    """How many letters, bytes or elements. Raises EvaluationError."""
    if isinstance(value, str | bytes | tuple):
        return len(value)
    raise EvaluationError("size of what has none")
