"""A diff tells what changes on a resource when the facts of a principal do: tags, MFA, where its account stands."""

from __future__ import annotations

import pytest
from changes_support import GET, IN_ORG, IN_PROD, NOT_RED, RED, changes, check, touching
from estate_names import ANN, BUCKET, KEY, OBJECT, ORG, THE_ACCOUNT, A, B, Json, by
from two_estates import allow, deny, estate, guard, laid, organization, people, role, trusting, user

from leastwise.model.decision import State

ROLE = by("app", A, "role")

LAID: dict[str, tuple[list[Json], str, str]] = {
    "bucket of another account": (
        laid(BUCKET, allow(GET, f"{BUCKET}/*", RED, Principal=THE_ACCOUNT), account=B),
        GET,
        OBJECT,
    ),
    "bucket that only denies": (laid(BUCKET, deny(GET, f"{BUCKET}/*", NOT_RED, Principal="*")), GET, OBJECT),
    "bucket that lets everyone in": (
        laid(BUCKET, allow(GET, f"{BUCKET}/*", RED, Principal="*"), account=B),
        GET,
        OBJECT,
    ),
    "bucket by a variable": (
        laid(BUCKET, allow(GET, f"{BUCKET}/${{aws:PrincipalTag/team}}", Principal=THE_ACCOUNT), account=B),
        GET,
        f"{BUCKET}/red",
    ),
    "key": (laid(KEY, allow("kms:*", "*", RED, Principal=THE_ACCOUNT)), "kms:Decrypt", KEY),
}


@pytest.mark.parametrize("case", LAID)
@pytest.mark.parametrize("back", [False, True])
def test_a_tag_of_a_user_opens_what_a_policy_of_a_resource_asks_for(case: str, back: bool) -> None:
    documents, action, resource = LAID[case]
    ann = [user("ann", allow([GET, "kms:Decrypt"]), tags={"team": one}) for one in ("blue", "red")]
    old, new = (estate(people(one, user("own", account=B)), documents) for one in (ann[::-1] if back else ann))
    expected = (State.DENIED, State.ALLOWED)
    assert check(old, new, ANN, action, resource) == (expected[::-1] if back else expected)


@pytest.mark.parametrize("account", [A, B])
def test_a_tag_of_a_user_opens_a_role_whose_trust_asks_for_it(account: str) -> None:
    app = role("app", trust=[trusting(THE_ACCOUNT, RED)], account=account)
    old, new = (estate(people(user("ann", allow("sts:*"), tags={"team": one}), app)) for one in ("blue", "red"))
    states = check(old, new, ANN, "sts:AssumeRole", by("app", account, "role"))
    assert states == (State.DENIED, State.ALLOWED)


def test_the_tag_of_another_key_changes_nothing() -> None:
    documents = laid(BUCKET, allow(GET, f"{BUCKET}/*", RED, Principal=THE_ACCOUNT), account=B)
    ann = (user("ann", allow(GET), tags={"team": "red", "x": one}) for one in ("1", "2"))
    old, new = (estate(people(one, user("own", account=B)), documents) for one in ann)
    assert changes(old, new) == {}


@pytest.mark.parametrize(
    "lying",
    [
        laid(BUCKET, allow(GET, f"{BUCKET}/*", IN_ORG, Principal="*"), account=B),
        laid(BUCKET, allow(GET, f"{BUCKET}/*", IN_ORG, Principal=THE_ACCOUNT), account=B),
    ],
)
def test_an_account_that_joins_an_organization_gains_what_is_open_to_it(lying: list[Json]) -> None:
    two = people(user("ann", allow(GET)), user("own", account=B))
    old = estate(two, lying, organization((B, "r-root")))
    new = estate(two, lying, organization((B, "r-root"), (A, "r-root")))
    before, now = check(old, new, ANN, GET, OBJECT)
    assert before is not State.ALLOWED and now is State.ALLOWED
    assert touching(changes(old, new)[ANN].gained, GET, OBJECT)


@pytest.mark.parametrize("count", [1, 3])
def test_an_account_that_moves_gains_what_is_open_to_its_unit(count: int) -> None:
    those = [user(f"u{number}", allow(GET)) for number in range(count)]
    two = people(*those, user("own", account=B))
    lying = laid(BUCKET, allow(GET, f"{BUCKET}/*", IN_PROD, Principal="*"), account=B)
    old, new = (estate(two, lying, organization((B, "r-root"), (A, unit))) for unit in ("ou-dev", "ou-prod"))
    for number in range(count):
        assert check(old, new, by(f"u{number}"), GET, OBJECT) == (State.DENIED, State.ALLOWED)
    assert check(new, old, by("u0"), GET, OBJECT) == (State.ALLOWED, State.DENIED)


def test_of_those_who_move_only_whom_the_resource_asks_for_gain() -> None:
    """Principals of equal policies whose facts changed alike are taken together, but for what resources ask of them."""
    two = people(
        *(
            user(name, allow(GET), tags={"team": team})
            for name, team in (("ann", "red"), ("bob", "blue"), ("cy", "red"))
        ),
        user("own", account=B),
    )
    both = {**IN_PROD, **RED}
    lying = laid(BUCKET, allow(GET, f"{BUCKET}/*", both, Principal="*"), account=B)
    old, new = (estate(two, lying, organization((B, "r-root"), (A, unit))) for unit in ("ou-dev", "ou-prod"))
    for name, now in (("ann", State.ALLOWED), ("bob", State.DENIED), ("cy", State.ALLOWED)):
        assert check(old, new, by(name), GET, OBJECT) == (State.DENIED, now)


def test_a_guardrail_of_the_resource_that_reads_who_asks_counts() -> None:
    """The perimeter of another account: whoever is of the organization may, once his account is."""
    two = people(user("ann", allow(GET)), user("own", account=B))
    outside = deny("s3:*", "*", {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}}, Principal="*")
    lying = laid(BUCKET, allow(GET, f"{BUCKET}/*", Principal={"AWS": A}), account=B)
    rcp = guard("rcp", B, outside)
    old = estate(two, lying, organization((B, "r-root")), rcp)
    new = estate(two, lying, organization((B, "r-root"), (A, "r-root")), rcp)
    assert touching(changes(old, new)[ANN].gained, GET, OBJECT)
    check(old, new, ANN, GET, OBJECT)


def test_a_user_made_anew_is_not_who_a_policy_names_by_its_id() -> None:
    named = {"StringEquals": {"aws:userid": "AIDAOLD0000000000000A"}}
    for lying in (
        laid(BUCKET, deny(GET, f"{BUCKET}/*", named, Principal="*")),
        laid(BUCKET, deny(GET, f"{BUCKET}/*", Principal={"AWS": "AIDAOLD0000000000000A"})),
    ):
        ids = ("AIDAOLD0000000000000A", "AIDANEW0000000000000A")
        old, new = (estate(people(user("ann", allow(GET), id=one)), lying) for one in ids)
        assert check(old, new, ANN, GET, OBJECT) == (State.DENIED, State.ALLOWED)


def test_who_acts_as_a_role_gains_what_its_tag_opens() -> None:
    """People, things and agents act as roles: what a fact of the role opens, opens for them."""
    lying = laid(BUCKET, deny(GET, f"{BUCKET}/*", NOT_RED, Principal="*"))
    app = (
        role("app", allow(GET), trust=[trusting({"Service": "lambda.amazonaws.com"})], tags={"team": one})
        for one in ("blue", "red")
    )
    old, new = (estate(people(one), lying) for one in app)
    assert check(old, new, ROLE, GET, OBJECT) == (State.DENIED, State.ALLOWED)
