"""Which resources tell principals apart, by what of them their own side reads."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from changes_support import ASSUME, DECRYPT, GET, IN_ORG
from estate_names import BUCKET, KEY, OUT, POINT, A, B, Json, by
from two_estates import allow, deny, estate, guard, laid, organization, people, role, through, trusting, user

from leastwise.engine.arrays import Array
from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.aws.compiled.telling import Telling, keys_of, meets, united
from leastwise.providers.aws.compiled.traits import traits_of
from leastwise.providers.aws.evaluate.policy import parse_policy

TAG = "aws:principaltag/team"
RED: Json = {"StringEquals": {"aws:PrincipalTag/Team": "red"}}
QUEUE, OTHER = (f"arn:aws:sqs:eu-west-1:{one}:jobs" for one in (A, B))
APP = by("app", A, "role")


def concerning(action: str) -> Array:
    """Mask of the actions of a pattern."""
    return actions().mask(parse_policy({"Statement": allow(action)}).statements[0])


def telling() -> Telling:
    """A bucket that reads a tag, a key that reads the organization, queues by a variable, a role by a tag."""
    port = estate(
        people(user("ann"), role("app", trust=[trusting({"AWS": A}, RED)]), user("own", account=B)),
        laid(
            BUCKET,
            deny(GET, f"{BUCKET}/*", RED, Principal="*"),
            allow("s3:*", BUCKET, Principal={"AWS": OUT}),
        ),
        laid(KEY, allow(DECRYPT, "*", IN_ORG, Principal="*")),
        laid(QUEUE, allow("sqs:*", f"{QUEUE[:-4]}${{aws:PrincipalTag/team}}", Principal={"AWS": A})),
        laid(OTHER, deny("sqs:SendMessage", "*", RED, Principal="*"), account=B),
        through("data"),
    )
    return port.side.telling


def named(found: Telling, keys: Collection[str], account: str = A, names: Collection[str] = ()) -> dict[str, set[str]]:
    estate_, table = found._estate, actions().names
    return {
        estate_.principal_ids[~thing] if thing < 0 else estate_.texts("thing.id")[thing]: {
            name for name, one in zip(table, mask, strict=True) if one
        }
        for thing, mask in found.reading(keys, account, names).items()
    }


def test_those_that_read_a_tag() -> None:
    found = named(telling(), {TAG})
    assert found.keys() == {BUCKET, QUEUE, APP}
    assert found[BUCKET] == {GET}
    assert found[APP] == {ASSUME}
    assert "sqs:SendMessage" in found[QUEUE] and not any(one.startswith("s3:") for one in found[QUEUE])


def test_all_tags_at_once_and_other_keys() -> None:
    found = telling()
    assert named(found, {"aws:principaltag/"}) == named(found, {TAG})
    assert named(found, {"aws:principalorgid"}).keys() == {KEY}
    assert named(found, {"aws:principaltag/other"}) == named(found, set()) == {}


def test_resources_of_other_accounts_only_where_they_can_let_one_in() -> None:
    found = telling()
    assert named(found, {TAG}, B).keys() == {OTHER}
    assert named(found, {TAG}, OUT).keys() == {BUCKET}
    assert named(found, {"aws:principalorgid"}, B).keys() == {KEY}


def test_who_is_named_counts_as_what_is_read() -> None:
    assert named(telling(), set(), A, {OUT}).keys() == {BUCKET}


def test_a_guardrail_above_resources_that_let_one_in() -> None:
    port = estate(
        people(user("ann"), user("own", account=B)),
        organization((A, "r-root"), (B, "r-root")),
        guard(
            "rcp", B, deny("sqs:SendMessage", "*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-x"}}, Principal="*")
        ),
        laid(OTHER, allow("sqs:*", "*", Principal={"AWS": A}), account=B),
        laid(f"{OTHER}2", allow("sqs:*", "*", Principal={"AWS": OUT}), account=B),
    )
    assert named(port.side.telling, {"aws:principalorgid"}) == {OTHER: {"sqs:SendMessage"}}
    assert named(port.side.telling, {"aws:principalorgid"}, B) == {}


def test_a_bucket_is_also_what_it_holds_and_its_access_points() -> None:
    found = telling()
    mask = concerning("s3:*Object")
    places = found.by_name(BUCKET, mask)
    assert places.keys() == {f"{BUCKET}/*", f"{POINT}/object/*"}
    everything = found.by_name(BUCKET, concerning("*"))
    assert everything.keys() == {BUCKET, f"{BUCKET}/*", POINT, f"{POINT}/object/*"}
    assert found.by_name(QUEUE, mask) == {}


def test_what_resources_ask_is_by_the_actions_that_matter() -> None:
    found = telling()
    bucket = found._estate.thing(BUCKET)
    assert bucket is not None
    mask = concerning(GET)
    assert keys_of(found.traits([bucket], mask)) == {TAG}
    assert found.traits([bucket], mask & False) == set()
    assert keys_of(found.traits([bucket], None)) == {TAG}
    point = found._estate.thing(POINT)
    assert point is not None and keys_of(found.traits([point], mask)) == {TAG}


@pytest.mark.parametrize(
    ("read", "changed", "expected"),
    [
        ({TAG}, {TAG}, True),
        ({TAG}, {"aws:principaltag/"}, True),
        ({TAG}, {"aws:principaltag/x"}, False),
        ({"aws:multifactorauthage"}, {"aws:multifactorauth"}, True),
        ({"aws:multifactorauth"}, {"aws:multifactorauth"}, True),
        ({"aws:userid"}, {"aws:principaltag/"}, False),
        (set(), {TAG}, False),
    ],
)
def test_keys_meet(read: set[str], changed: set[str], expected: bool) -> None:
    assert meets(read, changed) is expected


def test_keys_of_statements() -> None:
    when = {"StringEquals": {"aws:PrincipalTag/A": "${aws:username}", "aws:SourceVpc": "v"}}
    policy = parse_policy({"Version": "2012-10-17", "Statement": allow("s3:*", "*", when)})
    assert keys_of(traits_of(policy.statements)) == {"aws:principaltag/a", "aws:username"}


def test_masks_of_one_resource_come_together() -> None:
    first, second = concerning(GET), concerning("s3:PutObject")
    found = united([{"a": first}, {"a": second, "b": second}])
    assert found.keys() == {"a", "b"}
    assert (found["a"] == (first | second)).all() and (found["b"] == second).all()
