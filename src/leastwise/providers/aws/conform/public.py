"""Whether S3 calls a bucket policy public, as the translation of buckets tells it."""

from __future__ import annotations

import json

from leastwise.model.conformance import CaseError

from ..translate.grammar import Unsupported, whole
from ..translate.openings import opening


def is_public(policy: object) -> bool:
    """Whether RestrictPublicBuckets would cut access under this policy back.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

    Raises:
        CaseError: it is not a policy.
    """
    try:
        return opening(whole(json.dumps(policy).encode()), "").restrictable
    except Unsupported as error:
        raise CaseError(f"resource_policy: {error}") from None
