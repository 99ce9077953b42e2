"""Trust policies by example: which rows they give, and how far each reaches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_support import details, imported, rows

from leastwise.providers.aws.translate.grammar import whole
from leastwise.providers.aws.translate.trust import Subject, subjects
from leastwise.store.readmodels import build

A, X = "111111111111", "999999999999"
ORG = "o-abcdefghij"
OWN = f"arn:aws:iam::{A}:oidc-provider/"
GITHUB, GITLAB, EKS = "token.actions.githubusercontent.com", "gitlab.com", "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
COGNITO, FACEBOOK, GOOGLE = "cognito-identity.amazonaws.com", "graph.facebook.com", "accounts.google.com"
Condition = dict[str, dict[str, Any]]


def statement(principal: Any, condition: Condition | None = None, **more: Any) -> dict[str, Any]:
    given = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | more
    return given | {"Condition": condition} if condition else given


def read(*statements: dict[str, Any]) -> list[Subject]:
    return subjects(whole(json.dumps({"Statement": list(statements)}).encode()))


ANYONE: list[tuple[Condition, bool, str]] = [
    ({"StringEquals": {"aws:PrincipalTag/team": "x"}}, False, "anyone"),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Foo"}}, False, "anyone"),
    ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, False, "anyone"),
    ({"StringLike": {"aws:userid": "*:bob"}}, False, "anyone"),
    ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/*"}}, False, "anyone"),
    ({"StringEqualsIfExists": {"aws:PrincipalOrgID": ORG}}, False, "anyone"),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False, "wide"),
    ({"StringLike": {"aws:userid": "AROAEXAMPLE123:*"}}, True, "narrow"),
    ({"StringEquals": {"aws:PrincipalOrgID": ORG}}, True, "narrow"),
]


@pytest.mark.parametrize(("condition", "limited", "reach"), ANYONE)
def test_everyone_under_a_condition(condition: Condition, limited: bool, reach: str) -> None:
    (one,) = read(statement("*", condition))
    assert (one.kind, one.limited, one.reach, one.conditional) == ("anyone", limited, reach, True)


def test_everyone_narrowed_to_accounts_is_those_accounts() -> None:
    accounts = read(statement("*", {"StringEquals": {"aws:PrincipalAccount": [X, A]}}))
    assert [(one.kind, one.subject, one.account, one.limited) for one in accounts] == [
        ("account", A, A, True), ("account", X, X, True),
    ]  # fmt: skip
    (one,) = read(statement({"AWS": "*"}, {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{X}:role/*"}}))
    assert (one.kind, one.subject) == ("account", X)
    both = {"StringEquals": {"aws:PrincipalAccount": X, "aws:PrincipalOrgID": ORG}}
    assert read(statement("*", both))[0].organizations == (ORG,)


def test_organizations_stand_in_the_row() -> None:
    other = "o-bbbbbbbbbb"
    (one,) = read(statement("*", {"StringEquals": {"aws:PrincipalOrgID": [other, ORG]}}))
    assert one.organizations == (ORG, other)
    (one,) = read(statement({"AWS": X}, {"StringEquals": {"aws:PrincipalOrgID": ORG}}))
    assert (one.kind, one.organizations, one.limited) == ("account", (ORG,), True)


def test_a_deny_narrows_or_shuts() -> None:
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": ORG}}
    tags = ["sts:AssumeRole", "sts:TagSession"]
    allowed, denied = read(statement("*", Action=tags), statement("*", outside, Effect="Deny"))
    assert (allowed.limited, allowed.organizations, denied.effect) == (True, (ORG,), "Deny")
    assert [one.effect for one in read(statement("*"), statement("*", Effect="Deny"))] == ["Deny"]


def test_tags_and_source_identity_alone_let_nobody_in() -> None:
    assert not read(statement("*", Action=["sts:TagSession", "sts:SetSourceIdentity"]))
    assert read(statement("*", Action="sts:Assume*")) and read(statement("*", Action="*"))
    left = {"Effect": "Allow", "Principal": {"AWS": X}}
    assert read(left | {"NotAction": "sts:TagSession"}) and not read(left | {"NotAction": "sts:*"})


def test_external_ids_that_must_be_given() -> None:
    def needed(operator: str, value: Any) -> bool:
        return read(statement({"AWS": X}, {operator: {"sts:ExternalId": value}}))[0].external_id

    assert needed("StringEquals", "abc") and needed("StringEquals", 12345)
    for operator in ("StringEqualsIfExists", "ForAllValues:StringEquals", "StringNotEquals"):
        assert not needed(operator, "abc")
    assert not needed("StringLike", "*") and not needed("StringLike", ["abc", "?*"])


def test_an_account_id_may_be_a_number() -> None:
    (one,) = read(statement({"AWS": int(X)}))
    assert (one.kind, one.account) == ("account", X)
    assert [one.subject for one in read(statement({"AWS": [int(X), A]}))] == [X, A]


def web(host: str, operator: str = "StringLike", **claims: Any) -> str:
    provider = OWN + host if host not in (COGNITO, FACEBOOK, GOOGLE) else host
    condition = {operator: {f"{host}:{claim}": value for claim, value in claims.items()}}
    (one,) = read(statement({"Federated": provider}, condition, Action="sts:AssumeRoleWithWebIdentity"))
    return one.reach


def by_reach() -> dict[str, list[str]]:
    return {
        "anyone": [
            *(web(GITHUB, sub=one) for one in (
                "*", "repo:*", "repo:*/*:*", "repo:*/x:*", "*:ref:refs/heads/main", "*me/x*", "repository_owner:*",
                "environment:prod", ["repo:me/x:*", "repo:*"],
            )),
            web(GITHUB, repository=["me/x", "*/*"]),
            web(GITHUB, job_workflow_ref="*/*/.github/workflows/x.yml@refs/heads/main"),
            web(GITHUB, environment="prod"),
            web(GITHUB, aud="sts.amazonaws.com"),
            web(GITHUB, "StringLikeIfExists", environment="prod"),
            web(GITHUB, "StringNotLike", sub="repo:me/*"),
            web(GITLAB, sub="project_path:*:ref_type:branch:ref:main"),
            web("app.terraform.io", sub="organization:*:project:*:workspace:*:run_phase:*"),
            web(COGNITO, aud="eu-west-1:pool", amr="unauthenticated"),
            web(COGNITO, aud="eu-west-1:pool", amr="*"),
            web(COGNITO, amr="authenticated"),
            web(FACEBOOK, aud="x"),
            web("www.amazon.com", sub="*"),
            web(GOOGLE, email="x"),
        ],
        "wide": [
            web(GITHUB, sub="repo:me*"),
            web(GITHUB, sub="repo:m?/x:*"),
            web(GITHUB, repository_owner="me*"),
            web(GITHUB, actor="me"),
            web(EKS, aud="sts.amazonaws.com"),
            web(EKS, sub="system:serviceaccount:*:*"),
            web(EKS, sub="system:serviceaccount:*:sa"),
            web("gitlab.example.org", sub="project_path:*"),
        ],
        "narrow": [
            web(GITHUB, sub="repo:me/x:ref:refs/heads/main"),
            web(GITHUB, sub="repo:me/*"),
            web(GITHUB, "StringLikeIfExists", sub="repo:me/x:*"),
            web(GITHUB, "ForAnyValue:StringLike", sub="repo:me/x:*"),
            web(GITHUB, sub="repo:*", repository_owner="me"),
            web(GITHUB, sub="environment:prod:repository_owner:me"),
            web(GITHUB, repository_owner_id="123"),
            web(GITLAB, sub="project_path:me/*:ref_type:branch:ref:main"),
            web(EKS, sub="system:serviceaccount:ns:*"),
            web(FACEBOOK, app_id="123"),
            web(GOOGLE, aud="123.apps"),
            web(COGNITO, aud="eu-west-1:pool", amr="authenticated"),
        ],
    }  # fmt: skip


@pytest.mark.parametrize("reach", ["anyone", "wide", "narrow"])
def test_how_far_federated_trusts_reach(reach: str) -> None:
    found = by_reach()[reach]
    assert set(found) == {reach}, list(enumerate(found))


def test_external_is_not_known_without_a_readable_trust_policy(tmp_path: Path) -> None:
    def role(name: str, **more: Any) -> dict[str, Any]:
        return {"RoleName": name, "Arn": f"arn:aws:iam::{A}:role/{name}", "Path": "/"} | more

    document = {"Statement": statement({"AWS": X})}
    own = {"Statement": statement({"AWS": A})}
    exported = details(
        RoleDetailList=[
            role("none"), role("broken", AssumeRolePolicyDocument="not json"),
            role("open", AssumeRolePolicyDocument=document), role("own", AssumeRolePolicyDocument=own),
        ]
    )  # fmt: skip
    (tmp_path / "x.json").write_text(json.dumps(exported))
    tables = imported(tmp_path)[A]
    view = build("aws", A, tables)["identities"].to_pylist()
    assert {one["name"]: one["external"] for one in view if one["native"] == "role"} == {
        "none": None, "broken": None, "open": True, "own": False,
    }  # fmt: skip
    assert len(rows(tables, "trusts")) == 2
