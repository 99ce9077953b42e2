"""Parts of objects of JSON, by the names on the way to them; what is not there, or is of another type, is empty."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import msgspec

Object = dict[str, Any]


def text(value: object, *path: str) -> str:
    """The text at a path, empty when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def part(value: object, *path: str) -> Object:
    """The object at a path, without fields when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def items(value: object, *path: str) -> list[Object]:
    """The objects of the list at a path."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def written(value: object) -> Object:
    """An object, also where it is written as a text of JSON; without fields when it is none."""
    if isinstance(value, str) and value[:1] == "{":
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def remembered(parts: tuple[object, ...]) -> Hashable:
    """A key to remember something by; None where one of its parts cannot be in a key."""
    try:
        hash(parts)
    except TypeError:
        return None
    return parts
