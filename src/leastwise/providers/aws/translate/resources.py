"""Resources, their policies, and what keeps them from the public."""

from __future__ import annotations

from typing import Any

import msgspec

from .documents import Documents
from .rows import Facts
from .shapes import Node

_EVERYONE = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_KINDS = {
    "s3": "s3:bucket",
    "sqs": "sqs:queue",
    "sns": "sns:topic",
}


def as_policy(value: Any) -> bytes:
    """A policy as document bytes, whether given as an object or as a JSON text."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    try:
        return msgspec.json.encode(value)
    except RecursionError:
        return b"null"


def kind_of(arn: str) -> tuple[str, str, str | None]:
    """(service:type, short name, region or None) read off an ARN."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "unknown", arn, None
    service, region, rest = parts[2], parts[3] or None, parts[5]
    if service in _KINDS:
        return _KINDS[service], rest, region
    head, slash, tail = rest.partition("/")
    if not slash:
        head, slash, tail = rest.partition(":")
    return (f"{service}:{head}", tail, region) if slash else (service, rest, region)


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


def public_block(*settings: dict[str, Any] | None) -> str:
    """What public access blocks, of the bucket and of its account together, stop: none, policy, acl or all.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html: the most restrictive
    combination of bucket and account applies; BlockPublicPolicy alone does not stop a policy that is already there.
    """
    on = {key.lower() for one in settings if one for key, value in one.items() if value is True or value == "true"}
    policy, acl = "restrictpublicbuckets" in on, "ignorepublicacls" in on
    return "all" if policy and acl else "policy" if policy else "acl" if acl else "none"


class Resources:
    """The resources of one scope while their facts arrive in any order."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.rows: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, tuple[bytes, str]] = {}
        self.blocks: dict[str, dict[str, Any]] = {}
        self.account_block: dict[str, Any] | None = None
        self.account_block_known = False
        self.blocks_known = False

    def add(self, arn: str, source: str, **values: Any) -> dict[str, Any]:
        """The resource's row, made if new; values that are None change nothing."""
        row = self.rows.get(arn)
        if row is None:
            kind, name, region = kind_of(arn)
            row = self.rows[arn] = {
                "id": arn, "account": self.account, "kind": kind, "name": name, "region": region, "source": source,
                "policy_known": False,
            }  # fmt: skip
        row.update({key: value for key, value in values.items() if value is not None})
        return row

    def policy(self, arn: str, policy: Any, source: str) -> None:
        """Its resource policy; None means that the vendor was asked and there is none."""
        self.add(arn, source, policy_known=True)
        if policy is not None:
            self.policies[arn] = (as_policy(policy), source)

    def write(self, facts: Facts, documents: Documents) -> None:
        """Add every resource, and an attachment for each resource policy."""
        rows = [self.rows[arn] for arn in sorted(self.rows)]
        for row in rows:
            if row["kind"] == "s3:bucket":
                row["public_block"] = self._block(row["id"])
        owned = [row for row in rows if row["id"] in self.policies]
        for row in owned:
            row["policy"] = documents.intern(self.policies[row["id"]][0])
        facts.attachments.extend(
            len(owned),
            account=[self.account] * len(owned),
            layer=["endpoint" if row["kind"] == "ec2:vpc-endpoint" else "resource" for row in owned],
            kind=["resource"] * len(owned),
            target=[row["id"] for row in owned],
            policy=["resource policy"] * len(owned),
            document=[row["policy"] for row in owned],
            source=[self.policies[row["id"]][1] for row in owned],
        )
        facts.resources.add_all(rows)

    def _block(self, arn: str) -> str | None:
        """The blocks of a bucket and its account; None when a part that was not read could change it."""
        found = public_block(self.blocks.get(arn), self.account_block)
        known = found == "all" or (self.account_block_known and (arn in self.blocks or self.blocks_known))
        return found if known else None
