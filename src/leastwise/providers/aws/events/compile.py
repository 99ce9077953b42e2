"""Compile the tables of events: `data/events/*.yaml`, and what iam-dataset's map adds to the catalogue.

Our own rows come first; the map fills in what neither they nor the catalogue say. It was made for the SDK's methods, so
only what concerns a service of the catalogue is taken, and nothing that the catalogue does not list. The same sources
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from leastwise.errors import InputError
from leastwise.providers.aws.catalog import Catalog
from leastwise.providers.aws.catalog.facts import Source
from leastwise.providers.aws.catalog.packed import FORMAT, Header, pack

from .outcomes import plain
from .tables import OUTCOMES, PASSING, SOURCES, TOUCHING, Bucket, PassedTo, Passing, Row, Touch, Touching, When

PASS_ROLE = "iam:PassRole"  # noqa: S105
_OTHERS = ("s3",)
"""Services of which the map mixes several APIs under one name (S3, S3 Control, S3 on Outposts): our rows are whole."""
_LOGGED_AS = {"keyspaces": "cassandra"}
"""Services of the map whose events have another source.

https://docs.aws.amazon.com/keyspaces/latest/devguide/logging-using-cloudtrail.html
"""
_KINDS = {"free": "free", "signs_in": "sign_in", "made_by_service": "service"}

OWN = Source("leastwise", "1", "Apache-2.0", "", "")


class Map(msgspec.Struct):
    """iam-dataset's map, as the shared catalogue keeps it: what is not the permission of the method's own name."""

    event_source_exceptions: dict[str, str]
    non_identity: dict[str, dict[str, list[str]]]


def compile_events(folder: Path, map: Map, about: Source, catalog: Catalog) -> bytes:
    """The file of the tables. Raises InputError when a table names what the catalogue does not list."""
    own = own_rows(folder, catalog)
    blocks = fixed_blocks(folder, catalog)
    sources = {source: list(prefixes) for source, prefixes in _own_sources(folder).items()}
    for source, prefix in map.event_source_exceptions.items():
        if catalog.service(prefix) is not None:
            sources.setdefault(source, [prefix])
    blocks[SOURCES] = _encoded(sources)
    counts = {"own": sum(len(rows) for rows in own.values()), "map": 0}
    methods = {_LOGGED_AS.get(service, service): told for service, told in map.non_identity.items()}
    for source in sorted({*own, *methods}):
        rows = dict(own.get(source, {}))
        for name, permissions in sorted(methods.get(source, {}).items()):
            row = mapped(catalog, source, name, permissions)
            if name not in rows and source not in _OTHERS and row is not None:
                rows[name] = row
                counts["map"] += 1
        if rows:
            blocks[source] = _encoded(rows)
    header = Header(
        format=FORMAT,
        sources=[OWN, about],
        counts=counts,
        differences={},
        rcp=[],
        global_keys={},
        aliases={},
        blocks={},
    )
    return pack(header, dict(sorted(blocks.items())))


def own_rows(folder: Path, catalog: Catalog) -> dict[str, dict[str, Row]]:
    """The rows of `names.yaml`, by event source and the event's name in lower case."""
    found: dict[str, dict[str, Row]] = {}
    for group in _read(folder / "names.yaml"):
        rows = found.setdefault(group["source"], {})
        for name, told in group.get("calls", {}).items():
            rows[name.lower()] = _row(folder / "names.yaml", catalog, told, " ".join(group["why"].split()))
        for word, kind in _KINDS.items():
            for name in group.get(word, ()):
                rows[name.lower()] = Row(kind, why=" ".join(group["why"].split()))
    return found


def mapped(catalog: Catalog, source: str, name: str, permissions: Sequence[str]) -> Row | None:
    """What the map tells of a method besides the catalogue, or None: nothing, or of no service of the catalogue."""
    service = catalog.service(source)
    if service is None:
        return None
    known = [one.name for text in permissions if (one := catalog.action(text)) is not None]
    same = service.action(name)
    if same is not None:
        also = sorted({*known} - {same.name, *same.dependent})
        return Row("call", [same.name], also=also) if also and same.name in known else None
    needs = [one for one in known if one.startswith(f"{source}:")] or [one for one in known if one != PASS_ROLE]
    return Row("call", sorted(needs), also=sorted({*known} - {*needs})) if needs else None


def fixed_blocks(folder: Path, catalog: Catalog) -> dict[str, bytes]:
    """The blocks that come of our own tables alone."""
    outcomes = {plain(code): group["outcome"] for group in _read(folder / "outcomes.yaml") for code in group["codes"]}
    told = _read(folder / "passing.yaml")
    further = {_known(folder / "passing.yaml", catalog, one["call"]): one["why"] for one in told["further"]}
    services = [PassedTo(one["call"], one.get("parameter", ""), one["service"]) for one in told["services"]]
    for one in services:
        if not one.call.endswith(":*"):
            _known(folder / "passing.yaml", catalog, one.call)
    touching = _touching(folder / "resources.yaml", catalog)
    return {
        OUTCOMES: _encoded(outcomes),
        PASSING: _encoded(Passing(further, services)),
        TOUCHING: _encoded(touching),
    }


def _touching(file: Path, catalog: Catalog) -> Touching:
    told = _read(file)
    rules: dict[str, list[Touch]] = {}
    for prefix, listed in told["rules"].items():
        for one in listed:
            calls = [_known(file, catalog, f"{prefix}:{name}") for name in one.get("calls", ())]
            path = one["path"].split(".")
            rules.setdefault(prefix, []).append(
                Touch(calls, path, one.get("arn", ""), one.get("form", ""), one.get("named", ""))
            )
    buckets = {
        prefix: [Bucket(one["pattern"], one["put"]) for one in listed] for prefix, listed in told["buckets"].items()
    }
    return Touching(rules, {prefix: list(types) for prefix, types in told["never"].items()}, buckets)


def _own_sources(folder: Path) -> Mapping[str, Iterable[str]]:
    return {one["source"]: one["prefixes"] for one in _read(folder / "sources.yaml")}


def _row(file: Path, catalog: Catalog, told: Any, why: str) -> Row:
    if not isinstance(told, dict):
        return Row("call", _names(file, catalog, told), why=why)
    when = [
        When(
            one.get("has") or one["lacks"],
            "has" in one,
            _names(file, catalog, one.get("instead", [])),
            _names(file, catalog, one.get("add", [])),
        )
        for one in told.get("when", ())
    ]
    needs, possible = (_names(file, catalog, told.get(part, [])) for part in ("needs", "possible"))
    return Row("call", needs, possible, when, why=why)


def _names(file: Path, catalog: Catalog, told: str | list[str]) -> list[str]:
    return [_known(file, catalog, one) for one in ([told] if isinstance(told, str) else told)]


def _known(file: Path, catalog: Catalog, name: str) -> str:
    """A permission as the catalogue writes it."""
    found = catalog.action(name)
    if found is None:
        raise InputError(file, f"names {name}, which the catalogue does not list")
    return found.name


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def _encoded(value: object) -> bytes:
    return msgspec.json.encode(value, order="deterministic")
