"""Other names of resources: aliases lead to keys, access points to buckets.

https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ..evaluate.arn import parse_arn
from .scopes import ScopeTables, joined

_KINDS = ("kms:key", "s3:accesspoint")
_ALIAS_OPERATIONS = frozenset({"kms:createalias", "kms:deletealias", "kms:updatealias"})


def leads(scopes: Sequence[ScopeTables]) -> dict[str, dict[str, str]]:
    """Facts of the header: the key of each alias, and the bucket of each access point, by ARN."""
    table = joined(scopes, "resources", ["id", "kind", "details"])
    table = table.filter(pc.is_in(table["kind"], value_set=pa.array(_KINDS)))
    found: dict[str, dict[str, str]] = {"aliases": {}, "points": {}}
    for row in table.to_pylist():
        details = dict(row["details"] or [])
        if row["kind"] == "kms:key":
            found["aliases"] |= dict.fromkeys(_aliases(row["id"], details.get("aliases", "")), row["id"])
        elif details.get("bucket"):
            arn = parse_arn(row["id"])
            partition = arn.partition if arn else "aws"
            found["points"][row["id"]] = f"arn:{partition}:s3:::{details['bucket']}"
    return found


def _aliases(key: str, names: str) -> Iterator[str]:
    arn = parse_arn(key)
    if arn is not None:
        for name in filter(None, names.split(", ")):
            yield f"arn:{arn.partition}:kms:{arn.region}:{arn.account}:{name}"


def alias(action: str, resource: str) -> bool:
    """Whether a request names a key by an alias, and is not about the alias itself."""
    arn = parse_arn(resource)
    named = arn is not None and arn.service == "kms" and arn.resource.startswith("alias/")
    return named and action.lower().startswith("kms:") and action.lower() not in _ALIAS_OPERATIONS


def point(resource: str) -> tuple[str, str] | None:
    """The ARN of the access point that a resource is reached through, and the object's key (empty for none)."""
    arn = parse_arn(resource)
    if arn is None or arn.service != "s3" or not arn.resource.startswith("accesspoint/"):
        return None
    name, _, rest = arn.resource.removeprefix("accesspoint/").partition("/")
    through = f"arn:{arn.partition}:s3:{arn.region}:{arn.account}:accesspoint/{name}"
    return through, rest.removeprefix("object/") if rest.startswith("object/") else ""
