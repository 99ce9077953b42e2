"""Principals by what resources say of them: equal numbers exactly where every condition on them says the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from estate_names import BUCKET, A, B, Json, by
from two_estates import Port, allow, deny, estate, laid, people, role, trusting, user

from leastwise.providers.aws.compiled.dividing import Dividing

NAMES = ("ann", "bob", "cat", "dan")
TEAMS = {"ann": "red", "bob": "red", "cat": "blue"}
LAMBDA: Json = {"Service": "lambda.amazonaws.com"}


def divided(*statements: Json, account: str = A) -> list[list[str]]:
    """The users of one account, together where what resources ask of them is the same."""
    those = [user(name, tags={"team": TEAMS[name]} if name in TEAMS else None) for name in NAMES]
    port = estate(people(*those, user("own", account=B)), laid(BUCKET, *statements, account=account))
    return parts(port, Dividing(port.access, port.side.telling).facts(users(port)))


def users(port: Port) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    found = [port.access.estate.principal_number(by(name)) for name in NAMES]
    return np.array([one for one in found if one is not None], np.int64)


def parts(port: Port, numbers: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for name, number in zip(NAMES, numbers, strict=True):
        found.setdefault(int(number), []).append(name)
    return sorted(found.values())


def asks(operator: str, key: str, *values: str) -> Json:
    return deny("s3:GetObject", f"{BUCKET}/*", {operator: {key: list(values)}}, Principal="*")


APART = [["ann"], ["bob", "cat", "dan"]]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (asks("ArnEquals", "aws:PrincipalArn", by("ann")), APART),
        (asks("ArnNotLike", "aws:PrincipalArn", by("ann")), APART),
        (asks("StringEquals", "AWS:PRINCIPALARN", by("ann"), by("gone")), APART),
        (asks("ArnLike", "aws:PrincipalArn", by("a*")), APART),
        (asks("StringNotLike", "aws:PrincipalArn", by("an?")), APART),
        (asks("StringEquals", "aws:PrincipalArn", by("a*")), [list(NAMES)]),
        (asks("StringEqualsIgnoreCase", "aws:PrincipalArn", by("ANN")), APART),
        (asks("ForAnyValue:ArnEquals", "aws:PrincipalArn", by("ann")), APART),
        (asks("ArnEqualsIfExists", "aws:PrincipalArn", by("ann")), APART),
        (asks("Null", "aws:PrincipalArn", "true"), [list(NAMES)]),
        (asks("StringEquals", "aws:PrincipalTag/team", "red"), [["ann", "bob"], ["cat", "dan"]]),
        (asks("StringEquals", "aws:PrincipalTag/team", "green"), [list(NAMES)]),
        (asks("StringEquals", "aws:username", "ann", "dan"), [["ann", "dan"], ["bob", "cat"]]),
        (asks("StringEquals", "aws:PrincipalAccount", B), [list(NAMES)]),
        (asks("StringEquals", "aws:SourceVpc", "vpc-1"), [list(NAMES)]),
        (deny("s3:*", f"{BUCKET}/${{aws:username}}/*", Principal="*"), [["ann"], ["bob"], ["cat"], ["dan"]]),
    ],
)
def test_what_one_condition_asks(statement: Json, expected: list[list[str]]) -> None:
    assert divided(statement) == expected


def test_several_conditions_together() -> None:
    found = divided(asks("ArnEquals", "aws:PrincipalArn", by("ann")), asks("Null", "aws:PrincipalTag/team", "true"))
    assert found == [["ann"], ["bob", "cat"], ["dan"]]


def test_a_bucket_of_another_account_counts_where_it_can_let_them_in() -> None:
    asked = asks("ArnEquals", "aws:PrincipalArn", by("ann"))
    assert divided(asked, account=B) == [list(NAMES)]
    assert divided(asked, allow("s3:ListBucket", BUCKET, Principal={"AWS": A}), account=B) == APART


def test_those_whom_the_same_statements_name() -> None:
    port = estate(
        people(*(user(name) for name in NAMES)),
        laid(
            BUCKET,
            allow("s3:GetObject", f"{BUCKET}/*", Principal={"AWS": [by("ann"), by("bob")]}),
            deny("s3:PutObject", f"{BUCKET}/*", Principal={"AWS": by("cat")}),
        ),
    )
    named = Dividing(port.access, port.side.telling).named[users(port)]
    assert parts(port, named) == [["ann", "bob"], ["cat"], ["dan"]]
    assert named[NAMES.index("dan")] == 0 and named[0] > 0


def test_a_session_is_named_otherwise_than_its_role() -> None:
    session = f"arn:aws:sts::{A}:assumed-role/app/run"
    statements = [allow("s3:*", BUCKET, Principal={"AWS": [session, by("web", kind="role")]})]
    roles = [role(name, trust=[trusting(LAMBDA)]) for name in ("app", "web", "job")]
    port = estate(people(*roles), laid(BUCKET, *statements))
    named = Dividing(port.access, port.side.telling).named
    assert len(set(named.tolist())) == 3
