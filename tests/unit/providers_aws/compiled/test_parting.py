"""Two principals whom only a resource tells apart: by name, tag, ARN, organization, or the account that it is of."""

from __future__ import annotations

import pytest
from changes_support import ASSUME, DECRYPT, GET, IS_ANN, NAMED_ANN, NOT_RED, RED, touching
from estate_names import ANN, BOB, BUCKET, CY, INSIDE, KEY, OBJECT, OUT, TAGS, THE_ACCOUNT, WHOLE, A, B, Json, by
from two_estates import allow, deny, estate, guard, laid, organization, people, role, through, trusting, twins, user

from leastwise.model.decision import Circumstances, Cube, State
from leastwise.providers.aws.compiled.port import AwsPort

APP = by("app", kind="role")
OWN = user("own", account=B)


def sides(
    port: AwsPort, first: str = ANN, second: str = BOB, given: Circumstances | None = None
) -> list[tuple[Cube, ...]]:
    """What only the first can do, only the second, and both."""
    one, other = (port.effective(name, given or Circumstances()) for name in (first, second))
    return [one.minus(other), other.minus(one), one.both(other)]


def told(port: AwsPort, action: str, resource: str, first: str = ANN, second: str = BOB) -> list[bool]:
    """Of each side, whether it tells of a request; first it is seen that `can` says so."""
    states = [port.can(one, action, resource, Circumstances()).state for one in (first, second)]
    found = [bool(touching(cubes, action, resource)) for cubes in sides(port, first, second)]
    if State.UNKNOWN not in states and State.CONDITIONAL not in states:
        able = [state is State.ALLOWED for state in states]
        assert found == [able == [True, False], able == [False, True], all(able)], (states, found)
    one, other = (port.effective(name, Circumstances()) for name in (first, second))
    assert one.differs(other) is other.differs(one) is any(sides(port, first, second)[:2])
    return found


@pytest.mark.parametrize(
    "statement",
    [
        deny("s3:*", WHOLE, Principal={"AWS": BOB}),
        deny("s3:*", WHOLE, NotPrincipal={"AWS": ANN}),
        deny("s3:*", WHOLE, {"ArnNotEquals": {"aws:PrincipalArn": ANN}}, Principal="*"),
        deny("s3:*", WHOLE, NOT_RED, Principal="*"),
        deny("s3:*", WHOLE, {"StringEquals": {"aws:username": "bob"}}, Principal=THE_ACCOUNT),
        deny(GET, f"{BUCKET}/*", {"StringLike": {"aws:userid": "AIDABOB*"}}, Principal="*"),
    ],
    ids=["named", "not named", "ARN", "tag", "name", "unique id"],
)
def test_a_policy_that_only_denies(statement: Json) -> None:
    port = estate(people(*twins(allow("s3:*"))), laid(BUCKET, statement))
    assert told(port, GET, OBJECT) == [True, False, False]
    assert told(port, GET, "arn:aws:s3:::elsewhere/x") == [False, False, True]


@pytest.mark.parametrize("when", [IS_ANN, RED, NAMED_ANN], ids=["ARN", "tag", "name"])
@pytest.mark.parametrize("own", [(), (allow("ec2:*"),)])
def test_everyone_is_let_in_under_a_condition(when: Json, own: tuple[Json, ...]) -> None:
    port = estate(people(*twins(*own)), laid(BUCKET, allow(GET, f"{BUCKET}/*", when, Principal="*")))
    assert told(port, GET, OBJECT) == [True, False, False]


def test_a_denial_that_says_the_same_of_both_tells_nobody_apart() -> None:
    both = deny("s3:*", WHOLE, {"StringEquals": {"aws:PrincipalTag/team": "green"}}, Principal="*")
    port = estate(
        people(*twins(allow("s3:*"))), laid(BUCKET, both, deny(GET, f"{BUCKET}/*", Principal={"AWS": [BOB, ANN]}))
    )
    assert sides(port)[:2] == [(), ()]


