"""What messages of a queue announce: each way a notice of S3 can come, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.collect.log_notices import Announced, announced

KEY = "AWSLogs/222222222222/CloudTrail/eu-west-1/2026/01/31/a file+1.json.gz"
ENCODED = "AWSLogs/222222222222/CloudTrail/eu-west-1/2026/01/31/a+file%2B1.json.gz"
IT = Announced("trail", KEY, 7, "abc")


def s3(event: str = "ObjectCreated:Put", **more: Any) -> dict[str, Any]:
    thing = {"key": ENCODED, "size": 7, "eTag": "abc", "sequencer": "0A"}
    return {
        "eventVersion": "2.3", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventName": event,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": "trail", "arn": "arn:aws:s3:::trail"}, "object": thing},
    } | more  # fmt: skip


def bridge(kind: str = "Object Created") -> dict[str, Any]:
    """EventBridge does not encode keys."""
    thing = {"key": KEY, "size": 7, "etag": "abc"}
    return {"version": "0", "detail-type": kind, "source": "aws.s3",
            "detail": {"bucket": {"name": "trail"}, "object": thing, "reason": "PutObject"}}  # fmt: skip


def sns(message: Any) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:2:t", "Subject": "x",
            "Message": json.dumps(message), "Timestamp": "2026-01-31T07:20:00.000Z"}  # fmt: skip


TRAIL = {"s3Bucket": "trail", "s3ObjectKey": [KEY, "other.json.gz"]}
TEST = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "trail", "Time": "2026-01-31T07:20:00.000Z"}


@pytest.mark.parametrize(
    "body, wanted",
    [
        ({"Records": [s3()]}, [IT]),
        ({"Records": [s3(), s3("s3:ObjectCreated:CompleteMultipartUpload")]}, [IT, IT]),
        ({"Records": [s3("ObjectRemoved:Delete")]}, []),
        ({"Records": [s3("LifecycleExpiration:Delete"), s3()]}, [IT]),
        ({"Records": []}, []),
        (bridge(), [IT]),
        (bridge("Object Deleted"), []),
        (sns({"Records": [s3()]}), [IT]),
        (sns(bridge()), [IT]),
        (sns(sns({"Records": [s3()]})), [IT]),
        (TRAIL, [Announced("trail", KEY, None, ""), Announced("trail", "other.json.gz", None, "")]),
        (sns(TRAIL), [Announced("trail", KEY, None, ""), Announced("trail", "other.json.gz", None, "")]),
        (TEST, []),
        (sns(TEST), []),
    ],
    ids=lambda one: "",
)
def test_objects_that_came_are_found_however_they_are_wrapped(body: dict[str, Any], wanted: list[Announced]) -> None:
    assert announced(json.dumps(body)) == wanted


@pytest.mark.parametrize(
    "body, why",
    [
        ("", "is not JSON"),
        ("hello", "is not JSON"),
        ("[" * 5_000, "is not JSON"),
        ("[]", "is no notice of S3"),
        ("{}", "is no notice of S3"),
        (json.dumps({"Records": [{"eventSource": "aws:sns"}]}), "is no notice of S3"),
        (json.dumps({"Records": [s3(s3={})]}), "lacks something: 'object'"),
        (json.dumps({"Records": ["x"]}), "lacks something"),
        (json.dumps({"Records": {"a": 1}}), "is no notice of S3"),
        (json.dumps(sns("hello")), "is no notice of S3"),
        (json.dumps({"source": "aws.s3", "detail-type": "Object Created"}), "lacks something: 'detail'"),
        (json.dumps({"source": "aws.ec2", "detail": {}}), "is no notice of S3"),
        (json.dumps(sns(sns(sns(sns(TEST))))), "is no notice of S3"),
    ],
)
def test_what_is_no_notice_says_what_it_is(body: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        announced(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["Records", "s3", "object", "key", "bucket", "name", "eventSource", "eventName", "Type",
                         "Message", "source", "detail", "detail-type", "s3Bucket", "s3ObjectKey", "Event"]),
        inner | st.sampled_from(["aws:s3", "aws.s3", "ObjectCreated:Put", "Notification", "Object Created"]),
        max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_nothing_but_its_own_error_comes_of_any_message(body: Any) -> None:
    try:
        found = announced(json.dumps(body))
    except ValueError:
        return
    assert all(type(one.bucket) is str and type(one.key) is str for one in found)
