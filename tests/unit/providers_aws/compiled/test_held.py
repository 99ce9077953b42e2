"""What everybody holds, all at once, against what one question answers; on the demo company."""

from __future__ import annotations

from functools import cache

import pytest
from compiled_support import demo_scopes
from pyroaring import BitMap

from leastwise.engine.holdings import Alike, Everybody
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.compile import compile_estate
from leastwise.providers.aws.compiled.held import free_permissions
from leastwise.providers.aws.compiled.port import AwsPort


@cache
def port() -> AwsPort:
    return AwsPort(compile_estate(demo_scopes()))


@cache
def everybody() -> tuple[Everybody, tuple[Alike, ...]]:
    found = port().everybody()
    return found, tuple(found.groups)


def given(group: Alike) -> BitMap:
    bundles = everybody()[0].bundles
    found = BitMap.union(BitMap(), *(part.permissions for one in group.bundles for part in bundles[one]))
    return found if group.limit is None else found & group.limit


def test_every_user_and_role_stands_once() -> None:
    told = [one for group in everybody()[1] for one in group.principals]
    assert sorted(told) == sorted(port().access.estate.principal_ids.all())


def test_all_at_once_is_at_least_what_one_question_answers_of_its_own_policies() -> None:
    compared = exact = 0
    for group in everybody()[1]:
        if group.unread:
            continue
        own = port().effective(group.principals[0], Circumstances()).general.permissions - free_permissions()
        assert own <= given(group) or not own, group.principals[0]
        if group.exact:
            assert own == given(group), group.principals[0]
            exact += 1
        compared += 1
    assert compared > 50
    assert exact > 10


def test_members_of_a_group_hold_the_same_by_their_own_policies() -> None:
    groups = [group for group in everybody()[1] if len(group.principals) > 1 and not group.unread]
    assert groups
    for group in groups:
        own = {
            bytes(port().effective(one, Circumstances()).general.permissions.serialize()) for one in group.principals
        }
        assert len(own) == 1, group.principals


def test_what_everybody_may_do_is_held_by_nobody() -> None:
    names = port().permissions()
    assert {names[number] for number in free_permissions()} == {"sts:GetCallerIdentity", "sts:GetSessionToken"}
    assert not any(given(group) & free_permissions() for group in everybody()[1])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("customs-archive", {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "dynamodb:UpdateTable"}),
        (
            "quarter-close",
            {"s3:PutObject", "s3:GetObject", "rds:CreateDBSnapshot", "ses:SendRawEmail", "rds:DeleteDBInstance"},
        ),
    ],
)
def test_held_by_one(name: str, expected: set[str]) -> None:
    found = port().held(name, Circumstances())
    names = port().permissions()
    assert {names[number] for part in found.parts for number in part.permissions} <= expected | {"s3:GetObject"}
    assert {names[number] for part in found.parts for number in part.permissions} >= expected - {"s3:GetObject"}
    assert (found.native, found.missing) == ("role", ())
    assert all(part.state is State.ALLOWED for part in found.parts)


def test_statements_are_told_with_what_they_give() -> None:
    given_by = port().given("customs-archive")
    names = port().permissions()
    assert {names[number] for one in given_by for number in one.permissions} >= {"dynamodb:UpdateTable"}
    assert all(one.layer == "identity" and one.policy and one.source for one in given_by)


def test_a_person_acts_as_roles_and_a_role_as_nobody() -> None:
    roles = port().acts_as("rosa.vasquez@brightwater.example")
    assert all(":role/" in one for one in roles)
    assert port().acts_as("customs-archive") == ()
    assert port().held("rosa.vasquez@brightwater.example", Circumstances()).native == "identity_center_user"


def test_an_exact_number_is_that_of_one_question_resources_that_let_everyone_in_included() -> None:
    compared = 0
    for group in everybody()[1]:
        if not group.exact:
            continue
        held = port().held(group.principals[0], Circumstances())
        own = BitMap.union(BitMap(), *(part.permissions for part in held.parts))
        assert own == given(group), group.principals[0]
        compared += 1
    assert compared > 10
