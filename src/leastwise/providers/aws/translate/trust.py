"""Role trust policies: who may become the role, one row a subject.

Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and, for GitHub's
subject claims, the federated condition keys of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .grammar import Statement, principals, texts

_ARN = re.compile(r"arn:[a-z-]+:(?:iam|sts)::(\d{12}):(root$|.+)")
_ACCOUNT = re.compile(r"\d{12}")
_LIMITING = frozenset(
    (
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:userid",
    )
)
_SUBJECT_CLAIMS = ("sub", "repository", "repository_owner", "repository_id", "repository_owner_id", "job_workflow_ref")
_POSITIVE = re.compile(
    r"(?:ForAnyValue:|ForAllValues:)?(?:String(?:Equals|Like|EqualsIgnoreCase)|Arn(?:Equals|Like))", re.I
)


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


def subjects(statements: list[Statement]) -> list[Subject]:
    """Every subject that a trust policy's statements name, in order; NotPrincipal counts as anyone."""
    found = []
    for position, one in enumerate(statements):
        patterns, audiences, external, limited = _read_condition(one.Condition or {})
        named = principals(one.Principal) or (["*=*"] if one.NotPrincipal is not None else [])
        actions = tuple(texts(one.Action))
        for entry in named:
            kind, subject, account = classify(entry)
            found.append(
                Subject(
                    one.Effect,
                    kind,
                    subject,
                    account,
                    patterns if kind in ("oidc", "saml") else (),
                    audiences if kind in ("oidc", "saml") else (),
                    actions,
                    external,
                    limited,
                    bool(one.Condition),
                    position,
                )
            )
    return found


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


def values(value: Any) -> tuple[str, ...]:
    """The values of a condition key as texts; JSON booleans are written as IAM compares them."""
    items = value if isinstance(value, list) else [value]
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)


def _read_condition(condition: dict[str, dict[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...], bool, bool]:
    patterns: list[str] = []
    audiences: list[str] = []
    external = limited = False
    for operator, block in condition.items():
        if not _POSITIVE.fullmatch(operator):
            continue
        for key, value in block.items():
            given, lower = values(value), key.lower()
            claim = lower.rpartition(":")[2]
            if lower == "sts:externalid":
                external = external or not any(set(item) <= {"*", "?"} for item in given)
            elif lower in _LIMITING or lower.startswith("aws:principaltag/"):
                limited = limited or not any(set(item) <= {"*", "?"} for item in given)
            elif claim in _SUBJECT_CLAIMS:
                patterns.extend(given if claim == "sub" else (f"{claim}={item}" for item in given))
            elif claim == "aud":
                audiences.extend(given)
    return tuple(patterns), tuple(audiences), external, limited
