"""Saved plans whose changes are of grants at scopes, checked again by what the plan itself holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

Claim = tuple[str, str]
"""What is claimed, and why it does not hold; empty where it does."""
_Grants = Sequence[Mapping[str, Any]]


def grants_checked(
    plan: Mapping[str, Any],
    before: _Grants,
    after: _Grants,
    gives: Callable[[Mapping[str, Any]], Sequence[str]],
    normal: Callable[[str], str],
) -> Iterator[Claim]:
    """Each claim of a plan.

    Args:
        plan: as it was saved.
        before: what was granted, each with its holder as `holder`.
        after: what is granted then.
        gives: what the document of a bundle gives, as patterns.
        normal: a pattern as it is compared.
    """
    taking = _Taking(normal)
    yield "its changes lead to the grants that it proves", _changed(plan, before, after, gives, taking)
    yield "it gives nothing new", _narrower(before, after, taking)
    calls = sum(int(number) for _, _, number, *_ in plan["calls"])
    yield f"none of {calls} recorded calls breaks that it does not name", _broken(plan, before, after, taking)
    yield "all that it keeps is given as before", _unkept(plan["proof"], before, after, taking)


def _changed(
    plan: Mapping[str, Any],
    before: _Grants,
    after: _Grants,
    gives: Callable[[Mapping[str, Any]], Sequence[str]],
    taking: _Taking,
) -> str:
    standing = [_key(one) for one in before]
    made: dict[str, Sequence[str]] = {}
    for change in plan["changes"]:
        match change:
            case {"create": {"policy": policy, "document": document}}:
                made[policy] = gives(document)
            case {"assign": told}:
                standing.append(_key({**told, "holder": told["principal"]}))
            case {"unassign": told}:
                key = _key({**told, "holder": told["principal"]})
                if key not in standing:
                    return f"they take {told['bundle']} away, which it does not have at {told['on']}"
                standing.remove(key)
            case {"leave": {"group": group}}:
                standing = [one for one in standing if one[0] != group]
            case _:
                return f"they do what cannot be checked: {', '.join(change)}"
    if sorted(standing) != sorted(map(_key, after)):
        return "they lead to other grants"
    for one in after:
        if any(not taking.takes(one["permissions"], pattern) for pattern in made.get(one["bundle"], ())):
            return f"{one['bundle']} gives more than it says"
    return ""


def _key(one: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return one["holder"], one["bundle"], one["on"], str(one.get("condition") or "")


def _narrower(before: _Grants, after: _Grants, taking: _Taking) -> str:
    for one in after:
        outer = [old for old in before if old["on"] in {one["on"], *one["within"]} and _covers(old, one)]
        if any(old["bundle"] == one["bundle"] for old in outer):
            continue
        patterns = [pattern for old in outer for pattern in old["permissions"] or ()]
        new = next((each for each in one["permissions"] or () if not taking.takes(patterns, each)), "")
        if new or one["permissions"] is None:
            return f"{new or one['bundle']} on {one['on']}"
    return ""


def _covers(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether one grant holds whenever another does."""
    return all(old.get(key) in (None, new.get(key)) for key in ("condition", "until"))


def _broken(plan: Mapping[str, Any], before: _Grants, after: _Grants, taking: _Taking) -> str:
    named = {(one["permission"], one["resource"]) for one in plan["would_break"]}
    for permission, resource, _, _, chain in plan["calls"]:
        lost = _lost(permission, {resource, *chain}, before, after, taking)
        if lost and (permission, resource) not in named:
            return f"{permission} on {resource}"
    return ""


def _unkept(proof: Mapping[str, Any], before: _Grants, after: _Grants, taking: _Taking) -> str:
    """What of all that is needed is not given as before, but for what the estate was asked for."""
    asked = {(permission, resource) for permission, resource in proof["beside"]}
    needed = [(permission, resource) for permission, resource in proof["needed"]]
    within: Mapping[str, Sequence[str]] = proof["within"]
    lost = [
        (permission, resource)
        for permission, resource in needed
        if (permission, resource) not in asked
        and _lost(permission, {resource, *within.get(resource, ())}, before, after, taking)
    ]
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return f"{lost[0][0]} on {lost[0][1]}{more}" if lost else ""


def _lost(permission: str, around: Collection[str], before: _Grants, after: _Grants, taking: _Taking) -> bool:
    """Whether a permission on what lies in some scopes was given by a grant that none given then covers.

    Where it is not known where it was given (on anything, or on what no grant lies around, as what is granted on an
    application reaches what lies elsewhere), each that gave it is held against those that reach as far.
    """
    old, new = ([one for one in side if taking.takes(one["permissions"] or (), permission)] for side in (before, after))
    near, left = ([one for one in side if one["on"] in around] for side in (old, new))
    if near and "*" not in around:
        return not all(any(_covers(each, one) for each in left) for one in near)
    return not all(any(each["on"] in {one["on"], *one["within"]} and _covers(each, one) for each in new) for one in old)


def grants_keep(
    before: _Grants, after: _Grants, normal: Callable[[str], str], above: Callable[[str], Sequence[str]]
) -> Callable[[str, str], bool]:
    """Whether grants surely give a permission on a resource as others did; `*` where it is not known on which."""
    taking = _Taking(normal)
    return lambda permission, resource: not _lost(permission, {resource, *above(resource)}, before, after, taking)


class _Taking:
    """Whether patterns take others in; a `*` stands for any text.

    Args:
        normal: a pattern as it is compared.
    """

    def __init__(self, normal: Callable[[str], str]) -> None:
        self._normal = normal
        self._known: dict[tuple[str, ...], re.Pattern[str]] = {}

    def takes(self, patterns: Sequence[str], one: str) -> bool:
        """Whether all that a pattern takes in is taken in by one of others."""
        key = tuple(patterns)
        if key not in self._known:
            pieces = (re.split(r"(\*)", self._normal(each)) for each in key)
            told = ("".join(".*" if part == "*" else re.escape(part) for part in each) for each in pieces)
            self._known[key] = re.compile("|".join(told) or "(?!)")
        return self._known[key].fullmatch(self._normal(one)) is not None
