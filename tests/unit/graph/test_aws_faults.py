"""Paths through small accounts of AWS that a reviewer found missing or wrong; each estate is told in short."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.path_values import Telling
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.conform.scenarios import of_rule

AT = datetime(2026, 11, 1, tzinfo=UTC)
IAM = "arn:aws:iam::111122223333"


def graph(text: str) -> EscalationGraph:
    estate: Mapping[str, Any] = yaml.safe_load(text)
    scopes, alone = of_rule(estate)
    return graph_of(PROVIDER, scopes, alone, AT)


def way(text: str, source: str, target: str = "admin") -> tuple[str, list[str]]:
    """The state of the path, and its rules; empty where there is none."""
    found = graph(text)
    end = target if target == "admin" or target.startswith("arn:") else f"{IAM}:{target}"
    head = end.partition(":iam:")[0] if "-cn:" in end else "arn:aws"
    paths, _ = found.paths(end, f"{head}:iam::111122223333:{source}")
    if not paths:
        return "", []
    told = Telling(found, AT).path(paths[0])
    assert all(len(hop["joins"]) in (1, 2) for hop in told["hops"] if hop["rule"] == "aws-iam-joint")
    return str(paths[0].state), [hop.rule.id for hop in paths[0].hops]


CASES: list[tuple[str, str, str, str, list[str]]] = [
    (
        "an administrator whose writes in IAM a guardrail denies is one",
        "{users: {actor: {allows: ['*']}}, guardrails: [{denies: ['iam:*', 'sts:*', 'bedrock-agentcore:*']}]}",
        "user/actor", "ALLOWED", ["aws-iam-full"],
    ),
    (
        "a boundary that lets everything through is none",
        "{users: {actor: {attached: [all], boundary: all}}, policies: {all: {allows: ['*']}}}",
        "user/actor", "ALLOWED", ["aws-iam-full"],
    ),
    (
        "who holds everything behind a boundary without IAM is none",
        "{users: {actor: {allows: ['*'], boundary: fence}}, policies: {fence: {allows: ['s3:*']}}}",
        "user/actor", "", [],
    ),
    (
        "the policy of a role written that one has by a function",
        "{users: {actor: {allows: ['iam:AttachRolePolicy', 'iam:PassRole', 'lambda:CreateFunction',"
        " 'lambda:InvokeFunction']}}, roles: {job: {trusts: [lambda.amazonaws.com]}}}",
        "user/actor", "ALLOWED", ["aws-iam-joint"],
    ),
    (
        "the policy of a user written whose password one sets",
        "{users: {actor: {allows: ['iam:PutUserPolicy * ', 'iam:CreateLoginProfile']}, other: {}}}",
        "user/actor", "ALLOWED", ["aws-iam-007"],
    ),
    (
        "the same of another alone",
        "{users: {actor: {allows: ['iam:PutUserPolicy arn:aws:iam::111122223333:user/other',"
        " 'iam:CreateLoginProfile']}, other: {password: false}}}",
        "user/actor", "ALLOWED", ["aws-iam-joint"],
    ),
    (
        "a password without the policy",
        "{users: {actor: {allows: ['iam:CreateLoginProfile']}, other: {}}}",
        "user/actor", "", [],
    ),
    (
        "the policy of a group and the key of its member",
        "{users: {actor: {allows: ['iam:PutGroupPolicy', 'iam:CreateAccessKey']}, other: {groups: [team], keys: 1}},"
        " groups: {team: {}}}",
        "user/actor", "ALLOWED", ["aws-iam-joint"],
    ),
    (
        "one writes the policy of a role, another becomes it",
        "{users: {actor: {allows: ['sts:AssumeRole arn:aws:iam::111122223333:role/writer']}},"
        " roles: {writer: {trusts: [111122223333], allows: ['iam:PutRolePolicy']},"
        " target: {trusts: [user/actor]}}}",
        "user/actor", "ALLOWED", ["aws-sts-001", "aws-iam-005"],
    ),
    (
        "one writes the policy of one role only, another becomes that",
        "{users: {actor: {allows: ['sts:AssumeRole arn:aws:iam::111122223333:role/writer']}},"
        " roles: {writer: {trusts: [111122223333], allows: ['iam:PutRolePolicy */target']},"
        " target: {trusts: [user/actor]}}}",
        "user/actor", "ALLOWED", ["aws-iam-joint"],
    ),
    (
        "the writer alone does not become it",
        "{users: {actor: {}}, roles: {writer: {trusts: [lambda.amazonaws.com],"
        " allows: ['iam:PutRolePolicy */target']}, target: {trusts: [user/actor]}}}",
        "user/actor", "", [],
    ),
    (
        "a role adds a user to a group and makes its key",
        "{users: {other: {keys: 1}}, roles: {actor: {allows: ['iam:AddUserToGroup', 'iam:CreateAccessKey']}},"
        " groups: {team: {allows: ['*']}}}",
        "role/actor", "ALLOWED", ["aws-iam-joint", "aws-iam-full"],
    ),
    (
        "a member changes the policies of the group that he joined",
        "{users: {actor: {allows: ['iam:AddUserToGroup']}}, groups: {team: {allows: ['iam:PutGroupPolicy']}}}",
        "user/actor", "ALLOWED", ["aws-iam-013", "aws-iam-011"],
    ),
    (
        "a member changes his own policies",
        "{users: {actor: {allows: ['iam:AddUserToGroup']}}, groups: {team: {allows: ['iam:PutUserPolicy']}}}",
        "user/actor", "ALLOWED", ["aws-iam-013", "aws-iam-007"],
    ),
    (
        "the boundary of who joins a group stays",
        "{users: {actor: {allows: ['iam:AddUserToGroup'], boundary: fence}}, groups: {team: {allows: ['*']}},"
        " policies: {fence: {allows: ['iam:AddUserToGroup', 's3:*']}}}",
        "user/actor", "", [],
    ),
    (
        "so do denies",
        "{users: {actor: {allows: ['iam:AddUserToGroup'], attached: [not]}}, groups: {team: {allows: ['*']}},"
        " policies: {not: {denies: [{NotAction: 'iam:AddUserToGroup'}]}}}",
        "user/actor", "", [],
    ),
    (
        "an inline deny that the call itself overwrites",
        "{users: {actor: {allows: ['iam:PutUserPolicy'], denies: [{NotAction: 'iam:PutUserPolicy'}]}}}",
        "user/actor", "ALLOWED", ["aws-iam-007"],
    ),
    (
        "an inline deny that an attached policy leaves",
        "{users: {actor: {allows: ['iam:AttachUserPolicy'], denies: [{NotAction: 'iam:AttachUserPolicy'}]}}}",
        "user/actor", "", [],
    ),
    (
        "a guardrail that lets one role alone make users",
        "{roles: {boss: {allows: ['iam:PutRolePolicy']}}, guardrails: [{denies: [{Action: ['iam:Create*', 'iam:Pass*'],"
        " Resource: '*', Condition: {ArnNotLike: {'aws:PrincipalArn': 'arn:aws:iam::*:role/boss'}}}]}]}",
        "role/boss", "ALLOWED", ["aws-iam-005", "aws-role-made"],
    ),
    (
        "a guardrail for roles alone",
        "{roles: {boss: {allows: ['iam:PutRolePolicy']}}, guardrails: [{denies: [{NotAction: 'iam:PutRolePolicy',"
        " Condition: {ArnLike: {'aws:PrincipalArn': 'arn:aws:iam::*:role/*'}}}]}]}",
        "role/boss", "", [],
    ),
    (
        "a role of another account that trusts a role by its name",
        "{roles: {boss: {allows: ['iam:PutRolePolicy']}}, accounts: [{account: '444455556666',"
        " roles: {far: {trusts: ['arn:aws:iam::111122223333:role/boss'], allows: ['*']}}}]}",
        "role/boss to arn:aws:iam::444455556666:role/far", "ALLOWED", ["aws-iam-005", "aws-sts-001"],
    ),
    (
        "a trust that wants a tag which the role has",
        "{roles: {boss: {tags: {team: a}, allows: ['iam:PutRolePolicy']}}, accounts: [{account: '444455556666',"
        " roles: {far: {trusts: [{who: '111122223333', Condition: {StringEquals: {'aws:PrincipalTag/team': a}}}]}}}]}",
        "role/boss to arn:aws:iam::444455556666:role/far", "ALLOWED", ["aws-iam-005", "aws-sts-001"],
    ),
    (
        "a boundary that its bearer takes off",
        "{roles: {actor: {allows: ['*'], boundary: fence}}, policies: {fence: {allows: ['iam:DeleteRole*']}}}",
        "role/actor", "ALLOWED", ["aws-iam-unbounded-role-full"],
    ),
    (
        "a role that is linked to a service",
        "{users: {actor: {allows: ['iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy']}}, roles: {"
        "'aws-service-role/lex.amazonaws.com/AWSServiceRoleForLex': {trusts: [lex.amazonaws.com]}}}",
        "user/actor", "", [],
    ),
    (
        "a function whose role is not in the tables, for not all roles were read",
        "{asked: [lambda.ListFunctions], failed: [iam.GetAccountAuthorizationDetails],"
        " users: {actor: {allows: ['lambda:UpdateFunctionCode', 'lambda:InvokeFunction']}},"
        " things: {'lambda:eu-west-1:function:thing': {kind: 'lambda:function', role: far}}}",
        "user/actor to arn:aws:iam::111122223333:role/far", "UNKNOWN", ["aws-lambda-003"],
    ),
    (
        "the same where all were read: there is none",
        "{asked: [lambda.ListFunctions], roles: {far: {}},"
        " users: {actor: {allows: ['lambda:UpdateFunctionCode', 'lambda:InvokeFunction']}},"
        " things: {'lambda:eu-west-1:function:thing': {kind: 'lambda:function', role: gone}}}",
        "user/actor to arn:aws:iam::111122223333:role/far", "", [],
    ),
    (
        "a function of which nobody told the role",
        "{asked: [lambda.ListFunctions], roles: {target: {trusts: [lambda.amazonaws.com]}, other: {}},"
        " users: {actor: {allows: ['lambda:UpdateFunctionCode *:thing', 'lambda:InvokeFunction']}},"
        " things: {'lambda:eu-west-1:function:thing': {kind: 'lambda:function'}}}",
        "user/actor to arn:aws:iam::111122223333:role/target", "UNKNOWN", ["aws-lambda-003"],
    ),
    (
        "it runs as no role that does not trust the service",
        "{asked: [lambda.ListFunctions], roles: {target: {trusts: [lambda.amazonaws.com]}, other: {}},"
        " users: {actor: {allows: ['lambda:UpdateFunctionCode *:thing', 'lambda:InvokeFunction']}},"
        " things: {'lambda:eu-west-1:function:thing': {kind: 'lambda:function'}}}",
        "user/actor to arn:aws:iam::111122223333:role/other", "", [],
    ),
    (
        "an instance whose profile carries a role that was not read",
        "{asked: [ec2.DescribeInstances], failed: [iam.GetAccountAuthorizationDetails],"
        " users: {actor: {allows: ['ssm:StartSession *i-0123456789abcdef0']}},"
        " roles: {target: {trusts: [ec2.amazonaws.com]}},"
        " things: {'ec2:eu-west-1:instance/i-0123456789abcdef0': {kind: 'ec2:instance', profile: web}}}",
        "user/actor to arn:aws:iam::111122223333:role/target", "UNKNOWN", ["aws-ssm-001"],
    ),
    (
        "a profile without a role, where all roles were read",
        "{asked: [ec2.DescribeInstances], users: {actor: {allows: ['ssm:StartSession']}},"
        " roles: {target: {trusts: [ec2.amazonaws.com]}},"
        " things: {'ec2:eu-west-1:instance/i-0123456789abcdef0': {kind: 'ec2:instance', profile: web}}}",
        "user/actor to arn:aws:iam::111122223333:role/target", "", [],
    ),
    (
        "a profile whose role was read",
        "{asked: [ec2.DescribeInstances], users: {actor: {allows: ['ssm:StartSession']}},"
        " roles: {target: {trusts: [ec2.amazonaws.com], profile: web}},"
        " things: {'ec2:eu-west-1:instance/i-0123456789abcdef0': {kind: 'ec2:instance', profile: web}}}",
        "user/actor to arn:aws:iam::111122223333:role/target", "CONDITIONAL", ["aws-ssm-001"],
    ),
    (
        "an instance may be launched with the role, of each type that a launch is about something",
        "{users: {actor: {allows: ['iam:PassRole', 'ec2:RunInstances arn:aws:ec2:*:*:instance/*',"
        " 'ec2:RunInstances arn:aws:ec2:*:*:subnet/*', 'ec2:RunInstances arn:aws:ec2:*:*:network-interface/*',"
        " 'ec2:RunInstances arn:aws:ec2:*:*:security-group/*', 'ec2:RunInstances arn:aws:ec2:*::image/*']}},"
        " roles: {target: {trusts: [ec2.amazonaws.com], profile: web}}}",
        "user/actor to arn:aws:iam::111122223333:role/target", "ALLOWED", ["aws-ec2-001"],
    ),
    (
        "the same in one subnet alone",
        "{users: {actor: {allows: ['iam:PassRole', 'ec2:RunInstances arn:aws:ec2:*:*:instance/*',"
        " 'ec2:RunInstances arn:aws:ec2:*:*:subnet/subnet-1', 'ec2:RunInstances arn:aws:ec2:*:*:network-interface/*',"
        " 'ec2:RunInstances arn:aws:ec2:*:*:security-group/*', 'ec2:RunInstances arn:aws:ec2:*::image/*']}},"
        " roles: {target: {trusts: [ec2.amazonaws.com], profile: web}}}",
        "user/actor to arn:aws:iam::111122223333:role/target", "CONDITIONAL", ["aws-ec2-001"],
    ),
    (
        "the same of no image",
        "{users: {actor: {allows: ['iam:PassRole', 'ec2:RunInstances arn:aws:ec2:*:*:*']}, other: {}},"
        " roles: {target: {trusts: [ec2.amazonaws.com], profile: web}}, guardrails: [{denies: ["
        "'ec2:RunInstances arn:aws:ec2:*::image/*']}]}",
        "user/actor to arn:aws:iam::111122223333:role/target", "", [],
    ),
    (
        "whether an instance profile carries a role was not read",
        "{failed: [iam.GetAccountAuthorizationDetails], users: {actor: {allows: ['iam:PassRole', 'ec2:RunInstances']}},"
        " roles: {target: {trusts: [ec2.amazonaws.com]}}}",
        "user/actor to arn:aws:iam::111122223333:role/target", "UNKNOWN", ["aws-ec2-001"],
    ),
    (
        "the metadata of the provider that a role trusts, replaced",
        "{users: {actor: {allows: ['iam:UpdateSAMLProvider']}}, roles: {target: {allows: ['*'],"
        " trusts: ['arn:aws:iam::111122223333:saml-provider/okta']}}}",
        "user/actor", "ALLOWED", ["aws-iam-saml-metadata", "aws-sts-saml", "aws-iam-full"],
    ),
    (
        "an audience added to the provider that a role trusts for one alone",
        "{users: {actor: {allows: ['iam:AddClientIDToOpenIDConnectProvider']}}, roles: {target: {allows: ['*'],"
        " trusts: [{who: 'arn:aws:iam::111122223333:oidc-provider/ci.example.com',"
        " Condition: {StringEquals: {'ci.example.com:aud': sts.amazonaws.com}}}]}}}",
        "user/actor", "CONDITIONAL", ["aws-iam-oidc-audience", "aws-sts-web-identity", "aws-iam-full"],
    ),
    (
        "an older version of a policy that one holds, which grants everything",
        "{users: {actor: {attached: [shared]}}, policies: {shared: {allows: ['iam:SetDefaultPolicyVersion'],"
        " others: [{allows: ['*']}]}}}",
        "user/actor", "ALLOWED", ["aws-iam-joint", "aws-iam-full"],
    ),
    (
        "the same by a group",
        "{users: {actor: {groups: [team]}}, groups: {team: {attached: [shared]}},"
        " policies: {shared: {allows: ['iam:SetDefaultPolicyVersion'],"
        " others: [{allows: ['s3:*']}, {allows: ['*']}]}}}",
        "user/actor", "ALLOWED", ["aws-iam-joint", "aws-iam-full"],
    ),
    (
        "an older version that lets its holder write his own policies",
        "{roles: {actor: {attached: [shared]}}, policies: {shared: {allows: ['iam:SetDefaultPolicyVersion'],"
        " others: [{allows: ['iam:PutRolePolicy']}]}}}",
        "role/actor", "ALLOWED", ["aws-iam-joint"],
    ),
    (
        "an older version that grants no more",
        "{users: {actor: {attached: [shared]}}, policies: {shared: {allows: ['iam:SetDefaultPolicyVersion'],"
        " others: [{allows: ['s3:ListAllMyBuckets']}]}}}",
        "user/actor", "", [],
    ),
    (
        "an older version that grants everything, within a boundary",
        "{users: {actor: {attached: [shared], boundary: fence}}, policies: {shared: {allows:"
        " ['iam:SetDefaultPolicyVersion'], others: [{allows: ['*']}]}, fence: {allows: ['s3:*',"
        " 'iam:SetDefaultPolicyVersion']}}}",
        "user/actor", "", [],
    ),
    (
        "a deny that the older version lacks",
        "{users: {actor: {attached: [shared], allows: ['*']}}, policies: {shared: {denies: [{NotAction:"
        " 'iam:SetDefaultPolicyVersion'}], others: [{allows: ['s3:*']}]}}}",
        "user/actor", "ALLOWED", ["aws-iam-joint", "aws-iam-full"],
    ),
    (
        "the older version of a policy of a role that one becomes",
        "{users: {actor: {allows: ['iam:SetDefaultPolicyVersion']}}, roles: {target: {trusts: [user/actor],"
        " attached: [shared]}}, policies: {shared: {allows: ['s3:*'], others: [{allows: ['*']}]}}}",
        "user/actor", "ALLOWED", ["aws-iam-joint", "aws-iam-full"],
    ),
    (
        "the same of a role that another becomes",
        "{users: {actor: {allows: ['iam:SetDefaultPolicyVersion']}}, roles: {target: {attached: [shared]}},"
        " policies: {shared: {allows: ['s3:*'], others: [{allows: ['*']}]}}}",
        "user/actor", "", [],
    ),
    (
        "another account trusts the role by its name, whose older version lets it assume",
        "{roles: {actor: {attached: [shared]}}, policies: {shared: {allows: ['iam:SetDefaultPolicyVersion'],"
        " others: [{allows: ['sts:AssumeRole']}]}}, accounts: [{account: '444455556666', roles: {far: {trusts:"
        " ['arn:aws:iam::111122223333:role/actor'], allows: ['*']}}}]}",
        "role/actor to arn:aws:iam::444455556666:role/far", "ALLOWED", ["aws-iam-joint", "aws-sts-001"],
    ),
    (
        "who holds a permission set rewrites it",
        "{roles: {aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef: {allows:"
        " ['sso:PutInlinePolicyToPermissionSet', 'sso:ProvisionPermissionSet']}}, documents: ["
        "{kind: organization, body: {id: o-a1b2c3d4e5, management_account: '111122223333',"
        " units: [{id: r-root, name: Root}], accounts: [{id: '111122223333', parent: r-root}]}},"
        " {kind: permission_set, body: {Name: Ops,"
        " PermissionSetArn: 'arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-1111222233334444'}}]}",
        "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef", "ALLOWED", ["aws-iam-joint"],
    ),
    (
        "a role of China is passed to a machine, whose service has a name of its own there",
        "{partition: aws-cn, users: {actor: {allows: ['ec2:RunInstances', {Action: 'iam:PassRole', Condition:"
        " {StringEquals: {'iam:PassedToService': ec2.amazonaws.com.cn}}}]}},"
        " roles: {target: {trusts: [ec2.amazonaws.com.cn], profile: web}}}",
        "user/actor to arn:aws-cn:iam::111122223333:role/target", "ALLOWED", ["aws-ec2-001"],
    ),
    (
        "the same of a function, whose service has the name that it has everywhere",
        "{partition: aws-cn, users: {actor: {allows: ['lambda:*', {Action: 'iam:PassRole', Condition:"
        " {StringEquals: {'iam:PassedToService': lambda.amazonaws.com}}}]}},"
        " roles: {target: {trusts: [lambda.amazonaws.com]}}}",
        "user/actor to arn:aws-cn:iam::111122223333:role/target", "ALLOWED", ["aws-lambda-001"],
    ),
    (
        "it may be passed to another service alone",
        "{partition: aws-cn, users: {actor: {allows: ['ec2:RunInstances', {Action: 'iam:PassRole', Condition:"
        " {StringEquals: {'iam:PassedToService': lambda.amazonaws.com}}}]}},"
        " roles: {target: {trusts: [ec2.amazonaws.com.cn], profile: web}}}",
        "user/actor to arn:aws-cn:iam::111122223333:role/target", "", [],
    ),
    (
        "elsewhere than in China nobody has the name",
        "{users: {actor: {allows: ['ec2:RunInstances', {Action: 'iam:PassRole', Condition:"
        " {StringEquals: {'iam:PassedToService': ec2.amazonaws.com.cn}}}]}},"
        " roles: {target: {trusts: [ec2.amazonaws.com], profile: web}}}",
        "user/actor to arn:aws:iam::111122223333:role/target", "", [],
    ),
    (
        "who joins a group has his own rights besides",
        "{users: {actor: {allows: ['iam:AddUserToGroup', 'iam:PassRole']}}, groups: {team: {allows: ['lambda:*']}},"
        " roles: {job: {trusts: [lambda.amazonaws.com], allows: ['*']}}}",
        "user/actor", "ALLOWED", ["aws-iam-013", "aws-lambda-001", "aws-iam-full"],
    ),
    (
        "and those of a group that he was in before",
        "{users: {actor: {groups: [first]}}, groups: {first: {allows: ['iam:AddUserToGroup */team', 'iam:PassRole']},"
        " team: {allows: ['lambda:*']}}, roles: {job: {trusts: [lambda.amazonaws.com], allows: ['*']}}}",
        "user/actor", "ALLOWED", ["aws-iam-013", "aws-lambda-001", "aws-iam-full"],
    ),
    (
        "but not those of another group",
        "{users: {actor: {allows: ['iam:AddUserToGroup */other', 'iam:PassRole']}}, groups: {team: {allows:"
        " ['lambda:*']}, other: {}}, roles: {job: {trusts: [lambda.amazonaws.com], allows: ['*']}}}",
        "user/actor", "", [],
    ),
    (
        "and within his boundary",
        "{users: {actor: {allows: ['iam:AddUserToGroup', 'iam:PassRole'], boundary: fence}}, groups: {team: {allows:"
        " ['lambda:*']}}, policies: {fence: {allows: ['iam:*']}},"
        " roles: {job: {trusts: [lambda.amazonaws.com], allows: ['*']}}}",
        "user/actor", "", [],
    ),
    (
        "nor does a deny of his leave him",
        "{users: {actor: {allows: ['iam:AddUserToGroup', 'iam:PassRole'], denies: ['lambda:*']}},"
        " groups: {team: {allows: ['lambda:*']}}, roles: {job: {trusts: [lambda.amazonaws.com], allows: ['*']}}}",
        "user/actor", "", [],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("why", "estate", "source", "state", "rules"), CASES, ids=[one[0] for one in CASES])
def test_a_small_account(why: str, estate: str, source: str, state: str, rules: list[str]) -> None:
    start, _, end = source.partition(" to ")
    assert way(estate, start, end or "admin") == (state, rules)


def test_services_are_where_nothing_begins() -> None:
    found = graph(
        "{roles: {job: {trusts: [lambda.amazonaws.com], allows: ['*']}}, things: {'s3::logs': {kind: 's3:bucket',"
        " policy: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com},"
        " Action: 's3:PutObject', Resource: 'arn:aws:s3:::logs/*'}]}}}}"
    )
    for end in ("admin", "arn:aws:s3:::logs"):
        sources = {path.hops[0].source for path in found.paths(end)[0]}
        assert f"{IAM}:role/job" in sources and not [one for one in sources if one.endswith(".amazonaws.com")]


def test_with_too_many_versions_any_policy_is_supposed(monkeypatch: pytest.MonkeyPatch) -> None:
    estate = (
        "{users: {actor: {attached: [shared]}}, policies: {shared: {allows: ['iam:SetDefaultPolicyVersion'],"
        " others: [{allows: ['s3:*']}]}}}"
    )
    assert way(estate, "user/actor") == ("", [])
    monkeypatch.setattr("leastwise.providers.aws.shadows._MOST", 0)
    assert way(estate, "user/actor") == ("UNKNOWN", ["aws-iam-joint"])


def test_with_too_many_joiners_what_is_left_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    estate = (
        "{users: {actor: {allows: ['iam:AddUserToGroup', 'iam:PassRole']}}, groups: {team: {allows: ['lambda:*']}},"
        " roles: {job: {trusts: [lambda.amazonaws.com], allows: ['*']}}}"
    )
    told = "111122223333: what users who may join groups can do by their own rights and a group's"
    assert told not in graph(estate).missing
    monkeypatch.setattr("leastwise.providers.aws.shadows._MOST", 0)
    assert told in graph(estate).missing


def test_what_a_step_presupposes_is_told() -> None:
    found = graph("{users: {actor: {allows: ['iam:CreateLoginProfile']}, other: {allows: ['*']}}}")
    paths, _ = found.paths("admin", f"{IAM}:user/actor")
    (hop, *_) = Telling(found, AT).path(paths[0])["hops"]
    assert (hop["rule"], hop["state"]) == ("aws-iam-004", "CONDITIONAL")
    assert hop["presupposes"] == ["the user has no password"]


def test_steps_in_china_hold_when_they_are_asked_again() -> None:
    found = graph(
        "{partition: aws-cn, users: {actor: {allows: ['ec2:RunInstances', {Action: 'iam:PassRole', Condition:"
        " {StringEquals: {'iam:PassedToService': ec2.amazonaws.com.cn}}}]}},"
        " roles: {target: {trusts: [ec2.amazonaws.com.cn], profile: web}}}"
    )
    paths, _ = found.paths("arn:aws-cn:iam::111122223333:role/target", "arn:aws-cn:iam::111122223333:user/actor")
    (hop,) = Telling(found, AT).path(paths[0])["hops"]
    assert {one["decision"]["state"] for step in hop["needs"] for one in step} == {"ALLOWED"}


@pytest.mark.parametrize(
    ("delegated", "account", "state"),
    [
        ("member.org.stacksets.cloudformation.amazonaws.com", "444455556666", "CONDITIONAL"),
        ("member.org.stacksets.cloudformation.amazonaws.com", "999900001111", ""),
        ("iam.amazonaws.com", "444455556666", ""),
    ],
)
def test_who_is_delegated_stack_sets_administers_members(delegated: str, account: str, state: str) -> None:
    found = graph(
        "{users: {actor: {allows: ['cloudformation:CreateStack*']}}, accounts: [{account: '444455556666',"
        " users: {one: {}}}, {account: '999900001111', users: {boss: {}}}], documents: [{kind: organization, body:"
        " {id: o-a1b2c3d4e5, management_account: '999900001111', units: [{id: r-root, name: Root}], accounts:"
        " [{id: '999900001111', parent: r-root}, {id: '111122223333', parent: r-root},"
        " {id: '444455556666', parent: r-root}]}}, {kind: scp, body: {id: p-full, targets: [r-root], policy:"
        " {Version: '2012-10-17', Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}},"
        " {kind: organizations.list-delegated-services-for-account, account: '999900001111', subject: '111122223333',"
        f" body: {{DelegatedServices: [{{ServicePrincipal: {delegated}}}]}}}}]}}"
    )
    paths, _ = found.paths(f"admin:{account}", f"{IAM}:user/actor")
    assert [str(one.state) for one in paths] == ([state] if state else [])
