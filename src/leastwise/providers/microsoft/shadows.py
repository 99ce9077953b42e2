"""Shadows of a directory, which Azure and Entra call alike, so that their graphs are one: see decision 0037.

A shadow is a user of ours. Rows of it say no account but its own: what is added must not look as if it had been read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from leastwise.engine.columns import plain, with_rows
from leastwise.model.tables import BY_NAME
from leastwise.providers.base import ScopeTables
from leastwise.providers.rows import Rows

_PREFIX = "shadow:"
_SOURCE = "shadow"


def administrator_of(tenant: str) -> str:
    """Whoever may do everything in a directory."""
    return f"{_PREFIX}administrator:{tenant}"


def member_of(group: str) -> str:
    """Whoever is only a member of a group."""
    return f"{_PREFIX}member:{group}"


def over(place: str) -> str:
    """Whoever may do everything at a place and below."""
    return f"{_PREFIX}over:{place}".lower()


def activated(role: str, place: str, until: str) -> str:
    """Whoever has activated a role at a place, which can be done until some time."""
    return (f"{_PREFIX}activated:{role}:{place}" + (f":{until}" if until else "")).lower()


def rewritten(role: str, place: str, mark: str) -> str:
    """Whoever holds a role at a place under a condition, once it has all operations."""
    return f"{_PREFIX}rewritten:{role}:{place}:{mark}".lower()


def writing(word: str, tenant: str) -> str:
    """Whoever can write some attributes of his own."""
    return f"{_PREFIX}writing:{word}:{tenant}"


def holding(mark: str, place: str) -> str:
    """Whoever holds some roles at a place."""
    return f"{_PREFIX}holding:{mark}:{place}".lower()


class Added:
    """One scope, and what is added to its tables."""

    def __init__(self, one: ScopeTables) -> None:
        self._one = one
        self._documents: int = one.tables["documents"].num_rows
        self._rows: dict[str, Rows] = {}

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table, without what was added."""
        table = self._one.tables.get(name)
        found: list[dict[str, Any]] = [] if table is None else plain(table).to_pylist()
        return found

    def add(self, table: str, **values: Any) -> None:
        """A row of a table."""
        rows = self._rows.setdefault(table, Rows(BY_NAME[table]))
        rows.add(**values, **({"source": _SOURCE} if "source" in rows.columns else {}))

    def user(self, id: str, account: str, **details: str) -> str:
        """A user; returns its id."""
        self.add(
            "principals", id=id, account=account, kind="human", name=id, path="/", native="user", directory="own",
            details=tuple(details.items()),
        )  # fmt: skip
        return id

    def document(self, told: Mapping[str, Any]) -> int:
        """The number of a document's row."""
        rows = self._rows.setdefault("documents", Rows(BY_NAME["documents"]))
        self.add("documents", text=json.dumps(told).encode())
        return self._documents + rows.count - 1

    def assigned(self, target: str, told: Mapping[str, Any], until: datetime | None = None) -> None:
        """A role at a place, as the vendor's object says it."""
        self.add(
            "attachments", layer="allow", kind="role_assignment", target=target, policy=str(told["principalId"]),
            document=self.document(told), until=until,
        )  # fmt: skip

    def members(self, account: str, **details: str) -> dict[str, str]:
        """The shadow of each group: a user in it, and in nothing else."""
        found = {}
        for row in self.rows("principals"):
            if row["native"] != "group" or row["id"] in found:
                continue
            found[row["id"]] = self.user(member_of(row["id"]), account, **details)
            self.add("memberships", member=found[row["id"]], group=row["id"], kind="directory_group")
        return found

    def scope(self) -> ScopeTables:
        """The scope with what was added."""
        tables = dict(self._one.tables)
        for name, rows in self._rows.items():
            if name in tables:
                tables[name] = with_rows(tables[name], rows.to_table())
        return replace(self._one, tables=tables)


def open_groups(principals: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Groups of which it is not known whether all members were read, of some rows of principals."""
    return frozenset(row["id"] for row in principals if row["native"] == "group" and row["members_known"] is not True)


def members(memberships: Mapping[str, list[str]], who: str, groups: Mapping[str, str]) -> Iterator[str]:
    """Somebody, and where that is a group everybody who is in it, in groups within it too; not the groups themselves.

    With each group comes whoever would be only its member (`groups`): whoever joins has what its members have.
    """
    seen, stack = {who}, [who]
    while stack:
        one = stack.pop()
        if one in groups:
            yield groups[one]
        inside = memberships.get(one, () if one in groups else None)
        if inside is None:
            yield one
            continue
        for member in inside:
            if member not in seen:
                seen.add(member)
                stack.append(member)
