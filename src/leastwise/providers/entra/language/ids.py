"""Object ids, and the scopes at which roles are assigned.

https://learn.microsoft.com/graph/api/resources/unifiedroleassignment
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from leastwise.providers.fields import FieldError, Fields

TENANT = "/"
_UNITS = "administrativeunits/"


class At(Enum):
    """What kind of scope it is."""

    TENANT = "tenant"
    UNIT = "administrative unit"
    OBJECT = "object"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role is assigned: its kind, and the id of the unit, object or app's own scope (empty for the tenant)."""

    at: At
    id: str = ""

    def __str__(self) -> str:
        return {At.TENANT: "the tenant", At.UNIT: f"administrative unit {self.id}"}.get(self.at, self.id)


def object_id(text: str) -> str:
    """An object id as it is compared."""
    return text.strip().strip("/").lower()


def needed_id(fields: Fields, name: str) -> str:
    """An object id that must be there, as it is compared. Raises FieldError."""
    found = object_id(fields.needed(name))
    if not found:
        raise FieldError(f"{name} is missing")
    return found


def place_of(fields: Fields) -> Place:
    """The scope of an assignment. Raises FieldError."""
    directory, app = fields.text("directoryScopeId").strip(), fields.text("appScopeId").strip()
    if not directory and not app:
        raise FieldError("directoryScopeId is missing")
    if not directory:
        return Place(At.TENANT) if app == TENANT else Place(At.APP, app.lower())
    inner = directory.strip("/").lower()
    if not inner:
        return Place(At.TENANT)
    if inner.startswith(_UNITS):
        return Place(At.UNIT, inner.removeprefix(_UNITS))
    return Place(At.OBJECT, inner)


def resource_id(text: str) -> str:
    """The object that a question is about: its id, or `/`; a unit may be named as a scope names it."""
    inner = object_id(text)
    return inner.removeprefix(_UNITS) or TENANT
