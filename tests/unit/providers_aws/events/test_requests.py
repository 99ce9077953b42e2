"""Calls that differ only in names and in what does not matter tell alike: as each tells by itself."""

from __future__ import annotations

import random
from typing import Any

import pytest
from events_support import record
from hypothesis import given
from hypothesis import strategies as st
from telling_support import Quick, slow

from fakes.trails import ACCOUNT
from leastwise.providers.aws.events import requests, tellings
from leastwise.providers.aws.events.facts import Told, told
from leastwise.providers.aws.events.permissions import resolve
from leastwise.providers.aws.events.record import Record
from leastwise.providers.aws.events.relevance import relevance_of
from leastwise.providers.aws.events.skeletons import leaves, skeleton_of

OTHER = "333333333333"
POINT = f"arn:aws:s3:eu-west-1:{OTHER}:accesspoint/p"
NAMES = (
    "a", "b1", "logs", "object", "index", "stream", "table", "function", "default", "live", "Q4", "x" * 70,
    "2026-01-31", "1a2b3c4d", "i-0123456789abcdef0", "i-xyz", "mi-0a1b2c3d", "sg-0a", "Z12ABC", "E9", "1-of-2", "UPPER",
    "b-s3alias", "run-42", "222222222222", "a.b_c-d", "mrk-0123456789abcdef0123456789abcdef",
    "0d5b3c1e-1111-4222-8333-abcdefabcdef",
)  # fmt: skip
TEXTS = (
    "{n}", "{n}/{n}", "/{n}/{n}", "{n}/", "/{n}", "{n}:{n}", "a b", "{n}?x", "*", "a*", "", "é{n}", "{n}//{n}", "%s{n}",
    "arn:aws:s3:::{n}", "arn:aws:s3:::{n}/{n}/{n}", "arn:aws:s3:::{n}/{n}",
    "arn:aws:kms:eu-west-1:222222222222:key/{n}",
    "arn:aws:lambda:eu-west-1:222222222222:function:{n}", "arn:aws:lambda:eu-west-1:222222222222:function:{n}:{n}",
    "arn:aws:dynamodb:eu-west-1:222222222222:table/{n}", "arn:aws:dynamodb:eu-west-1:222222222222:table/{n}/index/{n}",
    "arn:aws:iam::222222222222:role/{n}", "arn:aws:iam::222222222222:role/team/{n}",
    "arn:aws:sns:eu-west-1:333333333333:{n}",
    "arn:aws:s3:eu-west-1:222222222222:accesspoint/{n}", "https://sqs.eu-west-1.amazonaws.com/222222222222/{n}",
    "alias/{n}", "2026/01/01/[$LATEST]{n}", "HIDDEN_DUE_TO_SECURITY_REASONS", '{"a":"{n}"}',
)  # fmt: skip
CALLS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("s3", "GetObject", ("bucketName", "key", "Host", "versionId", "x-amz-copy-source", "expectedBucketOwner")),
    ("s3", "PutObject", ("bucketName", "key", "x-amz-acl", "x-amz-tagging", "x-amz-storage-class")),
    ("s3", "ListObjects", ("bucketName", "prefix", "Host", "list-type")),
    ("s3", "DeleteObjects", ("bucketName", "delete")),
    ("sts", "AssumeRole", ("roleArn", "roleSessionName", "externalId", "sourceIdentity", "tags")),
    ("kms", "Decrypt", ("keyId", "encryptionContext", "encryptionAlgorithm")),
    ("lambda", "Invoke", ("functionName", "qualifier", "invocationType")),
    ("lambda", "CreateFunction20150331", ("functionName", "role", "tags", "layers")),
    ("dynamodb", "GetItem", ("tableName", "key", "TableName")),
    ("dynamodb", "BatchGetItem", ("requestItems",)),
    ("logs", "CreateLogStream", ("logGroupName", "logStreamName")),
    ("ssm", "GetParameters", ("names", "withDecryption")),
    ("ssm", "StartSession", ("target", "documentName")),
    ("sqs", "SendMessage", ("queueUrl", "messageBody")),
    ("sns", "Publish", ("topicArn", "targetArn", "subject")),
    ("ecs", "UpdateService", ("service", "cluster", "taskDefinition")),
    ("ecr", "BatchGetImage", ("registryId", "repositoryName")),
    ("iam", "GetRole", ("roleName",)),
    ("iam", "AddRoleToInstanceProfile", ("roleName", "instanceProfileName")),
    ("glue", "GetTable", ("databaseName", "name", "catalogId")),
    ("ec2", "RunInstances", ("iamInstanceProfile", "imageId", "tagSpecificationSet")),
    ("ec2", "TerminateInstances", ("instancesSet",)),
    ("states", "StartExecution", ("stateMachineArn", "name", "input")),
    ("organizations", "DescribePolicy", ("policyId",)),
    ("apigateway", "GetRestApi", ("restApiId",)),
    ("cloudwatch", "PutMetricAlarm", ("alarmName", "alarmActions", "tags")),
    ("nosuch", "DoIt", ("arn", "name")),
)


