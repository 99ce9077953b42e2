"""In which partition of AWS a region lies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from functools import lru_cache

_BEGINNINGS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-iso-", "aws-iso"), ("us-isob-", "aws-iso-b"),
               ("eu-isoe-", "aws-iso-e"), ("us-isof-", "aws-iso-f"), ("eusc-", "aws-eusc"))  # fmt: skip


@lru_cache(256)
def partition_of_region(region: str) -> str:
    """The partition of a region, the commercial one (`aws`) when nothing says otherwise."""
    return next((partition for start, partition in _BEGINNINGS if region.startswith(start)), "aws")
