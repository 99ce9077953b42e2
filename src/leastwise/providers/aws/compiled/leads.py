"""Other names of resources: aliases lead to keys, access points to buckets.

https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from ..evaluate.arn import parse_arn

_ALIAS_OPERATIONS = frozenset({"kms:createalias", "kms:deletealias", "kms:updatealias"})


def alias(action: str, resource: str) -> bool:
    """Whether a request names a key by an alias, and is not about the alias itself."""
    arn = parse_arn(resource)
    named = arn is not None and arn.service == "kms" and arn.resource.startswith("alias/")
    return named and action.lower().startswith("kms:") and action.lower() not in _ALIAS_OPERATIONS


def key_behind(alias: str) -> str:
    """The pattern of the keys to which an alias can lead: those of its account and region.

    https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
    """
    return f"{alias.rpartition(':')[0]}:key/*"


def point(resource: str) -> tuple[str, str] | None:
    """The ARN of the access point that a resource is reached through, and the object's key (empty for none)."""
    arn = parse_arn(resource)
    if arn is None or arn.service != "s3" or not arn.resource.startswith("accesspoint/"):
        return None
    name, _, rest = arn.resource.removeprefix("accesspoint/").partition("/")
    through = f"arn:{arn.partition}:s3:{arn.region}:{arn.account}:accesspoint/{name}"
    return through, rest.removeprefix("object/") if rest.startswith("object/") else ""


def held(arn: str) -> str:
    """The pattern of what lies in a resource: the objects of an access point stand below `object/`.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-access-points.html
    """
    return f"{arn}/object/*" if point(arn) is not None else f"{arn}/*"
