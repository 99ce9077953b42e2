"""Amazon Web Services. `PROVIDER` is the only public name; what it needs is imported when it is called."""

from __future__ import annotations

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
    Layer,
    Logs,
    Observing,
    PlannedCall,
    Progress,
    Provider,
    Scenario,
    ScopeTables,
    Told,
)
from leastwise.providers.lazily import coding_of, federating_of, guarding_of, halting_of, ids_of

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
    from leastwise.model.naming import Naming
    from leastwise.model.scope import Collected, Coverage, RawDocument
    from leastwise.model.shadows import Shadows
    from leastwise.providers.base.shrinking import Shrinking
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


_SECRETLESS = ("account_authorization_details", "credential_report", "resource_policies", "organization_summary")


def _redact(document: RawDocument, key: bytes) -> bytes:
    # These hold identities and policies only, in a shape that has no place for secrets.
    if document.kind in _SECRETLESS:
        return document.body
    from .exports.redact import Redactor, is_policy_file

    if document.kind.startswith("iam_collect") and is_policy_file(document.resource):
        return document.body
    return Redactor(key).document(document.body)


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
    try:
        from .collect.doctor import examine
    except ModuleNotFoundError as error:
        from .collect.questions import without_sdk

        return without_sdk(keys, str(error.name))
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


def _conform_evaluate(case: Mapping[str, Any], folder: Path) -> CaseVerdict:
    from .conform.evaluate import run

    return run(case, folder)


def _conform_whocan(case: Mapping[str, Any], folder: Path) -> CaseVerdict:
    from .conform.whocan import run

    return run(case, folder)


def _conform_ask(case: Mapping[str, Any], folder: Path) -> CaseVerdict:
    from .conform.ask import run

    return run(case, folder)


def _reads() -> Mapping[str, Sequence[str]]:
    from .compiled.scopes import READ

    return READ


def _compile(scopes: Sequence[ScopeTables]) -> Arrays:
    from .compiled.compile import compile_estate

    return compile_estate(scopes)


def _access(arrays: Arrays, alone: Collection[str]) -> Access:
    from .compiled.port import AwsPort

    return AwsPort(arrays, alone)


def _speaks(text: str, permission: bool) -> bool:
    """Whether a text begins as ARNs do, or is `service:Action`."""
    return (":" in text and "/" not in text) if permission else text.startswith("arn:")


def _interpret(document: bytes, layer: str) -> Mapping[str, pa.Table]:
    from .translate.changed import interpret

    return interpret(document, layer)


def _bundle(id: str) -> tuple[str, bytes] | None:
    from .catalog import managed_policy

    found = managed_policy(id)
    return None if found is None else ("managed_aws", bytes(found.document))


def _made(id: str) -> tuple[str, str, str] | None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
    parts = id.split(":")
    if len(parts) != 6 or parts[2] != "iam" or not parts[4].isdigit() or not parts[5].startswith("policy/"):
        return None
    return "managed_customer", parts[4], parts[5].rpartition("/")[2]


def _opened(documents: Sequence[bytes], account: str) -> Mapping[str, Any]:
    from .translate.changed import opened

    return opened(documents, account)


_OBSERVED = {
    "resources": ("id", "kind", "details"),
    "scopes": ("id", "kind", "tenant"),
    "coverage": ("service", "call", "status"),
}


_ALTERING = frozenset(
    f"cloudtrail:{name}"
    for name in ("CreateEventDataStore", "CreateTrail", "DeleteEventDataStore", "DeleteTrail", "PutEventSelectors",
                 "RestoreEventDataStore", "StartEventDataStoreIngestion", "StartLogging",
                 "StopEventDataStoreIngestion", "StopLogging", "UpdateEventDataStore", "UpdateTrail")
)  # fmt: skip
"""Permissions of the calls that alter what a trail or an event data store records."""


def _kept(told: Sequence[Told], folders: Sequence[Folder]) -> tuple[list[Kept], Mapping[str, str]]:
    from .observing import kept

    return kept(told, folders)


def _observability(told: Sequence[Told], kept: Sequence[Kept], altered: Sequence[Altered]) -> pa.Table:
    from .observing import observability

    return observability(told, kept, altered)


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


def _begin_drawing() -> Drawing:
    from .events.drawing import Drawing
    from .events.rows import native

    return Drawing(native())


def _reads_compiled() -> bool:
    from .events.rows import native

    return native() is not None


def _skips_log(name: str) -> str:
    from .events.files import skips

    return skips(name)


def _order_of_log(name: str) -> str:
    from .events.files import order

    return order(name)


