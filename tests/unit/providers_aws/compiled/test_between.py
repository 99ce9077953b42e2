"""What was not read, between two principals: told where it may tell them apart, once where they are alike otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from test_levels import FULL, ORGANIZATION, TREE, guardrail

from leastwise.engine.solve import Gap, Outcome
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.between import Pairing
from leastwise.providers.aws.compiled.holding import Holding
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of

OWN, OTHER = "111111111111", "222222222222"
ANN, BOB = (f"arn:aws:iam::{OWN}:user/{name}" for name in ("ann", "bob"))
CY = f"arn:aws:iam::{OTHER}:user/cy"
BUCKET, QUEUE = "arn:aws:s3:::data", f"arn:aws:sqs:eu-west-1:{OTHER}:jobs"
MANAGED = f"arn:aws:iam::{OWN}:policy/shared"
PLAIN = Circumstances()
UNREADABLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def user(arn: str, *policies: dict[str, Any], managed: str = "", bound: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {
        "Arn": arn,
        "UserName": arn.rsplit("/", 1)[-1],
        "UserPolicyList": [{"PolicyName": f"p{n}", "PolicyDocument": one} for n, one in enumerate(policies)],
    }
    if managed:
        found["AttachedManagedPolicies"] = [{"PolicyArn": managed, "PolicyName": managed.rsplit("/", 1)[-1]}]
    if bound:
        found["PermissionsBoundary"] = {"PermissionsBoundaryArn": bound}
    return found


def account(*users: dict[str, Any], roles: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    body = {"UserDetailList": list(users), "GroupDetailList": [], "RoleDetailList": list(roles), "Policies": []}
    return {"kind": "account_authorization_details", "body": body}


def resource(id: str, owner: str, policy: dict[str, Any] | None) -> dict[str, Any]:
    return {"kind": "resource_policy", "body": {"resource": id, "account": owner, "policy": policy}}


def port_of(*documents: dict[str, Any]) -> AwsPort:
    return AwsPort(estate_of({"documents": list(documents)}).estate.arrays, alone={OWN, OTHER})


def pair(port: AwsPort, first: str = ANN, second: str = BOB) -> tuple[Holding, Holding]:
    return port.effective(first, PLAIN), port.effective(second, PLAIN)


def states(holding: Holding, other: Holding, permission: str) -> set[State]:
    return {one.state for one in holding.minus(other) if permission in one.permissions}


def test_a_bucket_of_which_the_policy_was_not_read_may_let_in_one_of_two_alike() -> None:
    one, other = pair(port_of(account(user(ANN), user(BOB)), resource(BUCKET, OWN, UNREADABLE)))
    assert one.minus(other) == other.minus(one) == ()
    (line,) = one.unread(other)
    assert BUCKET in line and "may name one of the two" in line
    assert not one.differs(other), "two with the same policies stay equal"
    read = port_of(account(user(ANN), user(BOB)), resource(BUCKET, OWN, None))
    assert pair(read)[0].unread(pair(read)[1]) == ()


def test_nothing_is_missing_between_somebody_and_itself() -> None:
    port = port_of(account(user(ANN, managed=MANAGED)), resource(BUCKET, OWN, UNREADABLE))
    one, same = pair(port, ANN, ANN)
    assert (one.minus(same), one.unread(same)) == ((), ())


def test_a_queue_elsewhere_may_let_in_only_one_of_those_whose_own_policies_say_different_things() -> None:
    """Each may send there as far as its own policies say; whether the queue lets in one, both or none is not known."""
    send = allow("sqs:SendMessage", resource=QUEUE)
    every = allow("sqs:*", resource=QUEUE)
    one, other = pair(port_of(account(user(ANN, every), user(BOB, send))))
    assert states(one, other, "sqs:PurgeQueue") == {State.UNKNOWN}, "only ann's own policies allow it"
    assert states(other, one, "sqs:PurgeQueue") == set()
    # What both may do by their own policies is not told as a difference of each: it is told once.
    assert states(one, other, "sqs:SendMessage") == states(other, one, "sqs:SendMessage") == set()
    assert any(QUEUE in line for line in one.unread(other)) and one.unread(other) == other.unread(one)


def test_what_only_a_queue_elsewhere_could_give_one_of_two_is_named() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    send, only = (allow("sqs:SendMessage", resource=QUEUE, **more) for more in ({}, {"Condition": mfa}))
    one, other = pair(port_of(account(user(ANN, send), user(BOB, only))))
    assert states(one, other, "sqs:SendMessage") == {State.UNKNOWN}
    assert any(QUEUE in gap for cube in one.minus(other) for gap in cube.missing)
    assert other.minus(one) == (), "bob's own policies give no more than ann's"
    assert any(QUEUE in line for line in other.unread(one)), "yet the queue may let in bob alone"


def test_one_policy_that_both_have_and_nobody_read_is_one_unknown() -> None:
    port = port_of(account(user(ANN, allow("s3:GetObject"), managed=MANAGED), user(BOB, managed=MANAGED)))
    one, other = pair(port)
    assert states(one, other, "s3:GetObject") == {State.UNKNOWN}, "unless the shared policy allows or denies it"
    assert {name for cube in one.minus(other) for name in cube.permissions} == {"s3:GetObject"}
    assert other.minus(one) == ()
    assert [MANAGED in line and "say the same of both" in line for line in one.unread(other)] == [True]
    same = port_of(account(user(ANN, managed=MANAGED), user(BOB, managed=MANAGED)))
    assert pair(same)[0].minus(pair(same)[1]) == () and len(pair(same)[0].unread(pair(same)[1])) == 1


def test_two_policies_that_were_not_read_are_two_unknowns() -> None:
    port = port_of(account(user(ANN, managed=MANAGED), user(BOB, managed=f"{MANAGED}-2")))
    for one, other in (pair(port), pair(port)[::-1]):
        assert states(one, other, "s3:GetObject") == {State.UNKNOWN}


def test_inline_policies_of_one_name_are_not_one_document() -> None:
    one, other = pair(port_of(account(user(ANN, UNREADABLE), user(BOB, UNREADABLE))))
    assert states(one, other, "s3:GetObject") == states(other, one, "s3:GetObject") == {State.UNKNOWN}


def test_one_boundary_that_nobody_read_is_one_unknown() -> None:
    bound = f"arn:aws:iam::{OWN}:policy/bound"
    both = (user(ANN, allow("s3:*", "sqs:*"), bound=bound), user(BOB, allow("s3:*"), bound=bound))
    one, other = pair(port_of(account(*both)))
    assert states(one, other, "sqs:SendMessage") == {State.UNKNOWN}
    assert states(one, other, "s3:GetObject") == set() and other.minus(one) == ()


@pytest.mark.parametrize(("second", "apart"), [(BOB, False), (CY, True)], ids=["one account", "two accounts"])
def test_guardrails_that_were_not_read_are_one_unknown_for_one_account(second: str, apart: bool) -> None:
    """What the organization did not tell may be attached to one account and not to the other."""
    tree = {
        "kind": "organization",
        "body": {**TREE["body"], "accounts": [{"id": one, "parent": "r-root"} for one in (OWN, OTHER)]},
    }
    access = estate_of(
        {
            "documents": [
                tree, guardrail("scp", "p-Full", ["r-root", OWN, OTHER], FULL),
                account(user(ANN, allow("s3:*")), user(BOB, allow("s3:*"))), account(user(CY, allow("s3:*", "sqs:*"))),
            ]
        }
    )  # fmt: skip
    facts: Any = access.estate.arrays.facts
    denied = [["organizations", "ListTargetsForPolicy", "denied", "SERVICE_CONTROL_POLICY", ""]]
    facts["coverage"] = {**facts["coverage"], ORGANIZATION: denied}
    one, other = pair(AwsPort(access.estate.arrays), ANN, second)
    assert states(one, other, "s3:ListAllMyBuckets") == set(), "alike otherwise"
    (line,) = (line for line in one.unread(other) if "service control policies" in line)
    assert ("may say another thing of each" in line) is apart and ("the same of both" in line) is not apart
    assert states(other, one, "sqs:ListQueues") == ({State.UNKNOWN} if apart else set())


def test_access_lists_name_accounts_so_two_of_one_account_are_alike() -> None:
    listed = {"kind": "resource_policy", "body": {"resource": BUCKET, "account": OTHER, "policy": None}}
    users = (user(ANN, allow("s3:*")), user(BOB, allow("s3:*")))
    port = port_of(account(*users), account(user(CY, allow("s3:*"))), listed)
    one, other = pair(port)
    assert one.unread(other) == ()
    assert any("access lists" in line for line in one.unread(port.effective(CY, PLAIN)))


def test_a_trust_policy_that_was_not_read_may_name_one_of_two() -> None:
    role = {
        "Arn": f"arn:aws:iam::{OWN}:role/app",
        "RoleName": "app",
        "RolePolicyList": [],
        "AssumeRolePolicyDocument": UNREADABLE,
    }
    one, other = pair(port_of(account(user(ANN), user(BOB), roles=(role,))))
    assert [line for line in one.unread(other) if "trust policies of 1 resource" in line and "role/app" in line]


def test_a_resource_elsewhere_is_not_named_where_neither_side_lets_anybody_there() -> None:
    """Across accounts the principal's own policies must allow it too."""
    unread = resource(QUEUE, OTHER, UNREADABLE)
    none = port_of(account(user(ANN), user(BOB)), unread)
    assert pair(none)[0].unread(pair(none)[1]) == ()
    some = port_of(account(user(ANN, allow("sqs:*")), user(BOB)), unread)
    assert any(QUEUE in line for line in pair(some)[0].unread(pair(some)[1]))


