"""Which scope's rows speak for what: trees of Azure, and the directories that tell of their people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import plain
from leastwise.providers.base import ScopeTables

from ..language.ids import ROOT, guid
from ..tree import MANAGEMENT_GROUPS, SUBSCRIPTIONS

_OLDEST = datetime.min.replace(tzinfo=UTC)
_OWN = ("", "azure")
_SAME_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Read:
    """One tree, or one directory, as it was read."""

    kind: str
    id: str
    time: datetime
    tables: Mapping[str, pa.Table]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table."""
        found: list[dict[str, Any]] = self.table(name).to_pylist()
        return found

    def table(self, name: str) -> pa.Table:
        """A table, its texts written out."""
        return plain(self.tables[name])


class Trees:
    """The trees of an estate, the newest first, and its directories.

    Args:
        scopes: the tables of every scope; those that could not be read are told by id.
    """

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        known = sorted((one for one in scopes if one.readable), key=lambda one: (one.time or _OLDEST, one.id))[::-1]
        read = [(one, Read(one.kind, one.id, one.time or _OLDEST, one.tables)) for one in known]
        self.trees = [made for one, made in read if one.provider in _OWN]
        self.directories = [made for one, made in read if one.provider not in _OWN]
        lost = [one for one in scopes if not one.readable and one.provider in _OWN]
        self.unreadable = [container_key(one.kind, one.id) for one in lost]
        self.containers: dict[str, dict[str, Any]] = {}
        """Rows of containers by key; the newest that was told of one speaks."""
        self._keys: list[dict[str, str]] = []
        self._owner: dict[str, int] = {}
        for number, tree in enumerate(self.trees):
            keys: dict[str, str] = {}
            for row in tree.rows("scopes"):
                key = keys[row["id"]] = container_key(row["kind"], row["id"])
                held = self.containers.get(key)
                if held is None or (row["source"] and not held["source"]):
                    self.containers[key] = {**row, "above": row["parent"] or (held or {}).get("above"), "tree": number}
                    self._owner[key] = number
                elif row["parent"] and not held["parent"]:
                    held.update(parent=row["parent"], tree=number)
            self._keys.append(keys)

    @property
    def everybody_told(self) -> bool:
        """Whether of everybody of the estate's tenants a directory tells, as of the day of the newest tree or later."""
        newest = max((one.time for one in self.trees), default=_OLDEST)
        told = [row["id"] for one in self.directories if newest - one.time <= _SAME_DAY
                for row in one.rows("scopes") if row["people_known"]]  # fmt: skip
        tenants = {row["tenant"] for one in self.trees for row in one.rows("scopes") if row["tenant"]}
        return bool(tenants) and tenants.issubset(told)

    def key(self, tree: int, name: str) -> str:
        """The key of a container by what rows call it, or of a resource by its id."""
        if name.startswith("/"):
            return name.rstrip("/").lower() or ROOT
        return self._keys[tree].get(name) or container_key("subscription", name)

    def parent(self, key: str) -> str | None:
        """The key of what is above a container; None where that is not told."""
        row = self.containers[key]
        return self.key(row["tree"], row["parent"]) if row["parent"] else None

    def tenant(self, key: str) -> str:
        """The tenant of a container; empty where that is not told."""
        row = self.containers.get(key)
        return guid((row["tenant"] if row else None) or "") or ""

    def speaks(self, tree: int, account: str) -> bool:
        """Whether a tree speaks for what lies in a subscription: no newer one was told of that.

        What lies above subscriptions each tree tells as far as it concerns it.
        """
        key = self.key(tree, account)
        return not key.startswith(SUBSCRIPTIONS) or self._owner.get(key, tree) == tree

    def spoken(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows of a table that has accounts, of those trees that speak for them, with the number of the tree."""
        for number, tree in enumerate(self.trees):
            speaking: dict[str, bool] = {}
            for row in tree.rows(name):
                account = row["account"]
                if account not in speaking:
                    speaking[account] = self.speaks(number, account)
                if speaking[account]:
                    yield number, row

    def inside(self, tree: int, account: str) -> list[str]:
        """The keys of the containers that a record of a tree is about; of all but the root where it names none."""
        if account:
            return [self.key(tree, account)]
        return [key for key in self._keys[tree].values() if key != ROOT] or [ROOT]


def container_key(kind: str, id: str) -> str:
    """The key of a container by what tables call it."""
    if id == ROOT:
        return ROOT
    return f"{MANAGEMENT_GROUPS if kind == 'management_group' else SUBSCRIPTIONS}{id}".lower()
