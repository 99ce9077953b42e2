"""Roles of Intune: a system of access of its own, whose roles are given to groups over groups.

https://learn.microsoft.com/graph/api/resources/unifiedroleassignmentmultiple
https://learn.microsoft.com/intune/intune-service/fundamentals/role-based-access-control
"""

from __future__ import annotations

from leastwise.providers.entra.language.directory import GROUP
from leastwise.providers.entra.language.ids import needed_id, object_id
from leastwise.providers.fields import Body, Fields
from leastwise.providers.interned import Statement

from .context import Context, IntuneGrant, IntuneRole

INTUNE = "deviceManagement"
_KIND = "resource_role"


def definition(context: Context, body: Body, about: str, source: str) -> None:
    """A role of Intune. Raises FieldError."""
    fields = Fields(body)
    key = needed_id(fields, "id")
    custom = fields.flag("isBuiltIn") is False or fields.flag("isBuiltInRoleDefinition") is False
    one = IntuneRole(fields.text("displayName") or key, tuple(_actions(fields)), custom, source)
    context.intune_roles.setdefault(key, one)


def assignment(context: Context, body: Body, about: str, source: str) -> None:
    """A role of Intune that was given, in either of the forms in which Graph tells it. Raises FieldError."""
    fields = Fields(body)
    id, who = needed_id(fields, "id"), _who(fields)
    role = object_id(fields.text("roleDefinitionId") or Fields(fields.object("roleDefinition")).text("id"))
    scopes = fields.texts("resourceScopes") or fields.texts("directoryScopeIds") or ()
    for one in who:
        context.people.named(one, GROUP, source)
    if not role:
        context.skip("an assignment of Intune without a role", source)
        return
    context.intune.setdefault(id, IntuneGrant(role, tuple(who), tuple(scopes), source))


def _who(fields: Fields) -> list[str]:
    several = fields.texts("principalIds") or fields.texts("members") or ()
    one = fields.text("principalId")
    return [object_id(id) for id in (*several, *([one] if one else ()))]


def finish(context: Context) -> None:
    """The rows of roles and of what was given."""
    sources = [one.source for one in context.intune.values()] + [one.source for one in context.intune_roles.values()]
    if not sources:
        return
    place = f"{context.tenant}/{INTUNE}"
    context.resource(place, "intune", "Microsoft Intune", sources[0], {})
    for key, role in context.intune_roles.items():
        context.bundle(
            key, _KIND, role.title, {"id": key, "actions": list(role.actions)}, [Statement("Allow", role.actions)],
            role.source, own=role.custom, flags={"privileged": False},
        )  # fmt: skip
    for id, one in context.intune.items():
        told = {"id": id, "roleDefinitionId": one.role, "principalIds": list(one.who),
                "directoryScopeIds": list(one.scopes)}  # fmt: skip
        context.give("allow", _KIND, place, [one.role], list(one.who), told, one.source, id=id, direct=False)


def _actions(fields: Fields) -> list[str]:
    found: list[str] = []
    for one in fields.objects("rolePermissions") or fields.objects("permissions") or ():
        inner = Fields(one)
        found += inner.texts("allowedResourceActions") or inner.texts("actions") or ()
        for several in inner.objects("resourceActions") or ():
            found += Fields(several).texts("allowedResourceActions") or ()
    return list(dict.fromkeys(found))