def test_a_variable_in_a_resource_stands_for_another_one_of_each() -> None:
    lying = laid(BUCKET, deny(GET, f"{BUCKET}/${{aws:username}}/*", Principal="*"))
    port = estate(people(*twins(allow("s3:*"))), lying)
    assert told(port, GET, f"{BUCKET}/bob/x") == [True, False, False]
    assert told(port, GET, f"{BUCKET}/ann/x") == [False, True, False]
    assert told(port, GET, f"{BUCKET}/x") == [False, False, True]


@pytest.mark.parametrize(
    "statements",
    [
        [allow("kms:*", "*", RED, Principal=THE_ACCOUNT)],
        [allow("kms:*", "*", IS_ANN, Principal=THE_ACCOUNT)],
        [allow("kms:*", "*", Principal=THE_ACCOUNT), deny(DECRYPT, "*", Principal={"AWS": BOB})],
        [allow("kms:*", "*", Principal={"AWS": ANN})],
    ],
    ids=["tag", "ARN", "denied", "named"],
)
def test_a_key_that_leaves_it_to_the_account_under_a_condition(statements: list[Json]) -> None:
    port = estate(people(*twins(allow("kms:*"))), laid(KEY, *statements))
    assert told(port, DECRYPT, KEY) == [True, False, False]


@pytest.mark.parametrize(
    "trust",
    [
        [trusting(THE_ACCOUNT, RED)],
        [trusting(THE_ACCOUNT, {"ArnLike": {"aws:PrincipalArn": ANN}})],
        [trusting(THE_ACCOUNT), {**trusting({"AWS": BOB}), "Effect": "Deny"}],
        [trusting({"AWS": ANN})],
    ],
    ids=["tag", "ARN", "denied", "named"],
)
def test_a_role_that_trusts_the_account_under_a_condition(trust: list[Json]) -> None:
    port = estate(people(*twins(allow("sts:*")), role("app", trust=trust)))
    assert told(port, ASSUME, APP) == [True, False, False]


@pytest.mark.parametrize(
    "statement",
    [
        allow(GET, f"{BUCKET}/*", Principal={"AWS": ANN}),
        allow(GET, f"{BUCKET}/*", IS_ANN, Principal="*"),
        allow(GET, f"{BUCKET}/*", RED, Principal=THE_ACCOUNT),
        allow(GET, f"{BUCKET}/*", NotPrincipal={"AWS": BOB}),
    ],
    ids=["named", "ARN", "tag", "not named"],
)
def test_a_bucket_of_another_account(statement: Json) -> None:
    port = estate(people(*twins(allow("s3:*")), OWN), laid(BUCKET, statement, account=B))
    found = told(port, GET, OBJECT)
    assert found[:2] == [True, False]


def test_a_guardrail_of_another_account_that_reads_a_tag() -> None:
    limit = deny(GET, "*", NOT_RED, Principal="*")
    port = estate(
        people(*twins(allow("s3:*")), OWN),
        organization((A, "r-root"), (B, "r-root")),
        guard("rcp", B, limit),
        laid(BUCKET, allow("s3:*", WHOLE, Principal={"AWS": A}), account=B),
    )
    assert told(port, GET, OBJECT) == [True, False, False]


def test_what_a_guardrail_denies_at_home_one_alone_may_do_abroad() -> None:
    port = estate(
        people(user("ann", allow("s3:*")), user("bob"), OWN),
        organization((A, "r-root"), (B, "r-root")),
        guard("rcp", A, deny(GET, "*", Principal="*")),
        laid(BUCKET, allow("s3:*", WHOLE, Principal={"AWS": A}), account=B),
    )
    assert told(port, GET, OBJECT) == [True, False, False]


def test_an_access_point_of_a_bucket_that_tells_them_apart() -> None:
    lying = laid(BUCKET, deny("s3:*", WHOLE, Principal={"AWS": BOB}))
    port = estate(people(*twins(allow("s3:*"))), lying, through("data"))
    assert told(port, GET, INSIDE) == [True, False, False]


def test_tags_of_a_session_are_its_own() -> None:
    """A role whose sessions bring tags is not told to lack one."""
    bringing = [trusting(THE_ACCOUNT), trusting(THE_ACCOUNT, action="sts:TagSession")]
    port = estate(
        people(*twins(allow("s3:*")), role("app", allow("s3:*"), trust=bringing)),
        laid(BUCKET, deny("s3:*", WHOLE, RED, Principal="*")),
    )
    only_app = sides(port, APP, ANN)[0]
    assert [cube.state for cube in touching(only_app, GET, OBJECT)] == [State.CONDITIONAL]
    assert told(port, GET, OBJECT, BOB, ANN) == [True, False, False]


