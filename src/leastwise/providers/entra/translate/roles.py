"""Definitions of directory roles, and what a role amounts to wherever it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from leastwise.model.scope import CoverageStatus
from leastwise.providers.entra.catalog import current
from leastwise.providers.entra.catalog.lookup import Catalog
from leastwise.providers.entra.language.actions import Action, parse_action
from leastwise.providers.entra.language.roles import Entry, Role, parse_role
from leastwise.providers.fields import Body, Fields
from leastwise.providers.interned import Statement, canonical

from .context import Context

BUILT_IN, CUSTOM = "directory_role", "custom_directory_role"
CATALOGUE = "catalogue"
"""The source of a bundle that nothing in the tenant described."""
_TOLD = (
    "id", "displayName", "isBuiltIn", "isEnabled", "templateId", "rolePermissions", "inheritsPermissionsFrom",
)  # fmt: skip
_ALL_OF = tuple(
    parse_action(f"microsoft.directory/{one}/allProperties/allTasks")
    for one in ("users", "groups", "applications", "servicePrincipals", "roleAssignments", "organization")
)
"""Who has all of these rules the directory."""
_ASSIGNS = tuple(
    parse_action(f"microsoft.directory/{one}")
    for one in ("roleAssignments/allProperties/update", "roleDefinitions/allProperties/update")
)


def definition(context: Context, body: Body, about: str, source: str) -> None:
    """A role definition. Raises FieldError."""
    role = parse_role(body)
    Fields(body).flag("isPrivileged")
    context.roles.setdefault(role.key, (role, body, source))


def expanded(context: Context, body: Body, source: str) -> None:
    """The role definition that an assignment is given with. Raises FieldError."""
    inner = Fields(body).object("roleDefinition")
    if Fields(inner).objects("rolePermissions") is not None:
        definition(context, inner, "", source)


def finish(context: Context) -> None:
    """A row for every role that was read, or is named; a gap for each that nothing describes."""
    known = {key: role for key, (role, _, _) in context.roles.items()}
    for role, body, source in context.roles.values():
        row(context, role, told_of(body), source)
    named = [one for several in (context.assigned, context.instances, context.eligible) for one in several]
    for one in named:
        if one.role in known:
            continue
        role = known[one.role] = current().role(one.role) or Role(one.role, one.role, (), told=False)
        if role.told:
            row(context, role, {"id": role.key, "displayName": role.title, "isBuiltIn": True}, CATALOGUE)
            continue
        context.gap(
            "roleManagement.directory.roleDefinitions.list", CoverageStatus.NOT_TRIED,
            f"{one.role}: the role was not read, and the catalogue does not know it", f"what {one.role} gives",
        )  # fmt: skip
    for key in dict.fromkeys(context.asked.roles):
        # What was merely asked for gives nothing, so that nothing is unknown without it; it shall have its name.
        published = None if key in known else current().role(key)
        if published is not None:
            row(context, published, {"id": key, "displayName": published.title, "isBuiltIn": True}, CATALOGUE)


def told_of(body: Body) -> Body:
    """What is kept of the vendor's object."""
    return {name: told for name in _TOLD if (told := Fields(body).get(name)) is not None}


def row(context: Context, role: Role, body: Body, source: str) -> None:
    """The row of a role."""
    entries = [*_with_inherited(context, role)]
    statements = [
        Statement("Allow", [str(one) for one in entry.actions], not_actions=[str(one) for one in entry.left_out],
                  condition=canonical({"expression": entry.condition}) if entry.condition else None, sid=whose or None)
        for whose, entry in entries
    ]  # fmt: skip
    context.bundle(
        role.key, CUSTOM if role.custom else BUILT_IN, role.title, body, statements, source, own=role.custom,
        flags=_flags(role, body, [entry for _, entry in entries]),
    )  # fmt: skip


def _with_inherited(context: Context, role: Role) -> Iterator[tuple[str, Entry]]:
    """The entries of a role, as the catalogue has them where its document has none, then those of what it inherits."""
    seen: set[str] = set()
    work = [("", role)]
    while work:
        whose, one = work.pop(0)
        published = current().role(one.template if one.template and not one.custom else one.key)
        one = published if not one.told and published is not None else one
        seen.add(one.key)
        yield from ((whose, entry) for entry in one.entries)
        for key in one.inherits:
            read = context.roles.get(key)
            found = read[0] if read is not None else current().role(key)
            if found is not None and key not in seen:
                work.append((key, found))


def _flags(role: Role, body: Body, entries: Sequence[Entry]) -> dict[str, bool | None]:
    """What a role amounts to for the whole tenant; what it is conditional on is not counted."""
    free = [one for one in entries if not one.condition]

    def has(action: Action) -> bool:
        return any(one.by(action) is not None for one in free)

    whole, rewrites = all(map(has, _ALL_OF)), any(map(has, _ASSIGNS))
    wide = any(one.entity == "allentities" and one.verb == "alltasks" for entry in free for one in entry.actions)
    return {
        "admin": whole,
        "admin_iam": rewrites and not whole,
        "rewrites_iam": rewrites,
        "wildcard": wide,
        "wildcard_actions": wide,
        "conditional": bool(entries) and not free,
        "privileged": privileged(role, body, entries),
    }


def privileged(role: Role, body: Body, entries: Sequence[Entry]) -> bool:
    """Whether the vendor calls a role privileged: it says so, or the role has an action of the highest tier.

    https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions
    """
    told = Fields(body).flag("isPrivileged")
    if told is not None:
        return told
    key = role.template if role.template and not role.custom else role.key
    listed = _listed(current())
    if not role.custom and key in listed:
        return listed[key]
    tiers = current().tiers
    return any(tiers.get(str(action)) == "0" for entry in entries for action in entry.actions)


@cache
def _listed(facts: Catalog) -> Mapping[str, bool]:
    """Which built-in roles the vendor calls privileged."""
    return {one.key: one.privileged for one in facts.named()}
