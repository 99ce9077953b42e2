"""What can be read off an ARN, or a pattern of ARNs, and off the name of an action.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from leastwise.model.naming import Breadth, Naming

_FIELDS = 6
_BUCKETS = "s3"
"""Of this service what stands before a slash is the name of a bucket; of others, a kind."""


def name(pattern: str) -> str:
    """The name of the one thing that a pattern is about or lies in; empty when it can be several."""
    last = pattern.split(":", 5)[-1]
    first, slash, rest = last.partition("/")
    in_bucket = pattern.split(":")[2:3] == [_BUCKETS]
    found = rest.partition("/")[0] if slash and not in_bucket else first
    found = found.rpartition(":")[2]
    return "" if "*" in found or "?" in found else found


def breadth(pattern: str) -> Breadth:
    """By where the first wildcard stands: before the kind of resource, at the name's begin, within it, behind it."""
    if pattern in ("", "*"):
        return Breadth.EVERYTHING
    fields = pattern.split(":", 5)
    last = fields[-1]
    if len(fields) < _FIELDS or last in ("*", "?"):
        return Breadth.KIND if len(fields) == _FIELDS and "*" not in fields[2] else Breadth.EVERYTHING
    first, slash, rest = last.partition("/")
    found = rest.partition("/")[0] if slash and "*" not in first and fields[2] != _BUCKETS else first
    if found.startswith("*"):
        return Breadth.KIND
    return Breadth.SEVERAL if "*" in found or "?" in found else Breadth.ONE


def region(pattern: str) -> str:
    """The fourth field, as it stands there."""
    fields = pattern.split(":")
    return fields[3] if len(fields) > 3 else ""


def service(id: str) -> str:
    """The prefix of actions on a resource, with its colon; empty of what is no ARN."""
    fields = id.split(":", 5)
    return f"{fields[2]}:" if len(fields) == _FIELDS else ""


def families(action: str) -> tuple[str, ...]:
    """`s3:*` of `s3:GetObject`."""
    return (f"{action.partition(':')[0]}:*",)


NAMING = Naming(name, breadth, region, service, families)
