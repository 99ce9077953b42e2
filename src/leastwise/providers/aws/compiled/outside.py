"""Who is outside: whom a policy names besides the users and roles of the estate, and what no outsider can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import translate

from leastwise.engine.formula import Formula, all_of, negate
from leastwise.model.exposure import Inside

from ..evaluate.arn import parse_arn, spans
from ..evaluate.facts import Facts
from ..evaluate.operators import condition
from ..evaluate.policy import Statement, Subject, Test
from ..evaluate.principals import ANY_ACCOUNT, Principal, parse_principal
from ..evaluate.principals import ANY_SERVICE as SOME_SERVICE
from .access import AwsAccess

_ACCOUNTS = ("aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:sourceowner")
"""Keys whose value is an account: of the caller, or of whom a service acts for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html (aws:SourceOwner, in default policies)
"""
_ORGANIZATIONS = ("aws:principalorgid", "aws:sourceorgid")
_PATHS = ("aws:principalorgpaths", "aws:sourceorgpaths")
_ARNS = ("aws:principalarn", "aws:sourcearn")
_USER_ID = "aws:userid"
PINS = frozenset((*_ACCOUNTS, *_ORGANIZATIONS, *_PATHS, *_ARNS, _USER_ID))
"""Keys by which a condition can keep everybody outside away."""
_OPERATOR = re.compile(
    r"(?:(ForAnyValue|ForAllValues):)?(String|Arn)(?:Not)?(Equals|Like)(IgnoreCase)?(?:IfExists)?", re.I
)
ANY_SERVICE = Principal("service", SOME_SERVICE)
"""Some service of AWS; those who let everybody in let services in as well."""
_ANYBODY = (Principal("anonymous", "*"), Principal("account", ANY_ACCOUNT))
Pin = tuple[str, str, tuple[str, ...]]
"""Operator, key and values that no outsider has."""
SIGNED: Pin = ("StringEquals", "aws:principaltype", ("Anonymous",))
"""What nobody of an account is, outside or not."""


def let_in(access: AwsAccess, statement: Statement) -> Iterator[Principal]:
    """The principals outside the estate that an Allow on the resource's side names; some may come twice."""
    if statement.not_principals is not None:
        yield from _ANYBODY
    for subject in statement.principals or ():
        yield from outsiders(access, subject)


def outsiders(access: AwsAccess, subject: Subject) -> Sequence[Principal]:
    """The principals outside the estate that one entry of Principal stands for."""
    if subject.type == "*":
        return _ANYBODY
    if subject.type == "Service":
        return (Principal("service", subject.value),)
    if subject.type == "Federated":
        return (Principal("federated", subject.value),)
    if subject.type == "CanonicalUser":
        return (Principal("account", subject.value, aliases=frozenset({subject.value})),)
    if subject.type != "AWS" or access.number_of(subject.value) is not None:
        return ()
    parsed = parse_principal(subject.value, partition=access.partition(subject.value))
    if parsed is not None and parsed.kind == "root":
        parsed = None if parsed.account in access.accounts else replace(parsed, kind="account")
    return () if parsed is None else (parsed,)


class Zone:
    """What is ours, as far as conditions can ask for it.

    Args:
        access: the estate.
        inside: our accounts and organizations.
    """

    def __init__(self, access: AwsAccess, inside: Inside) -> None:
        self._access, self.inside = access, inside

    def pins(self, statements: Iterable[Statement], account: str) -> tuple[Pin, ...]:
        """What no outsider can have of the keys that statements on a resource of an account ask for."""
        found: dict[tuple[str, str], set[str]] = {}
        asked: set[str] = set()
        quantified: set[str] = set()
        for test in (test for statement in statements for test in statement.tests):
            key, operator = test.key.lower(), _OPERATOR.fullmatch(test.operator)
            asked.add(key)
            if key not in PINS or operator is None:
                continue
            if operator[1]:
                quantified.add(key)
            plain = f"{operator[2]}{operator[3]}{operator[4] or ''}"
            for value in self._ours(key, test.values, account):
                found.setdefault((key, _strict(plain, value)), set()).add(value)
        pins = [SIGNED] if SIGNED[1] in asked else []
        for (key, plain), values in sorted(found.items()):
            # Where a key can have several values, one of ours makes it an insider's.
            many = "ForAnyValue:" if key in _PATHS or key in quantified else ""
            pins.append((f"{many}{plain}", key, tuple(sorted(values))))
        return tuple(pins)

    def _ours(self, key: str, values: Sequence[str], account: str) -> Iterator[str]:
        """Values of a key that are ours, among those that a test asks for and those that variables may stand for."""
        if key in _ACCOUNTS:
            yield from _among(values, self.inside.accounts)
            if account in self.inside.accounts:
                yield account
        elif key in _ORGANIZATIONS:
            yield from self.inside.organizations
        elif key in _PATHS:
            # Exact comparisons name whole paths; those of ours begin with our organization.
            yield from (one for one in values if one.split("/")[0] in self.inside.organizations)
        elif key in _ARNS:
            yield from (one for value in values for one in self._arns(value))
        else:
            yield from (value for value in values if self._is_user_id(value.partition(":")[0]))

    def _arns(self, value: str) -> Iterator[str]:
        """An ARN of a test, narrowed to our accounts."""
        arn = parse_arn(value)
        if arn is None:
            return
        if arn.service == "s3" and not arn.account.strip("*"):
            # Buckets tell no account: those of the estate are known to be ours.
            if self._access.estate.thing(f"arn:{arn.partition}:s3:::{arn.resource.partition('/')[0]}") is not None:
                yield value
        elif arn.account.strip("*"):
            head = value.split(":", 5)[:4]
            yield from (":".join((*head, one, arn.resource)) for one in _among((arn.account,), self.inside.accounts))

    def _is_user_id(self, unique: str) -> bool:
        return unique in self.inside.accounts or (bool(unique) and self._access.number_of(unique) is not None)


def _strict(operator: str, value: str) -> str:
    """The operator under which a value names insiders alone: a wildcard of StringLike would span the account."""
    head = value.split(":", 5)[:4] if value.startswith("arn:") else ()
    return "ArnLike" if operator.lower() == "stringlike" and any(spans(field) for field in head) else operator


def _among(values: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    """The ids that values name, by wildcards too."""
    for value in values:
        if value in known:
            yield value
        elif "*" in value or "?" in value:
            matches: Callable[[str], object] = re.compile(translate(value.replace("[", "[[]"))).match
            yield from (one for one in known if matches(one))


def beyond(pins: Sequence[Pin], facts: Facts) -> Formula:
    """That the requester, and whom it acts for, is none of ours, as far as the pins can tell."""
    return all_of(negate(condition(Test(*pin), facts, variables=False)) for pin in pins)


def kind_of(principal: Principal) -> str:
    """The neutral kind of an outsider."""
    if principal.kind == "anonymous":
        return "everyone"
    if principal.kind != "account":
        return principal.kind
    if principal.id == ANY_ACCOUNT:
        return "any_account"
    if principal.account == "cloudfront":
        return "origin_access_identity"
    return "canonical_user" if principal.aliases else "account"
