"""What of a plan of grants at scopes is noticed when it is checked again: cases as data."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.app.checking_grants import grants_checked, grants_keep

KEPT = "all that it keeps is given as before"
MADE = "its changes lead to the grants that it proves"


def grant(bundle: str, on: str, permissions: list[str], holder: str = "ana", **more: Any) -> dict[str, Any]:
    within = ["/p"] if on != "/p" else []
    return {"bundle": bundle, "on": on, "within": within, "permissions": permissions, "holder": holder, **more}


def plan(changes: list[Any], needed: list[list[str]], beside: list[list[str]] | None = None) -> dict[str, Any]:
    proof = {"needed": needed, "beside": beside or [], "within": {"/p/x/1": ["/p/x/1", "/p/x", "/p"]}}
    return {"changes": changes, "calls": [], "would_break": [], "proof": proof}


WIDE, OF_GROUP = grant("wide", "/p", ["a", "b"]), grant("staff", "/p", ["c"], "staff")
TAKEN = {"unassign": {"bundle": "wide", "principal": "ana", "on": "/p"}}
LEFT = {"leave": {"principal": "ana", "group": "staff"}}


def given(on: str) -> dict[str, Any]:
    return {"assign": {"bundle": "small", "principal": "ana", "on": on}}


CASES: dict[str, tuple[dict[str, Any], list[Any], list[str]]] = {
    "all of it is taken, and nothing is needed": (plan([TAKEN], []), [OF_GROUP], []),
    "what is needed wherever it was is given there": (
        plan([given("/p"), TAKEN], [["a", "*"]]), [OF_GROUP, grant("small", "/p", ["a"])], [],
    ),
    "what is needed wherever it was is given below alone": (
        plan([given("/p/x"), TAKEN], [["a", "*"]]), [OF_GROUP, grant("small", "/p/x", ["a"])], [KEPT],
    ),
    "what is needed on something is given on what it lies in": (
        plan([given("/p/x"), TAKEN], [["a", "/p/x/1"]]), [OF_GROUP, grant("small", "/p/x", ["a"])], [],
    ),
    "what is needed on something is given elsewhere": (
        plan([given("/p/y"), TAKEN], [["a", "/p/x/1"]]), [OF_GROUP, grant("small", "/p/y", ["a"])], [KEPT],
    ),
    "it is given for a time": (
        plan([given("/p"), TAKEN], [["a", "*"]]), [OF_GROUP, grant("small", "/p", ["a"], until="2027")], [KEPT],
    ),
    "the estate was asked for it": (plan([TAKEN], [["a", "*"]], [["a", "*"]]), [OF_GROUP], []),
    "a group is left that gives nothing that is needed": (plan([LEFT], [["a", "*"]]), [WIDE], []),
    "a group is left that gives something that is needed": (plan([LEFT], [["c", "*"]]), [WIDE], [KEPT]),
    "a group is left, and what it gives stays": (plan([LEFT], []), [WIDE, OF_GROUP], [MADE]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_claim(name: str) -> None:
    told, after, wrong = CASES[name]
    claims = grants_checked(told, [WIDE, OF_GROUP], after, lambda document: [], str.lower)
    assert [claim for claim, why in claims if why] == wrong


ON_ONE, ON_OTHER = (grant("role", on, ["a"], within=[on]) for on in ("one", "other"))
ELSEWHERE: dict[str, tuple[list[Any], list[Any], bool]] = {
    "it stays": ([ON_ONE], [ON_ONE], True),
    "it is given on something else": ([ON_ONE], [ON_OTHER], False),
    "of two that may have reached it one stays": ([ON_ONE, ON_OTHER], [ON_OTHER], False),
    "it is given on all": ([ON_ONE | {"within": ["one", "/p"]}], [grant("role", "/p", ["a"])], True),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_no_grant_lies_around_may_be_reached_by_each(name: str) -> None:
    before, after, same = ELSEWHERE[name]
    assert grants_keep(before, after, str.lower, lambda resource: [])("a", "user") is same
