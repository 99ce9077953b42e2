"""What somebody must do to activate an eligible role, as a role management policy rules it.

https://learn.microsoft.com/rest/api/authorization/role-management-policy-assignments
https://learn.microsoft.com/graph/identity-governance-pim-rules-overview
"""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.providers.fields import Body
from leastwise.providers.microsoft.activation import requirements as rules_ask

from .fields import Fields
from .ids import ArmId, arm_id, extended, named


@dataclass(frozen=True, slots=True)
class Activation:
    """How eligible assignments of one role at one scope are activated.

    Args:
        scope: where.
        role: key of the role definition.
        policy: id of the policy, in lower case; empty where not told.
        requires: what must be done, and how long it lasts, in words; None where no rules were told.
    """

    scope: ArmId
    role: str
    policy: str
    requires: str | None


def parse_activation(body: Body) -> Activation:
    """A role management policy assignment. Raises FieldError, IdError."""
    fields = Fields(body)
    scope = fields.text("scope")
    place = arm_id(scope) if scope else extended(fields.needed("id"), "roleManagementPolicyAssignments")
    return Activation(
        place, named(fields.needed("roleDefinitionId")), fields.text("policyId").lower(), requirements(body)
    )


def requirements(body: Body) -> str | None:
    """What the rules of a policy (or of its assignment) ask of who activates; None where it has no rules.

    Raises:
        FieldError: naming what is wrong.
    """
    fields = Fields(body)
    return rules_ask(fields.objects("effectiveRules") or fields.objects("rules") or ())


def just_in_time(policy: Body) -> str:
    """The same of an eligible authorization of Lighthouse (`justInTimeAccessPolicy`). Raises FieldError.

    https://learn.microsoft.com/azure/lighthouse/how-to/create-eligible-authorizations
    """
    fields = Fields(policy)
    longest = fields.text("maximumActivationDuration")
    asked = ("mfa" if fields.text("multiFactorAuthProvider").lower() == "azure" else "",
             "approval" if fields.objects("managedByTenantApprovers") else "",
             f"at most {longest.upper()}" if longest else "")  # fmt: skip
    return ", ".join(filter(None, asked))
