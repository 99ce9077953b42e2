"""What estate.yaml adds to the rows of a read model: owners, break-glass, zone of trust, crown jewels, leavers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.detection.overlay import SUBJECT_OF, with_overlay
from leastwise.graph.persons import SAID, Account, Joining, Known, Person, by_account, joined
from leastwise.rules.views import OVERLAYS

from .estate_file import EstateFile
from .globs import globs
from .people import said_of
from .zone import external_id_expected, trusted

READS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "identities": {
        "protected": ("id",),
        "owner": ("id", "account", "owner", "tags"),
        "leaver": ("id", "mail", "enabled"),
        "person": ("id", "mail", "enabled"),
        "admin": ("account", "admin"),
    },
    "credentials_view": {"protected": ("principal",), "owner": ("principal", "account", "owner")},
    "grants": {"protected": ("principal",), "owner": ("principal", "account", "owner"), "actions": ("document",)},
    "trusts_view": {
        "external_trusted": ("subject_kind", "subject", "subject_account", "organizations", "principal"),
        "external_id_expected": (
            "provider",
            "subject_kind",
            "subject",
            "subject_account",
            "organizations",
            "principal",
        ),
        "owner": ("principal", "account", "owner"),
    },
    "requests_view": {"owner": ("principal", "account")},
    "resources_view": {"public_meant": ("id",), "sensitivity": ("id",), "owner": ("id", "account", "owner", "tags")},
}
"""Stored columns that a column is worked out from, by view; a column that is not here is read as it is stored."""


def overlay_names(view: str) -> frozenset[str]:
    """Names of the columns that an estate lays over the view."""
    return frozenset(column.name for column in OVERLAYS[SUBJECT_OF[view]])


class Overlays:
    """Works out overlay columns; `used` collects which parts of estate.yaml the answers rest on.

    `ours` gives the ids of the accounts and organizations of the estate, asked for only when a trust needs them;
    `having` are the providers that have external ids, by whatever name. `people` are the persons of accounts; without
    it, those that estate.yaml joins of the rows themselves.
    """

    def __init__(
        self,
        file: EstateFile,
        ours: Callable[[], tuple[Collection[str], Collection[str]]],
        having: Collection[str],
        people: Callable[[], Mapping[str, Person]] | None = None,
    ) -> None:
        self.file = file
        self.used: set[str] = set()
        self._ours = ours
        self._having = having
        self._people = people

    def lay(self, view: str, table: pa.Table, wanted: Collection[str], given: Mapping[str, Any]) -> pa.Table:
        """The table with the wanted overlay columns; those in `given` are taken from there.

        The other overlay columns get what is stored, or their default.
        """
        columns: dict[str, Any] = dict(given)
        for name in sorted(set(wanted) & overlay_names(view) - set(given)):
            match name:
                case "protected":
                    columns[name] = self._protected(table["id" if view == "identities" else "principal"])
                case "owner":
                    columns[name] = self._owners(view, table)
                case "leaver":
                    columns[name] = self.leavers(table)
                case "person":
                    columns[name] = self.persons(table)
                case "external_trusted":
                    columns[name] = trusted(table, self.file, self._ours(), self.note)
                case "external_id_expected":
                    columns[name] = external_id_expected(table, self.file, self._ours(), self.note, self._having)
                case "public_meant":
                    columns[name] = self._meant(table)
                case "sensitivity":
                    columns[name] = self._sensitivity(table)
        return with_overlay(view, table, columns)

    def _protected(self, ids: pa.ChunkedArray) -> pa.Array:
        protected = globs(ids, self.file.break_glass)
        self.note("break_glass", protected)
        return protected

    def _meant(self, table: pa.Table) -> pa.Array:
        meant = globs(table["id"], [one.resource for one in self.file.public_on_purpose])
        self.note("public_on_purpose", meant)
        return meant

    def _sensitivity(self, table: pa.Table) -> pa.Array:
        """That of the last matching crown jewel; empty where none matches."""
        found: Any = pa.array([""] * table.num_rows, pa.string())
        for jewel in self.file.crown_jewels:
            holds = globs(table["id"], [jewel.resource])
            self.note("crown_jewels", holds)
            found = pc.if_else(holds, jewel.sensitivity, found)
        return found

    def _owners(self, view: str, table: pa.Table) -> pa.Array:
        """The first matching owner of each row; a tag keeps the team that the tag names."""
        subject = "id" if view in ("identities", "resources_view", "reaches_view") else "principal"
        tagged = table["owner"] if "owner" in table.column_names else pa.nulls(table.num_rows, pa.string())
        owner = pa.nulls(table.num_rows, pa.string())
        for rule in self.file.owners:
            match = rule.match
            other = match.principal if view == "resources_view" else match.resource
            if match.path or other:
                continue
            holds = pc.is_null(owner)
            for column, glob in ((subject, match.principal or match.resource), ("account", match.account)):
                if glob:
                    holds = pc.and_(holds, globs(table[column], [glob]))
            named = _tag(table, match.tag) if match.tag else tagged
            if match.tag:
                holds = pc.and_(holds, pc.is_valid(named))
            team = named if rule.team == "*" else pa.scalar(rule.team, pa.string())
            self.note("owners", holds)
            owner = pc.if_else(holds, team, owner)
        return pc.coalesce(owner, tagged)

    def leavers(self, table: pa.Table) -> pa.Array:
        """Whether the person of each row has left; null for those of no known person, or where nothing tells."""
        return self._of_person(table, "left", pa.bool_())

    def persons(self, table: pa.Table) -> pa.Array:
        """The name of the person of each row; null for those of no known person."""
        return self._of_person(table, "name", pa.string())

    def _of_person(self, table: pa.Table, what: str, type_: pa.DataType) -> pa.Array:
        people = self._joined(table)
        if not people:
            return pa.nulls(table.num_rows, type_)
        at = pc.index_in(table["id"].cast(pa.string()), value_set=pa.array(list(people), pa.string()))
        told = pa.array([getattr(one, what) for one in people.values()], type_)
        if self.file.people:
            said = [any(one.reason == SAID for one in person.accounts) for person in people.values()]
            self.note("people", pc.fill_null(pa.array(said).take(at.combine_chunks()), False))
        return told.take(at.combine_chunks())

    def _joined(self, table: pa.Table) -> Mapping[str, Person]:
        if self._people is not None:
            return self._people()
        rows = table.select(["id", "mail", "enabled"]).to_pylist() if self.file.people else []
        accounts = (Account("", "", row["id"], row["id"], (row["mail"] or "").lower(), row["enabled"]) for row in rows)
        return by_account(joined(Joining(accounts, Known(said_of(self.file))).persons()))

    def note(self, part: str, holds: Any) -> None:
        """Note that a part of estate.yaml counts, where it holds for some of the rows that are laid over."""
        if pc.any(holds).as_py():
            self.used.add(part)


def _tag(table: pa.Table, key: str) -> pa.Array:
    """Each row's value of a tag, whatever the case of its key; null where the view has no tags or the row not this."""
    values: list[str | None] = [None] * table.num_rows
    if "tags" in table.column_names:
        tags = table["tags"].combine_chunks()
        hit = pc.equal(pc.utf8_lower(tags.keys), key.lower())
        offsets = tags.offsets.to_pylist()
        for index in pc.indices_nonzero(hit).to_pylist():
            values[bisect_right(offsets, index) - 1] = tags.items[index].as_py()
    return pa.array(values, pa.string())
