"""What a condition leaves of everyone: all of them, a network, a source, or named accounts and organizations.

Read off https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (what each key says and
when it is present), …/reference_policies_elements_condition_operators.html (`IfExists`, negated operators) and
…/reference_policies_condition-single-vs-multi-valued-context-keys.html (`ForAllValues` holds when the key is absent).
`fixed` follows "The meaning of public" in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, reduce
from ipaddress import ip_network
from typing import Any, NamedTuple

from .grammar import Statement, principals, texts

OPEN, UNSURE, NETWORK, SOURCE, NAMED = range(5)
"""Grades: lets everyone in; a key that is not judged; from a network; by way of a source; named callers only."""

_ANY = ("", "")
_ORGANIZATION = re.compile(r"(o-[a-z0-9]+)(/.*)?")
_USER_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{6,}(:.*)?")
_ACCOUNT = re.compile(r"\d{12}")
_OPERATOR = re.compile(r"(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?")
_OWN = ("${aws:resourceaccount}", "${aws:resourceorgid}", "${aws:resourceorgpaths}")


class Narrowing(NamedTuple):
    """Who remains of everyone.

    A grade; pairs (account, organization) of which one must hold, an empty text being any; and
    whether every value is fixed, so that S3 does not deem it public.
    """

    grade: int
    who: frozenset[tuple[str, str]] = frozenset()
    fixed: bool = False


EVERYONE = Narrowing(OPEN)
_UNJUDGED = Narrowing(UNSURE)


class Operator(NamedTuple):
    """A condition operator taken apart, in lower case."""

    over: str
    base: str
    if_exists: bool


@lru_cache(256)
def operator(text: str) -> Operator:
    """`ForAnyValue:StringLikeIfExists` is (`foranyvalue`, `stringlike`, True)."""
    match = _OPERATOR.fullmatch(text.lower())
    return Operator(match[1] or "", match[2], bool(match[3])) if match else Operator("", text.lower(), False)


def values(value: Any) -> tuple[str, ...]:
    """The values of a condition key as texts; JSON booleans are written as IAM compares them."""
    items = value if isinstance(value, list) else [value]
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)


def both(one: Narrowing, other: Narrowing) -> Narrowing:
    """Who meets two conditions."""
    fixed = one.fixed or other.fixed
    if one.grade != other.grade:
        stronger = max(one, other, key=lambda item: item.grade)
        return Narrowing(stronger.grade, stronger.who, fixed)
    if one.grade < NAMED:
        return Narrowing(one.grade, one.who | other.who, fixed)
    who = {
        (a or b, o or p)
        for a, o in one.who
        for b, p in other.who
        if (not a or not b or a == b) and (not o or not p or o == p)
    }
    return Narrowing(NAMED, frozenset(who), fixed)


def either(found: Iterable[Narrowing]) -> Narrowing:
    """Who meets one of several conditions; nobody is asked for if there are none."""
    listed = list(found)
    if not listed:
        return _UNJUDGED
    grade = min(one.grade for one in listed)
    who = frozenset().union(*(one.who for one in listed)) if grade >= NETWORK else frozenset()
    return Narrowing(grade, who, all(one.fixed for one in listed))


def narrowed(condition: dict[str, dict[str, Any]] | None) -> Narrowing:
    """Who of everyone meets a condition block."""
    if not condition:
        return EVERYONE
    found = (_judged(operator(op), key, value) for op, block in condition.items() for key, value in block.items())
    return reduce(both, found, EVERYONE)


def spared(condition: dict[str, dict[str, Any]] | None) -> Narrowing:
    """Whom a Deny of everyone under this condition does not hit."""
    return either(
        _judged_not(operator(op), key, value) for op, block in (condition or {}).items() for key, value in block.items()
    )


def remaining(allow: Statement, statements: list[Statement]) -> Narrowing:
    """Who of everyone an Allow lets in, after its condition and every Deny of the document that covers it."""
    left = narrowed(allow.Condition)
    for one in statements:
        if one.Effect != "Deny" or not _covers(one, allow):
            continue
        escaped = [spared(one.Condition)] if one.Condition else []
        if one.NotPrincipal is not None:
            escaped.append(either(_named(entry) for entry in principals(one.NotPrincipal)))
        elif not everyone(one):
            continue
        if escaped:
            left = both(left, either(escaped))
    return left


def shut(allow: Statement, statements: list[Statement]) -> bool:
    """Whether a Deny of everyone without condition takes all that an Allow gives."""
    return any(
        one.Effect == "Deny" and not one.Condition and everyone(one) and _covers(one, allow) for one in statements
    )


def everyone(one: Statement) -> bool:
    """Whether a statement speaks of everyone: Principal *, or everyone but those of NotPrincipal."""
    if one.NotPrincipal is not None:
        return one.Effect == "Allow"
    return any(entry.endswith("=*") for entry in principals(one.Principal))


def _covers(deny: Statement, allow: Statement) -> bool:
    """Whether all actions and resources of an Allow are surely among those of a Deny."""
    if deny.NotAction is not None or deny.NotResource is not None:
        return False
    return _within(allow.NotAction, texts(allow.Action), texts(deny.Action), re.I) and (
        deny.Resource is None or _within(allow.NotResource, texts(allow.Resource), texts(deny.Resource), 0)
    )


def _within(excluded: Any, given: list[str], patterns: list[str], case: int) -> bool:
    if excluded is not None:
        given = ["*"]
    forms = [re.compile(re.escape(one).replace(r"\*", ".*").replace(r"\?", "[^*]"), case | re.S) for one in patterns]
    return bool(given) and all(any(form.fullmatch(one) for form in forms) for one in given)


def _named(entry: str) -> Narrowing:
    """A principal entry as who it is."""
    kind, _, value = entry.partition("=")
    if value == "*":
        return EVERYONE
    if kind == "Service":
        return Narrowing(SOURCE, frozenset((_ANY,)))
    match = re.fullmatch(r"(?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(:.*)?", value)
    return Narrowing(NAMED, frozenset(((match[1] if match else "", ""),)))


# --- one key ----------------------------------------------------------------------------------------------------------


def _account(value: str, _: str) -> Narrowing:
    if _ACCOUNT.fullmatch(value):
        return Narrowing(NAMED, frozenset(((value, ""),)), True)
    return EVERYONE if _wild(value) or value.lower() == "anonymous" else _UNJUDGED


def _organization(value: str, _: str) -> Narrowing:
    match = _ORGANIZATION.fullmatch(value)
    if match:
        return Narrowing(NAMED, frozenset((("", match[1]),)), True)
    return EVERYONE if _wild(value) else _UNJUDGED


def _principal_arn(value: str, base: str) -> Narrowing:
    """An ARN whose account is literal; a * of a StringLike may span colons, so nothing before it may hold one."""
    parts = value.split(":", 5)
    head = ":".join(parts[:4])
    if len(parts) == 6 and _ACCOUNT.fullmatch(parts[4]) and (base.startswith("arn") or not _wild(head)):
        return Narrowing(NAMED, frozenset(((parts[4], ""),)), not _wild(value))
    return EVERYONE if _wild(value) else _UNJUDGED


def _user_id(value: str, base: str) -> Narrowing:
    """A unique id, of a role with its session; the id itself must be literal."""
    match = _USER_ID.fullmatch(value)
    if match:
        return Narrowing(NAMED, frozenset((_ANY,)), not _wild(value))
    return _account(value, base)


def _source_arn(value: str, base: str) -> Narrowing:
    """An ARN whose account, or whose whole resource, is literal: a bucket's ARN has no account."""
    parts = value.split(":", 5)
    head = ":".join(parts[:4])
    if len(parts) == 6 and (base.startswith("arn") or not _wild(head)):
        if _ACCOUNT.fullmatch(parts[4]):
            return Narrowing(SOURCE, frozenset(((parts[4], ""),)), not _wild(value))
        if not _wild(parts[5]) and not _wild(parts[2]):
            return Narrowing(SOURCE, frozenset((_ANY,)), not _wild(value))
    return EVERYONE if _wild(value) else _UNJUDGED


