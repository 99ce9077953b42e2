"""CloudTrail records and files written for a test."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ACCOUNT = "222222222222"
Event = dict[str, Any]


def event_id(number: int) -> str:
    """The id of the event of this number."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))


def user(name: str = "ada", account: str = ACCOUNT, key: str = "AKIAADA") -> Event:
    """The `userIdentity` of a user."""
    return {
        "type": "IAMUser", "principalId": f"AIDA{name.upper()}", "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account, "accessKeyId": key, "userName": name,
    }  # fmt: skip


def session(role: str, name: str, key: str, account: str = ACCOUNT, **more: Any) -> Event:
    """The `userIdentity` of a session of a role."""
    return {
        "type": "AssumedRole", "principalId": f"AROA{role.upper()}:{name}", "accountId": account, "accessKeyId": key,
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": f"AROA{role.upper()}", "accountId": account, "userName": role,
                "arn": f"arn:aws:iam::{account}:role/app/{role}",
            },
            "attributes": {"creationDate": "2026-01-31T07:00:00Z", "mfaAuthenticated": "false"},
        },
    } | more  # fmt: skip


def event(number: int, time: str = "2026-01-31T07:15:00Z", **fields: Any) -> Event:
    """A record; by default ada reads an object of a bucket."""
    return {
        "eventVersion": "1.09", "userIdentity": user(), "eventTime": time, "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli/2.15 Python/3.11", "requestParameters": {"bucketName": "plans", "key": "a/b.txt"},
        "responseElements": None, "eventID": event_id(number), "readOnly": True, "eventType": "AwsApiCall",
        "managementEvent": False, "recipientAccountId": ACCOUNT, "eventCategory": "Data",
    } | fields  # fmt: skip


def assumed(number: int, role: str, name: str, key: str, by: Event, time: str = "2026-01-31T07:00:00Z",
            call: str = "AssumeRole", **request: Any) -> Event:  # fmt: skip
    """A call that began a session; its answer has a secret key and a token, as some records do."""
    return event(
        number, time, eventSource="sts.amazonaws.com", eventName=call, userIdentity=by, eventCategory="Management",
        managementEvent=True,
        requestParameters={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/app/{role}", "roleSessionName": name, **request},
        responseElements={
            "credentials": {"accessKeyId": key, "secretAccessKey": f"SECRET-CANARY-{key}",
                            "sessionToken": f"TOKEN-CANARY-{key}"},
            "assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"},
        },
    )  # fmt: skip


def token(subject: str, provider: str = "token.actions.githubusercontent.com") -> Event:
    """The `userIdentity` of a caller of AssumeRoleWithWebIdentity."""
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"
    return {
        "type": "WebIdentityUser", "principalId": f"{arn}:sts.amazonaws.com:{subject}", "userName": subject,
        "identityProvider": arn,
    }  # fmt: skip


def packed(events: Sequence[Event]) -> bytes:
    """A trail's file."""
    return gzip.compress(json.dumps({"Records": list(events)}).encode(), 1, mtime=0)


def write(folder: Path, events: Sequence[Event], number: int = 0, time: str = "20260131T0720Z") -> Path:
    """A trail's file below a folder, as in S3."""
    day = f"{time[:4]}/{time[4:6]}/{time[6:8]}"
    path = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/{day}"
    path.mkdir(parents=True, exist_ok=True)
    file = path / f"{ACCOUNT}_CloudTrail_eu-west-1_{time}_{number:016x}.json.gz"
    file.write_bytes(packed(events))
    return file
