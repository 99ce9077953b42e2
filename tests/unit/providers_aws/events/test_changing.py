"""Who made, changed or removed what: calls as records tell them."""

from __future__ import annotations

from typing import Any

import pytest
from events_support import record

from leastwise.providers.aws.events.changing import Changed, changed, may_change

BUCKET = "arn:aws:s3:::plans"
POLICY = "arn:aws:iam::222222222222:policy/p"
SET = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any] | None, str, tuple[str, str, str, str]]] = [
    ("iam", "CreateUser", {"userName": "bo"}, {"user": {"arn": "arn:aws:iam::222222222222:user/x/bo"}}, "",
     ("principal", "arn:aws:iam::222222222222:user/x/bo", "", "created")),
    ("iam", "DeleteRole", {"roleName": "r"}, None, "", ("principal", "iam:222222222222:role/r", "", "removed")),
    ("iam", "CreateAccessKey", {"userName": "bo"}, {"accessKey": {"accessKeyId": "AKIA1", "secretAccessKey": "no"}}, "",
     ("credential", "iam:222222222222:user/bo", "AKIA1", "created")),
    ("iam", "CreateAccessKey", {}, {"accessKey": {"accessKeyId": "AKIA1"}}, "",
     ("credential", "AKIA1", "AKIA1", "created")),
    ("iam", "UpdateAccessKey", {"userName": "bo", "accessKeyId": "AKIA1", "status": "Inactive"}, None, "",
     ("credential", "iam:222222222222:user/bo", "AKIA1", "changed")),
    ("iam", "UpdateLoginProfile", {"userName": "bo", "password": "no"}, None, "",
     ("credential", "iam:222222222222:user/bo", "password", "changed")),
    ("iam", "AttachRolePolicy", {"roleName": "r", "policyArn": POLICY}, None, "",
     ("grant", "iam:222222222222:role/r", POLICY, "created")),
    ("iam", "DetachGroupPolicy", {"groupName": "g", "policyArn": POLICY}, None, "",
     ("grant", "iam:222222222222:group/g", POLICY, "removed")),
    ("iam", "PutUserPolicy", {"userName": "bo", "policyName": "inline", "policyDocument": "{}"}, None, "",
     ("grant", "iam:222222222222:user/bo", "inline", "created")),
    ("iam", "CreatePolicyVersion", {"policyArn": POLICY, "setAsDefault": True}, None, "",
     ("grant", POLICY, "", "changed")),
    ("iam", "AddUserToGroup", {"userName": "bo", "groupName": "g"}, None, "",
     ("membership", "iam:222222222222:user/bo", "iam:222222222222:group/g", "created")),
    ("iam", "RemoveUserFromGroup", {"userName": "bo", "groupName": "g"}, None, "",
     ("membership", "iam:222222222222:user/bo", "iam:222222222222:group/g", "removed")),
    ("iam", "UpdateAssumeRolePolicy", {"roleName": "r", "policyDocument": "{}"}, None, "",
     ("trust", "iam:222222222222:role/r", "", "changed")),
    ("sso", "CreateAccountAssignment", {"principalId": "u-1", "permissionSetArn": SET, "targetId": "333333333333"},
     None, "", ("grant", "u-1", f"{SET} 333333333333", "created")),
    ("sso", "PutInlinePolicyToPermissionSet", {"permissionSetArn": SET}, None, "", ("grant", SET, "", "created")),
    ("identitystore", "DeleteGroupMembership", {"memberId": {"userId": "u-1"}, "groupId": "g-1"}, None, "",
     ("membership", "u-1", "g-1", "removed")),
    ("identitystore", "CreateGroupMembership", {"memberId": {"userId": "u-1"}, "groupId": "g-1"},
     {"identityStoreId": "d-1", "membershipId": "m-1"}, "", ("membership", "u-1", "g-1 m-1", "created")),
    ("identitystore", "DeleteGroupMembership", {"identityStoreId": "d-1", "membershipId": "m-1"}, None, "",
     ("membership", "m-1", "", "removed")),
    ("sso-directory", "AddMemberToGroup", {"memberId": "u-1", "groupId": "g-1"}, None, "",
     ("membership", "u-1", "g-1", "created")),
    ("organizations", "AttachPolicy", {"policyId": "p-1", "targetId": "ou-1"}, None, "",
     ("grant", "ou-1", "p-1", "created")),
    ("s3", "PutBucketPolicy", {"bucketName": "plans"}, None, BUCKET, ("grant", BUCKET, "PutBucketPolicy", "changed")),
    ("s3", "DeleteBucketPolicy", {"bucketName": "plans"}, None, BUCKET,
     ("grant", BUCKET, "DeleteBucketPolicy", "removed")),
    ("lambda", "AddPermission20150331v2", {"functionName": "f"}, None, "arn:f",
     ("grant", "arn:f", "AddPermission", "changed")),
    ("kms", "CreateGrant", {"keyId": "k"}, None, "arn:k", ("grant", "arn:k", "CreateGrant", "created")),
    ("sqs", "SetQueueAttributes", {"attributes": {"Policy": "{}"}}, None, "arn:q",
     ("grant", "arn:q", "Policy", "changed")),
]  # fmt: skip
NOTHING = [
    ("iam", "GetUser", {"userName": "bo"}),
    ("iam", "TagRole", {"roleName": "r"}),
    ("s3", "PutObject", {"bucketName": "plans"}),
    ("s3", "PutBucketLifecycle", {"bucketName": "plans"}),
    ("sqs", "SetQueueAttributes", {"attributes": {"VisibilityTimeout": "3"}}),
    ("autoscaling", "PutScalingPolicy", {"policyName": "p"}),
    ("elasticloadbalancing", "CreateLoadBalancerPolicy", {"policyName": "p"}),
]


def call(source: str, name: str, asked: dict[str, Any], answer: dict[str, Any] | None = None, **more: Any) -> Any:
    return record(eventSource=f"{source}.amazonaws.com", eventName=name, recipientAccountId="222222222222",
                  requestParameters=asked, responseElements=answer, **more)  # fmt: skip


@pytest.mark.parametrize("source, name, asked, answer, resource, wanted", CASES, ids=lambda one: str(one)[:30])
def test_a_change_is_told(
    source: str, name: str, asked: dict[str, Any], answer: dict[str, Any] | None, resource: str,
    wanted: tuple[str, str, str, str],
) -> None:  # fmt: skip
    one = call(source, name, asked, answer)
    assert changed(one, resource) == Changed(*wanted)
    assert may_change(one.source, one.name)
    assert changed(call(source, name, asked, answer, errorCode="AccessDenied"), resource) is None


@pytest.mark.parametrize("source, name, asked", NOTHING, ids=lambda one: str(one)[:30])
def test_what_changes_no_access_is_not_told(source: str, name: str, asked: dict[str, Any]) -> None:
    assert changed(call(source, name, asked), "arn:x") is None
