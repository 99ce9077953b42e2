"""What somebody must do to activate an eligible role, as a role management policy rules it.

https://learn.microsoft.com/rest/api/authorization/role-management-policy-assignments
https://learn.microsoft.com/graph/identity-governance-pim-rules-overview
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leastwise.providers.fields import Body, FieldError

from .fields import Fields
from .ids import ArmId, arm_id, extended, named

_WORDS = {"multifactorauthentication": "mfa", "justification": "justification", "ticketing": "ticket"}
"""What an enablement rule asks for; other words of the vendor's stand as they are written, in lower case."""
_ORDER = ("mfa", "authentication_context", "justification", "ticket", "approval")
_DURATION = re.compile(r"P(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?", re.IGNORECASE)
_OF_ACTIVATION = ("enduser", "assignment")


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
    rules = fields.objects("effectiveRules") or fields.objects("rules")
    if not rules:
        return None
    asked = [word for rule in rules for word in _asked(Fields(rule))]
    ranks = {word: rank for rank, word in enumerate(_ORDER)}
    ordered = sorted(dict.fromkeys(asked), key=lambda word: (word.startswith("at most"), ranks.get(word, len(_ORDER))))
    return ", ".join(ordered)


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


def _asked(rule: Fields) -> Iterator[str]:
    """What a rule asks of who activates; nothing where it is about something else."""
    if not _about_activation(rule):
        return
    kind = rule.text("ruleType").lower()
    if "enablementrule" in kind:
        yield from (_WORDS.get(one.lower(), one.lower()) for one in rule.texts("enabledRules"))
    elif "approvalrule" in kind:
        setting = rule.get("setting")
        if isinstance(setting, dict) and Fields(setting).flag("isApprovalRequired"):
            yield "approval"
    elif "authenticationcontextrule" in kind:
        if rule.flag("isEnabled"):
            yield "authentication_context"
    elif "expirationrule" in kind:
        longest = rule.text("maximumDuration")
        if longest and not _DURATION.fullmatch(longest):
            raise FieldError(f"maximumDuration {longest!r} is no duration")
        if longest:
            yield f"at most {longest.upper()}"


def _about_activation(rule: Fields) -> bool:
    """Whether a rule is about what its holder does: by its target, or by its own name where that is not told."""
    target = rule.get("target")
    if isinstance(target, dict):
        told: Sequence[str] = tuple(Fields(target).text(name).lower() for name in ("caller", "level"))
        if all(told):
            return tuple(told) == _OF_ACTIVATION
    return tuple(rule.text("id").lower().split("_")[1:]) == _OF_ACTIVATION
