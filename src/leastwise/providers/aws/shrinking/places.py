"""On which resources a permission must be given for what was done on a bucket of usage, and what runs by the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial

from leastwise.model.plan import Clock
from leastwise.providers.base import ScopeTables

from .. import catalog
from .schedules import due

_SCHEDULED = ("ScheduleExpression", "schedule")
_HOPS = 3
"""From a rule by what it starts to the role that this runs as."""


@cache
def places(permission: str, resource: str) -> tuple[str, ...]:
    """The patterns of resources on which a permission is needed for what was done on one, or on a pattern of them.

    None where a call needs the permission on several kinds of resources (an instance, its image and its network): the
    log names one of them. What is optional and lies in what was touched may have been what was asked about.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    action = catalog.action(permission)
    if action is None:
        return ()
    if action.wildcard_only:
        return ("*",)
    prefix = permission.partition(":")[0]
    types = {one.name: one for one in catalog.resource_types_of(resource, prefix, wide=True)}
    uses = {one.type: one for one in action.resource_types}
    mine = next((name for name in types if name in uses), None)
    required = [name for name, one in uses.items() if one.required]
    if mine is None or (required and required != [mine]):
        return ()
    others = uses.keys() - {mine}
    if not required or not others:
        return (resource,)
    below = [_below(types[mine].arns, name, prefix) for name in others]
    return (resource, *(f"{resource}{one}" for one in below)) if all(below) else ()


@cache
def _below(arns: tuple[str, ...], name: str, prefix: str) -> str:
    """What stands behind a resource in the ARN of a type that lies in it, as a pattern; empty where it does not."""
    service = catalog.service(prefix)
    types = {} if service is None else service.resource_types
    for arn in arns:
        for one in types[name].arns if name in types else ():
            if one.startswith(arn) and len(one) > len(arn):
                return "".join(_open(one[len(arn) :]))
    return ""


def _open(text: str) -> Iterator[str]:
    """A piece of an ARN with a wildcard for each of its variables."""
    for number, part in enumerate(text.split("${")):
        yield part if number == 0 else f"*{part.partition('}')[2]}"


def meant(scopes: Sequence[ScopeTables]) -> Callable[[str], tuple[str, ...]]:
    """The ARNs that a bucket means: of `iam:ACCOUNT:user/NAME`, whose path the log does not tell, those of that name.

    Patterns where nobody has the name; nothing for names of other services.
    """
    known: dict[str, tuple[str, ...]] = {}
    partitions: dict[str, str] = {}
    for scope in scopes:
        for id in scope.tables["principals"]["id"].to_pylist() if "principals" in scope.tables else ():
            fields = id.split(":", 5)
            if len(fields) == 6 and fields[2] == "iam":
                kind, name = fields[5].partition("/")[0], fields[5].rpartition("/")[2]
                key = f"iam:{fields[4]}:{kind}/{name}"
                known[key] = (*known.get(key, ()), id)
                partitions[fields[4]] = fields[1]

    def of(bucket: str) -> tuple[str, ...]:
        if bucket in known:
            return known[bucket]
        if not bucket.startswith("iam:"):
            return (bucket,) if bucket.startswith("arn:") else ()
        _, account, named = bucket.split(":", 2)
        kind, slash, name = named.partition("/")
        if not slash or not name or account not in partitions:
            return ()
        begin = f"arn:{partitions[account]}:iam::{account}:{kind}/"
        return (f"{begin}{name}", f"{begin}*/{name}")

    return of


def clocks(scopes: Sequence[ScopeTables]) -> list[Clock]:
    """What runs by the clock, and as which role: rules and schedules, by what they start."""
    told: dict[str, tuple[str, str]] = {}
    links: dict[str, list[tuple[str, str]]] = {}
    for scope in scopes:
        for row in scope.tables["resources"].to_pylist() if "resources" in scope.tables else ():
            details = dict(row["details"] or ())
            expression = next((details[key] for key in _SCHEDULED if details.get(key)), "")
            if expression and details.get("State", details.get("state", "ENABLED")) != "DISABLED":
                told[row["id"]] = row["name"] or row["id"], expression
        for row in scope.tables["runs_as"].to_pylist() if "runs_as" in scope.tables else ():
            if row["kind"] in ("invokes", "executes_as"):
                links.setdefault(row["subject"], []).append((row["object"], row["kind"]))
    found = []
    for id, (name, expression) in sorted(told.items()):
        called = f"{_noun(id)} {name}"
        found += [Clock(one, called, expression, partial(due, expression)) for one in sorted(_runs_as(id, links))]
    return found


def _runs_as(id: str, links: Mapping[str, Sequence[tuple[str, str]]]) -> set[str]:
    """Whom something runs as, and what it starts."""
    found: set[str] = set()
    at = {id}
    for _ in range(_HOPS):
        reached = [one for each in at for one in links.get(each, ())]
        found |= {object for object, kind in reached if kind == "executes_as"}
        at = {object for object, kind in reached if kind == "invokes"}
    return found


def _noun(id: str) -> str:
    return "rule" if ":rule/" in id else "schedule"