# --- of two accounts


def test_of_two_accounts_each_stays_in_its_own() -> None:
    port = estate(people(user("ann", allow("s3:*")), user("cy", allow("s3:*"), account=B)), laid(BUCKET))
    one, other, both = sides(port, ANN, CY)
    for cubes, account in ((one, A), (other, B)):
        (cube,) = touching(cubes, GET, OBJECT)
        assert (cube.state, cube.resources) == (State.CONDITIONAL, ("*",))
        assert account in repr(cube.residual) and "ResourceAccount" in repr(cube.residual)
    (shared,) = touching(both, GET, OBJECT)
    assert shared.state is State.CONDITIONAL
    assert all(account in repr(shared.residual) for account in (A, B))
    # What is about no resource is about no account.
    assert [cube.state for cube in both if "s3:ListAllMyBuckets" in cube.permissions] == [State.ALLOWED]


@pytest.mark.parametrize("account", [A, B, OUT])
def test_a_bucket_that_lets_in_who_is_of_another_account(account: str) -> None:
    lets = allow(GET, f"{BUCKET}/*", Principal={"AWS": [A, B]})
    port = estate(
        people(user("ann", allow("s3:*")), user("cy", allow("s3:*"), account=B), user("own", account=OUT)),
        laid(BUCKET, lets, account=account),
        alone=(A, B, OUT),
    )
    assert touching(sides(port, ANN, CY)[2], GET, OBJECT)[0].state is State.ALLOWED
    assert not [cube for cube in touching(sides(port, ANN, CY)[0], GET, OBJECT) if cube.state is State.ALLOWED]


def test_of_two_accounts_a_strict_question_too() -> None:
    port = estate(people(user("ann", allow("s3:*")), user("cy", allow("s3:*"), account=B)), laid(BUCKET))
    one, other, _ = sides(port, ANN, CY, Circumstances(strict=True))
    assert touching(one, GET, OBJECT) and touching(other, GET, OBJECT)


def test_the_account_of_the_resource_is_given() -> None:
    port = estate(people(user("ann", allow("s3:*")), user("cy", allow("s3:*"), account=B)))
    given = Circumstances({"aws:ResourceAccount": (A,)})
    one, other, both = sides(port, ANN, CY, given)
    assert [cube.state for cube in touching(one, GET, OBJECT)] == [State.ALLOWED]
    assert not touching(other, GET, OBJECT) and not touching(both, GET, OBJECT)


# --- who is alike


def alike(port: AwsPort) -> list[tuple[bool, list[str]]]:
    """The groups; of what is called equal it is seen that `compare` tells nothing apart."""
    found = port.alike(0.9).groups
    for group in found:
        first, *others = [twin.principal for twin in group.twins]
        one = port.effective(first, Circumstances())
        if group.equal:
            assert not any(one.differs(port.effective(other, Circumstances())) for other in others)
    return [(one.equal, [twin.principal.rsplit("/", 1)[-1] for twin in one.twins]) for one in found]


LETTING: list[list[Json]] = [
    laid(BUCKET, allow(GET, f"{BUCKET}/*", when, Principal="*")) for when in (RED, IS_ANN, NAMED_ANN)
]
APART: list[list[Json]] = [
    *LETTING,
    laid(BUCKET, deny("s3:*", WHOLE, Principal={"AWS": BOB})),
    laid(BUCKET, deny("s3:*", WHOLE, NotPrincipal={"AWS": BOB})),
    laid(BUCKET, deny(GET, f"{BUCKET}/*", {"ArnEquals": {"aws:PrincipalArn": BOB}}, Principal="*")),
    laid(BUCKET, deny(GET, f"{BUCKET}/${{aws:username}}/*", Principal="*")),
    laid(BUCKET, allow(GET, f"{BUCKET}/*", RED, Principal={"AWS": A}), account=B),
    laid(KEY, allow("kms:*", "*", RED, Principal=THE_ACCOUNT)),
]
LIKE = ["tag", "ARN", "name", "denied", "spared", "denied by ARN", "variable", "abroad", "key"]


