"""What objects of the directory tell that conditions ask for: custom security attributes of principals.

https://learn.microsoft.com/graph/custom-security-attributes-examples
"""

from __future__ import annotations

from collections.abc import Mapping

from leastwise.providers.fields import Body

from .tree import Attribute, Value

_NAME = "Microsoft.Directory/CustomSecurityAttributes/Id:{}_{}"


def security_attributes(body: Body) -> dict[str, tuple[Value, ...]]:
    """A principal's custom security attributes by attribute key; none where the object does not tell them."""
    sets = body.get("customSecurityAttributes")
    found: dict[str, tuple[Value, ...]] = {}
    for name, told in sets.items() if isinstance(sets, Mapping) else ():
        for attribute, value in told.items() if isinstance(told, Mapping) else ():
            if "@" in attribute:
                continue
            values = value if isinstance(value, list) else [value]
            plain = tuple(one for one in values if isinstance(one, str | int | bool))
            found[attribute_key(name, attribute)] = plain
    return found


def attribute_key(set: str, name: str) -> str:
    """The key of a custom security attribute of the principal."""
    return Attribute("Principal", _NAME.format(set, name)).key
