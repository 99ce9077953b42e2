"""One account being given shadows: users who are added to its tables, and what they hold.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pyarrow as pa

from leastwise.engine.columns import plain, with_rows
from leastwise.model.tables import BY_NAME
from leastwise.providers.base import ScopeTables
from leastwise.providers.rows import Rows

from .identified import Identified
from .translate.changed import interpret

PATH = "leastwise/shadow"
SPLIT = "/of/"
"""Stands in the ARN of a shadow before that of the principal which it is asked as."""
UNREAD = -1
"""The row of a document that was not read."""
_EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
).encode()


def principal_of(id: str) -> str:
    """The id of the principal that a shadow is asked as; empty where it stands for nobody in particular."""
    before, _, name = id.partition(SPLIT)
    return f"{before.partition(':user/')[0]}:{name}" if name and f":user/{PATH}/" in before else ""


class Limits(NamedTuple):
    """What stands against a principal whatever is granted: a boundary (none read: -1) and documents that deny."""

    boundary: tuple[int, str] | None = None
    denies: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """A name for them; none for no limits."""
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()[:12] if any(self) else ""


class Shadowing:
    """The tables of an account while shadows are added.

    Args:
        one: the account.
        named: whom policies tell apart.
    """

    def __init__(self, one: ScopeTables, named: Identified) -> None:
        self.id, self._one = one.id, one
        self.tables = {name: plain(table) for name, table in one.tables.items()}
        self._documents = self.tables["documents"].num_rows
        self._rows = {name: Rows(BY_NAME[name]) for name in ("principals", "attachments", "memberships", "resources")}
        self._natives = dict(self._pairs("principals", "id", "native"))
        self._partition = next((id.split(":")[1] for id in self._natives if id.startswith("arn:")), "aws")
        told = [(id, dict(tags or ())) for id, tags in self._pairs("principals", "id", "tags")]
        self._apart = set(named.of(self.id, told))
        self._known: dict[Limits, str] = {}
        self.own: set[str] = set()
        self.limits: dict[str, str] = {}
        self.administrator = self._shadow(Limits())

    def shaded(self) -> ScopeTables:
        """The scope with what was added."""
        told = interpret(_EVERYTHING, "identity")
        tables = dict(self.tables)
        tables["documents"] = with_rows(tables["documents"], told["documents"])
        statements = told["statements"].set_column(
            0, told["statements"].schema.field(0), pa.array([self._documents] * told["statements"].num_rows, pa.int32())
        )
        tables["statements"] = with_rows(tables["statements"], statements)
        for name, rows in self._rows.items():
            if rows.count:
                tables[name] = with_rows(tables[name], rows.to_table())
        return replace(self._one, tables=tables)

    def _pairs(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        if table in self.tables:
            part = self.tables[table]
            yield from zip(*(part[column].to_pylist() for column in columns), strict=True)

    def _shadow(self, limits: Limits) -> str:
        """A user to whom everything is granted, under some limits."""
        if limits not in self._known:
            id = self._known[limits] = self._user(
                f"limited/{limits.label}" if limits.label else "administrator", limits
            )
            self._attached(id, "identity", "everything", self._documents)
        return self._known[limits]

    def _shadow_of(self, id: str, limits: Limits) -> str:
        """The shadow of a user or role: one of its own where something tells it apart."""
        if id not in self._apart:
            return self._shadow(limits)
        told = f"as{limits.label and f'-{limits.label}'}{SPLIT}{id.rpartition(':')[2]}"
        shadow = f"arn:{self._partition}:iam::{self.id}:user/{PATH}/{told}"
        if shadow not in self.own:
            self.own.add(shadow)
            self._user(told, limits)
            self._attached(shadow, "identity", "everything", self._documents)
        return shadow

    def _user(self, label: str, limits: Limits) -> str:
        id = f"arn:{self._partition}:iam::{self.id}:user/{PATH}/{label}"
        bound = limits.boundary
        if limits.label:
            self.limits[id] = limits.label
        self._rows["principals"].add(
            id=id, account=self.id, kind="human", name=label, path=f"/{PATH}/", native="user",
            boundary=None if bound is None else bound[1], source="shadow",
        )  # fmt: skip
        for document in limits.denies:
            self._attached(id, "identity", f"deny-{document}", document)
        if bound is not None:
            self._attached(id, "boundary", bound[1], bound[0])
        return id

    def _attached(self, id: str, layer: str, policy: str, document: int) -> None:
        kind = "inline" if layer == "identity" else "managed_customer"
        self._rows["attachments"].add(
            account=self.id, layer=layer, kind=kind, target=id, policy=policy, source="shadow",
            document=None if document == UNREAD else document,
        )  # fmt: skip
