"""Role definitions."""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure import catalog
from leastwise.providers.azure.language.fields import Fields
from leastwise.providers.azure.language.roles import Entry, Role, parse_role
from leastwise.providers.fields import FieldError
from leastwise.providers.members import Object

from .context import Context
from .entries import flags_of, statements_of
from .reading import time


def definition(context: Context, value: Object, source: str) -> None:
    """A role definition, of the tenant or Azure's own: only those of Azure's that are named somewhere become rows."""
    try:
        role = parse_role(value)
        scopes = _scopes(value)
    except FieldError as error:
        context.skip(f"a role definition of which {error}", source)
        return
    context.read_roles.setdefault(role.key, (role, value, source))
    if role.custom:
        context.named_roles.setdefault(role.key, (role.title, source))
    for one in scopes if role.custom else ():
        if one != "/":
            context.id(one, source)


def finish_roles(context: Context) -> None:
    """A row for every role that is given somewhere, and for all of the tenant's own; else a gap for each."""
    for key, (title, source) in context.named_roles.items():
        read = context.read_roles.get(key)
        if read is not None:
            role, value, place = read
            _row(context, role, place, value)
            continue
        known = catalog.role(key)
        if known is not None:
            _row(context, known, "catalogue", {})
            continue
        name = f"{title} ({key})" if title and title != key else key
        context.gap(
            "authorization", "roleDefinitions.list", CoverageStatus.NOT_TRIED,
            f"{name}: the role was not read, and the catalogue does not know it ({source})", f"what {name} gives",
        )  # fmt: skip


def _row(context: Context, role: Role, source: str, value: Object) -> None:
    # Who may write the definition depends on them: https://learn.microsoft.com/azure/role-based-access-control/custom-roles
    scopes = {"assignableScopes": [*_scopes(value)]} if role.custom and _scopes(value) else {}
    document = context.documents.intern(
        {
            "id": role.key, "roleName": role.title, "roleType": "CustomRole" if role.custom else "BuiltInRole",
            "permissions": [_entry(one) for one in role.entries], **scopes,
        },
        statements_of(role.entries), flags=flags_of(role.entries),
    )  # fmt: skip
    context.facts.policies.add(
        id=role.key, account=context.top if role.custom else None, name=role.title,
        kind="custom_role" if role.custom else "predefined_role", version="", default=True, document=document,
        created=time(value, "createdOn"), updated=time(value, "updatedOn"), source=source,
    )  # fmt: skip


def _scopes(value: Object) -> tuple[str, ...]:
    """The places at and below which a role can be assigned; none where that is not told. Raises FieldError."""
    return Fields(value).texts("assignableScopes")


def _entry(entry: Entry) -> dict[str, object]:
    written: dict[str, object] = {
        "actions": list(entry.actions.texts), "notActions": list(entry.not_actions.texts),
        "dataActions": list(entry.data_actions.texts), "notDataActions": list(entry.not_data_actions.texts),
    }  # fmt: skip
    return written | ({"condition": entry.condition} if entry.condition else {})
