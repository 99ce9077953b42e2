"""Who gets into a group by what he writes of himself: by hand, and held against every value of short rules."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.entra.language.joining import BASIC, INVITED, PROFILE, joins
from leastwise.providers.entra.language.memberships import parse_membership_rule

CASES: dict[str, tuple[bool | None, bool | None, bool | None]] = {
    'user.department -eq "Sales"': (True, True, None),
    'user.department -eq "a" -and user.department -eq "b"': (False, False, None),
    'user.department -eq "a" -and user.accountEnabled -eq true': (None, None, None),
    'user.userType -eq "Guest"': (None, None, True),
    'user.userType -eq "Member" -and user.displayName -startsWith "x"': (None, None, False),
    '(user.department -startsWith "x" -and user.department -endsWith "y") or not (user.city -ne "z")':
        (True, True, None),
    'user.department -match "^Da.*"': (None, None, None),
    'user.userPrincipalName -startsWith "adm-"': (None, True, None),
    "-not (user.department -in ['a', 'b'])": (True, True, None),
    "user.accountEnabled -eq true -or user.city -eq null": (True, True, None),
    'user.department -contains "a" -and user.department -contains "b" -and user.department -notContains "ab"':
        (None, None, None),
    'user.department -eq "A" -and user.department -ne "a"': (False, False, None),
    "user.department -startsWith null": (None, None, None),
    "user.department -eq 'it''s' -and user.department -eq \"it's\"": (True, True, None),
    'user.department -eq "a`"b" -and user.department -notIn ["a", "ab"]': (True, True, None),
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_who_joins(text: str) -> None:
    rule = parse_membership_rule(text)
    assert tuple(joins(rule, word) for word in (BASIC, PROFILE, INVITED)) == CASES[text]


def test_more_than_can_be_tried_is_not_known() -> None:
    names = ("city", "state", "department", "country", "jobTitle")
    text = " -and ".join(f"user.{one} -in [{', '.join(repr(str(at)) for at in range(9))}]" for one in names)
    assert joins(parse_membership_rule(text), BASIC) is None


ATTRIBUTES, VALUES = ("department", "city", "employeeType"), ("a", "b", "c", None)
"""The last is not written by who updates basic properties; `c` stands for whatever no rule names."""
TESTS = st.tuples(st.sampled_from(ATTRIBUTES), st.sampled_from(["eq", "ne"]), st.sampled_from(["a", "b", None]))
Tree = tuple  # type: ignore[type-arg]
TREES = st.recursive(
    TESTS, lambda inner: st.tuples(st.just("not"), inner) | st.tuples(inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=5,
)  # fmt: skip


def written(tree: Tree) -> str:
    if tree[0] == "not":
        return f"-not ({written(tree[1])})"
    if tree[1] in ("and", "or"):
        return f"({written(tree[0])} -{tree[1]} {written(tree[2])})"
    return f"user.{tree[0]} -{tree[1]} " + ("null" if tree[2] is None else f'"{tree[2]}"')


def met(tree: Tree, told: dict[str, str | None]) -> bool:
    if tree[0] == "not":
        return not met(tree[1], told)
    if tree[1] in ("and", "or"):
        both = met(tree[0], told), met(tree[2], told)
        return all(both) if tree[1] == "and" else any(both)
    return (told[tree[0]] == tree[2]) is (tree[1] == "eq")


@given(TREES)
def test_it_is_never_surer_than_the_values_are(tree: Tree) -> None:
    found = joins(parse_membership_rule(written(tree)), BASIC)
    worlds = [dict(zip(ATTRIBUTES, values, strict=True)) for values in product(VALUES, repeat=3)]
    by_own = {
        own: [met(tree, one) for one in worlds if (one["department"], one["city"]) == own]
        for own in product(VALUES, repeat=2)
    }
    if found is True:
        assert any(all(several) for several in by_own.values())
    if found is False:
        assert not any(any(several) for several in by_own.values())
