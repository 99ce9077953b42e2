"""What names of files tell that lie below the hour in which their records came: `…/y=2026/m=11/d=22/h=08/m=00/…`."""

from __future__ import annotations

import re

_HOUR = re.compile(r"y=(\d{4})[/\\]m=(\d\d)[/\\]d=(\d\d)[/\\]h=(\d\d)[/\\]m=(\d\d)")


def order(name: str) -> str:
    """A key by which names sort as the times that they tell; those that tell none come last, by name."""
    found = _HOUR.search(name)
    return f"1{name}" if found is None else f"0{'/'.join(found.groups())}"


def in_lower_case(id: str) -> tuple[str, ...]:
    """The other names of what has an id where logs tell it in lower case."""
    return (id.lower(),) if id != id.lower() else ()