def test_a_change_beside_a_policy_that_was_never_read_is_not_lost() -> None:
    """The unread policy may neither allow nor deny what another one now allows: the gain is unknown, not nothing."""
    old, new = (
        port_of(account(user(ANN, *policies, managed=MANAGED))) for policies in ((), (allow("sqs:SendMessage"),))
    )
    (change,) = new.changes(old)
    told = {cube.state for cube in change.gained if "sqs:SendMessage" in cube.permissions}
    assert told == {State.UNKNOWN} and not change.lost
    (back,) = old.changes(new)
    assert {cube.state for cube in back.lost} == {State.UNKNOWN} and not back.gained


def test_a_pairing_keeps_apart_what_documents_say_of_each() -> None:
    beside = Pairing({"a of p": "a", "b of p": ""}, {"a of q": "a", "b of q": ""})
    access = port_of(account(user(ANN), user(BOB)))
    one = access.effective(ANN, PLAIN).general
    target = one.of(int(one.group_of.argmax())).target
    from leastwise.engine.formula import Literal
    from leastwise.providers.aws.compiled.undecided import Undecided

    def asked(name: str, of: str = "") -> Undecided:
        return Undecided(Literal(Gap(name, of)), (), target)

    assert not beside.minus(asked("a of p"), asked("a of q")).possible(), "one document"
    assert beside.minus(asked("b of p"), asked("b of q")).possible(), "two documents"
    assert not beside.minus(asked("trust", "p"), asked("trust", "q")).possible(), "alike otherwise"
    assert list(beside.untold) == ["trust"]
    found = asked("trust", "p").minus(asked("trust", "q"))
    assert found.solver().verdict(found.formula).outcome is Outcome.UNKNOWN
