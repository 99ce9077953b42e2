"""Tags of a user, a role or a bucket are tags of a resource: when they change, others gain and lose access to it."""

from __future__ import annotations

from typing import Any

import pytest
from changes_support import changes
from test_between import ANN, BOB, OWN, account, allow, resource, user

from leastwise.engine.arrays import Arrays
from leastwise.model.comparison import Change
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.compiled.tagged import TagReaders
from leastwise.providers.aws.conform.ask import estate_of

ROLE, TASK = (f"arn:aws:iam::{OWN}:role/{name}" for name in ("app", "task"))
BUCKET = "arn:aws:s3:::data"
RED, BLUE = {"team": "red"}, {"team": "blue"}


def role(arn: str, tags: dict[str, str], *policies: dict[str, Any], trusts: str = OWN) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": trusts}, "Action": "sts:AssumeRole"}
    return {
        "Arn": arn,
        "RoleName": arn.rsplit("/", 1)[-1],
        "RolePolicyList": [{"PolicyName": f"p{n}", "PolicyDocument": one} for n, one in enumerate(policies)],
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def where(key: str, value: str = "red", operator: str = "StringEquals") -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def port_of(*documents: dict[str, Any]) -> AwsPort:
    return AwsPort(estate_of({"documents": list(documents)}).estate.arrays, alone={OWN})


def told(change: Change | None, permission: str, *, lost: bool = False) -> dict[str, State]:
    """The resources on which a permission was gained (or lost), with how."""
    cubes = () if change is None else change.lost if lost else change.gained
    return {where: cube.state for cube in cubes if permission in cube.permissions for where in cube.resources}


@pytest.mark.parametrize("key", ["iam:ResourceTag/team", "aws:ResourceTag/team", "aws:resourcetag/Team"])
@pytest.mark.parametrize("action", ["iam:UpdateAssumeRolePolicy", "iam:PassRole", "sts:AssumeRole"])
def test_who_may_act_on_roles_of_a_team_gains_the_role_that_joins_it(key: str, action: str) -> None:
    own = allow(action, **where(key))
    before, now = (port_of(account(user(ANN, own), user(BOB), roles=(role(ROLE, one),))) for one in (BLUE, RED))
    found = changes(before, now)
    states = [one.can(ANN, action, ROLE, Circumstances()).state for one in (before, now)]
    expected = {} if states[0] is states[1] else {ROLE: states[1]}
    assert states == [State.DENIED, State.ALLOWED] or (key.startswith("iam:") and action.startswith("sts:"))
    assert told(found.get(ANN), action) == expected
    assert told(changes(now, before).get(ANN), action, lost=True) == expected
    assert BOB not in found


def test_a_denial_by_a_tag_is_lost_with_the_tag() -> None:
    deny = {"Effect": "Deny", "Action": "iam:*", "Resource": "*", **where("aws:ResourceTag/team")}
    own = {"Version": "2012-10-17", "Statement": [*allow("iam:DeleteRole")["Statement"], deny]}
    before, now = (port_of(account(user(ANN, own), roles=(role(ROLE, one),))) for one in (RED, {}))
    assert told(changes(before, now)[ANN], "iam:DeleteRole") == {ROLE: State.ALLOWED}
    assert told(changes(now, before)[ANN], "iam:DeleteRole", lost=True) == {ROLE: State.ALLOWED}


def test_tags_of_users_are_those_of_a_resource_too() -> None:
    own = allow("iam:CreateAccessKey", **where("iam:ResourceTag/team"))
    bob = user(BOB)
    before, now = (
        port_of(account(user(ANN, own), {**bob, "Tags": [{"Key": "team", "Value": one}]})) for one in ("blue", "red")
    )
    assert told(changes(before, now)[ANN], "iam:CreateAccessKey") == {BOB: State.ALLOWED}


def test_a_tag_that_a_variable_compares_decides_too() -> None:
    own = allow("iam:DeleteRole", **where("aws:PrincipalTag/team", "${aws:ResourceTag/team}"))
    ann = {**user(ANN, own), "Tags": [{"Key": "team", "Value": "red"}]}
    before, now = (port_of(account(ann, roles=(role(ROLE, one),))) for one in (BLUE, RED))
    assert told(changes(before, now)[ANN], "iam:DeleteRole") == {ROLE: State.ALLOWED}


def test_a_trust_policy_that_reads_the_role_s_own_tags() -> None:
    def estate(tags: dict[str, str]) -> AwsPort:
        one = role(ROLE, tags)
        one["AssumeRolePolicyDocument"]["Statement"][0] |= where("aws:ResourceTag/team")
        return port_of(account(user(ANN, allow("sts:AssumeRole")), roles=(one,)))

    assert told(changes(estate(BLUE), estate(RED))[ANN], "sts:AssumeRole") == {ROLE: State.ALLOWED}


def test_a_tag_that_no_statement_reads_changes_nothing() -> None:
    own = allow("iam:*", **where("aws:ResourceTag/stage"))
    before, now = (port_of(account(user(ANN, own), roles=(role(ROLE, one),))) for one in (BLUE, RED))
    assert ANN not in changes(before, now)


def test_trust_and_tags_that_change_together_are_told_once() -> None:
    own = allow("iam:DeleteRole", "sts:AssumeRole", **where("aws:ResourceTag/team"))
    before, now = (
        port_of(account(user(ANN, own), roles=(role(ROLE, tags, trusts=trusts),)))
        for tags, trusts in ((BLUE, BOB), (RED, ANN))
    )
    change = changes(before, now)[ANN]
    for action in ("iam:DeleteRole", "sts:AssumeRole"):
        named = [cube for cube in change.gained if action in cube.permissions]
        assert [(cube.resources, cube.permissions.count(action)) for cube in named] == [((ROLE,), 1)]


def test_a_role_s_own_tags_are_its_own_and_a_resource_s() -> None:
    """The role gains by its principal tag; ann gains the role by the same tag."""
    of_role = allow("s3:ListAllMyBuckets", **where("aws:PrincipalTag/team"))
    of_ann = allow("iam:TagRole", **where("aws:ResourceTag/team"))
    before, now = (port_of(account(user(ANN, of_ann), roles=(role(TASK, one, of_role),))) for one in (BLUE, RED))
    found = changes(before, now)
    assert told(found[TASK], "s3:ListAllMyBuckets") == {"*": State.ALLOWED}
    assert told(found[ANN], "iam:TagRole") == {TASK: State.ALLOWED}


@pytest.mark.parametrize("policy", [None, {"Version": "2012-10-17", "Statement": []}], ids=["no policy", "a policy"])
def test_tags_of_a_bucket_decide_for_those_whose_own_policies_read_them(policy: dict[str, Any] | None) -> None:
    own = allow("s3:ListBucket", **where("aws:ResourceTag/team"))

    def estate(value: str) -> AwsPort:
        tags = {
            "kind": "s3api.get-bucket-tagging",
            "account": OWN,
            "subject": "data",
            "body": {"TagSet": [{"Key": "team", "Value": value}]},
        }
        port = port_of(account(user(ANN, own), user(BOB)), resource(BUCKET, OWN, policy), tags)
        # As if the bucket had attribute-based access control switched on: its tags count.
        arrays = port.access.estate.arrays
        made = {name: arrays[name] * 0 + 1 if name == "thing.tagged" else arrays[name] for name in arrays.names()}
        return AwsPort(Arrays(made, arrays.facts), alone={OWN})

    before, now = estate("blue"), estate("red")
    states = [one.can(ANN, "s3:ListBucket", BUCKET, Circumstances()).state for one in (before, now)]
    assert states == [State.DENIED, State.ALLOWED]
    assert told(changes(before, now)[ANN], "s3:ListBucket") == {BUCKET: State.ALLOWED}


def test_readers_know_which_tags_decide_which_actions() -> None:
    port = port_of(account(user(ANN, allow("iam:GetRole", **where("iam:ResourceTag/Team")))))
    readers = TagReaders(port.access.estate)
    assert readers.of(RED, BLUE).sum() == 1
    assert readers.of(RED, {"TEAM": "red"}).sum() == 1, "an added and a removed tag"
    assert readers.of(RED, RED).sum() == readers.of({"stage": "a"}, {}).sum() == 0
    assert readers.of(None, RED).sum() == 1, "what is not known may be any"
    assert readers.of(None, None).sum() == 0


def test_a_denial_elsewhere_takes_nothing_of_a_bucket_that_is_known_to_lie_at_home() -> None:
    deny = {"Effect": "Deny", "Action": "s3:Get*", "Resource": [BUCKET, "arn:aws:s3:::other"]}
    deny |= where("aws:PrincipalAccount", "${aws:ResourceAccount}", "StringNotEquals")
    full = {"Version": "2012-10-17", "Statement": [*allow("s3:*")["Statement"]]}
    less = {"Version": "2012-10-17", "Statement": [*allow("s3:*")["Statement"], deny]}
    before, now = (port_of(account(user(ANN, one)), resource(BUCKET, OWN, None)) for one in (full, less))
    found = changes(before, now)[ANN]
    asked = [one.can(ANN, "s3:GetBucketAcl", BUCKET, Circumstances()).state for one in (before, now)]
    assert asked == [State.ALLOWED, State.ALLOWED]
    assert told(found, "s3:GetBucketAcl", lost=True) == {"arn:aws:s3:::other": State.CONDITIONAL}
