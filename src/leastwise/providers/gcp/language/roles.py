"""Roles: what a custom role's document says, and the names that a binding may give one.

https://cloud.google.com/iam/docs/reference/rest/v1/roles
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .names import canonical

_WITHOUT_CONDITION = re.compile(r"(?P<role>.+)_withcond_[0-9a-f]+")
BASIC = frozenset({"roles/owner", "roles/editor", "roles/viewer"})


@dataclass(frozen=True, slots=True)
class Role:
    """A role.

    Args:
        name: `roles/X`, `projects/P/roles/X` or `organizations/1/roles/X`.
        permissions: in their canonical spelling; None when they were not told.
        inert: why a binding of it gives nothing (disabled, deleted), or empty.
    """

    name: str
    permissions: frozenset[str] | None
    inert: str = ""


def parse_role(body: Mapping[str, Any]) -> Role:
    """The role of a vendor's object.

    A role that was listed without its permissions has none in the document, as a role without permissions has; so these
    are not known then.

    Raises:
        ValueError: naming what is wrong.
    """
    name = body.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"(?:(?:projects|organizations)/[^/]+/)?roles/[^/]+", name):
        raise ValueError("name is no name of a role")
    held = body.get("includedPermissions", body.get("included_permissions"))
    if held is not None and not (isinstance(held, list) and all(isinstance(one, str) for one in held)):
        raise ValueError(f"includedPermissions of {name} is no list of texts")
    inert = "deleted" if body.get("deleted") is True else "disabled" if body.get("stage") == "DISABLED" else ""
    return Role(name, None if held is None else frozenset(map(canonical, held)), inert)


def without_condition(role: str) -> str | None:
    """The role of a binding whose condition was left out of a policy read below version 3; None for an ordinary name.

    https://cloud.google.com/iam/docs/policies#specifying-version-get
    """
    found = _WITHOUT_CONDITION.fullmatch(role)
    return None if found is None else found["role"]
