"""Shadows of AWS: users who stand for what no identity is yet, added to an estate before its graph is made.

See decision 0037. A shadow is a user of its account, under a path of ours, to whom everything is granted; what stands
against it is what would stand against the principal that it is the shadow of: guardrails of the account, the
permissions boundary, explicit denies in policies of the principal.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import plain, with_rows
from leastwise.model.shadows import Shadows
from leastwise.model.tables import BY_NAME
from leastwise.providers.base import ScopeTables
from leastwise.providers.rows import Rows

from .translate.changed import interpret

READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "account", "native", "boundary"),
    "attachments": ("layer", "kind", "target", "policy", "document"),
    "memberships": ("member", "group", "kind"),
    "documents": ("denies",),
}
"""What is read of the tables besides what the estate is compiled from."""
PATH = "leastwise/shadow"
_EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
).encode()
_Limits = tuple[int | None, tuple[int, ...]]


def shaded(scopes: Sequence[ScopeTables]) -> tuple[list[ScopeTables], Shadows]:
    """The scopes of an estate with shadows in them, and whose they are."""
    administrators: dict[str, str] = {}
    anything: dict[str, str] = {}
    members: dict[str, str] = {}
    found = []
    for one in scopes:
        if one.kind != "account" or "principals" not in one.tables:
            found.append(one)
            continue
        scope = _Scope(one)
        found.append(scope.shaded())
        administrators[one.id] = scope.administrator
        anything |= scope.anything
        members |= scope.members
    return found, Shadows(administrators, anything, members)


class _Scope:
    """One account being given its shadows."""

    def __init__(self, one: ScopeTables) -> None:
        self._one = one
        self.tables = {name: plain(table) for name, table in one.tables.items()}
        self._documents = self.tables["documents"].num_rows
        self._rows = {name: Rows(BY_NAME[name]) for name in ("principals", "attachments", "memberships")}
        self.partition = next(
            (id.split(":")[1] for id in self._column("principals", "id") if id.startswith("arn:")), "aws"
        )
        self.administrator = self._shadow("administrator", (None, ()))
        self.anything, self.members = self._anything(), self._members()

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

    def _column(self, table: str, column: str) -> list[Any]:
        found: list[Any] = self.tables[table][column].to_pylist() if table in self.tables else []
        return found

    # --- who stands against what

    def _anything(self) -> dict[str, str]:
        """The shadow of each user and role."""
        denies = {row for row, one in enumerate(self._column("documents", "denies")) if one}
        against: dict[str, set[int]] = defaultdict(set)
        bounds: dict[str, tuple[int | None, str]] = {}
        names = ("layer", "target", "policy", "document")
        for layer, target, policy, document in zip(*(self._column("attachments", one) for one in names), strict=True):
            if layer == "identity" and document in denies:
                against[target].add(document)
            elif layer == "boundary":
                bounds[target] = (document, policy)
        for member, group in zip(
            self._column("memberships", "member"), self._column("memberships", "group"), strict=True
        ):
            if group in against:
                against[member] |= against[group]
        shadows: dict[Any, str] = {(None, ()): self.administrator}
        found = {}
        columns = (self._column("principals", one) for one in ("id", "native", "boundary"))
        for id, native, boundary in zip(*columns, strict=True):
            if native not in ("user", "role"):
                continue
            bound = bounds.get(id, (None, boundary or ""))
            limits = (bound if boundary or bound[1] else None, tuple(sorted(against.get(id, ()))))
            if limits not in shadows:
                shadows[limits] = self._shadow("", limits)
            found[id] = shadows[limits]
        return found

    def _members(self) -> dict[str, str]:
        """The shadow of each group: a user in it, and in nothing else."""
        found = {}
        for id, native in zip(self._column("principals", "id"), self._column("principals", "native"), strict=True):
            if native == "group":
                found[id] = self._user(f"member/{id.rsplit('/', 1)[-1]}", None)
                self._rows["memberships"].add(member=found[id], group=id, kind="iam_group", source="shadow")
        return found

    def _shadow(self, name: str, limits: Any) -> str:
        """A user to whom everything is granted, under some limits."""
        bound, denies = limits
        label = name or f"limited/{hashlib.sha256(repr(limits).encode()).hexdigest()[:12]}"
        id = self._user(label, bound[1] if bound else None)
        self._attached(id, "identity", "everything", self._documents)
        for document in denies:
            self._attached(id, "identity", f"deny-{document}", document)
        if bound and bound[0] is not None:
            self._attached(id, "boundary", bound[1], bound[0])
        return id

    def _user(self, label: str, boundary: str | None) -> str:
        id = f"arn:{self.partition}:iam::{self._one.id}:user/{PATH}/{label}"
        self._rows["principals"].add(
            id=id, account=self._one.id, kind="human", name=label, path=f"/{PATH}/", native="user", boundary=boundary,
            source="shadow",
        )  # fmt: skip
        return id

    def _attached(self, id: str, layer: str, policy: str, document: int) -> None:
        kind = "inline" if layer == "identity" else "managed_customer"
        self._rows["attachments"].add(
            account=self._one.id, layer=layer, kind=kind, target=id, policy=policy, document=document, source="shadow"
        )
