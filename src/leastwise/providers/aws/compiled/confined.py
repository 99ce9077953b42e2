"""Whom a condition lets in: the accounts and organizations of which one must hold whoever meets it."""

from __future__ import annotations

import re

from leastwise.model.decision import Confined, Needed, Residual

from ..evaluate.arn import parse_arn, spans

_ORGANIZATIONS = ("aws:principalorgid", "aws:sourceorgid")
_PATHS = ("aws:principalorgpaths", "aws:sourceorgpaths")
_ACCOUNTS = ("aws:principalaccount", "kms:calleraccount", "aws:sourceaccount")
_ARNS = ("aws:principalarn", "aws:sourcearn")
_POSITIVE = re.compile(
    r"(?:ForAnyValue:)?(?:String(?:Equals|EqualsIgnoreCase|Like)|Arn(?:Equals|Like))\Z", re.IGNORECASE
)
"""Operators that hold only where the key has one of the values: with IfExists or ForAllValues also where it has none.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""


def confined(residual: Residual | None) -> Confined | None:
    """The accounts and organizations that the alternatives name, or None where one of them names none."""
    if not residual:
        return None
    accounts: set[str] = set()
    organizations: set[str] = set()
    for clause in residual:
        found = next((one for one in map(_named, clause) if one is not None), None)
        if found is None:
            return None
        accounts |= found.accounts
        organizations |= found.organizations
    return Confined(frozenset(accounts), frozenset(organizations))


def _named(one: Needed) -> Confined | None:
    """What one condition names; None where it does not tell of accounts or organizations."""
    if one.negated or not one.values or _POSITIVE.match(one.operator) is None:
        return None
    key = one.key.lower()
    if key in _ORGANIZATIONS:
        values = set(one.values)
    elif key in _PATHS:
        values = {value.partition("/")[0] for value in one.values}
    elif key in _ACCOUNTS:
        values = set(one.values)
    elif key in _ARNS:
        values = {arn.account if (arn := parse_arn(value)) is not None else "" for value in one.values}
    else:
        return None
    if any(not value or spans(value) for value in values):
        return None
    whole = key in _ORGANIZATIONS or key in _PATHS
    return Confined(frozenset(), frozenset(values)) if whole else Confined(frozenset(values), frozenset())
