"""Built-in roles and permissions of Graph as Microsoft's interfaces tell them, saved as files.

Roles are answers of `roleManagement/directory/roleDefinitions`; permissions those of `servicePrincipals` about the
service principal of Microsoft Graph, or `az ad sp show --id 00000003-0000-0000-c000-000000000000`.
https://learn.microsoft.com/graph/api/rbacapplication-list-roledefinitions
https://learn.microsoft.com/graph/api/serviceprincipal-get
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leastwise.errors import InputError
from leastwise.providers.fields import Body, FieldError, Fields

from ..language.directory import GRAPH
from ..language.roles import parse_role
from .compile import NamedEntry, NamedRole, Told
from .packed import ValueRow


def read_published(place: Path) -> Told:
    """The roles and permissions of a file, or of all files of a folder; custom roles are left out.

    Raises:
        InputError: nothing is there, a file cannot be read, is none of these, or has a page after it that is missing.
    """
    try:
        files = sorted(path for path in place.rglob("*.json") if path.is_file()) if place.is_dir() else [place]
        contents = [(file, file.read_bytes()) for file in files]
    except OSError as error:
        raise InputError(place, error.strerror or str(error)) from None
    found = Told()
    links = pages = 0
    for file, raw in contents:
        whole = _decoded(file, raw)
        if isinstance(whole, Mapping) and "value" in whole:
            pages, links = pages + 1, links + bool(whole.get("@odata.nextLink"))
        for number, one in enumerate(_items(file, whole), 1):
            try:
                _take(found, one)
            except FieldError as error:
                raise InputError(file, f"is no answer of Microsoft Graph ({error})", f"object {number}") from None
    if links and links == pages:
        raise InputError(place, "the last page is missing (each of them names a next one)")
    if not found.roles and not found.values:
        raise InputError(place, "holds no definitions of directory roles, and not Microsoft Graph's service principal")
    return found


def _decoded(file: Path, raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(file, f"is no JSON ({error})") from None


def _items(file: Path, whole: object) -> list[Mapping[str, Any]]:
    several = whole.get("value", [whole]) if isinstance(whole, Mapping) else whole
    if not isinstance(several, list) or not all(isinstance(one, Mapping) for one in several):
        raise InputError(file, "is no list of role definitions or service principals")
    return several


def _take(found: Told, one: Body) -> None:
    fields = Fields(one)
    if fields.objects("rolePermissions") is not None:
        role = _role(one)
        if fields.flag("isBuiltIn") is not False:
            found.roles.append(role)
    elif fields.text("appId").lower() == GRAPH:
        found.values += _values(fields)


def _role(body: Body) -> NamedRole:
    role, fields = parse_role(body), Fields(body)
    entries = []
    for one in fields.objects("rolePermissions") or ():
        told = Fields(one)
        given, left_out = (told.texts(name) or () for name in ("allowedResourceActions", "excludedResourceActions"))
        entries.append(NamedEntry(given, told.text("condition"), left_out))
    key = role.template or role.key
    return NamedRole(key, role.title, tuple(entries), role.inherits, fields.flag("isPrivileged") is True)


def _values(fields: Fields) -> Iterator[ValueRow]:
    for name, delegated in (("appRoles", False), ("oauth2PermissionScopes", True)):
        for one in fields.objects(name) or ():
            told = Fields(one)
            yield ValueRow(told.needed("id").lower(), told.needed("value"), delegated)
