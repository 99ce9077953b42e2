"""Access lists of buckets: what they grant, and the same as a document that can be evaluated beside policies.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from typing import Any

from .shapes import Node

_ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
_AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
_EVERYONE = (_ALL_USERS, _AUTHENTICATED)
_ON_BUCKET = {
    "READ": ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
    "READ_ACP": ["s3:GetBucketAcl"],
    "WRITE_ACP": ["s3:PutBucketAcl"],
}
_ON_OBJECTS = {"WRITE": ["s3:PutObject"]}
"""What a permission on a bucket means in terms of actions (the page's table)."""


def acl_public(grants: list[Node]) -> str:
    """What an access list grants to everyone: none, read, write or full."""
    worst = 0
    order = ("none", "read", "write", "full")
    for grant in grants:
        if grant.node("Grantee").raw("URI") in _EVERYONE:
            permission = grant.text("Permission")
            level = 3 if permission == "FULL_CONTROL" else 2 if permission.startswith("WRITE") else 1
            worst = max(worst, level)
    return order[worst]


def list_document(bucket: str, grants: list[Node], owner: str, *, public: bool) -> dict[str, Any] | None:
    """What a bucket's list grants to others than its owner, as a policy; None when that is nothing.

    Args:
        bucket: its ARN.
        grants: the entries of the list.
        owner: canonical id of the owner.
        public: grants to everyone and to every AWS account count (nothing ignores them).
    """
    found = [
        {"Effect": "Allow", "Action": actions, "Resource": resource, **grantee}
        for grant in grants
        if (grantee := _grantee(grant.node("Grantee"), owner, public)) is not None
        for actions, resource in _given(grant.text("Permission"), bucket)
    ]
    return {"Version": "2012-10-17", "Statement": found} if found else None


def _grantee(grantee: Node, owner: str, public: bool) -> dict[str, Any] | None:
    group, id = grantee.raw("URI"), grantee.raw("ID")
    if public and group == _ALL_USERS:
        return {"Principal": "*"}
    if public and group == _AUTHENTICATED:
        condition = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}
        return {"Principal": {"AWS": "*"}, "Condition": condition}
    return {"Principal": {"CanonicalUser": id}} if isinstance(id, str) and id not in ("", owner) else None


def _given(permission: str, bucket: str) -> list[tuple[list[str], str]]:
    wanted = [*_ON_BUCKET, *_ON_OBJECTS] if permission == "FULL_CONTROL" else [permission]
    on_bucket = [action for one in wanted for action in _ON_BUCKET.get(one, ())]
    on_objects = [action for one in wanted for action in _ON_OBJECTS.get(one, ())]
    return [pair for pair in ((on_bucket, bucket), (on_objects, f"{bucket}/*")) if pair[0]]
