"""One spelling for the forms in which objects of these logs come.

Graph writes `activityDateTime`, rows of a workspace and PowerShell's objects `ActivityDateTime`, some tools all in
lower case; objects within rows stand as texts of JSON; PowerShell writes times as `/Date(1700000000000)/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leastwise.providers.logs.moments import moment
from leastwise.providers.logs.nested import Object, items
from leastwise.providers.logs.nested import written as object_in
from leastwise.providers.logs.tabular import word

_DATE = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/")
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?([AP]M)?", re.IGNORECASE)


def lowered(value: Any) -> Any:
    """An object with names in lower case, at every depth, texts of JSON taken apart."""
    if isinstance(value, Mapping):
        return {str(name).lower(): lowered(one) for name, one in value.items()}
    if isinstance(value, list):
        return [lowered(one) for one in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        found = _inside(value)
        return lowered(found) if found is not None else value
    return value


def _inside(text: str) -> Any:
    """What a text of JSON holds: an object, or a list of objects; None for another."""
    found = object_in(f'{{"v":{text}}}').get("v")
    if isinstance(found, list):
        return found if all(isinstance(one, dict) for one in found) else None
    return found if isinstance(found, dict) else None


def time_of(value: Object, *names: str) -> int | None:
    """The first of some fields that is a time, as microseconds since 1970; None where none is."""
    for name in names:
        text = word(value, name).strip()
        found = moment(text) if text else None
        if found is None and (told := _DATE.fullmatch(text)) is not None:
            found = int(told[1]) * 1000
        if found is None and (told := _US.fullmatch(text)) is not None:
            found = _american(told)
        if found is not None:
            return found
    return None


def _american(told: re.Match[str]) -> int | None:
    month, day, year, hour, minute, second, half = told.groups()
    number = int(hour) % 12 + 12 * (half.upper() == "PM") if half else int(hour)
    return moment(f"{year}-{int(month):02}-{int(day):02}T{number:02}:{minute}:{second or '00'}Z")


def words(value: Any) -> tuple[str, ...] | None:
    """The words of a claim, a list or a text with blanks between them; None where it is not there."""
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    if isinstance(value, list):
        return tuple(one for one in value if isinstance(one, str) and one)
    return None


def pairs(value: Object, name: str, key: str = "key", of: str = "value") -> dict[str, str]:
    """A list of names and values as an object, names in lower case; the first of several counts."""
    found: dict[str, str] = {}
    for one in items(value, name):
        text = one.get(of)
        found.setdefault(word(one, key).lower(), text if isinstance(text, str) else "" if text is None else str(text))
    return found
