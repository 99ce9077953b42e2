"""What an AWS action is about: its service, the noun of its name, its access level, the actions a call needs besides.

Access levels and dependent actions are those of the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html).
"""

from __future__ import annotations

import re
from functools import lru_cache

from leastwise.model.kin import Kin

from . import catalog

_NAME = re.compile(r"(?:Batch)?[A-Z][a-z0-9]+(?P<noun>[A-Z].*)")
_READING = ("List", "Read")


@lru_cache(maxsize=32_768)
def kin(permission: str) -> Kin:
    """That of an action by its name; one that the catalogue does not know is told by its name alone."""
    service, _, name = permission.partition(":")
    known = catalog.action(permission)
    reads = known is not None and known.level in _READING
    return Kin(service, f"{service}:{_noun(name)}", reads, known.dependent if known is not None else ())


def _noun(name: str) -> str:
    """`Object` of GetObject, `RolePolicy` of ListRolePolicies."""
    found = _NAME.fullmatch(name)
    noun = found["noun"] if found else name
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    return noun.removesuffix("s") if not noun.endswith("ss") else noun
