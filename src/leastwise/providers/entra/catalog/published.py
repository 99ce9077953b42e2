"""Built-in roles and permissions of Graph as Microsoft's interfaces tell them, saved as files.

Roles are answers of `roleManagement/directory/roleDefinitions`; permissions those of `servicePrincipals` about the
service principal of Microsoft Graph, or `az ad sp show --id 00000003-0000-0000-c000-000000000000`.
https://learn.microsoft.com/graph/api/rbacapplication-list-roledefinitions
https://learn.microsoft.com/graph/api/serviceprincipal-get
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from leastwise.errors import InputError
from leastwise.providers.fields import Body, FieldError, Fields
from leastwise.providers.updating import saved_answers

from ..language.actions import ActionError
from ..language.directory import GRAPH
from ..language.roles import parse_role
from .compile import NamedEntry, NamedRole, Told
from .packed import ValueRow


def read_published(place: Path) -> Told:
    """The roles and permissions of a file, or of all files of a folder; custom roles are left out.

    Raises:
        InputError: nothing is there, a file cannot be read, is none of these, or has a page after it that is missing.
    """
    found = Told()
    for file, number, one in saved_answers(place, "@odata.nextLink", "role definitions or service principals"):
        try:
            _take(found, one)
        except (FieldError, ActionError) as error:
            raise InputError(file, f"is no answer of Microsoft Graph ({error})", f"object {number}") from None
    if not found.roles and not found.values:
        raise InputError(place, "holds no definitions of directory roles, and not Microsoft Graph's service principal")
    return found


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
