"""What was not read of a resource's side and can only give access: access lists, policies of Lambda, grants on keys.

Access lists of objects are never collected. They count unless the bucket's owner owns every object, and what they give
everyone counts unless public lists are ignored:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions

AddPermission writes nothing but Allow, for a function or for one of its versions and aliases, and then for this alone:
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html

A grant allows, and cannot deny: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..evaluate.arn import parse_arn, spans
from ..evaluate.policies import Gives, Unread
from ..evaluate.services import GRANTED
from .estate import CompiledEstate

COUNT, COUNT_UNKNOWN, LIST_UNREAD, PUBLIC_IGNORED = 1, 2, 4, 8
"""Bits of `thing.lists`: of a bucket whose access lists count, or for which that, or its own list, was not read."""
_BY_BUCKETS_LIST = frozenset(
    (
        "s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads", "s3:putobject", "s3:getbucketacl",
        "s3:putbucketacl",
    )
)  # fmt: skip
_BY_OBJECTS_LIST = frozenset(
    (
        "s3:getobject", "s3:getobjectversion", "s3:getobjectacl", "s3:getobjectversionacl", "s3:putobjectacl",
        "s3:putobjectversionacl",
    )
)  # fmt: skip
BY_LISTS = _BY_BUCKETS_LIST | _BY_OBJECTS_LIST
"""Actions that access lists give, in lower case."""
_LATEST = "$LATEST"


def may_lack(action: str) -> bool:
    """Whether something that only allows can be missing of the resource's side of an action."""
    name = action.lower()
    return name in BY_LISTS or name in GRANTED or name.startswith("lambda:")


def lack_of(action: str) -> str:
    """What that only allows can be missing of the resource's side of an action; empty for nothing."""
    name = action.lower()
    if name in BY_LISTS:
        return "bucket's list" if name in _BY_BUCKETS_LIST else "objects' lists"
    return "grants" if name in GRANTED else "qualifier" if name.startswith("lambda:") else ""


def by_lists(estate: CompiledEstate, thing: int, action: str, *, complete: bool) -> Iterator[Unread]:
    """Access lists of a bucket or its objects that may give an action; with `complete`, where they surely count."""
    bits, name = int(estate.arrays["thing.lists"][thing]), action.lower()
    if name not in BY_LISTS or not bits & (COUNT if complete else COUNT | COUNT_UNKNOWN):
        return
    gives = Gives.BY_LIST_TO_ACCOUNTS if bits & PUBLIC_IGNORED else Gives.BY_LIST
    why = "" if bits & COUNT else " (whether lists count was not read either)"
    bucket = estate.texts("thing.id")[thing]
    if name in _BY_OBJECTS_LIST:
        yield Unread(f"access lists of objects in {bucket}: not read{why}", gives)
    elif bits & LIST_UNREAD:
        yield Unread(f"access list of {bucket}: not read{why}", gives)


def by_grants(coverage: Sequence[Sequence[str]], key: str, action: str) -> Iterator[Unread]:
    """Grants on a key that could not be read, told by the calls about its account that failed."""
    arn = parse_arn(key)
    if arn is None or action.lower() not in GRANTED:
        return
    for service, call, status, detail, _ in coverage:
        if service == "kms" and call == "ListGrants" and status not in ("ok", "unlicensed") and _about(detail, key):
            yield Unread(f"grants on {key}: ListGrants {status}", Gives.BY_GRANT)
            return


def _about(detail: str, key: str) -> bool:
    """Whether a call that failed may have been about a key: its record names the first ones that it was about."""
    _, named, keys = detail.rpartition("; for ")
    return not named or key in keys or " more" in keys


def qualified(resource: str) -> tuple[str, str] | None:
    """The function or layer, and the version or alias of it, that an ARN of Lambda names; None for others."""
    arn = parse_arn(resource)
    if arn is None or arn.service != "lambda" or not arn.resource.startswith(("function:", "layer:")):
        return None
    kind, _, rest = arn.resource.partition(":")
    name, colon, qualifier = rest.partition(":")
    return (resource[: len(resource) - len(qualifier) - 1], qualifier) if colon and not spans(kind + name) else None


def of_qualifier(resource: str, qualifier: str) -> tuple[Unread, ...]:
    """What the policy of a version or an alias that was not read may give; `$LATEST` can have none."""
    return () if qualifier == _LATEST else (Unread(f"policy of {resource}: not read"),)
