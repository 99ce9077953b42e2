"""The views that questions in SQL see: what a row is, what each column says, and how it is made when it is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from leastwise.detection.overlay import SUBJECT_OF
from leastwise.engine.columns import arrow_schema, empty
from leastwise.engine.columns import table as declared_table
from leastwise.errors import NotFoundError
from leastwise.model.naming import Naming
from leastwise.model.tables import BY_NAME, Column, TableSpec
from leastwise.model.tables.usage import CHANGES, EVENTS, SESSIONS, SIGHTINGS, USAGE
from leastwise.model.tables.worked_out import COVERAGE_VIEW, CREEP, DORMANT, FINDINGS, GAP, LOGS
from leastwise.rules.views import OVERLAYS

from .estate import OpenEstate, open_estate
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.store.sql.confined import Confined

    from .gaps import Gaps, Told

_PLACE = (Column("provider", "string", "provider"), Column("scope", "string", "scope whose snapshot says so"))
_LISTS = {
    "principals": "identities", "grants": "grants", "credentials": "credentials_view", "trusts": "trusts_view",
    "resources": "resources_view", "requests": "requests_view",
}  # fmt: skip
_FACTS = ("scopes", "policies", "documents", "statements", "attachments", "memberships", "assignments", "runs_as")
_POINTS = {"policies": "document", "statements": "document", "attachments": "document"}
"""Columns that point at a row of `documents` of the same snapshot: told by that document's hash instead."""


@dataclass
class Sources:
    """Where views come from; what is opened is opened once, when a view needs it.

    Args:
        at: the estate's time; None for now.
        snapshot: a snapshot that is asked alone.
        window: of the gap, as in `90d`.
        principals: only of these is the gap worked out; empty for all.
    """

    workspace: Workspace
    at: datetime | None = None
    snapshot: str | None = None
    window: str | None = None
    principals: Sequence[str] = ()
    note: Callable[[str], None] = field(default=lambda _: None)

    @cached_property
    def estate(self) -> OpenEstate:
        """The estate. Raises as `open_estate` does."""
        return open_estate(self.workspace, self.at, self.snapshot)

    @cached_property
    def gap(self) -> Gaps:
        """The gaps of all providers. Raises UsageError where the estate has nothing to ask about."""
        from .each import open_each
        from .gaps import Gaps

        askings = open_each(self.workspace, self.at, self.snapshot, self.note, apart=True)
        return Gaps.opened(self.workspace, askings, self.window)

    @cached_property
    def summaries(self) -> list[Told]:
        """Every principal in numbers."""
        return self.gap.everyone()[0]

    @property
    def opened(self) -> OpenEstate | None:
        """The estate if a view needed it."""
        return self.estate if {"estate", "gap"} & vars(self).keys() else None


