"""The least grants that fetching logs needs, by source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from leastwise.errors import UsageError
from leastwise.providers.fetching import Wanted

from .log_access import source_of
from .log_attempts import ACTIONS
from .log_objects import parse_url
from .log_queue import region_of
from .policy import ENTERING

Statement = dict[str, Any]
_KMS = "s3.*.amazonaws.com"


def log_policy(wanted: Wanted) -> str:
    """The policy as JSON: what lists and reads the bucket, the queue or the event history, and nothing else.

    `kms:Decrypt` matters where the trail encrypts with a key of its own
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html).

    Raises:
        UsageError: what is wanted makes no sense.
    """
    statements: list[Statement] = []
    if wanted.url:
        statements += bucket_statements(*parse_url(wanted.url))
    if wanted.queue:
        statements += _queue(wanted.queue)
    if wanted.auto:
        statements += _anything()
    elif wanted.lookup:
        statements.append(_history("cloudtrail:LookupEvents"))
    statements += _entering(wanted.sign_in, wanted.lookup or wanted.auto)
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def bucket_statements(bucket: str, prefix: str) -> list[Statement]:
    """What listing and reading a prefix of a bucket needs."""
    arn = f"arn:aws:s3:::{bucket}"
    listing: Statement = {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn}
    if prefix:
        listing["Condition"] = {"StringLike": {"s3:prefix": f"{prefix}*"}}
    return [
        listing,
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{arn}/{prefix}*"},
        _decrypt(),
    ]


def _history(*actions: str) -> Statement:
    """What reading the event history of every region needs, and these."""
    return {"Sid": "LookUp", "Effect": "Allow", "Action": sorted(("ec2:DescribeRegions", *actions)), "Resource": "*"}


def _anything() -> list[Statement]:
    """Which buckets the trails write to is not known before: any bucket's `AWSLogs/` may be listed and read."""
    listing = bucket_statements("*", "")[0]
    listing["Condition"] = {"StringLike": {"s3:prefix": ["", "AWSLogs/*", "*/AWSLogs/*"]}}
    reading = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/AWSLogs/*"}
    cloudtrail = ("DescribeTrails", "GetEventSelectors", "LookupEvents")
    return [listing, reading, _decrypt(), _history(*(f"cloudtrail:{one}" for one in cloudtrail), *ACTIONS)]


def _queue(url: str) -> list[Statement]:
    """Which buckets the queue speaks of is not known: files below any `AWSLogs/` may be read."""
    parts = url.split("/")
    if len(parts) != 5:
        raise UsageError(f"--queue: {url} is no URL of a queue")
    partition = "aws-cn" if ".amazonaws.com.cn" in url else "aws-us-gov" if "us-gov-" in url else "aws"
    arn = f"arn:{partition}:sqs:{region_of(url) or '*'}:{parts[3]}:{parts[4]}"
    actions = ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage"]
    return [
        {"Sid": "Queue", "Effect": "Allow", "Action": [f"sqs:{one}" for one in actions], "Resource": arn},
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:{partition}:s3:::*/AWSLogs/*"},
        _decrypt(),
    ]


def _decrypt() -> Statement:
    return {
        "Sid": "Decrypt", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringLike": {"kms:ViaService": _KMS}},
    }  # fmt: skip


def _entering(sign_in: Mapping[str, Any], many: bool) -> list[Statement]:
    """What entering other accounts by a role needs."""
    source = source_of(sign_in)
    if not source.role or source.sso:
        return []
    accounts = source.accounts or ["*"]
    roles = [f"arn:aws:iam::{account}:role/{source.role.lstrip('/')}" for account in accounts]
    found: list[Statement] = [
        {
            "Sid": "Enter",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": roles if len(roles) > 1 else roles[0],
        }
    ]
    if many and not source.accounts:
        actions = sorted(one for one in ENTERING if one.startswith("organizations:"))
        found.append({"Sid": "Accounts", "Effect": "Allow", "Action": actions, "Resource": "*"})
    return found
