"""S3 access points: their policies, and what keeps them from the public.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html: the most restrictive
combination of the settings of access point, bucket and account applies.
"""

from __future__ import annotations

from typing import Any

from .acting import describe, place
from .context import Context
from .registry import reads
from .resources import public_block
from .saved import Saved


class Points:
    """The public access blocks of access points, until those of buckets and account are read."""

    def __init__(self) -> None:
        self.blocks: dict[str, tuple[dict[str, Any], str]] = {}

    def join(self, context: Context) -> None:
        """The block in force; null when a part that was not read could change it."""
        held = context.resources
        for id, (block, bucket) in self.blocks.items():
            found = public_block(block, held.account_block, held.blocks.get(bucket))
            if found == "all" or (held.account_block_known and bucket in held.blocks):
                held.rows[id]["public_block"] = found


@reads("s3control.get-access-point")
def _point(saved: Saved, context: Context) -> None:
    name, bucket = saved.text("Name"), saved.maybe("Bucket")
    id = saved.maybe("AccessPointArn") or place(context, saved, "s3", f"accesspoint/{name}")
    describe(
        context, saved, id,
        {
            "bucket": bucket, "bucket_account": saved.maybe("BucketAccountId"), "network": saved.maybe("NetworkOrigin"),
            "vpc": saved.node("VpcConfiguration").maybe("VpcId"),
            "internet_direct": "no" if saved.maybe("NetworkOrigin") == "VPC" else None,
        },
        kind="s3:accesspoint", name=name, created=saved.time("CreationDate"),
    )  # fmt: skip
    block = saved.node("PublicAccessBlockConfiguration")
    if block:
        context.joined(Points).blocks[id] = block.value, context.arn("s3", bucket or "", account="")


@reads("s3control.get-access-point-policy", "s3control.get-access-point-policy!NoSuchAccessPointPolicy")
def _policy(saved: Saved, context: Context) -> None:
    name = saved.subject()
    id = name if name.startswith("arn:") else place(context, saved, "s3", f"accesspoint/{name}")
    short = id.rpartition("/")[2]
    context.resources.add(id, saved.name, kind="s3:accesspoint", name=short)
    context.resources.policy(id, saved.maybe("Policy"), saved.name, saved.call)
