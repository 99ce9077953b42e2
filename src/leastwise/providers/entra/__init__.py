"""Microsoft Entra ID. `PROVIDER` is the only public name; what it needs is imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.model.conformance import CaseVerdict
from leastwise.model.scope import Collected, RawDocument
from leastwise.providers.base import Catalog, CatalogPart, Progress, Provider
from leastwise.providers.collecting.lazily import collector_of

if TYPE_CHECKING:
    import pyarrow as pa


def _recognises(path: Path) -> bool:
    from .exports.read import recognises

    return recognises(path)


def _read_exports(
    paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
) -> list[Collected]:
    from .exports.read import read_exports

    return read_exports(paths, taken, progress)


def _translate(collected: Collected) -> Mapping[str, pa.Table]:
    from .translate import translate

    return translate(collected)


def _redact(document: RawDocument, key: bytes) -> bytes:
    from .exports.redact import redact

    return redact(document, key)


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
    "entra",
    "Microsoft Entra ID",
    _recognises,
    _read_exports,
    _translate,
    _redact,
    collector=collector_of("leastwise.providers.entra.collect"),
    catalog=Catalog("facts.lwc", _use_catalog, _catalog_parts, _compile_catalog),
    conform={"ask": _conform_ask},
)
