"""Azure. `PROVIDER` is the only public name; what it needs is imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.model.conformance import CaseVerdict
from leastwise.model.scope import Collected, RawDocument
from leastwise.providers.base import Catalog, CatalogPart, Progress, Provider

if TYPE_CHECKING:
    import pyarrow as pa


def _recognises(path: Path) -> bool:
    """Exports of Azure are not read yet."""
    return False


def _read_exports(
    paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
) -> list[Collected]:
    return []


def _translate(collected: Collected) -> Mapping[str, pa.Table]:
    """Every fact table, without a row: no document of Azure is read, so none can tell a fact."""
    from leastwise.model.tables import FACT_TABLES
    from leastwise.providers.rows import Rows

    return {spec.name: Rows(spec).to_table() for spec in FACT_TABLES}


def _redact(document: RawDocument, key: bytes) -> bytes:
    return document.body


def _use_catalog(folder: Path | None) -> object:
    from .catalog import use

    return use(folder)


def _catalog_parts() -> Sequence[CatalogPart]:
    from .catalog.update import parts

    return parts()


def _compile_catalog(source: Path | None, scratch: Path, today: str) -> bytes:
    from .catalog.update import compiled

    return compiled(source, scratch, today)


def _conform_ask(case: Mapping[str, Any], folder: Path) -> CaseVerdict:
    from .conform.ask import run

    return run(case, folder)


PROVIDER = Provider(
    "azure",
    "Azure",
    _recognises,
    _read_exports,
    _translate,
    _redact,
    catalog=Catalog("facts.lwc", _use_catalog, _catalog_parts, _compile_catalog),
    conform={"ask": _conform_ask},
)
