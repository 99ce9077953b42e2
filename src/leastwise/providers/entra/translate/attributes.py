"""Custom security attributes of users and service principals, which conditions on roles of Azure can ask for.

https://learn.microsoft.com/graph/custom-security-attributes-examples
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .reading import Object


def attributes(value: Object) -> tuple[tuple[str, str], ...]:
    """The attributes as tags SET/NAME; each value as JSON, for it may be a list, a number, true or false."""
    sets = value.get("customSecurityAttributes")
    return tuple(
        (f"{name}/{attribute}", msgspec.json.encode(one).decode())
        for name, told in (sets.items() if isinstance(sets, Mapping) else ())
        for attribute, one in (told.items() if isinstance(told, Mapping) else ())
        if "@" not in attribute
    )
