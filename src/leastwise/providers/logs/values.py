"""Files of logs taken apart into values of JSON: one, a list of them, or one after the other over several lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

_DECODE = json.JSONDecoder().raw_decode
_WINDOWS = (1 << 16, 1 << 22)
"""A value over several lines is looked for in so many bytes, then in more, before in all that is left."""
_NEAR = 16
_NO_TEXT = ValueError()
_OPENS = (b"{", b"[")


class _CutOffError(ValueError):
    """A value that the end of the file cuts off."""


@dataclass(frozen=True, slots=True)
class Bad:
    """Something that could not be read: its place (`record 5`, counted from 0, or `line 7`, from 1) and why."""

    place: str
    why: str


def values(
    content: bytes,
    take: Callable[[Any, str], None],
    refuse: Callable[[Bad], None],
    line: Callable[[bytes], bool] | None = None,
) -> None:
    """Give the values of an unpacked file to `take`, each with its place, and what is none to `refuse`.

    `line` is offered each line before, and says whether it took it. Nothing is raised.
    """
    content = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not content:
        return
    try:
        whole = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        _lines(content, take, refuse, line)
    else:
        take(whole, "record 0")


def _lines(
    content: bytes,
    take: Callable[[Any, str], None],
    refuse: Callable[[Bad], None],
    offer: Callable[[bytes], bool] | None,
) -> None:
    """Values of JSON one after the other, most often one a line; a line of anything else is told.

    Of a value that the end of the file cuts off only its beginning is told: whole values within it are given.
    """
    at, line, cut = 0, 1, False
    while at < len(content):
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        piece = content[at:end].strip()
        within = cut and piece[:1] not in _OPENS
        if piece and not within and not (offer and offer(piece)):
            found = _value(content, at, end, piece)
            if isinstance(found, _CutOffError) and cut:
                pass
            elif isinstance(found, Exception):
                refuse(Bad(f"line {line}", "is no UTF-8" if found is _NO_TEXT else f"no JSON: {found}"))
                cut = cut or isinstance(found, _CutOffError)
            else:
                value, end = found
                take(value, f"line {line}")
        line += content.count(b"\n", at, end + 1)
        at = end + 1


def _value(content: bytes, at: int, end: int, piece: bytes) -> tuple[Any, int] | Exception:
    """The value of a line, or one that begins there, and where it ends; or why there is none."""
    try:
        return msgspec.json.decode(piece), end
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        if piece[:1] not in _OPENS:
            return error
    found = _spread(content, at)
    return found if isinstance(found, Exception) or _is_text(found[0]) else _NO_TEXT


def _spread(content: bytes, at: int) -> tuple[Any, int] | Exception:
    """A value over several lines that begins at a place, and where it ends; or why there is none."""
    rest = len(content) - at
    for size in (*(one for one in _WINDOWS if one < rest), rest):
        written = content[at : at + size].decode("utf-8", "surrogateescape")
        begin = len(written) - len(written.lstrip())
        try:
            value, end = _DECODE(written, begin)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated") or error.pos + _NEAR >= len(written)
            if size == rest or not cut:
                return _CutOffError(str(error)) if cut else error
        except (ValueError, RecursionError) as error:
            return error
        else:
            return value, at + len(written[:end].encode("utf-8", "surrogateescape"))
    raise AssertionError("unreachable")


def _is_text(value: Any) -> bool:
    """Whether all of a value can be written again: no half of a pair of surrogates, no byte that is none of UTF-8."""
    try:
        msgspec.json.encode(value)
    except (UnicodeEncodeError, RecursionError):
        return False
    return True
