"""Which resource a call touched, and under what its usage is counted."""

from __future__ import annotations

import string
from typing import Any

import msgspec
import pytest
from events_support import LOGS, cases, corpus, record, values
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.catalog import current
from leastwise.providers.aws.events.permissions import resolve
from leastwise.providers.aws.events.principals import who
from leastwise.providers.aws.events.resources import bucket_of, touched


@pytest.mark.parametrize("case", cases("resources"), ids=lambda case: case["id"])
def test_touched(case: dict[str, Any]) -> None:
    one = record(
        requestParameters=case["request"],
        responseElements=case["response"],
        resources=case["resources"],
        awsRegion=case["region"],
        recipientAccountId=case["recipient"],
    )
    found = touched(one, case["permission"], case["caller"])
    assert [[told.arn, told.bucket] for told in found] == case["touched"]


@pytest.mark.parametrize(
    ("arn", "bucket"),
    [
        ("arn:aws:s3:::b", "arn:aws:s3:::b"),
        ("arn:aws:s3:::b/k", "arn:aws:s3:::b/*"),
        ("arn:aws:s3:::b/logs/a/b", "arn:aws:s3:::b/logs/*"),
        ("arn:aws:s3:::b/logs/", "arn:aws:s3:::b/logs/*"),
        ("arn:aws:s3:::b/20260131/a", "arn:aws:s3:::b/*"),
        ("arn:aws:s3:::b//a", "arn:aws:s3:::b//a"),
        ("arn:aws:s3:eu-west-1:1:accesspoint/p/object/a/b", "arn:aws:s3:eu-west-1:1:accesspoint/p/object/*"),
        ("arn:aws:ec2:eu-west-1:1:instance/i-1", "arn:aws:ec2:eu-west-1:1:instance/*"),
        ("arn:aws:ec2:eu-west-1::snapshot/snap-1", "arn:aws:ec2:eu-west-1::snapshot/*"),
        ("arn:aws:ec2:eu-west-1:1:vpc/vpc-1", "arn:aws:ec2:eu-west-1:1:vpc/vpc-1"),
        ("arn:aws:logs:eu-west-1:1:log-group:/a:log-stream:x", "arn:aws:logs:eu-west-1:1:log-group:/a"),
        ("arn:aws:logs:eu-west-1:1:log-group:/a:*", "arn:aws:logs:eu-west-1:1:log-group:/a"),
        ("arn:aws:lambda:eu-west-1:1:function:f:live", "arn:aws:lambda:eu-west-1:1:function:f"),
        ("arn:aws:ecs:eu-west-1:1:task/main/0a", "arn:aws:ecs:eu-west-1:1:task/main/*"),
        ("arn:aws:ecs:eu-west-1:1:task-definition/web:7", "arn:aws:ecs:eu-west-1:1:task-definition/web:*"),
        ("arn:aws:states:eu-west-1:1:execution:m:e", "arn:aws:states:eu-west-1:1:execution:m:*"),
        ("arn:aws:sts::1:assumed-role/r/s", "arn:aws:sts::1:assumed-role/r/*"),
        ("arn:aws:kms:eu-west-1:1:key/k", "arn:aws:kms:eu-west-1:1:key/k"),
        ("no ARN", "no ARN"),
        ("", ""),
    ],
)
def test_buckets(arn: str, bucket: str) -> None:
    assert bucket_of(arn) == bucket


@given(st.text(max_size=40) | st.text(alphabet="arn:aws3/*-20260131", max_size=40).map("arn:aws:s3:::".__add__))
def test_a_bucket_holds_what_it_counts(arn: str) -> None:
    bucket = bucket_of(arn)
    assert bucket == arn or arn.startswith(bucket.removesuffix("*"))
    assert bucket_of(bucket) == bucket


names = st.text(alphabet=string.ascii_letters + string.digits + "-_./:*? ", max_size=12)
parameters = st.dictionaries(
    st.sampled_from(["bucketName", "key", "tableName", "functionName", "keyId", "name", "path", "names", "queueUrl",
                     "roleName", "instancesSet", "registryId", "x-amz-copy-source", "logGroupName", "logStreamName"]),
    names | values,
)  # fmt: skip
permissions = st.sampled_from(
    ["s3:GetObject", "s3:ListBucket", "dynamodb:GetItem", "lambda:InvokeFunction", "kms:Decrypt", "ssm:GetParameters",
     "sqs:SendMessage", "iam:GetRole", "ec2:TerminateInstances", "ecr:BatchGetImage", "logs:PutLogEvents"]
)  # fmt: skip


@given(permissions, parameters, values, values, st.sampled_from(["eu-west-1", "", "cn-north-1"]))
def test_any_request_touches_what_its_action_takes(
    permission: str, request: Any, resources: Any, response: Any, region: str
) -> None:
    one = record(
        requestParameters=request, resources=resources, responseElements={"x": response}, awsRegion=region,
        recipientAccountId="111122223333",
    )  # fmt: skip
    action = current().action(permission)
    assert action is not None
    service = current().service(permission.partition(":")[0])
    assert service is not None
    for told in touched(one, permission):
        assert told.bucket
        if told.arn:
            types = {found.name for found in service.types_of(told.arn, wide=True)}
            assert types & {use.type for use in action.resource_types}


@pytest.mark.skipif(not LOGS.is_dir(), reason=f"{LOGS} (records written by others) is not here")
def test_what_is_built_is_what_aws_lists() -> None:
    """Where a record lists its resources, what is built of the request alone is one of them.

    Partitions are left out: some of these records have regions that were made up.
    """
    compared = 0
    for file, one in corpus():
        if file == "panther_tests":  # edited by hand: the list is of other things than the request
            continue
        bare = msgspec.structs.replace(one, resources=msgspec.Raw(b"null"))
        caller = who(one.identity).account
        for permission in resolve(one.source, one.name, one.type).needed(one):
            listed = {told.arn.split(":", 2)[-1] for told in touched(one, permission, caller)}
            built = {told.arn.split(":", 2)[-1] for told in touched(bare, permission, caller) if told.arn}
            if built and _lists(one):
                compared += 1
                assert built <= listed, (one.name, built, listed)
    assert compared > 100


def _lists(one: Any) -> bool:
    found = msgspec.json.decode(one.resources)
    return isinstance(found, list) and any(isinstance(entry, dict) and "ARN" in entry for entry in found)
