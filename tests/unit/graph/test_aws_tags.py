"""Paths that begin with a tag: on what a condition guards, on oneself, on a session; and those that only look so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.path_values import Telling
from leastwise.graph.keeping import kept, opened
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.conform.scenarios import of_rule

AT = datetime(2026, 11, 1, tzinfo=UTC)
IAM = "arn:aws:iam::111122223333"
RED = "{StringEquals: {'aws:ResourceTag/team': red}}"
ME = "{StringEquals: {'aws:PrincipalTag/team': red}}"
ASSUME = f"{{Action: 'sts:AssumeRole', Condition: {RED}}}"
TARGET = "roles: {target: {trusts: ['111122223333'], allows: ['*']}}"
"""A role that everybody of the account may assume whose own policies let him."""


def graph(text: str) -> EscalationGraph:
    estate: Mapping[str, Any] = yaml.safe_load(text)
    scopes, alone = of_rule(estate)
    return graph_of(PROVIDER, scopes, alone, AT)


def told(found: EscalationGraph, source: str, target: str = "admin") -> list[dict[str, Any]]:
    """The hops of the path as people are told them; none where there is no path."""
    paths, _ = found.paths(target, f"{IAM}:{source}")
    return Telling(found, AT).path(paths[0])["hops"] if paths else []


CASES: list[tuple[str, str, str, str, str]] = [
    (
        "a tag taken from a role that may be assumed without it",
        "{users: {ada: {allows: [{Action: 'sts:AssumeRole', Condition: {StringEqualsIfExists:"
        " {'aws:ResourceTag/team': red}}}, 'iam:UntagRole']}}, roles: {target: {trusts: ['111122223333'],"
        " tags: {team: blue}, allows: ['*']}}}",
        "user/ada", "ALLOWED", "takes the tag team from",
    ),
    (
        "one's own tag put on, which has to be the secret's: of that nothing is known but what a deny leaves",
        "{users: {ada: {allows: ['iam:TagUser', {Action: 'secretsmanager:GetSecretValue', Condition: {StringEquals:"
        " {'aws:ResourceTag/team': '${aws:PrincipalTag/team}'}}}], denies: [{Action: 'secretsmanager:GetSecretValue',"
        " Condition: {StringNotEquals: {'aws:ResourceTag/team': red}}}], tags: {team: blue}}},"
        " things: {'secretsmanager:eu-west-1:secret:plan-AbCdEf': {kind: 'secretsmanager:secret'}}}",
        "user/ada>arn:aws:secretsmanager:eu-west-1:111122223333:secret:plan-AbCdEf", "CONDITIONAL",
        "puts the tag team=red on",
    ),
    (
        "a tag put on the role that a condition guards",
        f"{{users: {{ada: {{allows: [{ASSUME}, 'iam:TagRole']}}}}, {TARGET}}}",
        "user/ada", "ALLOWED", "puts the tag team=red on",
    ),
    (
        "nobody may put one on",
        f"{{users: {{ada: {{allows: [{ASSUME}]}}}}, {TARGET}}}",
        "user/ada", "", "",
    ),
    (
        "tags may be put on other roles alone",
        f"{{users: {{ada: {{allows: [{ASSUME}, 'iam:TagRole {IAM}:role/other']}}}}, {TARGET}}}",
        "user/ada", "", "",
    ),
    (
        "the request may carry another value alone",
        f"{{users: {{ada: {{allows: [{ASSUME}, {{Action: 'iam:TagRole', Condition: {{StringEquals:"
        f" {{'aws:RequestTag/team': blue}}}}}}]}}}}, {TARGET}}}",
        "user/ada", "", "",
    ),
    (
        "the request may carry this value",
        f"{{users: {{ada: {{allows: [{ASSUME}, {{Action: 'iam:TagRole', Condition: {{StringEquals:"
        f" {{'aws:RequestTag/team': red}}}}}}]}}}}, {TARGET}}}",
        "user/ada", "ALLOWED", "puts the tag team=red on",
    ),
    (
        "the key may not be written",
        f"{{users: {{ada: {{allows: [{ASSUME}, 'iam:TagRole'], denies: [{{Action: 'iam:TagRole', Condition:"
        f" {{'ForAnyValue:StringEquals': {{'aws:TagKeys': [team]}}}}}}]}}}}, {TARGET}}}",
        "user/ada", "", "",
    ),
    (
        "other keys alone may be written",
        f"{{users: {{ada: {{allows: [{ASSUME}, {{Action: 'iam:TagRole', Condition: {{'ForAllValues:StringEquals':"
        f" {{'aws:TagKeys': [cost]}}}}}}]}}}}, {TARGET}}}",
        "user/ada", "", "",
    ),
    (
        "the request has to carry another tag besides",
        f"{{users: {{ada: {{allows: [{ASSUME}, {{Action: 'iam:TagRole', Condition: {{'ForAnyValue:StringEquals':"
        f" {{'aws:TagKeys': [cost]}}}}}}]}}}}, {TARGET}}}",
        "user/ada", "ALLOWED", "puts the tag team=red on",
    ),
    (
        "a boundary lets no tag through",
        f"{{users: {{ada: {{allows: [{ASSUME}, 'iam:TagRole'], boundary: fence}}}}, {TARGET},"
        " policies: {fence: {allows: ['sts:*', 's3:*']}}}",
        "user/ada", "", "",
    ),
    (
        "a guardrail takes the tag away from all",
        f"{{users: {{ada: {{allows: [{ASSUME}, 'iam:TagRole']}}}}, {TARGET},"
        " guardrails: [{denies: ['iam:TagRole']}]}",
        "user/ada", "", "",
    ),
    (
        "another puts the tag on, whom one can become",
        f"{{users: {{ada: {{allows: [{ASSUME}, 'iam:CreateAccessKey {IAM}:user/bob']}},"
        f" bob: {{allows: ['iam:TagRole']}}}}, {TARGET}}}",
        "user/ada", "CONDITIONAL", "puts the tag team=red on",
    ),
    (
        "another puts the tag on, whom one cannot become",
        f"{{users: {{ada: {{allows: [{ASSUME}]}}, bob: {{allows: ['iam:TagRole']}}}}, {TARGET}}}",
        "user/ada", "", "",
    ),
    (
        "a deny that a tag switches on, taken off",
        "{users: {ada: {allows: ['sts:AssumeRole', 'iam:UntagRole'], denies: [{Action: 'sts:AssumeRole',"
        " Condition: {StringEquals: {'aws:ResourceTag/guarded': 'yes'}}}]}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*'], tags: {guarded: 'yes'}}}}",
        "user/ada", "ALLOWED", "takes the tag guarded from",
    ),
    (
        "the same, where it can only be put on anew",
        "{users: {ada: {allows: ['sts:AssumeRole', 'iam:TagRole'], denies: [{Action: 'sts:AssumeRole',"
        " Condition: {StringEquals: {'aws:ResourceTag/guarded': 'yes'}}}]}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*'], tags: {guarded: 'yes'}}}}",
        "user/ada", "ALLOWED", "puts the tag guarded=another on",
    ),
    (
        "a deny of all that lacks a tag",
        "{users: {ada: {allows: ['sts:AssumeRole', 'iam:TagRole'], denies: [{Action: 'sts:AssumeRole',"
        " Condition: {'Null': {'aws:ResourceTag/team': 'true'}}}]}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*']}}}",
        "user/ada", "ALLOWED", "puts the tag team=another on",
    ),
    (
        "a deny that no tag takes away",
        "{users: {ada: {allows: ['sts:AssumeRole', 'iam:TagRole', 'iam:UntagRole'], denies: ['sts:AssumeRole',"
        " {Action: 'sts:AssumeRole', Condition: {StringEquals: {'aws:ResourceTag/guarded': 'yes'}}}]}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*'], tags: {guarded: 'yes'}}}}",
        "user/ada", "", "",
    ),
    (
        "two tags, of which one is there already",
        "{users: {ada: {allows: [{Action: 'sts:AssumeRole', Condition: {StringEquals: {'aws:ResourceTag/team': red,"
        " 'aws:ResourceTag/stage': test}}}, 'iam:TagRole']}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*'], tags: {stage: test}}}}",
        "user/ada", "ALLOWED", "puts the tag team=red on",
    ),
    (
        "two tags, of which none is there",
        "{users: {ada: {allows: [{Action: 'sts:AssumeRole', Condition: {StringEquals: {'aws:ResourceTag/team': red,"
        " 'aws:ResourceTag/stage': test}}}, 'iam:TagRole']}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*']}}}",
        "user/ada", "ALLOWED", "puts the tag stage=test on",
    ),
    (
        "two tags, of which one may not be written",
        "{users: {ada: {allows: [{Action: 'sts:AssumeRole', Condition: {StringEquals: {'aws:ResourceTag/team': red,"
        " 'aws:ResourceTag/stage': test}}}, {Action: 'iam:TagRole', Condition: {'ForAllValues:StringEquals':"
        " {'aws:TagKeys': [team]}}}]}}, roles: {target: {trusts: ['111122223333'], allows: ['*']}}}",
        "user/ada", "", "",
    ),
    (
        "a tag that lets the other be written",
        "{users: {ada: {allows: [{Action: 'sts:AssumeRole', Condition: {StringEquals: {'aws:ResourceTag/team': red}}},"
        " {Action: 'iam:TagRole', Condition: {StringEquals: {'aws:ResourceTag/owner': ada}}},"
        " {Action: 'iam:TagRole', Condition: {'ForAllValues:StringEquals': {'aws:TagKeys': [owner]}}}]}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*']}}}",
        "user/ada", "ALLOWED", "puts the tag owner=ada on",
    ),
    (
        "tags that would each have to be there before",
        "{users: {ada: {allows: [{Action: 'sts:AssumeRole', Condition: {StringEquals: {'aws:ResourceTag/team': red}}},"
        " {Action: 'iam:TagRole', Condition: {StringEquals: {'aws:ResourceTag/owner': ada}}}]}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*']}}}",
        "user/ada", "", "",
    ),
    (
        "a tag put on oneself",
        f"{{users: {{ada: {{allows: [{{Action: 'iam:*', Condition: {ME}}}, 'iam:TagUser']}}}}}}",
        "user/ada", "ALLOWED", "puts the tag team=red on arn:aws:iam::111122223333:user/ada",
    ),
    (
        "on oneself by a variable",
        f"{{users: {{ada: {{allows: [{{Action: 'iam:*', Condition: {ME}}},"
        f" 'iam:TagUser {IAM}:user/${{aws:username}}']}}}}}}",
        "user/ada", "ALLOWED", "puts the tag team=red on arn:aws:iam::111122223333:user/ada",
    ),
    (
        "tags may be put on another user alone",
        f"{{users: {{ada: {{allows: [{{Action: 'iam:*', Condition: {ME}}}, 'iam:TagUser {IAM}:user/bob']}},"
        " bob: {}}}",
        "user/ada", "", "",
    ),
    (
        "a tag put on somebody whom one becomes",
        f"{{users: {{ada: {{allows: ['iam:CreateAccessKey', 'iam:TagUser']}}, bob: {{allows: [{{Action: 'iam:*',"
        f" Condition: {ME}}}]}}}}}}",
        "user/ada", "CONDITIONAL", "puts the tag team=red on arn:aws:iam::111122223333:user/bob",
    ),
    (
        "a tag put on somebody whom one does not become",
        f"{{users: {{ada: {{allows: ['iam:TagUser']}}, bob: {{allows: [{{Action: 'iam:*', Condition: {ME}}}]}}}}}}",
        "user/ada", "", "",
    ),
    (
        "a guardrail spares who is tagged",
        "{users: {ada: {allows: ['*']}, bob: {allows: ['iam:TagUser', 'iam:CreateAccessKey', 'iam:CreateRole',"
        " 'iam:PutRolePolicy']}}, guardrails: [{denies: [{Action: ['iam:CreateRole', 'iam:PutRolePolicy'],"
        " Condition: {StringNotEquals: {'aws:PrincipalTag/team': red}}}]}]}",
        "user/bob", "ALLOWED", "puts the tag team=red on arn:aws:iam::111122223333:user/bob",
    ),
    (
        "a role's own tag",
        f"{{users: {{ada: {{allows: ['sts:AssumeRole', 'iam:TagRole']}}}}, roles: {{job: {{trusts: [user/ada],"
        f" allows: [{{Action: 'iam:*', Condition: {ME}}}]}}}}}}",
        "user/ada", "ALLOWED", "puts the tag team=red on arn:aws:iam::111122223333:role/job",
    ),
    (
        "the role has what oneself is tagged with",
        "{users: {ada: {tags: {team: red}, allows: [{Action: 'sts:AssumeRole', Condition: {StringEquals:"
        " {'aws:ResourceTag/team': '${aws:PrincipalTag/team}'}}}, 'iam:TagRole']}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*'], tags: {team: blue}}}}",
        "user/ada", "ALLOWED", "puts the tag team=red on arn:aws:iam::111122223333:role/target",
    ),
    (
        "oneself is tagged with what the role has",
        "{users: {ada: {tags: {team: red}, allows: [{Action: 'sts:AssumeRole', Condition: {StringEquals:"
        " {'aws:ResourceTag/team': '${aws:PrincipalTag/team}'}}}, 'iam:TagUser']}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*'], tags: {team: blue}}}}",
        "user/ada", "ALLOWED", "puts the tag team=blue on arn:aws:iam::111122223333:user/ada",
    ),
    (
        "the role is tagged with one's own name",
        "{users: {ada: {allows: [{Action: 'sts:AssumeRole', Condition: {StringEquals:"
        " {'aws:ResourceTag/owner': '${aws:username}'}}}, 'iam:TagRole']}},"
        " roles: {target: {trusts: ['111122223333'], allows: ['*'], tags: {owner: bob}}}}",
        "user/ada", "CONDITIONAL", "puts the tag owner on arn:aws:iam::111122223333:role/target",
    ),
    (
        "a session is given the tag",
        f"{{users: {{ada: {{allows: ['sts:AssumeRole', 'sts:TagSession']}}}}, roles: {{job: {{trusts: ['111122223333',"
        f" {{who: '111122223333', Action: 'sts:TagSession'}}], allows: [{{Action: 'iam:*', Condition: {ME}}}]}}}}}}",
        "user/ada", "ALLOWED", "gives the tag team=red to a session of arn:aws:iam::111122223333:role/job",
    ),
    (
        "a session may be given another value alone",
        f"{{users: {{ada: {{allows: ['sts:AssumeRole', {{Action: 'sts:TagSession', Condition: {{StringEquals:"
        f" {{'aws:RequestTag/team': blue}}}}}}]}}}}, roles: {{job: {{trusts: ['111122223333',"
        f" {{who: '111122223333', Action: 'sts:TagSession'}}], allows: [{{Action: 's3:*', Condition: {ME}}}],"
        f" denies: ['iam:*']}}}}}}",
        "user/ada", "", "",
    ),
    (
        "the trust takes the tag from a session",
        f"{{users: {{ada: {{allows: ['sts:AssumeRole', 'sts:TagSession']}}}}, roles: {{job: {{trusts: ['111122223333'],"
        f" allows: [{{Action: 'iam:*', Condition: {ME}}}]}}}}}}",
        "user/ada", "", "",
    ),
    (
        "a machine entered that a tag guards",
        "{asked: [ec2.DescribeInstances], users: {ada: {allows: ['ec2:CreateTags', {Action: 'ssm:StartSession',"
        " Condition: {StringEquals: {'ssm:resourceTag/team': red}}}]}}, roles: {job: {allows: ['*']}},"
        " things: {'ec2:eu-west-1:instance/i-0123456789abcdef0': {kind: 'ec2:instance', role: job,"
        " tags: {team: blue}}}}",
        "user/ada", "CONDITIONAL", "puts the tag team=red on arn:aws:ec2:eu-west-1:111122223333:instance/",
    ),
    (
        "a policy rewritten that a tag guards",
        "{users: {ada: {allows: ['iam:TagPolicy', {Action: 'iam:CreatePolicyVersion', Condition: {StringEquals:"
        " {'aws:ResourceTag/team': red}}}], attached: [own]}}, policies: {own: {allows: ['s3:ListAllMyBuckets'],"
        " tags: {team: blue}}}}",
        "user/ada", "ALLOWED", "",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("why", "estate", "source", "state", "first"), CASES, ids=[one[0] for one in CASES])
def test_a_small_account(why: str, estate: str, source: str, state: str, first: str) -> None:
    found = graph(estate)
    source, _, target = source.partition(">")
    hops = told(found, source, target or "admin")
    assert max((hop["state"] for hop in hops), default="", key=["ALLOWED", "CONDITIONAL", "UNKNOWN"].index) == state
    said = [text for hop in hops for text in hop["first"]]
    assert any(first in text for text in said) or not first, said
    # Every step holds when it is asked again, with the tag laid over.
    rank = ("ALLOWED", "CONDITIONAL", "UNKNOWN", "DENIED")
    for hop in hops:
        for step in hop["needs"]:
            best = min((one["decision"]["state"] for one in step), key=rank.index)
            assert rank.index(best) <= rank.index(hop["state"]), (hop["rule"], step)


def test_what_opens_is_kept_and_read_again() -> None:
    found = graph(f"{{users: {{ada: {{allows: [{ASSUME}, 'iam:TagRole']}}}}, {TARGET}}}").parts[0].gates
    assert found.closed
    read = opened(kept(found, AT), found.rules, found.shadows)
    assert [(one.sources, one.targets.tolist(), one.state, one.together) for one in read.closed] == [
        (one.sources, one.targets.tolist(), one.state, one.together) for one in found.closed
    ]
    assert list(read.together) == list(found.together)
    assert len(read.gates) == len(found.gates)


def test_what_is_not_tried_is_told() -> None:
    found = graph(
        "{users: {ada: {allows: [{Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::111122223333:role/"
        f"${{aws:PrincipalTag/team}}'}}, 'iam:TagUser']}}}}, {TARGET}}}"
    )
    assert any("stands in ARNs" in one for one in found.missing)
