"""Values of vendor documents, read with care: a member of another type than documented counts as not told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leastwise.providers.members import Members
from leastwise.providers.rows import one_time

_SNAKE: dict[str, str] = {}


def member(value: Any, *names: str) -> Any:
    """The member that is reached by these names, one below another; None where one is missing.

    Exports write `iam_policy` where the API writes `iamPolicy`: a name is looked for in both spellings.
    """
    for name in names:
        if not isinstance(value, Mapping):
            return None
        found = value.get(name)
        value = value.get(_snake(name)) if found is None else found
    return value


def text(value: Any, *names: str) -> str:
    """A text, or a number written out; empty where there is none."""
    found = member(value, *names)
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


_MEMBERS = Members(member)
labels = _MEMBERS.pairs
objects, texts, truth = _MEMBERS.objects, _MEMBERS.texts, _MEMBERS.truth


def time(value: Any, *names: str) -> datetime | None:
    """A time: ISO 8601, `{"seconds": …}`, or milliseconds since 1970 as a text; None for what is none."""
    found = member(value, *names)
    if isinstance(found, Mapping):
        found = found.get("seconds")
        found = int(found) if isinstance(found, str) and found.isdigit() else found
    elif isinstance(found, str) and found.isdigit() and len(found) >= 12:
        found = int(found) / 1000
    if found is None or isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    try:
        read = one_time(found)
    except ValueError:
        return None
    return None if read is None else read.astimezone(UTC)


def _snake(name: str) -> str:
    known = _SNAKE.get(name)
    if known is None:
        known = _SNAKE[name] = "".join(f"_{one.lower()}" if one.isupper() else one for one in name)
    return known
