"""What somebody thinks of, as rows: grants and role definitions as translation makes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pyarrow as pa

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected, Scope
from leastwise.providers.base.granting import MisfitError
from leastwise.providers.entra.catalog import current
from leastwise.providers.entra.language.assignments import Assignment, Enrolment
from leastwise.providers.entra.language.grants import AppRole, Delegation
from leastwise.providers.entra.language.roles import parse_role
from leastwise.providers.fields import Body, FieldError

from . import apps, assignments, owners, roles
from .context import Context

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Fragment:
    """Rows of one tenant under construction, besides those that it has.

    Args:
        tenant: its id.
        source: where what is thought of stands.
    """

    def __init__(self, tenant: str, source: str) -> None:
        self._context = Context(Collected(Scope("entra", "tenant", tenant), _LONG_AGO, (), ()))
        self._source = source

    def assignment(self, one: Assignment, *, eligible: bool) -> None:
        """A role assignment, or an eligible one; with the role where it is a built-in one."""
        kind = assignments.ELIGIBLE if eligible else assignments.ACTIVATED if one.activated else assignments.ASSIGNED
        assignments.row(self._context, "eligible" if eligible else "allow", kind, one, self._source)
        role = current().role(one.role)
        if role is not None:
            body = {"id": role.key, "displayName": role.title, "isBuiltIn": True}
            roles.row(self._context, role, body, roles.CATALOGUE)

    def enrolment(self, one: Enrolment, *, eligible: bool, activated: bool, id: str) -> None:
        """A membership or ownership of a group by PIM."""
        kind = assignments.ELIGIBLE if eligible else assignments.ACTIVATED if activated else assignments.ASSIGNED
        layer = "eligible" if eligible else "ownership" if one.owner else "allow"
        if one.owner and not eligible:
            kind = "activated_owner" if activated else "owner"
        assignments.group_row(self._context, layer, kind, one, id, self._source)

    def owner(self, owned: str, kind: str, who: str, type: str) -> None:
        """An owner of an object, and what owners of such objects may do."""
        owners.row(self._context, owned, kind, who, type, self._source)
        owners.bundle(self._context, kind)

    def app_role(self, one: AppRole, bundle: str, value: str, id: str, *, graph: bool) -> None:
        """An app role that is granted."""
        apps.permission(self._context, {}, bundle, apps.APPLICATION_PERMISSION, value or "Default Access", graph)
        apps.app_role_row(self._context, one, bundle, id, self._source)

    def delegation(self, one: Delegation, named: Mapping[str, tuple[str, bool]], id: str) -> None:
        """A delegated grant; `named` are its scopes as they are written by bundle, and whether Graph's."""
        for bundle, (value, graph) in named.items():
            apps.permission(self._context, {}, bundle, apps.DELEGATED_PERMISSION, value, graph)
        apps.delegation_row(self._context, one, list(named), id, self._source)

    def role(self, body: Body) -> str:
        """A role definition of the tenant's; its title. Raises MisfitError."""
        try:
            role = parse_role(body)
        except FieldError as error:
            raise MisfitError(f"is no role definition: {error}") from None
        if not role.told:
            raise MisfitError("is no role definition: rolePermissions is missing")
        self._context.roles[role.key] = (role, body, self._source)
        roles.row(self._context, role, roles.told_of(body), self._source)
        return role.title

    def tables(self) -> Mapping[str, pa.Table]:
        """The rows."""
        names = ("documents", "statements", "policies", "attachments", "principals", "coverage")
        return {name: plain(self._context.facts.tables[name].to_table()) for name in names}
