"""Whether somebody who can write some attributes of himself gets into a group by its rule, whatever he is besides.

Texts are compared without case. Attributes that he cannot write have values that are not known here.
https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership
https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from .memberships import Comparison, MembershipRule

BASIC, PROFILE, INVITED = "basic", "profile", "invited"
_BASIC = (
    "city", "companyname", "country", "department", "displayname", "employeeid", "facsimiletelephonenumber",
    "givenname", "jobtitle", "mobile", "physicaldeliveryofficename", "postalcode", "preferredlanguage", "state",
    "streetaddress", "surname", "telephonenumber", *(f"extensionattribute{one}" for one in range(1, 16)),
)  # fmt: skip
WRITTEN: Mapping[str, frozenset[str]] = {
    BASIC: frozenset(f"user.{one}" for one in _BASIC),
    PROFILE: frozenset(f"user.{one}" for one in (*_BASIC, "userprincipalname", "usagelocation")),
    INVITED: frozenset({"user.displayname"}),
}
"""What can be written, by a word: who updates basic properties; who updates names and locations besides; who invites
a guest, and chooses how he is called.
"""
FIXED: Mapping[str, Mapping[str, str]] = {INVITED: {"user.usertype": "Guest"}}
"""What is known of somebody besides: https://learn.microsoft.com/entra/external-id/user-properties"""
_FINITE = ("eq", "ne", "in", "notin")
_MOST = 4096
"""So many combinations of values are tried."""
_ANOTHER = "\N{INVERTED QUESTION MARK}"
"""A text that no rule names."""
_PIECE = re.compile(r"\(|\)|\w+")
_Value = str | None


def joins(rule: MembershipRule, word: str) -> bool | None:
    """Whether he can be in the group: surely, perhaps (None), or by no value that he can write."""
    written, fixed = WRITTEN[word], FIXED.get(word, {})
    options: dict[str, Sequence[_Value]] = {name: [value] for name, value in fixed.items()}
    for name in rule.attributes:
        if name in written:
            options[name] = _values([one for one in rule.comparisons if one.reads == name])
    if prod(map(len, options.values())) > _MOST:
        return None
    found = _best(rule, options)
    if found is not False:
        return found
    # Of parts of texts not every combination is tried: what is not met for want of one may be met.
    parts = {one.reads for one in rule.comparisons if one.operator not in _FINITE}
    return _best(rule, {name: values for name, values in options.items() if name in fixed or name not in parts})


def _best(rule: MembershipRule, options: Mapping[str, Sequence[_Value]]) -> bool | None:
    """What a rule says at best, by values of some attributes; the others are not known."""
    best: bool | None = False
    for values in product(*options.values()):
        told = dict(zip(options, values, strict=True))
        found = _decided(rule, [_compared(one, told) for one in rule.comparisons])
        if found:
            return True
        best = None if found is None else best
    return best


def _values(several: Sequence[Comparison]) -> list[_Value]:
    """Values of one attribute among which is one for each thing that some comparisons can say of it together."""
    parts: dict[str, str] = {"startswith": "", "contains": "", "endswith": ""}
    found: dict[_Value, None] = {_ANOTHER: None, None: None}
    for one in several:
        found |= dict.fromkeys(one.values)
        if one.operator in parts and one.values and one.values[0]:
            parts[one.operator] += one.values[0]
    found[f"{parts['startswith']}{parts['contains']}{parts['endswith']}" or _ANOTHER] = None
    return list(found)


def _compared(one: Comparison, told: Mapping[str, _Value]) -> bool | None:
    """What a comparison says of values that are known; None where they are not, or the operator reads more of them."""
    if one.reads not in told or not one.values:
        return None
    negated = one.operator.startswith("not") or one.operator == "ne"
    operator = "eq" if one.operator == "ne" else one.operator.removeprefix("not")
    holds = _holds(told[one.reads], operator, one.values)
    return None if holds is None else holds is not negated


def _holds(value: _Value, operator: str, others: Sequence[_Value]) -> bool | None:
    mine, theirs = _folded(value), [_folded(one) for one in others]
    if operator in ("eq", "in"):
        return mine in theirs
    if operator not in ("startswith", "endswith", "contains"):
        return None
    other = theirs[0]
    if mine is None or other is None:
        return False
    if operator == "contains":
        return other in mine
    return mine.startswith(other) if operator == "startswith" else mine.endswith(other)


def _folded(value: _Value) -> _Value:
    """An empty text is none."""
    return value.lower() if value else None


def _decided(rule: MembershipRule, told: Sequence[bool | None]) -> bool | None:
    """What the whole rule says; None where that depends on what is not known."""
    pieces: list[str] = _PIECE.findall(rule.form)[::-1]

    def whole() -> bool | None:
        piece = pieces.pop()
        if piece == "not":
            inner = whole()
            return None if inner is None else not inner
        if piece != "(":
            return told[int(piece)]
        left, word, right = whole(), pieces.pop(), whole()
        pieces.pop()
        # What settles it: one that is false of both, one that is true of either.
        settling: bool = word == "or"
        if settling in (left, right):
            return settling
        return None if None in (left, right) else not settling

    return whole()
