"""What AWS publishes for everyone: services, actions, resource types, condition keys, managed policies.

The facts lie in two bundled files, compiled by tools/build_aws_catalog.py; each names its sources, licences, versions
and dates. A newer file of facts that `leastwise catalog update` made is used when `use` is given its folder.
"""

from __future__ import annotations

from pathlib import Path

from leastwise.providers.in_force import FILE, InForce

from .facts import LEVELS, Action, ConditionKey, ResourceType, ResourceUse, Source
from .lookup import Catalog, Service
from .managed import ManagedPolicy, catalog_date, managed_policy
from .packed import Packed

__all__ = [
    "FILE", "LEVELS", "Action", "Catalog", "ConditionKey", "ManagedPolicy", "ResourceType", "ResourceUse", "Service",
    "Source", "action", "bundled", "catalog_date", "condition_key", "current", "global_condition_keys",
    "known_actions", "managed_policy", "opened", "prefixes", "rcp_supported", "resource_types_of", "service",
    "suggest", "use",
]  # fmt: skip


def _read(file: str | Path, raw: bytes, check: bool, place: str) -> Catalog:
    return Catalog(Packed(file, raw, check=check), place)


_facts = InForce("leastwise.providers.aws", _read)
bundled, opened, use, current = _facts.bundled, _facts.opened, _facts.use, _facts.current


def service(prefix: str) -> Service | None:
    """A service by its prefix in any case, or None."""
    return current().service(prefix)


def action(name: str) -> Action | None:
    """An action by its name in any case (`S3:getobject`), or None."""
    return current().action(name)


def prefixes() -> tuple[str, ...]:
    """The prefixes of all services, sorted."""
    return current().prefixes


def resource_types_of(arn: str, prefix: str, wide: bool = False) -> tuple[ResourceType, ...]:
    """The types of a service's resources that an ARN can be of, without `wide` the narrowest only (`Service.types_of`).

    None when no pattern fits, or there is no such service.
    """
    found = current().service(prefix)
    return () if found is None else found.types_of(arn, wide)


def condition_key(name: str) -> ConditionKey | None:
    """The key that a name means, in any case, or None; a tag's key is resolved to `…/${TagKey}`."""
    return current().condition_key(name)


def global_condition_keys() -> dict[str, ConditionKey]:
    """The keys that belong to no service, by form (see `ConditionKey`)."""
    return current().global_keys


def rcp_supported(prefix: str) -> bool:
    """Whether resource control policies apply to a service."""
    return current().rcp_supported(prefix)


def known_actions(pattern: str) -> tuple[str, ...]:
    """The actions that a pattern (`s3:Get*`, `*`) covers, sorted, in AWS's case."""
    return current().known_actions(pattern)


def suggest(name: str) -> list[str]:
    """Up to three actions that a misspelt name may mean, the likeliest first."""
    return current().suggest(name)
