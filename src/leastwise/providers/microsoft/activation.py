"""What somebody must do to activate an eligible role, as the rules of a role management policy say it.

Azure Resource Manager and Microsoft Graph write the same rules.
https://learn.microsoft.com/rest/api/authorization/role-management-policy-assignments
https://learn.microsoft.com/graph/identity-governance-pim-rules-overview
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from leastwise.providers.fields import Body, FieldError, Fields

_WORDS = {"multifactorauthentication": "mfa", "justification": "justification", "ticketing": "ticket"}
"""What an enablement rule asks for; other words of the vendor's stand as they are written, in lower case."""
FOR_GOOD = "or assigned for good"
"""An active assignment without an end may be made, which nobody needs to activate."""
_ORDER = ("mfa", "authentication_context", "justification", "ticket", "approval")
_DURATION = re.compile(r"P(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?", re.IGNORECASE)
_OF_ACTIVATION = ("enduser", "assignment")


def requirements(rules: Sequence[Body], *, approvers: bool = False, standing: bool = False) -> str | None:
    """What rules ask of who activates; None where there are none.

    Args:
        rules: of a policy, or of its assignment.
        approvers: whether to say who approves, too.
        standing: whether to say, last, that an administrator may assign it for good.

    Raises:
        FieldError: naming what is wrong.
    """
    if not rules:
        return None
    asked = [word for rule in rules for word in _asked(Fields(rule), approvers)]
    if standing and any(_for_good(Fields(rule)) for rule in rules):
        asked.append(FOR_GOOD)
    ranks = {word: rank for rank, word in enumerate(_ORDER)}

    def rank(word: str) -> tuple[bool, int]:
        return word.startswith(("at most", FOR_GOOD)), ranks.get(word.partition(" by ")[0], len(_ORDER))

    return ", ".join(sorted(dict.fromkeys(asked), key=rank))


def _asked(rule: Fields, approvers: bool) -> Iterator[str]:
    """What a rule asks of who activates; nothing where it is about something else."""
    if not _about_activation(rule):
        return
    kind = (rule.text("ruleType") or rule.text("@odata.type")).lower()
    if "enablementrule" in kind:
        yield from (_WORDS.get(one.lower(), one.lower()) for one in rule.texts("enabledRules") or ())
    elif "approvalrule" in kind:
        setting = Fields(rule.object("setting")) if isinstance(rule.get("setting"), dict) else None
        if setting is not None and setting.flag("isApprovalRequired"):
            who = " and ".join(_approvers(setting)) if approvers else ""
            yield f"approval by {who}" if who else "approval"
    elif "authenticationcontextrule" in kind:
        if rule.flag("isEnabled"):
            yield "authentication_context"
    elif "expirationrule" in kind:
        longest = rule.text("maximumDuration")
        if longest and not _DURATION.fullmatch(longest):
            raise FieldError(f"maximumDuration {longest!r} is no duration")
        if longest:
            yield f"at most {longest.upper()}"


def _for_good(rule: Fields) -> bool:
    """Whether a rule lets administrators assign something actively without an end."""
    kind = (rule.text("ruleType") or rule.text("@odata.type")).lower()
    told = ("admin", "assignment")
    return "expirationrule" in kind and _target(rule) == told and rule.flag("isExpirationRequired") is False


def _approvers(setting: Fields) -> list[str]:
    """Who approves at first hand, by the names that the policy has for them, else by id."""
    found = [
        Fields(one)
        for stage in setting.objects("approvalStages") or ()
        for one in Fields(stage).objects("primaryApprovers") or ()
    ]
    named = (one.text("description") or one.text("userId") or one.text("groupId") or one.text("id") for one in found)
    return [*dict.fromkeys(one.replace(",", " ") for one in named if one)]


def _about_activation(rule: Fields) -> bool:
    """Whether a rule is about what its holder does."""
    return _target(rule) == _OF_ACTIVATION


def _target(rule: Fields) -> tuple[str, ...]:
    """Whom a rule is about, and what of theirs: by its target, or by its own name where that is not told."""
    target = rule.get("target")
    if isinstance(target, dict):
        told = tuple(Fields(target).text(name).lower() for name in ("caller", "level"))
        if all(told):
            return told
    return tuple(rule.text("id").lower().split("_")[1:])
