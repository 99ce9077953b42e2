"""Requests to PIM for roles and groups, and who decided about them: told, and no access of themselves.

Whom or what only a request names is not made known by it: it may be gone since, and what is not known would count.
https://learn.microsoft.com/graph/api/resources/unifiedroleassignmentschedulerequest
https://learn.microsoft.com/graph/api/resources/privilegedaccessgroupassignmentschedulerequest
"""

from __future__ import annotations

from leastwise.providers.entra.language.directory import GROUP
from leastwise.providers.entra.language.ids import At, Place, object_id, place_of
from leastwise.providers.fields import Body, FieldError, Fields
from leastwise.providers.interned import HARMLESS
from leastwise.providers.microsoft.requests import request_row

from .assignments import MEMBER_OF
from .context import Context
from .owners import OWNER_OF


def of_access(context: Context, body: Body, about: str, source: str) -> None:
    """A request for access that somebody is to have, or shall have no more. Raises FieldError."""
    _take(context, "allow", body, about, source)


def of_offers(context: Context, body: Body, about: str, source: str) -> None:
    """A request about what somebody may activate. Raises FieldError."""
    _take(context, "eligible", body, about, source)


def of_either(context: Context, body: Body, about: str, source: str) -> None:
    """A request of which the export does not tell whether it is about access or an offer. Raises FieldError."""
    _take(context, "", body, about, source)


def approval(context: Context, body: Body, about: str, source: str) -> None:
    """An approval with its stages. Raises FieldError."""
    context.asked.decided.take(body)


def stage(context: Context, body: Body, about: str, source: str) -> None:
    """A stage of an approval that the list names. Raises FieldError."""
    if not about:
        raise FieldError("does not tell of which approval it is")
    context.asked.decided.add(about, body)


def _take(context: Context, layer: str, body: Body, about: str, source: str) -> None:
    context.asked.requests.append((layer, body, about, source))
    context.asked.roles.append(object_id(Fields(body).text("roleDefinitionId")))


def finish(context: Context) -> None:
    """A row for each request, and one of what it was about that gives nothing."""
    told: set[str] = set()
    for layer, body, about, source in context.asked.requests:
        try:
            _row(context, layer, body, about, source, told)
        except FieldError as error:
            context.skip(f"a request of which {error}", source)


def _row(context: Context, layer: str, body: Body, about: str, source: str, told: set[str]) -> None:
    fields = Fields(body)
    row = request_row(fields, context.asked.decided)
    who = object_id(fields.text("principalId") or Fields(fields.object("principal")).text("id"))
    if not who:
        raise FieldError("principalId is missing")
    group = object_id(fields.text("groupId") or (about if fields.get("accessId") else ""))
    bundle, target = _membership(fields, group) if group else _role(context, fields)
    if group and bundle != MEMBER_OF and layer == "allow":
        layer = "ownership"
    if row["id"] in told:
        return
    told.add(row["id"] or source)
    document = context.documents.intern(dict(body), [], flags=HARMLESS)
    context.facts.attachments.add(
        account=context.tenant, layer="requested", kind="role_request", target=who, policy=row["id"] or who,
        document=document, source=source,
    )  # fmt: skip
    context.facts.requests.add(
        account=context.tenant, principal=who, policy=bundle, resource=target, layer=layer, source=source,
        **(row | {"id": row["id"] or who}),
    )  # fmt: skip


def _membership(fields: Fields, group: str) -> tuple[str, str]:
    owner = fields.text("accessId").lower() == "owner"
    return (f"{OWNER_OF}{GROUP}" if owner else MEMBER_OF), group


def _role(context: Context, fields: Fields) -> tuple[str, str]:
    role = object_id(fields.text("roleDefinitionId") or Fields(fields.object("roleDefinition")).text("id"))
    if not role:
        raise FieldError("roleDefinitionId is missing")
    told = fields.text("directoryScopeId") or fields.text("appScopeId")
    # What is taken back may be named by its schedule alone.
    place = place_of(fields) if told else Place(At.TENANT)
    return role, context.tenant if place.at is At.TENANT else place.id
