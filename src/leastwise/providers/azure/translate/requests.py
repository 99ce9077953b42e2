"""Requests to Privileged Identity Management: told, and no access of themselves."""

from __future__ import annotations

from leastwise.providers.azure import catalog
from leastwise.providers.azure.language.assignments import principal_key
from leastwise.providers.azure.language.fields import Fields
from leastwise.providers.azure.language.ids import named
from leastwise.providers.azure.placing import place_of
from leastwise.providers.fields import FieldError
from leastwise.providers.members import Object
from leastwise.providers.microsoft.requests import Decided, request_row

from .context import Context
from .reading import text

_ELIGIBILITY = "roleeligibilityschedulerequests"


def request(context: Context, value: Object, source: str) -> None:
    """What somebody asked of Privileged Identity Management; what came of it stands in the schedules' instances."""
    principal, id = text(value, "principalId"), text(value, "id")
    scope = place_of(value, context.reading)
    if not principal or scope is None:
        context.skip("a request without a principal or scope", source)
        return
    try:
        row = request_row(Fields(value), Decided())
    except FieldError as error:
        context.skip(f"a request of which {error}", source)
        return
    who = context.principals.name(
        principal_key(principal), text(value, "principalType"), source,
        name=text(value, "expandedProperties", "principal", "displayName"),
        mail=text(value, "expandedProperties", "principal", "email"),
    )  # fmt: skip
    context.id(scope.text, source)
    document = context.documents.intern(value, ())
    context.facts.attachments.add(
        account=context.account(scope), layer="requested", kind="role_request", target=who, policy=id or who,
        document=document, source=source,
    )  # fmt: skip
    role = named(text(value, "roleDefinitionId"))
    if role in context.read_roles or catalog.role(role) is not None:
        context.named_roles.setdefault(role, ("", source))
    context.facts.requests.add(
        account=context.account(scope), principal=who, policy=role, resource=scope.text, source=source,
        layer="eligible" if _ELIGIBILITY in context.reading.lower() else "allow", **(row | {"id": id or who}),
    )  # fmt: skip
