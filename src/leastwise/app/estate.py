"""The estate as questions see it: the read models of every scope in force, with what estate.yaml adds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.detection.overlay import SUBJECT_OF, with_overlay
from leastwise.engine.columns import arrow_schema, empty
from leastwise.errors import UsageError
from leastwise.graph.persons import Person
from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.model.snapshot import Estate, EstateEntry
from leastwise.model.tables import BY_NAME, TableSpec
from leastwise.rules.views import OVERLAYS
from leastwise.store.readmodels import ADMIN_COLUMNS, limit_admin

from .directories import one_each
from .estate_file import EstateFile, read_estate_file
from .guardrails import Guarded, guarded_accounts
from .header import clock_of, header_of
from .overlays import READS, Overlays, overlay_names
from .people import people_of
from .reading import Tables
from .wiring import Workspace

NAMES: Mapping[str, Mapping[str, str]] = {
    "grants": {"principal": "principal_name", "via": "via_name", "policy": "policy_name"},
    "requests": {
        "principal": "principal_name", "requester": "requester_name", "policy": "policy_name",
        "resource": "resource_name", "approvers": "approver_names",
    },
}  # fmt: skip
"""What lists are shown with where ids are none that people know: the column of each id's name."""
_PART = 40
"""Bits of `#` that number the row within its snapshot; those above number the snapshot."""