def _access_point(value: str, base: str) -> Narrowing:
    """As a source ARN; S3 lets the name of the access point be a wildcard if the account is fixed."""
    found = _source_arn(value, base)
    return found._replace(fixed=found.grade == SOURCE)


def _literal(grade: int) -> Callable[[str, str], Narrowing]:
    return lambda value, _: EVERYONE if _wild(value) else Narrowing(grade, frozenset((_ANY,)), True)


def _network(value: str, _: str) -> Narrowing:
    """A range of addresses; wider than /8 (IPv6: /32) is the whole internet, as S3 sees it."""
    try:
        found = ip_network(value, strict=False)
    except ValueError:
        return _UNJUDGED
    wide = found.prefixlen < (8 if found.version == 4 else 32)
    return EVERYONE if wide else Narrowing(NETWORK, frozenset((_ANY,)), True)


def _true(grade: int) -> Callable[[str, str], Narrowing]:
    return lambda value, _: Narrowing(grade, frozenset((_ANY,)), True) if value.lower() == "true" else EVERYONE


def _source(grader: Callable[[str, str], Narrowing]) -> Callable[[str, str], Narrowing]:
    def graded(value: str, base: str) -> Narrowing:
        found = grader(value, base)
        return found._replace(grade=SOURCE) if found.grade == NAMED else found

    return graded


