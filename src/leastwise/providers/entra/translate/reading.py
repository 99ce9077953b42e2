"""Values of the directory's documents, read with care: a member of another type than documented counts as not told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leastwise.providers.rows import one_time

Object = Mapping[str, Any]


def text(value: object, name: str) -> str:
    """A text; empty where there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def truth(value: Object, name: str) -> bool | None:
    """A truth value; None where there is none."""
    found = value.get(name)
    return found if isinstance(found, bool) else None


def moment(value: object, name: str) -> datetime | None:
    """A time in ISO 8601; None for what is none."""
    told = text(value, name)
    try:
        read = one_time(told) if told else None
    except ValueError:
        return None
    return None if read is None else read.astimezone(UTC)
