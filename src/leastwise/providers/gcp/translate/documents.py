"""The statements of the vendor's documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leastwise.providers.gcp.language.members import parse_member
from leastwise.providers.interned import Documents, Statement, canonical
from leastwise.providers.members import Object

from .reading import member, objects, text, texts

__all__ = ["Documents", "Statement", "canonical"]

WITHOUT_CONDITION = "_withcond_"
"""What stands in a role's name where a policy was asked for in a version without conditions.

https://cloud.google.com/iam/docs/policies#versions
"""
UNREAD_CONDITION = '{"unread":true}'
"""The condition of a binding whose condition was not read."""


def bindings_of(policy: Object) -> list[Statement]:
    """The bindings of an allow policy, a statement each."""
    return [
        Statement("Allow", [role.partition(WITHOUT_CONDITION)[0]], ids(texts(one, "members")), condition_of(one, role))
        for one in objects(policy, "bindings")
        for role in [text(one, "role")]
    ]


def ids(members: Sequence[str]) -> list[str]:
    """The ids of whom member strings name: the one spelling of each (`principals.id`)."""
    return [parse_member(one).text for one in members]


def condition_of(binding: Object, role: str) -> str | None:
    """The condition of a binding as canonical JSON, None where it has none; see `UNREAD_CONDITION`."""
    condition = member(binding, "condition")
    if isinstance(condition, Mapping) and condition:
        return canonical(condition)
    return UNREAD_CONDITION if WITHOUT_CONDITION in role else None


def deny_rules(policy: Object) -> list[Statement]:
    """The rules of a deny policy (IAM v2), a statement each."""
    found = []
    for one in objects(policy, "rules"):
        rule = member(one, "denyRule")
        if isinstance(rule, Mapping):
            condition = member(rule, "denialCondition")
            found.append(
                Statement(
                    "Deny", texts(rule, "deniedPermissions"), ids(texts(rule, "deniedPrincipals")),
                    canonical(condition) if isinstance(condition, Mapping) and condition else None,
                    texts(rule, "exceptionPermissions"), ids(texts(rule, "exceptionPrincipals")),
                )
            )  # fmt: skip
    return found


def boundary_rules(policy: Object) -> list[Statement]:
    """The rules of a principal access boundary policy (IAM v3), a statement each."""
    return [
        Statement("Allow" if text(one, "effect") in ("ALLOW", "") else text(one, "effect").title(),
                  resources=texts(one, "resources"), sid=text(one, "description") or None)
        for one in objects(policy, "details", "rules")
    ]  # fmt: skip


def entitlement_bindings(entitlement: Object) -> list[Statement]:
    """What an entitlement of Privileged Access Manager offers, and to whom: a statement a role."""
    eligible = [id for one in objects(entitlement, "eligibleUsers") for id in ids(texts(one, "principals"))]
    found = []
    for one in objects(entitlement, "privilegedAccess", "gcpIamAccess", "roleBindings"):
        expression = text(one, "conditionExpression")
        condition = canonical({"expression": expression}) if expression else None
        found.append(Statement("Allow", [text(one, "role")], eligible, condition))
    return found
