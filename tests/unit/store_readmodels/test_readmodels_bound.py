"""Policies that lie on a place and name their holders: by example, and against a slow, obvious reference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_readmodels_reference import facts

from leastwise.store.readmodels import build

_NO = dict.fromkeys(
    ("admin", "admin_conditional", "admin_nearly", "admin_rest", "admin_iam", "wildcard", "denies", "denies_admin"),
    False
)  # fmt: skip
OWNER = {**_NO, "hash": "owner", "admin": True, "wildcard": True}
VIEWER = {**_NO, "hash": "viewer"}
POLICY, DENY = {**_NO, "hash": "policy"}, {**_NO, "hash": "deny", "denies": True, "denies_admin": True}
SCOPES = [
    {"id": "org"},
    {"id": "folder", "parent": "org"},
    {"id": "shop", "parent": "folder"},
    {"id": "other", "parent": "org"},
]
ROLES = [{"id": "owner", "name": "Owner", "kind": "basic_role", "default": True, "document": 0},
         {"id": "viewer", "name": "Viewer", "kind": "predefined_role", "default": True, "document": 1}]  # fmt: skip


def shown(**rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    rows = {"scopes": SCOPES, "policies": ROLES, "documents": [OWNER, VIEWER, POLICY, DENY]} | rows
    return {name: view.to_pylist() for name, view in build("gcp", "org", facts(rows)).items()}


def allow(target: str = "shop") -> dict[str, Any]:
    return {"layer": "allow", "kind": "allow_policy", "target": target, "policy": "allow policy", "document": 2}


def binding(role: str, *members: str, condition: str | None = None) -> dict[str, Any]:
    return {"document": 2, "effect": "Allow", "actions": [role], "principals": list(members), "condition": condition}


def admin(target: str = "shop", condition: str | None = None, role: str = "owner", **more: Any) -> str:
    found = shown(
        principals=[{"id": "ann", "kind": "human"}], attachments=[allow(target)],
        statements=[binding(role, "ann", condition=condition)], **more,
    )  # fmt: skip
    return str(found["identities"][0]["admin"])


@pytest.mark.parametrize(
    ("target", "condition", "role", "word"),
    [
        ("shop", None, "owner", "yes"),
        ("org", None, "owner", "yes"),
        ("shop", "{}", "owner", "conditional"),
        ("//bucket", None, "owner", "no"),
        ("shop", None, "viewer", "no"),
        ("shop", None, "not known", "unknown"),
        ("//bucket", None, "not known", "no"),
    ],
)
def test_an_owner_of_a_scope_is_an_administrator(target: str, condition: str | None, role: str, word: str) -> None:
    assert admin(target, condition, role) == word


DENYING = {"layer": "deny", "kind": "deny_policy", "policy": "no", "document": 3}


def rule(*members: str, but: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"document": 3, "effect": "Deny", "actions": ["x"], "principals": list(members), "not_principals": list(but)}


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([rule("all")], [("all", "shop")]),
        # All that it denies is told in one row for each that it is for.
        ([rule("all"), rule("all")], [("all", "shop")]),
        ([rule("ann", "bob")], [("ann", "shop"), ("bob", "shop")]),
        # Whom nothing names has none: then the scope has.
        ([rule("nobody that is known")], [("shop", "")]),
        ([], [("shop", "")]),
    ],
)
def test_a_rule_that_denies_is_told_once(rules: list[dict[str, Any]], told: list[tuple[str, str]]) -> None:
    known = [{"id": id, "kind": "human", "native": native} for id, native in (
        ("ann", "user"), ("bob", "user"), ("all", "everyone"),
    )]  # fmt: skip
    rows = shown(principals=known, attachments=[{**DENYING, "target": "shop"}], statements=rules)["grants"]
    assert sorted((one["principal"], one["resource"]) for one in rows) == told
    assert {(one["layer"], one["policy"]) for one in rows} == {("deny", "no")}


@pytest.mark.parametrize(
    ("place", "names", "excepted", "word"),
    [
        ("shop", ("ann",), (), "limited"),
        ("org", ("ann",), (), "limited"),
        ("other", ("ann",), (), "yes"),
        ("shop", ("bob",), (), "yes"),
        ("shop", ("all",), (), "limited"),
        ("shop", ("all",), ("ann",), "yes"),
        ("shop", ("all",), ("group",), "yes"),
        ("shop", ("group",), (), "limited"),
        ("shop", ("ann",), ("bob",), "limited"),
    ],
)
def test_a_rule_that_denies_stands_against_whom_it_names_where_it_lies(
    place: str, names: tuple[str, ...], excepted: tuple[str, ...], word: str
) -> None:
    people = [{"id": id, "kind": "human", "native": "user"} for id in ("ann", "bob")]
    people += [
        {"id": "group", "kind": "group", "native": "group"},
        {"id": "all", "kind": "external", "native": "everyone"},
    ]
    found = shown(
        principals=people, memberships=[{"member": "ann", "group": "group", "kind": "directory_group"}],
        attachments=[allow(), {**DENYING, "target": place}],
        statements=[binding("owner", "ann"), rule(*names, but=excepted)],
    )  # fmt: skip
    assert found["identities"][0]["admin"] == word


def test_a_member_that_was_deleted_holds_nothing_and_is_shown() -> None:
    found = shown(
        principals=[{"id": "deleted:ann", "kind": "deleted"}], attachments=[allow()],
        statements=[binding("owner", "deleted:ann")],
    )  # fmt: skip
    assert (found["identities"][0]["admin"], found["identities"][0]["grants"]) == ("no", 0)
    assert [(row["principal"], row["principal_kind"]) for row in found["grants"]] == [("deleted:ann", "deleted")]


def test_what_is_eligible_is_shown_and_counts_for_nothing() -> None:
    found = shown(
        principals=[{"id": "ann", "kind": "human"}], statements=[binding("owner", "ann")],
        attachments=[{**allow(), "layer": "eligible"}],
    )  # fmt: skip
    assert (found["identities"][0]["admin"], found["identities"][0]["grants"]) == ("no", 0)
    assert [row["layer"] for row in found["grants"]] == ["eligible"]


NAMES = ("a", "b", "c", "g", "h", "i")


@st.composite
def estates(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    names = st.sampled_from(NAMES)
    pairs = st.sets(st.tuples(names, st.sampled_from(("g", "h", "i"))), max_size=8)
    attachments = [allow(target) for target in draw(st.lists(st.sampled_from(("shop", "org", "//b")), unique=True))]
    statements = [
        binding(draw(st.sampled_from(("owner", "viewer", "?"))), *draw(st.lists(names, max_size=3, unique=True)),
                condition=draw(st.sampled_from((None, "{}"))))
        for _ in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    return {
        "principals": [{"id": name, "kind": "group" if name in "ghi" else "human"} for name in NAMES],
        "memberships": [{"member": one, "group": group, "kind": "directory_group"} for one, group in draw(pairs)],
        "attachments": attachments, "statements": statements,
    }  # fmt: skip


@given(estates())
def test_grants_are_those_of_the_slow_reference(estate: dict[str, list[dict[str, Any]]]) -> None:
    members: dict[str, set[str]] = {name: set() for name in NAMES}
    for one in estate["memberships"]:
        members[one["group"]].add(one["member"])

    def below(group: str) -> set[str]:
        found: set[str] = set()
        waiting = [group]
        while waiting:
            for one in members[waiting.pop()]:
                if one not in found and one != group:
                    found.add(one)
                    waiting.append(one)
        return found

    expected = sorted(
        (who, via, statement["actions"][0], place["target"], statement["condition"] is not None)
        for place in estate["attachments"]
        for statement in estate["statements"]
        for named in statement["principals"]
        for who, via in [(named, ""), *((one, named) for one in below(named))]
    )
    found = shown(**estate)
    assert expected == sorted(
        (row["principal"], row["via"], row["policy"], row["resource"], bool(row["conditional"]))
        for row in found["grants"]
    )
    holds: dict[str, set[str]] = {name: set() for name in NAMES}
    for who, _, role, place, conditional in expected:
        if place != "//b":
            holds[who].add({"owner": "conditional" if conditional else "yes", "?": "unknown"}.get(role, "no"))
    order = ("no", "unknown", "limited", "conditional", "yes")
    assert {row["id"]: row["admin"] for row in found["identities"]} == {
        name: max(words | {"no"}, key=order.index) for name, words in holds.items()
    }
