"""Pod Identity: which service account of which cluster becomes which role."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from fakes.escalation import ACCOUNT, IAM
from fakes.federation import account, doors_of, role
from leastwise.model.federation import OIDC, Door, Token
from leastwise.providers.aws import PROVIDER
from leastwise.providers.base import ScopeTables

CLUSTER = f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod"
ASSOCIATION = f"arn:aws:eks:eu-west-1:{ACCOUNT}:podidentityassociation/prod/a-1"
ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
RUNNER = "system:serviceaccount:pay:runner"
TAG = "aws:RequestTag/kubernetes-service-account"


def trusts(condition: dict[str, Any] | None = None, who: Any = None) -> dict[str, Any]:
    principal = who or {"Service": "pods.eks.amazonaws.com"}
    return {"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": condition or {}}  # fmt: skip


def estate(roles: list[dict[str, Any]], runs_as: list[str], details: list[tuple[str, str]], issuer: str = ISSUER
           ) -> list[ScopeTables]:  # fmt: skip
    [one] = account(*roles)

    def more(name: str, rows: list[dict[str, Any]]) -> pa.Table:
        table = one.tables[name]
        return pa.Table.from_pylist([*table.to_pylist(), *rows], table.schema)

    here = {"account": ACCOUNT, "region": "eu-west-1", "policy_known": True}
    told = [("cluster", "prod"), ("service_account", "pay/runner"), *details]
    resources = [
        {"id": CLUSTER, "kind": "eks:cluster", "name": "prod", "details": [("oidc_issuer", f"https://{issuer}")],
         **here},
        {"id": ASSOCIATION, "kind": "eks:podidentityassociation", "name": "pay/runner", "details": told, **here},
    ]  # fmt: skip
    links = [{"subject": ASSOCIATION, "object": f"{IAM}:role/{name}", "kind": "executes_as"} for name in runs_as]
    tables = {**one.tables, "resources": more("resources", resources[0 if issuer else 1 :]),
              "runs_as": more("runs_as", links)}  # fmt: skip
    return [replace(one, tables=tables)]


def door(scopes: list[ScopeTables]) -> Door:
    return next(one for one in doors_of(PROVIDER, scopes) if one.kind == "pods-aws")


def entered(one: Door, subject: str = RUNNER, **claims: tuple[str, ...]) -> list[tuple[str, str]]:
    token = Token(OIDC, f"https://{one.issuer}", subject, claims, frozenset() if claims else frozenset({"aud"}))
    return [(found.target, str(found.state)) for found in one.tries(token)]


TARGET = f"{IAM}:role/target"


@pytest.mark.parametrize(
    ("condition", "details", "wanted"),
    [
        (None, [], [(TARGET, "ALLOWED")]),
        ({"StringEquals": {TAG: "runner", "aws:SourceAccount": ACCOUNT}}, [], [(TARGET, "ALLOWED")]),
        ({"StringEquals": {TAG: "other"}}, [], []),
        ({"ArnEquals": {"aws:SourceArn": CLUSTER.replace("prod", "test")}}, [], []),
        # Without tags of the session nothing tells which service account it is.
        ({"StringEquals": {TAG: "runner"}}, [("session_tags", "no")], [(TARGET, "CONDITIONAL")]),
    ],
)  # fmt: skip
def test_the_trust_of_the_role_decides(condition: Any, details: list[tuple[str, str]], wanted: Any) -> None:
    found = door(estate([role("target", trusts(condition))], ["target"], details))
    assert (found.issuer, found.subjects, found.exact) == (ISSUER, (RUNNER,), True)
    assert entered(found) == wanted
    assert entered(found, RUNNER.replace("runner", "other")) == []
    assert entered(found, aud=("pods.eks.amazonaws.com",)) == wanted
    assert entered(found, aud=("sts.amazonaws.com",)) == []


def test_a_role_that_does_not_trust_the_service_is_nobodys() -> None:
    assert entered(door(estate([role("target", trusts(who={"Service": "ec2.amazonaws.com"}))], ["target"], []))) == []


def test_of_two_roles_pods_act_as_the_second_where_the_first_may_become_it() -> None:
    second = f"{IAM}:role/second"
    may = role("first", trusts()) | {
        "RolePolicyList": [
            {
                "PolicyName": "p",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": second}],
                },
            }
        ]
    }
    told = [("target_role", second)]
    trusting = role("second", trusts(who={"AWS": f"{IAM}:role/first"}))
    assert entered(door(estate([may, trusting], ["first", "second"], told))) == [(second, "ALLOWED")]
    refusing = role("second", trusts(who={"AWS": f"{IAM}:role/third"}))
    assert entered(door(estate([may, refusing], ["first", "second"], told))) == []


def test_a_cluster_that_was_not_described_stands_for_its_issuer() -> None:
    found = door(estate([role("target", trusts())], ["target"], [], issuer=""))
    assert found.issuer == CLUSTER and entered(found) == [(TARGET, "ALLOWED")]
