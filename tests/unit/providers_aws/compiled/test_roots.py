"""Root users of the estate's accounts: every question tells of them what `can` does; so do those about sessions."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of

A, B, X = "111111111111", "222222222222", "999999999999"
ROOT, OTHER = f"arn:aws:iam::{A}:root", f"arn:aws:iam::{B}:root"
ANN, APP = f"arn:aws:iam::{A}:user/ann", f"arn:aws:iam::{A}:role/app"
QUEUE, THEIRS = (f"arn:aws:sqs:eu-west-1:{account}:jobs" for account in (A, B))
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SEND = "sqs:SendMessage"
GIVEN = Circumstances()

Json = dict[str, Any]


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str, principal: Any = None, **more: Any) -> Json:
    found = {"Effect": "Allow", "Action": action, "Resource": "*", **more}
    return found if principal is None else found | {"Principal": principal}


def deny(action: str, principal: Any = None, **more: Any) -> Json:
    return allow(action, principal, **more) | {"Effect": "Deny"}


def details(account: str, *own: Json, trust: Json | None = None) -> Json:
    """An account with a user `ann` and a role `app`, whose policy says `own`."""
    trusting = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    role = {
        "Arn": f"arn:aws:iam::{account}:role/app", "RoleName": "app", "RoleId": f"AROA{account}APPXX", "Path": "/",
        "AssumeRolePolicyDocument": document(trust or trusting),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*own)}] if own else [],
    }  # fmt: skip
    user = {"Arn": f"arn:aws:iam::{account}:user/ann", "UserName": "ann", "UserId": f"AIDA{account}ANNXX", "Path": "/"}
    body = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}
    return {"kind": "account_authorization_details", "body": body}


def laid(resource: str, *statements: Json) -> Json:
    account = resource.split(":")[4]
    policy = document(*statements) if statements else None
    return {"kind": "resource_policy", "body": {"resource": resource, "account": account, "policy": policy}}


def over(account: str, *statements: Json) -> list[Json]:
    """An organization whose guardrails over one account say some statements beside everything."""
    accounts = [{"id": one, "parent": "r-root"} for one in (A, B)]
    found = [{"kind": "organization", "body": {"id": "o-a1b2c3d4e5", "root": "r-root", "accounts": accounts}}]
    for target, more in (("r-root", ()), (account, statements), (A if account == B else B, ())):
        found.append({"kind": "scp", "body": {"targets": [target], "policy": document(allow("*"), *more)}})
    return found


def port(*documents: Json, alone: tuple[str, ...] = (A, B)) -> AwsPort:
    return AwsPort(estate_of({"documents": list(documents)}).estate.arrays, alone)


def roots(asked: AwsPort, action: str, resource: str | None, given: Circumstances = GIVEN) -> dict[str, State]:
    holders = asked.who_can(action, resource, given).holders
    return {one.principal: one.state for one in holders if one.kind == "root"}


def reached(asked: AwsPort, subject: str, action: str = SEND) -> dict[str, State]:
    return {one.resource: one.state for one in asked.reach(subject, action, GIVEN).resources}


# --- root users


def test_every_direction_knows_a_root_user() -> None:
    asked = port(details(A), details(B), laid(QUEUE), laid(THEIRS))
    assert roots(asked, SEND, QUEUE) == {ROOT: State.ALLOWED}
    assert roots(asked, SEND, None) == {ROOT: State.ALLOWED, OTHER: State.ALLOWED}
    assert (reached(asked, ROOT), reached(asked, B)) == ({QUEUE: State.ALLOWED}, {THEIRS: State.ALLOWED})
    allowed = {name for cube in asked.what_can(A, QUEUE, GIVEN) for name in cube.permissions}
    assert {SEND, "sqs:DeleteQueue"} <= allowed
    anywhere = {name for cube in asked.what_can(ROOT, None, GIVEN) for name in cube.permissions}
    assert {SEND, "iam:CreateUser", "ec2:RunInstances"} <= anywhere


def test_a_root_user_is_a_holder_of_the_estate() -> None:
    holder = port(details(A), laid(QUEUE)).who_can(SEND, QUEUE, GIVEN).holders.find(ROOT)
    assert holder is not None
    assert (holder.name, holder.kind, holder.account, holder.inside) == ("root", "root", A, True)


def test_nobody_has_more_than_the_root_user() -> None:
    asked = port(details(A, allow("sqs:*")), laid(QUEUE))
    root, app = asked.effective(ROOT, GIVEN), asked.effective(APP, GIVEN)
    assert app.minus(root) == ()
    assert {SEND, "iam:CreateUser"} - {one for cube in root.minus(app) for one in cube.permissions} == {SEND}
    assert SEND in {one for cube in root.both(app) for one in cube.permissions}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ([allow(SEND, {"AWS": B})], {ROOT: State.ALLOWED, OTHER: State.ALLOWED}),
        ([allow(SEND, {"AWS": OTHER})], {ROOT: State.ALLOWED, OTHER: State.ALLOWED}),
        ([allow(SEND, {"AWS": f"arn:aws:iam::{B}:user/ann"})], {ROOT: State.ALLOWED}),
        ([allow(SEND, "*")], {ROOT: State.ALLOWED, OTHER: State.ALLOWED}),
        ([deny(SEND, {"AWS": ROOT})], {}),
        ([deny("sqs:*", "*")], {}),
        ([deny(SEND, {"AWS": ANN})], {ROOT: State.ALLOWED}),
        ([{"Effect": "Deny", "Action": SEND, "Resource": "*", "NotPrincipal": {"AWS": ANN}}], {}),
        ([{"Effect": "Allow", "Action": SEND, "Resource": "*", "NotPrincipal": {"AWS": ROOT}}],
         {ROOT: State.ALLOWED, OTHER: State.ALLOWED}),
        ([deny(SEND, "*", Condition={"ArnEquals": {"aws:PrincipalArn": ROOT}})], {}),
        ([deny(SEND, "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})], {ROOT: State.CONDITIONAL}),
    ],
)  # fmt: skip
def test_what_lies_on_a_resource_counts_for_root_users(policy: list[Json], expected: dict[str, State]) -> None:
    asked = port(details(A), details(B), laid(QUEUE, *policy), laid(THEIRS))
    assert roots(asked, SEND, QUEUE) == expected
    for root in (ROOT, OTHER):
        assert asked.can(root, SEND, QUEUE, GIVEN).state is expected.get(root, State.DENIED)
        assert reached(asked, root).get(QUEUE, State.DENIED) is expected.get(root, State.DENIED)
        states = {cube.state for cube in asked.what_can(root, QUEUE, GIVEN) if SEND in cube.permissions}
        assert states == ({expected[root]} if root in expected else set())


def test_guardrails_count_for_root_users_of_member_accounts() -> None:
    asked = port(details(A), details(B), laid(QUEUE), laid(THEIRS), *over(A, deny(SEND)), alone=())
    assert roots(asked, SEND, None) == {OTHER: State.ALLOWED}
    assert (reached(asked, ROOT), reached(asked, OTHER)) == ({}, {THEIRS: State.ALLOWED})
    assert SEND not in {name for cube in asked.what_can(ROOT, None, GIVEN) for name in cube.permissions}


def test_guardrails_about_one_resource_count_there() -> None:
    beside = f"{QUEUE}2"
    asked = port(details(A), details(B), laid(QUEUE), laid(beside), *over(A, deny(SEND, Resource=QUEUE)), alone=())
    assert reached(asked, ROOT) == {beside: State.ALLOWED}
    assert roots(asked, SEND, beside) == {ROOT: State.ALLOWED}


def test_a_key_is_for_root_users_as_its_policy_says() -> None:
    named = port(details(A), details(B), laid(KEY, allow("kms:*", {"AWS": ROOT})))
    assert roots(named, "kms:Decrypt", KEY) == {ROOT: State.ALLOWED}
    # Of keys of the other account nothing was read.
    assert roots(named, "kms:Decrypt", None) == {ROOT: State.ALLOWED, OTHER: State.UNKNOWN}
    assert named.can(ROOT, "kms:Decrypt", None, GIVEN).state is State.ALLOWED
    assert reached(named, ROOT, "kms:Decrypt") == {KEY: State.ALLOWED}
    other = port(details(A), laid(KEY, allow("kms:*", {"AWS": ANN})))
    assert roots(other, "kms:Decrypt", KEY) == reached(other, ROOT, "kms:Decrypt") == {}


def test_root_users_of_unread_policies_are_not_known() -> None:
    """Of the resource's own account and of others: whom the policy lets in was not read."""
    asked = port(
        details(A), details(B), {"kind": "resource_policy", "body": {"resource": QUEUE, "account": A, "policy": "?"}}
    )
    for root in (ROOT, OTHER):
        assert asked.can(root, SEND, QUEUE, GIVEN).state is roots(asked, SEND, QUEUE).get(root, State.DENIED)


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
def test_root_users_become_no_roles(action: str) -> None:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
    trust = {"Effect": "Allow", "Action": "sts:*", "Principal": {"AWS": [ROOT, ANN]}}
    asked = port(details(A, trust=trust))
    assert asked.can(ROOT, action, APP, GIVEN).state is State.DENIED
    assert asked.can(ANN, action, APP, GIVEN).state is State.ALLOWED
    assert roots(asked, action, APP) == roots(asked, action, None) == reached(asked, ROOT, action) == {}
    assert action not in {name for cube in asked.what_can(ROOT, None, GIVEN) for name in cube.permissions}


