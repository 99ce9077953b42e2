"""Values of vendor documents, read with care: a member of another type than documented counts as not told.

Most interfaces put members under `properties`, the command line writes them flat; names are compared without case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leastwise.providers.members import Members
from leastwise.providers.rows import one_time


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


_MEMBERS = Members(member)
text, pairs = _MEMBERS.text, _MEMBERS.pairs
objects, texts, truth = _MEMBERS.objects, _MEMBERS.texts, _MEMBERS.truth


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