@dataclass
class OpenEstate:
    """An estate opened for questions."""

    workspace: Workspace
    estate: Estate
    file: EstateFile
    shared: OpenEstate | None = None
    """The same estate, opened before, whose tables and people are taken; None to read them."""

    def afresh(self, used: Collection[str] = ()) -> OpenEstate:
        """The same for another question, which uses parts of estate.yaml of its own, besides those that are `used`."""
        found = OpenEstate(self.workspace, self.estate, self.file, self)
        found.overlays.used |= set(used)
        return found

    @cached_property
    def overlays(self) -> Overlays:
        """What estate.yaml adds, and which parts of it were used."""
        known = self.workspace.providers().items()
        having = [name for name, one in known if one.nouns is not None and one.nouns().proof]
        return Overlays(self.file, self.ours, having, lambda: self.people)

    @cached_property
    def people(self) -> Mapping[str, Person]:
        """The persons of those accounts that are joined to others."""
        return people_of(self) if self.shared is None else self.shared.people

    @cached_property
    def tables(self) -> Tables:
        """The tables of its snapshots."""
        return self.shared.tables if self.shared is not None else Tables(self.workspace, self.estate.manifests)

    @property
    def clock(self) -> datetime:
        """The time that ages count from: the clock of estate.yaml, else the newest snapshot, else now."""
        return clock_of(self.estate, self.file)

    def facts(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A fact table, or some columns of it, of every snapshot in force; `provider` and `scope` stand in front."""
        parts = []
        for manifest in self.estate.manifests:
            table = self.tables.read(manifest, name, None if columns is None else list(columns))
            for index, (column, value) in enumerate(
                (("provider", manifest.scope.provider), ("scope", manifest.scope.id))
            ):
                table = table.add_column(index, column, pa.repeat(pa.scalar(value), table.num_rows))
            parts.append(table)
        if parts:
            return pa.concat_tables(parts)
        none = pa.array([], pa.string())
        bare = empty(BY_NAME[name])
        return (
            (bare if columns is None else bare.select(list(columns)))
            .add_column(0, "scope", none)
            .add_column(0, "provider", none)
        )

    def schema(self, name: str) -> pa.Schema:
        """Columns of a read model as questions see it: the stored ones and those laid over."""
        stored = arrow_schema(BY_NAME[name])
        laid = arrow_schema(TableSpec(name, "", OVERLAYS[SUBJECT_OF[name]]))
        return pa.schema([*stored, *(field for field in laid if field.name not in stored.names)])

    def view(self, name: str, columns: Collection[str] | None = None) -> pa.Table:
        """A read model of the whole estate, overlay columns included.

        With `columns`, only those (and what they are worked out from) are read, and a column `#` says where each row
        is stored, for `rows`.
        """
        wanted = self.schema(name).names if columns is None else columns
        table = self._stored(name, wanted if columns is not None else None)
        if name == "identities":
            table = one_each(_once(table), self._sharing)
        if self._says_admin(name, wanted):
            table = limit_admin(name, table, self._guarded.limited, self._guarded.unknown)
        return self.overlays.lay(name, table, wanted, {}) if columns is None else self._picked(name, table, wanted)

    def rows(self, name: str, picked: pa.Table) -> pa.Table:
        """The whole rows of a read model that a view of few columns has picked, in its order."""
        numbers = picked["#"].combine_chunks()
        part, row = pc.shift_right(numbers, _PART), pc.bit_wise_and(numbers, (1 << _PART) - 1)
        found, order = [], []
        for index in part.unique().to_pylist():
            here = pc.equal(part, index)
            found.append(self.tables.rows(self.estate.manifests[index], name, row.filter(here)))
            order.append(pc.indices_nonzero(here))
        if not found:
            return self.view(name).slice(0, 0)
        table = pa.concat_tables(found).take(pc.sort_indices(pa.concat_arrays(order)))
        if name in ADMIN_COLUMNS:
            table = limit_admin(name, table, self._guarded.limited, self._guarded.unknown)
        table = self.overlays.lay(name, table, self.schema(name).names, {})
        return self.with_actions(table) if name == "grants" else table

    def _stored(self, name: str, wanted: Collection[str] | None) -> pa.Table:
        """The read model of every snapshot in force; with `wanted`, what those columns need, and `#`."""
        spec = BY_NAME[name]
        if wanted is None:
            parts = [self.tables.read(manifest, name) for manifest in self.estate.manifests]
            return pa.concat_tables(parts) if parts else empty(spec)
        reads = {"id", "kind", "provider", "admin", "grants"} if name == "identities" else set()
        reads |= {column for one in wanted for column in READS[name].get(one, (one,))}
        if self._says_admin(name, wanted):
            reads |= {"account", *ADMIN_COLUMNS[name]}
        columns = [column for column in spec.names() if column in reads]
        parts = []
        for index, manifest in enumerate(self.estate.manifests):
            table = self.tables.read(manifest, name, columns)
            first = index << _PART
            parts.append(table.append_column("#", pa.arange(first, first + table.num_rows)))
        none = empty(spec).select(columns).append_column("#", pa.array([], pa.int64()))
        return pa.concat_tables(parts) if parts else none

    def _picked(self, name: str, table: pa.Table, wanted: Collection[str]) -> pa.Table:
        laid = overlay_names(name) & set(wanted)
        if not laid:
            return table
        whole = self.overlays.lay(name, table, laid, {})
        return whole.select([*table.column_names, *sorted(laid - set(table.column_names))])

    def _says_admin(self, name: str, wanted: Collection[str]) -> bool:
        return name in ADMIN_COLUMNS and ADMIN_COLUMNS[name][0] in wanted

    @cached_property
    def _guarded(self) -> Guarded:
        return guarded_accounts(self.tables, self.estate.manifests)

    @cached_property
    def _sharing(self) -> set[str]:
        """Providers of which one tells of another's people."""
        known = {manifest.scope.provider for manifest in self.estate.manifests}
        served = {name for name in known if self.workspace.provider(name).directories}
        return served | {one for name in served for one in self.workspace.provider(name).directories}

    @cached_property
    def _by_name(self) -> set[str]:
        """Providers whose ids nobody knows by heart: those that share people, and directories that stand alone."""
        known = {manifest.scope.provider for manifest in self.estate.manifests}
        told = {one for provider in self.workspace.providers().values() for one in provider.directories}
        return self._sharing | (known & told)

    def ours(self) -> tuple[set[str], set[str]]:
        """Ids of the accounts and organizations that are ours: those with a snapshot, and those that snapshots name."""
        scopes = self.facts("scopes").select(["id", "kind", "tenant"]).to_pylist()
        scoped = {(manifest.scope.kind, manifest.scope.id) for manifest in self.estate.manifests}
        named = (
            scoped
            | {(one["kind"], one["id"]) for one in scopes}
            | {("organization", one["tenant"]) for one in scopes if one["tenant"]}
        )
        accounts = {id for _, id in scoped} | {id for kind, id in named if kind != "organization"}
        return accounts, {id for kind, id in named if kind == "organization"}

    def with_actions(self, grants: pa.Table) -> pa.Table:
        """Grants with the action patterns of their documents.

        Not stored with each grant: documents are shared by many, and their lists would outweigh everything else.
        """
        parts = [self.tables.read(manifest, "documents", ["hash", "actions"]) for manifest in self.estate.manifests]
        if not parts:
            return with_overlay("grants", grants)
        documents = pa.concat_tables(parts)
        at = pc.index_in(grants["document"], value_set=documents["hash"].combine_chunks())
        found = documents["actions"].combine_chunks().take(at.combine_chunks())
        return with_overlay(
            "grants", grants, {"actions": pc.if_else(pc.is_null(found), pa.scalar([], found.type), found)}
        )

    def with_names(self, grants: pa.Table) -> pa.Table:
        """Grants with names of principals and bundles, or their ids where nothing names them; see `named`."""
        concerned = pc.is_in(grants["provider"], value_set=pa.array(sorted(self._by_name), pa.string()))
        columns = {}
        for column, table, of in (("principal_name", "identities", "principal"), ("policy_name", "policies", "policy")):
            parts = [
                self.tables.read(one, table, ["id", "name"])
                for one in self.estate.manifests if one.scope.provider in self._by_name
            ]  # fmt: skip
            ids = grants[of].cast(pa.string())
            names = ids
            if parts:
                known = pa.concat_tables(parts)
                known = known.filter(pc.not_equal(known["name"].cast(pa.string()), ""))
                at = pc.index_in(ids, value_set=known["id"].cast(pa.string()).combine_chunks())
                names = pc.coalesce(known["name"].cast(pa.string()).combine_chunks().take(at.combine_chunks()), ids)
            columns[column] = pc.if_else(concerned, names, "")
        return with_overlay("grants", grants, columns)

    def named(self, rows: Sequence[dict[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
        """Rows with names of principals, groups and bundles; null of providers whose ids are what people know.

        Args:
            rows: rows of a list.
            names: the column of each id's name, by the id's column.
        """
        concerned = [one for one in rows if one["provider"] in self._by_name]
        wanted = {id for one in concerned for column in names if column != "policy" for id in _several(one[column])}
        bundles = {one["policy"] for one in concerned}
        people: dict[str, str] = {}
        policies: dict[str, str] = {}
        for manifest in self.estate.manifests if wanted else ():
            if manifest.scope.provider in self._by_name:
                people |= _names(self.tables.read(manifest, "identities", ["id", "name"]), wanted)
                policies |= _names(self.tables.read(manifest, "policies", ["id", "name"]), bundles)
        found = []
        for one in rows:
            ours = one["provider"] in self._by_name
            told = {name: _called(one[column], policies if column == "policy" else people)
                    for column, name in names.items()}  # fmt: skip
            found.append(one | (told if ours else dict.fromkeys(told)))
        return found

    def shown_names(self, providers: pa.ChunkedArray, ids: pa.ChunkedArray, column: str) -> pa.Array:
        """The names that `named` shows for a column of ids, by the provider of each row."""
        parts = [
            self.tables.read(one, "policies" if column == "policy" else "identities", ["id", "name"])
            for one in self.estate.manifests if one.scope.provider in self._by_name
        ]  # fmt: skip
        several = pa.types.is_list(ids.type)
        concerned = pc.is_in(providers, value_set=pa.array(sorted(self._by_name), pa.string())).combine_chunks()
        if not parts or not pc.any(concerned).as_py():
            return pa.nulls(len(ids), ids.type if several else pa.string())
        known = pa.concat_tables(parts).select(["id", "name"]).cast(pa.schema([("id", "string"), ("name", "string")]))
        known = known.filter(pc.and_(pc.not_equal(known["name"], ""), pc.not_equal(known["name"], known["id"])))
        if several:
            names = dict(zip(known["id"].to_pylist(), known["name"].to_pylist(), strict=True))
            told = zip(ids.to_pylist(), concerned.to_pylist(), strict=True)
            return pa.array([_called(one, names) if ours else None for one, ours in told], ids.type)
        # The last name of an id counts.
        known = known.take(pa.arange(known.num_rows - 1, -1, -1))
        at = pc.index_in(ids.cast(pa.string()).combine_chunks(), value_set=known["id"].combine_chunks())
        names_of = known["name"].combine_chunks().take(at)
        return pc.if_else(concerned, names_of, pa.scalar(None, pa.string()))

    def gaps(self) -> list[tuple[EstateEntry, Coverage]]:
        """Every collection gap of the estate, unreadable scopes included."""
        found = []
        for entry in self.estate.entries:
            found += [(entry, one) for one in self._unserved(entry)]
            held = entry.manifest.coverage if entry.manifest else ()
            found += [(entry, one) for one in held if one.status is not CoverageStatus.OK]
            if entry.stale:
                affects = "everything newer" if entry.manifest else "everything in it"
                found.append(
                    (entry, Coverage("scope", entry.scope.id, CoverageStatus.DENIED, entry.stale_reason, affects))
                )
        return found

    def _unserved(self, entry: EstateEntry) -> list[Coverage]:
        """The gap of a snapshot whose groups and people another provider tells of, where that is not in the estate."""
        if entry.manifest is None or not self.workspace.provider(entry.scope.provider).directories:
            return []
        if self.tables.directories(entry.manifest):
            return []
        told = [self.workspace.provider(one) for one in self.workspace.provider(entry.scope.provider).directories]
        detail = f"no snapshot of {' or '.join(one.title for one in told)}"
        affects = "who is in groups, and so holds what they are given; names and states of principals"
        return [Coverage("directory", "members", CoverageStatus.NOT_TRIED, detail, affects)]

    def header(self) -> dict[str, Any]:
        """The `estate` part of every answer: its time, the age of its oldest part, and what of estate.yaml was used."""
        return header_of(self.estate, self.file, sorted(self.overlays.used))

    def coverage(self) -> dict[str, Any]:
        """The `coverage` part of every answer."""
        gaps = self.gaps()
        unreadable = [entry.scope.key for entry in self.estate.entries if entry.manifest is None]
        return {"scopes": len(self.estate.entries), "unreadable": unreadable, "gaps": len(gaps)}


def open_estate(workspace: Workspace, at: datetime | None = None, snapshot: str | None = None) -> OpenEstate:
    """The estate at a time (default: now), or one snapshot alone. Raises NotFoundError, UsageError, EstateFileError."""
    if at is not None and snapshot is not None:
        raise UsageError("--at and --snapshot exclude each other")
    file = read_estate_file(workspace.estate_path) or EstateFile(version=1)
    if snapshot is not None:
        manifest = workspace.store.get(snapshot)
        return OpenEstate(workspace, Estate(manifest.time, (EstateEntry(manifest, manifest.scope),)), file)
    moment = at or workspace.now()
    return OpenEstate(workspace, workspace.store.estate(moment), file)


def _several(ids: Any) -> Sequence[str]:
    """The ids in a cell."""
    return ids if isinstance(ids, list) else [ids] if ids else []


def _called(ids: Any, names: Mapping[str, str]) -> Any:
    """The name of an id, None where none is known; of a list of ids the names, or the ids where none is known."""
    return [names.get(one, one) for one in ids] if isinstance(ids, list) else names.get(ids)


def _names(table: pa.Table, wanted: Collection[str]) -> dict[str, str]:
    """The names of some ids, where they are other than these."""
    kept = table.filter(pc.is_in(table["id"], value_set=pa.array(sorted(wanted), pa.string())))
    told = zip(kept["id"].to_pylist(), kept["name"].to_pylist(), strict=True)
    return {id: name for id, name in told if name and name != id}


def _once(table: pa.Table) -> pa.Table:
    """Services and identities elsewhere stand in every snapshot whose trusts name them: keep one, or the real one."""
    outside = pc.is_in(table["kind"], value_set=pa.array(["provider_service", "external"]))
    if not pc.any(outside).as_py():
        return table
    rows = pc.indices_nonzero(outside).to_pylist()
    ids = table["id"].take(rows).to_pylist()
    real = pc.is_in(pa.array(ids), value_set=table["id"].filter(pc.invert(outside))).to_pylist()
    seen: set[str] = set()
    drop = []
    for row, id, known in zip(rows, ids, real, strict=True):
        if known or id in seen:
            drop.append(row)
        seen.add(id)
    if not drop:
        return table
    return table.filter(pc.invert(pc.is_in(pa.arange(0, table.num_rows), value_set=pa.array(drop, pa.int64()))))
