"""Gates between accounts, and in accounts where nobody has what a rule needs."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.escalation import ACCOUNT, AT, IAM, document, trust
from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.conform.scenarios import scopes_of
from leastwise.rules.escalation import load_escalation

OTHER = "444455556666"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def role(account: str, name: str, service: str, *statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Arn": f"arn:aws:iam::{account}:role/{name}", "Path": "/", "RoleName": name, "RoleId": "AROAROLE0000000000000",
        "AssumeRolePolicyDocument": trust({"Service": service}), "InstanceProfileList": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
        "AttachedManagedPolicies": [],
    }  # fmt: skip


def user(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Arn": f"{IAM}:user/{name}", "Path": "/", "UserName": name, "UserId": "AIDAUSER0000000000000", "GroupList": [],
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
        "AttachedManagedPolicies": [],
    }  # fmt: skip


def account(users: list[dict[str, Any]], roles: list[dict[str, Any]]) -> dict[str, Any]:
    body = {"UserDetailList": users, "RoleDetailList": roles, "GroupDetailList": [], "Policies": []}
    return {"kind": "account_authorization_details", "body": body}


def graph(documents: list[dict[str, Any]], things: list[dict[str, str]] | None = None, *rules: str) -> EscalationGraph:
    chosen = [one for one in load_escalation() if one.provider == "aws" and (not rules or one.id in rules)]
    return graph_of(PROVIDER, tuple(scopes_of(documents, things or [])), {ACCOUNT, OTHER}, AT, chosen)


@pytest.mark.parametrize("denied", ["iam:CreateUser", "bedrock-agentcore:*", "*"])
def test_what_a_guardrail_denies_everybody_leads_nowhere(denied: str) -> None:
    """In an account alone in its organization, so that nobody at all has the permission."""
    unit, manager = {"id": "r-root", "name": "Root"}, "999999999999"
    organization = {
        "id": "o-a1b2c3d4e5", "management_account": manager, "units": [unit],
        "accounts": [{"id": one, "parent": "r-root"} for one in (ACCOUNT, manager)],
    }  # fmt: skip
    targets = ["r-root", ACCOUNT]
    deny = document({"Effect": "Deny", "Action": denied, "Resource": "*"})
    found = graph([
        account([user("admin", EVERYTHING)], []),
        {"kind": "organization", "body": organization},
        {"kind": "scp", "body": {"id": "p-full", "targets": targets, "policy": document(EVERYTHING)}},
        {"kind": "scp", "body": {"id": "p-deny", "targets": ["r-root"], "policy": deny}},
    ])  # fmt: skip
    paths, _ = found.paths("admin", "admin") if f"{IAM}:user/admin" in found.numbers else ([], 0)
    assert bool(paths) == (denied != "*")


def test_a_shell_in_a_task_is_had_in_ones_own_account_only() -> None:
    things = [
        {"id": f"arn:aws:ecs:eu-west-1:{one}:task-definition/t:1", "kind": "ecs:task-definition", "name": "t",
         "account": one, "role": f"arn:aws:iam::{one}:role/task", "profile": ""} for one in (ACCOUNT, OTHER)
    ]  # fmt: skip
    found = graph(
        [
            account([user("dev", {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"})],
                    [role(ACCOUNT, "task", "ecs-tasks.amazonaws.com", EVERYTHING)]),
            account([], [role(OTHER, "task", "ecs-tasks.amazonaws.com", EVERYTHING)]),
        ],
        things, "aws-ecs-006",
    )  # fmt: skip
    assert found.paths(f"{IAM}:role/task", "dev")[1] == 1
    assert found.paths(f"arn:aws:iam::{OTHER}:role/task", "dev")[1] == 0
