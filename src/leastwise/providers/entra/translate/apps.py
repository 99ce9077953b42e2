"""Applications and their federated credentials; app roles that were granted, and delegated grants.

What an application asks for (`requiredResourceAccess`) gives nothing.
https://learn.microsoft.com/graph/api/resources/approleassignment
https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from leastwise.model.scope import CoverageStatus
from leastwise.providers.entra.catalog import current
from leastwise.providers.entra.catalog.lookup import Catalog
from leastwise.providers.entra.exports.kinds import APP_ROLES_OF, FEDERATED
from leastwise.providers.entra.language.directory import APPLICATION, GRAPH, SERVICE
from leastwise.providers.entra.language.grants import (
    NO_ROLE,
    AppRole,
    Delegation,
    parse_app_role,
    parse_delegation,
    parse_trusted,
)
from leastwise.providers.entra.language.ids import needed_id, object_id
from leastwise.providers.fields import Body, Fields
from leastwise.providers.interned import Statement

from . import owners
from .context import Context
from .details import application as details
from .reading import moment

APPLICATION_PERMISSION, DELEGATED_PERMISSION = "application_permission", "delegated_permission"
DELEGATED = ":delegated"
"""What the id of a delegated permission ends with."""
_EXPANDED = 20
"""https://learn.microsoft.com/graph/query-parameters#expand"""


def application(context: Context, body: Body, about: str, source: str) -> None:
    """An application of the tenant's. Raises FieldError."""
    context.credentials.application(body, source)
    id = needed_id(Fields(body), "id")
    details(body)
    context.applications.setdefault(id, (body, source))
    context.by_app.setdefault(Fields(body).text("appId").lower(), id)
    owners.expanded(context, id, APPLICATION, body, source)
    trusted = Fields(body).objects("federatedIdentityCredentials")
    for one in trusted or ():
        _trust(context, {**one, "applicationId": id}, source)
    if trusted is not None and len(trusted) < _EXPANDED:
        context.listed.add((FEDERATED, id))


def federated(context: Context, body: Body, about: str, source: str) -> None:
    """A federated credential of an application. Raises FieldError."""
    application = about or object_id(Fields(body).text("applicationId") or context.application_of(body))
    context.credentials.federated(body, application, source)
    _trust(context, {**body, "applicationId": application}, source)


def _trust(context: Context, body: Body, source: str) -> None:
    one = parse_trusted(body)
    context.trusted.setdefault(one.application, {}).setdefault(one, source)


def app_role(context: Context, body: Body, about: str, source: str) -> None:
    """An app role that was granted. Raises FieldError."""
    one, fields = parse_app_role(body), Fields(body)
    context.people.named(one.principal, one.kind, source)
    context.people.named(one.resource, SERVICE, source)
    context.app_roles.setdefault(one, (fields.text("id"), source))


def expanded(context: Context, of: str, body: Body, source: str) -> None:
    """The app roles that were granted of a service principal, or to somebody, where an object is given with them.

    Raises FieldError.
    """
    for name in ("appRoleAssignedTo", "appRoleAssignments"):
        several = Fields(body).objects(name)
        for one in several or ():
            app_role(context, one, of, source)
        if name == "appRoleAssignedTo" and several is not None and len(several) < _EXPANDED:
            context.listed.add((APP_ROLES_OF, of))


def delegation(context: Context, body: Body, about: str, source: str) -> None:
    """A delegated grant. Raises FieldError."""
    one = parse_delegation(body)
    for id, kind in ((one.client, SERVICE), (one.resource, SERVICE), (one.user, "user")):
        if id:
            context.people.named(id, kind, source)
    context.delegations.setdefault(one, (Fields(body).text("id"), source))


# --- rows -------------------------------------------------------------------------------------------------------------


def finish(context: Context) -> None:
    """The rows of applications, of what was granted, and of the permissions that grants name."""
    for id in dict.fromkeys((*context.applications, *context.trusted)):
        _application(context, id)
    context.people.listed_of("assigned", (of for kind, of in context.listed if kind == APP_ROLES_OF))
    made: dict[str, None] = {}
    for role, (id, source) in context.app_roles.items():
        bundle = _app_role_bundle(context, made, role.resource, role.role, source)
        app_role_row(context, role, bundle, id, source)
    for grant, (id, source) in context.delegations.items():
        bundles = [_scope_bundle(context, made, grant.resource, one) for one in sorted(grant.scopes)]
        delegation_row(context, grant, bundles, id, source)
    for what, source in context.unheard.items():
        context.gap("servicePrincipals.list", CoverageStatus.NOT_TRIED, f"{what}: nothing describes it ({source})",
                    f"what {what} gives")  # fmt: skip


def app_role_row(context: Context, role: AppRole, bundle: str, id: str, source: str) -> None:
    """The row of an app role that was granted."""
    body = {"id": id, "principalId": role.principal, "principalType": role.kind, "resourceId": role.resource,
            "appRoleId": role.role}  # fmt: skip
    context.give("application", "app_role_assignment", role.resource, [bundle], [role.principal], body, source, id=id)


