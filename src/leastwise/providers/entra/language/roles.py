"""Definitions of directory roles: permissions entries, each perhaps under a condition, and roles they inherit.

https://learn.microsoft.com/graph/api/resources/unifiedroledefinition
https://learn.microsoft.com/graph/api/resources/unifiedrolepermission
"""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.providers.fields import Body, FieldError, Fields

from .actions import Action, ActionError, parse_action
from .ids import needed_id, object_id

SELF, OWNER = "$resourceisself", "$subjectisowner"
"""The conditions that there are, in lower case: the object is the principal itself, or one that it owns."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One permissions entry.

    Args:
        actions: what it gives.
        left_out: what it does not give of that.
        condition: in lower case, or empty.
    """

    actions: tuple[Action, ...]
    left_out: tuple[Action, ...] = ()
    condition: str = ""

    def by(self, action: Action) -> Action | None:
        """The action by which it has another one, or None."""
        if any(one.includes(action) for one in self.left_out):
            return None
        return next((one for one in self.actions if one.includes(action)), None)


@dataclass(frozen=True, slots=True)
class Role:
    """A role definition.

    Args:
        key: its id, of a built-in role also its template's.
        title: as the vendor's tools show it.
        entries: its own permissions entries.
        inherits: ids of roles whose entries it has as well.
        custom: whether it is one of the tenant.
        enabled: whether assignments of it give anything.
        template: the id by which other tenants know it; empty where not told.
        told: whether its permissions are told, and not only its name.
    """

    key: str
    title: str
    entries: tuple[Entry, ...]
    inherits: tuple[str, ...] = ()
    custom: bool = False
    enabled: bool = True
    template: str = ""
    told: bool = True


def parse_role(body: Body) -> Role:
    """The role of a vendor's object. Raises FieldError."""
    fields = Fields(body)
    key = needed_id(fields, "id")
    permissions = fields.objects("rolePermissions")
    entries = tuple(_entry(one, place) for place, one in enumerate(permissions or ()))
    inherits = tuple(needed_id(Fields(one), "id") for one in fields.objects("inheritsPermissionsFrom") or ())
    return Role(
        key=key,
        title=fields.text("displayName") or key,
        entries=entries,
        inherits=inherits,
        custom=fields.flag("isBuiltIn") is False,
        enabled=fields.flag("isEnabled") is not False,
        template=object_id(fields.text("templateId")),
        told=permissions is not None,
    )


def _entry(body: Body, place: int) -> Entry:
    fields = Fields(body)
    try:
        actions, left_out = (
            tuple(parse_action(text) for text in fields.texts(name) or ())
            for name in ("allowedResourceActions", "excludedResourceActions")
        )
        return Entry(actions, left_out, fields.text("condition").strip().lower())
    except (FieldError, ActionError) as error:
        raise FieldError(f"rolePermissions/{place}: {error}") from None
