"""Forms of values as signs that follow one another: what of a regular expression can be held against a text at once.

    i-[0-9a-f]+                                       →  `i` once, `-` once, hexadecimal digits once or oftener
    (?:/hostedzone/)?Z[A-Z0-9]+                       →  two lots of signs, of which one is to fit
    (?!.*(?:-s3alias|--ol-s3)$)[A-Za-z0-9._-]{3,255}  →  signs 3 to 255 times, not ending with one of two texts

An expression that says more than that has no such form, and is matched as it is.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import product

Item = tuple[bytes, int, int]
"""Signs, a bit each of 128; at least and at most so often."""
Signs = tuple[tuple[tuple[Item, ...], ...], tuple[bytes, ...]]
"""Lots of items of which one is to fit, and texts that the value may not end with."""

_NOT_ENDING = re.compile(r"\(\?!\.\*\(\?:([A-Za-z0-9|-]+)\)\$\)")
_SIGN = re.compile(r"\[\^?(?:\\.|[^\]\\])+\]|\\[^bBAZ1-9]|[^\\()\[\]{}|*+?^$]")
_OFTEN = re.compile(r"([*+?])(?![+?])|\{(\d+)(?:,(\d+))?\}(?![+?])")
_OPEN = re.compile(r"\((?:\?:|\?P<\w+>)")
_TIMES = {"*": (0, 1 << 16), "+": (1, 1 << 16), "?": (0, 1)}
_ITEMS, _LOTS, _ENDS = 128, 16, 8
_Lots = list[tuple[Item, ...]]


class _UnclearError(ValueError):
    """The expression says more than signs that follow one another."""


@cache
def signs_of(pattern: re.Pattern[str]) -> Signs | None:
    """The signs of an expression that is to match as a whole; None where it says more than that."""
    text, ends = pattern.pattern, tuple[bytes, ...]()
    if (found := _NOT_ENDING.match(text)) is not None:
        text, ends = text[found.end() :], tuple(one.encode() for one in found[1].split("|"))
    try:
        lots, at = _choice(text, 0)
    except _UnclearError:
        return None
    if at != len(text) or len(ends) > _ENDS or sum(map(len, lots)) > _ITEMS:
        return None
    return tuple(lots), ends


def _choice(text: str, at: int) -> tuple[_Lots, int]:
    """What stands between bars, and where it ends."""
    lots, at = _row(text, at)
    while text.startswith("|", at):
        further, at = _row(text, at + 1)
        lots = [*lots, *further]
    return lots, at


def _row(text: str, at: int) -> tuple[_Lots, int]:
    """What follows one another, and where it ends."""
    lots: _Lots = [()]
    while at < len(text) and text[at] not in "|)":
        if (open_ := _OPEN.match(text, at)) is not None:
            inner, at = _choice(text, open_.end())
            if not text.startswith(")", at):
                raise _UnclearError
            least, most, at = _times(text, at + 1)
            if most > _LOTS:
                raise _UnclearError
            each = [sum(some, ()) for many in range(least, most + 1) for some in product(inner, repeat=many)]
        else:
            sign = _SIGN.match(text, at)
            if sign is None:
                raise _UnclearError
            least, most, at = _times(text, sign.end())
            each = [((_bits(sign[0]), least, most),)]
        if len(lots) * len(each) > _LOTS:
            raise _UnclearError
        lots = [before + after for before in lots for after in each]
    return lots, at


def _times(text: str, at: int) -> tuple[int, int, int]:
    """How often, at least and at most, and where that is said to the end."""
    found = _OFTEN.match(text, at)
    if found is None:
        return 1, 1, at
    if found[1]:
        return *_TIMES[found[1]], found.end()
    return int(found[2]), int(found[3] or found[2]), found.end()


@lru_cache(1 << 8)
def _bits(sign: str) -> bytes:
    """Which of the first 128 signs an expression for one sign takes."""
    one = re.compile(sign, re.DOTALL)
    return sum(1 << at for at in range(128) if one.fullmatch(chr(at))).to_bytes(16, "little")
