"""Names that estates said in code share: accounts, principals and resources."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

A, B, OUT, MANAGER = "111111111111", "222222222222", "999999999999", "333333333333"
ORG = "o-abcdefghij"


def by(name: str, account: str = A, kind: str = "user") -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


ANN, BOB, CY = by("ann"), by("bob"), by("cy", B)
ROOT, OUTSIDER = (f"arn:aws:iam::{account}:root" for account in (A, OUT))
THE_ACCOUNT: Json = {"AWS": ROOT}
TAGS = {"ann": {"team": "red"}, "bob": {"team": "blue"}}

BUCKET, OBJECT = "arn:aws:s3:::data", "arn:aws:s3:::data/x"
WHOLE = [BUCKET, f"{BUCKET}/*"]
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SECOND, ALIAS = KEY.replace("1234abcd", "9999abcd"), f"arn:aws:kms:eu-west-1:{A}:alias/app"
POINT = f"arn:aws:s3:eu-west-1:{A}:accesspoint/door"
INSIDE = f"{POINT}/object/x"