_KEYS: dict[str, Callable[[str, str], Narrowing]] = {
    "aws:principalaccount": _account,
    "kms:calleraccount": _account,
    "aws:principalorgid": _organization,
    "aws:principalorgpaths": _organization,
    "aws:principalarn": _principal_arn,
    "aws:federatedprovider": _principal_arn,
    "aws:userid": _user_id,
    "aws:sourceaccount": _source(_account),
    "aws:sourceowner": _source(_account),
    "s3:dataaccesspointaccount": _source(_account),
    "aws:vpceaccount": _source(_account),
    "aws:sourceorgid": _source(_organization),
    "aws:sourceorgpaths": _source(_organization),
    "aws:vpceorgid": _source(_organization),
    "aws:vpceorgpaths": _source(_organization),
    "aws:sourcearn": _source_arn,
    "s3:dataaccesspointarn": _access_point,
    "aws:principalservicename": _literal(SOURCE),
    "aws:principalservicenameslist": _literal(SOURCE),
    "aws:principalisawsservice": _true(SOURCE),
    "aws:sourcevpc": _literal(NETWORK),
    "aws:sourcevpce": _literal(NETWORK),
    "aws:sourceip": _network,
    "elasticfilesystem:accessedviamounttarget": _true(NETWORK),
    "s3:x-amz-server-side-encryption-aws-kms-key-id": _literal(UNSURE),
}
_ALWAYS = frozenset(("aws:principalaccount", "kms:calleraccount"))
"""Keys that every request has, an anonymous one too: `IfExists` changes nothing."""

_ANYBODY = frozenset(
    (
        "aws:securetransport", "aws:referer", "aws:useragent", "aws:multifactorauthpresent", "aws:multifactorauthage",
        "aws:tagkeys", "aws:principaltype", "aws:username", "aws:requestedregion", "aws:resourceaccount",
        "aws:resourceorgid", "aws:resourceorgpaths", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast",
        "aws:sourceidentity", "aws:vpcsourceip", "kms:viaservice", "lambda:functionurlauthtype",
        "lambda:invokedviafunctionurl", "s3:prefix", "s3:delimiter", "s3:max-keys", "s3:versionid", "s3:x-amz-acl",
        "s3:x-amz-server-side-encryption", "s3:x-amz-storage-class", "s3:authtype", "s3:signatureversion",
        "s3:signatureage", "s3:tlsversion", "s3:resourceaccount",
    )
)  # fmt: skip
"""Keys that a stranger meets at will, or that speak of what is asked for and not of who asks."""

_ANYBODY_PREFIXES = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "s3:existingobjecttag/")
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}


def _judged(op: Operator, key: str, value: Any) -> Narrowing:
    """Who of everyone makes one operator hold."""
    lower = key.lower()
    if op.base == "null" or "not" in op.base or op.over == "forallvalues":
        return EVERYONE
    if lower in _ANYBODY or lower.startswith(_ANYBODY_PREFIXES):
        return EVERYONE
    grader = _KEYS.get(lower)
    if grader is None:
        return _UNJUDGED
    if op.if_exists and lower not in _ALWAYS:
        return EVERYONE
    return either(_valued(grader, item, op.base) for item in values(value))


def _judged_not(op: Operator, key: str, value: Any) -> Narrowing:
    """Who of everyone makes one operator of a Deny fail."""
    lower, positive = key.lower(), _NEGATED.get(op.base)
    if op.base == "bool" and op.if_exists:
        flipped = ["false" if item.lower() == "true" else "true" for item in values(value)]
        return _judged(Operator("", "bool", False), key, flipped)
    if positive is None or (op.over == "foranyvalue" and lower not in _ALWAYS):
        return EVERYONE
    return _judged(Operator("", positive, False), key, value)


def _valued(grader: Callable[[str, str], Narrowing], value: str, base: str) -> Narrowing:
    if "${" in value:
        return Narrowing(NAMED, frozenset((_ANY,))) if value.lower() in _OWN else _UNJUDGED
    return grader(value, base)


def _wild(value: str) -> bool:
    return "*" in value or "?" in value