def delegation_row(context: Context, grant: Delegation, bundles: list[str], id: str, source: str) -> None:
    """The row of a delegated grant."""
    told = {"id": id, "clientId": grant.client, "resourceId": grant.resource, "principalId": grant.user,
            "consentType": "Principal" if grant.user else "AllPrincipals",
            "scope": " ".join(sorted(grant.scopes))}  # fmt: skip
    context.give(
        "delegated", "delegated_grant", grant.resource, bundles, [grant.client], told, source, id=id,
        condition={"onBehalfOf": grant.user} if grant.user else None,
    )  # fmt: skip


def _application(context: Context, id: str) -> None:
    body, source = context.applications.get(id, ({"id": id}, ""))
    trusted = context.trusted.get(id, {})
    told = [
        {"issuer": one.issuer, "subject": one.subject, "claimsMatchingExpression": {"value": one.expression},
         "audiences": list(one.audiences)}
        for one in trusted
    ]  # fmt: skip
    context.resource(
        id, "application", Fields(body).text("displayName"), source or next(iter(trusted.values()), ""),
        _details(context, id, body),
        {"applicationId": id, "federatedIdentityCredentials": told} if told else None,
        moment(body, "createdDateTime"),
    )  # fmt: skip


def _details(context: Context, id: str, body: Body) -> dict[str, str]:
    lists = {"owners": id in context.owners_asked, "federated": (FEDERATED, id) in context.listed}
    told = details(body) if id in context.applications else {}
    return told | {name: "listed" for name, known in lists.items() if known}


def app_role_named(
    resource: str, role: str, offers: Mapping[str, str] | None, app: str
) -> tuple[str, str | None, bool]:
    """The permission behind an app role of a service principal: its id, its value, and whether it is Graph's.

    The value is None where nothing tells it.

    Args:
        resource: the service principal's object id.
        role: of the app role.
        offers: the values of those that it offers, by id; None where it does not tell them.
        app: its app id.
    """
    value = offers.get(role) if offers is not None else None
    if value is None:
        value = "" if role == NO_ROLE else current().app_roles.get(role)
    graph = app == GRAPH or role in current().app_roles
    if value is None:
        return f"{resource}/{role}", None, graph
    # An app role without a value is one all the same.
    return _named(resource, value or ("" if role == NO_ROLE else role), graph), value, graph


def _app_role_bundle(context: Context, made: dict[str, None], resource: str, role: str, source: str) -> str:
    """The permission behind an app role of a service principal, by its id; its row is made once."""
    app, offers = context.credentials.app(resource), context.people.offers(resource)
    bundle, value, graph = app_role_named(resource, role, offers, app)
    if value is None:
        context.unheard.setdefault(f"app role {role} of {resource}", source)
    else:
        permission(context, made, bundle, APPLICATION_PERMISSION, value or "Default Access", graph)
    return bundle


def scope_named(resource: str, scope: str, offers: Mapping[str, str], app: str) -> tuple[str, str, bool]:
    """The permission behind a scope: its id, its value as it is written, and whether it is Graph's; see above."""
    graph = app == GRAPH
    value = (_written(current()) if graph else offers).get(scope, scope)
    return _named(resource, value, graph) + DELEGATED, value, graph


def _scope_bundle(context: Context, made: dict[str, None], resource: str, scope: str) -> str:
    """The permission behind a scope; its name is written as the catalogue, or whoever offers it, has it."""
    app, offers = context.credentials.app(resource), context.people.scopes(resource)
    bundle, value, graph = scope_named(resource, scope, offers, app)
    permission(context, made, bundle, DELEGATED_PERMISSION, value, graph)
    return bundle


def _named(resource: str, value: str, graph: bool) -> str:
    return value if graph and value else f"{resource}/{value}"


def permission(context: Context, made: dict[str, None], bundle: str, kind: str, value: str, graph: bool) -> None:
    """The row of a permission, once."""
    if bundle in made:
        return
    made[bundle] = None
    tier = _tiers(current()).get((value, kind == DELEGATED_PERMISSION)) if graph else None
    context.bundle(
        bundle, kind, value, {"value": value, "permission": bundle}, [Statement("Allow", [value])], "catalogue",
        flags={
            "privileged": None if not tier else tier == "0",
            "rewrites_iam": graph and kind == APPLICATION_PERMISSION and value in _REWRITE,
        },
    )  # fmt: skip


_REWRITE = frozenset({"RoleManagement.ReadWrite.Directory", "AppRoleAssignment.ReadWrite.All"})
"""Permissions by which an app gives itself others.

https://learn.microsoft.com/graph/permissions-reference#approleassignmentreadwriteall
"""


@cache
def _tiers(facts: Catalog) -> Mapping[tuple[str, bool], str]:
    return {(one.value, one.delegated): one.tier for one in facts.values}


@cache
def _written(facts: Catalog) -> Mapping[str, str]:
    """Scopes of Graph as they are written, by their lower case."""
    return {one.lower(): one for one in facts.scopes}
