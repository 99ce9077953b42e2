"""The estate as questions see it: the read models of every scope in force, with what estate.yaml adds."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.detection.overlay import with_overlay
from leastwise.engine.columns import empty
from leastwise.errors import UsageError
from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.model.snapshot import Estate, EstateEntry
from leastwise.model.tables import BY_NAME
from leastwise.store.readmodels import limit_admin

from .estate_file import EstateFile, read_estate_file
from .guardrails import guarded_accounts
from .reading import Tables
from .wiring import Workspace


@dataclass
class OpenEstate:
    """An estate opened for questions; `used` collects which parts of estate.yaml an answer rests on."""

    workspace: Workspace
    estate: Estate
    file: EstateFile
    used: set[str] = field(default_factory=set)

    @cached_property
    def tables(self) -> Tables:
        """The tables of its snapshots."""
        return Tables(self.workspace)

    @property
    def clock(self) -> datetime:
        """The time that ages count from: the clock of estate.yaml, else the newest snapshot, else now."""
        newest = max((manifest.time for manifest in self.estate.manifests), default=None)
        stated = self.file.clock
        if stated is not None and (newest is None or newest <= stated) and self.estate.time >= stated:
            return stated
        return newest or self.estate.time

    def facts(self, name: str) -> pa.Table:
        """A fact table of every snapshot in force, with columns `provider` and `scope` in front."""
        parts = []
        for manifest in self.estate.manifests:
            table = self.tables.read(manifest, name)
            for index, (column, value) in enumerate(
                (("provider", manifest.scope.provider), ("scope", manifest.scope.id))
            ):
                table = table.add_column(index, column, pa.repeat(pa.scalar(value), table.num_rows))
            parts.append(table)
        return pa.concat_tables(parts) if parts else empty(BY_NAME[name])

    def view(self, name: str) -> pa.Table:
        """A read model of the whole estate, overlay columns included."""
        parts = [self.tables.read(manifest, name) for manifest in self.estate.manifests]
        table = pa.concat_tables(parts) if parts else empty(BY_NAME[name])
        if name == "identities":
            table = limit_admin(_once(table), guarded_accounts(self.tables, self.estate.manifests))
        return self._overlay(name, table)

    def _overlay(self, name: str, table: pa.Table) -> pa.Table:
        columns: dict[str, Any] = {}
        if name != "trusts_view":
            columns |= self._named(name, table)
        else:
            columns["external_trusted"] = self._trusted(table)
        columns["owner"] = self._owners(name, table)
        if name == "identities":
            columns["leaver"] = self._leavers(table)
        return with_overlay(name, table, columns)

    def _named(self, name: str, table: pa.Table) -> dict[str, Any]:
        file = self.file
        if name == "resources_view":
            meant = globs(table["id"], [one.resource for one in file.public_on_purpose])
            if pc.any(meant).as_py():
                self.used.add("public_on_purpose")
            sensitivity = [""] * table.num_rows
            for index, id in enumerate(table["id"].to_pylist()) if file.crown_jewels else ():
                for jewel in file.crown_jewels:
                    if fnmatch.fnmatchcase(id, jewel.resource):
                        sensitivity[index] = jewel.sensitivity
                        self.used.add("crown_jewels")
            return {"public_meant": meant, "sensitivity": sensitivity}
        subject = "id" if name == "identities" else "principal"
        protected = globs(table[subject], file.break_glass)
        if pc.any(protected).as_py():
            self.used.add("break_glass")
        return {"protected": protected}

    def _owners(self, name: str, table: pa.Table) -> pa.Array:
        """The first matching owner of each row; a tag keeps the team that the tag names."""
        subject = {"identities": "id", "resources_view": "id"}.get(name, "principal")
        tagged = table["owner"] if "owner" in table.column_names else pa.nulls(table.num_rows, pa.string())
        owner = pa.nulls(table.num_rows, pa.string())
        used = False
        for rule in self.file.owners:
            match = rule.match
            if match.path:
                continue
            holds = pc.is_null(owner)
            for column, glob in ((subject, match.principal or match.resource), ("account", match.account)):
                if glob:
                    holds = pc.and_(holds, globs(table[column], [glob]))
            if match.tag:
                holds = pc.and_(holds, pc.is_valid(tagged))
            team = tagged if rule.team == "*" else pa.scalar(rule.team, pa.string())
            used = used or bool(pc.any(holds).as_py())
            owner = pc.if_else(holds, team, owner)
        if used:
            self.used.add("owners")
        return pc.coalesce(owner, tagged)

    def _trusted(self, table: pa.Table) -> pa.Array:
        zone = set(self.file.zone_of_trust.accounts)
        ours = {manifest.scope.id for manifest in self.estate.manifests}
        scopes = self.facts("scopes")
        if zone:
            self.used.add("zone_of_trust")
        ours |= {
            id
            for id, kind in zip(scopes["id"].to_pylist(), scopes["kind"].to_pylist(), strict=True)
            if kind == "account"
        }
        return pc.is_in(table["subject_account"], value_set=pa.array(sorted(zone | ours), pa.string()))

    def _leavers(self, table: pa.Table) -> pa.Array:
        """True where another identity of the same person is disabled; null for identities of no known person."""
        person_of = {principal: person.name for person in self.file.people for principal in person.principals}
        if not person_of:
            return pa.nulls(table.num_rows, pa.bool_())
        known = pa.array(list(person_of), pa.string())
        linked = pc.or_(
            pc.is_in(table["id"], value_set=known), pc.fill_null(pc.is_in(table["mail"], value_set=known), False)
        )
        rows = pc.indices_nonzero(linked).to_pylist()
        picked = table.select(["id", "mail", "enabled"]).take(rows).to_pylist()
        people = [person_of.get(row["id"]) or person_of.get(row["mail"]) for row in picked]
        gone = {person for person, row in zip(people, picked, strict=True) if row["enabled"] is False}
        result: list[bool | None] = [None] * table.num_rows
        for row, person in zip(rows, people, strict=True):
            result[row] = person in gone
        if rows:
            self.used.add("people")
        return pa.array(result, pa.bool_())

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

    def gaps(self) -> list[tuple[EstateEntry, Coverage]]:
        """Every collection gap of the estate, unreadable scopes included."""
        found = []
        for entry in self.estate.entries:
            held = entry.manifest.coverage if entry.manifest else ()
            found += [(entry, one) for one in held if one.status is not CoverageStatus.OK]
            if entry.stale:
                affects = "everything newer" if entry.manifest else "everything in it"
                found.append(
                    (entry, Coverage("scope", entry.scope.id, CoverageStatus.DENIED, entry.stale_reason, affects))
                )
        return found

    def header(self) -> dict[str, Any]:
        """The `estate` part of every answer: its time, the age of its oldest part, and what of estate.yaml was used."""
        estate = self.estate
        return {
            "time": self.clock.isoformat(),
            "oldest": estate.oldest.isoformat() if estate.oldest else None,
            "snapshots": [manifest.id for manifest in estate.manifests],
            "stale": [entry.scope.key for entry in estate.entries if entry.stale],
            "estate_file": sorted(self.used),
        }

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


def globs(column: pa.ChunkedArray, wanted: Iterable[str]) -> pa.Array:
    """Which values equal, or match, one of the globs (`*`, `?`); null is no match."""
    patterns = ["".join({"*": ".*", "?": "."}.get(c) or re.escape(c) for c in one) for one in wanted]
    if not patterns:
        return pa.repeat(pa.scalar(False), len(column))
    found = pc.fill_null(pc.match_substring_regex(column, f"^(?:{'|'.join(patterns)})$"), False)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


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
    keep = pc.invert(pc.is_in(pa.array(range(table.num_rows)), value_set=pa.array(drop)))
    return table.filter(keep)


def account_names(file: EstateFile, scopes: Mapping[str, str]) -> dict[str, str]:
    """Names of accounts: those of estate.yaml before those of the vendor."""
    return dict(scopes) | {id: one.name for id, one in file.accounts.items() if one.name}
