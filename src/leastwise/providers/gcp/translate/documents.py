"""Documents, interned by content, with their statements."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from leastwise.providers.gcp.language.members import parse_member
from leastwise.providers.rows import Facts

from .reading import Object, member, objects, text, texts

_ENCODER = msgspec.json.Encoder(order="deterministic")
WITHOUT_CONDITION = "_withcond_"
"""What stands in a role's name where a policy was asked for in a version without conditions.

https://cloud.google.com/iam/docs/policies#versions
"""
_MOST_ACTIONS = 20
"""So many stand beside every grant of a role; of more, only their number: Owner has thousands."""
UNREAD_CONDITION = '{"unread":true}'
"""The condition of a binding whose condition was not read."""


def canonical(value: Any) -> str:
    """A JSON value with sorted keys and no spaces."""
    return _ENCODER.encode(value).decode()


@dataclass(frozen=True, slots=True)
class Statement:
    """One binding or rule; see the table statements."""

    effect: str
    actions: Sequence[str] = ()
    principals: Sequence[str] = ()
    condition: str | None = None
    not_actions: Sequence[str] = ()
    not_principals: Sequence[str] = ()
    resources: Sequence[str] = ()
    sid: str | None = None


class Documents:
    """The documents of a snapshot, in the order in which they came first."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._rows: dict[str, int] = {}
        self.statements: list[Sequence[Statement]] = []

    def intern(
        self,
        value: Any,
        statements: Sequence[Statement],
        unsupported: str | None = None,
        flags: Mapping[str, bool | None] | None = None,
    ) -> int:
        """The row of a document; `flags` are columns of the table documents that hold of it."""
        content = _ENCODER.encode(value)
        key = hashlib.sha256(content).hexdigest()
        known = self._rows.get(key)
        if known is not None:
            return known
        row = self._rows[key] = len(self._rows)
        self.statements.append(statements)
        actions = dict.fromkeys(action for one in statements if one.effect == "Allow" for action in one.actions)
        self._facts.documents.add(
            hash=key, text=content, unsupported=unsupported, statements=len(statements),
            actions=list(actions) if len(actions) <= _MOST_ACTIONS else [f"{len(actions)} permissions"],
            **(flags or {}),
        )  # fmt: skip
        for position, one in enumerate(statements):
            self._facts.statements.add(
                document=row, position=position, sid=one.sid, effect=one.effect, actions=list(one.actions),
                not_actions=list(one.not_actions), resources=list(one.resources), principals=list(one.principals),
                not_principals=list(one.not_principals), condition=one.condition,
            )  # fmt: skip
        return row


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
