"""Built-in roles and operations as Microsoft's interfaces tell them, saved as files.

Roles are answers of `roleDefinitions` or `az role definition list`; operations those of `providerOperations` with
resource types expanded, or `az provider operation list`.
https://learn.microsoft.com/rest/api/authorization/role-definitions/list
https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata/list
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leastwise.errors import InputError
from leastwise.providers.fields import FieldError

from ..language.operations import Plane
from ..language.roles import Role, parse_role


@dataclass(slots=True)
class Published:
    """What a folder tells: built-in roles, and operations with their planes."""

    roles: dict[str, Role] = field(default_factory=dict)
    operations: dict[str, frozenset[Plane]] = field(default_factory=dict)


def read_published(place: Path) -> Published:
    """The roles and operations of a file, or of all files of a folder; custom roles are left out.

    Raises:
        InputError: nothing is there, a file cannot be read, is none of these, or has a page after it that is missing.
    """
    try:
        files = sorted(path for path in place.rglob("*.json") if path.is_file()) if place.is_dir() else [place]
        contents = [(file, file.read_bytes()) for file in files]
    except OSError as error:
        raise InputError(place, error.strerror or str(error)) from None
    found = Published()
    links = pages = 0
    for file, raw in contents:
        whole = _decoded(file, raw)
        if isinstance(whole, Mapping) and "value" in whole:
            pages, links = pages + 1, links + bool(whole.get("nextLink"))
        for number, one in enumerate(_items(file, whole), 1):
            _take(found, file, number, one)
    if links and links == pages:
        raise InputError(place, "the last page is missing (each of them names a next one)")
    if not found.roles and not found.operations:
        raise InputError(place, "holds no role definitions and no operations of resource providers")
    return found


def _decoded(file: Path, raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(file, f"is no JSON ({error})") from None


def _items(file: Path, whole: object) -> list[Mapping[str, Any]]:
    several = whole.get("value", [whole]) if isinstance(whole, Mapping) else whole
    if not isinstance(several, list) or not all(isinstance(one, Mapping) for one in several):
        raise InputError(file, "is no list of role definitions or of operations of resource providers")
    return several


def _take(found: Published, file: Path, number: int, one: Mapping[str, Any]) -> None:
    if "operations" in one or "resourceTypes" in one:
        for name, plane in _operations(one):
            found.operations[name] = found.operations.get(name, frozenset()) | {plane}
        return
    try:
        role = parse_role(one)
    except FieldError as error:
        raise InputError(file, f"is no role definition ({error})", f"object {number}") from None
    if not role.custom:
        found.roles[role.key] = role


def _operations(provider: Mapping[str, Any]) -> Iterator[tuple[str, Plane]]:
    """The operations of a provider and of its types of resources."""
    types = provider.get("resourceTypes")
    for part in (provider, *(types if isinstance(types, list) else ())):
        several = part.get("operations") if isinstance(part, Mapping) else None
        for one in several if isinstance(several, list) else ():
            name = one.get("name") if isinstance(one, Mapping) else None
            if isinstance(name, str) and name.strip():
                yield name.strip(), Plane.DATA if one.get("isDataAction") is True else Plane.CONTROL
