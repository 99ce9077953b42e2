"""Roles of Intune: a system of access of its own, whose roles are given to groups over groups.

https://learn.microsoft.com/graph/api/resources/unifiedroleassignmentmultiple
https://learn.microsoft.com/intune/intune-service/fundamentals/role-based-access-control
"""

from __future__ import annotations

from leastwise.providers.entra.language.directory import GROUP
from leastwise.providers.entra.language.ids import object_id
from leastwise.providers.fields import Body, Fields
from leastwise.providers.interned import Statement

from .context import Context

INTUNE = "deviceManagement"
_KIND = "resource_role"


def definition(context: Context, body: Body, about: str, source: str) -> None:
    """A role of Intune. Raises FieldError."""
    context.intune_roles.setdefault(object_id(Fields(body).needed("id")), (body, source))


def assignment(context: Context, body: Body, about: str, source: str) -> None:
    """A role of Intune that was given, in either of the forms in which Graph tells it. Raises FieldError."""
    fields = Fields(body)
    for id in _who(fields):
        context.people.named(id, GROUP, source)
    if not _role(fields):
        context.skip("an assignment of Intune without a role", source)
        return
    context.intune.setdefault(object_id(fields.needed("id")), (body, source))


def _who(fields: Fields) -> list[str]:
    several = fields.texts("principalIds") or fields.texts("members") or ()
    one = fields.text("principalId")
    return [object_id(id) for id in (*several, *([one] if one else ()))]


def _role(fields: Fields) -> str:
    return object_id(fields.text("roleDefinitionId") or Fields(fields.object("roleDefinition")).text("id"))


def finish(context: Context) -> None:
    """The rows of roles and of what was given."""
    if not context.intune_roles and not context.intune:
        return
    place = f"{context.tenant}/{INTUNE}"
    source = next(iter((context.intune or context.intune_roles).values()))[1]
    context.resource(place, "intune", "Microsoft Intune", source, {})
    for key, (body, where) in context.intune_roles.items():
        fields = Fields(body)
        actions = [*_actions(fields)]
        custom = fields.flag("isBuiltIn") is False or fields.flag("isBuiltInRoleDefinition") is False
        context.bundle(
            key, _KIND, fields.text("displayName") or key, {"id": key, "actions": actions},
            [Statement("Allow", actions)], where, own=custom, flags={"privileged": False},
        )  # fmt: skip
    for id, (body, where) in context.intune.items():
        fields = Fields(body)
        scopes = fields.texts("resourceScopes") or fields.texts("directoryScopeIds") or ()
        told = {"id": id, "roleDefinitionId": _role(fields), "principalIds": _who(fields),
                "directoryScopeIds": list(scopes)}  # fmt: skip
        context.give("allow", _KIND, place, [_role(fields)], _who(fields), told, where, id=id, direct=False)


def _actions(fields: Fields) -> list[str]:
    found: list[str] = []
    for one in fields.objects("rolePermissions") or fields.objects("permissions") or ():
        inner = Fields(one)
        found += inner.texts("allowedResourceActions") or inner.texts("actions") or ()
        for several in inner.objects("resourceActions") or ():
            found += Fields(several).texts("allowedResourceActions") or ()
    return list(dict.fromkeys(found))
