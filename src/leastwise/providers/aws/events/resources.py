"""Which resource a call touched: as an ARN where it can be built exactly, and the bucket under which usage is counted.

In this order: the record's own `resources`; ARNs among the request's parameters; the rules of
`data/events/resources.yaml`; the catalogue's ARN patterns, filled with parameters of the same names; ARNs in the
answer, of what the call made. An ARN counts only if the catalogue lets the permission take such a resource; what stays
unknown is empty, never a guess.

Buckets keep the rows few: an object counts under its bucket and the key's first segment (`arn:aws:s3:::b/logs/*`;
directly in the bucket, `arn:aws:s3:::b/*`), instances and tasks under all of their kind, a log stream under its group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from leastwise.providers.aws.catalog import Catalog, current
from leastwise.providers.aws.catalog.facts import Action
from leastwise.providers.aws.regions import partition_of_region

from .names import stable
from .record import Record, tree
from .tables import Tables, Touch, bundled

_PLAIN = re.compile(r"[^\s:*?]+")
_HOLE = re.compile(r"\{(\w[\w-]*)\}")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_AROUND = ("Partition", "Region", "Account")
_OTHER_OWNER = ("registryId", "catalogId", "accountId", "ownerAccountId", "expectedBucketOwner")
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
    catalog, tables = catalog or current(), tables or bundled()
    action = catalog.action(permission)
    if action is None or action.wildcard_only:
        return ()
    call = _Call(record, action, caller, tables, catalog)
    for look in (call.listed, call.arns_asked, call.ruled, call.filled, call.made):
        found = tuple(dict.fromkeys(look()))[:_MOST]
        if found:
            return found
    return ()


def bucket_of(arn: str, tables: Tables | None = None) -> str:
    """The bucket under which a resource's usage is counted. Remember it by the ARN."""
    parts = arn.split(":", 3)
    if len(parts) < 4:
        return arn
    for bucket in (tables or bundled()).touching.buckets.get(parts[2], ()):
        found = _compiled(bucket.pattern).fullmatch(arn)
        if found is not None:
            put = found.expand(bucket.put)
            # A first segment that is made anew each time (a date, a hash) would make a bucket of each.
            head, slash, segment = put.removesuffix("/*").rpartition("/")
            if parts[2] == "s3" and slash and put.endswith("/*") and found.re.groups > 1 and stable(segment) != segment:
                return f"{head}/*"
            return put
    return arn


