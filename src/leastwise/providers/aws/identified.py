"""Whom policies tell apart by who he is: users and roles whose shadows have to be themselves.

A shadow is a user without a name, tags or sessions. Where a policy names a principal (by its ARN, as a role, by a tag,
in another account's trust), what the principal could do with any policy differs from what that user could.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from leastwise.engine.columns import plain
from leastwise.providers.base import ScopeTables

_ARN = "aws:principalarn"
_TAG = "aws:principaltag/"
_ANY = ("aws:principaltype", "aws:userid", "aws:username", "aws:principaltag/", _ARN)
"""Keys, and beginnings of policy variables, in which every user and role differs from a shadow."""


class Identified:
    """The users and roles that something in an estate tells apart.

    Args:
        scopes: of the estate.
        shadow: the beginning of the ARNs of shadows, behind the account.
    """

    def __init__(self, scopes: Sequence[ScopeTables], shadow: str) -> None:
        self._shadow = shadow
        self._everybody = False
        self._patterns: set[str] = set()
        self._tags: set[str] = set()
        self._named: dict[str, set[str]] = {}
        self._holders: set[str] = set()
        for one in scopes:
            wide, narrow = _layers(one)
            for document, effect, principals, others, resources, condition in _statements(one):
                if document in wide:
                    self._entries(one.id, principals, others)
                    self._read(condition, resources)
                elif document in narrow and (effect == "Deny" or narrow[document][0]) and _asks(condition, resources):
                    self._holders |= narrow[document][1]
        self._tests = [(re.compile(_expression(one)), one) for one in sorted(self._patterns)]

    def of(self, account: str, principals: Collection[tuple[str, Collection[str]]]) -> Iterator[str]:
        """Those of an account's users and roles, each with the keys of its tags, that are told apart."""
        shadow = f":iam::{account}:{self._shadow}x"
        for id, tags in principals:
            partition = id.split(":")[1] if id.startswith("arn:") else "aws"
            if (
                self._everybody
                or id in self._holders
                or (self._named.get(id, set()) - {account})
                or (self._tags and not self._tags.isdisjoint(key.lower() for key in tags))
                or any((test.fullmatch(id) is None) != (test.fullmatch(f"arn:{partition}{shadow}") is None)
                       for test, _ in self._tests)
            ):  # fmt: skip
                yield id

    def _entries(self, account: str, principals: Sequence[str], others: Sequence[str]) -> None:
        for entry in (*principals, *others):
            kind, _, value = entry.partition("=")
            if kind == "AWS" and ":iam::" in value and not value.endswith(":root"):
                self._named.setdefault(value, set()).add("" if others else account)

    def _read(self, condition: str, resources: Sequence[str]) -> None:
        if not _asks(condition, resources):
            return
        text = f"{condition} {' '.join(resources)}".lower()
        if any(f"${{{one}" in text for one in _ANY):
            self._everybody = True
        for keys in json.loads(condition or "{}").values():
            for key, values in keys.items():
                name = key.lower()
                if name == _ARN:
                    self._patterns |= {str(one) for one in (values if isinstance(values, list) else [values])}
                elif name.startswith(_TAG):
                    self._tags.add(name.removeprefix(_TAG))
                elif name in _ANY:
                    self._everybody = True


def _asks(condition: str, resources: Sequence[str]) -> bool:
    """Whether a statement looks at who the principal is."""
    text = f"{condition} {' '.join(resources)}".lower()
    own = (_ARN, _TAG, "aws:principaltype", "aws:userid", "aws:username")
    return any(one in text for one in own)


def _layers(one: ScopeTables) -> tuple[set[int], dict[int, tuple[bool, set[str]]]]:
    """The documents that are about anybody; and those of principals: whether one is a boundary, and who has it."""
    wide: set[int] = set()
    narrow: dict[int, tuple[bool, set[str]]] = {}
    groups: dict[str, list[str]] = {}
    for member, group in _columns(one, "memberships", "member", "group"):
        groups.setdefault(group, []).append(member)
    for layer, target, document in _columns(one, "attachments", "layer", "target", "document"):
        if document is None:
            continue
        if layer not in ("identity", "boundary"):
            wide.add(document)
            continue
        bound, holders = narrow.get(document, (False, set()))
        holders |= {target, *groups.get(target, ())}
        narrow[document] = (bound or layer == "boundary", holders)
    return wide, narrow


def _statements(one: ScopeTables) -> Iterator[tuple[int, str, Sequence[str], Sequence[str], Sequence[str], str]]:
    names = ("document", "effect", "principals", "not_principals", "resources", "not_resources", "condition")
    for document, effect, principals, others, resources, rest, condition in _columns(one, "statements", *names):
        yield document, effect, principals or (), others or (), (*(resources or ()), *(rest or ())), condition or ""


def _columns(one: ScopeTables, table: str, *names: str) -> Iterator[tuple[Any, ...]]:
    if table in one.tables:
        part: Mapping[str, Any] = plain(one.tables[table].select(list(names)))
        yield from zip(*(part[name].to_pylist() for name in names), strict=True)


def _expression(pattern: str) -> str:
    """An ARN pattern as a regular expression."""
    return "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