def worded(shape: str, name: str) -> str:
    """A text of this shape: the name, and the next time the same turned round."""
    return shape.replace("{n}", name, 1).replace("{n}", name[::-1])


texts = st.builds(worded, st.sampled_from(TEXTS), st.sampled_from(NAMES))
values = st.one_of(
    texts, texts, texts, texts, st.lists(texts, max_size=2), st.booleans(), st.none(), st.just({}), st.integers(0, 99),
    st.fixed_dictionaries({"items": st.lists(st.fixed_dictionaries({"instanceId": texts}), max_size=2)}),
    st.fixed_dictionaries({"name": texts}), st.fixed_dictionaries({"arn": texts, "aws:s3:arn": texts}),
)  # fmt: skip
listed = st.lists(
    st.fixed_dictionaries({"ARN": texts}, optional={"accountId": st.sampled_from([ACCOUNT, OTHER]), "type": texts}),
    max_size=2,
)
answers = st.none() | st.fixed_dictionaries(
    {}, optional={"roleArn": texts, "x": texts, "made": st.fixed_dictionaries({"arn": texts})}
)
DENIED = f"User: arn:aws:iam::{ACCOUNT}:user/a is not authorized to perform: "
refusals = st.builds(
    lambda action, resource: ("AccessDenied", f"{DENIED}{action}{resource} because"),
    st.sampled_from(
        ["s3:GetObject", "s3:PutObject", "kms:Decrypt", "iam:PassRole", "lambda:InvokeFunction", "dynamodb:GetItem"]
    ),
    st.one_of(st.just(""), texts.map(lambda one: f" on resource: {one}")),
)
errors = st.sampled_from([(None, None), ("AccessDenied", None), ("NoSuchKey", "no")]) | refusals


QUICK = Quick()
"""Kept over all examples: what one has taught must be right for the next."""


def call(source: str, name: str, request: Any, **more: Any) -> Record:
    return record(
        eventSource=f"{source}.amazonaws.com", eventName=name, awsRegion="eu-west-1", recipientAccountId=ACCOUNT,
        requestParameters=request, **more,
    )  # fmt: skip


@given(data=st.data())
def test_what_is_told_is_what_each_call_tells_by_itself(data: st.DataObject) -> None:
    source, name, names = data.draw(st.sampled_from(CALLS))
    error, message = data.draw(errors)
    some = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    for _ in range(3):  # a form is learnt when it is met again
        request = {one: data.draw(values) for one in some} or None
        one = call(
            source, name, request, errorCode=error, errorMessage=message, resources=data.draw(st.none() | listed),
            responseElements=data.draw(answers),
        )  # fmt: skip
        caller = data.draw(st.sampled_from([ACCOUNT, ACCOUNT, OTHER, ""]))
        assert QUICK(one, caller) == slow(one, caller)