@dataclass(frozen=True)
class View:
    """One view.

    Args:
        row: what one row is.
        columns: its columns, in order.
        add: puts it into the database.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    add: Callable[[Confined, Sources], None]


def views() -> dict[str, View]:
    """Every view by name, those of the estate first."""
    made = [_list_view(name, table) for name, table in _LISTS.items()]
    made += [_view(GAP, _add_gap), _view(CREEP, _add_creep)]
    made += [_lake_view(USAGE, counted=True), _lake_view(EVENTS), _view(FINDINGS, _add_findings)]
    made += [_view(DORMANT, _add_dormant), _lake_view(SIGHTINGS, counted=True), _lake_view(CHANGES)]
    made += [_lake_view(SESSIONS), _view(LOGS, _add_logs), _view(COVERAGE_VIEW, _add_coverage)]
    made += [_fact_view(name) for name in _FACTS]
    return {one.name: one for one in made}


def _view(spec: TableSpec, add: Callable[[Confined, Sources], None]) -> View:
    return View(spec.name, spec.row, spec.columns, add)


# --- the estate


def _list_view(name: str, table: str) -> View:
    spec, laid = BY_NAME[table], OVERLAYS[SUBJECT_OF[table]]
    over = {one.name: one for one in laid}
    columns = [over.pop(one.name, one) for one in spec.columns]
    return View(name, spec.row, (*columns, *over.values()), partial(_add_list, name=name, table=table))


def _add_list(into: Confined, sources: Sources, *, name: str, table: str) -> None:
    found = sources.estate.view(table)
    into.add_table(name, _told(sources.estate, found) if table == "grants" else found)


def _told(estate: OpenEstate, grants: pa.Table) -> pa.Table:
    """Grants with what other tables tell of their documents, principals and bundles."""
    return estate.with_names(estate.with_actions(grants))


def _fact_view(name: str) -> View:
    columns = [*_PLACE]
    for one in BY_NAME[name].columns:
        if one.name == _POINTS.get(name):
            one = Column("document", "string", "hash of the document; null when it is not known", True)
        elif one.kind == "binary":
            one = Column(one.name, "string", one.doc, one.optional)
        columns.append(one)
    return View(name, BY_NAME[name].row, tuple(columns), partial(_add_facts, name=name))


def _add_facts(into: Confined, sources: Sources, *, name: str) -> None:
    estate, parts = sources.estate, []
    for manifest in estate.estate.manifests:
        table = estate.tables.read(manifest, name)
        if pointer := _POINTS.get(name):
            hashes = estate.tables.read(manifest, "documents", ["hash"])["hash"].combine_chunks()
            table = _with(table, pointer, hashes.take(table[pointer].combine_chunks()))
        for one in BY_NAME[name].columns:
            if one.kind == "binary":
                texts = [value and value.decode("utf-8", "replace") for value in table[one.name].to_pylist()]
                table = _with(table, one.name, pa.array(texts, pa.string()))
        for place, (column, value) in enumerate((("provider", manifest.scope.provider), ("scope", manifest.scope.id))):
            table = table.add_column(place, column, pa.repeat(pa.scalar(value), table.num_rows))
        parts.append(table.replace_schema_metadata(None))
    spec = TableSpec(name, "", views()[name].columns)
    into.add_table(name, pa.concat_tables(parts) if parts else empty(spec))


def _with(table: pa.Table, name: str, column: Any) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _add_coverage(into: Confined, sources: Sources) -> None:
    from .inventory import list_coverage

    _add_rows(into, COVERAGE_VIEW, list_coverage(sources.estate).items)


def _add_findings(into: Confined, sources: Sources) -> None:
    from .posture import find

    rows = []
    for one in find(sources.workspace, sources.at, sources.snapshot, with_muted=True).rows:
        told = one.to_json()
        muted = told["muted"] or {}
        rows.append(
            told
            | {
                "evidence": json.dumps(told["evidence"], ensure_ascii=False, default=str),
                "owner": told["owner"] or None,
                "muted": bool(muted),
                "muted_reason": muted.get("reason"),
                "muted_until": muted.get("until"),
            }
        )
    sources.estate  # noqa: B018 - findings are of the estate: the answer says so
    _add_rows(into, FINDINGS, rows)


# --- what is used of it


def _add_gap(into: Confined, sources: Sources) -> None:
    schema = arrow_schema(GAP)
    into.add_batches(GAP.name, schema, _gap_batches(sources, schema))


def _gap_batches(sources: Sources, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The gap of each principal, one after the other: of many, not all are held at once."""
    for told, naming in _gaps(sources):
        rows = [_gap_row(told, item, naming) for item in told["items"]]
        found = {name: [row[name] for row in rows] for name in GAP.names()}
        yield from declared_table(GAP, found).combine_chunks().cast(schema).to_batches()


def _gaps(sources: Sources) -> Iterator[tuple[Mapping[str, Any], Naming]]:
    from leastwise.engine.quiet import without_collector
    from leastwise.model.decision import Circumstances

    by = {one.asking.key: one for one in sources.gap.members}
    named = [(gap, one) for one in sources.principals for gap in sources.gap.about(one).members]
    if not named:
        told = [one for one in sources.summaries if not one.summary.unread]
        named = [(by[one.key], one.summary.principal) for one in told]
    if len(named) > _MANY:
        sources.note(f"working out the gap of {len(named)} principals, one by one (--principal names some)")
    with without_collector():
        for gap, principal in named:
            yield gap.gap_values(gap.of(principal, Circumstances())), gap.facts.naming


