"""Who becomes a role that can: chains, cycles, conditions on the way; who acts through a role."""

from __future__ import annotations

from small_account import ACCOUNT, IAM, LIST, MFA, allow, by, port, role, trusting, user

from leastwise.model.decision import Circumstances, Holder, State
from leastwise.providers.aws.compiled.port import AwsPort


def holders(asked: AwsPort, *, transitive: bool = True, strict: bool = False) -> dict[str, Holder]:
    found = asked.who_can("s3:ListAllMyBuckets", None, Circumstances(strict=strict), transitive=transitive)
    others = [holder for holder in found.holders if holder.kind != "root"]
    listed = [holder.principal.rpartition("/")[2] for holder in others]
    assert len(set(listed)) == len(listed)
    return dict(zip(listed, others, strict=True))


def chain(holder: Holder) -> list[str]:
    return [link.name for link in holder.chain]


def test_a_chain_of_roles_is_followed_to_its_beginning() -> None:
    asked = port(
        [user("ann"), user("bob")],
        [
            role("a", [trusting(by("ann", "user"))]),
            role("b", [trusting(by("a"))]),
            role("c", [trusting(by("b"))], LIST),
        ],
    )
    assert set(holders(asked, transitive=False)) == {"c"}
    found = holders(asked)
    assert {name: chain(one) for name, one in found.items()} == {
        "ann": ["a", "b", "c"], "a": ["b", "c"], "b": ["c"], "c": [],
    }  # fmt: skip
    assert {one.state for one in found.values()} == {State.ALLOWED}


def test_roles_that_assume_each_other_end() -> None:
    asked = port(
        [user("ann")],
        [
            role("a", [trusting(by("b")), trusting(by("a"))]),
            role("b", [trusting(by("a")), trusting(by("ann", "user"))], LIST),
            role("c", [trusting(by("c"))]),
        ],
    )
    found = holders(asked)
    assert {name: chain(one) for name, one in found.items()} == {"ann": ["b"], "a": ["b"], "b": []}


def test_a_condition_on_the_way_is_a_condition_of_the_whole() -> None:
    asked = port([user("ann")], [role("a", [trusting(by("ann", "user"), Condition=MFA)], LIST)])
    found = holders(asked)["ann"]
    assert (found.state, chain(found)) == (State.CONDITIONAL, ["a"])
    assert [[one.key for one in clause] for clause in found.residual or ()] == [["aws:MultiFactorAuthPresent"]]
    assert set(holders(asked, strict=True)) == {"a"}


def test_conditions_of_both_steps_are_joined() -> None:
    address = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    asked = port(
        [user("ann")],
        [
            role("a", [trusting(by("ann", "user"), Condition=MFA)]),
            role("b", [trusting(by("a"), Condition=address)], LIST),
        ],
    )
    found = holders(asked)["ann"]
    assert (found.state, chain(found)) == (State.CONDITIONAL, ["a", "b"])
    keys = [sorted(one.key for one in clause) for clause in found.residual or ()]
    assert keys == [["aws:MultiFactorAuthPresent", "aws:SourceIp"]]


def test_the_surer_way_is_told() -> None:
    asked = port(
        [user("ann")],
        [
            role("a", [trusting(by("ann", "user"), Condition=MFA)], LIST),
            role("z", [trusting(by("ann", "user"))], LIST),
        ],
    )
    found = holders(asked)["ann"]
    assert (found.state, chain(found), found.residual) == (State.ALLOWED, ["z"], ())


def test_who_can_by_itself_needs_no_role() -> None:
    asked = port([user("ann", LIST)], [role("a", [trusting(by("ann", "user"))], LIST)])
    assert chain(holders(asked)["ann"]) == []


def test_a_denial_to_assume_breaks_the_chain() -> None:
    barred = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": f"{IAM}:role/a"}
    asked = port([user("ann", barred), user("bob")], [role("a", [trusting({"AWS": "*"})], LIST)])
    found = holders(asked)
    assert "ann" not in found
    assert chain(found["bob"]) == ["a"]


def test_a_service_that_a_role_trusts_comes_with_the_chain() -> None:
    asked = port([], [role("a", [trusting({"Service": "lambda.amazonaws.com"})], LIST)])
    found = holders(asked)["lambda.amazonaws.com"]
    assert (found.inside, found.state, chain(found)) == (False, State.ALLOWED, ["a"])


def test_an_account_that_a_role_trusts_stands_for_those_in_it_that_may() -> None:
    asked = port(
        [user("ann", allow("sts:AssumeRole")), user("bob")],
        [role("a", [trusting({"AWS": ACCOUNT})], LIST), role("b", [trusting({"AWS": "222222222222"})], LIST)],
    )
    found = holders(asked)
    assert chain(found["ann"]) == ["a"] and "bob" not in found
    outside = [one for one in found.values() if not one.inside and one.account == "222222222222"]
    assert [(one.state, chain(one)) for one in outside] == [(outside[0].state, ["b"])]
