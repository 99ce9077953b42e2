"""Values of vendor documents, read with care: a member of another type than documented counts as not told.

Most interfaces put members under `properties`, the command line writes them flat; names are compared without case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leastwise.providers.rows import one_time

Object = Mapping[str, Any]


def member(value: Any, *names: str) -> Any:
    """The member that is reached by these names, one below another; None where one is missing.

    The first is looked for under `properties`, too.
    """
    found = _one(value, names[0])
    if found is None:
        found = _one(_one(value, "properties"), names[0])
    for name in names[1:]:
        found = _one(found, name)
    return found


def _one(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        return None
    found = value.get(name)
    if found is not None:
        return found
    low = name.lower()
    return next((one for key, one in value.items() if isinstance(key, str) and key.lower() == low), None)


def text(value: Any, *names: str) -> str:
    """A text; empty where there is none."""
    found = member(value, *names)
    return found if isinstance(found, str) else ""


def objects(value: Any, *names: str) -> list[Object]:
    """The objects of a list."""
    found = member(value, *names)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def texts(value: Any, *names: str) -> list[str]:
    """The texts of a list."""
    found = member(value, *names)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def truth(value: Any, *names: str) -> bool | None:
    """A truth value; None where there is none."""
    found = member(value, *names)
    return found if isinstance(found, bool) else None


def pairs(value: Any, *names: str) -> tuple[tuple[str, str], ...]:
    """A map of texts as pairs."""
    found = member(value, *names)
    if not isinstance(found, Mapping):
        return ()
    return tuple((key, one) for key, one in found.items() if isinstance(key, str) and isinstance(one, str))


def time(value: Any, *names: str) -> datetime | None:
    """A time in ISO 8601; None for what is none."""
    found = member(value, *names)
    if not isinstance(found, str) or not found:
        return None
    try:
        read = one_time(found)
    except ValueError:
        return None
    return None if read is None else read.astimezone(UTC)
