"""Role assignments, eligible ones, and deny assignments, as the vendor's interfaces tell them.

https://learn.microsoft.com/rest/api/authorization/role-assignments
https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leastwise.providers.fields import Body, FieldError

from .fields import Fields
from .ids import ArmId, arm_id, extended, guid, named
from .roles import Entry, parse_entry

EVERYONE = "00000000-0000-0000-0000-000000000000"
"""In a deny assignment, all principals of the directory."""
FOREIGN = "ForeignPrincipal"
"""Our word for the type of somebody of another tenant of whom no more is told: it may be a group there."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role given to a principal at a scope, and to all below it.

    Args:
        id: of the assignment; an empty text where it was not told.
        role: the key of its role definition.
        principal: object id (`principal_key`).
        type: of the principal, as the vendor writes it (User, Group, ServicePrincipal); empty where not told.
        scope: where it holds.
        condition: or empty.
        activated: PIM activated an eligible assignment, and this is what came of it.
        until: when it ends, as the vendor writes it, or empty.
        ended: for a request that says nothing of the time it has ended; what the vendor lists as in force has not.
        tenant: the other tenant whose principal it is told to be, or empty.
    """

    id: str
    role: str
    principal: str
    type: str
    scope: ArmId
    condition: str = ""
    activated: bool = False
    until: str = ""
    ended: bool = False
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A principal that a deny assignment names, or leaves out."""

    id: str
    type: str = ""

    @property
    def everyone(self) -> bool:
        """Whether all principals are meant."""
        return self.id == EVERYONE


@dataclass(frozen=True, slots=True)
class DenyAssignment:
    """Operations that are denied to principals at a scope.

    Args:
        id: of it, or its name.
        title: as the vendor's tools show it.
        scope: where it holds.
        entries: what it denies; excluded operations are not denied.
        principals: to whom.
        excluded: to whom not.
        only_here: it does not hold below the scope.
        condition: of all entries, or empty.
        effect: `enforced`, `audit` (which blocks nothing), or what else the vendor writes.
        protected: made by Azure, and not to be changed.
    """

    id: str
    title: str
    scope: ArmId
    entries: tuple[Entry, ...]
    principals: tuple[Listed, ...]
    excluded: tuple[Listed, ...] = ()
    only_here: bool = False
    condition: str = ""
    effect: str = "enforced"
    protected: bool = False

    @property
    def conditions(self) -> tuple[str, ...]:
        """Its own condition, and those of its entries."""
        return self.condition, *(one.condition for one in self.entries)


def principal_key(text: str) -> str:
    """An object id as it is compared."""
    return guid(text) or text.strip().lower()


def parse_assignment(body: Body, kind: str = "roleAssignments") -> Assignment:
    """A role assignment; with another `kind`, an instance of an eligibility schedule.

    Raises:
        FieldError, IdError: naming what is wrong.
    """
    fields = Fields(body)
    id = fields.text("id", "roleAssignmentId")
    role = fields.text("roleDefinitionId") or _expanded(fields, "roleDefinition")
    principal = fields.text("principalId", "objectId") or _expanded(fields, "principal")
    if not role:
        raise FieldError("roleDefinitionId is missing")
    if not principal:
        raise FieldError("principalId is missing")
    return Assignment(
        id=id,
        role=named(role),
        principal=principal_key(principal),
        type=fields.text("principalType", "objectType"),
        scope=_scope(fields, id, kind),
        condition=fields.text("condition"),
        activated=fields.text("assignmentType").lower() == "activated",
        until=fields.text("endDateTime"),
    )


def _expanded(fields: Fields, name: str) -> str:
    """The id in the expanded properties of an instance of a schedule, or empty."""
    whole = fields.get("expandedProperties")
    part = whole.get(name) if isinstance(whole, Mapping) else None
    id = part.get("id") if isinstance(part, Mapping) else None
    return id if isinstance(id, str) else ""


def _scope(fields: Fields, id: str, kind: str) -> ArmId:
    scope = fields.text("scope")
    if scope:
        return arm_id(scope)
    if not id:
        raise FieldError("scope is missing")
    return extended(id, kind)


def parse_deny_assignment(body: Body) -> DenyAssignment:
    """A deny assignment. Raises FieldError, IdError."""
    fields = Fields(body)
    id = fields.text("id", "denyAssignmentId")
    title = fields.text("denyAssignmentName", "name")
    entries = fields.objects("permissions")
    if entries is None:
        if not fields.has("actions", "dataActions"):
            raise FieldError("permissions is missing")
        entries = (body,)
    if not fields.has("principals"):
        raise FieldError("principals is missing")
    return DenyAssignment(
        id=id or title,
        title=title or id,
        scope=_scope(fields, id, "denyAssignments"),
        entries=tuple(map(parse_entry, entries)),
        principals=_listed(fields, "principals"),
        excluded=_listed(fields, "excludePrincipals"),
        only_here=fields.flag("doNotApplyToChildScopes"),
        condition=fields.text("condition"),
        effect=fields.text("denyAssignmentEffect").lower() or "enforced",
        protected=fields.flag("isSystemProtected"),
    )


def _listed(fields: Fields, name: str) -> tuple[Listed, ...]:
    """Principals: objects with an id, or ids alone. Raises FieldError."""
    found = fields.get(name)
    if found is None:
        return ()
    if not isinstance(found, list):
        raise FieldError(f"{name} must be a list")
    return tuple(_one(one, f"{name}/{place}") for place, one in enumerate(found))


def _one(body: object, place: str) -> Listed:
    if isinstance(body, str):
        return Listed(principal_key(body))
    if not isinstance(body, Mapping):
        raise FieldError(f"{place} must be an object with an id")
    fields = Fields(body)
    try:
        return Listed(principal_key(fields.needed("id", "objectId")), fields.text("type", "objectType"))
    except FieldError as error:
        raise FieldError(f"{place}: {error}") from None
