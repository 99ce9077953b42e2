"""Lines of lists that stand for all users of one kind: what everybody may do is told once.

https://learn.microsoft.com/entra/fundamentals/users-default-permissions
"""

from __future__ import annotations

from collections.abc import Mapping

from ..language.directory import USER, Object

MEMBERS, GUESTS, UNTOLD = "every member", "every guest", "every user of whom it is not known whether a guest"
OUTSIDE = "federated_identity"
"""The native word of whom a federated credential lets in."""
LINES: Mapping[str, Object] = {
    MEMBERS: Object(MEMBERS, USER, enabled=True, guest=False),
    GUESTS: Object(GUESTS, USER, enabled=True, guest=True),
    UNTOLD: Object(UNTOLD, USER, enabled=True),
}
"""Whom each line stands for: all of them who can sign in."""