def own(lying: list[Json]) -> list[str]:
    """What both may do: where a resource gives them something, not that already."""
    return ["s3:List*", "kms:*"] if lying in LETTING else ["s3:*", "kms:*"]


@pytest.mark.parametrize("lying", APART, ids=LIKE)
def test_of_equal_policies_a_resource_tells_two_apart(lying: list[Json]) -> None:
    port = estate(people(*twins(allow(own(lying))), OWN), lying)
    assert alike(port) == [(False, ["ann", "bob"])]


@pytest.mark.parametrize("lying", APART, ids=LIKE)
def test_of_policies_that_come_to_the_same_too(lying: list[Json]) -> None:
    """Different statements of equal effect are decided, and the resource is looked at."""
    first = user("ann", allow(own(lying)), tags=TAGS["ann"])
    more = [*map(allow, own(lying)), deny("sqs:SendMessage")]
    second = user("bob", *more, tags=TAGS["bob"])
    assert alike(estate(people(first, second, OWN), lying)) == [(False, ["ann", "bob"])]
    assert alike(estate(people(first, second, OWN))) == [(True, ["ann", "bob"])]


@pytest.mark.parametrize("lying", LETTING, ids=LIKE[:3])
def test_who_may_already_is_not_told_apart_by_being_let_in(lying: list[Json]) -> None:
    assert alike(estate(people(*twins(allow("s3:*"))), lying)) == [(True, ["ann", "bob"])]


def test_a_guardrail_abroad_tells_two_of_equal_policies_apart() -> None:
    limit = deny(GET, "*", NOT_RED, Principal="*")
    lets = laid(BUCKET, allow("s3:*", WHOLE, Principal={"AWS": A}), account=B)
    over = [*organization((A, "r-root"), (B, "r-root")), guard("rcp", B, limit)]
    assert alike(estate(people(*twins(allow("s3:*")), OWN), over, lets)) == [(False, ["ann", "bob"])]
    assert alike(estate(people(*twins(allow("s3:*")), OWN), over)) == [(True, ["ann", "bob"])]


def test_what_is_denied_at_home_one_of_two_may_do_abroad() -> None:
    """Their policies come to the same at home, where a guardrail denies what one has more."""
    those = people(user("ann", allow("sqs:*"), allow(GET)), user("bob", allow("sqs:*")), OWN)
    over = [*organization((A, "r-root"), (B, "r-root")), guard("rcp", A, deny(GET, "*", Principal="*"))]
    lets = laid(BUCKET, allow("s3:*", WHOLE, Principal={"AWS": A}), account=B)
    assert (True, ["ann", "bob"]) not in alike(estate(those, over, lets))


def test_those_whom_one_statement_names_are_equal() -> None:
    """Both are named alike, so nothing is left to decide."""
    lying = laid(
        BUCKET, allow(GET, f"{BUCKET}/*", Principal={"AWS": [ANN, BOB]}), deny("s3:Put*", f"{BUCKET}/*", Principal="*")
    )
    port = estate(people(*twins(allow("s3:List*"))), lying)
    assert alike(port) == [(True, ["ann", "bob"])]
    assert port.alike(0.9).missing == ()


def test_what_asks_the_same_of_both_leaves_them_equal() -> None:
    green = {
        "StringEquals": {"aws:PrincipalTag/team": "green"},
        "StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:*"},
    }
    port = estate(people(*twins(allow("s3:*"))), laid(BUCKET, deny("s3:*", WHOLE, green, Principal="*")))
    assert alike(port) == [(True, ["ann", "bob"])]


def test_a_session_that_is_named_is_one_of_its_role_alone() -> None:
    roles = [role(name, allow("s3:*"), trust=[trusting({"Service": "ec2.amazonaws.com"})]) for name in ("app", "web")]
    session = f"arn:aws:sts::{A}:assumed-role/app/run"
    port = estate(people(*roles), laid(BUCKET, deny(GET, f"{BUCKET}/*", Principal={"AWS": session})))
    assert alike(port) == [(False, ["app", "web"])]
