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
_ANY = ("aws:principaltype", "aws:userid", "aws:username", "aws:principaltag", "aws:principal")
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
        for one in scopes:
            for principals, others, condition in _statements(one):
                for entry in (*principals, *others):
                    kind, _, value = entry.partition("=")
                    if kind == "AWS" and ":iam::" in value and not value.endswith(":root"):
                        self._named.setdefault(value, set()).add("" if others else one.id)
                if condition:
                    self._read(condition)
        self._tests = [(re.compile(_expression(one)), one) for one in sorted(self._patterns)]

    def of(self, account: str, principals: Collection[tuple[str, Collection[str]]]) -> Iterator[str]:
        """Those of an account's users and roles, each with the keys of its tags, that are told apart."""
        shadow = f":iam::{account}:{self._shadow}x"
        for id, tags in principals:
            partition = id.split(":")[1] if id.startswith("arn:") else "aws"
            if (
                self._everybody
                or (self._named.get(id, set()) - {account})
                or (self._tags and not self._tags.isdisjoint(key.lower() for key in tags))
                or any((test.fullmatch(id) is None) != (test.fullmatch(f"arn:{partition}{shadow}") is None)
                       for test, _ in self._tests)
            ):  # fmt: skip
                yield id

    def _read(self, condition: str) -> None:
        text = condition.lower()
        if "aws:principal" not in text and "aws:user" not in text:
            return
        if "${aws:" in text and any(f"${{{one}" in text for one in _ANY):
            self._everybody = True
        for keys in json.loads(condition).values():
            for key, values in keys.items():
                name = key.lower()
                if name == _ARN:
                    self._patterns |= {str(one) for one in (values if isinstance(values, list) else [values])}
                elif name.startswith(_TAG):
                    self._tags.add(name.removeprefix(_TAG))
                elif name in _ANY:
                    self._everybody = True


def _statements(one: ScopeTables) -> Iterator[tuple[Sequence[str], Sequence[str], str]]:
    if "statements" not in one.tables:
        return
    part: Mapping[str, Any] = plain(one.tables["statements"].select(["principals", "not_principals", "condition"]))
    columns = (part[name].to_pylist() for name in ("principals", "not_principals", "condition"))
    seen = set()
    for principals, others, condition in zip(*columns, strict=True):
        told = (tuple(principals or ()), tuple(others or ()), condition or "")
        if told not in seen and any(told):
            seen.add(told)
            yield told


def _expression(pattern: str) -> str:
    """An ARN pattern as a regular expression."""
    return "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
