"""The quick ways to who made a call and what it tells give what the slow ones give, whatever was remembered before."""

from __future__ import annotations

import random
import re
from typing import Any

import msgspec
import pytest
from events_support import corpus, record
from hypothesis import given
from hypothesis import strategies as st
from telling_support import Quick, slow

from fakes.trails import ACCOUNT, session
from leastwise.providers.aws.events.moments import NO_TIME, moments
from leastwise.providers.aws.events.principals import who
from leastwise.providers.aws.events.record import moment
from leastwise.providers.aws.events.seats import Seats

HEX = "0123456789abcdef"
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "GetObject", {"bucketName": "b-{}", "key": "logs/2026/{}/part-{}.gz", "Host": "b.s3.amazonaws.com"}),
    ("s3", "PutObject", {"bucketName": "data-{}", "key": "{}/x", "x-amz-acl": "private"}),
    ("s3", "ListObjects", {"bucketName": "{}", "prefix": "a/{}"}),
    ("lambda", "Invoke", {"functionName": "arn:aws:lambda:eu-west-1:222222222222:function:app-{}:{}"}),
    ("lambda", "CreateFunction20150331", {"functionName": "f-{}", "role": "arn:aws:iam::222222222222:role/r-{}"}),
    ("kms", "Decrypt", {"keyId": "{}", "encryptionContext": {"aws:s3:arn": "arn:aws:s3:::{}"}}),
    ("kms", "Decrypt", {"keyId": "alias/{}"}),
    ("rds", "DescribeDBInstances", {"dBInstanceIdentifier": "{}"}),
    ("rds", "DescribeDBInstances", {"dBInstanceIdentifier": "db-{}"}),
    ("ec2", "TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-{}"}, {"instanceId": "i-{}"}]}}),
    ("ec2", "RunInstances", {"iamInstanceProfile": {"name": "p-{}"}, "tagSpecificationSet": {"items": [{"a": "{}"}]}}),
    ("sqs", "SendMessage", {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/222222222222/q-{}"}),
    ("ecr", "BatchGetImage", {"registryId": "{}", "repositoryName": "app-{}"}),
    ("ecs", "RunTask", {"cluster": "c-{}", "taskDefinition": "family-{}:{}", "launchType": "EC2"}),
    ("logs", "CreateLogStream", {"logGroupName": "/aws/lambda/app-{}", "logStreamName": "2026/01/01/[$LATEST]{}"}),
    ("ssm", "GetParameter", {"name": "/pay/prod/{}"}),
    ("iam", "GetRole", {"roleName": "app-{}"}),
    ("secretsmanager", "GetSecretValue", {"secretId": "arn:aws:secretsmanager:eu-west-1:222222222222:secret:p/{}"}),
    ("ec2", "DescribeInstances", {"instancesSet": {"items": [{"instanceId": "i-{}"}]}}),
    ("iam", "ListUsers", {"pathPrefix": "/{}/"}),
    ("sts", "GetCallerIdentity", {}),
    ("nosuch", "DoIt", {"arn": "arn:aws:s3:::{}"}),
    ("cloudformation", "DescribeStacks", {"stackName": "{}"}),
]
ERRORS = [
    (None, None),
    ("AccessDenied", "User: arn:aws:iam::222222222222:user/ada is not authorized to perform: s3:GetObject on resource: "
     "arn:aws:s3:::b-1a2b3c4d/x because no identity-based policy allows it"),
    ("AccessDenied", None),
    ("ThrottlingException", "slow down"),
    ("NoSuchKey", ""),
]  # fmt: skip
ids = st.one_of(
    st.text(HEX, min_size=1, max_size=17),
    st.text("0123456789", min_size=1, max_size=13),
    st.text("24567bcdf", min_size=5, max_size=10),
    st.uuids().map(str),
    st.sampled_from(["deadbeef", "222222222222", "12345", "02468", "20260131", "2026-01-31", "x", "a%sb", "é", "%d"]),
)


def filled(shape: Any, fill: Any) -> Any:
    if isinstance(shape, dict):
        return {name: filled(one, fill) for name, one in shape.items()}
    if isinstance(shape, list):
        return [filled(one, fill) for one in shape]
    return re.sub(r"\{\}", lambda _: next(fill), shape) if isinstance(shape, str) else shape


@pytest.mark.parametrize("source, name, shape", CALLS, ids=lambda one: one if isinstance(one, str) else "")
@given(data=st.data())
def test_what_is_told_does_not_depend_on_what_was_remembered(
    source: str, name: str, shape: dict[str, Any], data: st.DataObject
) -> None:
    quick = Quick()
    for _ in range(4):
        fill = iter(data.draw(st.lists(ids, min_size=4, max_size=4)))
        error, message = data.draw(st.sampled_from(ERRORS))
        one = record(
            eventSource=f"{source}.amazonaws.com", eventName=name, awsRegion="eu-west-1", errorCode=error,
            errorMessage=message, recipientAccountId=data.draw(st.sampled_from([ACCOUNT, "333333333333"])),
            requestParameters=filled(shape, fill),
        )  # fmt: skip
        assert quick(one, ACCOUNT) == slow(one, ACCOUNT)


def test_records_with_other_ids_are_told_alike() -> None:
    chance = random.Random(1)
    quick = Quick()
    for _ in range(150):
        for source, name, shape in CALLS:
            fill = iter(["".join(chance.choices(HEX, k=chance.choice([2, 4, 8, 8, 12, 17]))) for _ in range(4)])
            one = record(
                eventSource=f"{source}.amazonaws.com", eventName=name, awsRegion="eu-west-1",
                recipientAccountId=ACCOUNT, requestParameters=filled(shape, fill),
            )  # fmt: skip
            assert quick(one, ACCOUNT) == slow(one, ACCOUNT)


def test_many_records_at_once_are_told_as_each_alone() -> None:
    chance, quick = random.Random(2), Quick()
    for _ in range(12):
        records, callers = [], []
        for source, name, shape in chance.choices(CALLS, k=200):
            fill = iter(["".join(chance.choices(HEX, k=chance.choice([2, 4, 8, 8, 12, 17]))) for _ in range(4)])
            error, message = chance.choice([ERRORS[0], *ERRORS])
            request = filled(shape, fill)
            if chance.random() < 0.03:
                request = {"x": "y" * chance.choice([10, 9_000]), **request}
            records.append(record(
                eventSource=f"{source}.amazonaws.com", eventName=name,
                awsRegion=chance.choice(["eu-west-1", "us-east-1"]),
                recipientAccountId=chance.choice([ACCOUNT, "333333333333"]), errorCode=error, errorMessage=message,
                requestParameters=request,
            ))  # fmt: skip
            callers.append(chance.choice([ACCOUNT, ""]))
        assert quick.all(records, callers) == [slow(one, by) for one, by in zip(records, callers, strict=True)]


def test_what_is_no_text_among_many_leaves_the_others_as_they_are() -> None:
    good = [record(eventSource="s3.amazonaws.com", eventName="GetObject", recipientAccountId=ACCOUNT,
                   requestParameters={"bucketName": f"b-{at}", "key": "x/y"}) for at in range(6)]  # fmt: skip
    bad = msgspec.structs.replace(good[2], request=msgspec.Raw(b'{"bucketName":"\xff\xfe"}'))
    every = [*good[:3], bad, *good[3:]]
    assert Quick().all(every, [ACCOUNT] * 7) == [slow(one, ACCOUNT) for one in every]


def test_the_records_of_others_are_told_alike() -> None:
    if not corpus():
        pytest.skip("no shared logs here")
    quick = Quick()
    for _, one in corpus():
        caller = who(one.identity).account
        assert quick(one, caller) == slow(one, caller)
    records = [one for _, one in corpus()]
    callers = [who(one.identity).account for one in records]
    assert Quick().all(records, callers) == [slow(one, by) for one, by in zip(records, callers, strict=True)]


def test_what_lies_in_the_answer_or_the_list_of_resources_is_told() -> None:
    quick = Quick()
    for number in range(10, 40):
        one = record(
            eventSource="ecr.amazonaws.com", eventName="CreateRepository", awsRegion="eu-west-1",
            recipientAccountId=ACCOUNT, requestParameters={"repositoryName": f"app-{number}abcdef0"},
            responseElements={"repository": {"registryId": ACCOUNT, "createdAt": f"2026-01-{number} 0{number}"}},
            resources=[{"ARN": f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/app-{number}abcdef0"}],
        )  # fmt: skip
        found = quick(one, ACCOUNT)
        assert found == slow(one, ACCOUNT)
        assert found.resource.endswith(f"app-{number}abcdef0")


def raw(identity: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(identity))


def seated(seats: Seats, identity: Any) -> tuple[Any, ...]:
    number, owner, name, key = seats.seat(raw(identity))
    actor = list(seats.actors)[number]
    assert owner == actor.owner
    return (*actor, name, key)


def plainly(identity: Any) -> tuple[Any, ...]:
    by = who(raw(identity))
    principal = by.id or (by.unique if by.kind == "account" else "")
    temporary = not by.key.startswith("AKIA") and (by.key != "" or by.session != "")
    return (
        principal, by.account, by.kind, temporary, by.workload, by.source_identity, by.via, by.mfa, by.session, by.key,
    )  # fmt: skip


SCOPE = {
    "issuerType": "AWS::Lambda::Function",
    "credentialsIssuedTo": "arn:aws:lambda:eu-west-1:222222222222:function:f",
}
parts = st.fixed_dictionaries(
    {},
    optional={
        "invokedBy": st.sampled_from(["ec2.amazonaws.com", "AWS Internal"]),
        "accountId": st.sampled_from([ACCOUNT, 222, None, ""]),
        "accessKeyId": st.sampled_from(["ASIA9", "AKIA1", "", None]),
        "sourceIdentity": st.just("ada"),
        "inScopeOf": st.just(SCOPE),
        "arn": st.sampled_from([f"arn:aws:sts::{ACCOUNT}:assumed-role/r", "arn:aws:sts::1:assumed-role/r/x/y", None]),
        "principalId": st.sampled_from(["AROAR:other", None]),
        "sessionContext": st.sampled_from(
            [
                None, {}, {"attributes": {}}, {"sessionIssuer": {"arn": "arn:aws:iam::1:role/r"}},
                {"sessionIssuer": {"arn": "arn:aws:iam::1:role/r"}, "attributes": {"mfaAuthenticated": True}},
                {"sessionIssuer": {"arn": "arn:aws:iam::1:role/r"}, "attributes": {"mfaAuthenticated": "true"},
                 "sourceIdentity": "bo", "inScopeOf": SCOPE},
            ]
        ),
    },
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(["r", "q"]), st.sampled_from(["a", "b/c", ""]), parts), max_size=6))
def test_a_seat_is_what_the_identity_says(drawn: list[tuple[str, str, dict[str, Any]]]) -> None:
    seats = Seats()
    for role, name, more in drawn:
        identity = session(role, name, "ASIA1") | more
        assert seated(seats, identity) == plainly(identity)


def test_the_callers_of_others_are_seated_alike() -> None:
    if not corpus():
        pytest.skip("no shared logs here")
    seats = Seats()
    for _, one in corpus():
        assert seated(seats, msgspec.json.decode(one.identity)) == plainly(msgspec.json.decode(one.identity))


times = st.one_of(
    st.datetimes().map(lambda one: one.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)),
    st.sampled_from(["2026-02-29T00:00:00Z", "2024-02-29T23:59:59Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
                     "2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z", "0000-01-01T00:00:00Z",
                     "2026-01-31 07:15:00Z", "2026-01-31T07:15:00+02:00", "", "never", "\uff12026-01-31T07:00:00Z"]),
)  # fmt: skip


@given(st.lists(times, max_size=5))
def test_times_of_many_are_those_of_each(texts: list[str]) -> None:
    wanted = [NO_TIME if (one := moment(text)) is None else one * 1_000_000 for text in texts]
    assert moments(texts).tolist() == wanted
    assert [moments([text]).tolist()[0] for text in texts] == wanted
