"""Which resource a call touched: as an ARN where it can be built exactly, and the bucket under which usage is counted.

In this order: the record's own `resources`; ARNs among the request's parameters; the rules of
`data/events/resources.yaml`; the catalogue's ARN patterns, filled with parameters of the same names; ARNs in the
answer, of what the call made. An ARN counts only if the catalogue lets the permission take such a resource; what stays
unknown is empty, never a guess.

Buckets keep the rows few: an object counts under its bucket and the key's first segment (`arn:aws:s3:::b/logs/*`;
directly in the bucket, `arn:aws:s3:::b/*`), instances and tasks under all of their kind, a log stream under its group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from leastwise.providers.aws.catalog import Catalog, current
from leastwise.providers.aws.regions import partition_of_region

from .names import stable
from .plans import PLAIN, Plan, Rule, compiled, letters, plan_of
from .record import Record, tree
from .tables import Tables, bundled

OTHER_OWNER = {"registryId", "catalogId", "accountId", "ownerAccountId", "expectedBucketOwner"}
"""Parameters that name the account of the resource."""
_MOST = 16
"""How many resources of one call are told; the calls of batches name hundreds."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A resource. `arn` is exact, or empty; then `bucket` may still say what is known: `iam:ACCOUNT:role/NAME`, a name
    whose ARN has a path or an id that the record lacks. `bucket` is an ARN, or a pattern of ARNs ending in `*`.
    """

    arn: str
    bucket: str


def touched(
    record: Record, permission: str, caller: str = "", tables: Tables | None = None, catalog: Catalog | None = None
) -> tuple[Touched, ...]:
    """The resources that a call touched with a permission; none when they are not known, or it takes none.

    `caller` is the account of who called: names in a request are names in the caller's account, so that they are not
    made ARNs where the log is another account's. Remember the answer by source, name and the bytes of the request and
    `resources`, where they repeat.
    """
    tables = tables or bundled()
    plan = plan_of(permission, tables, catalog or current())
    if not plan.takes:
        return ()
    call = _Call(record, plan, caller, tables)
    for look in (call.listed, call.arns_asked, call.ruled, call.shaped, call.made):
        found = list(dict.fromkeys(look()))[:_MOST]
        if found:
            return tuple(found)
    return ()


def looks_at_answer(record: Record, permission: str, caller: str = "") -> bool:
    """Whether it depends on the answer what a call touched with a permission."""
    plan = plan_of(permission, bundled(), current())
    if not plan.takes:
        return False
    call = _Call(record, plan, caller, bundled())
    return not any(next(look(), None) for look in (call.listed, call.arns_asked, call.ruled, call.shaped))


def bucket_of(arn: str, tables: Tables | None = None) -> str:
    """The bucket under which a resource's usage is counted. Remember it by the ARN."""
    parts = arn.split(":", 3)
    if len(parts) < 4:
        return arn
    for bucket in (tables or bundled()).touching.buckets.get(parts[2], ()):
        found = compiled(bucket.pattern).fullmatch(arn)
        if found is not None:
            put = found.expand(bucket.put)
            # A first segment that is made anew each time (a date, a hash) would make a bucket of each.
            head, slash, segment = put.removesuffix("/*").rpartition("/")
            if parts[2] == "s3" and slash and put.endswith("/*") and found.re.groups > 1 and stable(segment) != segment:
                return f"{head}/*"
            return put
    return arn


class _Call:
    """One call's parameters, and the ways to find what it touched, each with ARNs that the action takes."""

    def __init__(self, record: Record, plan: Plan, caller: str, tables: Tables) -> None:
        self._record, self._plan, self._tables = record, plan, tables
        self._request = tree(record.request)
        account, region = record.account, record.region or ""
        named = OTHER_OWNER & self._request.keys()
        own = (not caller or caller == account) and all(str(self._request[name]) == account for name in named)
        self._around = {"partition": partition_of_region(region), "region": region, "account": account if own else ""}

    def _told(self, arn: str) -> Touched:
        return Touched(arn, bucket_of(arn, self._tables))

    def listed(self) -> Iterator[Touched]:
        """The record's own list; not where a call has two sides, and the list has both."""
        if len(self._record.resources) < 8 or self._request.get("x-amz-copy-source"):
            return
        try:
            entries = msgspec.json.decode(self._record.resources)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return
        for one in entries if isinstance(entries, list) else ():
            arn = (one.get("ARN") or one.get("arn")) if isinstance(one, dict) else None
            if isinstance(arn, str) and self._plan.fits(arn):
                yield self._told(arn)

    def arns_asked(self) -> Iterator[Touched]:
        """ARNs that are parameters, or in a list that is one."""
        for value in self._request.values():
            for text in value if isinstance(value, list) else (value,):
                if isinstance(text, str) and self._plan.fits(text):
                    yield self._told(text)

    def ruled(self) -> Iterator[Touched]:
        """What the first rule of our tables says that says something."""
        for rule in self._plan.rules:
            found = [one for value in _at(self._request, rule.path) for one in self._by_rule(rule, value)]
            if found:
                yield from found
                return

    def _by_rule(self, rule: Rule, value: str) -> Iterator[Touched]:
        match = rule.form.fullmatch(value)
        if match is None:
            return
        held = {"value": value} | match.groupdict()
        if rule.named is not None and self._around["account"]:
            yield Touched("", f"{self._plan.prefix}:{self._around['account']}:{rule.named.filled(held)}")
        arn = rule.arn.filled(held, self._around, self._request) if rule.arn is not None else None
        if arn is not None and self._plan.fits(arn):
            yield self._told(arn)

    def shaped(self) -> Iterator[Touched]:
        """The catalogue's patterns of the types that are required, else of all; those with the most parts count."""
        if not any(self._plan.shapes):
            return
        given = {
            letters(name): value
            for name, value in self._request.items()
            if isinstance(value, str) and PLAIN.fullmatch(value)
        }
        for shapes in self._plan.shapes:
            fitting = [one for one in shapes if one.own <= given.keys()]
            most = max((len(one.own) for one in fitting), default=0)
            found = [one.arn.filled(self._around, given) for one in fitting if len(one.own) == most]
            if any(found):
                yield from (self._told(arn) for arn in found if arn)
                return

    def made(self) -> Iterator[Touched]:
        """ARNs of the answer, at its top or one step below: of what the call made."""
        response = tree(self._record.response)
        for one in [response, *(value for value in response.values() if isinstance(value, dict))]:
            for name, value in one.items():
                if name.lower().endswith("arn") and isinstance(value, str) and self._plan.fits(value):
                    yield self._told(value)


def _at(tree: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """The texts at a path; lists on the way are walked, in their order."""
    waiting: list[tuple[Any, int]] = [(tree, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, list):
            waiting.extend((one, depth) for one in reversed(value))
        elif depth < len(path):
            if isinstance(value, dict) and path[depth] in value:
                waiting.append((value[path[depth]], depth + 1))
        elif isinstance(value, str):
            yield value
