"""Azure Lighthouse: what an offer of another tenant gives to whom, where it was accepted.

https://learn.microsoft.com/azure/lighthouse/concepts/architecture
https://learn.microsoft.com/rest/api/managedservices/registration-definitions/get
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leastwise.providers.fields import Body, FieldError

from .activation import just_in_time
from .assignments import FOREIGN, Assignment, principal_key
from .fields import Fields
from .ids import ArmId, arm_id, guid, named

USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
VERSION = "2.0"
"""Of the language of the condition below."""
_MARK = "/providers/microsoft.managedservices/"
_HANDS_ON = (
    "(ActionMatches{{'Microsoft.Authorization/roleAssignments/write'}} AND "
    "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{roles}}} AND "
    "@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'ServicePrincipal')"
)
_NOT_TOLD = "delegatedRoleDefinitionIds were not told"


@dataclass(frozen=True, slots=True)
class Authorization:
    """A role that an offer gives to a principal of the other tenant.

    Args:
        principal: object id, there.
        title: what the offer calls it.
        role: key of the role definition.
        delegated: the roles that it may hand on to managed identities; None for all that are no User Access
            Administrators, and where the offer does not tell.
        requires: of an eligible one, what must be done to activate it; None where that is not told.
    """

    principal: str
    title: str
    role: str
    delegated: tuple[str, ...] | None
    requires: str | None = None

    @property
    def condition(self) -> str:
        """Under which condition it holds, as one on a role assignment would be written; empty for none.

        User Access Administrator is given for one purpose: to assign the delegated roles to managed identities, "no
        other permissions normally associated" with it. Of a principal that is assigned something a request tells no
        more than that it is a service principal. Where the roles were not told, the text is none of a condition, so
        that nobody takes it for held or not.

        https://learn.microsoft.com/azure/lighthouse/how-to/deploy-policy-remediation
        """
        if self.role != USER_ACCESS_ADMINISTRATOR:
            return ""
        return _HANDS_ON.format(roles=", ".join(self.delegated)) if self.delegated else _NOT_TOLD


@dataclass(frozen=True, slots=True)
class Offer:
    """What a registration definition offers.

    Args:
        key: of the definition.
        id: as it is written.
        tenant: whose principals these are; empty where not told.
        active: what they hold.
        eligible: what they can activate.
    """

    key: str
    id: str
    tenant: str
    active: tuple[Authorization, ...]
    eligible: tuple[Authorization, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A registration assignment: an offer in force on a subscription or resource group.

    Args:
        scope: where.
        offer: key of the registration definition.
        inner: the definition, where it is told with it.
    """

    scope: ArmId
    offer: str
    inner: Offer | None


def parse_offer(body: Body) -> Offer:
    """A registration definition. Raises FieldError."""
    fields = Fields(body)
    id = fields.text("id") or fields.needed("name")
    active, eligible = (
        tuple(map(_authorization, fields.objects(name) or ())) for name in ("authorizations", "eligibleAuthorizations")
    )
    return Offer(named(id), id, fields.text("managedByTenantId").lower(), active, eligible)


def parse_accepted(body: Body) -> Accepted:
    """A registration assignment. Raises FieldError, IdError."""
    fields = Fields(body)
    id = fields.needed("id")
    at = id.lower().rfind(_MARK)
    if at <= 0:
        raise FieldError(f"id {id} is none of a registration assignment")
    told = fields.get("registrationDefinition")
    inner = parse_offer(told) if isinstance(told, Mapping) and _tells(told) else None
    offer = fields.text("registrationDefinitionId") or (inner.id if inner is not None else _id(told))
    if not offer:
        raise FieldError("registrationDefinitionId is missing")
    return Accepted(arm_id(id[:at]), named(offer), inner)


def _id(told: object) -> str:
    return Fields(told).text("id", "name") if isinstance(told, Mapping) else ""


def _tells(told: Body) -> bool:
    """Whether a definition within an assignment is told, and not only named."""
    return Fields(told).has("authorizations", "eligibleAuthorizations") and bool(_id(told))


def _authorization(body: Body) -> Authorization:
    fields = Fields(body)
    delegated = fields.texts("delegatedRoleDefinitionIds")
    rules = fields.get("justInTimeAccessPolicy")
    return Authorization(
        principal_key(fields.needed("principalId")),
        fields.text("principalIdDisplayName"),
        named(fields.needed("roleDefinitionId")),
        tuple(sorted(map(named, delegated))) or None,
        just_in_time(rules) if isinstance(rules, Mapping) else None,
    )


def assigned(offer: Offer, one: Authorization, scope: ArmId) -> Assignment:
    """What an authorization amounts to on a scope where its offer is in force."""
    return Assignment(offer.id, one.role, one.principal, FOREIGN, scope, one.condition, tenant=guid(offer.tenant) or "")
