"""Whom a condition lets in: the accounts and organizations of which one must hold whoever meets it."""

from __future__ import annotations

import re

from leastwise.model.decision import Confined, Needed, Residual

from ..evaluate.arn import parse_arn, spans
from ..evaluate.variables import has_variables

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
        values = {_account(one.operator, value) for value in one.values}
    else:
        return None
    if any(not value or spans(value) or has_variables(value) for value in values):
        return None
    whole = key in _ORGANIZATIONS or key in _PATHS
    return Confined(frozenset(), frozenset(values)) if whole else Confined(frozenset(values), frozenset())


def _account(operator: str, value: str) -> str:
    """The account that every ARN has that a value takes in; empty where it may be any.

    Only ARN operators compare field by field: a wildcard of StringLike spans `:`, and what an ARN ends with may hold
    one, so that an account behind it need not stand in the field of the account.
    """
    arn = parse_arn(value)
    if arn is None:
        return ""
    before = f"{arn.partition} {arn.service} {arn.region}"
    texts = not operator.lower().rpartition(":")[2].startswith("arn")
    return "" if has_variables(before) or (texts and spans(before)) else arn.account
