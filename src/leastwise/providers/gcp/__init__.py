"""Google Cloud. `PROVIDER` is the only public name; what it needs is imported when it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.providers.base import (
    Altered,
    Answering,
    Catalog,
    CatalogPart,
    Changing,
    Collector,
    CollectRun,
    Diagnosis,
    Drawing,
    Escalating,
    Folder,
    Logs,
    Observing,
    PlannedCall,
    Progress,
    Provider,
    ScopeTables,
    Told,
)
from leastwise.providers.lazily import (
    coding_of,
    federating_of,
    guarding_of,
    halting_of,
    ids_of,
    regranting_of,
    spelling_of,
)

from .compiled import FORMAT

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.engine.access import Access, Relates
    from leastwise.engine.arrays import Arrays
    from leastwise.model.conformance import CaseVerdict
    from leastwise.model.decision import Reason
    from leastwise.model.dormancy import Nouns
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


def _collect(keys: Mapping[str, Any], run: CollectRun) -> Iterator[Collected]:
    from .collect.collector import collect

    return collect(keys, run)


def _plan(keys: Mapping[str, Any]) -> list[PlannedCall]:
    from .collect.policy import plan
    from .collect.source import read_source

    return plan(read_source(keys))


def _policy(keys: Mapping[str, Any]) -> str:
    from .collect.policy import policy_text
    from .collect.source import read_source

    return policy_text(read_source(keys))


def _doctor(keys: Mapping[str, Any]) -> Diagnosis:
    from .collect.doctor import examine

    return examine(keys)


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
    from .events.files import order

    return order(name)


def _fetcher() -> Fetcher:
    from .collect.fetcher import FETCHER

    return FETCHER


_SCHEMES = ("gs://", "bq://", "logging://")


def _called(id: str) -> Sequence[str]:
    from .events.files import called

    return called(id)


def _conform_ask(case: Mapping[str, Any], folder: Path) -> CaseVerdict:
    from .conform.ask import run

    return run(case, folder)


_OBSERVED = {
    "resources": ("id", "kind", "account", "details", "opening", "acl_public"),
    "scopes": ("id", "parent", "number"),
    "attachments": ("layer", "target", "document"),
    "documents": ("text",),
}
_ALTERING = frozenset(f"resourcemanager.{of}.setIamPolicy" for of in ("projects", "folders", "organizations"))
"""Permissions of the calls that set policies of containers, in which audit configurations stand."""


def _kept(told: Sequence[Told], folders: Sequence[Folder]) -> tuple[list[Kept], Mapping[str, str]]:
    from .observing import kept

    return kept(told, folders)


def _observability(told: Sequence[Told], kept: Sequence[Kept], altered: Sequence[Altered]) -> pa.Table:
    from .observing import observability

    return observability(told, kept, altered)


def _places(told: Told) -> Places:
    from .observing import places

    return places(told)


def _kinship() -> Callable[[str], Kin]:
    from .kin import kin

    return kin


def _sensitivity() -> Mapping[str, str]:
    from .sensitivity import sensitivity

    return sensitivity()


def _naming() -> Naming:
    from .naming import NAMING

    return NAMING


def _nouns() -> Nouns:
    from .reaching import NOUNS

    return NOUNS


def _reads() -> Mapping[str, Sequence[str]]:
    from .compiled.columns import COLUMNS

    return COLUMNS


def _compile(scopes: Sequence[ScopeTables]) -> Arrays:
    from .compiled.compile import compile_estate

    return compile_estate(scopes)


def _access(arrays: Arrays, alone: Collection[str]) -> Access:
    from .compiled.port import GcpPort

    return GcpPort(arrays, alone)


def _shadow_reads() -> Mapping[str, Sequence[str]]:
    from .escalating.shading import READS

    return READS


def _shaded(scopes: Sequence[ScopeTables]) -> tuple[Sequence[ScopeTables], Shadows]:
    from .escalating.shading import shaded

    return shaded(scopes)


def _relates(arrays: Arrays, alone: Collection[str]) -> Relates:
    from .escalating.relates import GcpRelates

    return GcpRelates(arrays, alone)


def _sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    from .escalating.sides import sides

    return sides(permission, principal, resource, reasons)


def _estate_of_rule(body: Mapping[str, Any]) -> tuple[Sequence[ScopeTables], Collection[str]]:
    from .escalating.cases import of_rule

    return of_rule(body)


_IDS = re.compile(
    r"//|(user|group|domain|serviceAccount|principal|principalSet|deleted|projectOwner|projectEditor|projectViewer):"
    r"|all(Authenticated)?Users$|[^@/:]+@[a-z0-9.-]+\.gserviceaccount\.com$"
)


def _speaks(text: str, permission: bool) -> bool:
    """Whether a text is a full name or a member, or a permission with its dots, perhaps behind a host."""
    if not permission:
        return _IDS.match(text) is not None
    host, slash, rest = text.rpartition("/")
    return ":" not in text and "." in rest and (not slash or host.endswith(".googleapis.com"))


def _granting() -> Granting:
    from .granting import Grants

    return Grants()


_MEMBERS = {
    (native, "group"): "directory_group"
    for native in ("user", "service_account", "service_agent", "group", "customer", "workforce_identity",
                   "workload_identity", "identity_pool", "pool_group", "pool_attribute")
}  # fmt: skip
"""Who can be in a group. https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships"""
_CHANGING = Changing(members=_MEMBERS, granting=_granting)

_ASSETS = (
    frozenset({"cloudasset.assets.list:IAM_POLICY", "cloudasset.assets.list:RESOURCE"}),
    frozenset({"cloudasset.assets.list:IAM_POLICY+RESOURCE"}),
)
"""Resources and allow policies in two exports, or both in one."""

PROVIDER = Provider(
    "gcp",
    "Google Cloud",
    _recognises,
    _read_exports,
    _translate,
    _redact,
    (_ASSETS,),
    Collector(_collect, _plan, _policy, _doctor),
    gaps=_gaps,
    catalog=Catalog("facts.lwc", _use_catalog, _catalog_parts, _compile_catalog),
    answering=Answering(f"gcp-{FORMAT}", _reads, _compile, _access, _speaks, _CHANGING),
    logs=Logs(_begin_drawing, _skips_log, _order_of_log, _called, _fetcher, _SCHEMES),
    kinship=_kinship,
    observing=Observing(_OBSERVED, _kept, _observability, _ALTERING, _sensitivity, _naming, _places),
    conform={"ask": _conform_ask},
    nouns=_nouns,
    escalating=Escalating(_shadow_reads, _shaded, _relates, estate=_estate_of_rule, sides=_sides),
    offers=(),
    ids=ids_of("leastwise.providers.gcp.ids"),
    federating=federating_of("leastwise.providers.gcp.federating"),
    regranting=regranting_of("leastwise.providers.gcp.regranting"),
    halting=halting_of("leastwise.providers.gcp.halting"),
    coding=coding_of("leastwise.providers.gcp.coded"),
    guarding=guarding_of("leastwise.providers.gcp.guarding"),
    spelling=spelling_of("leastwise.providers.gcp.spelling"),
)
