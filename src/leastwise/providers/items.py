"""A file as its JSON objects: one value, an array, pages, or one object a line with comments between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from leastwise.errors import InputError

from .encoding import broken

_BAD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_LINE_END = b"\n"
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_CLOSING = {b"{": b"}", b"[": b"]"}


@dataclass(frozen=True, slots=True)
class Item:
    """One object, and where it stands (`line 3`, `item 0`)."""

    value: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class Content:
    """The objects of a file; `more` when it is a page that names a next one, which it does not hold."""

    items: tuple[Item, ...]
    more: bool = False
    plain: bool = False
    """It is a list or page of texts or numbers alone, as of ids: no object, and nothing is missing from it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds, and whether it names a next one."""

    held: list[Any]
    more: bool = False


Pages = Callable[[Mapping[str, Any]], Page | None]
"""The page that an object is, as the vendor writes pages; None for what is no page."""


def read_items(file: object, data: bytes, pages: Pages) -> Content:
    """The objects of a file.

    Raises:
        InputError: it is not valid JSON, is cut off, or holds something else than objects.
    """
    try:
        whole = msgspec.json.decode(data)
    except _BAD as error:
        return _lines(file, data, error, pages)
    return _of_value(file, whole, pages)


def _of_value(file: object, whole: Any, pages: Pages) -> Content:
    if isinstance(whole, dict):
        page = pages(whole)
        if page is None:
            return Content((Item(whole, "item 0"),))
        if _is_plain(page.held):
            return Content((), plain=True)
        return Content(tuple(_objects(file, page.held)), page.more)
    if not isinstance(whole, list):
        raise InputError(file, "holds no JSON objects")
    several = [one for one in whole if isinstance(one, dict) and pages(one) is not None]
    if several and len(several) == len(whole):
        found = [_of_value(file, page, pages) for page in several]
        return Content(tuple(item for page in found for item in page.items), found[-1].more)
    return Content((), plain=True) if _is_plain(whole) else Content(tuple(_objects(file, whole)))


def _is_plain(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(one, str | int | float) for one in values)


def _objects(file: object, values: list[Any]) -> Iterator[Item]:
    for index, value in enumerate(values):
        if not isinstance(value, dict):
            raise InputError(file, "an object is expected", f"item {index}")
        yield Item(value, f"item {index}")


def _lines(file: object, data: bytes, cause: Exception, pages: Pages) -> Content:
    """One object, or one page, a line; blank lines and those that begin with `#` are left out."""
    lines = data.split(_LINE_END)
    told = [
        (number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith(b"#")
    ]
    if not told:
        return Content(())
    first = told[0][1].strip()
    if len(told) > 1 and not (first.startswith(b"{") and first.endswith(b"}")):
        # A value over several lines that is broken is blamed as what it is.
        raise InputError(file, broken(cause, data)) from None
    found: list[Item] = []
    more = False
    for number, line in told:
        try:
            value = msgspec.json.decode(line)
        except _BAD as error:
            last = " (is the file cut off?)" if number == told[-1][0] and not data.endswith(_LINE_END) else ""
            raise InputError(file, f"{broken(error, line)}{last}", f"line {number}") from None
        if not isinstance(value, dict):
            raise InputError(file, "an object is expected", f"line {number}")
        page = pages(value)
        if page is None:
            found.append(Item(value, f"line {number}"))
        else:
            found.extend(Item(one.value, f"line {number} {one.place}") for one in _objects(file, page.held))
        # As of an array of pages: each names the next one, and the last of them must name none.
        more = page.more if page is not None else more
    return Content(tuple(found), more)


def first_object(data: bytes, pages: Pages) -> Mapping[str, Any] | None:
    """The first object of the beginning of a file, or None where it has none that is whole or told by its names."""
    for line in data.split(_LINE_END)[:200]:
        if line.strip() and not line.lstrip().startswith(b"#"):
            try:
                value = msgspec.json.decode(line)
            except _BAD:
                break
            return _first(value, pages)
    return _first(_beginning(data), pages)


@lru_cache(maxsize=8)
def _beginning(data: bytes) -> Any:
    """What the beginning of a file says; None where nothing in it is whole. Several vendors ask of the same files."""
    try:
        return msgspec.json.decode(data)
    except _BAD:
        pass
    try:
        return msgspec.json.decode(_closed(data))
    except _BAD:
        return None


def _closed(data: bytes) -> bytes:
    """The beginning of a value up to the last thing in it that is whole, closed as if no more came."""
    opened: list[bytes] = []
    end, closing = 0, b""
    for found in _TOKEN.finditer(data):
        token = found[0]
        if token in _CLOSING:
            opened.append(_CLOSING[token])
        elif opened and token == opened[-1]:
            opened.pop()
            end, closing = found.end(), b"".join(reversed(opened))
    return data[:end] + closing


def _first(value: Any, pages: Pages) -> Mapping[str, Any] | None:
    """The first object: of pages, of the first that is not empty."""
    if isinstance(value, list):
        return next((found for one in value if (found := _first_of(one, pages)) is not None), None)
    return _first_of(value, pages)


def _first_of(value: Any, pages: Pages) -> Mapping[str, Any] | None:
    page = pages(value) if isinstance(value, dict) else None
    if page is not None:
        value = page.held[0] if page.held else None
    return value if isinstance(value, dict) else None