def test_calls_that_differ_in_words_are_told_alike_and_learnt_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counting(one: Record, *more: Any) -> Told:
        asked.append(one)
        return told(one, *more)

    monkeypatch.setattr(requests, "told", counting)
    chance = random.Random(3)
    word = lambda: "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 12)))  # noqa: E731
    quick = Quick()
    for _ in range(300):
        objects = call("s3", "GetObject", {"bucketName": "b", "Host": word(), "key": f"in/{word()}/{word()}.csv"})
        roles = call(
            "sts", "AssumeRole", {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/{word()}", "roleSessionName": word()},
            responseElements={"credentials": {"sessionToken": word()}, "assumedRoleUser": {"arn": word()}},
        )  # fmt: skip
        stream = {"logGroupName": f"/x/{word()}", "logStreamName": f"a/[$LATEST]{word()}"}
        streams = call("logs", "CreateLogStream", stream)
        denied = call(
            "s3", "GetObject", {"bucketName": word(), "key": f"in/{word()}"}, errorCode="AccessDenied",
            errorMessage=f"{DENIED}s3:GetObject on resource: arn:aws:s3:::{word()}/x",
        )  # fmt: skip
        for one in (objects, roles, streams, denied):
            assert quick(one, ACCOUNT) == slow(one, ACCOUNT)
    assert len(asked) < 60


@pytest.mark.parametrize(
    "one, other",
    [
        ({"bucketName": "data", "key": "in/a"}, {"bucketName": "data-s3alias", "key": "in/a"}),
        ({"bucketName": "data", "key": "in/a"}, {"bucketName": "data", "key": "out/a"}),
        ({"bucketName": "data", "key": "in/a"}, {"bucketName": "data", "key": "in"}),
        ({"bucketName": "data", "key": "in/a"}, {"bucketName": "data", "key": "in/a", "versionId": "1"}),
        ({"bucketName": "data", "key": "in/a"}, {"bucketName": POINT, "key": "in/a"}),
    ],
    ids=lambda one: ",".join(f"{name}={value}" for name, value in one.items()),
)  # fmt: skip
def test_what_matters_is_not_taken_for_a_name(one: dict[str, str], other: dict[str, str]) -> None:
    quick = Quick()
    for _ in range(3):
        for request in (one, other):
            found = call("s3", "GetObject", request)
            assert quick(found, ACCOUNT) == slow(found, ACCOUNT)
    assert slow(call("s3", "GetObject", one), ACCOUNT) != slow(call("s3", "GetObject", other), ACCOUNT)


def test_a_skeleton_takes_out_what_matters() -> None:
    relevance = relevance_of(resolve("s3.amazonaws.com", "GetObject"))
    text = '{"bucketName":"data","Host":"data.s3.amazonaws.com","key":"in/2026/a.csv"}'
    skeleton = skeleton_of(text, relevance, answer=False)
    assert skeleton is not None
    found = skeleton.match(text)
    assert found is not None
    exact, holes, _ = skeleton.cut(found.groups())
    assert (exact, holes) == (("", "in/"), ("data", "2026/a.csv"))
    assert skeleton.match('{"bucketName":"other","Host":"","key":"in/x"}')
    assert not skeleton.match('{"bucketName":"other","Host":"","key":"in/x","versionId":"1"}')
    assert not skeleton.match('{"bucketName":"other","Host":"arn:aws:s3:::x","key":"in/x"}')


def test_a_text_that_is_json_itself_has_no_skeleton() -> None:
    relevance = relevance_of(resolve("s3.amazonaws.com", "GetObject"))
    assert skeleton_of('"{\\"bucketName\\":\\"data\\"}"', relevance, answer=False) is None
    assert skeleton_of('{"bucketN\\u0061me":"data"}', relevance, answer=False) is None


def test_patterns_that_tell_a_resource_by_a_part_of_a_name_leave_no_name_open() -> None:
    assert not relevance_of(resolve("organizations.amazonaws.com", "DescribePolicy")).open
    assert relevance_of(resolve("dynamodb.amazonaws.com", "GetItem")).open
    assert "index" in relevance_of(resolve("dynamodb.amazonaws.com", "Query")).literals


def test_leaves_are_the_values_with_their_paths() -> None:
    text = '{"a":"x","b":{"c":[{"d":1},"e"],"f":{}},"g":null}\x1e[{"ARN":"r"}]\x1enull'
    found = [(one.part, one.path, text[one.begin : one.end], one.quoted) for one in leaves(text)]
    assert found == [
        (0, ("a",), "x", True), (0, ("b", "c", "d"), "1", False), (0, ("b", "c"), "e", True),
        (0, ("g",), "null", False), (1, ("ARN",), "r", True), (2, (), "null", False),
    ]  # fmt: skip


S3, GROUP = "arn:aws:s3:::", "arn:aws:logs:eu-west-1:222222222222:log-group:"


@pytest.mark.parametrize(
    "source, name, requests_, listed",
    [
        # The second is learnt of two buckets, the last names one of them twice.
        ("s3", "GetObject", [None] * 4, [("cc/in/x.csv", "bb/y.csv"), ("cc/in/x", "bb/in/y"), ("dd/in/x", "bb/in/y"),
                                         ("bb/in/x", "bb/in/y")]),
        # An object whose account the record tells is the one that was asked for, or another.
        ("s3", "PutObject",
         [{"bucketName": one, "key": "kkk", "x-amz-copy-source": "src/kkk"} for one in ("ccc", "ddd", "eee", "bbb")],
         [("bbb/kkk",)] * 4),
        ("logs", "TagResource",
         [{"arns": [GROUP + one, f"{GROUP}gggg:log-stream:s1"]} for one in ("hhhh", "kkkk", "llll", "gggg")], [()] * 4),
    ],
    ids=["two objects", "copy", "a group and its stream"],
)  # fmt: skip
def test_a_name_that_another_value_has_as_well_is_not_any_name(
    source: str, name: str, requests_: list[Any], listed: list[tuple[str, ...]]
) -> None:
    quick = Quick()
    for _ in range(3):
        for request, objects in zip(requests_, listed, strict=True):
            entries = [{"ARN": S3 + one, "accountId": OTHER} for one in objects] or None
            one = call(source, name, request, resources=entries)
            assert quick(one, ACCOUNT) == slow(one, ACCOUNT)


def test_objects_of_a_bucket_that_is_named_again_are_told_by_their_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def counting(one: Record, *more: Any) -> Told:
        asked.append(one)
        return told(one, *more)

    for module in (requests, tellings):
        monkeypatch.setattr(module, "told", counting)
    chance, quick = random.Random(5), Quick()
    for _ in range(200):
        bucket, key = chance.choice(["maps", "scans"]), "".join(chance.choices("ghijklmnopq", k=9))
        entries = [
            {"type": "AWS::S3::Object", "ARN": f"{S3}{bucket}/{key}"},
            {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"{S3}{bucket}"},
        ]
        one = call("s3", "GetObject", {"bucketName": bucket, "key": key}, resources=entries)
        assert quick(one, ACCOUNT) == slow(one, ACCOUNT)
    assert len(asked) < 30


@pytest.mark.parametrize("field", ["request", "response", "resources"])
def test_what_is_no_text_is_told_without_it(field: str) -> None:
    import msgspec

    one = call("s3", "GetObject", {"bucketName": "data", "key": "in/a"})
    odd = msgspec.structs.replace(one, **{field: msgspec.Raw(b'{"key":"\xff\xfe"}')})
    quick = Quick()
    for _ in range(3):
        assert quick(odd, ACCOUNT) == slow(odd, ACCOUNT)
    assert slow(odd, ACCOUNT).permission == "s3:GetObject"
