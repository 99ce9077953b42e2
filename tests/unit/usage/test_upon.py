"""The creep index of a resource."""

from __future__ import annotations

from typing import Any

import pytest
from usage_support import ACCOUNT, EVERYTHING, NAMES, P, everybody, facts, part, use

from leastwise.engine.holdings import Alike, Everybody
from leastwise.usage.upon import Resource, Upon, covers

BUCKET = "arn:aws:s3:::b"
COVERS = [
    ("*", True),
    (BUCKET, True),
    (f"{BUCKET}/*", True),
    (f"{BUCKET}/labels/*", True),
    ("arn:aws:s3:::*", True),
    ("arn:aws:s3:::b*", True),
    ("arn:aws:s3:::b?", False),
    ("arn:aws:s3:::bc/*", False),
    ("arn:aws:s3:::a", False),
    ("arn:aws:s3:::${aws:username}", False),
]


@pytest.mark.parametrize(("pattern", "expected"), COVERS)
def test_covers(pattern: str, expected: bool) -> None:
    assert covers(pattern, BUCKET) is expected


def test_what_lies_in_it_by_a_colon() -> None:
    group = "arn:aws:logs:eu-west-1:222222222222:log-group:g"
    assert covers(f"{group}:*", group) and not covers(f"{group}2:*", group)


def upon(*parts: Any, account: str = ACCOUNT, uses: tuple[dict[str, Any], ...] = (), **more: Any) -> Upon:
    return Resource(BUCKET, account, facts(uses, EVERYTHING, **more)).of(everybody(parts))


def test_each_permission_weighs_as_granted_by_name() -> None:
    found = upon(part(("s3:GetObject", "s3:DeleteObject"), "arn:aws:s3:::b*"))
    # data read weighs 2, destructive 4; by name a tenth.
    assert found.creep.parts == pytest.approx({"data read": 0.2, "destructive": 0.4})
    assert (found.principals, found.permissions) == (1, 2)
    assert found.creep.index == 0.6


def test_what_is_used_or_of_another_service_or_on_another_resource_does_not_count() -> None:
    held = part(("s3:GetObject", "s3:DeleteObject", "rds:DeleteDBInstance"), "*")
    found = upon(held, uses=(use("s3:GetObject", 1),))
    assert found.creep.parts == pytest.approx({"destructive": 0.4})
    assert upon(part(("s3:DeleteObject",), "arn:aws:s3:::a/*")).creep.index == 0.0


def test_nothing_counts_that_no_log_would_show() -> None:
    assert upon(part(NAMES, "*"), log_days=30) == Upon(0, 0, upon().creep)


def test_only_those_of_its_account() -> None:
    assert upon(part(NAMES, "*"), account="333333333333").principals == 0


def test_every_principal_counts() -> None:
    held = part(("s3:PutObject",), "*")
    one, three = (
        Resource(BUCKET, ACCOUNT, facts()).of(everybody([held], *(f"{P}{number}" for number in range(many))))
        for many in (1, 3)
    )
    assert three.creep.parts["write"] == pytest.approx(3 * one.creep.parts["write"])
    assert (one.permissions, three.permissions, three.principals) == (1, 1, 3)


def test_groups_that_hold_something_else_are_told_apart() -> None:
    bundles = {0: (part(("s3:GetObject",), BUCKET),), 1: (part(("s3:DeleteObject",), BUCKET),)}
    groups = [
        Alike((f"{P}{number}",), "workload", "role", ACCOUNT, (number,), None, exact=True, unread=False)
        for number in (0, 1)
    ]
    found = Resource(BUCKET, ACCOUNT, facts()).of(Everybody(bundles, iter(groups)))
    assert found.creep.parts == pytest.approx({"data read": 0.2, "destructive": 0.4})
    assert found.principals == 2
