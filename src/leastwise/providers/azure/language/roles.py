"""Role definitions: permissions entries, each with what it gives, what it leaves out, and perhaps its own condition.

https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leastwise.providers.fields import Body, FieldError

from .fields import Fields
from .ids import named
from .operations import Patterns, Plane


@dataclass(frozen=True, slots=True)
class Entry:
    """One permissions entry of a role definition or deny assignment.

    What is excluded is taken from this entry's own operations and from no other's.

    Args:
        actions: operations of the control plane.
        not_actions: those of them that are left out.
        data_actions: operations of the data plane.
        not_data_actions: those of them that are left out.
        condition: the entry's own condition, or empty.
    """

    actions: Patterns
    not_actions: Patterns
    data_actions: Patterns
    not_data_actions: Patterns
    condition: str = ""

    def has(self, operation: str, plane: Plane) -> bool:
        """Whether it has an operation (`canonical`) of a plane, whatever its condition."""
        given, left_out = self.of(plane)
        return given.take(operation) and not left_out.take(operation)

    def of(self, plane: Plane) -> tuple[Patterns, Patterns]:
        """What it gives of a plane, and what it leaves out of that."""
        if plane is Plane.DATA:
            return self.data_actions, self.not_data_actions
        return self.actions, self.not_actions


@dataclass(frozen=True, slots=True)
class Role:
    """A role definition.

    Args:
        key: its last GUID (`ids.named`).
        title: as the vendor's tools show it.
        entries: its permissions entries.
        custom: whether it is one of the tenant.
    """

    key: str
    title: str
    entries: tuple[Entry, ...]
    custom: bool = False


def parse_role(body: Body) -> Role:
    """The role of a vendor's object, of the REST API, the command line or PowerShell.

    Raises:
        FieldError: naming what is wrong.
    """
    fields = Fields(body)
    id = fields.text("id") or fields.needed("name")
    title = fields.text("roleName") or fields.text("name")
    entries = fields.objects("permissions")
    if entries is None:
        if not fields.has("actions", "dataActions"):
            raise FieldError("permissions is missing")
        entries = (body,)
    kind = fields.text("roleType") or _inner_type(body)
    custom = fields.flag("isCustom") or kind.lower() == "customrole"
    return Role(named(id), title or named(id), tuple(map(parse_entry, entries)), custom)


def _inner_type(body: Body) -> str:
    """The type that the REST API tells inside, of a role: BuiltInRole or CustomRole."""
    inner = body.get("properties")
    found = inner.get("type") if isinstance(inner, Mapping) else None
    return found if isinstance(found, str) else ""


def parse_entry(body: Body) -> Entry:
    """One permissions entry. Raises FieldError."""
    fields = Fields(body)
    names = ("actions", "notActions", "dataActions", "notDataActions")
    actions, not_actions, data_actions, not_data_actions = (Patterns(fields.texts(name)) for name in names)
    return Entry(actions, not_actions, data_actions, not_data_actions, fields.text("condition"))
