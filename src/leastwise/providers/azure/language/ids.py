"""Ids of Azure Resource Manager: paths that name a resource and, with it, what lies above it.

They are compared segment by segment and without case, so `rg1` is no parent of `rg10`.
https://learn.microsoft.com/azure/role-based-access-control/scope-overview
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from leastwise.providers.guids import guid as guid

ROOT = "/"
"""The scope above every management group, of the whole tenant."""
_GROUPS = ("providers", "microsoft.management", "managementgroups")
_EXTENSION = ("providers", "microsoft.authorization")


class IdError(ValueError):
    """A text is no id of Azure Resource Manager; the message says why."""


@dataclass(frozen=True)
class ArmId:
    """A resource, resource group, subscription, management group, or the root.

    Args:
        text: as it was written.
        key: the same, in lower case; what is compared.
    """

    text: str
    key: str

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """What stands between the slashes, in lower case; none for the root."""
        return tuple(self.key.split("/")[1:]) if self.key != ROOT else ()

    @property
    def subscription(self) -> str | None:
        """The id of its subscription, or None."""
        two = self.segments[:2]
        return two[1] if len(two) == 2 and two[0] == "subscriptions" else None

    @property
    def management_group(self) -> str | None:
        """The key of the management group that it is or lies in directly, or None."""
        return "/" + "/".join(self.segments[:4]) if self.segments[:3] == _GROUPS and len(self.segments) > 3 else None

    @property
    def top(self) -> str:
        """The key of the highest of what its path names: subscription, management group, or the root."""
        return f"/subscriptions/{self.subscription}" if self.subscription else self.management_group or ROOT

    def paths(self) -> Iterator[str]:
        """The keys of everything that its path names, from itself up to `top`."""
        least = 0 if self.top == ROOT else len(self.top.split("/")) - 1
        for count in range(len(self.segments), least - 1, -1):
            yield "/" + "/".join(self.segments[:count])

    def holds(self, other: ArmId) -> bool:
        """Whether the other is this, or its path says that it lies in it."""
        return other.segments[: len(self.segments)] == self.segments

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=65536)
def arm_id(text: str) -> ArmId:
    """The id that a text writes. Raises IdError."""
    if not text.startswith("/"):
        raise IdError(f"{text!r} is no id of Azure Resource Manager (it begins with a slash)")
    short = text.rstrip("/")
    if not short:
        return ArmId(ROOT, ROOT)
    if "//" in short:
        raise IdError(f"{text!r} is no id of Azure Resource Manager (a segment is empty)")
    return ArmId(short, short.lower())


def extended(text: str, kind: str) -> ArmId:
    """The scope that an extension of Microsoft.Authorization lies on, from its id.

    Args:
        text: the id of, for instance, a role assignment.
        kind: `roleAssignments` and the like.

    Raises:
        IdError: it is no id of that kind.
    """
    found = arm_id(text)
    wanted = (*_EXTENSION, kind.lower())
    if found.segments[-4:-1] != wanted:
        raise IdError(f"{text!r} is no id of {kind}")
    return arm_id("/".join(found.text.split("/")[:-4]) or ROOT)


def named(text: str) -> str:
    """The last segment of an id, in lower case: by it a role definition is known, with or without a subscription.

    A GUID without hyphens is the same as one with them.
    """
    last = text.rstrip("/").rpartition("/")[2].strip().lower()
    return guid(last) or last
