"""Permissions of apps: app roles that were granted, delegated grants, and what outsiders may sign in as an app.

https://learn.microsoft.com/graph/api/resources/approleassignment
https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
https://learn.microsoft.com/graph/api/resources/federatedidentitycredential
"""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.providers.fields import Body, FieldError, Fields

from .directory import kind_of
from .ids import needed_id, object_id

NO_ROLE = "00000000-0000-0000-0000-000000000000"
"""The id of an assignment to an app that gives none of its roles."""


@dataclass(frozen=True, slots=True)
class AppRole:
    """An app role that was granted: to whom (and of what kind it is told to be), of which service principal, its id."""

    principal: str
    kind: str
    resource: str
    role: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegated grant.

    Args:
        client: object id of the service principal that may act on behalf of a user.
        resource: object id of the service principal of the resource.
        user: on whose behalf; empty for every user.
        scopes: the values, in lower case.
    """

    client: str
    resource: str
    user: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Trusted:
    """A federated credential of an application (or of a managed identity): who outside the directory signs in as it.

    Args:
        application: object id.
        issuer: of the outside token.
        subject: exactly this one; empty where an expression says which.
        expression: or empty.
        audiences: one of which the token must be for.
    """

    application: str
    issuer: str
    subject: str
    expression: str
    audiences: tuple[str, ...]


def parse_app_role(body: Body) -> AppRole:
    """An app role that was granted. Raises FieldError."""
    fields = Fields(body)
    principal, resource = (needed_id(fields, name) for name in ("principalId", "resourceId"))
    return AppRole(principal, kind_of(fields.text("principalType")), resource, needed_id(fields, "appRoleId"))


def parse_delegation(body: Body) -> Delegation:
    """A delegated grant. Raises FieldError."""
    fields = Fields(body)
    type, user = fields.text("consentType").lower(), object_id(fields.text("principalId"))
    if type not in ("allprincipals", "principal"):
        raise FieldError(f"consentType {fields.text('consentType')!r} is neither AllPrincipals nor Principal")
    if type == "principal" and not user:
        raise FieldError("principalId is missing")
    client, resource = (needed_id(fields, name) for name in ("clientId", "resourceId"))
    # The scope may begin with a blank.
    scopes = frozenset(fields.text("scope").lower().split())
    return Delegation(client, resource, user if type == "principal" else "", scopes)


def parse_trusted(body: Body) -> Trusted:
    """A federated credential. Raises FieldError."""
    fields = Fields(body)
    flexible = Fields(fields.object("claimsMatchingExpression"))
    subject, expression = fields.text("subject"), flexible.text("value")
    if not subject and not expression:
        raise FieldError("subject is missing")
    return Trusted(
        application=needed_id(fields, "applicationId"),
        issuer=fields.needed("issuer"),
        subject=subject,
        expression=expression,
        audiences=fields.texts("audiences") or (),
    )
