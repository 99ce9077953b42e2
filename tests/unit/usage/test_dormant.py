"""What counts as used by nobody, as data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from usage_support import END, window

from leastwise.model.dormancy import Nouns
from leastwise.model.gap import Use
from leastwise.usage.dormant import (
    Idle,
    Seen,
    empty_groups,
    idle_credentials,
    idle_principals,
    loose_bundles,
)

WHEN = pa.timestamp("us", tz="UTC")
NOUNS = {
    "aws": Nouns(
        frozenset({"user", "role"}),
        frozenset({"service_linked", "identity_center_role"}),
        frozenset({"group"}),
        frozenset({"managed_customer", "permission_set"}),
        frozenset({"permission_set"}),
        lambda coverage: lambda noun, id, name: True,
        frozenset({"access_key", "password"}),
    )
}


def ago(days: float) -> datetime:
    return END - timedelta(days=days)


def identity(**more: Any) -> dict[str, Any]:
    return {
        "provider": "aws",
        "scope": "2",
        "id": "arn:u",
        "name": "u",
        "account": "2",
        "native": "user",
        "kind": "human",
        "created": ago(900),
        "last_used": ago(200),
        "last_used_known": True,
        "protected": False,
    } | more


def table(rows: list[dict[str, Any]]) -> pa.Table:
    types = {"created": WHEN, "last_used": WHEN}
    return pa.table({name: pa.array([row[name] for row in rows], types.get(name)) for name in rows[0]})


def principals(last: dict[str, datetime] | None = None, **more: Any) -> list[Idle]:
    return list(idle_principals(table([identity(**more)]), Seen(last or {}, window(), {"2": window().end}), NOUNS))


CASES: dict[str, tuple[dict[str, Any], Use | None]] = {
    "used long ago": ({}, Use.UNUSED),
    "never used": ({"last_used": None}, Use.UNUSED),
    "used yesterday": ({"last_used": ago(1)}, None),
    "used as the window began": ({"last_used": ago(90)}, None),
    "the vendor was not asked": ({"last_used_known": False, "last_used": None}, Use.UNOBSERVABLE),
    "younger than the window": ({"created": ago(9), "last_used": None}, None),
    "as old as the window": ({"created": ago(90), "last_used": None}, Use.UNUSED),
    "age not known": ({"created": None, "last_used": None}, Use.UNUSED),
    "break-glass": ({"protected": True}, None),
    "the vendor's own": ({"native": "role", "kind": "service_linked"}, None),
    "made by a permission set": ({"native": "role", "kind": "identity_center_role"}, None),
    "role": ({"native": "role", "kind": "workload"}, Use.UNUSED),
    "group": ({"native": "group", "kind": "group"}, None),
}


@pytest.mark.parametrize("name", CASES)
def test_principal(name: str) -> None:
    more, state = CASES[name]
    assert [one.state for one in principals(**more)] == ([] if state is None else [state])


def test_logs_tell_a_use_that_the_vendor_does_not() -> None:
    assert principals({"arn:u": ago(3)}) == []
    found = principals({"arn:u": ago(120)})
    assert (found[0].last_used, found[0].days) == (ago(120), 120)


def test_days_are_counted_to_the_window_s_end() -> None:
    assert principals()[0].days == 200
    assert principals(last_used=None)[0].days is None


@pytest.mark.parametrize(
    ("days_ago", "account", "state"),
    [
        (0, "2", Use.UNUSED),
        (0.9, "2", Use.UNUSED),
        (60, "2", Use.UNOBSERVABLE),
        (0, "3", Use.UNOBSERVABLE),  # when account 2 was read is not known
    ],
)
def test_the_vendor_s_word_is_as_old_as_the_snapshot(days_ago: float, account: str, state: Use) -> None:
    """What an account's snapshot of two months ago tells says nothing of these two months."""
    seen = Seen({}, window(), {account: ago(days_ago)})
    found = [
        *idle_principals(table([identity()]), seen, NOUNS),
        *idle_credentials(table([credential()]), seen, NOUNS),
    ]
    assert [one.state for one in found] == [state, state]
    assert all(("asked" in one.because) is (state is Use.UNOBSERVABLE) for one in found)


def credential(**more: Any) -> dict[str, Any]:
    told = {"id": "AKIA", "kind": "access_key", "principal": "arn:u", "principal_name": "u", "principal_kind": "human"}
    return identity() | told | {"active": True} | more


@pytest.mark.parametrize(
    ("more", "listed"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"active": None}, True),
        ({"kind": "mfa"}, False),
        ({"kind": "password"}, True),
        ({"kind": "password", "principal_kind": "root"}, False),
        ({"principal_kind": "root"}, True),
        ({"protected": True}, False),
        ({"last_used": ago(2)}, False),
        ({"provider": "other"}, False),
    ],
)
def test_credential(more: dict[str, Any], listed: bool) -> None:
    seen = Seen({"arn:u": ago(1)}, window(), {"2": window().end})
    found = list(idle_credentials(table([credential(**more)]), seen, NOUNS))
    assert bool(found) is listed
    assert all((one.what, one.holder, one.name) == ("credential", "arn:u", "u") for one in found)


def read_in_one(scope: str, noun: str, id: str, name: str) -> bool:
    return scope == "1"


def test_groups_without_members() -> None:
    groups = [
        identity(id=name, native=native, account="a", scope=name[-1])
        for name, native in [("full1", "group"), ("empty1", "group"), ("empty2", "group"), ("team1", "squad")]
    ]
    found = {one.id: one.state for one in empty_groups(table(groups), {"full1"}, NOUNS, read_in_one)}
    assert found == {"empty1": Use.UNUSED, "empty2": Use.UNOBSERVABLE}


def test_bundles_that_reach_nobody() -> None:
    rows = [
        {"provider": "aws", "id": name, "name": name, "account": account, "scope": account or "1", "kind": kind}
        for name, account, kind in [
            ("held", "1", "managed_customer"),
            ("loose", "1", "managed_customer"),
            ("set", "1", "permission_set"),
            ("aws", None, "managed_aws"),
            ("unread", "2", "managed_customer"),
        ]
    ]
    found = {one.id: one.state for one in loose_bundles(table(rows), {"held"}, NOUNS, read_in_one)}
    assert found == {"loose": Use.UNUSED, "set": Use.UNUSED, "unread": Use.UNOBSERVABLE}


def test_words_of_a_provider_that_tells_none_are_not_guessed() -> None:
    rows = table([identity(provider="other")])
    assert list(idle_principals(rows, Seen({}, window(), {"2": window().end}), NOUNS)) == []
    assert list(empty_groups(rows, (), NOUNS, read_in_one)) == []
    bundle = table([identity(provider="other", kind="managed_customer")])
    assert list(loose_bundles(bundle, (), NOUNS, read_in_one)) == []
