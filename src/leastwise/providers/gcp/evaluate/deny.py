"""What deny policies forbid: those attached to the project, folders and organization above a resource.

Every rule is judged on its own: an exception of one does not rescue from another.
https://cloud.google.com/iam/docs/deny-overview
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap
from leastwise.providers.conditions import ConditionError

from ..language.cel import parse_condition
from ..language.names import PermissionPattern, permission_pattern
from ..language.policies import DenyPolicy, DenyRule
from .allow import access_policies
from .conditions import judge
from .membership import any_includes
from .request import DenyFacts, Request


@dataclass(frozen=True, slots=True)
class Denial:
    """What one rule makes of a request.

    Args:
        policy: the deny policy.
        rule: the rule.
        placed: whether the policy is attached above the resource.
        permission: whether the rule names the permission, and does not except it.
        principal: whether it names the caller.
        excepted: whether it excepts the caller.
        condition: whether its condition lets it apply.
    """

    policy: DenyPolicy
    rule: DenyRule
    placed: Formula
    permission: Formula
    principal: Formula
    excepted: Formula
    condition: Formula

    @property
    def formula(self) -> Formula:
        """When the rule applies."""
        return all_of((self.placed, self.permission, self.principal, negate(self.excepted), self.condition))


@dataclass(frozen=True, slots=True)
class Deny:
    """What all rules make of a request."""

    denials: tuple[Denial, ...]
    unread: tuple[str, ...] = ()

    @property
    def formula(self) -> Formula:
        """When one of them applies."""
        gaps = (Literal(Gap(one, denies=True)) for one in self.unread)
        return any_of((*(one.formula for one in self.denials), *gaps))


def deny(asked: Request) -> Deny:
    """What the deny policies above the resource make of a request."""
    return Deny(tuple(_denials(asked)), unread(asked))


def unread(asked: Request) -> tuple[str, ...]:
    """What may deny and was not read, of what is, or may be, above the resource."""
    lying = (named for attached, named in asked.estate.unread.items() if asked.chain.holds(attached) is not False)
    return (*access_policies(asked), *(one for named in lying for one in named))


def _denials(asked: Request) -> Iterator[Denial]:
    for one in rules(asked):
        if one.permission is False:
            yield replace(one, principal=False, condition=False)
            continue
        principal = any_includes(one.rule.principals, asked)
        yield replace(one, principal=principal, excepted=any_includes(one.rule.exceptions, asked))


def rules(asked: Request) -> Iterator[Denial]:
    """The rules above the resource as they act on somebody whom they name and do not except."""
    for attached, policies in asked.estate.denies.items():
        held = asked.chain.holds(attached)
        if held is False:
            continue
        placed: Formula = True if held else Literal(Gap(f"whether {asked.resource} lies in {attached}"))
        for policy in policies:
            for rule in policy.rules:
                permission = names(asked, rule)
                condition = applies(asked, policy, rule) if permission is not False else False
                yield Denial(policy, rule, placed, permission, True, False, condition)


def names(asked: Request, rule: DenyRule) -> Formula:
    """Whether a rule names the permission and does not except it.

    https://cloud.google.com/iam/docs/deny-overview#permission-groups
    """
    return all_of((_taken(asked, rule.permissions), negate(_taken(asked, rule.excepted))))


def _taken(asked: Request, listed: tuple[str, ...]) -> Formula:
    found: list[Formula] = []
    for text in listed:
        pattern = permission_pattern(text)
        # A group of another form than the three documented ones may take in what it seems to.
        unknown = pattern is None and text.partition("/")[0] in (asked.service, text)
        found.append(Literal(Gap(f"what permissions {text} is")) if unknown else _takes(pattern, asked.permission))
    return any_of(found)


def _takes(pattern: object, permission: str) -> bool:
    return isinstance(pattern, PermissionPattern) and pattern.takes(permission)


def applies(asked: Request, policy: DenyPolicy, rule: DenyRule) -> Formula:
    """Whether a rule's condition lets it apply: also where it cannot be evaluated (decision 0026)."""
    if rule.condition is None:
        return True
    try:
        return negate(judge(parse_condition(rule.condition), DenyFacts(asked)).false)
    except ConditionError as error:
        return Literal(Gap(f"the condition of rule {rule.position + 1} of {policy.name}, which {error}"))
