"""Role trust policies: who may become the role, one row a subject.

Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html; what conditions
leave of the subjects is worked out in `narrowing` and, for identity providers, in `web_identity`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from .grammar import Statement, principals, texts
from .narrowing import EVERYONE, NAMED, NETWORK, SOURCE, Narrowing, narrowed, operator, remaining, shut, values
from .web_identity import WORDS, federated

_ARN = re.compile(r"arn:[a-z-]+:(?:iam|sts)::(\d{12}):(root$|.+)")
_ACCOUNT = re.compile(r"\d{12}")
_ASSUMES = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
_ANYONE, _WIDE, _NARROW = WORDS
_BY_NAME = frozenset(("service", "account", "principal", "canonical"))
_STATED = frozenset(("stringequals", "stringlike", "stringequalsignorecase", "numericequals"))


class Subject(NamedTuple):
    """One subject of one statement; the fields are the columns of the trusts table."""

    effect: str
    kind: str
    subject: str
    account: str | None
    patterns: tuple[str, ...]
    audiences: tuple[str, ...]
    actions: tuple[str, ...]
    external_id: bool
    limited: bool
    conditional: bool
    position: int
    organizations: tuple[str, ...] = ()
    reach: str = _NARROW


def subjects(statements: list[Statement]) -> list[Subject]:
    """Every subject that a trust policy's statements let in or deny, in order; NotPrincipal counts as anyone.

    A statement that allows only tags or a source identity (sts:TagSession, sts:SetSourceIdentity) lets nobody in:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html.
    """
    found: list[Subject] = []
    denied = any(one.Effect == "Deny" for one in statements)
    for position, one in enumerate(statements):
        assuming = _assuming(one)
        if not assuming:
            continue
        named = principals(one.Principal) or (["*=*"] if one.NotPrincipal is not None else [])
        if one.Effect == "Allow" and denied:
            asked = msgspec.structs.replace(one, Action=assuming, NotAction=None)
            if shut(asked, statements):
                continue
            left = remaining(asked, statements)
        else:
            left = narrowed(one.Condition)
        for entry in named:
            found.extend(_subjects_of(one, entry, left, position))
    return found


def _assuming(one: Statement) -> list[str]:
    """The actions of a statement by which a role is assumed; with NotAction, those that it leaves."""
    if one.NotAction is not None:
        left_out = [_form(pattern) for pattern in texts(one.NotAction)]
        return [name for name in _ASSUMES if not any(form.fullmatch(name) for form in left_out)]
    return [pattern for pattern in texts(one.Action) if _lets_assume(pattern)]


@lru_cache(256)
def _lets_assume(pattern: str) -> bool:
    return any(_form(pattern).fullmatch(name) for name in _ASSUMES)


@lru_cache(256)
def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.I)


def _subjects_of(one: Statement, entry: str, left: Narrowing, position: int) -> list[Subject]:
    """The subjects that one principal entry stands for, by what the conditions leave of everyone."""
    kind, subject, account = classify(entry)
    if not one.Condition and left is EVERYONE and kind in _BY_NAME:
        actions = tuple(texts(one.Action))
        return [Subject(one.Effect, kind, subject, account, (), (), actions, False, False, False, position)]
    condition = one.Condition or {}
    plain = Subject(
        one.Effect, kind, subject, account, (), (), tuple(texts(one.Action)), _external_id(condition),
        left.grade >= SOURCE, bool(condition), position,
    )  # fmt: skip
    if kind in ("oidc", "saml"):
        told = federated(subject, condition)
        reach = WORDS[told.reach] if kind == "oidc" and not plain.limited else _NARROW
        if reach == _ANYONE and left.grade == NETWORK:
            reach = _WIDE
        return [plain._replace(patterns=told.patterns, audiences=told.audiences, reach=reach)]
    if kind != "anyone":
        return [plain._replace(organizations=_organizations(left, account))]
    if one.Effect != "Allow" or left.grade != NAMED:
        reach = _NARROW if plain.limited else _WIDE if left.grade == NETWORK else _ANYONE
        return [plain._replace(reach=reach)]
    return [plain._replace(**values) for values in _expanded(left)]


def _expanded(left: Narrowing) -> list[dict[str, Any]]:
    """Everyone narrowed to names: a subject an account, one for all organizations, one for what has no name here."""
    by_account: dict[str, list[str]] = {}
    for account, organization in sorted(left.who):
        by_account.setdefault(account, []).append(organization)
    found: list[dict[str, Any]] = []
    for account, organizations in by_account.items():
        if account:
            within = () if "" in organizations else tuple(organizations)
            found.append({"kind": "account", "subject": account, "account": account, "organizations": within})
            continue
        if "" in organizations:
            found.append({})
        if any(organizations):
            found.append({"organizations": tuple(name for name in organizations if name)})
    return found or [{}]


def _organizations(left: Narrowing, account: str | None) -> tuple[str, ...]:
    """The organizations of which one must hold a named subject; empty when it need not be in any."""
    if left.grade != NAMED:
        return ()
    within = sorted({name for holder, name in left.who if holder in ("", account)})
    return () if "" in within else tuple(within)


def _external_id(condition: dict[str, dict[str, Any]]) -> bool:
    """Whether an external id must be given: `IfExists` and `ForAllValues` hold without one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    for text, block in condition.items():
        op = operator(text)
        if op.base not in _STATED or op.if_exists or op.over == "forallvalues":
            continue
        for key, value in block.items():
            if key.lower() == "sts:externalid" and not any(set(item) <= {"*", "?"} for item in values(value)):
                return True
    return False


@lru_cache(1 << 14)
def classify(entry: str) -> tuple[str, str, str | None]:
    """(subject kind, subject, account or None) of a principal entry `TYPE=value`."""
    kind, _, value = entry.partition("=")
    if value == "*":
        return "anyone", "*", None
    if kind == "Service":
        return "service", value, None
    if kind == "CanonicalUser":
        return "canonical", value, None
    match = _ARN.fullmatch(value)
    account = match[1] if match else None
    if kind == "Federated":
        return ("saml" if ":saml-provider/" in value else "oidc"), value, account
    if match and match[2] == "root":
        return "account", match[1], match[1]
    if _ACCOUNT.fullmatch(value):
        return "account", value, value
    return "principal", value, account