def test_nobody_can_by_way_of_a_root_user() -> None:
    asked = port(details(A), laid(QUEUE))
    found = asked.who_can(SEND, QUEUE, GIVEN, transitive=True).holders
    assert [one.principal for one in found] == [ROOT]


def test_the_root_of_an_account_that_was_not_read_is_that_account() -> None:
    asked = port(details(A), laid(QUEUE, allow(SEND, {"AWS": X})))
    (other,) = (one for one in asked.who_can(SEND, QUEUE, GIVEN).holders if not one.inside)
    assert (other.kind, other.account, set(roots(asked, SEND, QUEUE))) == ("other_account", X, {ROOT})


def test_partitions_have_root_users_of_their_own() -> None:
    role = f"arn:aws-cn:iam::{A}:role/app"
    body = {
        "UserDetailList": [], "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [{"Arn": role, "RoleName": "app", "AssumeRolePolicyDocument": document()}],
    }  # fmt: skip
    queue = f"arn:aws-cn:sqs:cn-north-1:{A}:jobs"
    asked = port({"kind": "account_authorization_details", "body": body}, laid(queue))
    assert roots(asked, SEND, queue) == {f"arn:aws-cn:iam::{A}:root": State.ALLOWED}


# --- sessions of roles


def session(name: str = "s", account: str = A, role: str = "app") -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}"