_MANY = 300


def _gap_row(told: Mapping[str, Any], item: Mapping[str, Any], naming: Naming) -> dict[str, Any]:
    from leastwise.usage.creep import WEIGHTS, reach

    times = {name: _moment(item[name]) for name in ("first_used", "last_used", "service_used")}
    known = {"weight": float(WEIGHTS[item["sensitivity"]]), "reach": reach(item["resources"], naming)}
    whose = {name: told[name] for name in ("provider", "principal", "account")}
    return {**item, **times, **known, **whose}


def _add_creep(into: Confined, sources: Sources) -> None:
    from .gap import summary_values

    rows = []
    for one in sources.summaries:
        told = summary_values(one.summary, one.provider)
        index = told["creep"] or {}
        rows.append(
            told
            | {
                "creep": index.get("index"),
                "at_most": index.get("at_most"),
                "last_used": _moment(told["last_used"]),
            }
        )
    _add_rows(into, CREEP, rows)


def _add_dormant(into: Confined, sources: Sources) -> None:
    from .dormant import idle_values

    rows = idle_values(sources.estate, sources.window, (), ())["items"]
    _add_rows(into, DORMANT, [one | {"last_used": _moment(one["last_used"])} for one in rows])


# --- the lake


def _lake_view(spec: TableSpec, *, counted: bool = False) -> View:
    columns = [Column("day", "date", "day, UTC") if one.name == "day" else one for one in spec.columns]
    return View(spec.name, spec.row, tuple(columns), partial(_add_lake, spec=spec, counted=counted))


_DAY = "DATE '1970-01-01' + day"


def _add_lake(into: Confined, sources: Sources, *, spec: TableSpec, counted: bool) -> None:
    from leastwise.store.lake.files import table_files

    paths = table_files(sources.workspace.home, sources.workspace.lake.manifest, spec.name)
    selects = _summed(spec) if counted else "SELECT * FROM {files}"
    if paths:
        into.add_files(spec.name, paths, selects)
    else:
        into.add_empty(spec.name, empty(spec), selects)


def _summed(spec: TableSpec) -> str:
    """The SELECT that adds up the counts of parts: a row for each key, whatever the parts."""
    keys, told = [], []
    for one in spec.columns:
        name = _name(one.name)
        if one.name in ("count", "denied", "unknown"):
            told.append(f"CAST(sum({name}) AS BIGINT) AS {name}")
        elif one.kind == "time":
            told.append(f"{'min' if one.name.startswith('first') else 'max'}({name}) AS {name}")
        else:
            keys.append(name)
            told.append(f"{_DAY} AS day" if one.name == "day" else name)
    return f"SELECT {', '.join(told)} FROM {{files}} GROUP BY {', '.join(keys)}"  # noqa: S608 - declared names


def _name(text: str) -> str:
    return f'"{text}"'


def _add_logs(into: Confined, sources: Sources) -> None:
    rows = [{name: getattr(one, name) for name in LOGS.names()} for one in sources.workspace.lake.spans()]
    _add_rows(into, LOGS, rows)


# ---


def _add_rows(into: Confined, spec: TableSpec, rows: Iterable[Mapping[str, Any]]) -> None:
    held = list(rows)
    into.add_table(spec.name, declared_table(spec, {name: [row[name] for row in held] for name in spec.names()}))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def chosen_views(names: Iterable[str]) -> list[View]:
    """Views by name, in the order given. Raises NotFoundError."""
    known = views()
    found = []
    for name in names:
        if name.lower() not in known:
            raise NotFoundError(f"sql: no view {name}; there are {', '.join(known)}")
        found.append(known[name.lower()])
    return found
