"""The columns that an estate is compiled from, and which scope's rows speak for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import plain
from leastwise.providers.base import ScopeTables

from ..language.resources import Projects, scope
from .columns import COLUMNS as COLUMNS

_OLDEST = datetime.min.replace(tzinfo=UTC)
_CONTAINERS = ("projects/", "folders/", "organizations/")


@dataclass(frozen=True)
class Read:
    """One tree as it was read: its tables, and how far the numbers of its documents are shifted."""

    kind: str
    id: str
    tables: Mapping[str, pa.Table]
    shift: int

    def rows(self, name: str, columns: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The rows of a small table."""
        found: list[dict[str, Any]] = self.table(name, columns).to_pylist()
        return found

    def table(self, name: str, columns: Sequence[str] = ()) -> pa.Table:
        """A table, its texts written out."""
        table = self.tables[name]
        return plain(table.select(list(columns)) if columns else table)

    def lacking(self, words: Sequence[str]) -> list[str]:
        """The details of those calls that did not end well whose names have one of some words."""
        return [
            row["detail"] or ""
            for row in self._failed
            if row["service"] != "orgpolicy" and any(word in row["call"] for word in words)
        ]

    def listed(self) -> bool:
        """Whether all resources were read, with what they are."""
        made = [row for row in self.rows("coverage") if "RESOURCE" in row["call"] and row["service"] == "cloudasset"]
        return bool(made) and all(row["status"] == "ok" for row in made)

    @cached_property
    def _failed(self) -> list[dict[str, Any]]:
        return [row for row in self.rows("coverage") if row["status"] != "ok"]

    @cached_property
    def policy_gaps(self) -> list[str]:
        """Why allow policies were not read, all or some."""
        return self.lacking(("searchAllIamPolicies", "IAM_POLICY", "getIamPolicy"))


class Trees:
    """The trees of an estate, the newest last, with what each speaks for.

    Args:
        scopes: the tables of every scope; those that could not be read are left out.
    """

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        readable = sorted((one for one in scopes if one.readable), key=lambda one: (one.time or _OLDEST, one.id))
        self.trees: list[Read] = []
        shift = 0
        for one in readable:
            self.trees.append(Read(one.kind, one.id, one.tables, shift))
            shift += one.tables["documents"].num_rows
        self.documents = shift
        self.unreadable = [one.id for one in scopes if not one.readable]
        self.containers: dict[str, dict[str, Any]] = {}
        self.owner: dict[str, int] = {}
        for number, tree in enumerate(self.trees):
            for row in tree.rows("scopes"):
                known = self.containers.get(row["id"])
                if row["source"] or known is None:
                    # The newest that was told of it speaks; what only names it does where nothing else did.
                    self.containers[row["id"]] = row
                    self.owner[row["id"]] = number
        numbers = {row["id"]: row["number"] for row in self.containers.values() if row["number"]}
        self._full: dict[str, str] = {}
        self.projects = Projects({id: number for id, number in numbers.items() if "/" not in id})

    def full(self, id: str) -> str:
        """The canonical full name of a scope or resource by the id that tables have."""
        found = self._full.get(id)
        if found is None:
            named = id if id.startswith("//") else scope(id if id.startswith(_CONTAINERS) else f"projects/{id}")
            found = self._full[id] = self.projects.canonical(named)
        return found

    def speaks(self, tree: int, account: str) -> bool:
        """Whether a tree speaks for what lies in an account: no newer one was told of that."""
        return self.owner.get(account, tree) == tree

    def spoken(self, name: str) -> Iterator[tuple[int, Read, dict[str, Any]]]:
        """The rows of a table that has accounts, of those trees that speak for them."""
        for number, tree in enumerate(self.trees):
            for row in tree.rows(name):
                if self.speaks(number, row["account"]):
                    yield number, tree, row
