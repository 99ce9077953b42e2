"""Functions of conditions that are called on nothing: a value made another type.

https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..language.cel import Constant, Span, Stamp, UInt, moment, seconds
from .values import (
    SECOND,
    EvaluationError,
    UnsupportedError,
    checked,
    method,
    parse_date,
    parse_span,
    parse_stamp,
    size,
    stamp,
)

_WHOLE = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_DOUBLE = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)


def function(name: str, args: tuple[Constant, ...]) -> Constant:
    """A function that is called on nothing. Raises EvaluationError, UnsupportedError."""
    if name == "matches" and len(args) == 2:
        return method(name, args[0], args[1:])
    if name not in _CONVERSIONS:
        raise UnsupportedError(name)
    if len(args) != 1:
        raise EvaluationError(f"{name} of {len(args)} values")
    return _CONVERSIONS[name](args[0])


def _to_stamp(value: Constant) -> Constant:
    if isinstance(value, Stamp):
        return value
    if type(value) is int:
        return stamp(value * SECOND)
    if not isinstance(value, str):
        raise EvaluationError("timestamp of what is no text")
    return parse_stamp(value)


def _to_span(value: Constant) -> Constant:
    if isinstance(value, Span):
        return value
    if not isinstance(value, str):
        raise EvaluationError("duration of what is no text")
    return parse_span(value)


def _to_date(value: Constant) -> Constant:
    if not isinstance(value, str):
        raise EvaluationError("date of what is no text")
    return parse_date(value)


def _to_int(value: Constant) -> Constant:
    if isinstance(value, UInt):
        return checked(value.value)
    if isinstance(value, Stamp):
        return value.nanos // SECOND
    return checked(_whole_of(value, "int"))


def _whole_of(value: Constant, function: str) -> int:
    """The whole number of a number or of a text that writes one. Raises EvaluationError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise EvaluationError(f"{function} of what is no number")
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise EvaluationError(f"{function} of what is no number")
    try:
        return int(value)
    except (ValueError, OverflowError):
        raise EvaluationError(f"{function} of what is no number") from None


def _to_uint(value: Constant) -> Constant:
    whole = value if isinstance(value, UInt) else UInt(_whole_of(value, "uint"))
    if not 0 <= whole.value < 2**64:
        raise EvaluationError("beyond unsigned numbers")
    return whole


def _to_double(value: Constant) -> Constant:
    if isinstance(value, UInt):
        return float(value.value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise EvaluationError("double of what is no number")
    if isinstance(value, str) and not _DOUBLE.fullmatch(value):
        raise EvaluationError("double of what is no number")
    return float(value)


_TRUE, _FALSE = frozenset({"1", "t", "true", "TRUE", "True"}), frozenset({"0", "f", "false", "FALSE", "False"})


def _to_bool(value: Constant) -> Constant:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _TRUE | _FALSE:
        return value in _TRUE
    raise EvaluationError("bool of what is neither true nor false")


def _to_bytes(value: Constant) -> Constant:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    raise EvaluationError("bytes of what is no text")


def _to_text(value: Constant) -> Constant:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Stamp):
        return moment(value)
    if isinstance(value, Span):
        return f"{seconds(value)}s"
    if isinstance(value, UInt):
        return str(value.value)
    if isinstance(value, int):
        return str(value)
    raise UnsupportedError("string")


_CONVERSIONS: Mapping[str, Callable[[Constant], Constant]] = {
    "timestamp": _to_stamp,
    "duration": _to_span,
    "date": _to_date,
    "int": _to_int,
    "uint": _to_uint,
    "double": _to_double,
    "bool": _to_bool,
    "bytes": _to_bytes,
    "string": _to_text,
    "dyn": lambda value: value,
    "size": size,
}
