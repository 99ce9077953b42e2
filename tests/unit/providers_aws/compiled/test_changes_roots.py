"""What root users gain and lose: by guardrails, by resources, by where their accounts stand, with their accounts."""

from __future__ import annotations

import pytest
from changes_support import ASSUME, GET, IN_PROD, changes, check, touching
from estate_names import ANN, BUCKET, KEY, MANAGER, OBJECT, ROOT, WHOLE, A, B, Json, by
from two_estates import allow, deny, estate, guard, laid, organization, people, role, trusting, user

from leastwise.model.decision import State

OTHER = f"arn:aws:iam::{B}:root"
ELSEWHERE = "arn:aws:s3:::elsewhere/x"
OWN = people(user("ann"), user("cy", account=B))
WITHIN = [*organization((A, "ou-prod"), (B, "r-root")), *laid(BUCKET)]
ALLOWED, DENIED = State.ALLOWED, State.DENIED


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("target", [A, "ou-prod"])
def test_a_guardrail_that_denies(target: str, back: bool) -> None:
    sides = [estate(OWN, WITHIN), estate(OWN, WITHIN, guard("scp", target, allow("*"), deny("s3:*")))]
    old, new = sides[::-1] if back else sides
    states = (DENIED, ALLOWED) if back else (ALLOWED, DENIED)
    assert check(old, new, ROOT, GET, OBJECT) == states
    assert check(old, new, OTHER, GET, OBJECT) == (DENIED, DENIED)
    assert check(old, new, ROOT, "sqs:ListQueues", "*") == (ALLOWED, ALLOWED)
    found = changes(old, new)
    assert found.keys() == {ROOT}
    change = found[ROOT]
    assert (change.name, change.kind, change.account, change.inside, change.presence) == (
        "root",
        "root",
        A,
        True,
        "both",
    )
    told = change.gained if back else change.lost
    assert {name.partition(":")[0] for cube in told for name in cube.permissions} == {"s3"}


def test_a_level_that_no_longer_allows() -> None:
    old = estate(OWN, WITHIN)
    new = estate(OWN, WITHIN, guard("scp", A, allow("sqs:*")))
    assert check(old, new, ROOT, GET, OBJECT) == (ALLOWED, DENIED)
    assert check(old, new, ROOT, "sqs:ListQueues", "*") == (ALLOWED, ALLOWED)


def test_a_guardrail_by_a_key_of_the_request() -> None:
    only = deny("s3:*", "*", {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})
    change = changes(estate(OWN, WITHIN), estate(OWN, WITHIN, guard("scp", A, allow("*"), only)))[ROOT]
    assert change.lost and {cube.state for cube in change.lost} == {State.CONDITIONAL} and not change.gained


def test_a_guardrail_that_spares_root_users_changes_nothing_for_them() -> None:
    spares = deny("s3:*", "*", {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})
    old, new = estate(OWN, WITHIN), estate(OWN, WITHIN, guard("scp", A, allow("*"), spares))
    assert ROOT not in changes(old, new)


def test_a_guardrail_on_resources_of_the_account() -> None:
    limit = guard("rcp", A, deny(GET, "*", Principal="*"))
    old, new = estate(OWN, WITHIN), estate(OWN, WITHIN, limit)
    assert check(old, new, ROOT, GET, OBJECT) == (ALLOWED, DENIED)


def test_what_a_guardrail_denies_at_home_the_root_user_may_do_abroad() -> None:
    lets = laid(BUCKET, allow("s3:*", WHOLE, Principal={"AWS": A}), account=B)
    limit = guard("rcp", A, deny(GET, "*", Principal="*"))
    over = organization((A, "ou-prod"), (B, "r-root"))
    old, new = estate(OWN, over, lets), estate(OWN, over, lets, limit)
    assert check(old, new, ROOT, GET, OBJECT) == (ALLOWED, ALLOWED)


@pytest.mark.parametrize("principal", [{"AWS": ROOT}, {"AWS": A}, "*"], ids=["root", "account", "everyone"])
def test_a_bucket_of_another_account(principal: Json | str) -> None:
    lets = laid(BUCKET, allow(GET, f"{BUCKET}/*", Principal=principal), account=B)
    old, new = estate(OWN, laid(BUCKET, account=B)), estate(OWN, lets)
    assert check(old, new, ROOT, GET, OBJECT) == (DENIED, ALLOWED)
    assert check(new, old, ROOT, GET, OBJECT) == (ALLOWED, DENIED)
    assert check(old, new, OTHER, GET, OBJECT) == (ALLOWED, ALLOWED)


def test_a_bucket_that_denies_its_own_root_user() -> None:
    denies = laid(BUCKET, deny(GET, f"{BUCKET}/*", {"ArnLike": {"aws:PrincipalArn": ROOT}}, Principal="*"))
    old, new = estate(OWN, laid(BUCKET)), estate(OWN, denies)
    assert check(old, new, ROOT, GET, OBJECT) == (ALLOWED, DENIED)


def test_a_key_that_names_the_account_no_more() -> None:
    before = laid(KEY, allow("kms:*", "*", Principal={"AWS": ROOT}))
    now = laid(KEY, allow("kms:*", "*", Principal={"AWS": ANN}))
    assert check(estate(OWN, before), estate(OWN, now), ROOT, "kms:Decrypt", KEY) == (ALLOWED, DENIED)


def test_root_users_become_no_roles() -> None:
    """AssumeRole cannot be called by the root user, whatever a trust policy says."""
    app = by("app", kind="role")
    sides = [estate(people(user("ann"), role("app", trust=[trusting({"AWS": one})]))) for one in (ANN, ROOT)]
    assert check(*sides, ROOT, ASSUME, app) == (DENIED, DENIED)


def test_an_account_that_moves_in_its_organization() -> None:
    lets = laid(BUCKET, allow(GET, f"{BUCKET}/*", IN_PROD, Principal="*"), account=B)
    old, new = (estate(OWN, organization((A, unit), (B, "r-root")), lets) for unit in ("ou-dev", "ou-prod"))
    assert check(old, new, ROOT, GET, OBJECT) == (DENIED, ALLOWED)


def test_an_account_that_leaves_the_reach_of_guardrails() -> None:
    over = guard("scp", "ou-prod", allow("*"), deny("s3:*"))
    old, new = (
        estate(OWN, organization((A, unit), (B, "r-root")), laid(BUCKET), over) for unit in ("ou-prod", "ou-dev")
    )
    assert check(old, new, ROOT, GET, OBJECT) == (DENIED, ALLOWED)


def test_an_account_that_is_new_or_gone_has_a_root_user() -> None:
    one, two = estate(people(user("ann"))), estate(OWN)
    found = changes(one, two)[OTHER]
    assert (found.presence, found.lost) == ("new", ()) and touching(found.gained, GET, ELSEWHERE)
    gone = changes(two, one)[OTHER]
    assert (gone.presence, gone.gained) == ("removed", ()) and touching(gone.lost, GET, ELSEWHERE)
    assert ROOT not in changes(one, two)


def test_the_management_account_is_not_guarded() -> None:
    those = people(user("ann"), user("boss", account=MANAGER))
    old, new = estate(those, WITHIN), estate(those, WITHIN, guard("scp", "r-root", deny("s3:*")))
    assert changes(old, new).keys() == {ROOT}