def _fetcher() -> Fetcher:
    from .collect.fetcher import FETCHER

    return FETCHER


def _shrinking() -> Shrinking:
    from .shrinking import SHRINKING

    return SHRINKING


_SCHEMES = ("s3://",)


def _called(id: str) -> Sequence[str]:
    from .events.called import called

    return called(id)


_OWNERS = frozenset({"user", "role", "group"})
_MANAGED = frozenset({"managed_aws", "managed_customer"})
_GUARDED = frozenset({"root", "organizational_unit", "account"})
_FULL_ACCESS = (
    "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
    b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
)
"""What AWS attaches everywhere when service control policies are switched on.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_enable-disable.html
"""
_LAYERS = {
    "identity": Layer("principals", _OWNERS, "inline", bundles=_MANAGED),
    "boundary": Layer("principals", frozenset({"user", "role"}), "inline", "permissions boundary", _MANAGED),
    "trust": Layer("principals", frozenset({"role"}), "trust", "trust", removable=False),
    "resource": Layer("resources", frozenset(), "resource", "resource policy"),
    "scp": Layer("scopes", _GUARDED, "scp", bundles=frozenset({"scp"}), implied=_FULL_ACCESS),
    "rcp": Layer("scopes", _GUARDED, "rcp", bundles=frozenset({"rcp"})),
}
_MEMBERS = {
    ("user", "group"): "iam_group",
    ("identity_center_user", "identity_center_group"): "identity_center_group",
}
_ASSIGNEES = {"identity_center_user": "user", "identity_center_group": "group"}
_CHANGING = Changing(
    _LAYERS, _interpret, _bundle, _opened, _MEMBERS, _ASSIGNEES, frozenset({"s3:bucket", "s3:accesspoint"}), _made
)

_ENTITIES = (
    frozenset({"account_authorization_details"}),
    frozenset({"iam_collect:iam"}),
    frozenset(f"config_item:AWS::IAM::{type}" for type in ("User", "Group", "Role", "Policy")),
)

_SUITES = {"aws.evaluate": _conform_evaluate, "aws.whocan": _conform_whocan, "ask": _conform_ask}


def _shadow_reads() -> Mapping[str, Sequence[str]]:
    from .shadows import READS

    return READS


def _shaded(scopes: Sequence[ScopeTables]) -> tuple[Sequence[ScopeTables], Shadows]:
    from .shadows import shaded

    return shaded(scopes)


def _scenario_of_labs(body: Mapping[str, Any], folder: Path) -> Scenario:
    from .conform.scenarios import of_accounts

    return of_accounts(body)


def _scenario_of_account(body: Mapping[str, Any], folder: Path) -> Scenario:
    from .conform.scenarios import of_account

    return of_account(body, folder)


def _estate_of_rule(body: Mapping[str, Any]) -> tuple[Sequence[ScopeTables], Collection[str]]:
    from .conform.scenarios import of_rule

    return of_rule(body)


def _relates(arrays: Arrays, alone: Collection[str]) -> Relates:
    from .shaded import ShadedPort

    return ShadedPort(arrays, alone)


def _sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    from .sides import sides

    return sides(permission, principal, resource, reasons)


_ESCALATING = Escalating(
    _shadow_reads,
    _shaded,
    _relates,
    {"aws.escalation": _scenario_of_labs, "aws.escalation_account": _scenario_of_account},
    _estate_of_rule,
    _sides,
)

PROVIDER = Provider(
    "aws",
    "Amazon Web Services",
    _recognises,
    _read_exports,
    _translate,
    _redact,
    (_ENTITIES,),
    Collector(_collect, _plan, _policy, _doctor),
    _gaps,
    Catalog("facts.lwc", _use_catalog, _catalog_parts, _compile_catalog),
    _SUITES,
    Answering(f"aws-{FORMAT}", _reads, _compile, _access, _speaks, _CHANGING),
    logs=Logs(_begin_drawing, _skips_log, _order_of_log, _called, _fetcher, _SCHEMES, compiled=_reads_compiled),
    shrinking=_shrinking,
    halting=halting_of("leastwise.providers.aws.halting"),
    kinship=_kinship,
    observing=Observing(_OBSERVED, _kept, _observability, _ALTERING, _sensitivity, _naming),
    nouns=_nouns,
    escalating=_ESCALATING,
    ids=ids_of("leastwise.providers.aws.ids"),
    federating=federating_of("leastwise.providers.aws.federating"),
    coding=coding_of("leastwise.providers.aws.coded"),
    guarding=guarding_of("leastwise.providers.aws.guarding"),
)
