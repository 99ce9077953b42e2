"""Fingerprints are of what is said, not of where or in which order; sketches find sets that share much."""

from __future__ import annotations

import numpy as np
import pytest
from compiled_support import demo_access, demo_scopes
from pyroaring import BitMap

from leastwise.engine.sketches import Sketches, bands
from leastwise.providers.aws.compiled.access import AwsAccess
from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.aws.compiled.compile import compile_estate
from leastwise.providers.aws.compiled.effects import Effects
from leastwise.providers.aws.compiled.fingerprints import Fingerprints, content
from leastwise.providers.aws.evaluate.policy import parse_policy

SIZE = 5_000
SKETCHES = Sketches(SIZE)
ONE = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}


def said(statement: dict[str, object], version: str = "2012-10-17") -> object:
    return content(parse_policy({"Version": version, "Statement": [statement]}).statements[0])


@pytest.mark.parametrize(
    "same", [{"Sid": "named"}, {"Action": ["s3:PutObject", "s3:GetObject"]}, {"Resource": ["*"]}, {"Condition": {}}]
)
def test_what_says_the_same_has_the_same_content(same: dict[str, object]) -> None:
    assert said({**ONE, **same}) == said(ONE)


@pytest.mark.parametrize(
    "other",
    [
        {"Effect": "Deny"},
        {"Action": ["s3:GetObject"]},
        {"Resource": "arn:aws:s3:::a/*"},
        {"Principal": "*"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    ],
)
def test_what_says_another_thing_has_another(other: dict[str, object]) -> None:
    assert said({**ONE, **other}) != said(ONE)
    assert said(ONE, "2008-10-17") != said(ONE)


def test_the_order_of_scopes_changes_no_fingerprint() -> None:
    access = demo_access()
    other = AwsAccess(compile_estate(list(reversed(demo_scopes()))))
    first, second = Fingerprints(access), Fingerprints(other)
    order = [other.estate.principal_number(id) for id in access.estate.principal_ids.all()]
    things = [other.estate.thing(id) for id in access.estate.texts("thing.id").all()]
    for name in ("principals", "policies", "facts", "trusts"):
        assert (getattr(first, name) == getattr(second, name)[order]).all(), name
    assert (first.things == second.things[things]).all()
    assert len(np.unique(first.policies, axis=0)) > 20


def test_what_is_granted_takes_in_all_that_can_is_sure_of() -> None:
    access = demo_access()
    granted, names = Effects(access), ("s3:GetObject", "iam:CreateUser", "sqs:SendMessage", "dynamodb:Query")
    rows = {name: actions().names.index(name) for name in names}
    for number in range(0, access.estate.principals, 3):
        found = granted.of(number).permissions
        for name, row in rows.items():
            if access.can(access.estate.principal_ids[number], name, None).state == "ALLOWED":
                assert row in found, (access.estate.principal_ids[number], name)


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_sets_that_share_so_much_agree_in_some_band(threshold: float) -> None:
    random = np.random.default_rng(7)
    rows = bands(threshold)
    assert 1 - (1 - threshold**rows) ** (Sketches.COUNT // rows) >= 0.995
    missed = 0
    for _ in range(60):
        base = random.choice(SIZE, 400, replace=False)
        apart = int(400 * (1 - threshold) / (1 + threshold))
        kept, fresh = base[: 400 - apart], random.choice(np.setdiff1d(np.arange(SIZE), base), apart, replace=False)
        one, other = BitMap(base.astype(np.uint32)), BitMap(np.concatenate([kept, fresh]).astype(np.uint32))
        assert one.jaccard_index(other) >= threshold
        first, second = SKETCHES.of([one, other])
        pairs = (first == second).reshape(-1, rows)
        missed += not pairs.all(axis=1).any()
    assert missed <= 2