class _Call:
    """One call's parameters, and the ways to find what it touched."""

    def __init__(self, record: Record, action: Action, caller: str, tables: Tables, catalog: Catalog) -> None:
        self._record, self._action, self._tables, self._catalog = record, action, tables, catalog
        self._prefix = action.name.partition(":")[0]
        self._service = catalog.service(self._prefix)
        self._types = frozenset(one.type for one in action.resource_types)
        self._request = tree(record.request)
        self._region = record.region or ""
        own = not caller or caller == record.account
        self._account = record.account if own and not self._other_owner() else ""

    def _other_owner(self) -> bool:
        account = self._record.account
        return any(str(self._request.get(name, account)) != account for name in _OTHER_OWNER)

    @property
    def _partition(self) -> str:
        return partition_of_region(self._region)

    def _fits(self, arn: str) -> bool:
        """Whether the action takes a resource of this ARN's type."""
        if self._service is None or not arn.startswith("arn:") or "\n" in arn:
            return False
        return any(one.name in self._types for one in self._service.types_of(arn, wide=True)) and (
            self._narrow(arn) or self._prefix != "s3"
        )

    def _narrow(self, arn: str) -> bool:
        """Of S3, where every object's ARN looks like a bucket's as well: the narrowest type counts."""
        return self._service is not None and any(one.name in self._types for one in self._service.types_of(arn))

    def _told(self, arn: str) -> Touched:
        return Touched(arn, bucket_of(arn, self._tables))

    def listed(self) -> Iterator[Touched]:
        """The record's own list; not where a call has two sides, and the list has both."""
        if self._request.get("x-amz-copy-source"):
            return
        try:
            entries = msgspec.json.decode(self._record.resources)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return
        for one in entries if isinstance(entries, list) else ():
            arn = (one.get("ARN") or one.get("arn")) if isinstance(one, dict) else None
            if isinstance(arn, str) and self._fits(arn):
                yield self._told(arn)

    def arns_asked(self) -> Iterator[Touched]:
        for value in self._request.values():
            for text in value if isinstance(value, list) else (value,):
                if isinstance(text, str) and self._fits(text):
                    yield self._told(text)

    def ruled(self) -> Iterator[Touched]:
        for rule in self._tables.touching.rules.get(self._prefix, ()):
            if rule.calls and self._action.name not in rule.calls:
                continue
            found = [one for value in _at(self._request, rule.path) for one in self._by_rule(rule, value)]
            if found:
                yield from found
                return

    def _by_rule(self, rule: Touch, value: str) -> Iterator[Touched]:
        match = _compiled(rule.form).fullmatch(value) if rule.form else _PLAIN.fullmatch(value)
        if match is None:
            return
        held = {"value": value} | {name: one for name, one in match.groupdict().items() if one is not None}
        if rule.named:
            if self._account:
                yield Touched("", f"{self._prefix}:{self._account}:{self._put(rule.named, held)}")
            return
        arn = self._put(rule.arn, held)
        if arn is not None and self._fits(arn):
            yield self._told(arn)

    def _put(self, pattern: str, held: dict[str, str]) -> str | None:
        """A pattern with its holes filled, or None when something for one is missing."""
        around = {"partition": self._partition, "region": self._region, "account": self._account}
        filled = []
        for name in _HOLE.findall(pattern):
            value = held.get(name) or around.get(name) or self._request.get(name)
            if not isinstance(value, str) or not value or value.startswith("arn:"):
                return None
            filled.append(value)
        return _HOLE.sub(lambda _: filled.pop(0), pattern)

    def filled(self) -> Iterator[Touched]:
        """The catalogue's patterns of the types that are required, else of all; the one with the most parts counts."""
        never = self._tables.touching.never.get(self._prefix, ())
        if self._service is None or "*" in never:
            return
        given = {_letters(name): value for name, value in self._request.items() if isinstance(value, str)}
        for required in (True, False):
            best: list[tuple[int, str]] = []
            for use in self._action.resource_types:
                if use.required == required and use.type not in never:
                    for pattern in self._service.resource_types[use.type].arns:
                        best.extend(self._by_pattern(pattern, given))
            if best:
                most = max(parts for parts, _ in best)
                yield from (self._told(arn) for parts, arn in best if parts == most)
                return

    def _by_pattern(self, pattern: str, given: dict[str, str]) -> Iterator[tuple[int, str]]:
        names = _VARIABLE.findall(pattern)
        around = dict(zip(_AROUND, (self._partition, self._region, self._account), strict=True))
        own = [name for name in names if name not in _AROUND]
        held = {name: value for name in own if _PLAIN.fullmatch(value := given.get(_letters(name), ""))}
        held |= {name: around[name] for name in names if name in _AROUND and around[name]}
        if own and len(held) == len(set(names)) and "<" not in pattern and "*" not in pattern:
            yield len(own), _VARIABLE.sub(lambda found: held[found[1]], pattern)

    def made(self) -> Iterator[Touched]:
        """ARNs of the answer, at its top or one step below."""
        response = tree(self._record.response)
        for one in [response, *(value for value in response.values() if isinstance(value, dict))]:
            for name, value in one.items():
                if name.lower().endswith("arn") and isinstance(value, str) and self._fits(value):
                    yield self._told(value)


def _at(tree: dict[str, Any], path: list[str]) -> Iterator[str]:
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


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)
