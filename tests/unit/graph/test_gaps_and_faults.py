"""Estates that are not whole, or name what is not there: steps that may be there are told as unknown, never dropped."""

from __future__ import annotations

from typing import Any

from fakes.escalation import ACCOUNT, AT, IAM, document, trust
from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.conform.scenarios import scopes_of

ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
LAUNCH = {"Effect": "Allow", "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
          "Resource": "*"}  # fmt: skip


def role(name: str, trusted: dict[str, Any] | None, *statements: dict[str, Any]) -> dict[str, Any]:
    told = {} if trusted is None else {"AssumeRolePolicyDocument": trusted}
    return told | {
        "Arn": f"{IAM}:role/{name}", "Path": "/", "RoleName": name, "RoleId": f"AROA{name.upper():0>17}",
        "InstanceProfileList": [], "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
        "AttachedManagedPolicies": [],
    }  # fmt: skip


def user(name: str, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Arn": f"{IAM}:user/{name}", "Path": "/", "UserName": name, "UserId": f"AIDA{name.upper():0>17}",
        "GroupList": [], "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
        "AttachedManagedPolicies": [],
    } | more  # fmt: skip


def graph(users: list[dict[str, Any]], roles: list[dict[str, Any]]) -> EscalationGraph:
    body = {"UserDetailList": users, "RoleDetailList": roles, "GroupDetailList": [], "Policies": []}
    scopes = list(scopes_of([{"kind": "account_authorization_details", "body": body}], []))
    return graph_of(PROVIDER, scopes, frozenset({ACCOUNT}), AT)


def states(found: EscalationGraph, to: str = "admin") -> dict[str, tuple[str, int]]:
    """Who gets there, how surely and in how many steps."""
    paths, _ = found.paths(to)
    return {one.hops[0].source.removeprefix(f"{IAM}:"): (str(one.state), len(one.hops)) for one in paths}


def test_a_trust_that_was_not_read_may_let_anybody_in() -> None:
    found = graph([user("actor", LAUNCH), user("idle")], [role("boss", None, ADMIN)])
    told = states(found, f"{IAM}:role/boss")
    assert told["user/actor"][0] == told["user/idle"][0] == "UNKNOWN"
    assert states(graph([user("idle")], [role("boss", trust({"AWS": f"{IAM}:role/none"}), ADMIN)])).keys().isdisjoint(
        {"user/idle"}
    )  # fmt: skip


def test_roles_that_trust_each_other_and_themselves_are_gone_through_once() -> None:
    ring = [
        role("a", trust({"AWS": f"{IAM}:role/b"}), ASSUME),
        role("b", trust({"AWS": f"{IAM}:role/a"}, {"AWS": f"{IAM}:role/b"}), ASSUME),
        role("end", trust({"AWS": f"{IAM}:role/a"}, {"AWS": f"{IAM}:role/end"}), ASSUME, ADMIN),
    ]
    found = states(graph([], ring))
    assert [found[f"role/{one}"] for one in ("end", "a", "b")] == [("ALLOWED", 1), ("ALLOWED", 2), ("ALLOWED", 3)]


def test_what_is_named_and_not_there_leaves_the_rest_standing() -> None:
    gone = {"PolicyName": "gone", "PolicyArn": f"{IAM}:policy/gone"}
    lost = user("lost", GroupList=["nowhere"])
    unread = user("unread", AttachedManagedPolicies=[gone])
    boss = role("boss", trust({"AWS": f"{IAM}:role/gone"}, {"AWS": "AROAGONE0000000000000"}), ADMIN)
    found = states(graph([lost, unread, user("idle")], [boss]))
    assert found["role/boss"] == ("ALLOWED", 1)
    # What a policy, or a group, that nobody read gives is not known.
    assert found["user/lost"][0] == found["user/unread"][0] == "UNKNOWN"
    assert "user/idle" not in found
