"""What counts as used by nobody, as data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from usage_support import END, window

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


def ago(days: float) -> datetime:
    return END - timedelta(days=days)


def identity(**more: Any) -> dict[str, Any]:
    return {
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
    return list(idle_principals(table([identity(**more)]), Seen(last or {}, window())))


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
    ],
)
def test_credential(more: dict[str, Any], listed: bool) -> None:
    found = list(idle_credentials(table([credential(**more)]), Seen({"arn:u": ago(1)}, window())))
    assert bool(found) is listed
    assert all((one.what, one.holder, one.name) == ("credential", "arn:u", "u") for one in found)


def test_groups_without_members() -> None:
    groups = table(
        [identity(id=name, native="group", kind="group", account=name[-1]) for name in ("full1", "empty1", "empty2")]
    )
    found = {one.id: one.state for one in empty_groups(groups, {"full1"}, {"1"})}
    assert found == {"empty1": Use.UNUSED, "empty2": Use.UNOBSERVABLE}


def test_bundles_that_reach_nobody() -> None:
    rows = [
        {"id": name, "name": name, "account": account, "kind": kind, "default": default}
        for name, account, kind, default in [
            ("held", "1", "managed_customer", True),
            ("loose", "1", "managed_customer", True),
            ("old version", "1", "managed_customer", False),
            ("set", "1", "permission_set", True),
            ("aws", None, "managed_aws", True),
            ("unread", "2", "managed_customer", True),
        ]
    ]
    found = {one.id: one.state for one in loose_bundles(table(rows), {"held"}, {"1"})}
    assert found == {"loose": Use.UNUSED, "set": Use.UNUSED, "unread": Use.UNOBSERVABLE}
