"""Assignments of directory roles in their older form: roles that are in use with their members, and those at units.

They tell neither an assignment's id nor its end, and nothing of custom roles: what the newer lists tell goes before.
https://learn.microsoft.com/graph/api/resources/directoryrole
https://learn.microsoft.com/graph/api/resources/scopedrolemembership
"""

from __future__ import annotations

from leastwise.providers.entra.language.assignments import Assignment
from leastwise.providers.entra.language.ids import At, Place, needed_id, object_id
from leastwise.providers.fields import Body, FieldError, Fields

from .context import Context


def role(context: Context, body: Body, about: str, source: str) -> None:
    """A role that is in use, perhaps with its members. Raises FieldError."""
    fields = Fields(body)
    id = needed_id(fields, "id")
    context.active.templates[id] = needed_id(fields, "roleTemplateId")
    for one in fields.objects("members") or ():
        member(context, one, id, source)
    for one in fields.objects("scopedMembers") or ():
        scoped(context, one, "", source)


def member(context: Context, body: Body, about: str, source: str) -> None:
    """Somebody who has a role in the whole tenant. Raises FieldError."""
    if not about:
        raise FieldError("does not tell of which role it is")
    _take(context, about, body, Place(At.TENANT), source)


def scoped(context: Context, body: Body, about: str, source: str) -> None:
    """Somebody who has a role at an administrative unit. Raises FieldError."""
    fields = Fields(body)
    unit = object_id(fields.text("administrativeUnitId") or about)
    if not unit:
        raise FieldError("administrativeUnitId is missing")
    _take(context, needed_id(fields, "roleId"), fields.object("roleMemberInfo"), Place(At.UNIT, unit), source)


def _take(context: Context, role: str, who: Body, place: Place, source: str) -> None:
    fields = Fields(who)
    id = needed_id(fields, "id")
    context.people.named(id, fields.text("@odata.type"), source)
    context.active.members.setdefault((role, id, place), source)


def finish(context: Context) -> None:
    """Put what only these lists told beside the other assignments; both name built-in roles by their template."""
    known = {one.key for one in (*context.assigned, *context.instances)}
    for (role, who, place), source in context.active.members.items():
        one = Assignment("", context.active.templates.get(role, role), who, place)
        if one.key not in known:
            context.assigned.setdefault(one, source)
