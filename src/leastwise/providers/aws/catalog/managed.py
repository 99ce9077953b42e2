"""The documents of AWS managed policies. Read when first asked for.

Compiled by tools/build_aws_catalog.py; the data names its source, licence, version and date.
"""

from __future__ import annotations

from functools import cache

import msgspec

from .facts import Source


class ManagedPolicy(msgspec.Struct, frozen=True):
    """An AWS managed policy: its version in force at the catalogue's date, when that was set, and its document."""

    version: str
    updated: str
    document: msgspec.Raw


class _Catalog(msgspec.Struct, frozen=True):
    source: str
    version: str
    licence: str
    date: str
    policies: dict[str, ManagedPolicy]


@cache
def _catalog() -> _Catalog:
    import lzma
    from importlib.resources import files

    packed = files("leastwise.providers.aws").joinpath("data", "managed_policies.json.xz").read_bytes()
    return msgspec.json.decode(lzma.decompress(packed), type=_Catalog)


def managed_policy(arn: str) -> ManagedPolicy | None:
    """The policy of an ARN `arn:PARTITION:iam::aws:policy/…`, or None when the catalogue does not know it."""
    partition, _, rest = arn.partition(":iam::aws:policy/")
    if not partition.startswith("arn:aws"):
        return None
    found = _catalog().policies.get(f"arn:aws:iam::aws:policy/{rest}")
    return found if found is None or partition == "arn:aws" else _in_partition(found, partition)


def managed_policies(partition: str) -> dict[str, bytes]:
    """The documents of all that can be given to users and roles, by their ARN in a partition."""
    begin = "arn:aws:iam::aws:policy/"
    return {
        f"arn:{partition}:iam::aws:policy/{rest}": bytes(found.document).replace(
            b"arn:aws:", f"arn:{partition}:".encode()
        )
        for id, found in _catalog().policies.items()
        if not (rest := id.removeprefix(begin)).startswith("aws-service-role/")
    }


def _in_partition(policy: ManagedPolicy, partition: str) -> ManagedPolicy:
    """The policy with the ARNs of another partition; the catalogue was compiled from the commercial one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    document = bytes(policy.document).replace(b"arn:aws:", partition.encode() + b":")
    return msgspec.structs.replace(policy, document=msgspec.Raw(document))


def catalog_date() -> str:
    """The date of the newest document, as YYYY-MM-DD."""
    return _catalog().date


def managed_source() -> Source:
    """Where the documents come from; the day of their compilation is not recorded."""
    found = _catalog()
    return Source(found.source, found.version, found.licence, found.date, "")


def managed_counts() -> dict[str, int]:
    """How many policies there are."""
    return {"policies": len(_catalog().policies)}
