"""Where a guest is at home, by the name that the directory makes of its address.

https://learn.microsoft.com/entra/external-id/user-properties
"""

from __future__ import annotations

_GUEST = "#ext#"


def is_guest(name: str) -> bool:
    """Whether a user principal name is that of a guest."""
    return _GUEST in name.lower()


def home_domain(name: str, address: str = "") -> str:
    """The domain of a guest's address at home, in lower case; empty where neither its name nor `address` tells it."""
    name = name.lower()
    if _GUEST in name:
        # The name holds the address at home, with `_` for `@`: a name may have other ones, a domain has none.
        address = name.partition(_GUEST)[0][::-1].replace("_", "@", 1)[::-1]
    return address.lower().rpartition("@")[2] if "@" in address else ""
