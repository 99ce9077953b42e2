"""Azure. `PROVIDER` is the only public name; what it needs is imported when it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.providers.base import (
    Altered,
    Answering,
    Catalog,
    CatalogPart,
    Changing,
    Drawing,
    Escalating,
    Folder,
    Logs,
    Observing,
    Progress,
    Provider,
    ScopeTables,
    Told,
)
from leastwise.providers.collecting.lazily import collector_of
from leastwise.providers.lazily import coding_of, federating_of, halting_of, regranting_of, spelling_of

from .compiled import FORMAT

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.engine.access import Access, Relates
    from leastwise.engine.arrays import Arrays
    from leastwise.model.aliases import Aliases
    from leastwise.model.conformance import CaseVerdict
    from leastwise.model.decision import Reason
    from leastwise.model.gap import Kept
    from leastwise.model.kin import Kin
    from leastwise.model.naming import Naming, Places
    from leastwise.model.scope import Collected, Coverage, RawDocument
    from leastwise.model.shadows import Shadows
    from leastwise.providers.base.granting import Granting
    from leastwise.providers.fetching import Fetcher


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


def _gaps(collected: Collected) -> Sequence[Coverage]:
    from .exports.gaps import gaps

    return gaps(collected)


def _use_catalog(folder: Path | None) -> object:
    from .catalog import use

    return use(folder)


def _catalog_parts() -> Sequence[CatalogPart]:
    from .catalog.update import parts

    return parts()


def _compile_catalog(source: Path | None, scratch: Path, today: str) -> bytes:
    from .catalog.update import compiled

    return compiled(source, scratch, today)


def _begin_drawing() -> Drawing:
    from .events.drawing import Drawing

    return Drawing()


def _skips_log(name: str) -> str:
    from .events.files import skips

    return skips(name)


def _order_of_log(name: str) -> str:
    from leastwise.providers.logs.hourly import order

    return order(name)


def _called(id: str) -> Sequence[str]:
    from leastwise.providers.logs.hourly import in_lower_case

    return in_lower_case(id)


def _conform_ask(case: Mapping[str, Any], folder: Path) -> CaseVerdict:
    from .conform.ask import run

    return run(case, folder)


def _fetcher() -> Fetcher:
    from .collect.fetcher import FETCHER

    return FETCHER


_SCHEMES = ("activity://", "azblob://", "loganalytics://")
_OBSERVED = {
    "resources": ("id", "kind", "account", "details"),
    "scopes": ("id", "kind", "parent"),
    "coverage": ("service", "call", "account", "status"),
}
_KNOWN = {"principals": ("id", "kind", "native", "name", "mail", "unique_id")}
_ALTERING = frozenset(
    ("Microsoft.Insights/diagnosticSettings/write", "Microsoft.Insights/diagnosticSettings/delete",
     "Microsoft.KeyVault/vaults/write", "Microsoft.KeyVault/vaults/delete",
     "Microsoft.Resources/subscriptions/resourceGroups/delete",
     "Microsoft.Resources/subscriptions/resourceGroups/moveResources/action")
)  # fmt: skip
"""Permissions of the calls by which settings, and resources that have some, come, are altered and go."""


def _kept(told: Sequence[Told], folders: Sequence[Folder]) -> tuple[list[Kept], Mapping[str, str]]:
    from .observing import kept

    return kept(told, folders)


def _observability(told: Sequence[Told], kept: Sequence[Kept], altered: Sequence[Altered]) -> pa.Table:
    from .observing import observability

    return observability(told, kept, altered)


def _places(told: Told) -> Places:
    from .observing import places

    return places(told)


def _aliases(scopes: Sequence[ScopeTables]) -> Aliases:
    from .observing import aliases

    return aliases(scopes)


def _kinship() -> Callable[[str], Kin]:
    from leastwise.providers.microsoft.kin import kin

    return kin


def _sensitivity() -> Mapping[str, str]:
    from .sensitivity import sensitivity

    return sensitivity()


def _naming() -> Naming:
    from .naming import NAMING

    return NAMING


def _reads() -> Mapping[str, Sequence[str]]:
    from .compiled.columns import COLUMNS

    return COLUMNS


def _compile(scopes: Sequence[ScopeTables]) -> Arrays:
    from .compiled.compile import compile_estate

    return compile_estate(scopes)


def _access(arrays: Arrays, alone: Collection[str]) -> Access:
    from .compiled.port import AzurePort

    return AzurePort(arrays, alone)


def _relates(arrays: Arrays, alone: Collection[str]) -> Relates:
    from leastwise.providers.bulk.shaped import Shaped

    from .compiled.port import AzurePort

    return Shaped(AzurePort(arrays, alone))


def _shadow_reads() -> Mapping[str, Sequence[str]]:
    from .shadows import READS

    return READS


def _shaded(scopes: Sequence[ScopeTables]) -> tuple[Sequence[ScopeTables], Shadows]:
    from .shadows import shaded

    return shaded(scopes)


def _estate_of_rule(body: Mapping[str, Any]) -> tuple[Sequence[ScopeTables], Collection[str]]:
    from .conform.estates import scopes_of

    return scopes_of(body, _translate), ()


_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IDS = re.compile(rf"{_GUID}$|/(?:subscriptions|providers)/|/$", re.IGNORECASE)
_NOT_OURS = r"(?!microsoft\.(?:directory|intune|office365[.\w]*|azure\.\w+)/)"
"""What directory roles hold is written alike."""
_OPERATION = re.compile(
    rf"(?:data:)?{_NOT_OURS}[a-z0-9]+\.[a-z0-9.]+/.*\b(?:read|write|delete|action)\s*$", re.IGNORECASE
)


def _speaks(text: str, permission: bool) -> bool:
    """Whether a text is an object id or an id of Resource Manager, or an operation of a resource provider."""
    return (_OPERATION if permission else _IDS).match(text) is not None


def _sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    from .sides import sides

    return sides(permission, principal, resource, reasons)


def _granting() -> Granting:
    from .granting import Grants

    return Grants()


PROVIDER = Provider(
    "azure",
    "Azure",
    _recognises,
    _read_exports,
    _translate,
    _redact,
    gaps=_gaps,
    directories=("entra",),
    collector=collector_of("leastwise.providers.azure.collect"),
    catalog=Catalog(
        "facts.lwc",
        _use_catalog,
        _catalog_parts,
        _compile_catalog,
        frozenset({"authorization.providerOperations.list"}),
    ),
    logs=Logs(_begin_drawing, _skips_log, _order_of_log, _called, _fetcher, _SCHEMES, beside=("entra",)),
    conform={"ask": _conform_ask},
    kinship=_kinship,
    observing=Observing(_OBSERVED, _kept, _observability, _ALTERING, _sensitivity, _naming, _places, _aliases, _KNOWN),
    answering=Answering(f"azure-{FORMAT}", _reads, _compile, _access, _speaks, Changing(granting=_granting)),
    escalating=Escalating(_shadow_reads, _shaded, _relates, estate=_estate_of_rule, sides=_sides),
    offers=((frozenset({"authorization.roleEligibilityScheduleInstances.list"}), "which roles can be activated"),),
    federating=federating_of("leastwise.providers.microsoft.federating"),
    regranting=regranting_of("leastwise.providers.azure.regranting"),
    halting=halting_of("leastwise.providers.azure.halting"),
    coding=coding_of("leastwise.providers.azure.coded"),
    spelling=spelling_of("leastwise.providers.azure.spelling"),
)
