"""Microsoft Entra ID. `PROVIDER` is the only public name; what it needs is imported when it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
from leastwise.providers.lazily import coding_of, federating_of, halting_of, ids_of, regranting_of, spelling_of

from .compiled import FORMAT

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.engine.access import Access, Relates
    from leastwise.engine.arrays import Arrays
    from leastwise.model.aliases import Aliases
    from leastwise.model.choices import Choices
    from leastwise.model.conformance import CaseVerdict
    from leastwise.model.decision import Reason
    from leastwise.model.dormancy import Nouns
    from leastwise.model.gap import Kept
    from leastwise.model.kin import Kin
    from leastwise.model.naming import Naming
    from leastwise.model.scope import Collected, RawDocument
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


def _fetcher() -> Fetcher:
    from .collect.fetcher import FETCHER

    return FETCHER


def _visiting(home: Access, there: Access, who: str) -> Sequence[str]:
    from .compiled.port import EntraPort
    from .compiled.visiting import visiting

    assert isinstance(home, EntraPort) and isinstance(there, EntraPort)
    return visiting(home.compiled, there.compiled, who)


_SCHEMES = ("auditlogs://", "activityfeed://", "azblob://", "loganalytics://")
_OBSERVED = {
    "scopes": ("id", "kind"),
    "resources": ("id", "kind", "details"),
    "coverage": ("service", "call", "status", "detail"),
}
_KNOWN = {"principals": ("id", "kind", "native", "name", "mail", "unique_id")}


def _kept(told: Sequence[Told], folders: Sequence[Folder]) -> tuple[list[Kept], Mapping[str, str]]:
    from .observing import kept

    return kept(told, folders)


def _observability(told: Sequence[Told], kept: Sequence[Kept], altered: Sequence[Altered]) -> pa.Table:
    from .observing import observability

    return observability(told, kept, altered)


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


def _choices(uses: Iterable[tuple[str, str]]) -> Choices:
    from .observing.choosing import choices

    return choices(uses)


def _nouns() -> Nouns:
    from .reaching import NOUNS

    return NOUNS


def _conform_ask(case: Mapping[str, Any], folder: Path) -> CaseVerdict:
    from .conform.ask import run

    return run(case, folder)


def _reads() -> Mapping[str, Sequence[str]]:
    from .compiled.estate import COLUMNS

    return COLUMNS


def _compile(scopes: Sequence[ScopeTables]) -> Arrays:
    from .compiled.compile import compile_estate

    return compile_estate(scopes)


def _access(arrays: Arrays, alone: Collection[str]) -> Access:
    from .compiled.port import EntraPort

    return EntraPort(arrays, alone)


def _relates(arrays: Arrays, alone: Collection[str]) -> Relates:
    from leastwise.providers.bulk.shaped import Shaped

    from .compiled.port import EntraPort

    return Shaped(EntraPort(arrays, alone))


def _shadow_reads() -> Mapping[str, Sequence[str]]:
    from .shadows import READS

    return READS


def _shaded(scopes: Sequence[ScopeTables]) -> tuple[Sequence[ScopeTables], Shadows]:
    from .shadows import shaded

    return shaded(scopes)


def _estate_of_rule(body: Mapping[str, Any]) -> tuple[Sequence[ScopeTables], Collection[str]]:
    from .conform.estates import scope_of

    return [scope_of(body, _translate)], ()


def _sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    from .sides import sides

    return sides(permission, principal, resource, reasons)


_IDS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|/$|/?administrativeUnits/|https://[^|]+\|", re.IGNORECASE
)
_WORDS = re.compile(
    r"(?i:microsoft\.(?:directory|intune|office365[.\w]*|azure\.\w+)/|microsoft\.[.\w]+/(?:[^/]+/)*all(?:Entities|Tasks)\b)|"
    r"(?i:token/exchange\s*$|(?:GET|HEAD|POST|PUT|PATCH|DELETE)\s+\S*/)|"
    r"(?:[A-Z][A-Za-z0-9]*|eDiscovery)(?:[-.][A-Za-z0-9]+)+\s*$"
)
"""Actions of directory roles, requests and values of app roles, as no other provider writes permissions."""


def _speaks(text: str, permission: bool) -> bool:
    """Whether a text is an object id or a scope of the directory, or one of its permissions."""
    return (_WORDS if permission else _IDS).match(text) is not None


_ROLES, _GROUPS = "graph.roleManagement.directory.roleEligibility", "graph.privilegedAccess.group.eligibility"
_OFFERS = (
    (frozenset({f"{_ROLES}ScheduleInstances.list", f"{_ROLES}Schedules.list"}),
     "which directory roles can be activated"),
    (frozenset({f"{_GROUPS}ScheduleInstances.list", f"{_GROUPS}Schedules.list"}),
     "which groups somebody can become a member or owner of"),
)  # fmt: skip


def _granting() -> Granting:
    from .granting import Grants

    return Grants()


_MEMBERS = {
    (native, "group"): "directory_group"
    for native in ("user", "group", "service_principal", "managed_identity", "device", "directory_object")
}
"""Who can be in a group. https://learn.microsoft.com/graph/api/group-post-members"""
_CHANGING = Changing(members=_MEMBERS, granting=_granting)

PROVIDER = Provider(
    "entra",
    "Microsoft Entra ID",
    _recognises,
    _read_exports,
    _translate,
    _redact,
    collector=collector_of("leastwise.providers.entra.collect"),
    catalog=Catalog("facts.lwc", _use_catalog, _catalog_parts, _compile_catalog),
    logs=Logs(_begin_drawing, _skips_log, _order_of_log, _called, _fetcher, _SCHEMES, (".csv",), ("azure",)),
    conform={"ask": _conform_ask},
    answering=Answering(
        f"entra-{FORMAT}", _reads, _compile, _access, _speaks, _CHANGING, apart=True, visiting=_visiting
    ),
    offers=_OFFERS,
    kinship=_kinship,
    observing=Observing(
        _OBSERVED,
        _kept,
        _observability,
        frozenset(),
        _sensitivity,
        _naming,
        aliases=_aliases,
        known=_KNOWN,
        choices=_choices,
    ),
    nouns=_nouns,
    regranting=regranting_of("leastwise.providers.entra.regranting"),
    halting=halting_of("leastwise.providers.entra.halting"),
    coding=coding_of("leastwise.providers.entra.coded"),
    spelling=spelling_of("leastwise.providers.entra.spelling"),
    ids=ids_of("leastwise.providers.microsoft.ids"),
    federating=federating_of("leastwise.providers.microsoft.federating", directory=True),
    escalating=Escalating(_shadow_reads, _shaded, _relates, estate=_estate_of_rule, sides=_sides),
)
