"""Messages of a queue that say which objects came into a bucket.

Notices of S3 itself, of Amazon EventBridge and of a trail's own topic, alone or wrapped by Amazon SNS:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html
https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import msgspec

_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Announced:
    """An object that is said to have come. `size` is None and `tag` empty where the message does not tell."""

    bucket: str
    key: str
    size: int | None
    tag: str


def announced(body: str) -> list[Announced]:
    """The objects that a message announces; none where it announces something else (a test, an object that went).

    Raises:
        ValueError: it is no notice that is known; the text says what it is.
    """
    return _read(body, 0)


def _read(body: str, depth: int) -> list[Announced]:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # the last: it nests without end
        raise ValueError("is not JSON") from None
    if not isinstance(told, dict):
        raise ValueError("is no notice of S3")
    try:
        return _of(told, depth)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"is a notice of S3 that lacks something: {error}") from None


def _of(told: dict[str, Any], depth: int) -> list[Announced]:
    if told.get("Event") == "s3:TestEvent":
        return []
    if told.get("Type") == "Notification" and "Message" in told and depth < _DEEPEST:
        return _read(told["Message"], depth + 1)
    if "s3Bucket" in told and "s3ObjectKey" in told:
        return [_announced(told["s3Bucket"], key) for key in [*told["s3ObjectKey"]]]
    if told.get("source") == "aws.s3":
        if told["detail-type"] != "Object Created":
            return []
        bucket, thing = told["detail"]["bucket"]["name"], told["detail"]["object"]
        return [_announced(bucket, thing["key"], thing.get("size"), thing.get("etag", ""))]
    records = told.get("Records")
    if not isinstance(records, list) or any(one.get("eventSource") != "aws:s3" for one in records):
        raise ValueError("is no notice of S3")
    return [_object(one["s3"]) for one in records if one["eventName"].removeprefix("s3:").startswith("ObjectCreated:")]


def _object(told: dict[str, Any]) -> Announced:
    """A key is written as in a form: `+` is a space."""
    thing = told["object"]
    return _announced(told["bucket"]["name"], unquote_plus(thing["key"]), thing.get("size"), thing.get("eTag", ""))


def _announced(bucket: Any, key: Any, size: Any = None, tag: Any = "") -> Announced:
    """TypeError when something is not of its type."""
    if not (type(bucket) is type(key) is type(tag) is str and type(size) in (int, type(None)) and bucket and key):
        raise TypeError("bucket and key")
    return Announced(bucket, key, size, tag)