def test_a_session_reaches_what_its_role_does() -> None:
    asked = port(details(A, allow(SEND)), laid(QUEUE))
    assert reached(asked, session()) == reached(asked, APP) == {QUEUE: State.ALLOWED}


def test_a_session_that_a_policy_names_reaches_the_resource_and_others_do_not() -> None:
    asked = port(details(A), laid(QUEUE, allow(SEND, {"AWS": session("s")})), laid(f"{QUEUE}2"))
    assert reached(asked, session("s")) == {QUEUE: State.ALLOWED}
    assert reached(asked, session("t")) == {}
    assert reached(asked, APP) == {QUEUE: State.CONDITIONAL}
    holder = asked.who_can(SEND, QUEUE, GIVEN).holders.find(APP)
    assert holder is not None and holder.state is State.CONDITIONAL
    assert {cube.resources for cube in asked.what_can(session("s"), None, GIVEN) if SEND in cube.permissions} == {
        (QUEUE,)
    }
    assert not [cube for cube in asked.what_can(session("t"), None, GIVEN) if SEND in cube.permissions]


def test_resources_that_name_different_sessions_are_told_apart() -> None:
    asked = port(details(A), *(laid(f"{QUEUE}{name}", allow(SEND, {"AWS": session(name)})) for name in "stu"))
    for name in "stu":
        assert reached(asked, session(name)) == {f"{QUEUE}{name}": State.ALLOWED}


def test_conditions_and_denials_about_sessions() -> None:
    deny_t = deny(SEND, "*", Condition={"StringLike": {"aws:userid": "*:t"}})
    asked = port(details(A, allow(SEND)), laid(QUEUE, deny_t), laid(THEIRS))
    for name in "st":
        for queue in (QUEUE, THEIRS):
            alone = asked.can(session(name), SEND, queue, GIVEN).state
            assert reached(asked, session(name)).get(queue, State.DENIED) is alone
    assert reached(asked, session("t")) == {} and reached(asked, session("s")) == {QUEUE: State.ALLOWED}


def test_a_session_is_compared_as_its_role() -> None:
    asked = port(details(A, allow(SEND)), laid(QUEUE))
    one, other = asked.effective(session(), GIVEN), asked.effective(APP, GIVEN)
    assert one.minus(other) == other.minus(one) == ()


@pytest.mark.parametrize("subject", [session(role="gone"), f"arn:aws:sts::{A}:federated-user/bob"])
def test_a_session_of_ours_of_which_nothing_was_read_says_so(subject: str) -> None:
    asked = port(details(A), laid(QUEUE))
    assert asked.can(subject, SEND, QUEUE, GIVEN).state is State.UNKNOWN
    assert any("it is not in the estate" in one for one in asked.reach(subject, SEND, GIVEN).missing)


def test_sessions_of_other_accounts_reach_what_lets_them_in() -> None:
    them = session(account=X)
    asked = port(details(A), laid(QUEUE, allow(SEND, {"AWS": them})), laid(THEIRS))
    assert set(reached(asked, them)) == {QUEUE}
