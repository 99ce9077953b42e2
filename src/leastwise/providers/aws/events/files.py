"""What the names of CloudTrail's files tell: when they were written, and which hold no events.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html (names)
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
"""

from __future__ import annotations

import re

_DIGEST = re.compile(r"(?:^|[/\\])CloudTrail-Digest[/\\]|_CloudTrail-Digest_")
_WRITTEN = re.compile(r"_(\d{8}T\d{4}Z)_[^/\\]*$")


def skips(name: str) -> str:
    """Why a file holds no events; empty if it may."""
    return "digest file" if _DIGEST.search(name) else ""


def order(name: str) -> str:
    """A key by which names sort as the times that they tell; those that tell none come last, by name."""
    found = _WRITTEN.search(name)
    return f"0{found[1]}" if found else f"1{name}"
